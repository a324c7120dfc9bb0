"""Timestamps as the wire writes them: unix time by its digits, ISO 8601, FIX UTCTimestamp; in nanoseconds.

A number, or its text, is unix time: 10 digits before the point are seconds, 13 milliseconds, 16
microseconds, 19 nanoseconds (the years 2001 to 2286); any other count is no timestamp, as no message is that
old. ISO 8601 has date, time with seconds, and a zone (`2026-03-02T12:34:56.789Z`, a blank for the T, `+00`,
`+01:00`); FIX 4.4 has `20260302-12:34:56.789`, always UTC. A leap second (`:60`) counts as the second after
it. No floats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from harness.matchers import show
from harness.matchers.numbers import number_of

_SECOND_NS: Final = 1_000_000_000
_UNITS_NS: Final = {10: _SECOND_NS, 13: 1_000_000, 16: 1_000, 19: 1}
_UNIX: Final = re.compile(r"([1-9][0-9]*)(?:\.([0-9]+))?")
_CLOCK: Final = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,12}))?"
_ISO: Final = re.compile(
    rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})[Tt ]{_CLOCK} ?(Z|z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)?"
)
_FIX: Final = re.compile(rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})-{_CLOCK}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A timestamp: unix nanoseconds, and the step of its last digit, for which it stands as a whole.

    What was written in whole seconds (`step_ns` 1,000,000,000) happened from `ns` on, before `ns + step_ns`.
    """

    ns: int
    step_ns: int

    def __post_init__(self) -> None:
        if self.step_ns < 1:
            raise ValueError("a timestamp's last digit has a step of a nanosecond at least")

    def __str__(self) -> str:
        seconds, rest = divmod(self.ns, _SECOND_NS)
        fraction = f".{rest:09d}".rstrip("0").rstrip(".")
        return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def stamp_of(value: Any) -> Stamp | str:
    """Give the timestamp that a value is, or in words why it is none."""
    if isinstance(value, str):
        text = value[:64]
    elif (number := number_of(value)) is not None:
        if isinstance(number, Decimal) and abs(number.adjusted()) > 30:
            return "no unix time"
        text = format(number, "f") if isinstance(number, Decimal) else show.number(number)
    else:
        return f"{show.kind(value)}, no timestamp"
    unix = _UNIX.fullmatch(text)
    if unix is not None:
        return _unix(unix[1], unix[2] or "")
    if not isinstance(value, str):
        return "no unix time"
    iso, fix = _ISO.fullmatch(text), _FIX.fullmatch(text)
    if iso is not None and iso[8] is None:
        return "a time without a zone: is it UTC?"
    found = iso or fix
    stamp = None if found is None else _calendar(found, iso[8] if iso is not None else "Z")
    return stamp or "no timestamp: expected unix time, ISO 8601 with a zone, or FIX UTCTimestamp"


def _unix(whole: str, fraction: str) -> Stamp | str:
    unit_ns = _UNITS_NS.get(len(whole))
    if unit_ns is None:
        return f"no unix time: 10 digits are s, 13 ms, 16 us, 19 ns; this has {len(whole)}"
    return Stamp(int(whole) * unit_ns + _part_ns(fraction, unit_ns), _step_ns(fraction, unit_ns))


def _calendar(found: re.Match[str], zone: str) -> Stamp | None:
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction = found[7] or ""
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead_min = 0 if zone in "Zz" else int(digits[:2]) * 60 + int(digits[2:])
    if second > 60 or ahead_min > 24 * 60:
        return None
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=UTC) - _EPOCH
    except ValueError:
        return None
    since_s = moment // timedelta(seconds=1) + second - (-60 if zone[0] == "-" else 60) * ahead_min
    if not 0 <= since_s < 253_402_300_800:  # the year 10000
        return None
    return Stamp(since_s * _SECOND_NS + _part_ns(fraction, _SECOND_NS), _step_ns(fraction, _SECOND_NS))


def _part_ns(fraction: str, unit_ns: int) -> int:
    """The digits behind the point in nanoseconds; what is finer is cut."""
    return int(fraction or "0") * unit_ns // int(10 ** len(fraction))


def _step_ns(fraction: str, unit_ns: int) -> int:
    return max(unit_ns // int(10 ** len(fraction)), 1)
