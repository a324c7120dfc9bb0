"""Every word of the matchers has what builds and judges it, and a failure in exact words; what they refer to is found."""

# One row of a table stays one line, however long, so that the messages can be read under each other.
# ruff: noqa: E501

from __future__ import annotations

import pytest
from test_matchers import FAILS, differences

from harness.errors import Problem
from harness.matchers import (
    compile_expectation,
    is_absence,
    references_of,
)
from harness.matchers.arguments import BUILDERS
from harness.matchers.matching import JUDGES
from harness.references import MissingPartError
from harness.strictyaml import load


def test_every_word_has_a_builder_and_a_judge() -> None:
    """No word is known to the one and not to the other."""
    assert set(BUILDERS) == set(JUDGES)


@pytest.mark.parametrize("word", sorted(set(BUILDERS) - {"$time", "$age"}))
def test_every_word_has_a_failure_in_exact_words(word: str) -> None:
    """Each matcher stands in the table of failures (those of time have a table of their own)."""
    assert any(f"{word}}}" in expected or f"{word}:" in expected for expected, _, _ in FAILS)


def test_references_are_found_wherever_they_stand() -> None:
    """References in keys, leaves and arguments are listed in the file's order."""
    text = '{"${k}": "${a}", x: [{$gt: "${b}"}, "c-${c}"], y: {$in: ["${d}"]}, z: {$only: {p: "${e}"}}}'
    problems: list[Problem] = []
    templates = references_of(compile_expectation(load(text, "c.yaml"), problems))
    assert (problems, [template.names for template in templates]) == ([], [(name,) for name in "kabcde"])


@pytest.mark.parametrize(
    ("text", "absence"),
    [
        ("{$nothing}", True),
        ("{$either: [{a: 1}, {$nothing}]}", True),
        ("{$not: {$nothing}}", False),
        ("{$lost}", False),
        ("{a: 1}", False),
        ("[1]", False),
    ],
)
def test_absence_is_known(text: str, absence: bool) -> None:
    """Only an expectation that silence can meet is one of absence."""
    assert is_absence(compile_expectation(load(text, "c.yaml"), [])) is absence


@pytest.mark.parametrize("expected", ["{$in: '${%s}'}", "{$not: {$in: '${%s}'}}"])
@pytest.mark.parametrize("name", ["no_states", "size", "fill.legs", "fill.more"])
def test_in_of_no_list_is_no_match_and_no_mismatch(expected: str, name: str) -> None:
    """Where the reference gives no list of plain values, neither `$in` nor `$not` of it holds: it is an error."""
    with pytest.raises(MissingPartError):
        differences(expected % name, '"live"')
