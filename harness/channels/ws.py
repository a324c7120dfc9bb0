"""The ws channel: one actor's WebSocket, through websockets; a thread reads it and keeps it alive."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Final

from websockets.exceptions import ProtocolError

from harness import exactjson
from harness.accounts import Account
from harness.channels.dial import Dial
from harness.channels.faults import CUT, marked
from harness.channels.wsconnection import WsConnection
from harness.channels.wsframes import POLICY, End, WsBounds
from harness.channels.wsopening import NotOpenedError, Opening
from harness.clock import Clock
from harness.errors import CaseError, HarnessError, Place, Problem
from harness.model import By
from harness.targets import origin_of
from harness.wire import ws
from harness.world import Intent, Line, StreamLine

PING_EVERY_S: Final = {"rtds": 5}
"""How often a stream says PING, as text, or is dropped (CLOB docs: every 10 s; RTDS docs: every 5 s)."""
PING_OTHERWISE_S: Final = 10
NOT_OPEN: Final = "there is no WebSocket connection"
_OPENING: Final = frozenset({"subscribe", "send", "raw"})
_ANSWERED: Final = frozenset({"subscribe", "unsubscribe"})


class WsDriver:
    """A WebSocket of one actor, opened by what is first said on it; after its end, opened anew."""

    def __init__(
        self,
        url: str,
        stream: str,
        account: Account | None,
        line: StreamLine,
        clock: Clock,
        dial: Dial,
        *,
        bounds: WsBounds | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`bounds` and `tls`: how much and how long, and whom to trust, where not as usual."""
        self._url = url
        self._stream = stream
        self._account = account
        self._line = line
        self._clock = clock
        self._dial = dial
        self._bounds = bounds or WsBounds()
        self._tls = tls
        self._ping_every_us = PING_EVERY_S.get(stream, PING_OTHERWISE_S) * 1_000_000
        self._lock = threading.Lock()
        self._connection: WsConnection | None = None
        self._reader: threading.Thread | None = None

    def send(self, intent: Intent, line: Line) -> None:
        """Subscribe, say something, close, or have a fault happen; any thread may ask, one is served.

        Subscriptions, and what is sent as it is, open the channel where it is not open. Raises TargetError
        where it does not open, CaseError for a close that WebSocket does not know.
        """
        fault = intent.get("fault")
        with self._lock:
            connection = self._live()
            first = connection is None
            if connection is None and _OPENING & intent.keys():
                connection = self._connect()
            text = self._text(intent, first)
            wire = {} if text is None else ws.text_wire(text)
            if "close" in intent:
                wire = {"close": ws.close_of(intent["close"])}
            marked(line, fault).sent(wire)
            if connection is None:
                line.lost(NOT_OPEN)
                return
            self._say(connection, intent, text)
            if fault is not None:
                connection.settle()
                connection.faults.begin(fault)
            if fault == CUT or ("close" in intent and fault is None):
                self._join()

    def probe(self) -> None:
        """Say PING where the channel is open and listens."""
        with self._lock:
            connection = self._live()
            if connection is not None and not connection.faults.is_deaf:
                self._ping(connection)

    def close(self) -> None:
        """Close the socket and wait for the reader to end."""
        with self._lock:
            connection = self._live()
            if connection is not None and connection.faults.is_deaf:
                connection.faults.begin(CUT)  # the other side's goodbye would never be read
            elif connection is not None:
                connection.say_goodbye(1000, "")
            elif self._connection is not None:
                self._connection.leave()
            self._join()

    def _live(self) -> WsConnection | None:
        """The connection, where it has not come to its end."""
        connection = self._connection
        return connection if connection is not None and connection.end is None else None

    def _text(self, intent: Intent, first: bool) -> str | None:
        """The text frame that an intent means; None where it means none."""
        if "raw" in intent:
            return str(intent["raw"])
        if "send" in intent:
            return exactjson.dumps(intent["send"])
        if "unsubscribe" in intent:
            return exactjson.dumps(
                ws.update_message(intent["unsubscribe"], "unsubscribe", channel=self._stream)
            )
        if "subscribe" not in intent:
            return None
        fields = intent["subscribe"]
        if first:
            return exactjson.dumps(ws.first_message(self._stream, fields, self._auth()))
        return exactjson.dumps(ws.update_message(fields, channel=self._stream))

    def _say(self, connection: WsConnection, intent: Intent, text: str | None) -> None:
        if text is not None:
            connection.say(text)
            if _ANSWERED & intent.keys():
                self._ping(connection)
        elif "close" in intent:
            said = ws.close_of(intent["close"])
            try:
                connection.say_goodbye(said["code"], said["reason"])
            except ProtocolError as error:
                text = f"WebSocket knows no such close: {error}"
                raise CaseError([Problem(Place(self._url), "C024", text)]) from None

    def _connect(self) -> WsConnection:
        if self._connection is not None:
            self._connection.leave()
        self._join()
        held, early = self._opened()
        self._connection = connection = WsConnection(held, early, self._clock, self._bounds)
        self._line.opened()
        self._reader = threading.Thread(target=self._read, args=(connection,), name=self._url, daemon=True)
        self._reader.start()
        return connection

    def _opened(self) -> tuple[socket.socket, bytes]:
        """A socket behind the handshake; tried again when the other side says, with a dial that waits."""
        while True:
            try:
                return Opening(self._url, self._dial, self._clock, self._bounds).open(self._tls)
            except NotOpenedError as refused:
                if not self._dial.waits(origin_of(self._url), refused.said):
                    raise

    def _join(self) -> None:
        """Wait until the end of what was open is reported and its socket is given back."""
        if self._reader is not None:
            self._reader.join()
        self._connection = self._reader = None

    def _read(self, connection: WsConnection) -> None:
        try:
            self._listen(connection)
        except HarnessError as error:  # the run's record takes nothing more
            connection.give_up(POLICY, error.code, error.text)
        end = connection.end or End(None, NOT_OPEN)
        try:
            self._line.closed(end.code, end.reason, By.SESSION if end.ours else By.PEER)
        finally:
            connection.linger()

    def _listen(self, connection: WsConnection) -> None:
        ping_us = self._clock.now_us() + self._ping_every_us
        while connection.end is None:
            if self._clock.now_us() >= ping_us:
                ping_us = self._clock.now_us() + self._ping_every_us
                if not connection.faults.is_deaf:
                    self._ping(connection)
            for text in connection.hear(ping_us):
                if not connection.pace():
                    return
                wire = ws.text_wire(text)
                self._line.pushed(wire, By.SESSION if ws.is_keepalive(wire) else By.PEER)

    def _ping(self, connection: WsConnection) -> None:
        self._line.said(ws.text_wire(ws.PING))
        connection.say(ws.PING)

    def _auth(self) -> dict[str, str] | None:
        account = self._account
        if self._stream != "user" or account is None:
            return None
        return {"apiKey": account.api_key, "secret": account.secret, "passphrase": account.passphrase}
