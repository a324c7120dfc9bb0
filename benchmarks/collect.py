"""Collecting many cases: cold, warm, by one id, over eight workers; seconds, processor seconds and memory.

    python benchmarks/collect.py [NUMBER]

Cases are copies of a real one (2.5 kB, two proofs each), in a folder of their own. The floor is the same
pytest with as many Python files of two empty tests. Cold is without pytest's cache, warm with it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUIET = ("-q", "-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:allure_pytest")


@dataclass(frozen=True, slots=True)
class Took:
    """What one run took: wall and processor seconds, and the largest process in MB."""

    wall_s: float
    cpu_s: float
    rss_mb: float

    def __str__(self) -> str:
        return f"{self.wall_s:7.2f} s   {self.cpu_s:7.2f} s cpu   {self.rss_mb:5.0f} MB"


def run(folder: Path, *arguments: str) -> Took:
    """Run pytest in the folder; its output goes nowhere."""
    started = time.monotonic()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "pytest", *QUIET, *arguments],
        {**os.environ, "PWD": str(folder)},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 5):
        raise SystemExit(f"pytest {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return Took(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main(number: int) -> None:
    """Lay the folders out, run, and print a line for each way."""
    text = next((ROOT / "cases").glob("ESC-1118*.yaml")).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        ours, floor = Path(scratch, "ours"), Path(scratch, "floor")
        (ours / "cases").mkdir(parents=True)
        floor.mkdir()
        (ours / "harness.toml").write_text('[targets.venue]\nkind = "venue"\n', encoding="utf-8")
        (floor / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        for each in range(number):
            name = f"ESC-{20_000 + each}"
            (ours / "cases" / f"{name}.yaml").write_text(
                text.replace("id: ESC-1118", f"id: {name}"), encoding="utf-8"
            )
            tests = "def test_broken(): pass\n\ndef test_fixed(): pass\n"
            (floor / f"test_{each}.py").write_text(tests, encoding="utf-8")
        print(f"{number} cases, two proofs each")
        os.chdir(floor)
        print("floor, cold        ", run(floor, "--collect-only"))
        print("floor, warm        ", run(floor, "--collect-only"))
        os.chdir(ours)
        print("cold               ", run(ours, "--collect-only"))
        print("warm               ", run(ours, "--collect-only"))
        print("one id             ", run(ours, "--collect-only", "-k", "ESC-20001"))
        shutil.rmtree(ours / ".pytest_cache")
        print("eight workers, cold", run(ours, "-m", "nothing", "-n", "8"))
        print("eight workers, warm", run(ours, "-m", "nothing", "-n", "8"))
        os.chdir(scratch)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
