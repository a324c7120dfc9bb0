"""Times moved by one whole number of minutes, in every form in which messages write them.

A whole number of minutes leaves seconds and their digits as they are, so that differences stay exact and
every form keeps its length. A day of the week follows its date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from harness.evidence.ticket import stamps

TIMES: Final = frozenset(
    [
        *("timestamp", "time", "ts", "t", "date", "matchtime", "lastupdate", "lastmodified", "createdat"),
        *("updatedat", "expiration", "expires", "expiresat", "acceptedat", "placedat", "executedat"),
        *("filledat", "polytimestamp", "before", "after", "startts", "endts", "startdate", "enddate"),
        *("enddateiso", "gamestarttime", "acceptingordertimestamp", "delayeduntil"),
    ]
)
"""Fields of a time, in small letters without separators; elsewhere a number near the evidence's own time."""
DATE_TAGS: Final = frozenset({64, 75, 432, 541})  # SettlDate, TradeDate, ExpireDate, MaturityDate
_FORMS: Final = re.compile(
    r"(?P<written>(?P<y>20[0-9]{2})(?P<s>[-/]?)(?P<m>[01][0-9])(?P=s)(?P<d>[0-3][0-9])"
    r"(?P<between>[T \-])(?P<H>[0-2][0-9]):(?P<M>[0-5][0-9])(?=:|[^0-9]|$))"
    r"|(?P<http>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] [A-Z][a-z]{2} 20[0-9]{2} [0-2][0-9]:[0-5][0-9])"
    r"|(?<![0-9A-Za-z])(?P<day>20[0-9]{2}-[01][0-9]-[0-3][0-9])(?![0-9T]|[ ][0-2][0-9]:)"
    r"|(?<![0-9A-Za-z.])(?P<unix>[12][0-9]{9}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?)(?![0-9A-Za-z])"
)
_HTTP: Final = "%a, %d %b %Y %H:%M"
_NEAR_US: Final = 86_400_000_000
_MINUTE_US: Final = 60_000_000


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift by whole minutes; `first_us` to `last_us` is the evidence's own time (unix microseconds)."""

    by_us: int
    first_us: int
    last_us: int

    def __post_init__(self) -> None:
        if self.by_us % _MINUTE_US:
            raise ValueError("times are shifted by whole minutes")

    def named(self, value: str) -> str:
        """The value of a field that is a time; one that is none (0, a word) as it is."""
        if stamps.unix(value) is None:
            return self.text(value)
        return self._unix(value)

    def text(self, text: str) -> str:
        """A text with every time in it shifted: written ones, and numbers near the evidence's own time."""
        return _FORMS.sub(self._one, text)

    def date(self, value: str) -> str:
        """A date of FIX: YYYYMMDD."""
        try:
            day = datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            return value
        return f"{self._moved(day):%Y%m%d}"

    def _one(self, found: re.Match[str]) -> str:
        try:
            return self._shifted(found)
        except (ValueError, OverflowError):  # the 31st of February: no time
            return found[0]

    def _shifted(self, found: re.Match[str]) -> str:
        if found["unix"] is not None:
            stamp = stamps.unix(found["unix"])
            near = stamp is not None and self.first_us - _NEAR_US <= stamp.us <= self.last_us + _NEAR_US
            return self._unix(found["unix"]) if near else found[0]
        if found["http"] is not None:
            return f"{self._moved(datetime.strptime(found['http'], _HTTP).replace(tzinfo=UTC)):{_HTTP}}"
        if found["day"] is not None:
            return f"{self._moved(datetime.strptime(found['day'], '%Y-%m-%d').replace(tzinfo=UTC)):%Y-%m-%d}"
        year, month, day, hour, minute = (int(found[name]) for name in ("y", "m", "d", "H", "M"))
        moment = self._moved(datetime(year, month, day, hour, minute, tzinfo=UTC))
        s = found["s"]
        return f"{moment:%Y{s}%m{s}%d}{found['between']}{moment:%H:%M}"

    def _moved(self, moment: datetime) -> datetime:
        return moment + timedelta(microseconds=self.by_us)

    def _unix(self, value: str) -> str:
        number = Decimal(value)
        digits = len(value.partition(".")[0])
        unit = 10 ** max(digits - 10, 0)
        return f"{number + self.by_us // 1_000_000 * unit:f}"


def times_in(text: str) -> Iterator[str]:
    """Every time in a text as it is written, to the minute at least; for looking whether any is left."""
    for found in _FORMS.finditer(text):
        if found["day"] is None:
            yield found[0]
