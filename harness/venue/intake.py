"""What an order must pass on its way in that depends on more than itself: the seam for defects."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from harness.venue.engine import Engine
from harness.venue.markets import Market
from harness.venue.orderchecks import check_expiration, check_price
from harness.venue.spenders import exchange_of
from harness.wire.clob import PostedOrder, parse_order
from harness.wire.ctf import Contracts


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

    def domain(self, market: Market | None, contracts: Contracts) -> str:
        """The contract in whose domain an order's signature is read."""
        return exchange_of(market, contracts)

    def check_price(self, posted: PostedOrder, order_id: str, market: Market) -> Decimal:
        """The limit price, which is on the tick grid. Raises RefusalError with the exchange's words."""
        return check_price(posted, order_id, market)
