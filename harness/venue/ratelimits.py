"""How many requests an address may send: the documented table, and who counts (CLOB docs, rate limits).

What is too much waits for its turn; what would have to wait too long is sustained abuse and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from harness.venue.windows import Window, pass_at

_S_NS: Final = 1_000_000_000
LONGEST_WAIT_NS: Final = 5 * _S_NS
"""A request that would wait longer is refused: clients give up after five seconds. Undocumented, ours."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds, over all endpoints that share it by name."""

    name: str
    count: int
    width_s: int


_TEN_MINUTES: Final = 600
_ALL: Final = Limit("all", 15_000, 10)
_CLOB: Final = Limit("clob", 9_000, 10)
_LEDGER: Final = Limit("ledger", 900, 10)
_KEYS: Final = Limit("api keys", 100, 10)


def _trading(name: str, burst: int, sustained: int) -> tuple[Limit, ...]:
    return (Limit(name, burst, 10), Limit(f"{name}, sustained", sustained, _TEN_MINUTES))


_OWN: Final[dict[tuple[str, str], tuple[Limit, ...]]] = {
    ("GET", "/ok"): (Limit("ok", 100, 10),),
    **{("GET", f"/{path}"): (Limit(path, 1_500, 10),) for path in ("book", "price", "midpoint")},
    **{("POST", f"/{path}"): (Limit(path, 500, 10),) for path in ("books", "prices", "midpoints")},
    ("GET", "/prices-history"): (Limit("prices history", 1_000, 10),),
    ("GET", "/tick-size"): (Limit("tick size", 200, 10),),
    ("GET", "/balance-allowance"): (Limit("balance", 200, 10),),
    ("GET", "/balance-allowance/update"): (Limit("balance update", 50, 10),),
    ("GET", "/data/order"): (_LEDGER,),
    ("GET", "/data/orders"): (_LEDGER, Limit("data orders", 500, 10)),
    ("GET", "/data/trades"): (_LEDGER, Limit("data trades", 500, 10)),
    ("GET", "/notifications"): (_LEDGER, Limit("notifications", 125, 10)),
    ("POST", "/auth/api-key"): (_KEYS,),
    ("DELETE", "/auth/api-key"): (_KEYS,),
    ("GET", "/auth/api-keys"): (_KEYS,),
    ("GET", "/auth/derive-api-key"): (_KEYS,),
    ("POST", "/order"): _trading("post order", 5_000, 120_000),
    ("DELETE", "/order"): _trading("delete order", 5_000, 120_000),
    ("POST", "/orders"): _trading("post orders", 2_000, 21_000),
    ("DELETE", "/orders"): _trading("delete orders", 2_000, 15_000),
    ("DELETE", "/cancel-all"): _trading("cancel all", 250, 6_000),
    ("DELETE", "/cancel-market-orders"): _trading("cancel market orders", 1_500, 21_000),
}


_PLAIN: Final = (_ALL, _CLOB)
ENDPOINTS: Final = {endpoint: (*_PLAIN, *limits) for endpoint, limits in _OWN.items()}
"""All limits that a request of an endpoint counts against, by method and path."""


def limits_of(method: str, path: str) -> tuple[Limit, ...]:
    """What a request counts against; `/tick-size/{token}` and the like count as their stem."""
    found = ENDPOINTS.get((method, path))
    return found or ENDPOINTS.get((method, path.rpartition("/")[0]), _PLAIN)


class AddressLimits:
    """The windows of every address. Time is an argument (unix nanoseconds)."""

    def __init__(self, scale: Fraction = Fraction(1)) -> None:
        self._scale = scale
        self._windows: dict[tuple[str, str], Window] = {}

    def pass_at(self, address: str, method: str, path: str, now_ns: int) -> int | None:
        """When the request may go on: now, or later; None where it is refused. It counts when it passes."""
        windows = [self._window(address, limit) for limit in limits_of(method, path)]
        return pass_at(windows, now_ns, LONGEST_WAIT_NS)

    def _window(self, address: str, limit: Limit) -> Window:
        found = self._windows.get((address, limit.name))
        if found is None:
            count = max(1, int(limit.count * self._scale))
            found = self._windows[address, limit.name] = Window(count, limit.width_s * _S_NS)
        return found
