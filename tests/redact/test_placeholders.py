"""Placeholders are equal where secrets are, are no secrets, and stand for any text of their length."""

from __future__ import annotations

from typing import Any

import pytest

from harness.redact import Redactor, alike
from harness.redact.placeholder import Ledger, is_placeholder

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


@pytest.mark.parametrize(
    ("recorded", "built", "is_alike"),
    [
        ("«»", "ab", True),
        ("«a» «b» x", "abc def x", True),
        ("«a» «b» x", "abc:def x", False),
        ("y «a»", "x abc", False),
        ("x", 1, False),
        ({"a": 1}, [1], False),
        ([1], {"a": 1}, False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, 2], [1, 3], False),
        ([1, 2], [3, 4], False),
        ((1, 2), [1, 2], True),
        (None, None, True),
        (True, True, True),
        (1, 2, False),
        (1, "x", False),
        ("x", None, False),
    ],
)
def test_values_are_alike_in_type_and_in_every_part(recorded: Any, built: Any, is_alike: bool) -> None:
    """Each part is compared with its own, in order; a placeholder alone stands for others."""
    assert alike(recorded, built) is is_alike


def test_what_is_a_placeholder() -> None:
    """All of the text, in its signs, empty too; or what is left where there is no room for them."""
    for text in ("«a»", "«»", "·", "", "··"):
        assert is_placeholder(text) is True
    for text in ("«a» ", "x«a»", "«a\nb»", "««a»", "a", "«a"):
        assert is_placeholder(text) is False


def test_placeholders_are_made_to_length() -> None:
    """Of one and two characters too; filled, cut, numbered from the second on in 36 digits."""
    ledger = Ledger()
    assert [ledger.issue("a", "xyz", chars) for chars in (0, 1, 2, 3, 6)] == ["", "·", "«»", "«a»", "«a···»"]
    assert ledger.issue("a", "other", 6) == "«a~2·»"
    assert ledger.issue("a", "xyz", 6) == "«a···»"
    assert ledger.issue("a b/c", "x", 9) == "«a_b_c··»"
    assert ledger.issue("longer", "x", 5, "shown") == "«sho»"
    assert ledger.issue("longer", "y", 5, "shown") == "«s~2»"
    assert ledger.label_of("«s~2»") == "longer"
    assert ledger.label_of("«s~3»") is None
    made = [ledger.issue("n", str(number), 8) for number in range(40)]
    assert made[8:10] == ["«n~9···»", "«n~a···»"]
    assert made[34:37] == ["«n~z···»", "«n~10··»", "«n~11··»"]
    small = [ledger.issue("q", str(number), 4) for number in range(40)]
    assert small[:3] == ["«q·»", "«~2»", "«~3»"]
    assert len(set(small[:35])) == 35
    assert {len(each) for each in small} == {4}


def test_what_is_free_and_what_is_counted() -> None:
    """Only placeholders that were issued here count; between them is what may hold a secret."""
    ledger = Ledger()
    one, two = ledger.issue("b", "x", 5), ledger.issue("a", "y", 5)
    text = f"1 {one} «?» {two}{one}."
    assert list(ledger.free(text)) == [(0, 2), (7, 12), (17, 17), (22, 23)]
    assert list(ledger.free("abc")) == [(0, 3)]
    assert ledger.manifest(text) == {"a": 1, "b": 2}
    assert list(ledger.manifest(text)) == ["a", "b"]
