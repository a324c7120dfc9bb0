"""Starting and stopping: the ready line, the reasons not to start, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.venue import anvil
from harness.venue.__main__ import main
from harness.venue.anvil import anvil_path, npm_file
from harness.venue.faults import VenueError

from .bench import DEADLINE_S, Bench, eventually, start_venue, stop_venue
from .fixclient import FixClient

LINUX = sys.platform == "linux"
PARENT = """
import subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-m", "harness.venue", "--build", "2026.11.2", "--exit-with-stdin"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(child.stdout.readline(), child.pid, flush=True)
sys.stdin.read()
"""


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def gone(pid: int) -> bool:
    """Whether a process has ended (or waits only for its parent to notice)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def test_the_ready_line_says_where_everything_listens() -> None:
    """One JSON line says where everything listens; the venue stops with its stdin."""
    process, ready = start_venue("2026.11.2")
    assert stop_venue(process) == 0
    keys = [
        "rest",
        "ws",
        "rtds",
        "chain",
        "control",
        "data",
        "build",
        "environment",
        "chain_id",
        "contracts",
        "fix",
    ]
    assert list(ready) == keys


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it_cleanly(number: signal.Signals) -> None:
    """SIGTERM and SIGINT end with 0."""
    process, _ = start_venue("2026.11.2")
    process.send_signal(number)
    assert process.wait(DEADLINE_S) == 0
    stop_venue(process)


@pytest.mark.skipif(not LINUX, reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it_cleanly_in_the_middle_of_things(number: signal.Signals) -> None:
    """With clients on every channel and a match that waits for a block it ends with 0 and leaves nothing."""
    process, ready = start_venue("2026.11.2")
    bench = Bench(ready)
    market = bench.market()
    maker, taker = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    with bench.user_channel(taker) as user, FixClient.drop_copy(bench, maker) as client:
        bench.control("/verbs/freeze", {"for_ms": 60_000})
        maker.order(market["yes"], "SELL", 0.5, 10)
        assert taker.order(market["yes"], "BUY", 0.5, 10)["status"] == "matched"
        family = children(process.pid)
        assert len(family) == 2, "the node and the acceptor"
        process.send_signal(number)
        said = client.rest()
        told = [json.loads(frame) for frame in user]  # ends where the socket is closed as it should be
        assert process.wait(DEADLINE_S) == 0
    assert said[-1][35] == "5", "logged out"
    assert ({event["event_type"] for event in told}, user.close_code) == ({"order", "trade"}, 1001)
    assert all(gone(pid) for pid in family)
    bench.http.close()
    stop_venue(process)


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_a_killed_venue_leaves_no_node() -> None:
    """SIGKILL of the venue takes the node with it."""
    process, _ = start_venue("2026.11.2")
    nodes = children(process.pid)
    assert nodes
    process.kill()
    process.wait(DEADLINE_S)
    eventually(lambda: all(gone(node) for node in nodes))
    stop_venue(process)


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_a_venue_that_loses_its_node_stops_with_a_reason(capfd: pytest.CaptureFixture[str]) -> None:
    """When the node dies, the venue says so and ends with 1."""
    process, _ = start_venue("2026.11.2")
    for node in children(process.pid):
        os.kill(node, signal.SIGKILL)
    assert process.wait(DEADLINE_S) == 1
    assert "the EVM node does not answer" in capfd.readouterr().err
    stop_venue(process)


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_a_killed_parent_leaves_no_venue_and_no_node() -> None:
    """SIGKILL of whoever started the venue ends the venue and its node."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    parent.stdout.readline()
    venue = int(parent.stdout.readline())
    nodes = children(venue)
    parent.kill()
    parent.wait(DEADLINE_S)
    eventually(lambda: all(gone(pid) for pid in [venue, *nodes]))
    parent.stdin.close()
    parent.stdout.close()


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_the_pipe_leash_works_where_the_kernel_cannot_help() -> None:
    """Without the kernel's help, the node still dies when its starter is killed."""
    program = (
        "import asyncio, decimal\nfrom harness.venue.anvil import start_anvil\n"
        "async def run():\n"
        "    one = decimal.Decimal(1)\n"
        "    node = await start_anvil(port=0, chain_id=137, block_time_s=one, use_prctl=False)\n"
        "    print(node.pid, flush=True)\n    await asyncio.Event().wait()\n"
        "asyncio.run(run())\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    node = int(starter.stdout.readline())
    assert not gone(node)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait(DEADLINE_S)
    eventually(lambda: gone(node))
    starter.stdout.close()


def test_a_venue_that_hangs_ends_with_its_stdin_all_the_same() -> None:
    """Where the venue does not get round to stopping, the end of its stdin is its end after a while."""
    program = (
        "import asyncio, threading\nfrom harness.venue import __main__ as venue\n"
        "venue.STOP_LIMIT_S = 0.1\n"
        "async def run():\n"
        "    wanted = asyncio.get_running_loop(), asyncio.Event()\n"
        "    threading.Thread(target=venue._read_stdin, args=wanted, daemon=True).start()\n"
        "    threading.Event().wait()\n"
        "asyncio.run(run())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], input="", capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert (ended.returncode, "did not stop within 0.1 s" in ended.stderr) == (1, True)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--build", "9"], "there is no build '9': name one of the "),
        (["--build", "2026.11.2", "--rest-port", "70000"], "port 70000 is none"),
        (["--build", "2026.11.2", "--block-time", "0"], "a block time of 0 s"),
        (["--build", "2026.11.2", "--ping-limit", "0"], "0 s is no time to wait for a PING"),
    ],
)
def test_reasons_not_to_start_are_one_line(
    options: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stops the venue is one line on stderr with the next step, and exit code 1."""
    assert main(options) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"harness venue: {text}")
    assert captured.err.count("\n") == 1


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken is named."""
    process, ready = start_venue("2026.11.2")
    port = ready["rest"].rpartition(":")[2]
    assert main(["--build", "2026.11.2", "--control-port", port]) == 1
    assert f"port {port} cannot be opened" in capsys.readouterr().err
    chain = ready["chain"].rpartition(":")[2]
    assert main(["--build", "2026.11.2", "--chain-port", chain]) == 1
    assert f"port {chain} cannot be opened" in capsys.readouterr().err
    stop_venue(process)


def test_missing_pieces_name_make_setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anvil, the npm packages or the compiled contracts the next step is `make setup`."""
    from harness.venue import install

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VenueError, match=r"anvil is missing.*make setup"):
        anvil_path(tmp_path)
    with pytest.raises(VenueError, match="make setup"):
        npm_file("nothing.json", tmp_path)
    monkeypatch.setattr(install, "ARTEFACTS", tmp_path / "artefacts.json")
    with pytest.raises(VenueError, match=r"artefacts\.json is missing: run `make setup`"):
        install.runtime_codes()


def test_anvil_on_the_path_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the npm package is not installed, an anvil on PATH is used."""
    own = tmp_path / "anvil"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert anvil.anvil_path(tmp_path) == own


def test_importing_the_entry_point_is_cheap() -> None:
    """The command can be imported without loading web3 or eth_account."""
    program = "import harness.venue.__main__, sys, json; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    )
    assert not {"web3", "eth_account"} & set(loaded)
