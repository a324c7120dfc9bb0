"""How each FIX session of a run that ended badly ended."""

from __future__ import annotations

import pytest

from harness.cleaning import (
    Cleanup,
    sessions_of,
)
from harness.model import By, Event, Source
from harness.model import Kind as What

from .test_cleaning import FIX


def said(what: What, raw: str = "", by: By = By.PEER) -> Event:
    return Event(0, 0, what, FIX, by=by, data={"wire": {"raw": raw}} if raw else {})


LOGOUT = said(What.SEND, "8=FIX.4.4|35=5|", By.SESSION)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((said(What.OPEN), LOGOUT), "logged out"),
        ((said(What.OPEN), said(What.PUSH, "8=FIX.4.4|35=5|")), "logged out"),
        ((said(What.OPEN), said(What.PUSH, "8=FIX.4.4|35=0|"), said(What.CLOSED)), "ended without a logout"),
        ((said(What.OPEN), LOGOUT, said(What.OPEN)), "ended without a logout"),
    ],
)
def test_how_a_session_ended(events: tuple[Event, ...], state: str) -> None:
    """A session that was last opened and not logged out is unclean: the exchange may act on that."""
    assert sessions_of(events) == (("fix.oe(alice)", state),)
    left = Cleanup(sessions=sessions_of(events)).left
    assert left == (() if state == "logged out" else (f"FIX session fix.oe(alice): {state}",))


def test_a_session_that_was_never_opened_is_none() -> None:
    """Other channels, and sessions without a connection, are not told."""
    assert sessions_of((Event(0, 0, What.OPEN, Source("ws.user")), LOGOUT)) == ()
