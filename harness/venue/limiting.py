"""All limits of one exchange together: how they are set, and what they say of a request."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from fractions import Fraction

from harness.venue.buckets import Buckets, Kind, Ruling
from harness.venue.faults import RefusalError
from harness.venue.ratelimits import AddressLimits
from harness.venue.tiers import STANDARD, Tier

TOO_MANY = "Too Many Requests"
TOO_MANY_OF_A_TOKEN = "Rate limit exceeded for tokenId: {token}"


class Strictness(enum.Enum):
    """What comes of too much. The exchange announced two weeks of warnings, and no day for what follows."""

    WARNING = "warning"
    ENFORCE = "enforce"
    OFF = "off"


class Limits:
    """The windows of the addresses and the buckets of the signers. Time is an argument (unix nanoseconds)."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, as documented."""
        self.set_signers()
        self.set_addresses()
        self.set_tokens()

    def set_signers(
        self,
        strictness: Strictness = Strictness.WARNING,
        scale: Fraction = Fraction(1),
        tier: Tier = STANDARD,
    ) -> None:
        """All buckets are full again; `scale` multiplies their numbers."""
        self._strictness = strictness
        self._scale = scale
        self._buckets = Buckets(tier.scaled(scale))

    def set_addresses(self, scale: Fraction | None = None) -> None:
        """All windows are empty again; `scale` multiplies their numbers, None counts nothing.

        A test run is one address, so that nothing is counted unless it is asked for.
        """
        self._addresses = None if scale is None else AddressLimits(scale)

    def set_tokens(self, orders: int | None = None) -> None:
        """A batch places so many orders of one token; None is no limit."""
        self._token_orders = orders

    def over_token(self, orders: int) -> bool:
        """Whether so many orders of one token are too many for one batch."""
        return self._token_orders is not None and orders > self._token_orders

    def put_in_tier(self, signer: str, tier: Tier) -> None:
        """A tier of its own for a signer."""
        self._buckets.put_in_tier(signer, tier.scaled(self._scale))

    def wait_ns(self, address: str, method: str, path: str, now_ns: int) -> int:
        """How long an address' request waits for its turn. Raises RefusalError 429 after sustained abuse."""
        if self._addresses is None:
            return 0
        at_ns = self._addresses.pass_at(address, method, path, now_ns)
        if at_ns is None:
            raise RefusalError(429, TOO_MANY)
        return at_ns - now_ns

    def charge(self, signer: str, kind: Kind, cost: int, now_ns: int) -> Mapping[str, str]:
        """Take a request's cost of the signer's bucket; returns the headers of the reply.

        Raises RefusalError 429 with the same headers where there is not enough and limits are enforced.
        """
        if self._strictness is Strictness.OFF:
            return {}
        ruling = self._buckets.ask(signer, kind, cost, now_ns)
        headers = self._headers(ruling)
        if ruling.over and self._strictness is Strictness.ENFORCE:
            raise RefusalError(429, TOO_MANY, headers=headers)
        return headers

    def charge_cancelled(self, signer: str, count: int, now_ns: int) -> Mapping[str, str]:
        """Take what a cancel of everything cost, now that it is known; returns the headers of the reply."""
        if self._strictness is Strictness.OFF:
            return {}
        return self._headers(self._buckets.debit(signer, Kind.CANCEL, count, now_ns))

    def _headers(self, ruling: Ruling) -> Mapping[str, str]:
        return ruling.headers(enforced=self._strictness is Strictness.ENFORCE)
