"""How fast requests go out, as values: so many in any second, and no more than an account's bucket holds.

Time is an argument, in microseconds. Sources: docs/exchange.md, limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

SECOND_US: Final = 1_000_000
_STAMPS: Final = 1_000


def turn(stamps: Sequence[int], per_second: int, now_us: int) -> tuple[tuple[int, ...], int]:
    """Take the next turn of so many in any second: the stamps that count from now on, and how long to wait.

    `stamps` are the turns taken, in order, those that lie ahead too; of thousands a second only a part is
    kept, over a shorter time.
    """
    count = min(per_second, _STAMPS)
    width_us = SECOND_US * count // per_second
    at_us = now_us if len(stamps) < count else max(now_us, stamps[-count] + width_us)
    at_us = max(at_us, stamps[-1]) if stamps else at_us
    return (*stamps, at_us)[-count:], at_us - now_us


class Kind(Enum):
    """Which of an account's buckets a request is paid from, with its slowest refill and size a second.

    They are those of the lowest tier: whoever is in a higher one may wait longer than it had to, a second at
    the most.
    """

    ORDER = (40, 60)
    CANCEL = (80, 120)

    @property
    def rate(self) -> int:
        """Tokens that come back each second."""
        return self.value[0]

    @property
    def burst(self) -> int:
        """Tokens that it holds."""
        return self.value[1]


_PRICED: Final = {
    ("POST", "/order"): Kind.ORDER,
    ("POST", "/orders"): Kind.ORDER,
    ("DELETE", "/order"): Kind.CANCEL,
    ("DELETE", "/orders"): Kind.CANCEL,
    ("DELETE", "/cancel-all"): Kind.CANCEL,
    ("DELETE", "/cancel-market-orders"): Kind.CANCEL,
}


def price(intent: Mapping[str, Any]) -> tuple[Kind, int] | None:
    """Which bucket a REST request is paid from, and how many tokens; None where it is free.

    A batch costs as much as it has entries. What a cancel of everything costs beside its one is known
    afterwards: the bucket may then owe it.
    """
    path = str(intent.get("path", "")).partition("?")[0]
    kind = _PRICED.get((str(intent.get("method")), path))
    if kind is None:
        return None
    body = intent.get("json")
    return kind, max(1, len(body)) if path == "/orders" and isinstance(body, list) else 1


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left of one of an account's buckets: so many tokens at a moment, below zero where it owes."""

    kind: Kind
    left: int
    at_us: int

    def wait_us(self, cost: int, now_us: int) -> int:
        """How long until it holds what a request costs; of one that it can never hold, all that it can."""
        missing = min(cost, self.kind.burst) - self.left
        return max(0, missing * SECOND_US // self.kind.rate - (now_us - self.at_us))

    def after(self, cost: int, now_us: int) -> Bucket:
        """The bucket when a request has been paid for."""
        gained = max(0, now_us - self.at_us) * self.kind.rate // SECOND_US
        return Bucket(self.kind, min(self.kind.burst, self.left + gained) - cost, now_us)
