"""Deciding waits: pure functions of what came, of stamps, and of how far it was watched.

Live and replay call the same functions with the same values, so a verdict cannot depend on when the runner
happened to look.
"""

from harness.decide.answers import (
    ANSWERED,
    SUBSCRIBED_US,
    decide_answered,
    decide_expected,
    decide_subscribed,
)
from harness.decide.reads import MORE_PAGES, Attempt, decide_poll
from harness.decide.waits import Watched, decide_wait, end_shown, stream_end, stream_items, why
from harness.decide.wanted import INSTEAD, Item, Key, Resolve, Wanted

__all__ = [
    "ANSWERED",
    "INSTEAD",
    "MORE_PAGES",
    "SUBSCRIBED_US",
    "Attempt",
    "Item",
    "Key",
    "Resolve",
    "Wanted",
    "Watched",
    "decide_answered",
    "decide_expected",
    "decide_poll",
    "decide_subscribed",
    "decide_wait",
    "end_shown",
    "stream_end",
    "stream_items",
    "why",
]
