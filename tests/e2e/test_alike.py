"""However the cases are spread and shuffled, the verdicts are the same."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import pytest

from harness import exactjson

from .bench import CONFIG, ROOT, Bench

SPREAD = {
    "shuffled": ("--randomly-seed=7", "-p", "no:xdist"),
    "over two workers": ("-n", "2"),
    "by file over three workers": ("-n", "3", "--dist", "loadscope"),
    "stolen by four workers": ("-n", "4", "--dist", "worksteal"),
}
VARYING = ("started_at", "took_ms")


def corpus(root: Path) -> Bench:
    """A project with every case and cassette of this one."""
    for folder in ("cases", "cassettes"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "harness.toml").write_text(CONFIG, encoding="utf-8")
    return Bench(root)


def verdicts(bench: Bench, *arguments: str, seed: int = 0) -> tuple[int, str]:
    """How many records a run of every case wrote, and the digest of all they say but their times."""
    told = bench.root / "verdicts.json"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    ran = bench.run(*command, "--verdicts", str(told), *arguments, env={"PYTHONHASHSEED": str(seed)})
    assert ran.code == 0, ran.out
    records = exactjson.loads(told.read_bytes())["records"]
    kept = [{key: value for key, value in each.items() if key not in VARYING} for each in records]
    return len(records), hashlib.sha256(exactjson.canonical(kept).encode()).hexdigest()


def test_verdicts_do_not_depend_on_order_or_workers(tmp_path: Path) -> None:
    """One process in the order of the files, shuffled, and two to four workers write the same verdicts."""
    bench = corpus(tmp_path)

    alone = verdicts(bench, "-p", "no:randomly", "-p", "no:xdist")
    others = {way: verdicts(bench, *spread, seed=len(way)) for way, spread in SPREAD.items()}

    assert alone[0] > 80
    assert others == dict.fromkeys(SPREAD, alone)


@pytest.mark.soak
def test_verdicts_do_not_depend_on_twenty_orders(tmp_path: Path) -> None:
    """Twenty shuffles, each over no, one and eight workers, write the same verdicts."""
    bench = corpus(tmp_path)

    seen = {
        verdicts(bench, "-n", workers, f"--randomly-seed={turn}", seed=turn)
        for turn in range(20)
        for workers in ("0", "1", "8")
    }

    print(f"60 runs of {next(iter(seen))[0]} items: {len(seen)} different sets of verdicts")
    assert len(seen) == 1
