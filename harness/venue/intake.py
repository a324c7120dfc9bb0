"""What an order must pass on its way in that depends on more than itself: the seam for defects."""

from __future__ import annotations

from typing import Any

from harness.venue.engine import Engine
from harness.venue.orderchecks import check_expiration
from harness.wire.clob import PostedOrder, parse_order


class Intake:
    """The healthy rules of order entry."""

    def read(self, body: Any) -> PostedOrder:
        """The order that a JSON body says. Raises ValueError where it says none."""
        return parse_order(body)

    def known(self, engine: Engine, order_id: str) -> bool:
        """Whether an order of this hash was accepted before, whatever became of it."""
        return order_id in engine.orders

    def check_expiration(self, posted: PostedOrder, now_s: int) -> None:
        """The expiration goes with the order type. Raises RefusalError with the exchange's words."""
        check_expiration(posted, now_s)
