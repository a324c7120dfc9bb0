"""A trade's lifecycle holds when its states come in order and in time, and says how far it got."""

from __future__ import annotations

from typing import Any

import pytest

from harness.case.rules.values import Lifecycle
from harness.checks.lifecycle import walk
from harness.decide import Item
from harness.errors import CassetteStale
from harness.finding import Finding
from harness.matchers import LOST, NOTHING, Closed, Late
from harness.model import Source

from .checks_bodies import HEAD, bought
from .story import Story, run, trade

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


SETTLES = f"""{HEAD}
  - id: settles
    lifecycle: {{trade: t1, states: [MATCHED, {{maybe: RETRYING}}, MINED, CONFIRMED]}}
    within: 5s
"""


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
    market = Source("ws.market")
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


LIVES = f"""{HEAD}
  - id: settles
    lifecycle: {{order: o1, states: [LIVE, {{maybe: INVALID}}, MATCHED|CANCELED]}}
    within: 5s
"""


@pytest.mark.parametrize(
    ("statuses", "holds"),
    [
        (["LIVE", "LIVE", "MATCHED"], True),
        (["LIVE", "CANCELED_EXPIRED_ORDER"], True),
        (["LIVE", "INVALID", "CANCELED"], True),
        (["ORDER_STATUS_LIVE", "ORDER_STATUS_MATCHED"], True),
        (["LIVE", "CANCELED_ORDER_TIMED_OUT", "LIVE"], True),
        (["LIVE"], False),
        (["MATCHED"], False),
        (["LIVE", "DELAYED", "MATCHED"], False),
        ([], False),
    ],
)
def test_an_order_has_a_lifecycle_too(statuses: list[str], holds: bool) -> None:
    """Its states are those of the user channel's order events; `A|B` is either, a reason may follow."""
    story = bought()
    for at, status in enumerate(statuses):
        story.at(1200 + at * 100).push({"event_type": "order", "id": "o1", "status": status})
        story.push({"event_type": "order", "id": "o2", "status": "MATCHED"}, trade("FAILED", id="o1"))
    found = run(LIVES, story.at(20_000).watched().at(20_001).closed().events).findings["settles"]
    assert found.holds is holds
    if not statuses:
        assert found.text == "not shown: no user channel told of the order"
