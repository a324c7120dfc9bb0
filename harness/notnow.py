"""When an exchange says *not now*, as values: too many requests, a restart, a mode that takes no orders.

Sources: RFC 9110 (`Retry-After`, 503), RFC 6585 (429), RFC 8470 (425); CLOB docs, rate limits and matching
engine; RFC 6455 and its registry (close codes 1012 and 1013). Time is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

from harness.wire import http

HALTS: Final = ("post-only mode", "Trading is currently cancel-only", "Trading is currently disabled")
"""How the exchange begins to refuse orders while it takes none (CLOB docs, error codes): all with 503."""
CLOSES: Final = {1012: "service restart", 1013: "try again later"}
"""Close codes by which a WebSocket's server says that it goes away for a while."""
_LEAVES: Final = re.compile(r"maintenance|restart|shut(?:ting|s)? ?down|try again|too many", re.IGNORECASE)
_LEFT: Final = re.compile(r"(?:poly-|x-)?ratelimit-remaining")
_RESET: Final = re.compile(r"(?:poly-|x-)?ratelimit-reset")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}")
_UNIX_FROM: Final = 1_000_000_000
"""A reset of at least so much is a moment (unix seconds), less is a number of seconds from now."""
_SECOND_US: Final = 1_000_000
_WORDS: Final = 120


class Why(StrEnum):
    """What keeps the exchange from answering now."""

    LIMIT = "too many requests"
    RESTART = "a restart"
    MODE = "maintenance"
    AWAY = "not there"


@dataclass(frozen=True, slots=True)
class NotNow:
    """The exchange's word that it does not take something now: `words` are its own, `wait_us` as it asks."""

    why: Why
    words: str
    wait_us: int | None = None
    of_account: bool = False
    """Whether it is one account's bucket that is empty, and not the address that asked too much."""

    def __str__(self) -> str:
        return f"{self.words} ({self.why})"


def not_now(wire: Mapping[str, Any], now_wall_us: int) -> NotNow | None:
    """What an HTTP answer says, where that is *not now*; None for any other.

    429 and 425 always are; 503 is where it says one of the exchange's modes, or when to come again: any other
    503 is a failure.
    """
    status, body = wire.get("status"), http.body_value(wire)
    error = str(body.get("error", "")) if isinstance(body, Mapping) else ""
    headers: Mapping[str, str] = wire.get("headers") or {}
    wait_us = retry_after_us(headers, body, now_wall_us)
    words = f"{status} {error or ('' if isinstance(body, Mapping) else str(body))}".strip()[:_WORDS]
    if status == 429:
        left, _ = bucket_told(headers, now_wall_us)
        return NotNow(Why.LIMIT, words, wait_us, left is not None)
    if status == 425:
        return NotNow(Why.RESTART, words, wait_us)
    if status == 503 and (error.startswith(HALTS) or wait_us is not None):
        return NotNow(Why.MODE, words, wait_us)
    return None


def halted(wire: Mapping[str, Any]) -> bool:
    """Whether an answer says that no orders are taken now: a refusal, although it is a 5xx."""
    body = http.body_value(wire)
    text = str(body.get("error", "")) if isinstance(body, Mapping) else ""
    return wire.get("status") == 503 and text.startswith(HALTS)


def goodbye(code: int | None, reason: str) -> NotNow | None:
    """What the end of a WebSocket says, where that is *not now*."""
    if code not in CLOSES:
        return None
    why = Why.RESTART if code == 1012 else Why.LIMIT
    return NotNow(why, f"close {code} {reason or CLOSES[code]}"[:_WORDS])


def logout(text: str) -> NotNow | None:
    """What the text (58) of a FIX Logout says, where that is *not now*."""
    found = _LEAVES.search(text)
    if found is None:
        return None
    why = Why.LIMIT if found[0].lower() == "too many" else Why.MODE
    return NotNow(why, f"Logout: {text}"[:_WORDS])


def farewell(raw: str) -> NotNow | None:
    """What a FIX message as it is shown, `|` between its fields, says where it is a Logout for *not now*."""
    if not is_logout(raw):
        return None
    return logout(next((each[3:] for each in raw.split("|") if each.startswith("58=")), ""))


def is_logout(raw: str) -> bool:
    """Whether a FIX message as it is shown is a Logout."""
    return "35=5" in raw.split("|")


def retry_after_us(headers: Mapping[str, str], body: Any, now_wall_us: int) -> int | None:
    """How long an answer asks to wait: seconds or a date, or a number in its body; None where it does not.

    A date counts from the answer's own, so that two clocks that differ do not matter.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit() and len(said) <= 9:
        return int(said) * _SECOND_US
    at_us = _date_us(said)
    if at_us is not None:
        return max(0, at_us - (_date_us(headers.get("date", "")) or now_wall_us))
    seconds = body.get("retry_after_seconds") if isinstance(body, Mapping) else None
    return seconds * _SECOND_US if type(seconds) is int and 0 <= seconds < 10**9 else None


def bucket_told(headers: Mapping[str, str], now_wall_us: int) -> tuple[int | None, int]:
    """What is left of a bucket by the headers of an answer (None: they do not say), and until when it is
    refilled, in microseconds from now."""
    left = next((_number(value) for name, value in headers.items() if _LEFT.fullmatch(name)), None)
    reset = next((_number(value) for name, value in headers.items() if _RESET.fullmatch(name)), None)
    if reset is None:
        return left, 0
    if reset < _UNIX_FROM:
        return left, max(0, reset) * _SECOND_US
    return left, max(0, reset * _SECOND_US - (_date_us(headers.get("date", "")) or now_wall_us))


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


def _date_us(text: str) -> int | None:
    try:
        return int(parsedate_to_datetime(text).timestamp()) * _SECOND_US if text else None
    except (ValueError, OverflowError):
        return None
