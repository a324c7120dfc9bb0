"""`ledger` over all that moves a wallet: both exchanges, all pages, mints, merges, fees, wraps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.matchers import LOST

from .ledgers import BOB, BOUGHT, HELD_BACK, ME, NO, YES, Fill, log, looked, order_filled
from .story import CHAIN_FACTS

ON_CHAIN = "ledger: {of: alice, since: buy, fills: chain}"
NEG_RISK = CHAIN_FACTS.neg_risk_exchange


@pytest.mark.parametrize("by", CHAIN_FACTS.exchanges)
def test_either_exchange_settles(by: str) -> None:
    """What a fill moves is not counted again as transfers, whichever contract settled it, and its fee is."""
    logs = [
        log("Transfer", CHAIN_FACTS.collateral, [ME, BOB], [2_600_000], tx=7),
        log("TransferSingle", CHAIN_FACTS.ctf, [BOB, BOB, ME], [int(YES), 5_000_000], tx=7),
        order_filled(0, 2_600_000, 5_000_000, fee=40_000, by=by),
    ]
    moved = -2_640_000, 5_000_000
    assert looked(moved, told=[BOUGHT.told()], logs=logs).holds
    assert looked(moved, logs=logs, rule=ON_CHAIN).holds
    for wrong in ((-2_600_000, 5_000_000), (-2_640_000, 4_999_999), (-2_640_001, 5_000_000), (0, 0)):
        assert not looked(wrong, logs=logs, rule=ON_CHAIN).holds
        assert not looked(wrong, told=[BOUGHT.told()], logs=logs).holds


def test_a_contract_that_is_no_exchange_settles_nothing() -> None:
    """An OrderFilled of somebody else is no fill, and what moved beside it is a transfer."""
    logs = [
        log("Transfer", CHAIN_FACTS.collateral, [ME, BOB], [2_600_000], tx=7),
        order_filled(0, 2_600_000, 5_000_000, by=BOB),
    ]
    assert looked((-2_600_000, 0), logs=logs, rule=ON_CHAIN).holds
    assert not looked((-2_600_000, 5_000_000), logs=logs, rule=ON_CHAIN).holds


@settings(max_examples=20)
@given(st.lists(st.integers(500, 900), min_size=2, max_size=9), st.integers(1, 4), st.data())
def test_trades_count_on_whatever_page_they_stand(sizes: list[int], size: int, data: st.DataObject) -> None:
    """All pages of a list are one telling: with any one trade of it lost, the wallet does not agree."""
    fills = [Fill("BUY", hundredths, 52, f"t{number}") for number, hundredths in enumerate(sizes)]
    moved, told = [each.moved for each in fills], [each.told() for each in fills]
    assert looked(*moved, told=told, size=size).holds
    lost = data.draw(st.integers(0, len(told) - 1))
    found = looked(*moved, told=[*told[:lost], *told[lost + 1 :]], size=size)
    assert (found.holds, set(found.shown)) == (False, {"collateral", "yes"})


def test_pages_that_go_round_are_not_shown() -> None:
    """A list that never ends says nothing, not even that something is missing."""
    told = [Fill("BUY", 500, 52, f"t{number}").told() for number in range(2)]
    found = looked(told=told, size=1, endless=True)
    assert (found.holds, found.shown) == (False, LOST)
    assert "not shown: the pages go round: cursor 0 came twice" in found.text


def maker(side: str, hundredths: int, cents: int, asset: str) -> dict[str, Any]:
    """Another's order that a trade met."""
    size, price = str(Decimal(hundredths) / 100), str(Decimal(cents) / 100)
    part = {"order_id": "b", "maker_address": BOB, "matched_amount": size, "price": price}
    return part | {"side": side, "asset_id": asset}


@settings(max_examples=20)
@given(
    st.sampled_from([("BUY", "BUY"), ("SELL", "SELL")]),
    st.integers(500, 2_000),
    st.integers(1, 99),
    st.integers(0, 50_000),
    st.integers(-2, 2).filter(bool),
)
def test_mints_and_merges_conserve(
    sides: tuple[str, str], hundredths: int, cents: int, fee: int, off: int
) -> None:
    """Two BUYs and two SELLs move the taker at 1 - the maker's price, and its fee; no base unit is lost."""
    taker, met = sides
    fill = Fill(taker, hundredths, cents)
    paid, shares = fill.moved
    given_, taken = (-paid, shares) if taker == "BUY" else (-shares, paid)
    logs = [order_filled(int(taker == "SELL"), given_, taken, fee)]
    told = fill.told(maker_orders=[maker(met, hundredths, 100 - cents, NO)])
    assert looked((paid - fee, shares), told=[told], logs=logs).holds
    assert looked((paid - fee, shares), logs=logs, rule=ON_CHAIN).holds
    found = looked((paid - fee + off, shares), told=[told], logs=logs)
    assert (found.holds, set(found.shown)) == (False, {"collateral"})
    assert not looked((paid - fee, shares + off), logs=logs, rule=ON_CHAIN).holds


def test_a_makers_part_of_a_mint_is_its_own_token() -> None:
    """Who bought NO in a match with a BUY of YES paid the price of NO and holds NO."""
    own = maker("BUY", 500, 48, NO) | {"maker_address": ME}
    told = BOUGHT.told(trader_side="MAKER", maker_address=BOB, maker_orders=[own])
    logs = [log("TransferSingle", CHAIN_FACTS.ctf, [BOB, BOB, ME], [int(NO), 5_000_000], tx=7)]
    logs.append(order_filled(0, 2_400_000, 5_000_000, token=NO))
    found = looked((-2_400_000, 0), told=[told], logs=logs)
    assert (found.holds, found.shown["no"]["gap"]) == (False, -5)  # `looked` gives nobody a NO
    assert set(found.shown) == {"no"}


def test_wraps_and_unwraps_are_movements() -> None:
    """pUSD that is minted by a ramp comes, what is burnt goes; the dollars behind it are no collateral."""
    nobody = "0x" + "00" * 20
    logs = [
        log("Transfer", BOB, [ME, BOB], [7_000_000]),
        log("Transfer", CHAIN_FACTS.collateral, [nobody, ME], [7_000_000]),
        log("Transfer", CHAIN_FACTS.collateral, [ME, nobody], [2_000_000], tx=2),
    ]
    assert looked((5_000_000, 0), logs=logs, rule=ON_CHAIN).holds
    assert not looked((7_000_000, 0), logs=logs, rule=ON_CHAIN).holds
    assert not looked((-2_000_000, 0), logs=logs, rule=ON_CHAIN).holds


def test_open_orders_of_one_page_of_several_are_not_shown() -> None:
    """What is held back is judged by all open orders or not at all."""
    orders = [{"id": f"o{number}", "side": "BUY", "asset_id": YES} for number in range(2)]
    refused = "balance: 100000000, sum of active orders: 0, order amount: 1000000000"
    found = looked(rule=HELD_BACK, refused=refused, orders=orders, more_orders=True)
    assert (found.holds, found.shown) == (False, LOST)
    assert "more pages of open orders" in found.text
