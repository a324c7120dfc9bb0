"""`harness prove`, `harness show ID`, `harness note`: on the cases of this project."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from harness.cli import main

ROOT = Path(__file__).resolve().parents[2]
CASE = "ESC-1099"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one case of ours, fixed and with both recordings."""
    (tmp_path / "harness.toml").touch()
    (tmp_path / "cases").mkdir()
    for path in (ROOT / "cases").glob(f"{CASE}-*.yaml"):
        shutil.copy(path, tmp_path / "cases")
    shutil.copytree(ROOT / "cassettes" / CASE, tmp_path / "cassettes" / CASE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def case_file(project: Path) -> Path:
    """The case's file."""
    return next((project / "cases").glob("*.yaml"))


def test_prove(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case with both proofs: where each was seen, how strong it is, and what would make it better."""
    assert main(["prove", CASE]) == 0
    title, broken, fixed, strength, missing = capsys.readouterr().out.splitlines()
    assert title.endswith("(fixed, fixed in 2026.9.15)")
    assert "broken    proven    seen on venue 2026.9.14: red for the stated reason" in broken
    assert "fixed     proven    seen on venue 2026.9.15" in fixed
    assert "mutants" in strength
    assert "seen red on our imitation only" in missing


def test_prove_without_a_recording(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fixed case that was never seen green is not proven, and the command says how it would be."""
    (project / "cassettes" / CASE / "fixed.jsonl").unlink()
    assert main(["prove", CASE]) == 1
    said = capsys.readouterr().out
    assert f"never seen green: pytest -k {CASE} --target TARGET --build BUILD --record fixed" in said
    assert "strength" not in said


def test_prove_a_damaged_recording(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recording that does not fit is exit code 2."""
    path = project / "cassettes" / CASE / "broken.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert main(["prove", CASE, "--no-strength"]) == 2
    assert "invalid" in capsys.readouterr().out


def test_prove_all_open(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An open case needs its broken proof only, and one that was seen green is told to be promoted."""
    path = case_file(project)
    text = path.read_text().replace("status: fixed", "status: open")
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("fixed_in")))
    assert main(["prove", "--all", "--no-strength"]) == 0
    assert "it was seen green: say status: fixed and fixed_in" in capsys.readouterr().out


def test_unknown_case(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that is not there is told so, by each command."""
    for command in (["prove", "ESC-1"], ["show", "ESC-1"], ["note", "ESC-1"]):
        assert main(command) == 2
        assert "U023" in capsys.readouterr().err


def test_show(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case is shown with its story, what failed and how it differed, and its timeline."""
    assert main(["show", CASE]) == 0
    said = capsys.readouterr().out
    assert "FAIL  cancelled" in said
    assert "ExecutionReport.OrigClOrdID: expected" in said
    assert "OrderCancelRequest for" in said


def test_show_the_other(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fixed recording is shown when it is asked for."""
    assert main(["show", CASE, "--proof", "fixed"]) == 0
    assert "FAIL" not in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["show"], ["show", CASE, "--cassette", "x.jsonl"]])
def test_show_one_thing(project: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing, or two things to show, is refused with what to say."""
    assert main(arguments) == 2
    assert "U061" in capsys.readouterr().err


def test_note(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The note has a paragraph for the customer and a report that names the evidence by its digest."""
    assert main(["note", CASE]) == 0
    said = capsys.readouterr().out
    customer, report = said.split(f"## {CASE}: ")
    assert "It is fixed as of version 2026.9.15" in customer
    assert "`cancelled` **fails**" in report
    assert "8=FIXT.1.1|" in report
    digest = hashlib.sha256((project / "cassettes" / CASE / "broken.jsonl").read_bytes()).hexdigest()
    assert digest in report
    assert '"control"' not in report


def test_note_of_a_draft_that_nobody_looked_at(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A note says on stderr that title and other lines are a draft's guesses; of a mended case nothing."""
    assert main(["note", CASE]) == 0
    assert "guessed" not in capsys.readouterr().err
    path = case_file(project)
    text = path.read_text("utf-8").replace("title:", "# guessed: the title, from the symptom\ntitle:", 1)
    path.write_text(text, encoding="utf-8")
    assert main(["note", CASE]) == 0
    printed = capsys.readouterr()
    assert "1 line guessed and not yet looked at, its title among them" in printed.err
    assert "guessed" not in printed.out


def test_note_of_what_was_never_seen(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A note never claims what no recording shows."""
    shutil.rmtree(project / "cassettes")
    assert main(["note", CASE]) == 0
    assert "We have not been able to see it happen yet." in capsys.readouterr().out


def test_note_keeps_a_name_in_capitals(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A title that begins with a name in capitals is not made another word in the ticket's sentence."""
    path = case_file(project)
    text = path.read_text("utf-8")
    title = next(line for line in text.splitlines() if line.startswith("title: "))
    path.write_text(text.replace(title, "title: POST /order is answered late"), encoding="utf-8")

    assert main(["note", CASE]) == 0
    assert "What you saw: POST /order is answered late." in capsys.readouterr().out
