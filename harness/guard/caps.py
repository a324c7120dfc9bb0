"""What a run may spend on a target: caps for one item and for the whole run, and a pace for requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from harness.guard.plan import Kind


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent, or will be by one send: orders, their worth in collateral, transactions, requests."""

    orders: int = 0
    notional: Decimal = Decimal(0)
    transactions: int = 0
    requests: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.orders + other.orders,
            self.notional + other.notional,
            self.transactions + other.transactions,
            self.requests + other.requests,
        )


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that may be spent; None: no cap. `notional` is in collateral, in human units."""

    orders: int | None = None
    notional: Decimal | None = None
    transactions: int | None = None
    requests: int | None = None

    def over(self, spent: Spent) -> tuple[str, int | Decimal, int | Decimal] | None:
        """The first cap that is passed: its name, what was spent and the cap."""
        for name in ("orders", "notional", "transactions", "requests"):
            cap, held = getattr(self, name), getattr(spent, name)
            if cap is not None and held > cap:
                return name, held, cap
        return None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a target allows: caps of one item and of the whole run, and requests a second (None: no pace).

    `wait_s` is how long a run waits at most where the exchange says *not now*, for each time that it does.
    """

    item: Caps
    run: Caps
    requests_per_second: int | None = None
    wait_s: int = 30


_GENEROUS: Final = Limits(Caps(orders=10_000, transactions=2_000, requests=100_000), Caps())
"""On this machine: what only a loop that has run away passes; the largest of our cases enters 100 orders."""
LIMITS: Final[Mapping[Kind, Limits]] = {
    Kind.VENUE: _GENEROUS,
    Kind.LOCAL: _GENEROUS,
    Kind.STAGING: Limits(
        Caps(orders=100, notional=Decimal(1_000), transactions=20, requests=2_000),
        Caps(orders=2_000, notional=Decimal(20_000), transactions=400, requests=40_000),
        20,
        180,
    ),
    Kind.PRODUCTION: Limits(
        Caps(orders=0, notional=Decimal(0), transactions=0, requests=1_000),
        Caps(orders=0, notional=Decimal(0), transactions=0, requests=20_000),
        10,
        180,
    ),
}
"""What holds where the configuration says nothing. Staging is shared: a case is a few dozen requests, and the
exchange's own limits begin at ten a second for some endpoints (Polymarket docs, rate limits). After a restart
it takes post-only orders alone for two minutes (matching engine): three minutes see it through."""
