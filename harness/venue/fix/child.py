"""The acceptor's process: started, spoken to in lines of JSON, and started again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.venue.faults import VenueError
from harness.venue.fix.sessions import FixSession

_DEATHS_LIMIT: Final = 5  # in a row, each before it had opened its sessions: then it is given up
SESSIONS_LIMIT: Final = (
    100  # quickfix uses select(), which takes 1024 files; a session has 7 and its client's 1
)
_OPEN_LIMIT_S: Final = 10  # seen: 0.6 s for the first session, 0.1 s for another
_STOP_LIMIT_S: Final = 5
_LINE_LIMIT_BYTES: Final = 1 << 20
ABSENT: Final = (
    "the FIX gateway is off, because quickfix is not installed: pip install quickfix-ssl (Python 3.11)"
)


def engine_is_installed() -> bool:
    """Whether the acceptor can run; nothing of it is loaded here."""
    return importlib.util.find_spec("quickfix") is not None


class AcceptorChild:
    """Keeps one acceptor process running. Reports wait here until it says that it has stored them."""

    def __init__(self, told: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        self.told = told
        """Who is told of what clients send."""
        self._needed: dict[str, Mapping[str, tuple[int, ...]]] = {}
        self._directory = Path(tempfile.mkdtemp(prefix="venue-fix-"))
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._sessions: dict[str, FixSession] = {}
        self._ports: dict[str, int] = {}
        self._unsent: dict[int, dict[str, Any]] = {}
        self._sent = 0
        self._connections: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._settled = False  # whether this process has opened what it should
        self.restarts = 0
        self.problem = ""

    def view(self) -> dict[str, Any]:
        """How it is, for the control API."""
        state = "down" if self.problem else "up" if self._running else "starting"
        pid = self._process.pid if self._process is not None and self._running else None
        return {"state": state, "pid": pid, "restarts": self.restarts, "problem": self.problem or None}

    async def start(self) -> None:
        """Start the process, if none is; what it must open is sent at once and answered when it is ready."""
        if self._watch is None:
            self._watch = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """End the process and remove its files."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        process = self._process
        if process is not None and process.returncode is None:
            assert process.stdin is not None  # a pipe was asked for
            process.stdin.close()
            try:
                await asyncio.wait_for(process.communicate(), _STOP_LIMIT_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    def kill(self) -> None:
        """Kill the process, as a crash would; it is started again."""
        if self._process is not None and self._running:
            self._process.kill()

    async def open(self, session: FixSession, needed: Mapping[str, tuple[int, ...]]) -> None:
        """Open a session's acceptor; `needed` are the fields that a MsgType must have. Raises VenueError."""
        self._needed[session.id] = needed
        self._sessions[session.id] = session
        self._write(_opening(session, self._needed[session.id]))
        if await self.port(session.id) is None:
            del self._sessions[session.id]
            raise VenueError(f"the FIX gateway did not open {session.id}: {self.problem or 'no answer'}")

    async def port(self, session_id: str) -> int | None:
        """The port of a session's acceptor, when it is open; None where it does not come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_OPEN_LIMIT_S), self._changed:
                await self._changed.wait_for(lambda: session_id in self._ports or bool(self.problem))
        return self._ports.get(session_id)

    def connected(self, session_id: str, change: int) -> None:
        """Say that a session has a connection more or less: only acceptors with a client are polled often."""
        count = self._connections.get(session_id, 0) + change
        self._connections[session_id] = count
        self._write({"do": "connections", "id": session_id, "count": count})

    @property
    def full(self) -> bool:
        """Whether it has as many sessions as a process carries."""
        return len(self._sessions) >= SESSIONS_LIMIT

    def send(self, session: FixSession, kind: str, fields: list[tuple[int, str]]) -> None:
        """Send a message on a session, or store it for the client that comes back."""
        if self.problem:
            return  # given up: nobody will come back for it
        self._sent += 1
        command = {"do": "send", "id": session.id, "type": kind, "fields": fields, "number": self._sent}
        self._unsent[self._sent] = command
        self._write(command)

    @property
    def _running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _write(self, command: dict[str, Any]) -> None:
        process = self._process
        if self._running and process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):  # it has just died; the next one is told again
                process.stdin.write(exactjson.dumps(command).encode() + b"\n")

    async def _keep_running(self) -> None:
        deaths = 0
        while deaths < _DEATHS_LIMIT:
            self._settled = False
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "harness.venue.fix.acceptor",
                str(self._directory),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LINE_LIMIT_BYTES,
                start_new_session=True,  # a Ctrl-C at the terminal is the venue's to handle
            )
            for session in self._sessions.values():
                self._write(_opening(session, self._needed[session.id]))
            for command in self._unsent.values():
                self._write(command)
            await self._listen(process)
            code = await process.wait()
            self._ports.clear()
            deaths = 1 if self._settled else deaths + 1
            self.restarts += deaths < _DEATHS_LIMIT
            print(f"harness venue: the FIX acceptor died (code {code})", file=sys.stderr)
        self.problem = f"its acceptor died {deaths} times before it was ready"
        print(f"harness venue: the FIX gateway is down: {self.problem}", file=sys.stderr)
        async with self._changed:
            self._changed.notify_all()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # a pipe was asked for
        while line := await process.stdout.readline():
            try:
                event = exactjson.loads(line)
            except ValueError:
                continue  # it was cut off in the middle of a line
            match event["event"]:
                case "ready":
                    self._settled = not self._sessions
                case "opened":
                    async with self._changed:
                        self._ports[event["id"]] = event["port"]
                        self._settled = self._settled or len(self._ports) == len(self._sessions)
                        self._changed.notify_all()
                case "sent":
                    self._unsent.pop(event["number"], None)
                case "problem":
                    print(f"harness venue: the FIX acceptor: {event['text']}", file=sys.stderr)
                case _:
                    self.told(event)


def _opening(session: FixSession, needed: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    return {
        "do": "open",
        "id": session.id,
        "begin_string": session.begin_string,
        "sender": session.sender,
        "target": session.target,
        "needed": {kind: list(tags) for kind, tags in needed.items()},
    }
