"""A run in parts, each as a machine runs it, and what is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from e2e.bench import Bench

CASES = ("ESC-1093", "ESC-1101", "ESC-1118")
ITEMS = [f"{case}[{name}]" for case in CASES for name in ("broken", "fixed")]


@pytest.fixture
def three(tmp_path: Path) -> Bench:
    """A project of three cases."""
    bench = Bench.make(tmp_path)
    for case in CASES[:2]:
        bench.add(case)
    return bench


def held(bench: Bench, name: str) -> dict[str, Any]:
    """A verdicts file."""
    value: dict[str, Any] = json.loads((bench.root / name).read_text())
    return value


def test_parts_run_every_case_once_and_read_no_others(three: Bench) -> None:
    """With durations each of three machines has one case, also with workers; others' files are not opened."""
    three.root.joinpath("durations.json").write_text(
        json.dumps({"durations": 1, "milliseconds": dict.fromkeys(CASES, 5)})
    )
    parts = []
    for number, workers in enumerate(("0", "2", "0"), 1):
        ran = three.pytest("--shard", f"{number}/3", "-n", workers, "--verdicts", f"{number}.json")
        assert (ran.code, ran.outcomes()) == (0, {"passed": 2}), ran.out
        parts.append(held(three, f"{number}.json")["plan"])
    assert [each["shard"]["share"] for each in parts] == [[case] for case in CASES]
    assert {each["shard"]["digest"] for each in parts} == {parts[0]["shard"]["digest"]}
    assert [item for each in parts for item in each["items"]] == ITEMS

    next(three.root.glob("cases/ESC-1093-*")).write_text("nothing that anybody could read: [")
    assert three.pytest("--shard", "2/3").code == 0
    assert three.pytest("--shard", "1/3").code == 1


def test_an_empty_part_is_no_failure_and_says_so(three: Bench) -> None:
    """A shard to which no case goes, or of which -k leaves nothing, exits 0 and leaves its verdicts."""
    for more in ((), ("-k", "ESC-1093"), ("-k", "ESC-1118 and broken"), ("-n", "2")):
        codes = [
            three.pytest("--shard", f"{at}/4", "--verdicts", f"{at}.json", *more).code for at in (1, 2, 3, 4)
        ]
        assert codes == [0] * 4
    assert sum(not held(three, f"{at}.json")["records"] for at in (1, 2, 3, 4)) >= 1


def test_a_bad_spelling_ends_the_run(three: Bench) -> None:
    """`--shard 4/3` is a usage error, before anything runs."""
    ran = three.pytest("--shard", "4/3")
    assert (ran.code, "U080" in ran.out) == (4, True)


def test_durations_are_written_of_verdicts(three: Bench) -> None:
    """`harness durations` makes the file by which the next run is parted."""
    three.pytest("--verdicts", "v.json")
    told = three.harness("durations", "v.json")
    assert (told.code, told.out) == (0, "durations.json: 3 cases; commit it\n")
    assert list(held(three, "durations.json")["milliseconds"]) == list(CASES)
