"""Answers of a stream to what we asked: a subscription accepted, a FIX logon or logout answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from harness.decide.waits import end_shown, why
from harness.decide.wanted import Resolve
from harness.finding import Decision, Finding, Pending, seconds
from harness.matchers import NOTHING, REFUSED, Expectation, match
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
            shown = end_shown(event)
            return Finding(subject, False, event.at_us, text, shown, events=(event.number,), refused=True)
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
            shown, numbers = end_shown(event), (event.number,)
            return Finding(subject, close_is_one, event.at_us, text, shown, events=numbers)
        for view in messages(event) if event.kind is Kind.PUSH else ():
            name = next(iter(view), "")
            if name in (answer, "Logout"):
                text = f"{name} came" if name == answer else f"was refused: {view[name].get('Text', name)}"
                said_no, numbers = name != answer, (event.number,)
                return Finding(subject, not said_no, event.at_us, text, view, events=numbers, refused=said_no)
    if horizon_us < until_us:
        return Pending(f"the answer was waited for until {seconds(horizon_us)}")
    return Finding(subject, False, until_us, f"was not answered within {seconds(SUBSCRIBED_US)}", NOTHING)


def decide_expected(expect: Expectation, resolve: Resolve, finding: Finding) -> Finding:
    """Judge a send that is expected to be refused, closed upon or left without an answer."""
    if finding.holds:
        text = f"was accepted ({finding.text}), and should not be"
        differences = match(expect, finding.shown, resolve)
        return replace(finding, holds=False, text=text, differences=differences)
    marks = [finding.shown, REFUSED] if finding.refused else [finding.shown]
    wrong = [match(expect, mark, resolve) for mark in marks]
    if not all(wrong):
        return replace(finding, holds=True, text=f"{finding.text}, as expected")
    return replace(finding, differences=wrong[0])
