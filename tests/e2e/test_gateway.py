"""The gateway's engine dies: a lost connection is the product's where it comes back, else nobody's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .bench import CONFIG, QUIET, Bench, Ran, clean_environment
from .exchanges import exchange
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


def run_and(bench: Bench, case: str, act: Callable[[], None]) -> Ran:
    """Run a case on the embedded exchange, and act when its session has logged on."""
    (bench.root / "cases" / "ESC-1100-waits.yaml").write_text(case, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *QUIET, "-v", "--target", "venue", "--build", FIXED_BUILD]
    told = bench.root / "told.txt"
    with told.open("w", encoding="utf-8") as output:
        run = subprocess.Popen(
            command,
            cwd=bench.root,
            env={**clean_environment(), "HARNESS_TEST_MARK": f"harness-mark-{bench.root.name}"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        until(lambda: "Logon came" in told.read_text(encoding="utf-8"), "the session to log on")
        act()
        code = run.wait(120)
    return Ran(code, told.read_text(encoding="utf-8"))


def signalled(bench: Bench, number: signal.Signals) -> None:
    """Signal the venue's FIX engine."""
    os.kill(acceptors(f"harness-mark-{bench.root.name}")[0], number)


def test_the_death_of_the_engine_costs_one_case(bench: Bench) -> None:
    """After kill -9 of the acceptor, which is started again, its case says that the connection was lost: the
    product's. The next one holds."""
    ran = run_and(bench, WAITING, lambda: signalled(bench, signal.SIGKILL))

    assert (ran.code, ran.outcomes()) == (1, {"failed": 1, "passed": 1}), ran.out
    assert "changed on venue 2026.11.2: 'reported' fails" in ran.out
    assert "the peer closed the connection" in ran.out
    assert "ESC-1118  venue 2026.11.2  holds" in ran.out


def test_an_engine_that_hangs_is_nobody_s(bench: Bench) -> None:
    """Where the engine stops behind its open port, the silence of its session is no evidence, though it is
    what the symptom shows: `inconclusive`, and the text names the FIX gateway. The next case holds."""
    case = WAITING.replace("60s", "10s")
    ran = run_and(bench, case, lambda: signalled(bench, signal.SIGSTOP))

    assert ran.outcomes() == {"error": 1, "passed": 1}, ran.out
    assert "T001 the target went down during the run: the FIX gateway opens no session" in ran.out
    assert "ESC-1118  venue 2026.11.2  holds" in ran.out


def test_an_engine_that_is_away_from_the_start(bench: Bench) -> None:
    """Where the engine hangs behind its open port for a whole run, what needs FIX is inconclusive and says
    so, and what does not is judged."""
    (bench.root / "cases" / "ESC-1100-waits.yaml").write_text(WAITING, encoding="utf-8")
    with exchange(FIXED_BUILD, "staging") as there:
        (bench.root / "harness.toml").write_text(
            CONFIG + there.configured("there", "local"), encoding="utf-8"
        )
        hung = there.control.control("/health")["fix"]["pids"]
        for pid in hung:
            os.kill(pid, signal.SIGSTOP)
        try:
            ran = bench.pytest("--target", "there")
        finally:
            for pid in hung:
                os.kill(pid, signal.SIGCONT)

    assert ran.outcomes() == {"error": 1, "passed": 1}, ran.out
    assert "ESC-1118  there 2026.11.2  holds" in ran.out
    assert "/fix-sessions, asked for a FIX session, does not answer" in ran.out.replace("\n", " ")
