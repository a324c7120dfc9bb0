"""The engine's process from outside: commands in, events out, each bounded; its end is told once."""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Final

from harness import exactjson
from harness.clock import RunClock
from harness.errors import HarnessError
from harness.limits import FIX_ENGINE_LINE_BYTES

COMMAND: Final = (sys.executable, "-m", "harness.channels.fixengine")
END_S: Final = 5
"""How long it may take to say goodbye and end."""


class EngineProcess:
    """A process that carries out lines of JSON and tells what happens in lines of JSON.

    `heard` is called with each event and `ended` with why it ended, both from a thread of its own.
    """

    def __init__(
        self,
        heard: Callable[[Mapping[str, Any]], None],
        ended: Callable[[str], None],
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self._heard = heard
        self._ended = ended
        self._why = ""
        self._process: subprocess.Popen[bytes]
        started: Future[None] = Future()
        self._reader = threading.Thread(
            target=self._live, args=(command, started), name="quickfix", daemon=True
        )
        self._reader.start()
        started.result()
        assert self._process.stdin is not None  # a pipe was asked for
        self._commands = self._process.stdin
        os.set_blocking(self._commands.fileno(), False)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def tell(self, command: Mapping[str, Any], within_s: int) -> None:
        """Give it a command; where it does not even take it in its time, it is ended."""
        line = exactjson.dumps(command).encode() + b"\n"
        clock = RunClock()
        with contextlib.suppress(OSError, ValueError):  # it has just died: the reader says so
            while line:
                left_us = within_s * 1_000_000 - clock.now_us()
                if left_us <= 0:
                    self.stop(f"it took no command within {within_s} s", "T028")
                    return
                select.select([], [self._commands], [], left_us / 1_000_000)
                line = line[self._commands.write(line) or 0 :]

    def stop(self, why: str, error: str) -> None:
        """End it because it, or what it tells, went too far; `ended` is called with why."""
        self._why = self._why or f"{error} {why}, and was ended"
        self._process.kill()

    def explain(self, why: str) -> None:
        """What to say of its end, where it is about to end by itself."""
        self._why = self._why or why

    def close(self) -> None:
        """Have it say goodbye and wait for its end; may be called twice."""
        with contextlib.suppress(OSError):
            self._commands.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _live(self, command: tuple[str, ...], started: Future[None]) -> None:
        """Start the process and hear it out, in one thread.

        It is killed when the thread that started it ends (PR_SET_PDEATHSIG means the thread, not its
        process), and that of a step may end at once: sends at the same time have one each.
        """
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0}
        try:
            self._process = subprocess.Popen(
                command,
                stderr=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is ours to hear: it logs out when it is closed
                **pipes,
            )
        except BaseException as error:
            started.set_exception(error)
            return
        started.set_result(None)
        self._read()

    def _read(self) -> None:
        assert self._process.stdout is not None  # a pipe was asked for
        with io.BufferedReader(self._process.stdout) as told:  # type: ignore[type-var] # a raw pipe
            while line := told.readline(FIX_ENGINE_LINE_BYTES + 1):
                if len(line) > FIX_ENGINE_LINE_BYTES:
                    self.stop(f"it said more than {FIX_ENGINE_LINE_BYTES} bytes in a line", "T028")
                    break
                try:
                    event = exactjson.loads(line)
                    if isinstance(event, Mapping):
                        self._heard(event)
                except ValueError:
                    continue  # cut off where it died
                except HarnessError as error:  # the run's record takes nothing more
                    self.stop(error.text, error.code)
                    break
        self._ended(self._why or _ending(self._process.wait()))


def _ending(code: int) -> str:
    """An exit code in words: `SIGSEGV`, `exit code 1`."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
