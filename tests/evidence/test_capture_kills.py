"""Signals, kills and a full disk: what was seen is kept, and the program decides for itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from harness.evidence.capture import NO_END
from harness.model import Kind

from .httpserver import Served
from .programs import captured, ended, get, harness, start_captured


def test_a_killed_program_loses_nothing_that_was_seen(served: Served, tmp_path: Path) -> None:
    """After SIGKILL every exchange that the program had is sealed, and the last request has no answer."""
    program = """
        import os, signal, sys, threading, requests
        for number in range(20):
            requests.get(sys.argv[1] + f"/k/{number}")
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
        requests.get(sys.argv[1] + "/silence")
    """
    ran = captured(tmp_path, program, served.url)

    assert ran.code == 128 + signal.SIGKILL
    assert ran.urls == [f"/k/{number}" for number in range(20)] + ["/silence"]
    assert [event.data["why"] for event in ran.events(Kind.LOST)] == [NO_END]


WAITING = """
import sys, requests
requests.get(sys.argv[1] + "/one")
try:
    requests.get(sys.argv[1] + "/silence")
except KeyboardInterrupt:
    print("stopped by hand", flush=True)
    sys.exit(3)
"""


def waiting(served: Served, folder: Path) -> tuple[subprocess.Popen[str], Path]:
    """A captured program that has had one answer, and has asked for another that does not come."""
    before = served.count("/silence")
    started = start_captured(folder, WAITING, served.url)
    served.wait_for("/silence", before)
    return started


def test_ctrl_c_is_the_programs_and_the_evidence_is_sealed(served: Served, tmp_path: Path) -> None:
    """An interrupt reaches the program, its own handling decides, and what was seen is sealed."""
    process, path = waiting(served, tmp_path)
    process.send_signal(signal.SIGINT)
    ran = ended(process, path)

    assert (ran.code, ran.out) == (3, "stopped by hand\n"), ran.err
    assert ran.urls == ["/one", "/silence"]
    assert "KeyboardInterrupt" in ran.events(Kind.LOST)[0].data["why"]


def test_a_term_signal_is_handed_on(served: Served, tmp_path: Path) -> None:
    """SIGTERM ends the program, the exit code says so, and the evidence is sealed."""
    process, path = waiting(served, tmp_path)
    process.send_signal(signal.SIGTERM)
    ran = ended(process, path)

    assert ran.code == 128 + signal.SIGTERM
    assert ran.urls == ["/one", "/silence"]


def test_a_killed_capture_is_finished_later(served: Served, tmp_path: Path) -> None:
    """A capture that was itself killed left a journal: it is not written over, and is sealed on demand."""
    process, path = waiting(served, tmp_path)
    pid = int(subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, check=True).stdout)
    process.kill()
    os.kill(pid, signal.SIGKILL)
    ended(process, path)

    again = captured(tmp_path, get("/two"), served.url)
    assert (again.code, "I012" in again.err) == (2, True)
    done = ended(harness("capture", "--unfinished", "evidence/customer.jsonl", cwd=tmp_path), path)
    assert done.code == 0, done.err
    assert done.urls[0] == "/one"
    assert "killed" in done.evidence.header.inputs["evidence"]["ended"]
    assert [each.name for each in path.parent.iterdir()] == ["customer.jsonl"]


def test_a_full_disk_is_loud_and_disturbs_nobody(served: Served, tmp_path: Path) -> None:
    """Where an exchange cannot be kept, the program goes on, and the capture fails and says why."""
    program = f"""
        import sys, requests
        for number in range(40):
            requests.post(sys.argv[1] + "/x", data="{"x" * 200}")
        print("done")
    """
    (tmp_path / "customer.py").write_text(textwrap.dedent(program))
    limited = (
        "ulimit -f 8; exec "
        + f"{sys.executable} -m harness capture -- {sys.executable} customer.py {served.url}"
    )
    run = subprocess.run(["bash", "-c", limited], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert run.stdout == "done\n", run.stderr
    assert run.returncode == 2
    assert "F002" in run.stderr
    assert not (tmp_path / "evidence" / "customer.jsonl").exists()
