"""docs/glossary.md has the words that people meet in files and reports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.case.values import Status
from harness.guard import Kind
from harness.verdict import Proof, Verdict

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", PAGE, re.MULTILINE))
WORDS = [word.strip() for words in ROWS for word in words.split(",")]


@pytest.mark.parametrize(
    "word", [*Verdict, *Proof, *Status, *(kind for kind in Kind if kind is not Kind.UNKNOWN)]
)
def test_a_word_of_a_report_is_explained(word: str) -> None:
    """Each verdict, proof, status and kind of target is a word of the page, or stands in a row's meaning."""
    assert word in WORDS or any(f"`{word}`" in meaning for meaning in ROWS.values())


def test_a_word_is_explained_once() -> None:
    """One word for a thing: no word has two rows."""
    assert sorted(WORDS) == sorted(set(WORDS))


@pytest.mark.parametrize("word", sorted({*WORDS} - {"word"}))
def test_a_word_of_the_page_is_in_use(word: str) -> None:
    """A word that no other page and no module of the house uses is not ours to explain."""
    places = [*ROOT.glob("docs/*.md"), *ROOT.glob("harness/**/*.py"), ROOT / "README.md"]
    told = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
    assert any(
        told.search(place.read_text(encoding="utf-8")) for place in places if place.name != "glossary.md"
    )
