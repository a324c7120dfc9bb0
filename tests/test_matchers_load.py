"""Matchers at load: what is refused with which words, safe patterns, and exactness for any value."""

from __future__ import annotations

import json
import re
import tracemalloc
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.errors import Place, Problem
from harness.matchers import (
    Difference,
    Differs,
    Extra,
    Late,
    Matchers,
    compile_expectation,
    match,
    nearest,
)
from harness.matchers.patterns import PatternError, compile_pattern
from harness.strictyaml import load


def problems_of(text: str) -> list[str]:
    problems: list[Problem] = []
    compile_expectation(load(text, "c.yaml"), problems)
    return [str(problem).removeprefix("c.yaml:") for problem in problems]


def differences(text: str, actual: Any) -> tuple[Difference, ...]:
    problems: list[Problem] = []
    expectation = compile_expectation(load(text, "c.yaml"), problems)
    assert problems == []
    return match(expectation, actual, lambda template: template.resolve(lambda reference: None))


TIME = "a time such as 250ms, 5s, 1.5s, 2m, 1h or 1d"
REFUSED: list[tuple[str, str]] = [
    ("{}", "1:1: M001 {} checks nothing: write {$present}, or {$only: {}} for an empty mapping"),
    ("{a: {}}", "1:5: M001 {} checks nothing: write {$present}, or {$only: {}} for an empty mapping"),
    ("{a}", "1:3: M001 nothing stands here: write null, {$absent} or {$present}"),
    ("{$uuuid}", "1:2: M002 unknown matcher $uuuid; did you mean $uuid?"),
    ("{$Length: 2}", "1:2: M002 unknown matcher $Length; did you mean $length?"),
    ("{$gt: 1, h: 2}", "1:10: M003 $gt and the key 'h' in one mapping: matchers stand by themselves"),
    ("{a: $present}", "1:5: M004 $present is a matcher: write {$present}, or quote it if it is text"),
    ("{$present: 1}", "1:12: M004 $present takes no argument: {$present}; found 1"),
    ("{$not}", "1:6: M004 $not takes an expectation; found nothing"),
    ("{$either: [1]}", "1:11: M004 $either takes a list of two or more expectations; found [1]"),
    ("{$in: []}", "1:7: M004 $in takes a list of one or more values; found []"),
    ("{$in: 'a ${b}'}", '1:7: M004 $in takes a list of one or more values; found "a ${b}"'),
    ("{$in: 5}", "1:7: M004 $in takes a list of one or more values; found 5"),
    ("{$in: [[1]]}", "1:7: M004 $in takes plain values (for more, use $either); found [[1]]"),
    ("{$contains: 290}", "1:13: M004 $contains takes text (quote a number); found 290"),
    ("{$contains: ''}", "1:13: M005 $contains of no text holds for every text: it cannot fail"),
    ("{$matches: 5}", "1:12: M004 $matches takes a pattern (quote it); found 5"),
    ("{$length: -1}", "1:11: M004 $length takes a count from 0; found -1"),
    ("{$length: 1.5}", "1:11: M004 $length takes a count, or as {$gte: 2}; found 1.5"),
    ("{$length: {$uuid}}", '1:11: M004 $length takes a count, or as {$gte: 2}; found {"$uuid": null}'),
    ("{$length: [2]}", "1:11: M004 $length takes a count, or as {$gte: 2}; found [2]"),
    ("{$length: true}", "1:11: M004 $length takes a count, or as {$gte: 2}; found true"),
    ("{$hex: 0}", "1:8: M004 $hex takes a number of bytes, as {$hex: 32}; found 0"),
    ("{$gt: '5'}", '1:7: M004 $gt takes a number, without quotes; found "5"'),
    ("{$gt: 5s}", '1:7: M004 $gt takes a number, without quotes; found "5s"'),
    ("{$between: [1]}", "1:12: M004 $between takes two numbers, as [0.01, 0.99]; found [1]"),
    ("{$between: [1, x, 2]}", '1:12: M004 $between takes two numbers, as [0.01, 0.99]; found [1, "x", 2]'),
    ("{$between: [2, 1]}", "1:12: M004 $between takes the smaller number first; found [2, 1]"),
    ("{$decimal: x}", '1:12: M004 $decimal takes a number, or as {$gte: 0.5}; found "x"'),
    ("{$only: 5}", "1:9: M004 $only takes a mapping of keys, or a list; found 5"),
    ("{$unordered: 5}", "1:14: M004 $unordered takes a list of items; found 5"),
    ("{$unordered: []}", "1:2: M005 $unordered of no items never holds: for an empty list write []"),
    ("{$sorted: up}", '1:11: M004 $sorted takes asc or desc; found "up"'),
    (
        "{$closed: {cod: 1}}",
        '1:11: M004 $closed takes code, reason or both, as {code: 1008}; found {"cod": 1}',
    ),
    ("{$late: 30s}", '1:9: M004 $late takes times, as {$gte: 30s}; found "30s"'),
    ("{$late: {$in: [30s]}}", '1:9: M004 $late takes times, as {$gte: 30s}; found {"$in": ["30s"]}'),
    ("{$late: {$gte: 30}}", f"1:16: M004 expected {TIME}, found '30'"),
    ("{$extra: 0}", "1:10: M004 $extra takes a count from 1; found 0"),
    (
        "{$differs: 5}",
        "1:12: M004 $differs takes an expectation for each source, as {rest: 5, chain: 4}; found 5",
    ),
    ("{a: {$not: {$present}}}", "1:13: M005 $not of $present never holds: write {$absent}"),
    ("{a: {$not: {$absent}}}", "1:13: M005 $not of $absent never holds: write {$present}"),
    ("{$nothing, $present}", "1:2: M006 $nothing holds with nothing beside it: take the rest away"),
    ("{$absent}", "1:2: M006 $absent is about a key; for no event at all write {$nothing}"),
    ("{a: {$nothing}}", "1:6: M006 $nothing stands instead of a whole event, not inside one"),
    (
        "{$matches: '${x}'}",
        "1:12: M007 $matches is checked before the run and takes no references: use $contains",
    ),
    (
        "{$matches: '(a'}",
        '1:12: M007 $matches cannot use "(a": a ( is never closed, at character 3',
    ),
    ("{a: '${x'}", "1:5: R001 ${x is never closed: write a }, or $${ for a literal ${"),
    ("{'${x': 1}", "1:2: R001 ${x is never closed: write a }, or $${ for a literal ${"),
]


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_what_cannot_be_meant_is_refused_at_load(text: str, told: str) -> None:
    """A wrong expectation has its code, its place and its fix before anything runs."""
    assert problems_of(text) == [told]


