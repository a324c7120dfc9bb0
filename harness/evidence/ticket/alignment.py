"""One clock for all files of a ticket: each file's clock is set by what the exchange's own times say.

Where a file's line tells one time and the message in it another (a `Date` header, SendingTime, a frame's
`timestamp`), the difference is that file's zone and its skew. A zone is a multiple of fifteen minutes (IANA:
all are since 1972), so it is told from few messages; what is left is skew, and counts only where it is
larger than what the times' digits and the network explain. Nothing is moved silently: every clock says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import FIX, REST, Clue, Reading, Stamp, Zone
from harness.model import Kind
from harness.wire.fix.written import read as read_fix

_ZONE_US: Final = 15 * 60 * 1_000_000
_SKEW_US: Final = 2_000_000  # whole seconds of a Date header, and a second on the way
_TIMES_OF_FRAMES: Final = ("timestamp", "match_time", "last_update")
_SECOND_US: Final = 1_000_000


NO_ZONES: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileClock:
    """How one file's times were read: what was added to them (microseconds), and why, in words."""

    path: str
    added_us: int
    told: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A clue on the common clock: unix microseconds; `is_timed` false where only its order is known."""

    at_us: int
    clue: Clue
    is_timed: bool


@dataclass(frozen=True, slots=True)
class Aligned:
    """All clues of a ticket in one order, and the clock of each file."""

    placed: tuple[Placed, ...]
    clocks: tuple[FileClock, ...]


def aligned(readings: Iterable[Reading], zones: Mapping[str, int] = NO_ZONES) -> Aligned:
    """Put the clues of all files on one clock; `zones` are minutes east of UTC by path, as somebody said."""
    placed: list[Placed] = []
    clocks: list[FileClock] = []
    for reading in readings:
        if reading.clues:
            clock = _said(reading.path, zones[reading.path]) if reading.path in zones else _clock(reading)
            clocks.append(clock)
            placed += _placed(reading.clues, clock)
    placed.sort(key=lambda each: each.at_us)  # stable: files in order, and each in its own
    return Aligned(tuple(placed), tuple(clocks))


def exchange_time(clue: Clue) -> Stamp | None:
    """When the exchange said it, by its own clock: `Date`, SendingTime, a frame's `timestamp`; or None."""
    wire = clue.data.get("wire", {})
    if clue.channel == FIX:
        return stamps.whole(_fix_field(wire.get("raw", ""), "52"))
    if clue.kind is Kind.ANSWER and clue.channel == REST:
        date = wire.get("headers", {}).get("date")
        return stamps.http_date(date) if date else None
    if clue.kind is Kind.PUSH:
        return _of_frame(wire.get("text", ""))
    return None


def _of_frame(text: str) -> Stamp | None:
    try:
        value: Any = exactjson.loads(text)
    except ValueError:
        return None
    if isinstance(value, list):
        value = value[0] if value else None
    return stamps.in_message(value, _TIMES_OF_FRAMES) if isinstance(value, dict) else None


def _fix_field(raw: str, tag: str) -> str:
    try:
        parts = read_fix(raw).decode("latin-1").split("\x01")
    except ValueError:
        return ""
    return next((part[len(tag) + 1 :] for part in parts if part.startswith(f"{tag}=")), "")


def _said(path: str, minutes: int) -> FileClock:
    offset_us = minutes * 60_000_000
    return FileClock(path, -offset_us, f"its clock is {_zone(offset_us)}: so it was said", is_sure=True)


def _clock(reading: Reading) -> FileClock:
    zones = {clue.stamp.zone for clue in reading.clues if clue.stamp is not None}
    offsets = sorted(
        told.us - clue.stamp.us
        for clue in reading.clues
        if clue.stamp is not None and (told := exchange_time(clue)) is not None
    )
    if not zones:
        untold = all(exchange_time(clue) is None for clue in reading.clues)
        return FileClock(reading.path, 0, _UNTIMED if untold else _BY_MESSAGES, is_sure=not untold)
    middle = _middle(offsets) if offsets else 0
    if zones == {Zone.UTC}:
        return _skewed(reading.path, offsets, 0, "its times name their zone")
    if not offsets:
        return FileClock(reading.path, 0, _NO_ZONE if Zone.LOCAL in zones else _NO_DAY, is_sure=False)
    zone_us = round(middle / _ZONE_US) * _ZONE_US
    count = "one message" if len(offsets) == 1 else f"{len(offsets)} messages"
    why = f"its clock is {_zone(-zone_us)}: so say the exchange's own times in {count}"
    if Zone.DAY in zones:
        why = f"it tells the time of day: its day and zone are the exchange's own in {count}"
    return _skewed(reading.path, offsets, zone_us, why)


_UNTIMED: Final = "it tells no times, and its messages tell none: its events have an order and nothing more"
_BY_MESSAGES: Final = "it tells no times: those that the exchange put into its messages stand for them"
_NO_ZONE: Final = "nothing says its zone: taken as UTC. Mend it where it is another: --zone FILE=+01:00"
_NO_DAY: Final = "it tells the time of day and nothing says which day or zone: only its order can be trusted"


def _skewed(path: str, offsets: Sequence[int], zone_us: int, why: str) -> FileClock:
    if not offsets:
        return FileClock(path, zone_us, why, is_sure=True)
    skew_us = _middle(offsets) - zone_us
    if abs(skew_us) <= _SKEW_US:
        return FileClock(path, zone_us, why, is_sure=True)
    side = "behind" if skew_us > 0 else "ahead of"
    told = f"{why}; it is {abs(skew_us) // 1000 / 1000:.1f} s {side} the exchange's, and was set by it"
    return FileClock(path, zone_us + skew_us, told, is_sure=True)


def _middle(offsets: Sequence[int]) -> int:
    """The difference that most messages agree on; else that of those written down soonest.

    A reader that was busy writes frames down late, and a snapshot tells when its book last changed: both are
    behind what the exchange says, and nothing is before it.
    """
    middle, soonest = offsets[len(offsets) // 2], offsets[len(offsets) * 9 // 10]
    return soonest if soonest - middle > _SKEW_US else middle


def _zone(offset_us: int) -> str:
    if abs(offset_us) > 14 * 4 * _ZONE_US:
        return f"{offset_us / _ZONE_US / 4:+.2f} hours from UTC"
    sign, minutes = "-" if offset_us < 0 else "+", abs(offset_us) // 60_000_000
    return f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "UTC"


def _placed(clues: Sequence[Clue], clock: FileClock) -> Iterable[Placed]:
    """Each clue where its time says; one without a time where its neighbours in the file allow it.

    That is at the time of what follows, or behind what was last where nothing with a time follows.
    """
    times = [_time(clue, clock) for clue in clues]
    behind: list[int | None] = [None] * len(times)
    following: int | None = None
    for at in range(len(times) - 1, -1, -1):
        following = times[at] if times[at] is not None else following
        behind[at] = following
    latest = 0
    for clue, time_us, next_us in zip(clues, times, behind, strict=True):
        if time_us is not None:
            latest = max(latest, time_us)
            yield Placed(time_us, clue, True)
        else:
            latest = (
                latest if next_us is None else max(latest, next_us) if clue.kind is Kind.ANSWER else next_us
            )
            yield Placed(latest, clue, False)


def _time(clue: Clue, clock: FileClock) -> int | None:
    if clue.stamp is not None:
        return max(clue.stamp.us + clock.added_us, 0)
    told = exchange_time(clue)
    return None if told is None else told.us
