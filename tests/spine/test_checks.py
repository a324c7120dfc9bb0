"""Checks over the whole timeline: what holds, what does not, and the exact words for a tired engineer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.acts import human
from harness.case.values import Lifecycle
from harness.checks import trades
from harness.checks.lifecycle import walk
from harness.decide import Item
from harness.errors import CassetteStale
from harness.finding import Finding
from harness.matchers import LOST, NOTHING, Closed, Differs, Late
from harness.model import Source

from .story import EXCHANGE, GET, ORDER, OTHER_ORDER, Story, filled, page, run, trade

STATES = ("MATCHED", "RETRYING", "MINED", "CONFIRMED")
RULE = Lifecycle("t", STATES, frozenset({"RETRYING"}))


@pytest.mark.parametrize(
    ("came", "passed", "missing", "broken"),
    [
        ("MATCHED MINED CONFIRMED", 3, None, False),
        ("MATCHED RETRYING MINED CONFIRMED", 4, None, False),
        ("MATCHED MATCHED MINED MINED CONFIRMED", 3, None, False),
        ("MATCHED MINED CONFIRMED FAILED", 3, None, False),
        ("MATCHED", 1, "MINED", False),
        ("MATCHED RETRYING", 2, "MINED", False),
        ("MATCHED CONFIRMED", 2, "MINED", True),
        ("MINED", 1, "MATCHED", True),
        ("MATCHED FAILED", 2, "MINED", True),
        ("MATCHED MINED RETRYING", 3, "CONFIRMED", True),
        ("MATCHED MINED MATCHED", 3, "CONFIRMED", True),
    ],
)
def test_a_trade_walks_through_its_states(came: str, passed: int, missing: str | None, broken: bool) -> None:
    """Optional states may be left out, a repeated one is no step, a skipped or wrong one breaks the walk."""
    items = [Item((n,), n, n, {"status": status}) for n, status in enumerate(came.split())]
    went = walk(RULE, items)
    assert (len(went.passed), went.missing, went.broken is not None) == (passed, missing, broken)


def test_a_walk_is_complete_at_the_last_state_that_must_come() -> None:
    """An optional state at the end, or a wrong one after it, however late, changes nothing."""
    rule = Lifecycle("t", ("MATCHED", "MINED"), frozenset({"MINED"}))
    for more in ("MINED", "FAILED"):
        items = [Item((0,), 0, 0, {"status": "MATCHED"}), Item((1,), 1, 9, {"status": more})]
        assert walk(rule, items).missing is None
        assert len(walk(rule, items).passed) == 1


HEAD = """steps:
  - {id: listen, ws: user, subscribe: {markets: [m]}}
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
checks:
"""
SETTLES = f"""{HEAD}
  - id: settles
    lifecycle: {{trade: t1, states: [MATCHED, {{maybe: RETRYING}}, MINED, CONFIRMED]}}
    within: 5s
"""


def bought() -> Story:
    return Story().at(500).listening().at(1000).posted("buy", {})


def settled(*told: tuple[int, dict[str, Any]], until: int = 20_000) -> Finding:
    story = bought()
    for at, message in told:
        story.at(at).push(message)
    return run(SETTLES, story.at(until).watched().at(until + 1).closed().events).findings["settles"]


LIFECYCLES: list[tuple[list[tuple[int, str]], bool, str, Any]] = [
    (
        [(1200, "MATCHED"), (2000, "MINED"), (6000, "CONFIRMED")],
        True,
        "MATCHED at 1.200 s → MINED at 2.000 s → CONFIRMED at 6.000 s",
        None,
    ),
    (
        [(1200, "MATCHED"), (2000, "MINED"), (6001, "CONFIRMED")],
        False,
        "MATCHED at 1.200 s → MINED at 2.000 s → CONFIRMED at 6.001 s, 0.001 s after the deadline",
        Late(1000),
    ),
    (
        [(1200, "MATCHED"), (2000, "MINED")],
        False,
        "MATCHED at 1.200 s → MINED at 2.000 s, then nothing: CONFIRMED did not come within 5.000 s",
        NOTHING,
    ),
    (
        [(1200, "MATCHED"), (2000, "CONFIRMED")],
        False,
        "MATCHED at 1.200 s → CONFIRMED at 2.000 s, which is not in the order "
        "MATCHED → (RETRYING) → MINED → CONFIRMED",
        trade("CONFIRMED"),
    ),
    (
        [(1200, "MATCHED"), (7000, "FAILED")],
        False,
        "MATCHED at 1.200 s → FAILED at 7.000 s, then nothing: MINED did not come within 5.000 s",
        NOTHING,
    ),
    ([], False, "not shown: no user channel told of the trade", NOTHING),
]


@pytest.mark.parametrize(("told", "holds", "text", "shown"), LIFECYCLES)
def test_a_lifecycle_says_how_far_it_got(
    told: list[tuple[int, str]], holds: bool, text: str, shown: Any
) -> None:
    """In time, late, stuck, out of order, wrong too late to matter, never: each in its own words."""
    found = settled(*((at, trade(status)) for at, status in told))
    assert (found.holds, found.text) == (holds, text)
    assert holds or found.shown == shown


def test_other_trades_and_rests_prefix_are_no_other_states() -> None:
    """Only this trade's messages count; REST's long status is the same word."""
    other = trade("FAILED") | {"id": "t2"}
    found = settled(
        (1100, other),
        (1200, trade("TRADE_STATUS_MATCHED")),
        (2000, trade("MINED")),
        (2100, trade("CONFIRMED")),
    )
    assert found.holds


def test_a_stream_that_dies_does_not_pass_for_silence() -> None:
    """The connection was lost before the state came: that is what is shown, and not that nothing came."""
    story = bought().at(1200).push(trade()).at(2000).closed(1011, "gone").at(20_000).watched()
    found = run(SETTLES, story.events).findings["settles"]
    assert found.shown == Closed(1011, "gone")
    assert found.text == "MATCHED at 1.200 s, then the connection was closed (1011 gone) before MINED came"
    dead = bought().at(1100).closed(None).at(20_000).watched()
    assert run(SETTLES, dead.events).findings["settles"].shown is LOST


def test_a_lifecycle_without_a_user_channel_shows_nothing_at_all() -> None:
    """Nobody listened, so silence is not shown: not even a symptom of silence can match it."""
    body = SETTLES.replace("ws: user", "ws: market")
    story = Story().at(500)
    market = Source("ws.market", "alice")
    story.step("listen", market).opened(market).send(
        "listen", {"subscribe": {"markets": ["m"]}}, market
    ).pong(market)
    found = run(body, story.at(1000).posted("buy", {}).at(20_000).watched(market).events).findings["settles"]
    assert (found.text, found.shown) == ("not shown: no user channel told of the trade", LOST)


def test_a_lifecycle_beyond_the_recording_is_stale() -> None:
    """What was not watched is not missing."""
    with pytest.raises(
        CassetteStale, match=r"MINED was waited for until 3\.000 s, the case asks until 6\.000 s"
    ):
        settled((1200, trade()), until=3_000)


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
