"""A project without cases, in which `harness new` runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main

from .drafted import Drafted, New


@pytest.fixture
def ticket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ticket's folder, in a project."""
    (tmp_path / "harness.toml").touch()
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "ticket"
    folder.mkdir()
    return folder


@pytest.fixture
def new(ticket: Path, capsys: pytest.CaptureFixture[str]) -> New:
    """Runs `harness new` on the ticket."""

    def run(*more: str) -> Drafted:
        code = main(["new", "ESC-1234", "--from", str(ticket), *more])
        said = capsys.readouterr().err
        paths = [*Path("cases").glob("*"), *Path("cassettes").rglob("*.jsonl")]
        texts = {path.suffix: path.read_text() for path in paths}
        return Drafted(code, said, texts.get(".yaml", ""), "".join(texts.values()))

    return run
