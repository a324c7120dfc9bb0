"""Starting the embedded venue as a process of its own, and never leaving it behind."""

from __future__ import annotations

import queue
import secrets
import subprocess
import sys
import threading
from typing import Final

from harness import exactjson
from harness.errors import TargetError
from harness.targets import Beginning, Endpoints, Marker, Said

READY_S: Final = 30
STOP_S: Final = 10


class Venue:
    """A running venue. Use as a context manager; it also ends when this process does, however it ends."""

    def __init__(self, build: str, beginning: Beginning | None = None) -> None:
        environment = f"venue-{secrets.token_hex(8)}"  # no other process says this
        self.marker = Marker(Said("control", "/health", "environment"), environment)
        command = [sys.executable, "-m", "harness.venue", "--build", build, "--exit-with-stdin"]
        command += ["--environment", environment, *(beginning or Beginning()).options]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,  # Ctrl-C is ours to hear: it runs until what was placed is taken back
        )
        self._said: list[str] = []
        self._lines: queue.Queue[str] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_ready, daemon=True),
            threading.Thread(target=self._read_trouble, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.endpoints = self._ready()

    def __enter__(self) -> Venue:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process and wait for it; a venue that does not end is killed. May be called twice."""
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        if stdin is not None and not stdin.closed:
            stdin.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (stdout, stderr):
            if pipe is not None:
                pipe.close()

    def _ready(self) -> Endpoints:
        try:
            line = self._lines.get(timeout=READY_S)
        except queue.Empty:
            line = ""
        if not line:
            self.stop()
            told = "".join(self._said[-5:]).strip() or f"it said nothing within {READY_S} s"
            raise TargetError("T004", f"the embedded venue did not start: {told}")
        return Endpoints.from_json(exactjson.loads(line))

    def _read_ready(self) -> None:
        if self._process.stdout is not None:
            self._lines.put(self._process.stdout.readline())
            self._process.stdout.read()

    def _read_trouble(self) -> None:
        if self._process.stderr is not None:
            self._said.extend(self._process.stderr)
