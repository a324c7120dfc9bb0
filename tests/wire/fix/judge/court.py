"""Starting the judge and talking to it: one child process, one port, one FIX session for each script."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .dictionaries import trimmed
from .scripts import Script

NAME = "JUDGE"
START_S = 20


class Court:
    """A running judge. `port` is where it listens; `tell` asks something of its side of a session."""

    def __init__(self, scripts: Iterable[Script], folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self.port = _free_port()
        settings = folder / "judge.cfg"
        settings.write_text(self._settings(scripts))
        with (folder / "judge.err").open("wb") as errors:
            self._child = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("child.py")), str(settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._ask, self._hear = self._child.stdin, self._child.stdout
        self._answer()

    def tell(self, session: str, do: str, n: int = 0) -> dict[str, Any]:
        """Have the judge do something and give its numbers; AssertionError where it made a mistake itself."""
        with self._lock:
            self._ask.write(json.dumps({"session": session, "do": do, "n": n}).encode() + b"\n")
            self._ask.flush()
            answer = self._answer()
        assert not answer["mistakes"], answer["mistakes"][0]
        return answer

    def close(self) -> int:
        """End the judge in good order and give its exit status."""
        self._ask.close()
        try:
            return self._child.wait(START_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self._child.wait()
        finally:
            self._hear.close()

    def _answer(self) -> dict[str, Any]:
        line = self._hear.readline()
        if not line:
            self.close()
            said = (self._folder / "judge.err").read_text(errors="replace")
            raise AssertionError(f"the judge ended with status {self._child.returncode}: {said[-2000:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def _settings(self, scripts: Iterable[Script]) -> str:
        old, new, session = (trimmed(f"{name}.xml", self._folder) for name in ("FIX44", "FIX50SP2", "FIXT11"))
        lines = [
            *("[DEFAULT]", "ConnectionType=acceptor", "NonStopSession=Y", "UseDataDictionary=Y"),
            *("StartTime=00:00:00", "EndTime=00:00:00"),  # quickfix before 1.16 demands them
            *("ValidateUserDefinedFields=N", "SocketNodelay=Y", "SocketReuseAddress=Y"),
            *(f"SocketAcceptPort={self.port}", f"SenderCompID={NAME}"),
        ]
        for script in scripts:
            lines += ["[SESSION]", f"BeginString={script.begin_string}", f"TargetCompID={script.comp_id}"]
            if script.begin_string == "FIXT.1.1":
                lines += ["DefaultApplVerID=FIX.5.0SP2", f"AppDataDictionary={new}"]
                lines += [f"TransportDataDictionary={session}"]
            else:
                lines += [f"DataDictionary={old}"]
            lines += [f"{name}={value}" for name, value in script.judge.items()]
        return "\n".join(lines) + "\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
