"""A customer's FIX engine that is not ours, as a process of its own, told what to send line by line.

A line to it is `[what, fields]`: a MsgType, or `logout`, `logon` (again) and `skip` (three numbers are
never sent). It says `["logon"]`, `["logout"]`, and `["sent" or "got", MsgType, fields]`; what it sends for us
is not told, what it says by itself is. `logon` in its session are fields for its Logon, `key` signs that,
`log` is where QuickFIX keeps its log.
"""

from __future__ import annotations

import collections
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from .bench import DEADLINE_S

Field = tuple[int, Any]
ENGINES = ("quickfix", "fixcore")
STAMP = (60, "20261122-00:00:00.000")


class Engine:
    """One session of one customer, over as many connections as a test likes."""

    def __init__(
        self, name: str, session: dict[str, Any], *, reset: bool = True, heartbeat_s: int = 30
    ) -> None:
        self.name = name
        script = Path(__file__).with_name(f"{name}_client.py")
        its = {"reset": "Y" if reset else "N", "heartbeat_s": heartbeat_s}
        asked = {"key": "", "logon": [], "log": "", **session, **its}
        root = str(Path(__file__).parents[2])
        self._process = subprocess.Popen(
            [sys.executable, str(script), json.dumps(asked)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env={"PYTHONPATH": root, "PATH": os.environ["PATH"]},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        self._unread: collections.deque[tuple[str, dict[str, str]]] = collections.deque()
        self.said: list[tuple[str, dict[str, str]]] = []
        """What it sent by itself: its session's messages."""
        self.took: set[str] = set()
        """The message types of the exchange that it took."""

    def __enter__(self) -> Self:
        self.until("logon")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if kind is not None:
            self._process.kill()
        self._process.stdin.close()
        code = self._process.wait(DEADLINE_S)
        self._reader.join()
        self._process.stdout.close()
        while line := self._lines.get_nowait():
            self._note(json.loads(line))
        if kind is None:
            assert code == 0
            assert self.rejected == []

    @property
    def rejected(self) -> list[dict[str, str]]:
        """What it found wrong with a message of the exchange."""
        return [fields for kind, fields in self.said if kind == "3"]

    def send(self, kind: str, *fields: Field) -> None:
        """Send a message, or say what to do."""
        assert self._process.stdin is not None
        text = [[tag, str(value)] for tag, value in fields]
        self._process.stdin.write(json.dumps([kind, text]) + "\n")
        self._process.stdin.flush()

    def order(self, cl_ord_id: str, symbol: str, size: str, *more: Field, price: str = "0.5") -> None:
        what = [(11, cl_ord_id), (55, symbol), (54, 1), (38, size), (40, 2), (44, price), (59, 1), STAMP]
        given = {tag for tag, _ in more}
        self.send("D", (50, "trader"), *(field for field in what if field[0] not in given), *more)

    def cancel(self, cl_ord_id: str, orig: str, symbol: str) -> None:
        self.send("F", (50, "trader"), (11, cl_ord_id), (41, orig), (55, symbol), (54, 1), STAMP)

    def expect(self, kind: str, *pairs: Field) -> dict[str, str]:
        """The next message of the exchange that it took, which must be of that type and have these fields."""
        got, fields = self._next()
        seen = [(tag, fields.get(str(tag), "")) for tag, _ in pairs]
        assert (got, seen) == (kind, [(tag, str(value)) for tag, value in pairs]), (fields, self.said)
        return fields

    def settled(self, text: str) -> set[str]:
        """Ask with a TestRequest, and take everything up to its answer: which types came before."""
        self.send("1", (112, text))
        came = set()
        while (row := self._next())[0] != "0" or row[1].get("112") != text:
            came.add(row[0])
        return came

    def until(self, event: str) -> None:
        """Read until it says that it logged on or out."""
        while self._read()[0] != event:
            pass

    def _next(self) -> tuple[str, dict[str, str]]:
        while not self._unread:
            self._read()
        return self._unread.popleft()

    def _read(self) -> list[Any]:
        try:
            line = self._lines.get(timeout=DEADLINE_S)
        except queue.Empty:
            line = ""
        assert line, f"{self.name} has ended, or says nothing; it said by itself {self.said}"
        row: list[Any] = json.loads(line)
        self._note(row)
        return row

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _note(self, row: list[Any]) -> None:
        if row[0] == "sent":
            self.said.append((row[1], row[2]))
        elif row[0] == "got":
            self.took.add(row[1])
            self._unread.append((row[1], row[2]))
