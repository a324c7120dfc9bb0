"""The engine's process: its crashes, what is missing around it, its clock and files, and that it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from venue.bench import Bench, Customer, eventually

from harness import exactjson
from harness.channels.address import FixAddress
from harness.errors import GuardError, TargetError

from .leaves import NO_DIAL
from .seat import TOTAL, Seat, without_quickfix


def test_a_crash_between_steps_is_a_closed_connection(seat: Seat) -> None:
    """After kill -9 of the engine its connection is closed with the reason; later steps are lost at once."""
    seat.log_on(**TOTAL)
    assert seat.driver.pid is not None

    os.kill(seat.driver.pid, signal.SIGKILL)

    died = "the quickfix engine's process died (SIGKILL)"
    assert seat.wait("closed").text == died
    for verb in ("send", "logon", "logout"):
        reports = seat.do(verb, message={"TestRequest": {"TestReqID": "x"}})
        assert [(told.what, told.text) for told in reports] == [("sent", ""), ("lost", died)]


def test_a_crash_in_the_middle_of_a_send_loses_it(seat: Seat) -> None:
    """A send that the engine died over is lost with the same reason, and the step does not wait longer."""
    seat.log_on(**TOTAL)
    pid = seat.driver.pid
    assert pid is not None
    before = len(seat.told)
    os.kill(pid, signal.SIGSTOP)
    message = {"message": {"TestRequest": {"TestReqID": "x"}}}
    step = threading.Thread(target=seat.do, args=("send",), kwargs=message)
    step.start()

    os.kill(pid, signal.SIGKILL)
    step.join(5)

    assert not step.is_alive()
    assert sorted(told.what for told in seat.told[before:])[-2:] == ["lost", "sent"]
    assert (
        seat.wait("lost").text == seat.wait("closed").text == "the quickfix engine's process died (SIGKILL)"
    )


def test_the_engine_outlives_the_thread_of_its_first_step(seat: Seat) -> None:
    """A first step whose thread ends, as those of sends at the same time do, leaves an engine that lives."""
    step = threading.Thread(target=seat.log_on, kwargs=TOTAL)
    step.start()
    step.join()
    eventually(lambda: not os.path.exists(f"/proc/self/task/{step.native_id}"))

    assert seat.ask("still there").fields["TestReqID"] == "still there"


def test_a_gateway_that_is_not_there_is_the_environment_s(unused_port: int) -> None:
    """Where nobody listens, the first logon is a TargetError with the address."""
    seat = Seat(FixAddress("127.0.0.1", unused_port, "A", "B", "FIXT.1.1"))

    with pytest.raises(TargetError, match=f"127.0.0.1:{unused_port} does not open") as caught:
        seat.do("logon")

    assert (caught.value.code, seat.told) == ("T001", [])
    seat.driver.close()
    seat.assert_gone()


def test_without_quickfix_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unused_port: int
) -> None:
    """Where quickfix is not installed, the first step is a TargetError that names the extra."""
    monkeypatch.setenv("PYTHONPATH", str(without_quickfix(tmp_path)))
    seat = Seat(FixAddress("127.0.0.1", unused_port, "A", "B", "FIXT.1.1"))

    for _ in range(2):
        with pytest.raises(TargetError, match=r"pip install 'escalation-harness\[fix\]'") as caught:
            seat.do("logon")
        assert caught.value.code == "T006"

    seat.driver.close()


def test_a_process_that_does_not_start_is_the_environment_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unused_port: int
) -> None:
    """Where the engine's process ends before it says anything, the first step is a TargetError, too."""
    (tmp_path / "sitecustomize.py").write_text("import os\nos._exit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seat = Seat(FixAddress("127.0.0.1", unused_port, "A", "B", "FIXT.1.1"))

    with pytest.raises(TargetError, match=r"process died \(exit code 3\)") as caught:
        seat.do("logon")

    assert (caught.value.code, seat.told) == ("T006", [])
    seat.driver.close()


def test_the_process_stamps_with_the_machine_s_clock(unused_port: int) -> None:
    """Every line of the engine's process has the machine's monotonic clock; it ends with its stdin."""
    commands = [
        {"do": "open", "begin_string": "FIXT.1.1", "sender": "A", "target": "B"},
        logon("127.0.0.1", unused_port),
        {"do": "disconnect"},
    ]
    before_ns = time.monotonic_ns()

    ran = _engine("\n".join(map(exactjson.dumps, commands)) + "\n")

    events = [exactjson.loads(line) for line in ran.stdout.splitlines()]
    assert [event["event"] for event in events] == ["unreachable", "done"]
    assert before_ns < events[0]["at_ns"] <= events[1]["at_ns"] < time.monotonic_ns()
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_gateway_without_leave_never_reaches_the_engine(unused_port: int) -> None:
    """A place that the guard did not judge is refused before there is an engine that could connect."""
    seat = Seat(FixAddress("203.0.113.1", unused_port, "A", "B", "FIXT.1.1"), NO_DIAL)

    with pytest.raises(GuardError, match=f"203.0.113.1:{unused_port}"):
        seat.do("logon")

    assert (seat.driver.pid, seat.told) == (None, [])


def test_the_engine_is_told_addresses_and_no_names(unused_port: int) -> None:
    """The engine's process resolves nothing: a name is a fault, wherever it came from."""
    opened = {"do": "open", "begin_string": "FIXT.1.1", "sender": "A", "target": "B"}

    ran = _engine("\n".join(map(exactjson.dumps, [opened, logon("localhost", unused_port)])) + "\n")

    [done] = [exactjson.loads(line) for line in ran.stdout.splitlines()]
    assert (done["event"], "localhost" in done["fault"]) == ("done", True)


def test_dictionaries_are_trimmed_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first use trims quickfix's dictionaries into the cache folder; the next leaves them alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    commands = [
        {"do": "open", "begin_string": "FIXT.1.1", "sender": "A", "target": "B"},
        {"do": "set", "next_out": 2},
    ]
    stdin = "\n".join(map(exactjson.dumps, commands)) + "\n"

    _engine(stdin)
    kept = {path.name: path.stat() for path in tmp_path.rglob("*.xml")}
    _engine(stdin)

    assert sorted(name.partition("-")[0] for name in kept) == ["FIX50SP2", "FIXT11"]
    assert all(stat.st_size < 250_000 for stat in kept.values())
    assert {path.name: path.stat() for path in tmp_path.rglob("*.xml")} == kept


def test_the_process_does_not_outlive_the_run(bench: Bench, customer: Customer) -> None:
    """When the run is killed, the engine's process ends by itself."""
    script = f"""if True:
        import sys
        from unittest.mock import Mock
        from harness.channels.address import FixAddress
        from harness.channels.quickfix import QuickfixDriver
        dial = Mock(**{{"addresses.return_value": ("127.0.0.1",)}})
        driver = QuickfixDriver(lambda: {Seat.of(bench, customer).address!r}, Mock(), dial)
        driver.send({{"fix": "logon"}}, Mock())
        print(driver.pid, flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        assert os.path.exists(f"/proc/{pid}")

        run.kill()

        eventually(lambda: not os.path.exists(f"/proc/{pid}"))


def logon(address: str, port: int) -> dict[str, Any]:
    """The command that has the engine connect."""
    where = {"addresses": [address], "port": port}
    return {"do": "logon", **where, "fields": [], "reset": True, "by": "case"}


def _engine(stdin: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness.channels.fixengine"]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=20, check=True)
