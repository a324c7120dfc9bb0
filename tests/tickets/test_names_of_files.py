"""The names of a ticket's files, which may hold a customer's name, are told at the desk and kept nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.bench import Bench

from harness.cli import main

from .drafted import New
from .test_blur import FIX_ORDER, FIX_REFUSAL
from .test_fixlog import line

NAME = "FIX.4.4-ACMEFUND-EXCHANGE.messages.current.log"


def test_a_logs_name_is_kept_nowhere(ticket: Path, new: New, capsys: pytest.CaptureFixture[str]) -> None:
    """A FIX log is called after whose it is: no file that anything writes of the case holds that name."""
    (ticket / NAME).write_text(f"{line(FIX_ORDER, '|')}\n{line(FIX_REFUSAL, '|')}\n8=FIX.4.4|9=5|torn\n")
    made = new()
    assert made.code == 0
    assert NAME in made.said
    root = ticket.parent
    for command in (["note", "ESC-1234"], ["show", "ESC-1234"], ["prove", "ESC-1234"]):
        assert main(command) in (0, 1)
        assert "ACMEFUND" not in capsys.readouterr().out
    reports = ("--verdicts", "verdicts.json", "--junitxml", "junit.xml", "--alluredir", "allure", "-v")
    ran = Bench(root).pytest("-k", "ESC-1234", *reports)
    assert ran.outcomes() == {"passed": 1}, ran.out
    assert "ACMEFUND" not in ran.out
    written = [path for path in root.rglob("*") if path.is_file() and ticket not in path.parents]
    assert {"verdicts.json", "junit.xml", "ESC-1234.yaml", "broken.jsonl"} <= {path.name for path in written}
    for path in written:
        assert b"ACMEFUND" not in path.read_bytes(), path
        assert "ACMEFUND" not in path.name
