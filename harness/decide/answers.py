"""Answers of a stream to what we asked: a subscription accepted, a FIX logon or logout answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from harness.decide.waits import end_shown, why
from harness.finding import Decision, Finding, Pending, seconds
from harness.matchers import NOTHING
from harness.model import Event, Kind

SUBSCRIBED_US: Final = 5_000_000
"""A subscription is accepted when anything but a close comes back within this time."""


def decide_subscribed(subject: str, events: Sequence[Event], sent: Event, horizon_us: int) -> Decision:
    """Decide a subscription: anything that comes back but a close, within its time, accepts it."""
    until_us = sent.at_us + SUBSCRIBED_US
    for event in events:
        if event.number < sent.number or event.at_us > until_us:
            continue
        if event.kind is Kind.CLOSED and event.at_us <= horizon_us:
            text = f"was refused: the connection was closed ({why(event)})"
            return Finding(subject, False, event.at_us, text, end_shown(event), events=(event.number,))
        if event.kind is Kind.PUSH:
            return Finding(subject, True, event.at_us, "subscribed", events=(event.number,))
    if horizon_us < until_us:
        return Pending(f"the subscription was watched until {seconds(horizon_us)}")
    return Finding(subject, False, until_us, f"was not answered within {seconds(SUBSCRIBED_US)}", NOTHING)


ANSWERED: Final = {"logon": ("Logon", False), "logout": ("Logout", True)}
"""FIX verbs that the peer answers: with what, and whether closing is an answer too."""


def decide_answered(
    subject: str,
    verb: str,
    events: Sequence[Event],
    messages: Callable[[Event], Sequence[Any]],
    sent: Event,
    horizon_us: int,
) -> Decision:
    """Decide a FIX logon or logout: the same message answers; a Logout to a Logon refuses."""
    answer, close_is_one = ANSWERED[verb]
    until_us = sent.at_us + SUBSCRIBED_US
    for event in events:
        if event.number < sent.number or event.at_us > until_us:
            continue
        if event.kind is Kind.CLOSED and event.at_us <= horizon_us:
            text = f"the connection was closed ({why(event)})"
            return Finding(subject, close_is_one, event.at_us, text, end_shown(event), events=(event.number,))
        for view in messages(event) if event.kind is Kind.PUSH else ():
            name = next(iter(view), "")
            if name in (answer, "Logout"):
                text = f"{name} came" if name == answer else f"was refused: {view[name].get('Text', name)}"
                return Finding(subject, name == answer, event.at_us, text, view, events=(event.number,))
    if horizon_us < until_us:
        return Pending(f"the answer was waited for until {seconds(horizon_us)}")
    return Finding(subject, False, until_us, f"was not answered within {seconds(SUBSCRIBED_US)}", NOTHING)
