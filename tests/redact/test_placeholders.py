"""Placeholders are equal where secrets are, are no secrets, and stand for any text of their length."""

from __future__ import annotations

from typing import Any

import pytest

from harness.redact import Redactor, alike

from .samples import knowing


def test_placeholders_are_equal_where_secrets_are() -> None:
    """Equal secrets have equal placeholders, different ones of equal length and label different ones."""
    redactor = knowing(alice_secret="abcdef-123456", bob_secret="ghijkl-123456")
    redactor.register("alice.secret", "mnopqr-123456")
    text = "abcdef-123456 ghijkl-123456 mnopqr-123456 abcdef-123456"
    assert redactor.redact(text) == "«alice.secre» «bob.secret·» «alice.sec~2» «alice.secre»"
    assert redactor.manifest(redactor.redact(text)) == {"alice.secret": 3, "bob.secret": 1}


def test_many_short_secrets_of_one_label_stay_apart() -> None:
    """Thousands of secrets under one label have thousands of placeholders, even of six characters."""
    redactor = Redactor()
    values = [f"{number:06x}" for number in range(0x100000, 0x100000 + 1500)]
    clean = {redactor.redact_json({"password": value})["password"] for value in values}
    assert len(clean) == len(values)
    assert {len(text) for text in clean} == {6}


def test_the_longest_secret_is_replaced_first() -> None:
    """Where one secret holds another, the whole longer one is replaced, by its own placeholder."""
    redactor = knowing(short="abcdef", long="abcdefghijkl")
    assert redactor.redact("abcdefghijkl abcdef") == "«long······» «shor»"


def test_a_placeholder_is_no_secret_even_where_it_spells_one() -> None:
    """A label that spells a registered secret does not make its placeholders secret."""
    redactor = knowing(bob_password="x7Kq09Lm22", alice_x="password")
    clean = redactor.redact("x7Kq09Lm22 password")
    assert clean == "«bob.pass» «alice.»"
    assert redactor.find(clean) == []
    assert redactor.redact(clean) == clean


@pytest.mark.parametrize(
    ("recorded", "built", "is_alike"),
    [
        ("a «secret» b", "a hunter22 b", True),
        ("a «secret» b", "a hunter2 b", False),
        ("a «secret» b", "a hunter22 c", False),
        ("x", "x", True),
        ("x", "y", False),
        ({"a": ["«·»", 1]}, {"a": ["abc", 1]}, True),
        ({"a": ["«·»", 1]}, {"a": ["abc", 2]}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": True}, False),
        ([1], [1, 2], False),
        ([1, 2], (1, 2), True),
    ],
)
def test_a_placeholder_is_alike_any_text_as_long(recorded: Any, built: Any, is_alike: bool) -> None:
    """Values are alike when equal, where a placeholder in what was recorded stands for any text of
    its length."""
    assert alike(recorded, built) is is_alike
