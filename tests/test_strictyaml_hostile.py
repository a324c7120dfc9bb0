"""Strict YAML against hostile and arbitrary files: refused at once, in little memory, never a crash."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import CaseError, Problem
from harness.strictyaml import load, plain


def told_of(text: str | bytes) -> tuple[Problem, ...]:
    try:
        plain(load(text, "c.yaml"))
    except CaseError as error:
        return error.problems
    return ()


HOSTILE: dict[str, str] = {
    "nested brackets": "[" * 100_000,
    "nested braces": "{a: " * 60_000,
    "nested both": "[{" * 50_000,
    "nested dashes": "- " * 100_000,
    "nested keys": "? " * 100_000,
    "nested by lines": "[\n" * 100_000,
    "nested by indentation": "".join(" " * depth + "a:\n" for depth in range(700)),
    "wide list": "[" + "1," * 120_000 + "]",
    "wide mapping": "{" + ",".join(f"{name}: 1" for name in range(19_000)) + "}",
    "many anchors": "&a " * 80_000,
    "many aliases": "[" + "*a, " * 60_000 + "]",
    "alias bomb": "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*a, *a]\n" for n in "bcdefgh"),
    "many tags": "!" * 200_000,
    "many directives": "".join(f"%TAG !a{n}! b\n" for n in range(15_000)) + "--- a",
    "python tag": "!!python/object/apply:os.system ['true']",
    "long integer": "a: " + "1" * 250_000,
    "long exponent": "a: 1e" + "9" * 60_000,
    "long text": "a" * 250_000,
    "long name in quotes": "'" * 250_001,
    "blank tabs": " \t\n" * 80_000,
    "control characters": "\n" * 131_000 + "\x01" * 100_000,
    "colons": ":" * 250_000,
    "questions": "?" * 250_000,
    "quoted brackets": "{a: '" + "[" * 60_000 + "', b: 'x'y}",
    "many lists on a line": "[" + "[], " * 6_000 + "'x'y]",
    "unquoted reference": "{a: ${" + "x" * 200_000,
    "percent": "%" * 250_000,
    "many documents": "--- a\n" * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_little_memory(name: str) -> None:
    """A hostile file ends in a CaseError, under 20 MiB."""
    tracemalloc.start()
    try:
        assert told_of(HOSTILE[name])
        assert tracemalloc.get_traced_memory()[1] < 20 * 1024 * 1024
    finally:
        tracemalloc.stop()


VISIBLE = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"), exclude_characters=""
)
NAMES = st.text("abc:{}[]#'\"", min_size=1)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**77), 10**77) | st.text(VISIBLE),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_json_is_read_as_itself(value: Any) -> None:
    """Any JSON text is YAML and gives the same value."""
    assert plain(load(json.dumps(value, ensure_ascii=False), "c.yaml")) == value


@given(
    st.text(st.sampled_from(list("ab1:,-?&*!|>'\"%@`#{}[]$.~<= \n\t\\\x00\ufeff\u2028\ud800é")), max_size=60)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything but CaseError, and all its places are in the file."""
    lines = text.count("\n") + 2
    for problem in told_of(text):
        assert problem.code[0] == "Y"
        assert 1 <= problem.place.line <= lines
        assert problem.place.column >= 1


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes raise anything but CaseError."""
    assert all(problem.code[0] == "Y" for problem in told_of(data))
