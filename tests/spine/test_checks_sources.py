"""REST, stream and chain are reconciled exactly, and absence is told only where it was shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.acts import human
from harness.checks import trades
from harness.finding import Finding
from harness.matchers import LOST, NOTHING, Differs, Late

from .checks_bodies import HEAD, bought
from .story import EXCHANGE, GET, ORDER, OTHER_ORDER, filled, page, run, trade

AGREE = f"""{HEAD}
  - id: agree
    reconcile: {{order: "{ORDER}", fields: [size, price], sources: [rest, ws, chain]}}
    within: 5s
"""
TOLD = ((1200, trade()),)
BOUGHT = filled(0, 2_600_000, 5_000_000)


def agreed(*, rest: Any = (), chain: Any = (), ws: Any = TOLD, heads: int = 1, status: int = 200) -> Finding:
    """A run with reads of both sources every second; `rest` and `chain` say what is told from when on."""
    story = bought()
    moments = [*((at, "ws", message) for at, message in ws)]
    moments += [(at, "read", None) for at in range(1500, 12_000, 1000)]
    for at, kind, message in sorted(moments, key=lambda each: each[0]):
        story.at(at)
        if kind == "ws":
            story.push(message)
            continue
        page_now = next((told for since, told in reversed(rest) if since <= at), page())
        logs_now = next((told for since, told in reversed(chain) if since <= at), ())
        story.read("check:agree", GET, page_now, status)
        story.at(at + 10).look("check:agree", 8 + heads * at // 1000, *logs_now)
    return run(AGREE, story.at(20_000).watched().events).findings["agree"]


def test_sources_that_agree_are_told_with_the_time_it_took() -> None:
    """It holds at the first moment when all have the facts and all are equal."""
    found = agreed(rest=[(0, page(trade()))], chain=[(2500, (BOUGHT,))])
    assert (found.holds, found.text) == (True, "rest, ws, chain agree after 1.510 s")
    facts = {"size": Decimal(5), "price": Decimal("0.52")}
    assert found.shown == Differs({"rest": facts, "ws": facts, "chain": facts})


def test_sources_that_agree_late_are_late() -> None:
    """The chain told after the deadline: late by so much, and a failure."""
    found = agreed(rest=[(0, page(trade()))], chain=[(7500, (BOUGHT,))])
    assert (found.shown, found.text) == (Late(1_510_000), "the sources agree only 1.510 s after the deadline")


def test_a_silent_chain_that_lives_shows_nothing() -> None:
    """Reads and stream know of the fill, the chain moves on without it: the table says so."""
    found = agreed(rest=[(0, page(trade()))])
    assert found.text == (
        "the sources do not agree within 5.000 s:\n"
        "  source  size        price       since\n"
        "  rest    5           0.52        1.500 s\n"
        "  ws      5           0.52        1.200 s\n"
        "  chain   –           –           nothing in 5 looks, head 9 → 13"
    )
    facts = {"size": Decimal(5), "price": Decimal("0.52")}
    assert found.shown == Differs({"rest": facts, "ws": facts, "chain": NOTHING})


def test_a_chain_that_stands_still_shows_no_absence() -> None:
    """A node whose head does not move may be dead: nothing there is lost, not nothing."""
    found = agreed(rest=[(0, page(trade()))], heads=0)
    assert found.text.endswith(
        "  chain   –           –           nothing in 5 looks, head 8 → 8: "
        "the chain stood still, so absence is not shown"
    )
    assert found.shown.sources["chain"] is LOST


def test_a_chain_that_goes_back_shows_no_absence() -> None:
    """A head that falls is another node's, or of a chain that is being rebuilt: nothing there is lost."""
    found = agreed(rest=[(0, page(trade()))], heads=-1)
    assert found.text.endswith("so absence is not shown")
    assert found.shown.sources["chain"] is LOST


def test_a_fill_whose_block_is_abandoned_agrees_no_more() -> None:
    """The chain told of the fill before REST did, and then no more: there was no moment when both did."""
    found = agreed(rest=[(3500, page(trade()))], chain=[(0, (BOUGHT,)), (2500, ())])
    assert (found.holds, found.shown.sources["chain"]) == (False, NOTHING)


def test_two_nodes_that_disagree_are_not_agreed_with() -> None:
    """Looks that tell of a fill and do not in turn: it holds only where all sources say the same at once."""
    other = filled(0, 1_300_000, 2_500_000)
    told = [(at, (BOUGHT,) if at % 2000 else (other,)) for at in range(1000, 12_000, 1000)]
    assert agreed(rest=[(0, page(trade()))], chain=told).holds
    told = [(at, (other,) if at % 2000 else ()) for at in range(1000, 12_000, 1000)]
    assert not agreed(rest=[(0, page(trade()))], chain=told).holds


def test_sources_that_differ_stand_side_by_side_as_of_the_deadline() -> None:
    """Another price on the chain is in the table; what is told after the deadline is not."""
    wrong = filled(0, 2_650_000, 5_000_000)
    found = agreed(rest=[(0, page(trade())), (8000, page())], chain=[(3500, (wrong,)), (8000, ())])
    assert found.text.split("\n")[2:] == [
        "  rest    5           0.52        1.500 s",
        "  ws      5           0.52        1.200 s",
        "  chain   5           0.53        3.510 s",
    ]


