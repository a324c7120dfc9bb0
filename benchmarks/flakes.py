"""Flakes in replay: proofs that come out otherwise in one of many runs, shuffled, over four processes.

    python benchmarks/flakes.py [RUNS]

RUNS is how many items are run in all (10,000 unless told): every proof of the project, copied under other ids
until there are so many, in one run of pytest with random order and `-n 4`. A wrong outcome is a flake.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from figures import Figure, told
from laid import ROOT, copies, project, timed

RUNS = 10_000


def laid(folder: Path, runs: int) -> int:
    """Copy every case so often that there are so many items; how many there are."""
    shutil.copy(ROOT / "conftest.py", folder / "conftest.py")
    held = sorted((ROOT / "cases").glob("*.yaml"))
    per = sum(1 for _ in (ROOT / "cassettes").rglob("*.jsonl"))
    times = -(-runs // per)
    for at, path in enumerate(held):
        text = path.read_text(encoding="utf-8")
        case_id = re.search(r"^id: (\S+)", text, re.MULTILINE)
        if case_id is None:
            raise SystemExit(f"{path} has no id")
        shutil.copy(path, folder / "cases" / f"{case_id[1]}.yaml")
        shutil.copytree(ROOT / "cassettes" / case_id[1], folder / "cassettes" / case_id[1])
        copies(folder, case_id[1], text, times, first=at * times)
    return times * per


def main(runs: int) -> None:
    """Print one line."""
    with project() as folder:
        items = laid(folder, runs)
        pytest = (sys.executable, "-m", "pytest", "-q", "--no-header", "-n", "4", "-p", "randomly")
        took = timed(folder, *pytest, ends=(0, 1))
        counts = (folder / "said.txt").read_text(encoding="utf-8").splitlines()[-1]
    passed = int(found[1]) if (found := re.search(r"(\d+) passed", counts)) else 0
    told(
        [
            Figure(
                f"flakes in {items:,} replays, shuffled, -n 4",
                "0",
                f"{items - passed} in {took.wall_s:.0f} s",
                "–",
                passed == items,
            )
        ]
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
