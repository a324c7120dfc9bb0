"""The ws channel: one actor's WebSocket, through websockets; a thread reads it and keeps it alive."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Final

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import ClientConnection, connect

from harness import exactjson
from harness.accounts import Account
from harness.errors import TargetError
from harness.model import By
from harness.wire import ws
from harness.world import Intent, Line, StreamLine

PING_EVERY_S: Final = 10
"""How often the channel says PING, as text (CLOB docs: every 10 s, or the connection is dropped)."""
OPEN_S: Final = 5
FRAME_BYTES: Final = 1024 * 1024
"""The largest message accepted; websockets' own default."""


class WsDriver:
    """A WebSocket of one actor, opened by its first subscription."""

    def __init__(self, base_url: str, name: str, account: Account | None, line: StreamLine) -> None:
        self._url = f"{base_url}/ws/{name}"
        self._name = name
        self._account = account
        self._line = line
        self._open = ExitStack()
        self._socket: ClientConnection | None = None
        self._reader: threading.Thread | None = None

    def send(self, intent: Intent, line: Line) -> None:
        """Subscribe: opens the channel where it is not open, then asks for a sign of life with PING."""
        first = self._socket is None
        socket = self._socket or self._connect()
        fields = intent["subscribe"]
        message = ws.first_message(self._name, fields, self._auth()) if first else ws.update_message(fields)
        text = exactjson.dumps(message)
        line.sent(ws.text_wire(text))
        try:
            socket.send(text)
            self._ping(socket)
        except ConnectionClosed:
            return  # the reader reports the end, with its code

    def close(self) -> None:
        """Close the socket and wait for the reader to end."""
        self._open.close()
        if self._reader is not None:
            self._reader.join()

    def _connect(self) -> ClientConnection:
        try:
            socket = self._open.enter_context(
                connect(
                    self._url,
                    open_timeout=OPEN_S,
                    compression=None,
                    proxy=None,
                    ping_interval=None,
                    max_size=FRAME_BYTES,
                )
            )
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            raise TargetError("T001", f"{self._url} does not open: {error}. Is the target up?") from None
        self._socket = socket
        self._line.opened()
        self._reader = threading.Thread(target=self._read, args=(socket,), name=self._url, daemon=True)
        self._reader.start()
        return socket

    def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                try:
                    frame = socket.recv(timeout=PING_EVERY_S)
                except TimeoutError:
                    self._ping(socket)
                    continue
                text = frame if isinstance(frame, str) else frame.decode("utf-8", "backslashreplace")
                wire = ws.text_wire(text)
                self._line.pushed(wire, By.SESSION if ws.is_keepalive(wire) else By.PEER)
        except ConnectionClosed as ended:
            received = ended.rcvd
            self._line.closed(received.code if received else None, received.reason if received else "")

    def _ping(self, socket: ClientConnection) -> None:
        self._line.said(ws.text_wire(ws.PING))
        socket.send(ws.PING)

    def _auth(self) -> dict[str, str] | None:
        account = self._account
        if self._name != "user" or account is None:
            return None
        return {"apiKey": account.api_key, "secret": account.secret, "passphrase": account.passphrase}
