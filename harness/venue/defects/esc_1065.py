"""ESC-1065: a trade event names only the first of a customer's orders that the trade filled.

Escalation PUB-065 (nautilus_trader, issue 3450): one taker order met several resting orders of one account,
in one trade with one id, and only one fill of them was booked. Here it is the exchange that loses the others:
on the user channel, in every state of the trade, `maker_orders` has one entry for the account's own orders,
so that the matched amounts do not add up to the size. REST, FIX, the taker's event and the chain tell all.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.parts import Parts
from harness.venue.records import Fill, Trade
from harness.venue.userevents import TradeTelling

CASE = "ESC-1065"


class FirstOnly(TradeTelling):
    """Tells a maker of one fill of its own."""

    def fills(self, trade: Trade, address: str) -> tuple[Fill, ...]:
        healthy = super().fills(trade, address)
        if trade.taker.trader == address:
            return healthy
        own = [fill for fill in healthy if fill.maker.trader == address]
        return tuple(fill for fill in healthy if fill not in own[1:])


def apply(parts: Parts) -> Parts:
    """Replace which fills a trade event tells."""
    return replace(parts, trade_telling=FirstOnly())
