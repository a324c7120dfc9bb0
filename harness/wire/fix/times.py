"""UTCTimestamp to microseconds and back; no clock is asked here (FIX 4.4 volume 1, "UTCTimestamp")."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?")


def utc_timestamp(unix_us: int) -> str:
    """Microseconds since 1970 as `20260301-12:00:00.123`, cut to milliseconds."""
    moment = _EPOCH + timedelta(microseconds=unix_us)
    return f"{moment:%Y%m%d-%H:%M:%S}.{moment.microsecond // 1000:03d}"


def unix_us(text: str) -> int | None:
    """A UTCTimestamp as microseconds since 1970, finer digits cut; None where the text is none. A leap second
    (`:60`) counts as the second after it."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if second > 60:
        return None
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    micros = int((found[7] or "0").ljust(6, "0")[:6])
    return ((moment - _EPOCH) // timedelta(seconds=1) + second) * 1_000_000 + micros
