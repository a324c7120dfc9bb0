"""Matchers that can never fail, or never hold, are refused at load with what to write."""

# One row of a table stays one line, so that the messages can be read under each other.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from harness.errors import Problem
from harness.matchers import compile_expectation
from harness.strictyaml import load


def problems_of(text: str) -> list[str]:
    problems: list[Problem] = []
    compile_expectation(load(text, "c.yaml"), problems)
    return [str(problem).removeprefix("c.yaml:") for problem in problems]


NEVER = "nothing lies between these bounds, so that this never holds"
CODE = "the code of a close is a number from 1000 to 4999, or null where none came"
TIMES = 'no argument, or moments as {$gte: "${now:ms}"}: unix time, ISO 8601 or FIX UTCTimestamp'

REFUSED: list[tuple[str, str]] = [
    ("{$gt: 5, $lt: 5}", f"1:10: M005 $gt: 5, $lt: 5: {NEVER}"),
    ("{$gte: 5, $lt: 5.0}", f"1:11: M005 $gte: 5, $lt: 5.0: {NEVER}"),
    ("{$gt: 6, $between: [1, 5]}", f"1:10: M005 $gt: 6, $between: [1, 5]: {NEVER}"),
    ("{$decimal: {$gt: 2, $lt: 1}}", f"1:21: M005 $gt: 2, $lt: 1: {NEVER}"),
    ("{$age: {$gt: 2s, $lt: 1s}}", f"1:18: M005 $gt: 2s, $lt: 1s: {NEVER}"),
    (
        "{$time: {$gt: 1772454896000, $lte: 2026-03-02T12:34:56Z}}",
        f'1:30: M005 $gt: 1772454896000, $lte: "2026-03-02T12:34:56Z": {NEVER}',
    ),
    ("{$contains: a, $gt: 5}", "1:16: M005 $contains is about text, $gt about a number: nothing is both"),
    ("{$some: 1, $decimal}", "1:12: M005 $some is about a list, $decimal about a number or text: nothing is both"),
    ("{$only: [a], $uuid}", "1:14: M005 $only is about a list or a mapping, $uuid about text: nothing is both"),
    ("{$length: {$gte: 0}}", "1:12: M005 $length of {$gte: 0} cannot fail: write {$present}"),
    ("{$length: {$gt: -1}}", "1:12: M005 $length of {$gt: -1} cannot fail: write {$present}"),
    ("{$length: {$lt: 0}}", "1:12: M005 $length of {$lt: 0} never holds"),
    ("{$extra: {$gte: 1}}", "1:11: M005 $extra of {$gte: 1} cannot fail: write {$extra}"),
    ("{$extra: {$lt: 1}}", "1:11: M005 $extra of {$lt: 1} never holds"),
    ("{$late: {$gte: 0s}}", "1:10: M005 $late of {$gte: 0s} cannot fail: write {$late}"),
    ("{$age: {$gte: 0ms}}", "1:9: M005 $age of {$gte: 0s} cannot fail"),
    ("{$age: {$lt: 0s}}", "1:9: M005 $age of {$lt: 0s} never holds"),
    ("{$some: 1, $length: 0}", "1:2: M005 $some beside $length: 0 never holds: no list has an item and none"),
    ("{$sorted: asc, $length: 1}", "1:2: M005 $sorted beside $length: 1 cannot fail: one item is in order"),
    (
        "{$each: {$present}}",
        "1:2: M005 $each of {$present} cannot fail, as an item is there: write {$length: {$gte: 1}}",
    ),
    (
        "{$some: {$present}}",
        "1:2: M005 $some of {$present} cannot fail, as an item is there: write {$length: {$gte: 1}}",
    ),
    (
        "{a: {$either: [{$absent}, {$present}]}}",
        "1:6: M005 $either with {$present} leaves nothing to its other ways: take one or the other",
    ),
    ("{$closed: {code: '1008'}}", f'1:18: M005 {CODE}; found "1008"'),
    ("{$closed: {code: 99}}", f"1:18: M005 {CODE}; found 99"),
    ("{$closed: {reason: 5}}", "1:20: M005 the reason of a close is text; found 5"),
    (
        "{a: {$not: {b: {$age: {$lte: 2s}}}}}",
        "1:6: M005 $not of $age would hold wherever an age cannot be judged: write the opposite ordering",
    ),
    ("{$age}", "1:6: M004 $age takes times, as {$lte: 2s}; found nothing"),
    ("{$age: 2s}", '1:8: M004 $age takes times, as {$lte: 2s}; found "2s"'),
    ("{$age: {$lte: 2}}", "1:15: M004 expected a time such as 250ms, 5s, 1.5s, 2m, 1h or 1d, found '2'"),
    ("{$time: 5}", f"1:9: M004 $time takes {TIMES}; found 5"),
    ("{$time: {$in: [5]}}", f'1:9: M004 $time takes {TIMES}; found {{"$in": [5]}}'),
    (
        "{$time: {$gte: 5}}",
        "1:16: M004 $time takes moments; this is no unix time: "
        "10 digits are s, 13 ms, 16 us, 19 ns; this has 1",
    ),
    ("{$time: {$lt: [1]}}", "1:16: M004 $time takes moments; this is no unix time: 10 digits are s, 13 ms, 16 us, "
     "19 ns; this has 1"),
    ("{$time: {$lt: {a: 1}}}", "1:15: M004 $time takes moments; this is null, no timestamp"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_what_cannot_fail_or_never_holds_is_refused_at_load(text: str, told: str) -> None:
    """Each has its place, says why it checks nothing, and what to write where there is something."""
    assert problems_of(text) == [told]


@pytest.mark.parametrize(
    "text",
    [
        "{$gt: 4, $lt: 5, $in: [4.5]}",
        "{$gte: 5, $lte: 5}",
        "{$gt: '${low}', $lt: 1}",
        "{$each: {$gt: 1}, $length: {$gte: 0}}",
        "{$length: {$gte: 1}, $contains: x}",
        "{$length: {$lte: 0}}",
        "{$decimal, $gt: 5}",
        "{$time, $decimal}",
        "{$closed: {code: null}}",
        "{$closed: {code: {$gte: 4000}, reason: ''}}",
        "{$late: {$gt: 0s}}",
        "{$extra: {$gte: 2}}",
        "{$not: {$time}}",
        "[{$present}, 5]",
        "{a: {$either: [{$absent}, {$present, $gt: 5}]}}",
    ],
)
def test_what_can_fail_and_can_hold_is_let_through(text: str) -> None:
    """The nearest sound neighbours of what is refused are no problem."""
    assert problems_of(text) == []
