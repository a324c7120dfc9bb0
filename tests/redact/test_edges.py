"""Where two rules of redaction meet: escapes before a name, compression, what a window holds."""

from __future__ import annotations

import base64
import zlib

import pytest

from harness.redact.named import Named
from harness.redact.patterns import PATTERNS

from .samples import knowing


def spans(text: str) -> list[tuple[int, int]]:
    return Named().spans(text, text.lower())


@pytest.mark.parametrize("escape", ["\\n", "\\r", "\\t"])
def test_the_letter_of_an_escape_is_no_letter_of_a_name(escape: str) -> None:
    """A name right behind an escaped break is that name, and one that only ends so is not."""
    assert spans(f"x{escape}sig=V4lu") == [(7, 11)]
    assert spans(f"{escape}sig=V4lu") == [(6, 10)]
    assert spans(f"x{escape[1]}sig=V4lu") == []
    assert spans("\\xsig=V4lu") == []


@pytest.mark.parametrize("level", [1, 3, 6, 9])
def test_a_text_deflated_at_any_level_is_looked_into(level: int) -> None:
    """The first bytes tell the level and the first bits of the data; none of them hides a secret."""
    redactor = knowing(a="hunter22")
    starts = set()
    for size in range(40):
        held = zlib.compress(b"x" * size + b"hunter22" + bytes(range(size)), level)
        written = base64.b64encode(held).decode()
        starts.add(written[:3])
        assert [hit.form for hit in redactor.find(f"body {written}")] == ["packed"], written
    assert starts <= {"eAE", "eAF", "eAG", "eAH", "eF4", "eF5", "eF6", "eF7"} | {
        *("eJw", "eJx", "eJy", "eJz", "eNo", "eNp", "eNq", "eNr")
    }


def test_a_short_deflated_text_is_looked_into() -> None:
    """What one packs most: a small JSON body, at the best level."""
    written = base64.b64encode(zlib.compress(b'{"key":"hunter22"}', 9)).decode()
    assert written.startswith("eNq")
    assert knowing(a="hunter22").redact(written) == f"«a:packed{'·' * (len(written) - 10)}»"


def test_a_key_in_the_hands_of_a_wallet_of_any_name() -> None:
    """Whatever the class is called, what it is made of is its key; accounts of another kind are none."""
    key = "5a" * 32
    (look,) = [each for each in PATTERNS if each.label == "privateKey"]
    text = f"HotWallet('{key}')"
    assert look.spans(text, text.lower()) == [(11, 75)]
    text = f"subaccounts: {key}"
    assert look.spans(text, text.lower()) == []
