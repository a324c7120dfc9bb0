"""Trying the WebSockets: each opens, takes what comes first on it, and answers PING with PONG."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from harness import exactjson
from harness.accounts import Account
from harness.channels.wsconnection import WsConnection
from harness.channels.wsframes import End, WsBounds
from harness.channels.wsopening import Opening
from harness.clock import RunClock
from harness.errors import GuardError, TargetError
from harness.finding import ending
from harness.trying.accounts import opened
from harness.trying.places import Places
from harness.trying.rows import Row, State, absent, attempted
from harness.wire import ws

ANSWER_S: Final = 5
_EVERYTHING: Final[Mapping[str, Any]] = {"assets_ids": [], "custom_feature_enabled": True}
"""A subscription that is valid whatever markets there are (CLOB docs, market channel)."""
_NOBODY: Final = {
    "apiKey": "00000000-0000-0000-0000-000000000000",
    "secret": "A" * 43 + "=",
    "passphrase": "0" * 64,
}
_ENOUGH: Final = 2
"""Of so many accounts one is to have an API key, or the channel is tried without."""
_SECOND_US: Final = 1_000_000


def market(places: Places) -> Iterator[Row]:
    """The market channel."""
    yield _stream(places, "ws", "ws.market", "/ws/market", _answered)


def user(places: Places) -> Iterator[Row]:
    """The user channel, with the API key of an account that the target lends; without one it has to refuse a
    key that nobody has.
    """
    account = _lent(places) if places.url("ws") else None
    act = _refuses if account is None else partial(_takes, account)
    yield _stream(places, "ws", "ws.user", "/ws/user", act)


def rtds(places: Places) -> Iterator[Row]:
    """The real-time data stream."""
    yield _stream(places, "rtds", "rtds", "", _answered)


def _stream(
    places: Places, channel: str, what: str, path: str, act: Callable[[_Talk, str], tuple[State, str]]
) -> Row:
    if not places.url(channel):
        return absent(what)

    def asked() -> Row:
        dial, clock, bounds = places.dial(channel), RunClock(), WsBounds(close_us=_SECOND_US)
        held, early = Opening(places.url(channel) + path, dial, clock, bounds).open()
        talk = _Talk(WsConnection(held, early, clock, bounds), clock)
        try:
            state, found = act(talk, what.rpartition(".")[2])
        finally:
            talk.leave()
        then = "" if state is State.WORKS else "is this the address of the exchange's WebSocket?"
        return Row(what, where, state, f"{places.led(channel, dial)}{found}", then)

    where = places.shown(channel) + ("" if channel in places.target.named else path)
    return attempted(what, where, asked)


def _answered(talk: _Talk, stream: str) -> tuple[State, str]:
    """Whether PING is answered; on the exchange's own channels nothing may be said before a subscription."""
    if stream != ws.RTDS:
        talk.say(exactjson.dumps(ws.first_message(stream, _EVERYTHING, None)))
    return _pinged(talk, "opens")


def _takes(account: Account, talk: _Talk, stream: str) -> tuple[State, str]:
    """Whether an account's key is taken: what is refused is closed, and answers no PING."""
    keys = {"apiKey": account.api_key, "secret": account.secret, "passphrase": account.passphrase}
    talk.say(exactjson.dumps(ws.first_message(stream, {}, keys)))
    return _pinged(talk, f"opens with the API key of {account.name}")


def _lent(places: Places) -> Account | None:
    """An account that is lent and has an API key; which of them have none is told elsewhere."""
    for entry in places.target.pool.entries[:_ENOUGH]:
        with contextlib.suppress(TargetError, GuardError):
            if (account := opened(places, entry)) is not None:
                return account
    return None


def _pinged(talk: _Talk, opens: str) -> tuple[State, str]:
    talk.say(ws.PING)
    if talk.until(ws.PONG):
        return State.WORKS, f"{opens}, and answers PING"
    if talk.end is not None:
        return State.SILENT, f"{opens}, and ends: {ending(talk.end.code, talk.end.reason)}"
    return State.SILENT, f"{opens}, and does not answer PING within {ANSWER_S} s"


def _refuses(talk: _Talk, stream: str) -> tuple[State, str]:
    talk.say(exactjson.dumps(ws.first_message(stream, {}, _NOBODY)))
    talk.until(None)
    if talk.end is None:
        return State.WORKS, f"opens; within {ANSWER_S} s it does not refuse a key that nobody has"
    return State.WORKS, f"opens, and refuses a key that nobody has: {ending(talk.end.code, talk.end.reason)}"


class _Talk:
    """A few frames on one connection, read where this thread stands."""

    def __init__(self, connection: WsConnection, clock: RunClock) -> None:
        self._connection = connection
        self._clock = clock

    @property
    def end(self) -> End | None:
        """How it ended; None where it has not."""
        return self._connection.end

    def say(self, text: str) -> None:
        """Have a text go out."""
        self._connection.say(text)

    def until(self, text: str | None) -> bool:
        """Whether this text comes before the connection ends, and in time."""
        due_us = self._clock.now_us() + ANSWER_S * _SECOND_US
        while self.end is None and self._clock.now_us() < due_us:
            if text in self._connection.hear(due_us):
                return True
        return False

    def leave(self) -> None:
        """Close, and wait a second at most for the other side's close."""
        if self.end is None:
            self._connection.say_goodbye(1000, "")
            self.until_closed()
        self._connection.linger()

    def until_closed(self) -> None:
        """Hear what comes until the connection has ended, which our close has a second for."""
        while self.end is None:
            self._connection.hear(self._clock.now_us() + _SECOND_US)
