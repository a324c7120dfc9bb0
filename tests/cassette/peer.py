"""A peer with a log of its own, and recorders in child processes that talk to it: the oracle of the kills."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NURSERY = """
import ctypes, os, socket, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from cassette.samples import header
from harness.cassette import Recorder
from harness.clock import RunClock
from harness.model import Lane, Source
from harness.recorder import LiveWorld
from harness.redact import Redactor
from harness.timeline import Timeline
from harness.world import Sending

class Talk:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.lines = self.socket.makefile("rb")

    def send(self, intent, line):
        if "text" not in intent:
            return
        line.sent({"text": intent["text"]})
        self.socket.sendall(intent["text"].encode() + b"\\n")
        line.answered({"text": self.lines.readline().decode().strip()})

    def close(self):
        self.socket.close()

PR_SET_PTRACER = 0x59616D61  # where only a parent may trace: let anybody
ANYBODY = ctypes.c_ulong(-1)

def record(path, port, exchanges):
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY)
    talk = Talk(port)
    talk.socket.sendall(b"%d\\n" % os.getpid())
    talk.lines.readline()  # the peer says when
    recorder = Recorder(path, header(), Redactor())
    with LiveWorld(Timeline(RunClock(), recorder), lambda source, stream: talk) as world:
        for number in range(exchanges):
            world.send([Sending(Lane(Source("rest"), "ask"), {"text": f"request {number} of {path.parent}"})])
    recorder.seal()

for line in sys.stdin:
    path, port, exchanges = line.split()
    child = os.fork()
    if not child:
        try:
            record(Path(path), int(port), int(exchanges))
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

Moment = Callable[[int, str], None]


@dataclass(slots=True)
class Log:
    """What one recorder asked and was answered, in order."""

    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)


class Peer:
    """Answers each line with a line of its own, notes both, and calls `moment` around each answer."""

    def __init__(self) -> None:
        self.moment: Moment = lambda pid, what: None
        self.ready: Callable[[int], None] = lambda pid: None
        self.log = Log()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                try:
                    self._talk(connection, lines)
                except OSError:
                    continue  # it was killed

    def _talk(self, connection: socket.socket, lines: Iterator[bytes]) -> None:
        log, pid = self.log, int(next(lines))
        self.ready(pid)
        connection.sendall(b"go\n")
        for number, line in enumerate(lines):
            log.asked.append(line.decode().strip())
            self.moment(pid, f"asked {number}")
            answer = f"answer {number} to process {pid}"
            log.answered.append(answer)
            connection.sendall(answer.encode() + b"\n")
            self.moment(pid, f"answered {number}")

    def close(self) -> None:
        """Stop listening."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


class Nursery:
    """Starts a recorder as often as it is asked to, each in a process of its own."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", textwrap.dedent(NURSERY), str(Path(__file__).parents[1])]
        self.errors = ""
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def record(self, path: Path, peer: Peer, exchanges: int) -> int:
        """Let a child record so many exchanges with the peer; its exit code, -9 where it was killed."""
        peer.log = Log()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{path} {peer.port} {exchanges}\n")
        stdin.flush()
        return int(stdout.readline())

    def close(self) -> None:
        """End it; ending it again does nothing."""
        if self._process.returncode is None:
            _, self.errors = self._process.communicate(timeout=60)


@contextmanager
def recorders() -> Iterator[tuple[Nursery, Peer]]:
    """A nursery and the peer that its children talk to."""
    peer, nursery = Peer(), Nursery()
    try:
        yield nursery, peer
    finally:
        nursery.close()
        peer.close()


def kill(pid: int) -> None:
    """End a recorder as a crash does."""
    os.kill(pid, signal.SIGKILL)
