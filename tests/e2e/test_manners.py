"""Good manners: replays are deterministic and open nothing; a foreign run never notices the plugin."""

from __future__ import annotations

import sys
from pathlib import Path

from .bench import ROOT, Bench

REPLAYS = """
import hashlib, json, locale, os, random, sys, time
from pathlib import Path
from harness import exactjson
from harness.case.read import read_case
from harness.cassette import cassette_path, read
from harness.proving import replay
from harness.verdict import proof_of

case = read_case(next(Path("cases").glob("ESC-1118*.yaml")))
names = ["broken", "fixed"] * 5
random.Random(int(sys.argv[1])).shuffle(names)
zones = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "XYZ-14"]
for turn, name in enumerate(names):
    os.environ["TZ"] = zones[turn % len(zones)]
    time.tzset()
    played = replay(case, read(cassette_path(Path("cassettes"), case.id, name), case.id))
    told = repr(proof_of(case, name, played.run)) + repr(played.run)
    lines = "".join(exactjson.dumps(event.as_json()) + chr(10) for event in played.timeline)
    print(name, hashlib.sha256((told + lines).encode()).hexdigest())
"""

NO_SOCKETS = """
import sys

def watch(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        sys.stderr.write(f"OPENED {event} {arguments}" + chr(10))

sys.addaudithook(watch)
"""


def test_a_hundred_replays_are_identical(bench: Bench) -> None:
    """A hundred shuffled replays under other hash seeds, zones and locales give the same bytes each."""
    digests: dict[str, set[str]] = {"broken": set(), "fixed": set()}
    counted = 0
    for seed, place in enumerate(["C", "C.UTF-8", "POSIX", "tr_TR.UTF-8", "de_DE.UTF-8"] * 2):
        env = {"PYTHONHASHSEED": str(seed * 7919), "LC_ALL": place, "PYTHONUTF8": str(seed % 2)}
        ran = bench.run(sys.executable, "-c", REPLAYS, str(seed), env=env)
        assert ran.code == 0, ran.out
        for line in ran.out.splitlines():
            name, digest = line.split()
            digests[name].add(digest)
            counted += 1

    assert counted == 100
    assert {name: len(seen) for name, seen in digests.items()} == {"broken": 1, "fixed": 1}


def test_replay_opens_no_socket(bench: Bench) -> None:
    """A replay makes no socket at all, by Python's own audit events."""
    (bench.root / "watch_sockets.py").write_text(NO_SOCKETS, encoding="utf-8")

    ran = bench.pytest("-p", "watch_sockets", env={"PYTHONPATH": str(bench.root)})

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2})
    assert "OPENED" not in ran.out


def test_replay_needs_no_network(bench: Bench) -> None:
    """A replay passes where there is no network interface (a namespace of its own), or connects nowhere."""
    if bench.run("unshare", "-rn", "true").code == 0:
        ran = bench.run("unshare", "-rn", sys.executable, "-m", "pytest", "-q")
        assert (ran.code, "2 passed" in ran.out) == (0, True), ran.out
        return
    ran = bench.run("strace", "-f", "-e", "trace=connect", sys.executable, "-m", "pytest", "-q")
    assert (ran.code, "connect(" in ran.out) == (0, False), ran.out


def test_foreign_run_never_notices(tmp_path: Path) -> None:
    """In a root that is not ours the plugin is not loaded, adds no option, and another may own `--target`."""
    (tmp_path / "conftest.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--target')\n    parser.addoption('--build')\n"
    )
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n\n"
        "def test_theirs(request):\n"
        "    loaded = [name for name in sys.modules if name.startswith('harness')]\n"
        "    assert loaded == ['harness', 'harness.shim'], loaded\n"
        "    assert not {'httpx', 'web3', 'quickfix', 'websockets'} & set(sys.modules)\n"
        "    assert request.config.getoption('--target') == 'arm64'\n"
    )
    ran = Bench(tmp_path).pytest("--target", "arm64", "-W", "error")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out


def test_replay_imports_no_engine(bench: Bench) -> None:
    """A replay imports none of web3, quickfix, httpx, websockets or aiohttp."""
    told = (
        "def pytest_unconfigure():\n"
        "    import sys\n"
        "    heavy = {'web3', 'quickfix', 'httpx', 'websockets', 'aiohttp', 'coincurve'} & set(sys.modules)\n"
        "    print('HEAVY', sorted(heavy))\n"
    )
    (bench.root / "conftest.py").write_text(told)

    ran = bench.pytest("-s", "-p", "no:anyio")

    assert "HEAVY []" in ran.out


def test_plugin_is_told_apart_by_its_root() -> None:
    """This project's own pyproject.toml makes it a root of ours."""
    assert "[tool.harness" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
