"""Looking for secrets comes to its end, however hostile or long the text."""

from __future__ import annotations

import base64
import json
import random

import pytest

from harness.redact import Redactor

from .samples import knowing


@pytest.mark.parametrize(
    "part",
    [
        *(
            "eyJ-",
            "https://",
            "bearer ",
            '{"',
            '\\"',
            "-----BEGIN PRIVATE KEY-----",
            "[",
            "0x",
            "secret=",
            "key=",
        ),
        *(
            'token="',
            "password: ",
            "curl -u ",
            "authorization: ",
            "%61",
            "\\u0061",
            "\\\\",
            "&#97;",
            "abandon ",
        ),
        *("H4sIAAAA", "hunter2", "abandon, ", "554=", "<token>\n "),
    ],
)
def test_a_hostile_text_is_searched_to_its_end(part: str) -> None:
    """A text made to be slow to search keeps its length, and the secret at its end is found."""
    redactor = knowing(a="hunter22")
    text = "[" + part * 30_000 + " hunter22"
    redacted = redactor.redact(text)
    assert len(redacted) == len(text)
    assert "hunter22" not in redacted


def test_fifty_secrets_are_looked_for_in_ten_megabytes() -> None:
    """Fifty secrets in all their forms are looked for in 10 MB, and the one that is there is found."""
    dice = random.Random(7)
    redactor = Redactor()
    for number in range(50):
        data = dice.randbytes(32)
        redactor.register(f"a{number}", base64.b64encode(data).decode() if number % 2 else "0x" + data.hex())
    levels = [{"price": f"0.{level}", "size": "100.5"} for level in range(30)]
    book = {"asset_id": str(dice.getrandbits(255)), "market": "0x" + dice.randbytes(32).hex(), "bids": levels}
    text = (json.dumps(book) + "\n") * 8000
    assert len(text) > 10_000_000
    redactor.register("late", "the-last-secret")
    assert [hit.label for hit in redactor.find(text + "the-last-secret")] == ["late"]
