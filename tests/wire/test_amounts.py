"""Market orders' amounts against the official client's builder and the published vectors."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from py_clob_client_v2.order_builder.builder import ROUNDING_CONFIG, OrderBuilder

from harness.wire import amounts
from harness.wire.clob import Side

from .oracles import judges

TICKS = sorted(ROUNDING_CONFIG)


def theirs(side: Side, price: Decimal, amount: Decimal, tick: str) -> tuple[int, int]:
    rounding = ROUNDING_CONFIG[tick]
    _, maker, taker = OrderBuilder.get_market_order_amounts(
        None, side.name, float(amount), float(price), rounding
    )
    return int(maker), int(taker)


def survives_floats(value: Decimal, places: int) -> bool:
    """Whether the client's floor of `value` in binary keeps the decimals that are there."""
    shifted = float(value) * 10**places
    return int(shifted) == int(value.scaleb(places))


@judges("amounts", "market_amounts", oracle="the official client's order builder")
@given(st.sampled_from(Side), st.sampled_from(TICKS), st.integers(1, 9999), st.integers(1, 10**6))
@example(Side.BUY, "0.0001", 1, 36445)  # 364.45 / 0.0002 is 1822249.9999999998 in binary
def test_market_amounts_are_the_official_clients(side: Side, tick: str, step: int, cents: int) -> None:
    """The client's amounts are ours, but for a last decimal that its floats lose; a BUY's shares have 4."""
    steps = int(1 / Decimal(tick))
    price = Decimal(tick) * (1 + step % (steps - 1))
    amount = Decimal(cents) / 100
    maker, taker = amounts.market_amounts(side, price, amount, Decimal(tick))
    if survives_floats(price, ROUNDING_CONFIG[tick].price) and survives_floats(amount, 2):
        their_maker, their_taker = theirs(side, price, amount, tick)
        cut = their_taker // 100 * 100 if side is Side.BUY else their_taker
        places = min(ROUNDING_CONFIG[tick].price + 2, 4 if side is Side.BUY else 6)
        assert maker == their_maker
        assert taker - cut in (0, 10 ** (6 - places))
    assert maker == cents * 10_000


@judges("amounts", "market_amounts", oracle="published vectors")
@pytest.mark.parametrize(
    ("side", "price", "amount", "expected"),
    [
        (Side.BUY, "0.56", "100", (100000000, 178571400)),
        (Side.SELL, "0.44", "33.337", (33330000, 14665200)),
        (Side.BUY, "0.07", "1", (1000000, 14285700)),
        (Side.BUY, "0.58", "5", (5000000, 8620600)),
    ],
)
def test_market_amounts_of_the_vectors(
    side: Side, price: str, amount: str, expected: tuple[int, int]
) -> None:
    """The published amounts come out, and a price of 0.58 stays what it is."""
    assert amounts.market_amounts(side, Decimal(price), Decimal(amount), Decimal("0.01")) == expected


@given(st.sampled_from(TICKS), st.integers(1, 9999), st.integers(100, 10**6), st.booleans())
def test_a_buy_protected_at_the_ask_crosses_it_and_no_higher_one(
    tick: str, step: int, cents: int, told: bool
) -> None:
    """The price that a market BUY implies is its worst, or above it by less than its shares' last decimal."""
    steps = int(1 / Decimal(tick))
    price = Decimal(tick) * (1 + step % (steps - 1))
    grid = Decimal(tick) if told else None
    maker, taker = amounts.market_amounts(Side.BUY, price, Decimal(cents) / 100, grid)
    assert taker % 100 == 0
    assert price * taker <= maker < price * (taker + (1000 if tick == "0.1" else 100))


@given(st.decimals("0.01", "0.99", places=4), st.decimals("1", "1000", places=5))
def test_nothing_is_rounded_up(price: Decimal, amount: Decimal) -> None:
    """Price and amount are cut to the tick's decimals and to cents."""
    cut_price = price.quantize(Decimal("0.01"), ROUND_DOWN)
    cut_amount = amount.quantize(Decimal("0.01"), ROUND_DOWN)
    for side in Side:
        ours = amounts.market_amounts(side, price, amount, Decimal("0.01"))
        assert ours == amounts.market_amounts(side, cut_price, cut_amount, Decimal("0.01"))


@pytest.mark.parametrize(
    ("price", "amount", "tick", "named"),
    [
        ("0.5", "0.001", "0.01", "amount 0.001 to the cent"),
        ("0.001", "1", "0.01", "price 0.001 on a tick of 0.01"),
        ("0.5", "NaN", "0.01", "NaN"),
        ("NaN", "1", "0.01", "NaN"),
        ("0", "1", None, "price 0"),
        ("0.5", "-1", None, "amount -1"),
        ("0.5", "1", "0", "tick 0"),
    ],
)
def test_a_market_order_of_nothing_is_refused(price: str, amount: str, tick: str | None, named: str) -> None:
    """What is not positive, or nothing once it is cut, is named."""
    grid = None if tick is None else Decimal(tick)
    with pytest.raises(ValueError, match=named):
        amounts.market_amounts(Side.BUY, Decimal(price), Decimal(amount), grid)
