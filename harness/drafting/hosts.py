"""Which hosts of a browser's session are the exchange's: by the paths that were asked, and by its domain.

Some first parts of the exchange's paths are nobody's own (`/v1`, `/activity`, `/auth`): a host with nothing
else is the exchange's only where it is of the domain of one that is, or where there is no such host at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Final

_OWN: Final = (
    *("order", "orders", "cancel-all", "cancel-market-orders", "data", "book", "books", "balance-allowance"),
    *("midpoint", "midpoints", "spread", "spreads", "order-scoring", "orders-scoring", "prices-history"),
    *("last-trade-price", "last-trades-prices", "clob-markets", "markets-by-token", "tick-size", "neg-risk"),
    *("simplified-markets", "sampling-markets", "sampling-simplified-markets", "fee-rate"),
)
"""The first parts of the exchange's paths that are hardly anybody else's (CLOB docs, endpoints)."""
_COMMON: Final = (
    *("price", "prices", "notifications", "heartbeats", "v1", "auth", "markets", "version", "time", "ok"),
    *("builder", "fees", "rewards", "positions", "activity"),
)


def exchange_hosts(asked: Iterable[tuple[str, str]]) -> Set[str]:
    """The hosts that are the exchange's, of pairs of host (with its scheme) and path."""
    own: set[str] = set()
    common: set[str] = set()
    for host, path in asked:
        first = path.strip("/").split("/")[0]
        if first in _OWN:
            own.add(host)
        elif first in _COMMON:
            common.add(host)
    domains = {_domain(host) for host in own}
    return own | {host for host in common if not own or _domain(host) in domains}


def _domain(host: str) -> str:
    """The last two labels of a host's name."""
    return ".".join(host.partition("://")[2].partition(":")[0].split(".")[-2:])
