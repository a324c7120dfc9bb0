"""Token buckets as values, one pair of them a signer (CLOB docs, trading rate limits). No clock inside."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from harness.venue.tiers import STANDARD, Tier

_S_NS: Final = 1_000_000_000
_PART: Final = _S_NS
"""Parts of a token: so many that tokens a second are parts a nanosecond."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Refills by `rate` tokens a second up to `burst`; it had `parts` of a token at `at_ns`."""

    rate: int
    burst: int
    parts: int
    at_ns: int

    def __post_init__(self) -> None:
        if self.rate < 1 or self.burst < 1 or self.parts > self.burst * _PART:
            raise ValueError(
                f"no bucket has {self.parts} parts, {self.rate} a second and room for {self.burst}"
            )

    @classmethod
    def full(cls, rate: int, burst: int, now_ns: int) -> Bucket:
        """A bucket that nothing was taken from."""
        return cls(rate, burst, burst * _PART, now_ns)

    def at(self, now_ns: int) -> Bucket:
        """The same bucket at a later moment; a clock that was set back refills nothing."""
        gained = max(0, now_ns - self.at_ns) * self.rate
        parts = min(self.burst * _PART, self.parts + gained)
        return replace(self, parts=parts, at_ns=max(now_ns, self.at_ns))

    def take(self, cost: int) -> Bucket | None:
        """The bucket without `cost` tokens; None where it has not that many."""
        left = self.parts - cost * _PART
        return None if left < 0 else replace(self, parts=left)

    def owe(self, cost: int, *, below_zero: bool) -> Bucket:
        """The bucket without `cost` tokens in any case; what it has not is a debt, or forgotten."""
        left = self.parts - cost * _PART
        return replace(self, parts=left if below_zero else max(0, left))

    @property
    def tokens(self) -> int:
        """Whole tokens in it; below zero where it owes."""
        return self.parts // _PART

    def wait_ns(self, cost: int) -> int | None:
        """How long until it has `cost` tokens; 0 where it has them, None where it never will."""
        if cost > self.burst:
            return None
        return -(min(0, self.parts - cost * _PART) // self.rate)


class Kind(enum.Enum):
    """Which of a signer's two buckets."""

    ORDER = "order"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the limiter says of one request, for the headers and the refusal.

    `over` is true where the bucket had not enough, `wait_ns` how long until it has (None: never).
    """

    tier: Tier
    tokens: int
    over: bool
    wait_ns: int | None
    now_ns: int

    @property
    def reset_s(self) -> int:
        """When the cost that was asked for is there (unix seconds, rounded up); now where that is never."""
        if not self.wait_ns:
            return self.now_ns // _S_NS
        return -(-(self.now_ns + self.wait_ns) // _S_NS)

    def headers(self, *, enforced: bool) -> Mapping[str, str]:
        """Of the reply, by the documented names."""
        told = {
            "Poly-RateLimit-Remaining": str(self.tokens),
            "Poly-RateLimit-Reset": str(self.reset_s),
            "Poly-RateLimit-Tier": self.tier.name,
        }
        if self.over and not enforced:
            told["Poly-RateLimit-Warning"] = "true"
        if self.over and enforced and self.wait_ns is not None:
            told["Retry-After"] = str(-(-self.wait_ns // _S_NS))
        return told


class Buckets:
    """Two buckets for each signer, by the address of the API key. Time is an argument (unix nanoseconds)."""

    def __init__(self, tier: Tier = STANDARD) -> None:
        self._tier = tier
        self._own_tiers: dict[str, Tier] = {}
        self._buckets: dict[tuple[str, Kind], Bucket] = {}

    def tier_of(self, signer: str) -> Tier:
        """The tier that a signer is in."""
        return self._own_tiers.get(signer, self._tier)

    def put_in_tier(self, signer: str, tier: Tier) -> None:
        """A tier of its own for a signer, whose buckets are full again."""
        self._own_tiers[signer] = tier
        for kind in Kind:
            self._buckets.pop((signer, kind), None)

    def ask(self, signer: str, kind: Kind, cost: int, now_ns: int) -> Ruling:
        """Take `cost` tokens, all or none of them."""
        bucket = self._bucket(signer, kind, now_ns)
        taken = bucket.take(cost)
        left = self._buckets[signer, kind] = bucket if taken is None else taken
        wait_ns = bucket.wait_ns(cost)
        return Ruling(self.tier_of(signer), left.tokens, taken is None, wait_ns, now_ns)

    def debit(self, signer: str, kind: Kind, cost: int, now_ns: int) -> Ruling:
        """Take `cost` tokens afterwards, when it is known what a request did; some tiers may owe."""
        tier = self.tier_of(signer)
        left = self._bucket(signer, kind, now_ns).owe(cost, below_zero=tier.owes)
        self._buckets[signer, kind] = left
        return Ruling(tier, left.tokens, False, left.wait_ns(1), now_ns)

    def _bucket(self, signer: str, kind: Kind, now_ns: int) -> Bucket:
        found = self._buckets.get((signer, kind))
        if found is not None:
            return found.at(now_ns)
        tier = self.tier_of(signer)
        if kind is Kind.ORDER:
            return Bucket.full(tier.order_rate, tier.order_burst, now_ns)
        return Bucket.full(tier.cancel_rate, tier.cancel_burst, now_ns)