def test_all_problems_of_an_expectation_come_together() -> None:
    """One problem does not hide the next."""
    told = problems_of("{a: {}, b: {$gt: x}, c: [{$zzz}, {$lost}]}")
    assert [line.split(" ")[1] for line in told] == ["M001", "M004", "M002", "M006"]
    assert "unknown matcher $zzz; known are $absent $address $age $between" in told[2]


BAD_PATTERNS = [
    (r"(a)\1", r"\1 cannot be used: no back references, no anchors but ^ $ \b, at character 6"),
    ("(?=a)", "lookaround, names and flags of groups cannot be used: write ( or (?:, at character 2"),
    ("a*?", "a repeat of a repeat (or a lazy one) changes nothing here: take it away, at character 3"),
    ("(a*)*", "the pattern matches every text: a check that cannot fail"),
    ("^x?", "the pattern matches every text: a check that cannot fail"),
    ("x?$", "the pattern matches every text: a check that cannot fail"),
    ("", "the pattern matches every text: a check that cannot fail"),
    ("a{101}", "a repeat is {least,most} with at most 100, at character 7"),
    ("a{0}", "a repeat is {least,most} with at most 100, at character 5"),
    ("a{3,2}", "a repeat is {least,most} with at most 100, at character 7"),
    ("(a{100}){100}", "the pattern needs more than 500 states: simplify its repeats"),
    ("a" * 501, "a pattern has at most 500 characters, this has 501"),
    ("(" * 40, "more than 32 groups in each other, at character 34"),
    ("()", "an empty group, at character 2"),
    ("a)", "this ) closes nothing, at character 2"),
    ("*a", "nothing to repeat before *, at character 2"),
    ("a|{", r"a { must be written \{, at character 4"),
    ("[a", "a [ is never closed, at character 3"),
    ("[[a]", r"in a class write \[ and put - last, at character 5"),
    ("[z-a]", "[z-a]: bad character range z-a, at character 6"),
    ("a\\", "\\ cannot be used: no back references, no anchors but ^ $ \\b, at character 3"),
]


@pytest.mark.parametrize(("pattern", "told"), BAD_PATTERNS, ids=range(len(BAD_PATTERNS)))
def test_a_pattern_that_needs_backtracking_is_refused(pattern: str, told: str) -> None:
    """What cannot run in linear time, or cannot fail, is told with its character."""
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    assert str(caught.value) == told


