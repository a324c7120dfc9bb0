"""One clock for the files of a ticket."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import Place
from harness.evidence.ticket.alignment import Aligned, aligned
from harness.evidence.ticket.clues import Clue, Reading, Stamp, Zone
from harness.model import Kind

NOON_US = 1_772_452_800_000_000  # 2026-03-02T12:00:00Z
HOUR_US = 3_600_000_000
DATE = "Mon, 02 Mar 2026 12:00:00 GMT"


def clue(kind: Kind, us: int | None, zone: Zone = Zone.UTC, pair: int = 0, **wire: Any) -> Clue:
    """A REST clue at a time."""
    stamp = None if us is None else Stamp(us, zone, 1000)
    return Clue(Place("f", 1, 1), kind, "rest", {"wire": wire}, stamp, pair)


def answer(us: int | None, zone: Zone = Zone.UTC, date: str = DATE) -> Clue:
    """An answer with the exchange's own time."""
    return clue(Kind.ANSWER, us, zone, status=200, headers={"date": date})


def put(*clues: Clue, path: str = "a.log") -> Aligned:
    """The clues of one file on the common clock."""
    return aligned([Reading(path, "log", clues)])


@pytest.mark.parametrize(
    ("zone_us", "told"),
    [
        (HOUR_US, "its clock is UTC+01:00"),
        (-5 * HOUR_US, "its clock is UTC-05:00"),
        (HOUR_US * 11 // 2, "its clock is UTC+05:30"),
        (0, "its clock is UTC"),
    ],
)
def test_zone(zone_us: int, told: str) -> None:
    """A log without a zone is set by the exchange's own times in it, and says which zone that was."""
    found = put(
        clue(Kind.SEND, NOON_US + zone_us - 200_000, Zone.LOCAL), answer(NOON_US + zone_us, Zone.LOCAL)
    )
    assert [each.at_us for each in found.placed] == [NOON_US - 200_000, NOON_US]
    assert found.clocks[0].told.startswith(told)
    assert found.clocks[0].is_sure


def test_day() -> None:
    """A log with only a time of day gets its day from the exchange's own times."""
    found = put(answer(12 * HOUR_US + 500_000, Zone.DAY))
    assert found.placed[0].at_us == NOON_US + 500_000
    assert found.clocks[0].told.startswith("it tells the time of day")


def test_skew() -> None:
    """A clock that is minutes off is set by the exchange's, and that is told; a second is nobody's fault."""
    slow = put(answer(NOON_US - 95_000_000))
    assert slow.placed[0].at_us == NOON_US
    assert "95.0 s behind the exchange's" in slow.clocks[0].told
    near = put(answer(NOON_US + 900_000))
    assert near.placed[0].at_us == NOON_US + 900_000
    assert near.clocks[0].told == "its times name their zone"


def test_frames_written_down_late() -> None:
    """Messages that a busy reader wrote down late do not move the file's clock: the others set it."""
    late = [answer(NOON_US + 30_000_000 + at) for at in range(6)]
    found = put(*late, *(answer(NOON_US + at * 100_000) for at in range(4)))
    assert found.clocks[0].told == "its times name their zone"
    assert found.placed[0].at_us == NOON_US


def test_no_zone() -> None:
    """Where nothing says the zone, it is taken as UTC, and the clock is said not to be sure."""
    found = put(clue(Kind.SEND, NOON_US, Zone.LOCAL))
    assert not found.clocks[0].is_sure
    assert "taken as UTC" in found.clocks[0].told


def test_zone_that_was_said() -> None:
    """A zone that somebody knows counts more than what could be guessed."""
    reading = Reading("a.log", "log", (clue(Kind.SEND, NOON_US, Zone.LOCAL),))
    found = aligned([reading], {"a.log": -90})
    assert found.placed[0].at_us == NOON_US + 90 * 60_000_000
    assert found.clocks[0].told == "its clock is UTC-01:30: so it was said"


def test_times_of_messages() -> None:
    """A file without times is placed by those that the exchange put into its messages, in its own order."""
    first = clue(Kind.SEND, None, pair=1, method="GET", target="/a")
    found = put(first, answer(None), clue(Kind.SEND, None, pair=2, method="GET", target="/b"))
    assert [each.at_us for each in found.placed] == [NOON_US, NOON_US, NOON_US]
    assert [each.is_timed for each in found.placed] == [False, True, False]


def test_two_files() -> None:
    """The clues of two files with clocks of their own stand in the order in which they happened."""
    utc = Reading("utc.har", "HAR", (clue(Kind.SEND, NOON_US + 1_000_000, method="GET", target="/second"),))
    local = Reading("local.log", "log", (answer(NOON_US + HOUR_US, Zone.LOCAL),))
    assert [each.clue.kind for each in aligned([utc, local]).placed] == [Kind.ANSWER, Kind.SEND]


def test_long_untimed() -> None:
    """A file of many untimed clues is placed in time that grows with it and no faster."""
    found = put(*[clue(Kind.SEND, None, pair=at, method="GET", target="/") for at in range(50_000)])
    assert len(found.placed) == 50_000
