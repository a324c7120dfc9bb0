"""Deciding waits: pure functions of what came, of stamps, and of how far it was watched.

Live and replay call the same functions with the same values, so a verdict cannot depend on when the runner
happened to look.
"""

from harness.decide.answers import ANSWERED, SUBSCRIBED_US, decide_answered, decide_subscribed
from harness.decide.reads import Attempt, decide_poll
from harness.decide.waits import Item, Key, Resolve, Wanted, Watched, decide_wait, stream_end, stream_items

__all__ = [
    "ANSWERED",
    "SUBSCRIBED_US",
    "Attempt",
    "Item",
    "Key",
    "Resolve",
    "Wanted",
    "Watched",
    "decide_answered",
    "decide_poll",
    "decide_subscribed",
    "decide_wait",
    "stream_end",
    "stream_items",
]
