"""From a cause and what the case says to a window; and what is said where a window reaches too far."""

from __future__ import annotations

from typing import Final

from harness.errors import CassetteStale
from harness.finding import Pending, Window, seconds
from harness.model import Event

WATCH_MORE_US: Final = 60_000_000
"""A missed deadline is watched for as long again as the window was, at most this much."""

LIFE_US: Final = 2_000_000
"""Silence counts where a sign of life came in its window, or so soon after it: an answer to our PING."""


def window_from(cause: Event, within_us: int, watch_us: int | None, *, watching: bool) -> Window:
    """The window that starts at its cause; where a missed deadline is watched on, it ends later."""
    deadline_us = cause.at_us + within_us
    more_us = 0
    if watching:
        more_us = min(within_us, WATCH_MORE_US) if watch_us is None else max(0, watch_us - within_us)
    return Window(cause.number, cause.at_us, deadline_us, deadline_us + more_us)


def beyond(subject: str, pending: Pending, deadline_us: int) -> CassetteStale:
    """The error of a window that reaches past what was recorded (the case asks for more than there is)."""
    return CassetteStale(
        "K007",
        f"{subject}: the recording does not reach far enough: {pending.text}, "
        f"the case asks until {seconds(deadline_us)}. Shorten the window, or record again.",
    )
