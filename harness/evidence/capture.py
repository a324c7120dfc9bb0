"""Capturing a program: it runs as it would, and each HTTP exchange is in the journal before it goes on.

The program's Pythons load `inside/` through PYTHONPATH and tell each exchange over a private socket; here it
gets its time, loses its secrets and is journalled, and only then the program gets its receipt.
"""

from __future__ import annotations

import os
import signal
import socketserver
import subprocess
import tempfile
import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness import exactjson, limits
from harness.cassette import Cassette
from harness.clock import RunClock, iso_utc
from harness.errors import EvidenceError
from harness.evidence.exchanges import HTTP, Body, Omitted, came, kept, sent
from harness.evidence.inside.harness_telling import BODY_BYTES, BY, WHERE
from harness.evidence.keeping import Clean, EvidenceRecorder, evidence_header
from harness.files import FileError
from harness.model import By, Event, Kind
from harness.timeline import Timeline

INSIDE: Final = Path(__file__).with_name("inside")
NO_END: Final = "no answer was seen before the program ended"
_SOCKET_S: Final = 10
_LOOK_S: Final = 1
_NOTE_BYTES: Final = 3 * limits.CAPTURED_BODY_BYTES  # base64, headers
_FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of a captured program: its exit code, and its evidence (None where it sent no HTTP)."""

    exit_code: int
    evidence: Cassette | None
    processes: int
    unseen: tuple[str, ...]


def capture(command: Sequence[str], path: Path, clean: Clean) -> Captured:
    """Run a program to its end and write what it sent over HTTP as evidence to `path`.

    Its input, output and exit code stay its own; signals are handed on. Raises EvidenceError I011 or I012
    (evidence stands there already, nothing was run), I020 (it cannot be run), I021 (its Python has no vcrpy:
    it was not begun), I022 (no Python of it loaded the capture); LeakError; FileError, where the disk refused
    an exchange (the program went on, and what was kept before stays in the journal).
    """
    clock = RunClock()
    started_us = clock.started_wall_us
    about = {"program": named(command), "times": "measured"}
    header = evidence_header(path, "capture", iso_utc(started_us), started_us, **about)
    recorder = EvidenceRecorder(path, header, clean)
    notes = Notes(Timeline(clock, recorder))
    try:
        with _listening(notes) as where:
            exit_code = _run(command, where)
            ended_us = clock.now_us()
        if notes.failure is not None:
            raise notes.failure
        _loaded(notes, command)
        if not notes.exchanges:
            recorder.discard()
            return Captured(exit_code, None, notes.begun, tuple(notes.unseen))
        notes.end(ended_us)
        known = {**about, "exit_code": exit_code, "processes": notes.begun, "not_captured": notes.unseen}
        evidence = recorder.seal(inputs={"evidence": known})
        return Captured(exit_code, evidence, notes.begun, tuple(notes.unseen))
    except EvidenceError:
        recorder.discard()
        raise
    finally:
        recorder.close()


def named(command: Sequence[str]) -> str:
    """What a command runs, without its arguments, which may be secret: a script, a module, a program."""
    words = list(command[1:])
    for number, word in enumerate(words):
        if word == "-m" and number + 1 < len(words):
            return words[number + 1]
        if word == "-c":
            break
        if not word.startswith("-"):
            return Path(word).stem
    return Path(command[0]).stem


@dataclass(slots=True)
class Notes:
    """What the program's processes tell, put on the timeline one by one."""

    timeline: Timeline
    exchanges: int = 0
    open: set[int] = field(default_factory=set)
    begun: int = 0
    unseen: list[str] = field(default_factory=list)
    refused_first: str = ""
    failure: FileError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, told: bytes) -> dict[str, Any]:
        """Take one note in and give its receipt. After the disk refused one, no more are kept.

        A note that is not whole was never told: its process was killed while it told it. One that is whole
        and cannot be kept is told at the end.
        """
        try:
            note = exactjson.loads(told)
        except ValueError:
            return {}
        with self.lock:
            try:
                return self._taken(note) if self.failure is None else {}
            except FileError as failure:
                self.failure = failure
            except Exception as error:  # nothing may be dropped in silence, whatever it was
                self.unseen.append(f"one exchange, which could not be kept ({type(error).__name__}: {error})")
            return {}

    def _taken(self, note: Mapping[str, Any]) -> dict[str, Any]:
        match note["note"]:
            case "begun":
                self.begun += 1
            case "refused":
                where = f"{note['python']}: {note['why']}"
                self.unseen.append(where)
                self.refused_first = where if note["first"] else self.refused_first
            case "sent":
                number = self.exchanges
                data = sent(note["method"], note["url"], _fields(note), _body(note))
                self._append(Kind.SEND, number, By.CASE, data)
                self.exchanges += 1
                self.open.add(number)
                return {"exchange": number}
            case "came" if note["exchange"] in self.open:
                data = came(note["status"], _fields(note), _body(note))
                self._append(Kind.ANSWER, note["exchange"], By.PEER, data)
                self.open.remove(note["exchange"])
            case "lost" if note["exchange"] in self.open:
                self._lost(note["exchange"], note["why"])
            case _:
                self.unseen.append("the end of an exchange whose beginning was not told in time")
        return {}

    def end(self, at_us: int) -> None:
        """The program ended: what was not answered is lost, and nobody watched any longer than this."""
        for number in sorted(self.open):
            self._lost(number, NO_END)
        self.timeline.append(Kind.HORIZON, HTTP, by=By.RUNNER, data={"until_us": at_us})

    def _lost(self, number: int, why: str) -> None:
        self.open.discard(number)
        self._append(Kind.LOST, number, By.PEER, {"why": why})

    def _append(self, kind: Kind, index: int, by: By, data: Mapping[str, Any]) -> Event:
        return self.timeline.append(kind, HTTP, index=index, by=by, data=data)


