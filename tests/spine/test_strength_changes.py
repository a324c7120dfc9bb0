"""What is done to a recording to see whether a case notices, and how a recording goes on at its end."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness.cassette import read
from harness.model import Event, Kind
from harness.seal import Cassette
from harness.strength.atoms import GONE, Atom, atoms_of, leaves, view_of
from harness.strength.chain import everywhere
from harness.strength.changes import (
    FAR_US,
    Added,
    Delayed,
    Doubled,
    Dropped,
    Replaced,
    Swapped,
    changed,
    going_on,
    touched,
)
from harness.strength.operators import faults

from .story import ALICE, USER, Story, filled, page, trade

CASSETTES = Path(__file__).parents[2] / "cassettes"
TOLD = ["MATCHED", "MINED", "CONFIRMED"]


def recorded() -> tuple[Event, ...]:
    """A stream that tells of three states, and a read of them."""
    story = Story().listening().at(100)
    for ms, status in zip((200, 300, 400), TOLD, strict=True):
        story.at(ms).push(trade(status))
    story.at(500).step("read").read("read", {"method": "GET", "path": "/data/trades"}, page(trade()))
    return tuple(story.end("read").at(600).watched().at(700).closed().events)


def pushed(events: tuple[Event, ...]) -> list[tuple[int, Any]]:
    """The states as they came, with their milliseconds."""
    told = [(e.at_us // 1000, view_of(e)) for e in events if e.kind is Kind.PUSH]
    return [(ms, view[0]["status"]) for ms, view in told if view]


def push_of(events: tuple[Event, ...], status: str) -> Event:
    return next(e for e in events if e.kind is Kind.PUSH and view_of(e) and view_of(e)[0]["status"] == status)


DONE = [
    (lambda n: Dropped(n["MINED"]), [(200, "MATCHED"), (400, "CONFIRMED")]),
    (lambda n: Doubled(n["MINED"]), [(200, "MATCHED"), (300, "MINED"), (300, "MINED"), (400, "CONFIRMED")]),
    (lambda n: Delayed(n["MINED"], 150_000), [(200, "MATCHED"), (400, "CONFIRMED"), (450, "MINED")]),
    (lambda n: Swapped(n["MATCHED"], n["MINED"]), [(200, "MINED"), (300, "MATCHED"), (400, "CONFIRMED")]),
]


@pytest.mark.parametrize(("change", "came"), DONE)
def test_an_event_is_dropped_doubled_delayed_or_swapped(change: Any, came: list[tuple[int, str]]) -> None:
    """The rest stays as it was, and the timeline stays one: numbered in its order, by stamps that rise."""
    events = recorded()
    numbers = {status: push_of(events, status).number for status in TOLD}
    after = changed(events, change(numbers))

    assert pushed(after) == came
    assert [e.number for e in after] == list(range(len(after)))
    assert all(one.at_us <= other.at_us for one, other in pairwise(after))


def test_a_delayed_answer_delays_what_its_lane_holds_behind_it() -> None:
    """A read that is answered late is not followed in time by the next one."""
    story = Story().at(100).step("read")
    for ms in (200, 300):
        story.at(ms).read("read", {"method": "GET", "path": "/x"}, {})
    events = tuple(story.at(350).push(trade()).events)
    after = changed(events, Delayed(events[2].number, 1_000_000))

    assert [(e.kind, e.at_us // 1000) for e in after if e.source == ALICE][1:] == [
        (Kind.SEND, 200),
        (Kind.ANSWER, 1200),
        (Kind.SEND, 1300),
        (Kind.ANSWER, 1300),
    ]


def test_what_never_came_is_put_in_behind_an_event() -> None:
    """It has a number and a stamp of its own there."""
    events = recorded()
    more = Event(3, 250_000, Kind.PUSH, USER, data=push_of(events, "MINED").data)
    assert pushed(changed(events, Added(3, more)))[:2] == [(200, "MATCHED"), (250, "MINED")]


def test_a_change_names_the_events_it_is_about_and_needs_them() -> None:
    """What a recording does not hold cannot be changed in it."""
    events = recorded()
    assert touched(Swapped(3, 4)) == (3, 4)
    assert touched(Delayed(3, 1)) == (3,)
    assert touched(Replaced((events[2], events[5]))) == (2, 5)
    for change in (Dropped(99), Doubled(99), Swapped(3, 99), Replaced((Event(99, 0, Kind.PUSH, USER),))):
        with pytest.raises(KeyError):
            changed(events, change)


def test_behind_its_end_a_recording_goes_on_as_it_was() -> None:
    """Streams stay open and silent, our own closing is left out, who reads is answered as the last time."""
    after = going_on(recorded(), frozenset({"read"}))
    answers = [e for e in after if e.kind is Kind.ANSWER]

    assert [e.at_us for e in answers] == [500_000, 500_000 + FAR_US]
    assert [e.index for e in answers] == [0, 1]
    assert answers[0].data == answers[1].data
    assert not [e for e in after if e.kind is Kind.CLOSED]
    assert [e.data["until_us"] for e in after if e.kind is Kind.HORIZON] == [FAR_US]
    Cassette(read(CASSETTES / "ESC-1118" / "fixed.jsonl").header, after)  # it is a recording still


def test_the_end_of_a_connection_within_what_was_watched_stays() -> None:
    """Only what came after the watch is our own closing."""
    events = tuple(Story().listening().at(100).closed(1006).at(200).watched().events)
    assert [e.kind for e in going_on(events, frozenset())][-2:] == [Kind.CLOSED, Kind.HORIZON]


def test_pages_that_follow_each_other_are_read_again_together() -> None:
    """The last walk is repeated from the request that began it."""
    story = Story().at(100).step("read")
    for cursor in ({}, {"params": {"next_cursor": "b"}}, {}, {"params": {"next_cursor": "c"}}):
        story.at(200).read("read", {"method": "GET", **cursor}, {})
    again = [e for e in going_on(tuple(story.events), frozenset({"read"})) if e.at_us > FAR_US]

    assert [e.data.get("intent", {}).get("params") for e in again] == [None, None, {"next_cursor": "c"}, None]
    assert [e.index for e in again] == [4, 4, 5, 5]


VALUES = [
    (Decimal("0.52"), ["0.53", "0.51", '"0.52"', "null", "gone"]),
    (5, ["6", "4", '"5"', "null", "gone"]),
    (0, ["1", '"0"', "null", "gone"]),
    ("5", ['"6"', '"4"', "5", "null", "gone"]),
    ("0.520", ['"0.521"', '"0.519"', "0.520", "null", "gone"]),
    (True, ["False", '"true"', "null", "gone"]),
    ("MATCHED", ['"NBUDIFE"', "null", "gone"]),
    ("0xabc1", ['"0xabc2"', "null", "gone"]),
    ("", ['"x"', "null", "gone"]),
    (None, ['"x"', "gone"]),
    ([], ["['x']", "1", "null", "gone"]),
    ([1, 2], ["[2]", "[1, 1, 2]", "[1]", "1", "null", "gone"]),
    ({"a": 1}, ["1", "null", "gone"]),
]


@pytest.mark.parametrize(("value", "wrong"), VALUES, ids=str)
def test_what_can_be_wrong_with_a_value(value: Any, wrong: list[str]) -> None:
    """A unit of its last digit, another value of the same looks, another type, null, gone."""
    atom = Atom((), value, "json", lambda new: Event(0, 0, Kind.PUSH, USER))
    assert [_shown(new) for _, new in faults(atom)] == wrong


def _shown(value: Any) -> str:
    if value is GONE or value is None:
        return "gone" if value is GONE else "null"
    return f'"{value}"' if isinstance(value, str) else str(value)


@cache
def every_event() -> list[Event]:
    """Events of all channels, as they were recorded."""
    names = ("ESC-1118", "ESC-1070", "ESC-1113", "ESC-1133", "ESC-1065")
    events = [e for name in names for e in read(CASSETTES / name / "fixed.jsonl").events]
    return [e for e in events if e.kind in (Kind.PUSH, Kind.ANSWER)]


def test_an_atom_changes_its_own_part_and_nothing_else() -> None:
    """Whatever is written at a path is seen there; every other part of the event is as it was."""
    seen = set()
    for event in every_event():
        before = leaves(view_of(event))
        for path, atom in atoms_of(event).items():
            if path not in before or "answers" in event.data["wire"]:
                continue
            for operator, value in faults(atom):
                after = leaves(view_of(atom.write(value)))
                apart = {p for p in {*before, *after} if before.get(p, GONE) != after.get(p, GONE)}
                alone = {p for p in apart if p[: len(path)] == path}
                if value is GONE and isinstance(path[-1], int):
                    alone = {p for p in apart if p[: len(path) - 1] == path[:-1]}  # items behind it move up
                assert apart == alone, (event.number, path, operator)
                assert apart, (event.number, path, operator)
                seen.add((atom.kind, operator))
    assert {kind for kind, _ in seen} == {"json", "status", "text"}


def test_a_word_of_a_look_changes_one_answer_or_one_argument() -> None:
    """Balances and logs are changed by a base unit or a bit, and are read back so."""
    looks = [e for e in every_event() if "answers" in e.data.get("wire", {})]
    told = set()
    for event in looks:
        for path, atom in atoms_of(event).items():
            if atom.kind not in ("amount", "name"):
                continue
            other = atoms_of(atom.write(atom.value ^ 1))
            assert other[path].value == atom.value ^ 1
            apart = {p for p, held in atoms_of(event).items() if p in other and other[p].value != held.value}
            assert apart <= {path[:length] for length in range(1, len(path) + 1)}
            told.add(path[0])
    assert told == {"words", "logs", "receipt"}


def test_a_log_is_changed_in_every_look_that_shows_it() -> None:
    """A chain tells everybody the same."""
    log, more = filled(0, 2_600_000, 5_000_000), filled(1, 1, 2, order="0x" + "ee" * 32)
    events = tuple(Story().at(10).step("a").look("a", 9, log).look("a", 9, log, more).look("a", 9).events)
    look = [e for e in events if e.kind is Kind.ANSWER]
    atom = atoms_of(look[0])["logs", 0, "OrderFilled", "takerAmountFilled"]
    others = list(everywhere(events, look[0], atom.write(atom.value + 1)))

    assert [e.number for e in others] == [look[1].number]
    assert atoms_of(others[0])[atom.path].value == 5_000_001
    assert len(others[0].data["wire"]["answers"][1]["result"]) == 2
    dropped = atoms_of(look[0])["logs", 0].write(GONE)
    assert [len(e.data["wire"]["answers"][1]["result"]) for e in everywhere(events, look[0], dropped)] == [1]
