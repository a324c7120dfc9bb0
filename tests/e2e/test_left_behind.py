"""A test run killed with SIGKILL in the middle of a live case leaves no process and no port behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .bench import QUIET, ROOT, Bench, clean_environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
CASE = "ESC-1115-reset-answered-by-a-second-reset.yaml"
UP_S, GONE_S = 60.0, 15.0
PARTS = ("harness.venue ", "anvil ", "harness.venue.fix.acceptor", "harness.channels.fixengine")


@pytest.fixture
def waiting(bench: Bench) -> Bench:
    """A project of two cases that reach the chain and FIX, with quickfix on our side, and wait for long."""
    shutil.rmtree(bench.root / "cases")
    (bench.root / "cases").mkdir()
    text = (ROOT / "cases" / CASE).read_text(encoding="utf-8")
    text = text.replace(
        'within: 3s\n    where: {ExecutionReport: {OrderID: "${rests.order_id}", ExecType: CANCELED',
        ('within: 60s\n    where: {ExecutionReport: {OrderID: "${rests.order_id}", ExecType: EXPIRED'),
    )
    assert "EXPIRED" in text
    for name in ("ESC-1115", "ESC-2115"):
        (bench.root / "cases" / f"{name}.yaml").write_text(text.replace("id: ESC-1115", f"id: {name}"))
        shutil.copytree(ROOT / "cassettes" / "ESC-1115", bench.root / "cassettes" / name)
    return bench


class Marked:
    """Every process that inherited a mark in its environment, whoever its parent is by now."""

    def __init__(self) -> None:
        self.mark = f"LEFT_BEHIND={uuid.uuid4()}"

    def found(self) -> dict[int, str]:
        """Its command line by its number; those that wait only for their parent to notice are none."""
        return {pid: command for pid in _pids() if (command := self._command(pid))}

    def _command(self, pid: int) -> str:
        try:
            if self.mark.encode() not in Path(f"/proc/{pid}/environ").read_bytes():
                return ""
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""

    def ports(self) -> set[int]:
        """The ports on which any of them listens."""
        listening: dict[str, int] = {}
        for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A":
                listening[f"socket:[{fields[9]}]"] = int(fields[1].rpartition(":")[2], 16)
        held = {link for pid in self.found() for link in _links(pid)}
        return {listening[link] for link in held & set(listening)}


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _links(pid: int) -> Iterator[str]:
    try:
        for file in Path(f"/proc/{pid}/fd").iterdir():
            yield os.readlink(file)
    except OSError:
        return


def until(limit_s: float, look: Callable[[], bool]) -> float:
    """Wait until it is so; how long that took, or the limit."""
    started = time.monotonic()
    while time.monotonic() - started < limit_s:
        if look():
            return time.monotonic() - started
        time.sleep(0.05)
    return limit_s


@pytest.mark.parametrize("workers", [0, 2], ids=["alone", "with two workers"])
def test_a_killed_run_leaves_nothing_behind(waiting: Bench, workers: int) -> None:
    """Venues, nodes, both quickfix processes and workers end within seconds of SIGKILL; ports are free."""
    marked = Marked()
    name, _, value = marked.mark.partition("=")
    command = [sys.executable, "-m", "pytest", *QUIET, "--target", "venue", "--build", "2026.11.2"]
    run = subprocess.Popen(
        [*command, *(("-n", str(workers)) if workers else ())],
        cwd=waiting.root,
        env={**clean_environment(), name: value},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wanted = max(1, workers)

        def all_up() -> bool:
            commands = list(marked.found().values())
            return all(sum(part in command for command in commands) == wanted for part in PARTS)

        up_s = until(UP_S, all_up)
        ports = marked.ports()
        assert up_s < UP_S, marked.found()
        assert run.poll() is None
        assert len(ports) >= 6 * wanted
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()

    gone_s = until(GONE_S, lambda: not marked.found())
    left = marked.found()
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"after {gone_s:.1f} s: {left}"
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # old connections may linger
            probe.bind(("127.0.0.1", port))
    print(f"{len(ports)} ports free after {gone_s:.2f} s")