def _fields(note: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in note["headers"]]


def _body(note: Mapping[str, Any]) -> Body:
    if "omitted" in note:
        return Omitted(note["omitted"])
    return kept(_fields(note), b64decode(note["body"]))


@contextmanager
def _listening(notes: Notes) -> Iterator[Path]:
    """Take notes at a socket in a folder that is private to this user, until all that began are told."""

    class Handler(socketserver.StreamRequestHandler):
        timeout = _SOCKET_S

        def handle(self) -> None:
            try:
                told = self.rfile.read(_NOTE_BYTES)
                self.wfile.write(exactjson.dumps(notes.take(told)).encode())
            except OSError:
                return  # a process that was killed in the middle of its note

    class Server(socketserver.ThreadingUnixStreamServer):
        request_queue_size = 128

    with tempfile.TemporaryDirectory(prefix="harness-", dir=_short_folder()) as folder:
        where = Path(folder) / "s"
        with Server(str(where), Handler) as server:
            serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            serving.start()
            try:
                yield where
            finally:
                server.shutdown()
                serving.join()


def _short_folder() -> str | None:
    """A folder whose sockets have a name short enough for the system (108 bytes), None for the usual one."""
    return None if len(tempfile.gettempdir()) < 60 else "/tmp"


def _run(command: Sequence[str], where: Path) -> int:
    """Run the program in our place, and give its exit code as a shell would."""
    known = os.environ.get("PYTHONPATH")
    environment = {
        **os.environ,
        "PYTHONPATH": f"{INSIDE}{os.pathsep}{known}" if known else str(INSIDE),
        WHERE: str(where),
        BY: str(os.getpid()),
        BODY_BYTES: str(limits.CAPTURED_BODY_BYTES),
    }
    try:
        program = subprocess.Popen(list(command), env=environment)
    except OSError as error:
        text = f"{command[0]} cannot be run: {os.strerror(error.errno) if error.errno else error}"
        raise EvidenceError("I020", text) from None
    with _signals_for(program):
        while True:
            try:
                code = program.wait(_LOOK_S)
                break
            except subprocess.TimeoutExpired:
                continue  # a signal that came just before the wait began is handed on now
    return 128 - code if code < 0 else code


@contextmanager
def _signals_for(program: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand signals on to the program, and stay until it has ended.

    A Ctrl-C on the terminal reaches the program by itself, because it is in our group.
    """

    def hand_on(number: int, _: object) -> None:
        if number != signal.SIGINT or not _at_the_terminal():
            program.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in _FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _at_the_terminal() -> bool:
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _loaded(notes: Notes, command: Sequence[str]) -> None:
    if notes.refused_first:
        text = f"the program was not begun, because its Python cannot be captured ({notes.refused_first}): "
        raise EvidenceError(
            "I021", f"{text}install vcrpy there (pip install 'vcrpy>=8.2.1'), and run it again"
        )
    if not notes.begun:
        told = f" ({'; '.join(notes.unseen)})" if notes.unseen else ""
        text = f"{command[0]} ran, but nothing of it could be captured{told}: it is no Python, or a Python "
        raise EvidenceError("I022", f"{text}with -I, -E or -S, or with an environment of its own")
