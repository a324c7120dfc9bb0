"""Collecting many cases, and one of them by its id; seconds and memory, beside Tavern and pytest's own floor.

    python benchmarks/collect.py [NUMBER]

Cases are copies of a real one (2.5 kB, two proofs each). The floor is the same pytest with as many Python
files of two empty tests; "one empty test" is the same pytest in a folder with just that. Tavern collects as
many files of one test of three stages, which it does not validate. Cold is without pytest's cache, warm with
it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from figures import Figure, told
from laid import PEERS, QUIET, ROOT, Took, project, timed
from replaying import TAVERN

NUMBER = 1_000
COLD, WARM = 0.5, 2.0
ONE_ID_S = {1_000: 0.4, 10_000: 0.5}
MANY, MOST_MB = 10_000, 300
TESTS = "def test_broken(): pass\n\ndef test_fixed(): pass\n"


def laid(folder: Path, number: int) -> None:
    """Lay so many cases into a project."""
    text = next((ROOT / "cases").glob("ESC-1118*.yaml")).read_text(encoding="utf-8")
    for each in range(number):
        name = f"ESC-{100_000 + each}"
        case = text.replace("id: ESC-1118", f"id: {name}")
        (folder / "cases" / f"{name}.yaml").write_text(case, encoding="utf-8")


def ours(number: int) -> tuple[Took, Took, Took]:
    """Cold, warm, and one id."""
    with project() as folder:
        laid(folder, number)
        cold = timed(folder, *QUIET, "--collect-only")
        warm = timed(folder, *QUIET, "--collect-only")
        one = timed(folder, *QUIET, "--collect-only", "-k", "ESC-100001")
    return cold, warm, one


def floor(number: int) -> tuple[Took, Took]:
    """The same pytest with as many Python files, warm; and with one empty test."""
    with project() as folder:
        shutil.rmtree(folder / "cases")
        for each in range(number):
            (folder / f"test_{each}.py").write_text(TESTS, encoding="utf-8")
        timed(folder, *QUIET, "--collect-only")
        many = timed(folder, *QUIET, "--collect-only")
    with project() as folder:
        shutil.rmtree(folder / "cases")
        (folder / "test_one.py").write_text("def test_one(): pass\n", encoding="utf-8")
        timed(folder, *QUIET, "--collect-only")
        return many, timed(folder, *QUIET, "--collect-only")


def tavern(number: int) -> Took:
    """As many files of Tavern's."""
    with project() as folder:
        shutil.rmtree(folder / "cases")
        for each in range(number):
            text = TAVERN.format(name=f"case-{each}", url="http://127.0.0.1:1")
            (folder / f"test_{each}.tavern.yaml").write_text(text, encoding="utf-8")
        return timed(folder, str(PEERS), "-m", "pytest", "-q", "-p", "no:cassetter", "--collect-only")


def main(number: int) -> None:
    """Print a line for each way; the larger number only for one id and memory."""
    (cold, warm, one), (many, empty), peer = ours(number), floor(number), tavern(number)
    theirs, least = f"Tavern {peer.wall_s:.2f} s", f"pytest's floor {many.wall_s:.2f} s"
    told(
        [
            Figure(
                f"collect {number:,} cases, fully validated, cold",
                "≤ half of Tavern",
                f"{cold.wall_s:.2f} s",
                theirs,
                cold.wall_s <= COLD * peer.wall_s,
            ),
            Figure(
                f"collect {number:,} cases, warm",
                f"≤ {WARM:g} × the floor",
                f"{warm.wall_s:.2f} s: {warm.wall_s / many.wall_s:.2f} ×",
                least,
                warm.wall_s <= WARM * many.wall_s,
            ),
            _one(number, one, empty),
        ]
    )
    most, _, among = ours(MANY)
    told(
        [
            _one(MANY, among, empty),
            Figure(
                f"memory, {MANY:,} cases collected cold",
                f"≤ {MOST_MB} MB",
                f"{most.rss_mb:.0f} MB",
                "–",
                most.rss_mb <= MOST_MB,
            ),
        ]
    )


def _one(number: int, one: Took, empty: Took) -> Figure:
    more_s, most_s = one.wall_s - empty.wall_s, ONE_ID_S.get(number, ONE_ID_S[NUMBER])
    return Figure(
        f"`-k` of one id among {number:,}",
        f"≤ {most_s:g} s more than one empty test",
        f"{one.wall_s:.2f} s: {more_s:.2f} s more",
        f"one empty test {empty.wall_s:.2f} s",
        more_s <= most_s,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER)
