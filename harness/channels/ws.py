"""The ws channel: one actor's WebSocket, through websockets; a thread reads it and keeps it alive."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack
from typing import Any, Final, cast

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI, ProtocolError
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from harness import exactjson
from harness.accounts import Account
from harness.channels.dial import Dial
from harness.channels.faults import CUT, WE_CUT, FaultySocket, marked
from harness.clock import Clock
from harness.errors import CaseError, Place, Problem, TargetError
from harness.model import By
from harness.wire import ws
from harness.world import Intent, Line, StreamLine

PING_EVERY_S: Final = {"rtds": 5}
"""How often a stream says PING, as text, or is dropped (CLOB docs: every 10 s; RTDS docs: every 5 s)."""
PING_OTHERWISE_S: Final = 10
OPEN_S: Final = 5
CLOSE_S: Final = 5
"""How long we wait for the other side's half of a closing handshake."""
FRAME_BYTES: Final = 1024 * 1024
"""The largest message accepted; websockets' own default."""
SLOW_BYTES: Final = 4096
"""What a slow reader takes from the socket at a time; it takes one message each time, too."""
NOT_OPEN: Final = "there is no WebSocket connection"
_OPENING: Final = frozenset({"subscribe", "send", "raw"})
_ANSWERED: Final = frozenset({"subscribe", "unsubscribe"})


class _Connection(ClientConnection):
    """websockets' connection, over a socket that goes wrong on demand."""

    def __init__(self, sock: socket.socket, protocol: ClientProtocol, **options: Any) -> None:
        self.faults = FaultySocket(sock, SLOW_BYTES)
        super().__init__(cast("socket.socket", self.faults), protocol, **options)

    def say_goodbye(self, code: int, reason: str) -> None:
        """Send a close frame and do not wait for the other side's."""
        with self.protocol_mutex:
            self.protocol.send_close(code, reason)
            self.send_data()


class WsDriver:
    """A WebSocket of one actor, opened by what is first said on it; after its end, opened anew."""

    def __init__(
        self, url: str, stream: str, account: Account | None, line: StreamLine, clock: Clock, dial: Dial
    ) -> None:
        self._url = url
        self._stream = stream
        self._account = account
        self._line = line
        self._clock = clock
        self._dial = dial
        self._ping_every_us = PING_EVERY_S.get(stream, PING_OTHERWISE_S) * 1_000_000
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._connection: _Connection | None = None
        self._reader: threading.Thread | None = None

    def send(self, intent: Intent, line: Line) -> None:
        """Subscribe, say something, close, or have a fault happen; any thread may ask, one is served.

        Subscriptions, and what is sent as it is, open the channel where it is not open. Raises TargetError
        where it does not open, CaseError for a close that WebSocket does not know.
        """
        fault = intent.get("fault")
        with self._lock:
            connection = self._connection
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
            try:
                self._say(connection, intent, text)
            except ConnectionClosed:
                return  # the reader reports the end, with its code
            if fault is not None:
                connection.faults.begin(fault)
            if fault == CUT:
                self._end()

    def probe(self) -> None:
        """Say PING where the channel is open and listens."""
        with self._lock:
            connection = self._connection
            if connection is None or connection.faults.is_deaf:
                return
            try:
                self._ping(connection)
            except ConnectionClosed:
                return  # the reader reports the end

    def close(self) -> None:
        """Close the socket and wait for the reader to end."""
        with self._lock:
            connection = self._connection
            if connection is not None and connection.faults.is_deaf:
                connection.faults.begin(CUT)  # the other side's goodbye would never be read
            self._end()

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

    def _say(self, connection: _Connection, intent: Intent, text: str | None) -> None:
        if text is not None:
            connection.send(text)
            if _ANSWERED & intent.keys():
                self._ping(connection)
        elif "close" in intent:
            said = ws.close_of(intent["close"])
            try:
                if "fault" in intent:
                    connection.say_goodbye(said["code"], said["reason"])
                    return
                connection.close(said["code"], said["reason"])
            except ProtocolError as error:
                text = f"WebSocket knows no such close: {error}"
                raise CaseError([Problem(Place(self._url), "C024", text)]) from None
            self._end()

    def _connect(self) -> _Connection:
        self._end()
        place = parse_uri(self._url)
        try:
            connection = self._open.enter_context(
                connect(
                    self._url,
                    sock=self._dial.connect(place.host, place.port, OPEN_S),
                    open_timeout=OPEN_S,
                    close_timeout=CLOSE_S,
                    compression=None,
                    proxy=None,
                    ping_interval=None,
                    max_size=FRAME_BYTES,
                    create_connection=_Connection,
                )
            )
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise TargetError("T001", f"{self._url} does not open: {error}. Is the target up?") from None
        assert isinstance(connection, _Connection)  # as asked for
        self._connection = connection
        self._line.opened()
        self._reader = threading.Thread(target=self._read, args=(connection,), name=self._url, daemon=True)
        self._reader.start()
        return connection

    def _end(self) -> None:
        """Close what is open and wait until its end is reported."""
        self._open.close()
        if self._reader is not None:
            self._reader.join()
        self._connection = self._reader = None

    def _read(self, connection: _Connection) -> None:
        ping_us = self._clock.now_us() + self._ping_every_us
        try:
            while True:
                now_us = self._clock.now_us()
                if now_us >= ping_us:
                    ping_us = now_us + self._ping_every_us
                    if not connection.faults.is_deaf:
                        self._ping(connection)
                try:
                    frame = connection.recv(timeout=(ping_us - now_us) / 1_000_000)
                except TimeoutError:
                    continue
                if not connection.faults.pace():
                    continue
                text = frame if isinstance(frame, str) else frame.decode("utf-8", "backslashreplace")
                wire = ws.text_wire(text)
                self._line.pushed(wire, By.SESSION if ws.is_keepalive(wire) else By.PEER)
        except ConnectionClosed as ended:
            if self._connection is connection:
                self._connection = None
            received = None if connection.faults.was_cut else ended.rcvd
            reason = WE_CUT if connection.faults.was_cut else ""
            self._line.closed(received.code if received else None, received.reason if received else reason)

    def _ping(self, connection: _Connection) -> None:
        self._line.said(ws.text_wire(ws.PING))
        connection.send(ws.PING)

    def _auth(self) -> dict[str, str] | None:
        account = self._account
        if self._stream != "user" or account is None:
            return None
        return {"apiKey": account.api_key, "secret": account.secret, "passphrase": account.passphrase}
