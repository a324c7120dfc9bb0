"""What is being recorded is nobody else's until it is sealed, under any umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cassette import Recorder, journal_path
from harness.redact import Redactor

from .samples import at, header


@pytest.fixture(autouse=True)
def _open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_folder_and_journal_are_private_until_the_cassette_is_sealed(tmp_path: Path) -> None:
    """Under umask 000: journal 0600 and its new folder 0700; sealed, the folder is as the one above it."""
    path = at(tmp_path)
    path.parent.parent.mkdir(mode=0o755)
    recorder = Recorder(path, header(), Redactor())

    assert (mode(path.parent), mode(journal_path(path))) == (0o700, 0o600)

    recorder.seal()

    assert (mode(path.parent), path.exists()) == (0o755, True)


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """Somebody else's choice of who may look stays."""
    path = at(tmp_path)
    path.parent.mkdir(parents=True, mode=0o750)
    recorder = Recorder(path, header(), Redactor())
    assert mode(journal_path(path)) == 0o600
    recorder.seal()
    assert mode(path.parent) == 0o750
