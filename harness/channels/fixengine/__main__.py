"""The process: obey the driver, pass bytes, poll the engine; end when stdin does."""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import socket
import sys
import traceback
from dataclasses import dataclass
from typing import Any, Final

from harness import exactjson
from harness.channels.fixengine.dictionaries import DictionaryMissing
from harness.channels.fixengine.engine import Engine, Identity, Refused
from harness.channels.fixengine.lines import say
from harness.channels.fixengine.tap import Tap
from harness.errors import HarnessError
from harness.limits import FIX_ENGINE_MEMORY_BYTES
from harness.wire.fix import written
from harness.wire.fix.message import Frame, Message
from harness.wire.fix.tags import ADMIN, LOGON, LOGOUT

_BUSY_MS: Final = 1
"""How late the engine may see its timers, and at worst a message, while it has a connection."""
_IDLE_MS: Final = 250
_SEND_LOOKS: Final = 100
_GOODBYE_LOOKS: Final = 50
_COMMAND_BYTES: Final = 65_536
_PR_SET_PDEATHSIG: Final = 1
NO_CONNECTION: Final = "there is no FIX connection"


class NotNow(Exception):
    """The session is not where the command needs it."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    """The message that a command brings out: its type, its number where it is known, and who asked."""

    msg_type: str
    number: int | None = None
    by: str = "case"


class Process:
    """One engine, its tap, and the command that is being carried out."""

    def __init__(self, identity: Identity) -> None:
        self._tap = Tap(self._goes_out, self._comes_in)
        self._engine = Engine(identity, self._tap.port, lambda text: say("problem", text=text))
        self._awaited: _Awaited | None = None
        self._told_logged_on = False

    def run(self, unread: bytes) -> None:
        """Obey, relay and poll until stdin ends, then say goodbye."""
        while True:
            *commands, unread = unread.split(b"\n")
            for command in commands:
                self._obey(exactjson.loads(command))
            if 0 in self._look(_BUSY_MS if self._tap.is_open else _IDLE_MS, [0]):
                data = os.read(0, _COMMAND_BYTES)
                if not data:
                    break
                unread += data
        self._goodbye()

    def end(self) -> None:
        """Give the engine and the tap back."""
        self._engine.end()
        self._tap.shut()

    def _look(self, wait_ms: int, also: list[int]) -> list[Any]:
        """Wait for bytes or `wait_ms`, pass them on, and let the engine do what is due."""
        watched: list[socket.socket | int] = [*self._tap.watched(), *also]
        ready: list[Any] = select.select(watched, [], [], wait_ms / 1000)[0]
        why = self._tap.relay(ready)
        if why is not None:
            self._closed(why)
        self._engine.poll()
        if self._engine.is_logged_on != self._told_logged_on:
            self._told_logged_on = not self._told_logged_on
            if self._told_logged_on:
                say("logged_on")
        return ready

    def _obey(self, command: dict[str, Any]) -> None:
        try:
            match command["do"]:
                case "logon":
                    self._log_on(command)
                case "logout":
                    self._await(LOGOUT)
                    self._engine.log_out(command["text"])
                case "send":
                    self._send(command["type"], command["fields"])
                case "set":
                    self._engine.move(next_out=command.get("next_out"), next_in=command.get("next_in"))
                    say("done")
                case "disconnect":
                    if self._tap.is_open:
                        self._engine.disconnect()
                        self._closed("we closed the connection")
                    say("done")
        except NotNow as error:
            self._awaited = None
            say("done", why=str(error))
        except (Refused, ValueError) as error:
            self._awaited = None
            say("done", fault=str(error))

    def _log_on(self, command: dict[str, Any]) -> None:
        if self._tap.is_open:
            raise NotNow("the session has a connection already: no Logon goes out now")
        self._engine.log_on(command["fields"], reset=command["reset"])
        try:
            self._tap.open(command["addresses"], command["port"])
        except OSError as error:
            self._engine.leave_alone()
            say("unreachable", text=str(error))
            return
        say("opened")
        self._awaited = _Awaited(LOGON, by=command["by"])

    def _send(self, msg_type: str, fields: list[tuple[int, str]]) -> None:
        if not self._engine.is_logged_on:
            raise NotNow("the session is not logged on" if self._tap.is_open else NO_CONNECTION)
        self._await(msg_type, self._engine.next_out)
        self._engine.send(msg_type, fields)
        for _ in range(_SEND_LOOKS):
            if self._awaited is None:
                return
            self._look(_BUSY_MS, [])
        raise NotNow("the engine took the message and sent nothing")

    def _await(self, msg_type: str, number: int | None = None) -> None:
        if not self._tap.is_open:
            raise NotNow(NO_CONNECTION)
        self._awaited = _Awaited(msg_type, number)

    def _goes_out(self, frame: Frame) -> None:
        awaited = self._awaited
        if (
            awaited is not None
            and isinstance(frame, Message)
            and frame.msg_type == awaited.msg_type
            and awaited.number in (None, frame.seq_num)
        ):
            self._awaited = None
            say("out", raw=written.show(frame.raw), by=awaited.by)
            say("done")
            return
        say("out", raw=written.show(frame.raw), by="session")

    def _comes_in(self, frame: Frame) -> None:
        if not isinstance(frame, Message):
            say("in", raw=written.show(frame.raw), by="peer", garbled=True)
            return
        by = "session" if frame.msg_type in ADMIN else "peer"
        say("in", raw=written.show(frame.raw), by=by)

    def _closed(self, why: str) -> None:
        self._tap.close()
        self._engine.poll()  # it reads what came before the end
        self._engine.disconnect()  # whether it has seen the end yet or not: the next logon begins without it
        self._told_logged_on = False
        say("closed", text=why)
        if self._awaited is not None:
            say("done", why=f"the connection ended before it went out: {why}")
        self._awaited = None

    def _goodbye(self) -> None:
        """Log out where the session is up, and wait for the answer only as long as it takes to pass by."""
        if self._engine.is_logged_on:
            self._engine.log_out("")
            for _ in range(_GOODBYE_LOOKS):
                self._look(_BUSY_MS, [])
                if not self._tap.is_open:
                    return
        if self._tap.is_open:
            self._closed("we closed the connection")


def main() -> int:
    """Make the engine that the first line asks for, and run it; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the driver's: it closes stdin
    resource.setrlimit(resource.RLIMIT_AS, (FIX_ENGINE_MEMORY_BYTES, FIX_ENGINE_MEMORY_BYTES))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    unread = b""
    while b"\n" not in unread:
        data = os.read(0, _COMMAND_BYTES)
        if not data:
            return 0
        unread += data
    first, unread = unread.split(b"\n", 1)
    asked = exactjson.loads(first)
    try:
        process = Process(Identity(asked["begin_string"], asked["sender"], asked["target"]))
    except ImportError as error:
        say("absent", text=str(error))
        return 1
    try:
        process.run(unread)
    except (DictionaryMissing, HarnessError) as error:
        say("absent", text=str(error))
        os._exit(1)
    except Exception:
        # as text only: an exception that is kept alive pins frames, and those pin the engine
        say("problem", text=traceback.format_exc().strip().splitlines()[-1])
        os._exit(1)
    process.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
