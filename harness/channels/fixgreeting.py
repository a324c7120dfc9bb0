"""Whether the engine behind a FIX gateway's port answers: a Logon is said, and a Logout where it is taken.

A port may take connections long after the engine behind it has stopped: a kernel or a proxy does that. Only
an answer shows that somebody is there, and any message is one: also a Logout that refuses.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final

from harness.channels.address import FixAddress
from harness.channels.dial import Dial
from harness.clock import Clock
from harness.notnow import is_logout
from harness.wire.fix import written
from harness.wire.fix.events import Close, Sent
from harness.wire.fix.rules import SECOND_US, Config, State
from harness.wire.fix.session import Session

CONNECT_S: Final = 5
_LEAVE_S: Final = 2
_READ_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a Logon: `raw` is the first that came, as FIX is shown, and empty where nothing did."""

    raw: str = ""
    logged_on: bool = False
    hung_up: bool = False

    @property
    def answered(self) -> bool:
        """Whether an engine is there."""
        return bool(self.raw)

    @property
    def is_there(self) -> bool:
        """Whether somebody heard it, if only to hang up."""
        return bool(self.raw) or self.hung_up

    def __str__(self) -> str:
        if self.logged_on:
            return "logs on and off again"
        if self.raw:
            text = next((each[3:] for each in self.raw.split("|") if each.startswith("58=")), "")
            what = "a Logout" if is_logout(self.raw) else "another message"
            return f"answers a Logon with {what}: {text or self.raw}"
        if self.hung_up:
            return "takes a connection, and hangs up at a Logon"
        return "takes a connection, and no engine behind it answers a Logon"


def greeted(address: FixAddress, dial: Dial, clock: Clock, answer_s: int) -> Heard:
    """Log a session on and off again; both of its numbers begin at 1. `answer_s`: what its Logon waits for.

    Raises OSError where no connection is taken, GuardError.
    """
    if dial.patience is not None:
        dial.patience.turn()
    config = Config(
        address.begin_string,
        address.sender,
        address.target,
        sending_time_tolerance_us=None,
        logon_timeout_us=(answer_s + 1) * SECOND_US,
        epoch_us=clock.started_wall_us,
    )
    with dial.connect(address.host, address.port, CONNECT_S) as opened:
        talk = _Talk(opened, Session(config), clock)
        try:
            return talk.greet(address, answer_s)
        except OSError:  # it was reset
            return Heard(talk.raw, hung_up=True)


class _Talk:
    """A Logon and what follows, read where this thread stands."""

    def __init__(self, opened: socket.socket, session: Session, clock: Clock) -> None:
        self._opened, self._session, self._clock = opened, session, clock
        self.raw = ""

    def greet(self, address: FixAddress, answer_s: int) -> Heard:
        session, clock = self._session, self._clock
        session.connected(clock.now_us())
        self._opened.sendall(session.logon(clock.now_us(), reset=True, sign=address.sign))
        ended = self._hear(answer_s, until_answered=True)
        logged_on = session.state is State.ACTIVE
        if logged_on:
            self._opened.sendall(session.logout(clock.now_us()))
            self._hear(_LEAVE_S)
        return Heard(self.raw, logged_on, ended)

    def _hear(self, within_s: int, *, until_answered: bool = False) -> bool:
        """Take what comes, in time; whether the other side has ended it, or we have to."""
        due_us = self._clock.now_us() + within_s * SECOND_US
        while (left_us := due_us - self._clock.now_us()) > 0:
            self._opened.settimeout(left_us / SECOND_US)
            try:
                data = self._opened.recv(_READ_BYTES)
            except TimeoutError:
                break
            if not data:
                return True
            events = self._session.receive(data, self._clock.now_us())
            self.raw = self.raw or written.show(data)
            for event in events:
                if isinstance(event, Sent):
                    self._opened.sendall(event.raw)
            if any(isinstance(event, Close) for event in events):
                return True
            if until_answered and self._session.state is not State.LOGON_SENT:
                break
        return False
