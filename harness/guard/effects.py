"""What an operation does to the other side: a read, a write, or nobody knows, which counts as a write.

The tables name what is known to be read (the exchange's documentation). Whatever is not in them is unknown: a
new endpoint is a write until somebody puts it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final


class Effect(StrEnum):
    """What an operation does to the other side."""

    READ = "read"
    WRITE = "write"
    UNKNOWN = "unknown"

    @property
    def is_read(self) -> bool:
        """Whether it is known to change nothing."""
        return self is Effect.READ


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _paths(text: str) -> re.Pattern[str]:
    """Paths, one a word; `*` is one segment of letters, digits, `_` and `-`."""
    patterns = (re.escape(path).replace(r"\*", "[A-Za-z0-9_-]+") for path in text.split())
    return re.compile("|".join(patterns))


_GET: Final[Mapping[str, re.Pattern[str]]] = {
    "clob": _paths(
        "/ /ok /time /version /book /midpoint /price /spread /last-trade-price /tick-size /tick-size/* "
        "/neg-risk /fee-rate /fee-rate/* /prices-history /markets /simplified-markets /sampling-markets "
        "/sampling-simplified-markets /markets/* /markets-by-token/* /clob-markets/* "
        "/markets/live-activity/* /auth/api-keys /auth/derive-api-key /auth/ban-status/closed-only "
        "/data/order/* /data/orders /data/pre-migration-orders /data/trades /builder/trades "
        "/fees/builder-fees/* /order-scoring "
        "/notifications /balance-allowance /rewards/user /rewards/user/total /rewards/user/percentages "
        "/rewards/user/markets /rewards/markets/current /rewards/markets/*"
    ),
    "data": _paths("/ /positions /closed-positions /trades /activity /holders /value /oi /live-volume"),
    "gamma": _paths(
        "/status /markets /markets/* /markets/slug/* /events /events/* /events/slug/* /tags /tags/* "
        "/series /series/* /comments /public-search /sports /teams"
    ),
}
"""Known reads of GET and HEAD, those that need an account too, by host. None of the relayer is known."""
_POST: Final = _paths(
    "/books /midpoints /prices /spreads /last-trades-prices /batch-prices-history /orders-scoring"
)
"""Reads whose question is a body (all of the exchange itself)."""
_KNOWN_WRITES: Final = {
    "GET": _paths("/balance-allowance/update"),
    "POST": _paths(
        "/order /orders /auth/api-key /auth/readonly-api-key /auth/builder-api-key /v1/heartbeats "
        "/trade-api/v2/portfolio/orders"
    ),
    "DELETE": _paths(
        "/order /orders /cancel-all /cancel-market-orders /auth/api-key /auth/readonly-api-key "
        "/auth/builder-api-key /notifications /trade-api/v2/portfolio/orders/*"
    ),
}
_RPC: Final = _names(
    "eth_blockNumber eth_call eth_chainId eth_getBalance eth_getBlockByHash eth_getBlockByNumber eth_getCode "
    "eth_getLogs eth_getTransactionByHash eth_getTransactionReceipt"
)
_REROUTING: Final = _names(
    "host forwarded x-forwarded-host x-forwarded-server x-host x-original-host x-original-url x-rewrite-url"
)
_OVERRIDING: Final = _names("x-http-method x-http-method-override x-method-override")


def of_rest(
    method: str, path: str, host: str = "clob", *, headers: Iterable[str] = (), has_body: bool = False
) -> Effect:
    """What a request does, by its method and path; a header that changes either makes it unknown."""
    plain = path.partition("?")[0]
    if _REROUTING.union(_OVERRIDING) & {name.lower() for name in headers}:
        return Effect.UNKNOWN
    if host == "clob" and (found := _KNOWN_WRITES.get(method)) is not None and found.fullmatch(plain):
        return Effect.WRITE
    if method in ("GET", "HEAD"):
        known = not has_body and host in _GET and _GET[host].fullmatch(plain) is not None
    else:
        known = method == "POST" and host == "clob" and _POST.fullmatch(plain) is not None
    return Effect.READ if known else Effect.UNKNOWN


def reroutes(headers: Iterable[str]) -> tuple[str, ...]:
    """The names among some headers that can lead a request to another host behind the same address."""
    return tuple(sorted(_REROUTING & {name.lower() for name in headers}))


def of_intent(channel: str, intent: Mapping[str, Any], *, host: str = "clob", reads: bool = False) -> Effect:
    """What an intent does, as it is about to go out on a channel (`rest`, `ws.user`, `fix.oe`, …).

    `reads` is what a step of the project's own says of itself.
    """
    kind = channel.partition(".")[0]
    if intent.get("fault") not in (None, "over"):
        return Effect.UNKNOWN  # no customer's client does that on purpose
    if kind == "rest":
        headers = intent.get("headers") or {}
        body = "json" in intent or "raw" in intent
        return of_rest(intent["method"], str(intent["path"]), host, headers=headers, has_body=body)
    if kind == "ws":
        return Effect.UNKNOWN if {"send", "raw"} & intent.keys() else Effect.READ
    if kind == "chain":
        if "transaction" in intent:
            return Effect.WRITE
        asked = {str(method) for method, _ in intent.get("rpc") or ()}
        return Effect.READ if asked <= _RPC else Effect.UNKNOWN
    if kind == "own":
        return Effect.READ if reads else Effect.UNKNOWN
    return Effect.WRITE  # fix: a logon moves numbers on the other side; target: what no customer can do
