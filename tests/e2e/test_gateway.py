"""The gateway's engine dies in the middle of a run: one case's error, and the others are judged as ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from .bench import QUIET, Bench, Ran, clean_environment
from .test_live import FIXED_BUILD, processes, until

WAITING = """\
id: ESC-1100
title: "A session that waits while its gateway dies"
status: open
severity: minor
component: fix/session
actors: {alice: trader}
steps:
  - {id: logon, fix: oe, logon: {ResetSeqNumFlag: true}}
  - {id: reported, fix: oe, within: 60s, where: {ExecutionReport: {$present}}}
symptom: {step: reported, shows: {$nothing}, witness: logon}
"""


def acceptors(mark: str) -> list[int]:
    """The processes of the venue's FIX engine in this run."""
    return [
        pid
        for pid in processes(mark)
        if b"harness.venue.fix.acceptor" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_the_death_of_the_engine_costs_one_case(bench: Bench) -> None:
    """After kill -9 of the acceptor its case says that the connection was lost; the next one holds."""
    (bench.root / "cases" / "ESC-1100-waits.yaml").write_text(WAITING, encoding="utf-8")
    mark = f"harness-mark-{bench.root.name}"
    command = [sys.executable, "-m", "pytest", *QUIET, "-v", "--target", "venue", "--build", FIXED_BUILD]
    told = bench.root / "told.txt"
    with told.open("w", encoding="utf-8") as output:
        run = subprocess.Popen(
            command,
            cwd=bench.root,
            env={**clean_environment(), "HARNESS_TEST_MARK": mark},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        until(lambda: "Logon came" in told.read_text(encoding="utf-8"), "the session to log on")
        killed = acceptors(mark)
        os.kill(killed[0], signal.SIGKILL)
        code = run.wait(60)

    ran = Ran(code, told.read_text(encoding="utf-8"))
    assert (ran.code, ran.outcomes()) == (1, {"failed": 1, "passed": 1}), ran.out
    assert "changed on venue 2026.11.2: 'reported' fails" in ran.out
    assert "the peer closed the connection" in ran.out
    assert "ESC-1118  venue 2026.11.2  holds" in ran.out
