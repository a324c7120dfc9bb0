"""Performing a script: our session on one end of a loopback socket, the judge on the other."""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from dataclasses import fields

from harness.model import By
from harness.wire.fix import tags
from harness.wire.fix.codec import encode
from harness.wire.fix.events import Close, Event, Queued, Received, Refused, Sent
from harness.wire.fix.message import Message
from harness.wire.fix.rules import Config
from harness.wire.fix.session import Session
from harness.wire.fix.times import utc_timestamp
from harness.wire.fix.written import read, seal, show

from .court import NAME, Court
from .scripts import Script

PATIENCE_S = 4
FIVE_MINUTES_US = 300_000_000


class Performance:
    """One run of one script. `run` raises AssertionError with the script's line and what was seen."""

    def __init__(self, script: Script, court: Court) -> None:
        self._script = script
        self._court = court
        self._start_ns = time.monotonic_ns()
        self._epoch_us = time.time_ns() // 1000
        self.session = Session(
            Config(
                begin_string=script.begin_string,
                sender=script.comp_id,
                target=NAME,
                heart_bt_int_s=script.heart_s,
                raw=script.raw,
                epoch_us=self._epoch_us,
                logon_fields=_fields(script.logon) if script.logon else (),
            )
        )
        self._socket: socket.socket | None = None
        self._theirs: deque[Message] = deque()
        self._ours: deque[Message] = deque()
        self._events: deque[Event] = deque()
        self._seen: list[str] = []
        self._wants_close = False
        self._closed = False

    def run(self) -> None:
        """Perform every step; at the end nothing unexpected may be left over."""
        try:
            for step in self._script.steps:
                try:
                    self._step(step)
                except AssertionError as error:
                    wire = "\n  ".join(self._seen)
                    raise AssertionError(f"{self._script}\nat: {step}\n{error}\nwire:\n  {wire}") from None
            left = [
                show(message.raw) for message in (*self._theirs, *self._ours) if not self._may_pass(message)
            ]
            assert not left, f"{self._script}\nnobody asked for\n  " + "\n  ".join(left)
        finally:
            if self._socket:
                self._socket.close()

    # ---- steps ---------------------------------------------------------------------------------

    def _step(self, step: str) -> None:
        word, _, rest = step.partition(" ")
        rest = self._put_in(rest.strip())
        match word:
            case "connect":
                if self._socket:
                    self._socket.close()
                self._socket = socket.create_connection(("127.0.0.1", self._court.port))
                self._socket.setblocking(False)
                self._wants_close = self._closed = False
                self.session.connected(self._now_us())
            case "drop":
                assert self._socket
                self._socket.close()
                self._heard(self.session.disconnected(self._now_us()))
            case "logon":
                self._write(self.session.logon(self._now_us(), reset=rest == "reset" or None))
            case "logout":
                self._write(self.session.logout(self._now_us()))
            case "I":
                (_, kind), *given = _fields(rest)
                self._write(self.session.send(kind, given, self._now_us()))
            case "R":
                self._write(self.session.send_raw(self._whole(rest), self._now_us()))
            case "B":
                self._write(self.session.send_raw(self._bytes(rest), self._now_us()))
            case "set":
                numbers = {f"next_{name}": int(value) for name, value in _pairs(rest)}
                self.session.set(**numbers)
            case "J":
                do, _, count = rest.partition(" ")
                self._court.tell(self._script.comp_id, do, int(count or 0))
            case "E":
                self._expect(self._theirs, rest, "the judge")
            case "O":
                self._expect(self._ours, rest, "our session")
            case "event":
                self._event(rest)
            case "state":
                self._until(
                    lambda: self.session.state == rest, lambda: f"our session is {self.session.state}"
                )
            case "numbers":
                self._numbers(rest)
            case "quiet":
                self._quiet()
            case "quiet?":
                self._ask_whether_quiet()
            case "closed":
                self._until(lambda: self._closed, lambda: "the judge keeps the connection open")
            case "over":
                self._until(lambda: self._wants_close, lambda: "our session does not ask to close")
            case _:
                raise ValueError(f"{self._script}: no step is called {word!r}")

    def _expect(self, queue: deque[Message], wanted: str, who: str) -> None:
        parts = wanted.rstrip("|").split("|")
        self._until(lambda: bool(queue), lambda: f"{who} said nothing more")
        while "35=0" not in parts and self._may_pass(queue[0]):
            queue.popleft()
            self._until(lambda: bool(queue), lambda: f"{who} said nothing more")
        message = queue.popleft()
        for part in parts:
            contains = re.match(r"\d+~", part)
            tag, _, value = part.partition("~" if contains else "=")
            have = message.get(int(tag))
            if contains:
                good = have is not None and value in have
            elif value == "<any>":
                good = have is not None
            else:
                good = have == (value or None)
            assert good, f"{who} said {show(message.raw)}, which lacks {part}"

    def _may_pass(self, message: Message) -> bool:
        """Where seconds pass, a Heartbeat more or less is no finding."""
        return (
            self._script.slow and message.msg_type == tags.HEARTBEAT and message.get(tags.TEST_REQ_ID) is None
        )

    def _event(self, wanted: str) -> None:
        name, _, rest = wanted.partition(" ")
        facts = dict(_pairs(rest))

        def found() -> bool:
            while self._events:
                event = self._events.popleft()
                if type(event).__name__ == name and all(
                    _fact(event, key) == value for key, value in facts.items()
                ):
                    return True
            return False

        self._until(found, lambda: f"our session never said {wanted}")

    def _numbers(self, wanted: str) -> None:
        numbers = {name: int(value) for name, value in _pairs(wanted)}

        def agree() -> bool:
            theirs = self._court.tell(self._script.comp_id, "numbers")
            self._saw = f"ours out={self.session.next_out} in={self.session.next_in}, the judge's {theirs}"
            ours = {"out": self.session.next_out, "in": self.session.next_in}
            return ours | numbers == ours and {"out": theirs["in"], "in": theirs["out"]} | numbers == ours

        self._until(agree, lambda: self._saw)

    def _ask_whether_quiet(self) -> None:
        self._write(self.session.send(tags.TEST_REQUEST, [(tags.TEST_REQ_ID, "quiet?")], self._now_us()))

    def _quiet(self) -> None:
        self._ask_whether_quiet()
        self._expect(self._theirs, "35=0|112=quiet?", "the judge")
        assert not self._ours, f"our session said {show(self._ours[0].raw)}"

    # ---- the socket ----------------------------------------------------------------------------

    def _until(self, done: object, why: object) -> None:
        end = time.monotonic() + PATIENCE_S
        while not done():  # type: ignore[operator]
            assert time.monotonic() < end, why()  # type: ignore[operator]
            if not self._pump():
                time.sleep(0.0005)

    def _pump(self) -> bool:
        now_us = self._now_us()
        deadline_us = self.session.next_deadline_us
        if deadline_us is not None and now_us >= deadline_us:
            self._heard(self.session.tick(now_us))
        if self._socket is None or self._closed or self._socket.fileno() < 0:
            return False
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return False
        except ConnectionError:
            data = b""
        if not data:
            self._closed = True
            self._heard(self.session.disconnected(self._now_us()))
            return False
        self._heard(self.session.receive(data, self._now_us()))
        return True

    def _heard(self, events: list[Event]) -> None:
        for event in events:
            self._events.append(event)
            if isinstance(event, Sent):
                assert event.by is By.SESSION
                self._ours.append(event.message)
                self._write(event.raw)
            elif isinstance(event, Close):
                self._wants_close = True
            elif isinstance(event, Queued | Refused) or (isinstance(event, Received) and not event.queued):
                self._theirs.append(event.message)
                self._seen.append(f"< {show(event.message.raw)}")

    def _write(self, data: bytes) -> None:
        self._seen.append(f"> {show(data)}")
        assert self._socket is not None
        try:
            self._socket.sendall(data)
        except ConnectionError:
            self._closed = True

    # ---- what stands in scripts ----------------------------------------------------------------

    def _now_us(self) -> int:
        return (time.monotonic_ns() - self._start_ns) // 1000

    def _put_in(self, text: str) -> str:
        now_us = self._epoch_us + self._now_us()
        names = {
            "<now>": utc_timestamp(now_us),
            "<old>": utc_timestamp(now_us - FIVE_MINUTES_US),
            "<begin>": self._script.begin_string,
            "<me>": self._script.comp_id,
            "<judge>": NAME,
            "<version>": "1137=9|" if self._script.begin_string == "FIXT.1.1" else "",
        }
        for name, value in names.items():
            text = text.replace(name, value)
        return text

    def _whole(self, written: str) -> bytes:
        (_, kind), *given = _fields(written)
        names = {tag for tag, _ in given}
        defaults = (
            *((49, self._script.comp_id), (56, NAME), (34, str(self.session.next_out))),
            (52, utc_timestamp(self._epoch_us + self._now_us())),
        )
        header = [one for one in defaults if one[0] not in names]
        head = [one for one in given if one[0] in tags.HEADER_TAGS]
        body = [one for one in given if one[0] not in tags.HEADER_TAGS]
        return encode([(35, kind), *header, *head, *body], self._script.begin_string)

    def _bytes(self, written: str) -> bytes:
        return seal(written) if "10=?" in written else read(written)


def _fields(written: str) -> tuple[tuple[int, str], ...]:
    pairs = (part.partition("=") for part in written.rstrip("|").split("|"))
    return tuple((int(tag), value) for tag, _, value in pairs)


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (word.partition("=") for word in text.split())]


def _fact(event: Event, name: str) -> str:
    if name == "35":
        found = getattr(event, "message", None)
        return found.msg_type if isinstance(found, Message) else ""
    if name in {one.name for one in fields(event)}:
        return str(getattr(event, name))
    return ""
