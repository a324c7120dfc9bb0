"""A case quotes customers, so it is untrusted input: no name in it, and no link, leads out of the project."""

from __future__ import annotations

import json
import re
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest

from .bench import QUIET, Bench

OUTSIDE = "what stands outside of the project"
OPENED = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]+)", ([A-Z_|]+)')
WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT")

NAMES = {
    "dots": "../../outside/secret",
    "absolute": "/outside/secret",
    "drive": "C:\\outside",
    "share": "\\\\server\\outside",
    "escaped dots": "%2e%2e%2foutside",
    "a NUL": "a\0b",
    "reserved": "CON",
    "long": "x" * 255,
    "combining": unicodedata.normalize("NFD", "é"),
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file beside the project that nothing of ours may open."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_text(OUTSIDE, encoding="utf-8")
    return folder


@pytest.fixture
def inside(tmp_path: Path) -> Bench:
    """A project with one case, in a folder of its own."""
    (tmp_path / "project").mkdir()
    return Bench.make(tmp_path / "project")


def test_an_id_or_a_row_names_nothing_but_itself(inside: Bench) -> None:
    """An id or a row that would lead elsewhere is refused, and nothing is looked for under it."""
    text = inside.case.read_text(encoding="utf-8")
    for number, name in enumerate(map(json.dumps, NAMES.values())):
        cases = {
            f"ESC-{number + 10}.yaml": text.replace("id: ESC-1118", f"id: {name}"),
            f"ESC-{number + 50}.yaml": text.replace("id: ESC-1118", f"id: ESC-{number + 50}").replace(
                "steps:\n", f"examples:\n  {name}: {{x: 1}}\nsteps:\n"
            ),
        }
        for file, held in cases.items():
            (inside.root / "cases" / file).write_text(held, encoding="utf-8")

    ran = inside.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"passed": 2, "error": 2 * len(NAMES)}), ran.out
    assert set(re.findall(r"^cases/(ESC-1[0-9])\.yaml:[0-9:]+ C016 ", ran.out, re.MULTILINE)) == {
        f"ESC-{number + 10}" for number in range(len(NAMES))
    }
    assert set(re.findall(r"^cases/(ESC-5[0-9])\.yaml:[0-9:]+ C034 ", ran.out, re.MULTILINE)) == {
        f"ESC-{number + 50}" for number in range(len(NAMES))
    }
    assert sorted(path.name for path in (inside.root / "cassettes").iterdir()) == ["ESC-1118"]


def test_a_case_that_is_a_link_out_is_not_read(inside: Bench, outside: Path) -> None:
    """A link below cases/ that leads out of the project is refused, and what it leads to is not shown."""
    (inside.root / "cases" / "ESC-9.yaml").symlink_to(outside / "secret")

    ran = inside.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"passed": 2, "error": 1}), ran.out
    assert "ESC-9.yaml: C069 is a link that leads out of" in ran.out
    assert OUTSIDE not in ran.out


def test_a_link_to_a_case_inside_is_read(inside: Bench) -> None:
    """A link that stays in the project is a case like another."""
    kept = inside.root / "kept"
    kept.mkdir()
    shutil.move(inside.case, kept / inside.case.name)
    inside.case.symlink_to(kept / inside.case.name)

    ran = inside.pytest()

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2}), ran.out


@pytest.mark.parametrize("linked", ["ESC-1118", "ESC-1118/broken.jsonl"])
def test_a_cassette_that_is_a_link_out_is_not_read(linked: str, inside: Bench, outside: Path) -> None:
    """A link below cassettes/ that leads out of the project is refused before it is read."""
    held = inside.root / "cassettes" / linked
    away = outside / held.name
    shutil.move(held, away)
    held.symlink_to(away)

    ran = inside.pytest()

    assert ran.code == 1
    assert "Traceback" not in ran.out
    assert re.search(r"invalid .*leads out of .*cassettes: use a name inside that folder", ran.out), ran.out


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to see what is opened")
def test_a_run_writes_nothing_outside(inside: Bench, outside: Path) -> None:
    """By its system calls, a run opens nothing for writing but below the project and what pytest keeps."""
    (inside.root / "cases" / "ESC-9.yaml").symlink_to(outside / "secret")
    (inside.root / "cassettes" / "ESC-9").symlink_to(outside)
    log, scratch = inside.root / "strace.log", inside.root / "scratch"
    scratch.mkdir()
    trace = ("strace", "-f", "-qq", "-e", "trace=open,openat,creat", "-o", str(log), sys.executable, "-B")

    arguments = ("-m", "pytest", *QUIET, "--verdicts", "v.json")
    ran = inside.run(*trace, *arguments, env={"TMPDIR": str(scratch)})

    assert ran.code == 1, ran.out
    opened = OPENED.findall(log.read_text(encoding="utf-8", errors="replace"))
    assert len(opened) > 100, ran.out
    assert [path for path, _ in opened if "outside" in path] == []
    written = {path for path, flags in opened if any(each in flags for each in WRITES)}
    kept = (str(inside.root), "/dev/null")
    assert {path for path in written if path.startswith("/") and not path.startswith(kept)} == set()
    assert [path for path in written if not path.startswith("/") and ".." in path] == []
    assert any("v.json" in path for path in written)


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_verdicts_that_are_outside_are_one_word_or_a_clear_refusal(
    inside: Bench, tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """Where two words would lead pytest, or its workers, to another root, it is told what to write."""
    path = tmp_path / "verdicts.json"
    path.write_text("[]", encoding="utf-8")

    ran = inside.pytest(*workers, "--verdicts", str(path))

    assert ran.code == 4, ran.out
    assert "U032 pytest takes the word after --verdicts for a path of tests" in ran.out
    assert f"write --verdicts={path}" in ran.out

    path.unlink()
    ran = inside.pytest(*workers, f"--verdicts={path}")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2}), ran.out
    assert len(json.loads(path.read_text("utf-8"))["records"]) == 2


def test_paths_of_tests_that_are_elsewhere_are_no_business_of_ours(inside: Bench, tmp_path: Path) -> None:
    """Somebody else's suite, named from inside the project, runs as if we were not there."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "test_theirs.py").write_text("def test_one():\n    pass\n", encoding="utf-8")

    ran = inside.pytest("--verbose", str(folder))

    assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out
