"""Every case of the project is red on a build with its bug, and all hold on the build that mends them all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.case.read import read_case

from .bench import CONFIG, ROOT, Bench
from .witness import CONFTEST

RED = {
    "2026.9.1": ["ESC-1001", "ESC-1044"],
    "2026.9.2": ["ESC-1012"],
    "2026.9.3": ["ESC-1026"],
    "2026.9.4": ["ESC-1033", "ESC-1047"],
    "2026.9.5": ["ESC-1065"],
    "2026.9.6": ["ESC-1124", "ESC-1122"],
    "2026.9.7": ["ESC-1004", "ESC-1005"],
    "2026.9.8": ["ESC-1066"],
    "2026.9.9": ["ESC-1008"],
    "2026.9.10": ["ESC-1053", "ESC-1075"],
    "2026.9.11": ["ESC-1054", "ESC-1071"],
    "2026.9.12": ["ESC-1064"],
    "2026.9.13": ["ESC-1070"],
    "2026.9.14": ["ESC-1099"],
    "2026.9.15": ["ESC-1029"],
    "2026.9.16": ["ESC-1128", "ESC-1125", "ESC-1130"],
    "2026.9.17": ["ESC-1050"],
    "2026.9.18": ["ESC-1057"],
    "2026.9.19": ["ESC-1058"],
    "2026.9.20": ["ESC-1149", "ESC-1150", "ESC-1147"],
    "2026.9.21": ["ESC-1144", "ESC-1133"],
    "2026.9.22": ["ESC-1105", "ESC-1045"],
    "2026.9.23": ["ESC-1119"],
    "2026.9.24": ["ESC-1052"],
    "2026.9.25": ["ESC-1142"],
    "2026.9.26": ["ESC-1023"],
    "2026.9.27": ["ESC-1036"],
    "2026.9.34": ["ESC-1134", "ESC-1145"],
    "2026.9.35": ["ESC-1027"],
    "2026.9.36": ["ESC-1035"],
    "2026.9.43": ["ESC-1043"],
    "2026.9.44": ["ESC-1011"],
    "2026.9.45": ["ESC-1037"],
    "2026.9.46": ["ESC-1094"],
    "2026.9.47": ["ESC-1049"],
    "2026.9.48": ["ESC-1141"],
    "2026.9.49": ["ESC-1143"],
    "2026.10.1": ["ESC-1093", "ESC-1115"],
    "2026.10.2": ["ESC-1101"],
    "2026.11.0": ["ESC-1087", "ESC-1111", "ESC-1113", "ESC-1100", "ESC-1117"],
    "2026.11.1": ["ESC-1118", "ESC-1126", "ESC-1139", "ESC-1121"],
}
MENDED = "2026.11.2"


def items(*cases: str) -> int:
    """How many items these cases are: one, or one for each row of its table."""
    paths = [path for case in cases for path in (ROOT / "cases").glob(f"{case}-*.yaml")]
    return sum(max(1, len(read_case(path).rows)) for path in paths)


EVERY = items(*(case for red in RED.values() for case in red))


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    """All cases and cassettes of the project."""
    for folder in ("cases", "cassettes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    return Bench(tmp_path)


@pytest.fixture
def witnessed(project: Bench) -> Bench:
    """The same, and every live run is judged once more from its events without secrets and names."""
    (project.root / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    return project


def told(bench: Bench) -> list[str]:
    """What the witness noted of every run: `ESC-1001 alike`."""
    return (bench.root / "witnessed.txt").read_text(encoding="utf-8").splitlines()


def test_every_case_is_named_here() -> None:
    """A new case says on which build it is red."""
    cases = sorted(path.name.split("-")[1] for path in (ROOT / "cases").rglob("ESC-*.yaml"))

    assert cases == sorted(case.removeprefix("ESC-") for red in RED.values() for case in red)


def test_every_proof_holds(project: Bench) -> None:
    """All cassettes of the project prove their cases."""
    ran = project.pytest()

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2 * EVERY})


@pytest.mark.sweep
@pytest.mark.parametrize("build", RED)
def test_red_on_its_build(witnessed: Bench, build: str) -> None:
    """On the build with its bug a case is still broken over real sockets, and as much without its names."""
    chosen = " or ".join(RED[build])
    ran = witnessed.pytest("--target", "venue", "--build", build, "-k", chosen, limit_s=400)

    assert (ran.code, ran.outcomes().get("xfailed")) == (0, items(*RED[build])), ran.out
    assert [line for line in told(witnessed) if not line.endswith(" alike")] == []
    assert len(told(witnessed)) == items(*RED[build])


@pytest.mark.sweep
def test_all_hold_where_all_is_mended(witnessed: Bench) -> None:
    """On the last build every case holds, and as much when its run is judged without secrets and names."""
    ran = witnessed.pytest("--target", "venue", "--build", MENDED, limit_s=900)

    assert (ran.code, ran.outcomes()) == (0, {"passed": EVERY}), ran.out
    assert [line for line in told(witnessed) if not line.endswith(" alike")] == []
    assert len(told(witnessed)) == EVERY
