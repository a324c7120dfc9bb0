"""Every case of the project is red on a build with its bug, and all hold on the build that mends them all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .bench import CONFIG, ROOT, Bench

RED = {
    "2026.10.1": ["ESC-1093"],
    "2026.10.2": ["ESC-1101"],
    "2026.11.0": ["ESC-1087", "ESC-1111"],
    "2026.11.1": ["ESC-1118"],
}
MENDED = "2026.11.2"


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    """All cases and cassettes of the project."""
    for folder in ("cases", "cassettes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    return Bench(tmp_path)


def test_every_case_is_named_here() -> None:
    """A new case says on which build it is red."""
    cases = sorted(path.name.split("-")[1] for path in (ROOT / "cases").rglob("ESC-*.yaml"))

    assert cases == sorted(case.removeprefix("ESC-") for red in RED.values() for case in red)


def test_every_proof_holds(project: Bench) -> None:
    """All cassettes of the project prove their cases."""
    ran = project.pytest()

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2 * sum(map(len, RED.values()))})


@pytest.mark.parametrize("build", [build for build in RED if build != "2026.11.1"])
def test_red_on_its_build(project: Bench, build: str) -> None:
    """On the build with its bug a case shows its symptom over real sockets: still broken."""
    ran = project.pytest("--target", "venue", "--build", build, "-k", " or ".join(RED[build]))

    assert (ran.code, ran.outcomes().get("xfailed")) == (0, len(RED[build])), ran.out


def test_all_hold_where_all_is_mended(project: Bench) -> None:
    """On the last build every case holds."""
    ran = project.pytest("--target", "venue", "--build", MENDED)

    assert (ran.code, ran.outcomes()) == (0, {"passed": sum(map(len, RED.values()))}), ran.out
