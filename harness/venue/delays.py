"""The taker delay: in some markets an order that would match waits first (CLOB docs, matching engine)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from harness.venue.markets import Market
from harness.venue.records import BookOrder

_MS_NS = 1_000_000


class TakerDelay:
    """How long orders wait, and what becomes of those that meet nothing then: the seam for defects."""

    def wait_ns(self, market: Market) -> int:
        """How long an order waits that would match at once; 0 is not at all."""
        return max(market.delay_ms, market.seconds_delay * 1000) * _MS_NS

    def ends(self, order: BookOrder) -> bool:
        """Whether an immediate order that met nothing after its wait is over, and its owner is told."""
        return True


class Waiting:
    """The orders that wait, each until a moment. Time is an argument (unix nanoseconds)."""

    def __init__(self) -> None:
        self._orders: deque[tuple[int, BookOrder]] = deque()

    def add(self, order: BookOrder, due_ns: int) -> None:
        """Let an order wait until a moment."""
        self._orders.append((due_ns, order))

    def due(self, now_ns: int) -> Iterator[BookOrder]:
        """Those whose wait is over, the earliest first; they wait no longer."""
        over = sorted((row for row in self._orders if row[0] <= now_ns), key=lambda row: row[0])
        if over:
            self._orders = deque(row for row in self._orders if row[0] > now_ns)
        yield from (order for _, order in over)
