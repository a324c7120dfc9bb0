"""The numbers of a FIX session and the timestamps of a channel go on by the rules, or the break is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.finding import Finding
from harness.matchers import LOST
from harness.model import Source

from .checks_bodies import MARKET, OE, fix_came, judged
from .story import Story


def session(*messages: str, source: Source = OE, every_ms: int = 100) -> Story:
    """A session on which these came, one every 100 ms from 1.1 s on: `35=8|34=5` and so on."""
    story = Story().at(900).opened(source)
    for at, fields in enumerate(messages):
        fix_came(story, 1100 + every_ms * at, f"{fields}|", source)
    return story


def numbers(*messages: str, until_ms: int = 20_000, within: str | None = "5s") -> Finding:
    return judged("sequence: {fix: oe, as: alice}", session(*messages), within=within, until_ms=until_ms)


@pytest.mark.parametrize(
    "messages",
    [
        ("35=A|34=1|141=Y", "35=8|34=2", "35=0|34=3", "35=8|34=4"),
        ("35=A|34=7", "35=8|34=8"),
        ("35=8|34=5", "35=8|34=8", "35=8|34=6|43=Y", "35=8|34=7|43=Y", "35=8|34=9"),
        ("35=8|34=5", "35=8|34=8", "35=4|34=6|123=Y|36=8|43=Y", "35=8|34=9"),
        ("35=8|34=5", "35=8|34=8", "35=4|34=6|123=Y|36=9", "35=8|34=9"),
        ("35=8|34=5", "35=8|34=5|43=Y", "35=8|34=6"),
        ("35=8|34=5", "35=4|34=1|36=20", "35=8|34=20"),
        ("35=8|34=5", "35=A|34=1|141=Y", "35=8|34=2"),
        ("35=8|34=5", "35=8|34=9", "35=A|34=1|141=Y", "35=8|34=2"),
        ("35=8|34=5", "35=4|34=6|123=Y|36=10", "35=8|34=10"),
    ],
)
def test_what_the_rules_allow_holds(messages: tuple[str, ...]) -> None:
    """Resends flagged as such, gap fills, resets, and a session that goes on from where it stood."""
    found = numbers(*messages)
    assert found.holds, found.text
    assert found.text == f"the numbers of {len(messages)} messages go on by the rules"


@pytest.mark.parametrize(
    ("messages", "text", "shown"),
    [
        (
            ("35=8|34=4", "35=8|34=7"),
            "fix.oe(alice): expected 5, came 7 at 1.200 s: ExecutionReport; 5 to 6 never came",
            {"expected": 5, "came": 7, "message": "ExecutionReport"},
        ),
        (
            ("35=8|34=4", "35=8|34=6"),
            "fix.oe(alice): expected 5, came 6 at 1.200 s: ExecutionReport; 5 never came",
            {"expected": 5, "came": 6, "message": "ExecutionReport"},
        ),
        (
            ("35=8|34=4", "35=8|34=4"),
            "fix.oe(alice): expected 5, came 4 at 1.200 s: ExecutionReport came again without PossDupFlag "
            "(43=Y)",
            {"expected": 5, "came": 4, "message": "ExecutionReport"},
        ),
        (
            ("35=8|34=4", "35=8|34=6", "35=8|34=5"),
            "fix.oe(alice): expected 7, came 5 at 1.300 s: ExecutionReport fills a gap without PossDupFlag "
            "(43=Y)",
            {"expected": 7, "came": 5, "message": "ExecutionReport"},
        ),
        (
            ("35=A|34=3|141=Y",),
            "fix.oe(alice): expected 1, came 3 at 1.100 s: Logon resets the numbers (141=Y) and is not "
            "number 1",
            {"expected": 1, "came": 3, "message": "Logon"},
        ),
        (
            ("35=8|34=9", "35=4|34=10|36=5"),
            "fix.oe(alice): expected 10, came 5 at 1.200 s: SequenceReset moves the numbers back (36)",
            {"expected": 10, "came": 5, "message": "SequenceReset"},
        ),
        (
            ("35=8|34=x",),
            "fix.oe(alice): came x at 1.100 s: ExecutionReport came without a readable MsgSeqNum: 'x'",
            {"expected": None, "came": "x", "message": "ExecutionReport"},
        ),
        (
            ("35=A|34=1|141=Y", "35=8|34=1"),
            "fix.oe(alice): expected 2, came 1 at 1.200 s: ExecutionReport came again without PossDupFlag "
            "(43=Y)",
            {"expected": 2, "came": 1, "message": "ExecutionReport"},
        ),
    ],
)
def test_each_break_is_named(messages: tuple[str, ...], text: str, shown: dict[str, Any]) -> None:
    """By what was expected, what came, when, and which message it was."""
    found = numbers(*messages)
    assert (found.holds, found.text, found.shown) == (False, text, shown)


def test_several_breaks_are_told_the_first_in_full() -> None:
    """The others are counted, and the next five follow, a line each."""
    found = numbers("35=8|34=4", *["35=8|34=4"] * 7, within=None)
    first, more, *rest = found.text.split("\n")
    assert first.endswith("came again without PossDupFlag (43=Y)")
    assert more == "6 more:"
    assert [line.split(" at ")[1].split(":")[0] for line in rest] == [
        "1.300 s",
        "1.400 s",
        "1.500 s",
        "1.600 s",
        "1.700 s",
    ]
    assert all(line.startswith("  fix.oe(alice): ") for line in rest)


def test_a_gap_may_be_filled_until_the_deadline() -> None:
    """What is missing may still come; a check that does not wait judges what came until its mark."""
    messages = ("35=8|34=4", "35=8|34=6", "35=8|34=5|43=Y")
    assert numbers(*messages).holds
    assert not numbers(*messages, within=None, until_ms=1250).holds
    assert numbers(*messages, within=None, until_ms=1300).holds


def test_a_session_on_which_nothing_came_shows_nothing() -> None:
    """No message, no number: not shown."""
    assert numbers().shown is LOST


@given(st.integers(3, 12), st.data())
def test_any_lost_or_repeated_message_is_found(count: int, data: st.DataObject) -> None:
    """Drop one, repeat one, or swap two of a session's messages: each is found."""
    whole = [f"35=8|34={number}" for number in range(1, count + 1)]
    assert numbers(*whole, within=None).holds
    at = data.draw(st.integers(1, count - 2))
    dropped = whole[:at] + whole[at + 1 :]
    repeated = [*whole[: at + 1], whole[at], *whole[at + 1 :]]
    swapped = [*whole[:at], whole[at + 1], whole[at], *whole[at + 2 :]]
    for mutated in (dropped, repeated, swapped):
        assert not numbers(*mutated, within=None).holds


