"""Canaries: a step spills live credentials wherever a program can, and no artefact of the run holds one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from e2e.bench import CONFIG, Bench
from redact.scanner import scan

CASE = """\
id: ESC-{number}
title: "A step that tells all it knows: {into}"
status: open
severity: minor
component: secrets
actors: {{alice: trader}}
steps:
  - id: it
    spill: {{into: {into}}}
    as: alice
    expect: {{nothing: of the kind}}
symptom:
  step: it
  shows: {shows}
"""
INTO = {
    "values": "{nested: {$present}}",
    "out": "{said: {$present}}",
    "raised": "{$lost}",
    "asked": "{$lost}",
    "attached": "{attached: 3}",
    "broken": "{$lost}",
}
EVERYTHING = (
    *("--target", "venue", "--build", "2026.11.1", "-v", "-rA", "--tb=long", "-W", "default"),
    *("--alluredir", "allure", "--allure-attachments", "all", "--junitxml", "junit.xml"),
    *("--verdicts", "verdicts.json", "--log-file", "run.log", "--log-file-level", "DEBUG"),
    *("--log-level", "DEBUG", "-o", "junit_logging=all", "-o", "junit_log_passing_tests=true"),
)
SECRETS = {"alice.private_key", "alice.secret", "alice.passphrase"}


@pytest.fixture
def project(tmp_path: Path) -> Bench:
    """A project whose every case spills."""
    root = tmp_path / "project"
    (root / "cases").mkdir(parents=True)
    (root / "harness.toml").write_text(CONFIG, encoding="utf-8")
    shutil.copy(Path(__file__).with_name("spilling.py"), root / "conftest.py")
    for number, (into, shows) in enumerate(INTO.items(), start=2100):
        text = CASE.format(number=number, into=into, shows=shows)
        (root / "cases" / f"ESC-{number}.yaml").write_text(text, encoding="utf-8")
    return Bench(root)


@pytest.mark.parametrize(
    "more",
    [
        ("--record", "broken", "--log-cli-level", "DEBUG"),
        ("-s",),
        ("-n", "2", "--basetemp", "temp"),
    ],
    ids=["recording", "without capture", "on two workers"],
)
def test_no_artefact_holds_a_canary(project: Bench, tmp_path: Path, more: tuple[str, ...]) -> None:
    """Values, prints, logs, warnings, exceptions, attachments, a bug of ours: no exit lets a secret out."""
    canaries = tmp_path / "canaries"
    canaries.mkdir()

    ran = project.pytest(*EVERYTHING, *more, env={"CANARIES": str(canaries), "TMPDIR": str(project.root)})

    (project.root / "terminal.txt").write_text(ran.out, encoding="utf-8")
    spilled = [json.loads(path.read_text(encoding="utf-8")) for path in canaries.iterdir()]
    assert len(spilled) == len(INTO), ran.out
    assert all(each.keys() == SECRETS for each in spilled)
    made = "cassettes" if "--record" in more else "pictures"
    for path in ("junit.xml", "verdicts.json", "run.log", "allure", made):
        assert (project.root / path).exists(), ran.out
    secrets = {f"{label} {at}": value for at, each in enumerate(spilled) for label, value in each.items()}
    assert scan(project.root, secrets, leave_out=("conftest.py",)) == {}
    assert "«alice." in ran.out