@pytest.mark.parametrize("status", [401, 500])
def test_a_refusal_is_no_absence(status: int) -> None:
    """An exchange that refuses the read has not said that there is no fill."""
    found = agreed(rest=[(0, page(trade()))], status=status)
    assert "  rest    –           –           no read was answered" in found.text
    assert found.shown.sources["rest"] is LOST


def test_a_trade_that_cannot_be_read_says_so_and_is_no_absence() -> None:
    """A size of null is the exchange's fault, told in its row; the run goes on."""
    found = agreed(rest=[(0, page(trade() | {"size": None}))], chain=[(0, (BOUGHT,))])
    assert "  rest    –           –           a trade's 'size' is None" in found.text
    assert found.shown.sources["rest"] is LOST


def test_failed_trades_are_no_fills_and_maker_fills_are() -> None:
    """A failed trade gives nothing; as a maker an order gets its own matched amounts."""
    maker = trade(taker_order_id=OTHER_ORDER) | {
        "maker_orders": [
            {"order_id": ORDER, "matched_amount": "3", "price": "0.5"},
            {"order_id": OTHER_ORDER, "matched_amount": "9", "price": "0.1"},
        ]
    }
    parts = trades.fills(
        ORDER, [trade("FAILED"), trade("TRADE_STATUS_FAILED"), maker, trade(size="1", price="0.6")]
    )
    assert trades.summed(parts) == {"size": Decimal(4), "price": Decimal("0.525")}
    assert trades.summed(trades.fills(ORDER, [trade("FAILED")])) is None
    assert trades.fills(ORDER.upper().replace("0X", "0x"), [trade()]) == [(Decimal(5), Decimal("2.60"))]


def test_a_sale_a_foreign_contract_and_another_order_on_the_chain() -> None:
    """A sale's shares are what the maker gave; logs of other contracts and orders are not the order's."""
    sale = filled(1, 5_000_000, 2_600_000)
    foreign = filled(0, 1_000_000, 9_000_000, address="0x" + "99" * 20)
    other = filled(0, 1_000_000, 9_000_000, order=OTHER_ORDER)
    none = filled(0, 0, 0)
    found = agreed(rest=[(0, page(trade()))], chain=[(0, (foreign, sale, other, none))])
    assert found.holds
    lower = filled(0, 2_600_000, 5_000_000, address=EXCHANGE.lower())
    assert agreed(rest=[(0, page(trade()))], chain=[(0, (lower,))]).holds


def test_an_answer_of_the_node_that_is_no_log_is_told() -> None:
    """Junk from a node is no crash and no absence."""
    found = agreed(rest=[(0, page(trade()))], chain=[(0, ({"topics": [1]},))])
    assert "unreadable logs" in found.text
    assert found.shown.sources["chain"] is LOST


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 9999)), min_size=1, max_size=5))
def test_average_prices_are_exact_whatever_the_source(parts: list[tuple[int, int]]) -> None:
    """Sums of what was paid and got, so that a chain's totals and a stream's fills give the same number."""
    told = [
        {"taker_order_id": ORDER, "size": str(Decimal(s) / 100), "price": str(Decimal(p) / 10000)}
        for s, p in parts
    ]
    whole = trades.summed(trades.fills(ORDER, told))
    paid = sum(Decimal(s) / 100 * Decimal(p) / 10000 for s, p in parts)
    size = sum(Decimal(s) / 100 for s, _ in parts)
    assert whole == trades.summed([(Decimal(size), Decimal(paid))])
    assert whole is not None
    assert whole["size"] == size


@given(st.lists(st.tuples(st.integers(1, 2**256 - 1), st.integers(0, 18)), min_size=1, max_size=4))
def test_fills_of_any_size_are_summed_exactly(amounts: list[tuple[int, int]]) -> None:
    """Amounts of 0 to 18 decimals, up to the largest that a contract knows, are summed to the last digit."""
    parts = [{"order_id": ORDER, "matched_amount": written(*each), "price": "0.5"} for each in amounts]
    whole = trades.summed(trades.fills(ORDER, [{"maker_orders": parts}]))
    assert whole is not None
    size = Fraction(whole["size"])
    assert size == sum(Fraction(units, 10**places) for units, places in amounts)
    assert whole["price"] == Decimal("0.5")


def written(units: int, places: int) -> str:
    """So many units of so many decimals, as an exchange writes it."""
    digits = str(units).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


@given(st.integers(-(2**256), 2**256))
def test_base_units_become_human_units_digit_for_digit(base_units: int) -> None:
    """Every balance a contract can hold is told exactly."""
    told = format(human(base_units), "f")
    whole, _, part = told.lstrip("-").partition(".")
    assert int(whole + part.ljust(6, "0")) == abs(base_units)
    assert told.startswith("-") is (base_units < 0)


def test_a_future_word_of_the_stream_does_not_overtake_the_reads() -> None:
    """REST changed its mind before the stream agreed with it: a replay must not agree on REST's old word."""
    found = agreed(
        rest=[(0, page(trade())), (2500, page(trade(size="4")))],
        chain=[(0, (BOUGHT,))],
        ws=((3000, trade()),),
    )
    assert not found.holds
    assert "  rest    4           0.52        2.500 s" in found.text
