"""Times as logs write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import Stamp, Zone

MOMENT_US = 1_772_460_301_123_000  # 2026-03-02T14:05:01.123Z


@pytest.mark.parametrize(
    ("text", "us", "zone", "resolution_us", "rest"),
    [
        ("2026-03-02 14:05:01,123 INFO x", MOMENT_US, Zone.LOCAL, 1_000, " INFO x"),
        ("[2026-03-02T14:05:01.123456Z] y", MOMENT_US + 456, Zone.UTC, 1, " y"),
        ("2026-03-02T15:05:01.123+01:00", MOMENT_US, Zone.UTC, 1_000, ""),
        ("2026-03-02T08:35:01.123-0530 z", MOMENT_US, Zone.UTC, 1_000, " z"),
        ("2026/03/02 14:05:01 UTC", MOMENT_US - 123_000, Zone.UTC, 1_000_000, ""),
        ("20260302-14:05:01.123 : 8=FIX", MOMENT_US, Zone.UTC, 1_000, " : 8=FIX"),
        ("<20260302-14:05:01.123456789, FIX", MOMENT_US + 456, Zone.UTC, 1, ", FIX"),
        ("[02/Mar/2026:06:05:01 -0800] GET", MOMENT_US - 123_000, Zone.UTC, 1_000_000, " GET"),
        ("02/Mar/2026 14:05:01 x", MOMENT_US - 123_000, Zone.LOCAL, 1_000_000, " x"),
        ("Mar 2, 2026 @ 14:05:01.123", MOMENT_US, Zone.LOCAL, 1_000, ""),
        ("02.03.2026 14:05:01 y", MOMENT_US - 123_000, Zone.LOCAL, 1_000_000, " y"),
        ("Mar  2 14:05:01 host z", 50_701_000_000, Zone.DAY, 1_000_000, " host z"),
        ("14:05:01.5 frame", 50_701_500_000, Zone.DAY, 100_000, " frame"),
        ("(14:05:01) frame", 50_701_000_000, Zone.DAY, 1_000_000, " frame"),
        ("2016-12-31T23:59:60Z", 1_483_228_799_000_000, Zone.UTC, 1_000_000, ""),
    ],
)
def test_leading(text: str, us: int, zone: Zone, resolution_us: int, rest: str) -> None:
    """A line's leading time is read to its last digit, with the zone that it names and no other."""
    assert stamps.leading(text) == (Stamp(us, zone, resolution_us), rest)


@pytest.mark.parametrize(
    "text",
    ["", "order 12:5", "2026-13-02 14:05:01", "25:00:00", "1970", "Foo 2, 2026 14:05:01", "x 14:05:01"],
)
def test_no_time(text: str) -> None:
    """A line that begins with no time is left as it is."""
    assert stamps.leading(text) == (None, text)


@pytest.mark.parametrize(
    ("value", "us", "resolution_us"),
    [
        (1_772_460_301, MOMENT_US - 123_000, 1_000_000),
        ("1772460301", MOMENT_US - 123_000, 1_000_000),
        (Decimal("1772460301.123"), MOMENT_US, 1_000),
        (1_772_460_301_123, MOMENT_US, 1_000),
        (1_772_460_301_123_456, MOMENT_US + 456, 1),
        ("1772460301123456789", MOMENT_US + 456, 1),
    ],
)
def test_unix(value: object, us: int, resolution_us: int) -> None:
    """Unix time is told apart by its size: seconds, milliseconds, microseconds, nanoseconds."""
    assert stamps.unix(value) == Stamp(us, Zone.UTC, resolution_us)


@pytest.mark.parametrize("value", [True, None, 5, "0.52", "12345", [], "1772460301x", -1])
def test_no_unix_time(value: object) -> None:
    """A price, a size, a flag is no time."""
    assert stamps.unix(value) is None


def test_http_date() -> None:
    """A Date header is whole seconds in UTC, and what is none is none."""
    assert stamps.http_date("Mon, 02 Mar 2026 14:05:01 GMT") == Stamp(
        MOMENT_US - 123_000, Zone.UTC, 1_000_000
    )
    assert stamps.http_date("yesterday") is None


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Whatever stands in a log, reading its time raises nothing and loses nothing of the line."""
    stamp, rest = stamps.leading(text)
    assert rest == text if stamp is None else text.endswith(rest.removeprefix("]").removeprefix(")"))
