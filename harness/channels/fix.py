"""The fix channel: one actor's FIX session over one socket; our own session decides, a thread reads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from harness.channels.address import FixAddress
from harness.channels.dial import Dial
from harness.channels.faults import CUT, WE_CUT, FaultySocket, marked
from harness.channels.fixlistening import Listening
from harness.channels.fixopening import UnopenedError, hung_up, refused, told_off, until_open
from harness.channels.fixreading import WE_CLOSED, Ended, FixBounds
from harness.clock import Clock
from harness.notnow import NotNow, logout
from harness.wire.fix import written
from harness.wire.fix.dictionary import Dictionary, dictionary_for
from harness.wire.fix.message import Message
from harness.wire.fix.rules import Config, State
from harness.wire.fix.session import Session, SessionMisuse
from harness.wire.fix.tags import LOGON, LOGOUT, TEST_REQ_ID, TEST_REQUEST, TEXT
from harness.world import Intent, Line, StreamLine

LOGON_S: Final = 5
"""How long a send waits for the answer to a Logon of our own."""
SLOW_BYTES: Final = 256
"""What a slow reader takes at a time: about one message."""
NO_CONNECTION: Final = "there is no FIX connection"
_LEAVING: Final = (State.LOGOUT_SENT, State.LOGOUT_ANSWERED)


class FixDriver:
    """A FIX session of one actor. It outlives connections: its numbers go on from one to the next."""

    def __init__(
        self,
        find: Callable[[], FixAddress],
        line: StreamLine,
        clock: Clock,
        dial: Dial,
        *,
        raw: bool = False,
        bounds: FixBounds | None = None,
        patient: bool = False,
    ) -> None:
        """`patient`: its first connection is asked for by `given`, and so is ours."""
        self._patient = patient
        self._listening: Listening | None = None
        self._find = find
        self._line = line
        self._clock = clock
        self._dial = dial
        self._raw = raw
        self._bounds = bounds or FixBounds()
        self._asking = threading.Lock()  # one step at a time
        self._lock = threading.RLock()  # the session: a step or the reader
        self._logged_on = threading.Event()
        self._goodbye: NotNow | None = None
        self._address: FixAddress | None = None
        self._session: Session | None = None
        self._dictionary: Dictionary = dictionary_for("FIXT.1.1")
        self._socket: FaultySocket | None = None
        self._reader: threading.Thread | None = None

    def send(self, intent: Intent, line: Line) -> None:
        """Do what the step says: log on or out, send a message or bytes, move numbers, disconnect.

        A `fault` happens after it, or alone. Any thread may ask, one is served.
        """
        fault = intent.get("fault")
        with self._asking:
            if "fix" in intent:
                act = {
                    "logon": self._log_on,
                    "logout": self._log_out,
                    "send": self._send,
                    "raw": self._send_raw,
                    "set": self._set,
                    "disconnect": self._disconnect,
                }[intent["fix"]]
                told = marked(line, fault)
                try:
                    act(intent, told)
                except SessionMisuse as error:  # said before anything goes out
                    told.sent({"raw": ""})
                    told.lost(str(error))
            elif self._up(marked(line, fault)) is not None:
                line.sent({"fault": fault})
            if fault is not None and self._socket is not None:
                self._socket.begin(fault)
                if fault == CUT:
                    self._join()

    def probe(self) -> None:
        """Ask with a TestRequest where the session is up and listens, and speaks by itself."""
        with self._lock:
            if self._socket is not None and not self._socket.is_deaf and not self._raw:
                asked = ((TEST_REQ_ID, "alive"),)
                self._quietly(lambda session: session.send(TEST_REQUEST, asked, self._clock.now_us()))

    def close(self) -> None:
        """Log out where the session is up, close the socket, and wait for the reader to end."""
        with self._lock:
            if self._socket is not None and self._session is not None and not self._raw:
                self._quietly(lambda session: session.logout(self._clock.now_us()))
        self._end()

    def _log_on(self, intent: Intent, line: Line) -> None:
        if self._session is not None and self._session.state in _LEAVING:
            self._end()  # the logout was said; the other side may take its time to hang up
        session = self._opened() if self._patient and self._session is None else self._connected()
        given = dict(intent.get("fields") or {})
        first = self._address is not None and self._address.lasts and session.next_out == 1
        reset = given.pop("ResetSeqNumFlag", first or None)  # else the other side counts on
        _, fields = self._dictionary.from_view({"Logon": given}) if given else ("A", ())
        with self._lock:
            self._write(session.logon(self._clock.now_us(), fields, reset=reset, sign=self._sign), line)

    def _log_out(self, intent: Intent, line: Line) -> None:
        with self._lock:
            session = self._up(line)
            if session is not None:
                self._write(session.logout(self._clock.now_us(), intent.get("text") or ""), line)

    def _send(self, intent: Intent, line: Line) -> None:
        msg_type, fields = self._dictionary.from_view(intent["message"])
        if self._session is None and not self._raw:
            self._log_on_by_itself()
        with self._lock:
            session = self._up(line)
            if session is None:
                return
            try:
                raw = session.send(msg_type, fields, self._clock.now_us())
            except SessionMisuse as error:
                line.sent({"raw": ""})
                line.lost(str(error))
                return
            changed = {self._dictionary.field_tag(key): new for key, new in intent.get("tamper", {}).items()}
            self._write(written.tampered(raw, changed), line)

    def _send_raw(self, intent: Intent, line: Line) -> None:
        session = self._connected()
        with self._lock:
            now_us = self._clock.now_us()
            raw = written.seal(intent["text"], session.header(now_us))
            self._write(session.send_raw(raw, now_us), line)

    def _set(self, intent: Intent, line: Line) -> None:
        session = self._connected()
        with self._lock:
            session.set(next_out=intent.get("next_out"), next_in=intent.get("next_in"))
        line.sent({"raw": ""})

    def _disconnect(self, intent: Intent, line: Line) -> None:
        line.sent({"raw": ""})
        self._end()

    def _log_on_by_itself(self) -> None:
        """Log on where the case just sends; said by the session, and again while the gateway is away."""
        address = self._found()

        def once() -> None:
            self._connect(address)
            with self._lock:
                self._quietly(
                    lambda session: session.logon(self._clock.now_us(), reset=True, sign=self._sign)
                )
            self._logged_on.wait(LOGON_S)
            if self._goodbye is not None:
                self._end()
                raise told_off(self._goodbye)
            if self._socket is None and self._listening is not None and not self._listening.answered:
                raise hung_up(address)

        until_open(address, self._dial, once)

    def _heard(self, message: Message) -> None:
        """Note what a message says of the session: that it is up, or why it ends."""
        if message.msg_type == LOGOUT:
            self._goodbye = logout(message.get(TEXT) or "")
        if message.msg_type in (LOGON, LOGOUT):
            self._logged_on.set()

    @property
    def _sign(self) -> Callable[[Mapping[int, str]], Sequence[tuple[int, str]]] | None:
        return None if self._address is None else self._address.sign

    def _up(self, line: Line) -> Session | None:
        if self._session is None or self._socket is None:
            line.sent({"raw": ""})
            line.lost(NO_CONNECTION)
            return None
        return self._session

    def _write(self, raw: bytes, line: Line) -> None:
        line.sent({"raw": written.show(raw)})
        try:
            if self._socket is not None:
                self._socket.sendall(raw)
        except OSError as error:
            line.lost(f"the connection is gone: {error}")

    def _connected(self) -> Session:
        if self._socket is not None and self._session is not None:
            return self._session
        try:
            return self._connect(self._found())
        except UnopenedError as trouble:
            raise trouble.error from None

    def _opened(self) -> Session:
        """A connection for a step of ours, as soon as the gateway takes one."""
        address, held = self._found(), list[Session]()
        until_open(address, self._dial, lambda: held.append(self._connect(address)))
        return held[0]

    def _found(self) -> FixAddress:
        address = self._address = self._address or self._find()
        return address

    def _connect(self, address: FixAddress) -> Session:
        try:
            opened = self._dial.connect(address.host, address.port, self._bounds.connect_s)
        except OSError as error:
            raise refused(address, str(error)) from None
        if self._session is None:
            self._dictionary = dictionary_for(address.begin_string)
            self._session = Session(
                Config(
                    begin_string=address.begin_string,
                    sender=address.sender,
                    target=address.target,
                    raw=self._raw,
                    reset_on_logon=False,
                    logon_timeout_us=self._bounds.logon_us,
                    epoch_us=self._clock.started_wall_us,
                )
            )
        self._logged_on.clear()
        self._goodbye = None
        self._session.connected(self._clock.now_us())
        self._socket = connection = FaultySocket(opened, SLOW_BYTES)
        self._line.opened()
        self._listening = listening = Listening(
            connection, self._session, self._line, self._clock, self._bounds, self._lock, self._heard
        )
        self._reader = threading.Thread(target=self._read, args=(listening,), name="fix", daemon=True)
        self._reader.start()
        return self._session

    def _read(self, listening: Listening) -> None:
        opened, session = listening.opened, listening.session
        ended = listening.until_end(lambda: self._socket is opened)
        with self._lock:
            session.disconnected(self._clock.now_us())
            if opened.was_cut:
                ended = Ended(WE_CUT)
            elif self._socket is not opened:
                ended = Ended(WE_CLOSED)
            if self._socket is opened:
                self._socket = None
            opened.close()
        try:
            self._line.closed(None, ended.reason, ended.by)
        finally:
            self._logged_on.set()

    def _quietly(self, act: Callable[[Session], bytes]) -> None:
        """Say something without ceremony: where it cannot be said, the reader reports the end."""
        if self._session is None or self._socket is None:
            return
        try:
            raw = act(self._session)
            self._line.said({"raw": written.show(raw)})
            self._socket.sendall(raw)
        except (OSError, SessionMisuse):
            return

    def _end(self) -> None:
        opened, self._socket = self._socket, None
        if opened is not None:
            try:
                if opened.is_deaf:
                    opened.begin(CUT)  # it is not read to its end
                opened.shutdown(socket.SHUT_RDWR)
            except OSError:
                opened.close()
        self._join()

    def _join(self) -> None:
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join()
