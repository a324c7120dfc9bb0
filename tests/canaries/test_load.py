"""Cases with one slip each: none loads, and each says its one problem, where it is and what to do."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import pytest

from harness.case import lint
from harness.case.read import read_case
from harness.errors import CaseError

from .tables import LOAD, SLIPS

SOUND = sorted((LOAD / "sound").glob("*.yaml"))
BROKEN = sorted(path.name for path in LOAD.glob("*.yaml"))


@pytest.mark.parametrize("path", SOUND, ids=[path.stem for path in SOUND])
def test_a_sound_case_loads_without_a_word(path: Path) -> None:
    """The cases that the slips were made in are right, warnings and all."""
    assert lint.warnings(read_case(path, path.name)) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_slip_is_one_problem(name: str) -> None:
    """Exactly this problem is told, with its place, its code and what to do, and nothing that follows."""
    with pytest.raises(CaseError) as caught:
        read_case(LOAD / name, name)
    assert [str(each) for each in caught.value.problems] == [f"{name}:{SLIPS[name]}"]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_case_has_one_slip(name: str) -> None:
    """It is the sound case of its id but for one place."""
    [sound] = (path for path in SOUND if path.name.startswith(name[:9]))
    before, after = sound.read_text().splitlines(), (LOAD / name).read_text().splitlines()
    changes = [
        change for change in SequenceMatcher(None, before, after).get_opcodes() if change[0] != "equal"
    ]
    assert len(changes) == 1


def test_the_table_names_every_broken_case() -> None:
    """No file without its message, no message without its file."""
    assert sorted(SLIPS) == BROKEN
