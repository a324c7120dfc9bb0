"""JSON without floats, and without surprises."""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import exactjson

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    """No number and no text changes on its way through JSON."""
    assert exactjson.loads(exactjson.dumps(value)) == value


def test_numbers_keep_their_digits() -> None:
    """A number that is no integer is a Decimal with the digits of its text; integers have any size."""
    read = exactjson.loads('{"price": 0.520, "token": ' + "9" * 77 + "}")

    assert (str(read["price"]), type(read["price"])) == ("0.520", Decimal)
    assert read["token"] == int("9" * 77)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused_whatever_the_recursion_limit(opening: str) -> None:
    """A hundred thousand nested brackets are a ValueError, even where a library raised Python's own limit."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        with pytest.raises(ValueError, match="JSON is nested too deeply: more than 200 levels"):
            exactjson.loads(opening * 100_000)
    finally:
        sys.setrecursionlimit(limit)


def test_brackets_inside_text_are_no_nesting() -> None:
    """Only structure counts as depth."""
    assert exactjson.loads('"' + "[" * 1_000 + '"') == "[" * 1_000
    assert exactjson.loads("[" + ",".join(["[]"] * 1_000) + "]") == [[]] * 1_000
