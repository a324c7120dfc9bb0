"""The verbs that make the exchange refuse (limits, accounts, regions, markets), until they are ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from harness.venue.exchange import Exchange
from harness.venue.failures import FAILURES
from harness.venue.faults import RefusalError
from harness.venue.limiting import Strictness
from harness.venue.restrictions import Region, Standing
from harness.venue.tiers import TIERS
from harness.venue.verbargs import choice, listed_market, only, text, whole
from harness.venue.wordings import Wording
from harness.wire.ctf import checksum_address

_LARGEST_SCALE: Final = 1000
_TIMES_LIMIT: Final = 100


class RefusingVerbs:
    """The verbs over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def verbs(self) -> dict[str, Callable[[dict[str, Any]], Awaitable[None]]]:
        """Each by its name."""
        return {
            "limits": self.limits,
            "account": self.account,
            "region": self.region,
            "unready": self.unready,
            "fail": self.fail,
            "words": self.words,
        }

    def end(self) -> None:
        """Everything is as documented again."""
        self._exchange.limits.reset()
        self._exchange.restrictions.lift()
        for market in list(self._exchange.markets):
            if not market.accepting:
                self._exchange.markets.list(replace(market, accepting=True))

    async def limits(self, body: dict[str, Any]) -> None:
        """The buckets of the signers, or the windows of the addresses, begin anew with these numbers.

        With an address, its signer alone gets a tier; of a token a batch places so many `orders`.
        """
        limits = self._exchange.limits
        of = choice(body, "of", ("signer", "address", "token"), "signer")
        if of == "token":
            only(body, "of", "orders")
            limits.set_tokens(whole(body, "orders", 1, 1, _TIMES_LIMIT))
        elif of == "address":
            only(body, "of", "scale", "mode")
            off = choice(body, "mode", ("enforce", "off"), "enforce") == "off"
            limits.set_addresses(None if off else _scale(body))
        elif "address" in body:
            only(body, "of", "address", "tier")
            limits.put_in_tier(_address(body), TIERS[choice(body, "tier", tuple(TIERS))])
        else:
            only(body, "of", "tier", "scale", "mode")
            tier = TIERS[choice(body, "tier", tuple(TIERS), "standard")]
            modes = tuple(row.value for row in Strictness)
            strictness = Strictness(choice(body, "mode", modes, Strictness.WARNING.value))
            limits.set_signers(strictness, _scale(body), tier)

    async def account(self, body: dict[str, Any]) -> None:
        """An account may do less."""
        only(body, "address", "state")
        standing = Standing(choice(body, "state", tuple(row.value for row in Standing)))
        self._exchange.restrictions.put(_address(body), standing)

    async def region(self, body: dict[str, Any]) -> None:
        """Order entry is blocked for everybody, by the exchange or by its edge."""
        only(body, "mode")
        modes = tuple(row.value for row in Region)
        self._exchange.restrictions.region = Region(choice(body, "mode", modes, Region.BLOCKED.value))

    async def unready(self, body: dict[str, Any]) -> None:
        """A market takes no orders."""
        only(body, "market")
        market = listed_market(self._exchange.markets, body)
        self._exchange.markets.list(replace(market, accepting=False))

    async def fail(self, body: dict[str, Any]) -> None:
        """The exchange fails `times` times at one of the endpoints for which the error is documented."""
        only(body, "error", "times", "at")
        error = choice(body, "error", tuple(FAILURES), "order timed out")
        places = FAILURES[error].at
        at, times = choice(body, "at", places, places[0]), whole(body, "times", 1, 1, _TIMES_LIMIT)
        self._exchange.restrictions.failures.begin(error, at, times)

    async def words(self, body: dict[str, Any]) -> None:
        """One refusal is put in other words that are documented for it, too."""
        only(body, "of")
        wording = Wording(choice(body, "of", tuple(row.value for row in Wording)))
        self._exchange.restrictions.wordings.add(wording)


def _address(body: dict[str, Any]) -> str:
    try:
        return checksum_address(text(body, "address"))
    except ValueError as error:
        raise RefusalError(400, str(error)) from None


def _scale(body: dict[str, Any]) -> Fraction:
    told = body.get("scale", "1")
    try:
        scale = Fraction(told) if isinstance(told, str) else None
    except (ValueError, ZeroDivisionError):
        scale = None
    if scale is None or not 0 < scale <= _LARGEST_SCALE:
        raise RefusalError(400, f"scale is {told!r}: send a text such as 0.05, up to {_LARGEST_SCALE}")
    return scale
