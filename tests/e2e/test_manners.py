"""Good manners: a replay opens and imports nothing; a foreign run never notices the plugin."""

from __future__ import annotations

from pathlib import Path

from .bench import ROOT, Bench

NO_SOCKETS = """
import sys

def watch(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        sys.stderr.write(f"OPENED {event} {arguments}" + chr(10))

sys.addaudithook(watch)
"""


def test_replay_opens_no_socket(bench: Bench) -> None:
    """A replay makes no socket at all, by Python's own audit events."""
    (bench.root / "watch_sockets.py").write_text(NO_SOCKETS, encoding="utf-8")

    ran = bench.pytest("-p", "watch_sockets", env={"PYTHONPATH": str(bench.root)})

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2})
    assert "OPENED" not in ran.out


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
