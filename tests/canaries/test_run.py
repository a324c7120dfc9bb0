"""Proven cases broken in one place each, in the text or in the recording: none is proven any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from .run import chain, files, fix, rest, texts, ws
from .run.copied import Copy
from .run.pack import PACK, Canary
from .tables import RUNS

MODULES = (texts, rest, ws, fix, chain, files)
PROVEN = sorted({(each.case_id, each.proof, each.row) for each in PACK})


@pytest.mark.parametrize("canary", PACK, ids=[each.name for each in PACK])
def test_a_broken_copy_is_red(tmp_path: Path, canary: Canary) -> None:
    """It is unproven or invalid, and says this and nothing else."""
    copy = Copy(tmp_path, canary.case_id, canary.proof, canary.row)
    canary.breaks(copy)
    word, why = copy.prove()
    assert word in ("unproven", "invalid")
    assert f"{word}: {why}" == RUNS[canary.name]


@pytest.mark.parametrize(("case_id", "proof", "row"), PROVEN)
def test_a_copy_that_nobody_broke_is_proven(tmp_path: Path, case_id: str, proof: str, row: str) -> None:
    """What makes a copy red is the break: copying and sealing alone change nothing."""
    word, why = Copy(tmp_path, case_id, proof, row).prove()
    assert (word, why) == ("proven", why)


def test_channels_closer_than_the_resolution_are_together(tmp_path: Path) -> None:
    """A reversed order of less than 20 ms is none: clocks of two channels are no better than that."""
    copy = Copy(tmp_path, "ESC-1118")
    ws.reversed_by(copy, ws.AGREED_US - 1_000)
    assert copy.prove() == ("proven", "every step and check holds")


@pytest.mark.parametrize(
    ("case_id", "row", "check", "window", "cause"),
    [
        ("ESC-1012", "ten-at-29", "pays-exactly", "within: 6s", "buy"),
        ("ESC-1111", "", "agree", "within: 4s", "cancel"),
    ],
)
def test_a_shorter_window_alone_is_no_break(
    tmp_path: Path, case_id: str, row: str, check: str, window: str, cause: str
) -> None:
    """A window that ends with the recording holds where nothing else was changed."""
    copy = Copy(tmp_path, case_id, row=row)
    copy.shorten(check, window, cause)
    assert copy.prove() == ("proven", "every step and check holds")


def test_the_table_names_every_broken_copy() -> None:
    """No break without its message, no message without its break, and no name twice."""
    assert sorted(RUNS) == sorted(each.name for each in PACK)
    assert all(module.__doc__ for module in MODULES)
