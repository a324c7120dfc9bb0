"""A wallet's phrase is known by its words, however they are parted."""

from __future__ import annotations

import pytest

from harness.redact.words import Mnemonic

words = str.split
WORDS = words("abandon ability able about above absent absorb abstract absurd abuse access zoo")
PARTED = [" ", "  ", ", ", ",", " ; ", "|", " / ", "+", "-", "\n", " 2. ", " 12) ", " 3:", "\\n", "%20"]
QUOTED = ['", "', "', '", '",\n  "', '\\", \\"', '""']


def spans(text: str) -> list[str]:
    return [text[start:end] for start, end in Mnemonic().spans(text, text.lower())]


@pytest.mark.parametrize("between", [*PARTED, *QUOTED])
def test_twelve_words_in_a_row_are_a_phrase(between: str) -> None:
    """Parted by spaces, marks, numbers, escapes or quotes; eleven are none, and more are one."""
    phrase = between.join(WORDS)
    assert spans(phrase) == [phrase]
    assert spans(f"it is: {phrase}. So") == [phrase]
    assert spans(between.join(WORDS[:11])) == []
    longer = between.join([*WORDS, *WORDS])
    assert spans(longer) == [longer]
    assert spans(phrase.upper()) == [phrase.upper()]


def test_other_words_end_a_phrase() -> None:
    """What stands before, after or in between is not taken; two phrases are two."""
    phrase = " ".join(WORDS)
    assert spans(f"seeds beforehand {phrase} the end") == [phrase]
    assert spans(f"{phrase} the {phrase}") == [phrase, phrase]
    assert spans(f"{phrase} and more. {phrase}") == [phrase, phrase]
    assert spans(" ".join([*WORDS[:6], "the", *WORDS[6:]])) == []
    assert spans("the " + " ".join(["the", *WORDS[:11], "the"])) == []
    assert spans(" ".join(["lorem", "ipsum"] * 8)) == []
    assert Mnemonic().label == "mnemonic"
