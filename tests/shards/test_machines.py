"""A run in parts, each as a machine runs it, and what is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from e2e.bench import Bench

KILLING = """
import os, signal

def pytest_runtest_logfinish(nodeid):
    os.kill(os.getpid(), signal.SIGKILL)
"""
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


def held_by_each(bench: Bench) -> None:
    """By their durations the first parts have a case each, in the order of their ids."""
    bench.root.joinpath("durations.json").write_text(
        json.dumps({"durations": 1, "milliseconds": dict.fromkeys(CASES, 5)})
    )


def test_parts_run_every_case_once_and_read_no_others(three: Bench) -> None:
    """With durations each of three machines has one case, also with workers; others' files are not opened."""
    held_by_each(three)
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


@pytest.mark.parametrize(
    ("part", "more"),
    [(4, ()), (4, ("-n", "2")), (2, ("-k", "ESC-1093")), (3, ("-k", "ESC-1118 and missing"))],
)
def test_an_empty_part_is_no_failure_and_says_so(three: Bench, part: int, more: tuple[str, ...]) -> None:
    """A shard to which no case goes, or of which -k leaves nothing, exits 0 and leaves its verdicts."""
    held_by_each(three)

    ran = three.pytest("--shard", f"{part}/4", "--verdicts", "v.json", *more)

    assert (ran.code, held(three, "v.json")["records"]) == (0, []), ran.out


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


def test_merged_parts_are_the_whole_run(three: Bench) -> None:
    """Four machines' verdicts merged are what one run leaves but for times; JUnit and Markdown come along."""
    assert three.pytest("--verdicts", "whole.json").code == 0
    names = [f"{at}.json" for at in (1, 2, 3, 4)]
    for at, name in enumerate(names, 1):
        three.pytest("--shard", f"{at}/4", "--verdicts", name)
    told = three.harness("merge", *names, "-o", "all.json", "--junit", "j.xml", "--markdown", "m.md")

    assert told.code == 0, told.out
    one, whole = held(three, "all.json"), held(three, "whole.json")
    for each in (*one["records"], *whole["records"]):
        del each["started_at"], each["took_ms"]
    assert one == whole
    suite = ElementTree.parse(three.root / "j.xml").find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("errors"), suite.get("failures")) == ("6", "0", "0")
    assert "**6 judged, 0 red, 0 never ran**" in (three.root / "m.md").read_text()
    assert three.harness("gate", "all.json").code == 0
    assert three.harness("merge", *names[:1], names[0], "-o", "x.json").code == 2


def test_a_killed_part_is_merged_from_its_journal(three: Bench) -> None:
    """A part killed after its first item is merged with what it judged; the rest did not run (3, gate 3)."""
    (three.root / "conftest.py").write_text(KILLING, encoding="utf-8")
    killed = three.pytest("--shard", "1/1", "--verdicts", "1.json")
    told = three.harness("merge", "1.json", "-o", "all.json")

    assert (killed.code, told.code) == (-9, 3), told.out
    words = [each["word"] for each in held(three, "all.json")["records"]]
    assert sorted(words) == ["inconclusive"] * 5 + ["proven"]
    assert "not run: shard 1/1 ended before it" in told.out
    assert three.harness("gate", "all.json").code == 3
