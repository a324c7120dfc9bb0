"""ESC-1011: a price on the tick grid is refused as off it, because it is divided in binary floating point.

Escalation PUB-011 (py-clob-client-v2, issue 59): FOK orders at 0.51, 0.53, 0.47 and 0.49 were refused with
`Price (0.5100…) breaks minimum tick size rule: 0.01`, and only binary fractions such as 0.5 went through. The
record's arithmetic is a client's. Here it is the exchange that divides the amounts of an order to be filled
at once in binary and compares the quotient with the grid to its last digit. Orders that may rest are judged
exactly.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from harness.venue.faults import RefusalError
from harness.venue.intake import Intake
from harness.venue.markets import Market
from harness.venue.parts import Parts
from harness.wire.clob import PostedOrder, Side

CASE = "ESC-1011"


class Binary(Intake):
    """Divides with floats, for FOK and FAK."""

    def check_price(self, posted: PostedOrder, order_id: str, market: Market) -> Decimal:
        price = super().check_price(posted, order_id, market)
        maker, taker = posted.order.maker_amount, posted.order.taker_amount
        quotient = Decimal(maker / taker if posted.order.side is Side.BUY else taker / maker)
        if posted.order_type in ("FOK", "FAK") and quotient % market.tick:
            text = f"Price ({quotient:.19f}) breaks minimum tick size rule: {market.tick}"
            raise RefusalError(400, f"order {order_id} is invalid. {text}")
        return price


def apply(parts: Parts) -> Parts:
    """Replace how an order's price is found."""
    return replace(parts, intake=Binary())
