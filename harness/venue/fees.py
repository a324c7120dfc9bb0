"""What a taker pays for a match: shares · rate · (p(1 - p))^exponent in pUSD (CLOB docs, fees).

A fill's fee is rounded to 5 decimals and at least 0.00001. On top comes what the builder of the order's code
takes: amount · bps / 10000. Both together are no more than a tenth of what the fill is worth, which is the
most that the contract takes. Makers pay nothing.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from harness.venue.records import BookOrder, Fill, Trade
from harness.wire.clob import Side

_LEAST: Final = 10  # base units: 0.00001 pUSD
_MOST_PART: Final = 10
_BPS: Final = 10_000


def fee_of(trade: Trade) -> int:
    """The taker's fee for a match, in base units: the sum over its fills, each at its own price."""
    return sum(_fee(trade.taker, fill, fill.taker_price) for fill in trade.fills)


def builder_fee_of(trade: Trade) -> int:
    """What of the fee is the builder's."""
    return sum(_builders(trade.taker, fill, fill.taker_price) for fill in trade.fills)


def fee_ahead(taker: BookOrder, fills: tuple[Fill, ...]) -> int:
    """What an order that is about to have these fills must have for fees: at its own price; a SELL nothing.

    Where a maker's price is better the fee may be higher, but by less than the price is lower.
    """
    return 0 if taker.side is Side.SELL else sum(_fee(taker, fill, taker.price) for fill in fills)


def pays_on_top(trade: Trade) -> int:
    """What the taker gives beside its spend: a buyer the fee; a seller's is kept back of the proceeds."""
    return fee_of(trade) if trade.taker.side is Side.BUY else 0


def _fee(taker: BookOrder, fill: Fill, price: Decimal) -> int:
    both = _curve(taker, fill, price) + _builders(taker, fill, price)
    return min(both, fill.taker_collateral // _MOST_PART)


def _builders(taker: BookOrder, fill: Fill, price: Decimal) -> int:
    return int(fill.shares * price) * taker.builder_bps // _BPS


def _curve(taker: BookOrder, fill: Fill, price: Decimal) -> int:
    terms = taker.market.fee
    if terms is None:
        return 0
    exact = fill.shares * terms.rate * (price * (1 - price)) ** terms.exponent
    rounded = int((exact / _LEAST).to_integral_value(ROUND_HALF_UP)) * _LEAST
    return max(rounded, _LEAST)
