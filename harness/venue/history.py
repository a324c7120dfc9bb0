"""What each token was traded at, as time went on: it listens to the engine. Time is an argument."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from harness.venue.book import other
from harness.venue.engine import Engine, Listener, Now
from harness.venue.money import plain
from harness.venue.records import Trade
from harness.wire.clob import Side

_NEVER: Final = {"price": "0.5", "side": ""}
_KEPT: Final = 10_000  # points of a token: enough for a test, and no leak in a venue that runs for days


@dataclass(frozen=True, slots=True)
class Point:
    """A token's price from one match on, and which way its taker went."""

    at_s: int
    price: Decimal
    side: Side


class History(Listener):
    """The price of every token after each of its matches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._points: dict[int, deque[Point]] = {}
        engine.listen(self)

    def last(self, token: int) -> dict[str, str]:
        """The last price and its taker's side, as the wire tells them; 0.5 and no side before the first."""
        points = self._points.get(token)
        return {"price": plain(points[-1].price), "side": points[-1].side.name} if points else dict(_NEVER)

    def prices(self, token: int, start_s: int, end_s: int, step_s: int) -> list[dict[str, Any]]:
        """The last price of each span of `step_s` seconds in which there was one, the oldest first."""
        spans: dict[int, Point] = {}
        for point in self._points.get(token, ()):
            if start_s <= point.at_s <= end_s:
                spans[point.at_s // step_s] = point
        return [{"t": point.at_s, "p": point.price} for point in spans.values()]

    def matched(self, trade: Trade, now: Now) -> None:
        """Keep the price of the taker's token, and that of the other one where it minted or merged."""
        taker = trade.taker
        sides = {taker.order.token_id: taker.side}
        sides |= {fill.maker.order.token_id: other(taker.side) for fill in trade.fills if fill.crossed}
        for token, side in sides.items():
            price = self._engine.book(token).last_price
            if price is not None:
                points = self._points.setdefault(token, deque(maxlen=_KEPT))
                points.append(Point(now.s, price, side))
