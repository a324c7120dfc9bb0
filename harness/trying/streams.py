"""Trying the WebSockets: each opens, takes what comes first on it, and answers PING with PONG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from harness import exactjson
from harness.channels.wsconnection import WsConnection
from harness.channels.wsframes import End, WsBounds
from harness.channels.wsopening import Opening
from harness.clock import RunClock
from harness.finding import ending
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
_SECOND_US: Final = 1_000_000


def market(places: Places) -> Iterator[Row]:
    """The market channel."""
    yield _stream(places, "ws", "ws.market", "/ws/market", _answered)


def user(places: Places) -> Iterator[Row]:
    """The user channel, as far as it opens without an account: a key that nobody has is refused."""
    yield _stream(places, "ws", "ws.user", "/ws/user", _refuses)


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
    talk.say(ws.PING)
    if talk.until(ws.PONG):
        return State.WORKS, "opens, and answers PING"
    if talk.end is not None:
        return State.SILENT, f"opens, and ends: {ending(talk.end.code, talk.end.reason)}"
    return State.SILENT, f"opens, and does not answer PING within {ANSWER_S} s"


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
