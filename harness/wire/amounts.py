"""What an order's price and size are in base units: limit orders exactly, market orders rounded.

Sources: CLOB docs (orders), the official client's order builder. Base units have 6 decimals; a BUY gives
collateral for shares, a SELL the other way round.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal, Inexact
from typing import Final

from harness.wire.clob import Side

_UINT256_LIMIT = 1 << 256
_EXACT = Context(prec=200, traps=[Inexact])
_DOWN = Context(prec=200, rounding=ROUND_DOWN)
_UNIT_PLACES: Final = 6
_GIVEN_PLACES: Final = 2
_MARKET_BUY_PLACES: Final = 4  # the exchange's cap on a market BUY's shares, whatever the tick


def limit_amounts(side: Side, price: Decimal, size: Decimal) -> tuple[int, int]:
    """Maker and taker amount (base units) of a limit order at `price` collateral a share for `size` shares.

    Exact: raises ValueError naming the value that does not fit 6 decimals or is not positive (the
    caller's fault), and never rounds.
    """
    _base_units(price, "price")
    shares = _base_units(size, "size")
    paid = _base_units(_EXACT.multiply(price, size), f"price {price:f} x size {size:f} =")
    return (paid, shares) if side is Side.BUY else (shares, paid)


def market_amounts(
    side: Side, price: Decimal, amount: Decimal, tick: Decimal | None = None
) -> tuple[int, int]:
    """Maker and taker amount (base units) of a market order: `amount` is what it gives, `price` its worst.

    A BUY gives collateral, a SELL shares. As the official client does, everything is cut, never rounded up:
    `price` to the tick's decimals, `amount` to 2, what is got for it to 2 more decimals than the tick has.
    So the price that a BUY implies is at or a hair above `price`, and it crosses an ask at `price`
    (PUB-012: a client that rounded the shares up implied 0.069996 at an ask of 0.07 and met nothing).

    It differs from that client where the client's orders fail: the arithmetic is decimal (binary floats lose
    a tick at 0.29, 0.57 and 0.58), and a BUY's shares have 4 decimals at most, which is the exchange's cap.
    Without `tick`, `price` stays as it is. Raises ValueError naming what is not positive (the caller's
    fault).
    """
    _base_units(price, "price")
    places = _UNIT_PLACES if tick is None else _places(tick)
    worst = _cut(price, places)
    _base_units(worst, f"price {price:f} on a tick of {tick} =")
    given = _cut(amount, _GIVEN_PLACES)
    maker = _base_units(given, f"amount {amount:f} to the cent =")
    if side is Side.BUY:
        got = _cut(_DOWN.divide(given, worst), min(places + 2, _MARKET_BUY_PLACES))
    else:
        got = _cut(_EXACT.multiply(given, worst), min(places + 2, _UNIT_PLACES))
    return maker, _base_units(got, f"what {given:f} gets at {worst:f} =")


def _places(tick: Decimal) -> int:
    _base_units(tick, "tick")
    return max(-int(tick.normalize().as_tuple().exponent), 0)


def _cut(value: Decimal, places: int) -> Decimal:
    if not value.is_finite() or abs(value) >= _UINT256_LIMIT:
        raise ValueError(f"{value} must be a positive number below 2**256")
    return value.quantize(Decimal(1).scaleb(-places), context=_DOWN)


def _base_units(amount: Decimal, what: str) -> int:
    if not amount.is_finite() or not 0 < amount < _UINT256_LIMIT:
        raise ValueError(f"{what} {amount:f} must be a positive number below 2**256")
    units = amount.scaleb(_UNIT_PLACES, _EXACT) if len(amount.as_tuple().digits) < 90 else None
    if units is None or units != units.to_integral_value():
        raise ValueError(f"{what} {amount:f} does not fit 6 decimals")
    return int(units)
