"""`python -m harness.venue.fix.acceptor`: quickfix acceptors, one a session, driven over stdin and stdout.

One thread polls them; started threads crash (quickfix's Python binding frees what they still use). Lines of
JSON come in (`open`, `connections`, `send`) and go out (`ready`, `opened`, `message`, `sent`, `problem`). It
ends when its stdin does.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import select
import shutil
import socket
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.venue.fix.callbacks import callbacks
from harness.venue.fix.dictionaries import trimmed
from harness.venue.fix.sessions import FIXT

_BUSY_S: Final = 0.001  # how long a message may wait while a client is connected
_IDLE_S: Final = 0.25
_PORT_TRIES: Final = 5
_GOODBYE_POLLS: Final = 20
_FOREVER: Final = 0
_LAST_POLLS: Final = 100  # in which an acceptor notices that its client is gone
_SETTINGS: Final = """[DEFAULT]
ConnectionType=acceptor
StartTime=00:00:00
EndTime=00:00:00
NonStopSession=Y
UseDataDictionary=Y
ValidateUserDefinedFields=N
ResetOnLogon=N
ResetOnLogout=N
ResetOnDisconnect=N
PersistMessages=Y
CheckLatency=Y
MaxLatency=120
SocketNodelay=Y
SocketAcceptHost=127.0.0.1
FileStorePath={store}
[SESSION]
BeginString={begin_string}
SenderCompID={target}
TargetCompID={sender}
SocketAcceptPort={port}
"""


@dataclass(slots=True, eq=False)
class _Line:
    """One session's acceptor with everything that must outlive it."""

    acceptor: Any
    session_id: Any
    keep: list[Any] = field(default_factory=list)


class Acceptors:
    """Every acceptor of this process, and the commands that the venue gives."""

    def __init__(self, directory: Path) -> None:
        self._engine = importlib.import_module("quickfix")
        self._directory = directory
        self._lines: dict[str, _Line] = {}
        self._busy: dict[str, int] = {}  # sessions with a client, and how many polls one without still gets

    def run(self) -> None:
        """Poll and obey until stdin ends, then say goodbye."""
        say({"event": "ready"})
        unread = b""
        while True:
            if select.select([0], [], [], _BUSY_S if self._busy else _IDLE_S)[0]:
                data = os.read(0, 65536)
                if not data:
                    break
                *commands, unread = (unread + data).split(b"\n")
                for command in commands:
                    self._obey(exactjson.loads(command))
            self._poll()
        self._goodbye()

    def _poll(self) -> None:
        for name, polls in list(self._busy.items()):
            self._lines[name].acceptor.poll()
            if polls == 1:
                del self._busy[name]
            elif polls:
                self._busy[name] = polls - 1

    def _obey(self, command: dict[str, Any]) -> None:
        match command["do"]:
            case "open":
                self._open(command)
            case "connections" if command["id"] in self._lines:
                self._busy[command["id"]] = _FOREVER if command["count"] else _LAST_POLLS
            case "send":
                self._send(command)

    def _open(self, command: dict[str, Any]) -> None:
        name = command["id"]
        for attempt in range(1, _PORT_TRIES + 1):
            port = _free_port()
            try:
                self._lines[name] = self._line(command, port)
            except Exception as error:  # another process took the port first; whatever quickfix makes of it
                if attempt == _PORT_TRIES:
                    say({"event": "problem", "text": f"{name} cannot be opened: {error}"})
            else:
                say({"event": "opened", "id": name, "port": port})
                return

    def _line(self, command: dict[str, Any], port: int) -> _Line:
        name, engine = command["id"], self._engine
        text = _SETTINGS.format(
            store=self._directory / "store",
            begin_string=command["begin_string"],
            target=command["target"],
            sender=command["sender"],
            port=port,
        )
        if command["begin_string"] == FIXT:
            text += "DefaultApplVerID=FIX.5.0SP2\n"
            text += f"TransportDataDictionary={trimmed('FIXT11', self._directory)}\n"
            text += f"AppDataDictionary={trimmed('FIX50SP2', self._directory)}\n"
        else:
            text += f"DataDictionary={trimmed('FIX44', self._directory)}\n"
        file = self._directory / f"{name}.cfg"
        file.write_text(text, encoding="ascii")
        settings = engine.SessionSettings(str(file))
        store = engine.FileStoreFactory(settings)
        application = callbacks(engine, name, say, command["needed"])
        acceptor = engine.SocketAcceptor(application, store, settings)
        session_id = engine.SessionID(command["begin_string"], command["target"], command["sender"])
        line = _Line(acceptor, session_id, [settings, store, application])
        acceptor.poll()  # opens the port
        return line

    def _send(self, command: dict[str, Any]) -> None:
        line = self._lines.get(command["id"])
        if line is not None:
            message = self._engine.Message()
            message.getHeader().setField(35, command["type"])
            for tag, value in command["fields"]:
                message.setField(tag, value)
            self._engine.Session.sendToTarget(message, line.session_id)
        say({"event": "sent", "number": command["number"]})

    def _goodbye(self) -> None:
        for line in self._lines.values():
            session = self._engine.Session.lookupSession(line.session_id)
            if session is not None and session.isLoggedOn():
                session.logout("the exchange is closing")
        for _ in range(_GOODBYE_POLLS):
            for line in self._lines.values():
                line.acceptor.poll()
        while self._lines:  # an engine dies before its application, store and settings
            _, line = self._lines.popitem()
            line.acceptor.stop(True)
            line.acceptor = None
            line.keep.clear()


def say(event: dict[str, Any]) -> None:
    """One line to the venue; it may be gone already."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(exactjson.dumps(event) + "\n")
        sys.stdout.flush()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    """Run in the directory that the venue names; returns the exit code."""
    directory = Path(sys.argv[1])
    try:
        Acceptors(directory).run()
    except Exception:
        # the traceback as text only: an exception that is kept alive pins frames, and those pin engines
        say({"event": "problem", "text": traceback.format_exc().strip().splitlines()[-1]})
        sys.stdout.flush()
        os._exit(1)
    shutil.rmtree(directory, ignore_errors=True)  # the venue may have been killed, and cannot do it
    return 0


if __name__ == "__main__":
    sys.exit(main())