PIECES = ["a", "b", "[ab]", "[^a]", ".", r"\d", r"\w", r"\s", r"\.", r"\n", r"\b", r"\B", "^", "$"]
PATTERNS = st.recursive(
    st.sampled_from(PIECES),
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{1,}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        )
    ),
    max_leaves=5,
)


@given(PATTERNS, st.text("ab1. \n_", max_size=8))
def test_patterns_find_what_python_finds(pattern: str, text: str) -> None:
    """On the syntax that both know, a search has the same answer ($ being the text's very end)."""
    assume(text or r"\B" not in pattern)  # Python before 3.14 finds \B nowhere in the empty text
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        assume(False)
    else:
        assert compiled.found_in(text) == bool(re.search(pattern.replace("$", r"\Z"), text))


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a|a)*c", "(a+)+c", "a*a*a*a*c", "(a|b)*a(a|b){20}c", "(.*)(.*)(.*)c"),
        *("(a?){90}a{90}c", "[ab]*a[ab]{100}[ab]{100}c", r"(\w+\s?)+!", "^(([a-z])+.)+[A-Z]([a-z])+$"),
    ],
)
def test_patterns_take_linear_time(pattern: str) -> None:
    """What takes others for ever is searched through 64 Ki characters to its answer."""
    assert not compile_pattern(pattern).found_in("".join(Random(7).choices("ab", k=65_536)))


def test_patterns_take_little_memory() -> None:
    """A machine whose states are never the same twice keeps them in under 16 MiB."""
    pattern = compile_pattern("[ab]*a[ab]{100}[ab]{100}c")
    tracemalloc.start()
    try:
        assert not pattern.found_in("".join(Random(7).choices("ab", k=16_384)))
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_longer_text_is_not_searched() -> None:
    """A text over the limit is a difference, not a wait."""
    (found,) = differences("{$matches: x}", "x" * 65_537)
    assert found.why == "65537 characters; at most 65536 are searched"


def test_the_differences_of_a_wide_list_are_cut() -> None:
    """A list that is wrong everywhere gives fifty differences."""
    assert len(differences("{$each: 1}", [2] * 100_000)) == 50
    assert len(differences(json.dumps([1] * 900), [2] * 900)) == 50


def test_a_captured_value_is_walked_only_so_deep() -> None:
    """A value that a reference gives may be deep; the comparison ends before Python's stack does."""
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    problems: list[Problem] = []
    expectation = compile_expectation(load("'${x}'", "c.yaml"), problems)
    (found,) = match(expectation, deep, lambda template: deep)
    assert found.why == "nested deeper than 64 levels"


def test_long_values_are_cut_when_shown() -> None:
    """A difference stays readable, whatever came."""
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    for actual in ("x" * 10_000_000, list(range(1_000_000)), {"k" * 1_000_000: 1}, deep, 10**5_000, b"x"):
        (found,) = differences("1", actual)
        assert len(str(found)) < 400


def test_unordered_pairs_many_items_at_once() -> None:
    """Three hundred items are paired, more are refused."""
    items = [f"item {index}" for index in range(300)]
    assert differences("{$unordered: " + json.dumps(items) + "}", items[::-1]) == ()
    (found,) = differences("{$unordered: [a]}", ["a"] * 301)
    assert found.why == "301 items; at most 300 are compared"


@pytest.mark.parametrize(
    ("word", "near"),
    [("expct", "expect"), ("EXPECT", "expect"), ("zzz", None), ("", None), ("x" * 9_999, None)],
)
def test_the_nearest_word_is_offered(word: str, near: str | None) -> None:
    """A slip of a letter or of case has a suggestion, a foreign word has none."""
    assert nearest(word, ["expect", "where", "within"]) == near


def test_a_difference_is_a_value() -> None:
    """A Difference is told by its four parts."""
    assert str(Difference("", "1", "2", "1 more")) == "the whole: expected 1, found 2: 1 more"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Late(-1), "what came in time is not late"),
        (lambda: Matchers((), Place("c.yaml")), "an expectation without matchers cannot fail"),
        (lambda: Extra(0), "an extra counts from one"),
        (lambda: Differs({}), "sources that differ have names"),
    ],
)
def test_findings_are_checked_when_made(make: Any, told: str) -> None:
    """A finding that says nothing cannot be made."""
    with pytest.raises(ValueError, match=f"^{told}$"):
        make()
