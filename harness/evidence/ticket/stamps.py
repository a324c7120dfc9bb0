"""Times as logs write them, read exactly: microseconds, the zone where it is told, the last digit's place.

Known are ISO 8601 and its cousins (`2026-03-02 14:05:01,123`, `2026-03-02T14:05:01.123456Z`, `+01:00`),
months by name (`02/Mar/2026:14:05:01 -0800`, `Mar 2, 2026 @ 14:05:01.123`), syslog's, `02.03.2026`, FIX
(`20260302-14:05:01.123`), HTTP dates (RFC 9110 §5.6.7), `3/2/2026, 2:05:01 PM`, a Date of
JavaScript's, a time of day, and unix time in seconds to nanoseconds. No clock and no local zone is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final

from harness.evidence.ticket.clues import Stamp, Zone

_DAY = (
    r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9]|60)"
    r"(?:[.,](?P<part>[0-9]{1,9}))?"
)
_ISO: Final = re.compile(
    r"(?P<year>[12][0-9]{3})[-/](?P<month>[0-9]{2})[-/](?P<date>[0-9]{2})[T ]"
    + _DAY
    + r"(?: ?(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})(?![0-9A-Za-z]))?"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED: Final = "(?P<name>[A-Z][a-z]{2})[a-z]*"
_NAMED_FIRST: Final = "(?P<name2>[A-Z][a-z]{2})[a-z]*"
_WORDED: Final = re.compile(
    rf"(?:(?P<date>[0-9]{{1,2}})[/ -]{_NAMED}[/ -](?P<year>[12][0-9]{{3}})|{_NAMED_FIRST} +"
    r"(?P<date2>[0-9]{1,2}),? +(?P<year2>[12][0-9]{3}))(?: @ |[: T,]+)"
    + _DAY
    + r"(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})(?![0-9A-Za-z]))?"
)
_DAY_FIRST: Final = re.compile(
    r"(?P<date>[0-9]{2})[-.](?P<month>[0-9]{2})[-.](?P<year>[12][0-9]{3})[T ]" + _DAY
)
_TWELVE: Final = re.compile(
    r"(?P<month>[01]?[0-9])/(?P<date>[0-3]?[0-9])/(?P<year>[12][0-9]{3}),? (?P<hour>0?[1-9]|1[0-2])"
    r":(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])(?:[.,](?P<part>[0-9]{1,9}))?)?"
    r" ?(?P<half>[AaPp])\.?[Mm]\.?"
    r"(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})(?![0-9A-Za-z]))?"
)
"""Twelve hours are the American way, whose month stands first."""
_CONSOLE: Final = re.compile(
    r"[A-Z][a-z]{2} (?P<name>[A-Z][a-z]{2}) (?P<date>[0-9]{2}) (?P<year>[12][0-9]{3}) "
    + _DAY
    + r" (?P<zone>GMT[+-][0-9]{4})(?: \([^)]*\))?"
)
_SYSLOG: Final = re.compile(r"[A-Z][a-z]{2} +[0-9]{1,2} " + _DAY)
_FIX: Final = re.compile(r"(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})(?P<date>[0-9]{2})-" + _DAY)
_TIME_OF_DAY: Final = re.compile(_DAY + r"(?![0-9])")
_LEADING: Final = re.compile(r"[\[(<]?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_US: Final = ((10**17, 1_000), (10**14, 1), (10**11, -1_000))
"""Unix time by its size: nanoseconds, microseconds, milliseconds; what is smaller is seconds (until 5138)."""
_EARLIEST_S: Final = 946_684_800  # 2000-01-01: a smaller number is no time


_FORMS: Final = (
    *((_ISO, False), (_FIX, True), (_TIME_OF_DAY, False)),
    *((_TWELVE, False), (_WORDED, False), (_DAY_FIRST, False), (_SYSLOG, False), (_CONSOLE, False)),
)
"""How times are written, and whether they are always UTC."""


@lru_cache(maxsize=2)  # each form of line asks it of the same line
def leading(text: str) -> tuple[Stamp | None, str]:
    """The time that a line begins with, in brackets or not, and the rest of the line behind it."""
    start = _LEADING.match(text)
    assert start is not None  # it matches nothing, too
    at = start.end()
    for pattern, utc in _FORMS:
        found = pattern.match(text, at)
        if found is not None and (stamp := _stamp(found, utc=utc)) is not None:
            rest = text[found.end() :]
            closing = {"[": "]", "(": ")"}.get(start[0], "")
            return stamp, rest.removeprefix(closing) if closing else rest
    return None, text


def whole(text: str) -> Stamp | None:
    """The time that a text is, or None where it is none."""
    stamp, rest = leading(text.strip())
    return stamp if not rest.strip(" ])") else None


def unix(value: Any) -> Stamp | None:
    """Unix time as a number or its text, in seconds to nanoseconds by its size."""
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{9,19}(\.[0-9]{1,9})?", value):
            return None
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < _EARLIEST_S:
        return None
    number = Decimal(value)
    for least, unit in _UNITS_US:
        if number >= least:
            return Stamp(_in_us(number, unit), Zone.UTC, max(1, -unit))
    exponent = number.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Stamp(int(number * 1_000_000), Zone.UTC, max(1, 10 ** (6 - min(places, 6))))


def http_date(text: str) -> Stamp | None:
    """A `Date` header: whole seconds, UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Stamp(_us(moment), Zone.UTC, 1_000_000) if moment >= _EPOCH else None


def in_message(message: Mapping[str, Any], names: tuple[str, ...]) -> Stamp | None:
    """The first of these fields that is a time, as a text or as unix time."""
    for name in names:
        value = message.get(name)
        stamp = unix(value)
        if stamp is None and isinstance(value, str):
            stamp = whole(value)
        if stamp is not None:
            return stamp
    return None


def _in_us(number: Decimal, unit: int) -> int:
    return int(number) // unit if unit > 0 else int(number * -unit)


def _stamp(found: re.Match[str], *, utc: bool) -> Stamp | None:
    part = found["part"] or ""
    second = min(int(found["second"] or 0), 59)  # a leap second is told as the one before
    groups = found.groupdict()
    hour = int(found["hour"]) if not groups.get("half") else int(found["hour"]) % 12
    hour += 12 if str(groups.get("half")).lower() == "p" else 0
    us = ((hour * 60 + int(found["minute"])) * 60 + second) * 1_000_000
    us += int(part[:6].ljust(6, "0"))
    resolution = 10 ** (6 - min(len(part), 6))
    if "year" not in groups:
        return Stamp(us, Zone.DAY, resolution)
    year, date = (groups[name] or groups.get(f"{name}2") for name in ("year", "date"))
    named = groups.get("name") or groups.get("name2")
    if named and named.lower() not in _MONTHS:
        return None
    month = _MONTHS.index(named.lower()) + 1 if named else int(groups["month"])
    try:
        day = datetime(int(year or 0), month, int(date or 0), tzinfo=UTC)
    except ValueError:
        return None
    zone = groups.get("zone")
    us += _us(day) - _offset_us(zone)
    if us < 0:
        return None
    return Stamp(us, Zone.UTC if utc or zone else Zone.LOCAL, resolution)


def _offset_us(zone: str | None) -> int:
    if zone is None or zone in ("Z", "UTC", "GMT"):
        return 0
    zone = zone.removeprefix("GMT")
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000_000


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