def feed(*messages: tuple[int, dict[str, Any]]) -> Story:
    story = Story().at(900).opened(MARKET)
    for at, message in messages:
        story.at(at).push(message, source=MARKET)
    return story


def book(timestamp: int, token: str = "1") -> dict[str, Any]:
    return {"event_type": "book", "asset_id": token, "timestamp": str(timestamp)}


def change(timestamp: int, *tokens: str) -> dict[str, Any]:
    changes = [{"asset_id": token} for token in tokens or ("1",)]
    return {"event_type": "price_change", "price_changes": changes, "timestamp": str(timestamp)}


T = 1_760_000_000_000


def test_a_channel_whose_timestamps_go_on_holds() -> None:
    """Equal stamps and other tokens' are in order; a check without `within` judges what came."""
    story = feed(
        (1100, book(T)), (1150, book(T - 5, "2")), (1200, change(T, "1", "2")), (1300, change(T + 9))
    )
    assert judged("sequence: {ws: market}", story).holds
    assert judged("sequence: {ws: market}", story, within=None).holds


def test_a_timestamp_that_goes_back_is_named() -> None:
    """By how much, from what to what, on which token."""
    message = change(T - 1500)
    found = judged("sequence: {ws: market}", feed((1100, book(T)), (1200, message)))
    assert (found.holds, found.at_us, found.shown) == (False, 1_200_000, message)
    assert found.text == (
        f"ws.market: the timestamp of price_change at 1.200 s goes 1.500 s back, from {T} to {T - 1500}, on 1"
    )


@pytest.mark.parametrize("changes", [None, 1, "x", [None, 1]])
def test_changes_that_are_no_list_tell_of_no_token(changes: object) -> None:
    """A message of another shape is out of no order."""
    message = {"event_type": "price_change", "price_changes": changes, "timestamp": str(T - 1500)}
    assert judged("sequence: {ws: market}", feed((1100, book(T)), (1200, message))).holds


def test_a_delta_before_its_snapshot_is_named() -> None:
    """After each opening, the first word on a token is its book."""
    assert not judged("sequence: {ws: market}", feed((1100, change(T)))).holds
    again = feed((1100, book(T))).at(1200).closed(source=MARKET).at(1300).opened(MARKET)
    found = judged("sequence: {ws: market}", again.at(1400).push(change(T + 1), source=MARKET))
    assert found.text == "ws.market: price_change at 1.400 s before any book of 1"


def test_a_token_followed_again_begins_with_its_book_again() -> None:
    """An unsubscription and a subscription on the open channel ask for a new snapshot."""
    story = feed((1100, book(T)))
    for at, verb in ((1200, "unsubscribe"), (1300, "subscribe")):
        story.at(at).send(verb, {verb: {"assets_ids": ["1"]}}, MARKET)
    whole = list(story.events)
    story.at(1400).push(change(T + 1), source=MARKET)
    assert not judged("sequence: {ws: market}", story, within=None).holds
    story.events[:] = whole
    story.at(1350).push(book(T + 1), source=MARKET).at(1400).push(change(T + 1), source=MARKET)
    assert judged("sequence: {ws: market}", story, within=None).holds
