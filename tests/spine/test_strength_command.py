"""`harness strength`: what it says, how it exits, and what it cannot measure."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness import cli, exactjson, measuring
from harness.commands.choice import chosen

from .test_strength import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cases of the project in a root of their own."""
    for name in ("ESC-1093", "ESC-1118"):
        path = next((ROOT / "cases").glob(f"{name}-*.yaml"))
        (tmp_path / "cases").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "cases")
        shutil.copytree(ROOT / "cassettes" / name, tmp_path / "cassettes" / name)
    (tmp_path / "harness.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_says_what_is_not_noticed_and_how_strong_all_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line a case, the total, and 0 where each reaches what is asked."""
    assert cli.main(["strength", "--all", "--most", "20", "--json", "s.json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ESC-1093[fixed]: 8 mutants: 8 noticed, 0 not: 100 %, ")
    assert lines[1].startswith("ESC-1118[fixed]: 20 mutants, drawn of ")
    assert lines[-1].startswith("2 recordings, 28 mutants: ")
    records = exactjson.loads((project / "s.json").read_text())
    assert [(each["item"], each["mutants"]) for each in records] == [
        ("ESC-1093[fixed]", 8),
        ("ESC-1118[fixed]", 20),
    ]
    assert records[0]["percent"] == 100
    assert records[1]["left_out"] > 0


def test_a_weak_case_is_exit_code_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that a pipeline can hold a case's strength."""
    path = next((project / "cases").glob("ESC-1118*"))
    path.write_text(path.read_text().replace('orderID: "${buy.order_id}"', "orderID: {$hex: 32}"))

    assert cli.main(["strength", "ESC-1118"]) == 0
    assert cli.main(["strength", "ESC-1118", "--at-least", "100"]) == 1
    out = capsys.readouterr().out
    assert "  not noticed:\n    event 24 answer rest(alice) buy, body.orderID: another value" in out
    assert out.endswith("weaker than 100 %: ESC-1118[fixed]\n")


USAGE = [
    ([], "U023 name a case"),
    (["ESC-9999"], "U023 there is no case ESC-9999"),
    (["--all", "--most", "0"], "U022 --most is a number of mutants from 1 on, not 0"),
    (["--all", "--at-least", "101"], "U022 --at-least is a percentage from 0 to 100, not 101"),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE)
def test_what_cannot_be_measured_is_usage(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: Sequence[str], said: str
) -> None:
    """Exit code 2, and what to say instead."""
    assert cli.main(["strength", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_case_without_a_fixed_recording_is_named_or_left_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An open case is no part of all; asked for by name, it is said what is missing."""
    path = next((project / "cases").glob("ESC-1093*"))
    path.write_text(
        "\n".join(
            line
            for line in path.read_text().replace("status: fixed", "status: open").splitlines()
            if not line.startswith("fixed_in")
        )
    )
    (project / "cassettes" / "ESC-1093" / "fixed.jsonl").unlink()

    assert cli.main(["strength", "--all", "--most", "5"]) == 0
    assert "ESC-1093" not in capsys.readouterr().out
    assert cli.main(["strength", "ESC-1093"]) == 2
    assert "K001" in capsys.readouterr().err


class Stops(io.StringIO):
    """A terminal at which somebody presses Ctrl-C at the tenth mutant."""

    def write(self, text: str) -> int:
        if " 10 of " in text:
            raise KeyboardInterrupt
        return super().write(text)


def test_a_stopped_run_tells_what_it_has(project: Path) -> None:
    """Ctrl-C loses nothing that was measured; the exit code says that it was stopped."""
    _, options = chosen(["strength", "ESC-1118"])
    out = io.StringIO()
    code = measuring.run(options, out, Stops())

    assert code == 130
    assert "10 mutants so far, of " in out.getvalue()
    assert out.getvalue().endswith("stopped: what is told is what was measured\n")
