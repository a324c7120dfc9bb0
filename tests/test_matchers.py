"""Matchers: what each says of a value, in exactly which words."""

# One row of a table stays one line, however long, so that the messages can be read under each other.
# ruff: noqa: E501

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness import exactjson
from harness.errors import Problem
from harness.matchers import (
    LOST,
    NOTHING,
    REFUSED,
    Closed,
    Differs,
    Extra,
    Late,
    compile_expectation,
    match,
)
from harness.references import dig
from harness.strictyaml import load

KNOWN = {
    "size": "5",
    "price": Decimal("0.52"),
    "owner": "0xABCDEF0123456789012345678901234567890123",
    "fill": {"id": 7, "legs": [1, {"x": 2, "y": 3}]},
    "empty": {},
    "wait": "30s",
    "blank": "",
    "none": 0,
    "states": ["live", "matched", 7, Decimal("0.5")],
    "no_states": [],
}


def differences(expected: str, actual: Any) -> list[str]:
    problems: list[Problem] = []
    expectation = compile_expectation(load(expected, "c.yaml"), problems)
    assert problems == []
    value = exactjson.loads(actual) if isinstance(actual, str) else actual
    found = match(expectation, value, lambda template: template.resolve(_lookup))
    return [str(difference) for difference in found]


def _lookup(reference: Any) -> Any:
    return dig(KNOWN[reference.root], reference.path, reference.root)


HASH = "0x" + "aB" * 32
MATCHES: list[tuple[str, Any]] = [
    ("{a: 0.520, b: 5, c: 5.0}", '{"a": 0.52, "b": 5.0, "c": 5, "more": 1}'),
    ('{a: "0.52", b: null, c: true}', '{"a": "0.52", "b": null, "c": true}'),
    ("[1, [], {a: x}]", '[1, [], {"a": "x"}]'),
    (f'"{HASH}"', f'"{HASH.lower()}"'),
    ('{a: "${owner}"}', '{"a": "0xabcdef0123456789012345678901234567890123"}'),
    ('{"${owner}": 1}', '{"0xabcdef0123456789012345678901234567890123": 1}'),
    ('{"${price}": 1}', '{"0.52": 1}'),
    ('{a: "${price}", b: "x-${price}", c: "$${x}"}', '{"a": 0.52, "b": "x-0.52", "c": "${x}"}'),
    ('{a: "${fill}", b: "${empty}"}', '{"a": {"id": 7, "legs": [1, {"x": 2, "y": 3}], "z": 1}, "b": {}}'),
    ("{a: {$present}, b: {$absent}}", '{"a": null}'),
    ("{a: {$in: [1, b, null]}, b: {$in: [0.5]}}", '{"a": null, "b": 0.50}'),
    ("{a: {$in: '${states}'}, b: {$in: '${states}'}}", '{"a": "matched", "b": 0.50}'),
    ("{a: {$not: 5}, b: {$not: {$gt: 3}}}", '{"a": "5", "b": 3}'),
    ("{a: {$either: [{$absent}, 5]}}", "{}"),
    ("{$either: [{A: {x: 1}}, {B: {x: 2}}]}", '{"B": {"x": 2}}'),
    ("{a: {$contains: not enough, $length: 12}}", '{"a": "a not enough"}'),
    ("{a: {$contains: '${price}'}}", '{"a": "at 0.52"}'),
    ("{a: {$matches: '^[a-z]+-[0-9]{2}$'}}", '{"a": "abc-12"}'),
    ("{a: {$length: 2}, b: {$length: {$gte: 1}}, c: {$length: 0}}", '{"a": "éé", "b": {"x": 1}, "c": []}'),
    ("{a: {$uuid}}", '{"a": "123e4567-E89B-12d3-a456-426614174000"}'),
    ("{a: {$hex}, b: {$hex: 2}}", '{"a": "0x00", "b": "0xBEEF"}'),
    ("{a: {$address}}", '{"a": "0xabcdef0123456789012345678901234567890123"}'),
    ("{a: {$gt: 1, $lt: 2}, b: {$gte: 1}, c: {$lte: 1.0}}", '{"a": 1.5, "b": 1, "c": 1}'),
    ("{a: {$between: [0.01, 0.99]}}", '{"a": 0.99}'),
    ("{a: {$gte: '${size}'}}", '{"a": 5}'),
    ("{a: {$decimal}, b: {$decimal: 0.5}, c: {$decimal: '0.50'}}", '{"a": "-1e3", "b": "0.50", "c": 0.5}'),
    ("{a: {$decimal: {$gt: 0.5}}, b: {$decimal: '${size}'}}", '{"a": "0.51", "b": 5.0}'),
    ("{a: {$only: {b: {$gt: 0}}}, c: {$only: [x, y]}}", '{"a": {"b": 1}, "c": {"y": 1, "x": 2}}'),
    ("{a: {$only: [1, 2]}, b: {$only: {}}, c: {$only: []}}", '{"a": [1, 2], "b": {}, "c": []}'),
    ("{$unordered: [{$gt: 1}, {$gt: 3}, {$gt: 2}]}", "[4, 3, 2]"),
    ("{$unordered: [], $length: 0}", "[]"),
    ("{a: {$sorted: asc}, b: {$sorted: desc}}", '{"a": ["9", "10"], "b": [3, 2.5, 2.5]}'),
    ("{$sorted: asc}", '["a", "b"]'),
    ("{$each: {$gt: 3}}", "[4, 5]"),
    ("{$each: {$gt: 3}, $length: 0}", "[]"),
    ("{$some: {a: 1}}", '[{"a": 2}, {"a": 1}]'),
    ("{$nothing}", NOTHING),
    ("{$lost}", LOST),
    ("{$refused}", REFUSED),
    ("{$not: {$nothing}}", '{"a": 1}'),
    ("{$either: [{$nothing}, {a: 1}]}", NOTHING),
    ("{$closed}", Closed(None)),
    ("{$closed: {code: 1008, reason: {$contains: policy}}}", Closed(1008, "a policy")),
    ("{$late}", Late(1)),
    ("{$late: {$gte: 30s, $lt: 1m}}", Late(30_000_000)),
    ("{$late: {$between: [30s, 31s]}}", Late(31_000_000)),
    ("{$late: {$gte: '${wait}'}}", Late(30_000_000)),
    ("{$extra}", Extra(1)),
    ("{$extra: 2}", Extra(2)),
    ("{$extra: {$gte: 2}}", Extra(3)),
    ("{$differs}", Differs({"rest": 1, "chain": 2})),
    ("{a: {$only: {b: 1, c: {$absent}}}}", '{"a": {"b": 1}}'),
    ("{$differs: {rest: {$nothing}, chain: 4}}", Differs({"rest": NOTHING, "chain": 4})),
    ("{$differs: {rest: 5, chain: 4}}", Differs({"rest": 5, "chain": 4, "ws": 5})),
]


@pytest.mark.parametrize(("expected", "actual"), MATCHES, ids=lambda value: repr(value)[:50])
def test_what_matches_gives_no_difference(expected: str, actual: Any) -> None:
    """Every form of the language holds for the value it describes."""
    assert differences(expected, actual) == []


EQUAL = "are equal as decimals, but the wire type is"
FAILS: list[tuple[str, Any, str]] = [
    (
        '{price: "0.520"}',
        '{"price": "0.52"}',
        f'price: expected "0.520", found "0.52": 0.520 and 0.52 {EQUAL} text: use $decimal',
    ),
    (
        "{price: 0.520}",
        '{"price": "0.52"}',
        f'price: expected 0.520, found "0.52": 0.520 and 0.52 {EQUAL} text: use $decimal',
    ),
    (
        '{price: "0.520"}',
        '{"price": 0.52}',
        f'price: expected "0.520", found 0.52: 0.520 and 0.52 {EQUAL} a number: use $decimal',
    ),
    ("5", '"6"', 'the whole: expected 5, found "6": the wire type is text, and the values differ'),
    ("{a: 0.521}", '{"a": 0.52}', "a: expected 0.521, found 0.52: 0.001 less"),
    ("{a: {b: [1, 2]}}", '{"a": {"b": [1, 3]}}', "a.b[1]: expected 2, found 3: 1 more"),
    ("1e308", "1e-999", "the whole: expected 1E+308, found 1E-999: far less"),
    ("true", "1", "the whole: expected true, found 1: a number, not true or false"),
    ("true", "false", "the whole: expected true, found false: they differ"),
    ("0", "false", "the whole: expected 0, found false: true or false, not a number"),
    ("x", "null", 'the whole: expected "x", found null: null, not text'),
    ("Filled", '"FILLED"', 'the whole: expected "Filled", found "FILLED": they differ in upper and lower case only'),
    ("a b", '"a  b"', 'the whole: expected "a b", found "a  b": they differ in blanks only'),
    ("abcdefghi", '"abcdefghj"', 'the whole: expected "abcdefghi", found "abcdefghj": they differ from character 9 on'),
    ("abc", '"xyz"', 'the whole: expected "abc", found "xyz": they differ'),
    ("[1, 2]", "[1]", "the whole: expected [1, 2], found [1]: 1 item, not 2"),
    ("[1]", '{"a": 1}', 'the whole: expected [1], found {"a": 1}: a mapping, not a list'),
    ("{a: 1}", "[1]", "the whole: expected {a: 1}, found [1]: a list, not a mapping"),
    ("{orderID: x}", '{"orderId": "x"}', 'orderID: expected "x", found nothing: it is missing; there is orderId'),
    ("{a: x}", '{"p": 1, "q": 2}', 'a: expected "x", found nothing: it is missing; there is p, q'),
    ("{a: x}", "{}", 'a: expected "x", found nothing: it is missing; the mapping is empty'),
    ('{"a b": 1}', '{"a b": 2}', '["a b"]: expected 1, found 2: 1 more'),
    ('{a: "${fill}"}', '{"a": {"id": 8, "legs": [1, {"x": 2, "y": 3}]}}', "a.id: expected 7, found 8: 1 more"),
    ('{a: "${fill}"}', '{"a": {"id": 7}}', 'a.legs: expected [1, {"x": 2, "y": 3}], found nothing: it is missing'),
    ('{a: "${fill.legs}"}', '{"a": [1]}', 'a: expected [1, {"x": 2, "y": 3}], found [1]: 1 item, not 2'),
    ('{a: "${empty}"}', '{"a": {"id": 8}}', 'a: expected {}, found {"id": 8}: they differ'),
    ('"${size}"', "5", f'the whole: expected "5", found 5: 5 and 5 {EQUAL} a number: use $decimal'),
    ("{a: {$present}}", "{}", "a: expected {$present}, found nothing: it is missing; the mapping is empty"),
    ("{a: {$absent}}", '{"a": null}', "a: expected {$absent}, found null: it is there"),
    ("{a: {$not: 5}}", "{}", "a: expected {$not: 5}, found nothing: it is missing; the mapping is empty"),
    ("{a: {$not: 5}}", '{"a": 5}', "a: expected {$not: 5}, found 5: it is just what it must not be"),
    ("{$in: [1, x]}", "2", 'the whole: expected {$in: [1, "x"]}, found 2: none of the 2 values'),
    ("{$in: '${states}'}", "2", "the whole: expected {$in: ${states}}, found 2: none of the 4 values"),
    ("{$in: [true]}", "1", "the whole: expected {$in: [true]}, found 1: a number, not true or false"),
    ("{$in: ['1']}", "1", f'the whole: expected {{$in: ["1"]}}, found 1: 1 and 1 {EQUAL} a number: use $decimal'),
    (
        "{$either: [{A: 1}, {B: 1}]}",
        '{"B": 2}',
        'the whole: expected {$either: [{A: 1}, {B: 1}]}, found {"B": 2}: none of the 2 ways; '
        "nearest, A: expected 1, found nothing: it is missing; there is B",
    ),
    ("{$contains: ab}", '"xAB"', 'the whole: expected {$contains: "ab"}, found "xAB": it is there in other upper and lower case'),
    ("{$contains: ab}", '"x"', 'the whole: expected {$contains: "ab"}, found "x": the text does not hold it'),
    ("{$contains: ab}", '["ab"]', 'the whole: expected {$contains: "ab"}, found ["ab"]: a list, not text: use $some'),
    ("{$contains: '${blank}'}", '"x"', 'the whole: expected {$contains: ${blank}}, found "x": the reference gave no text to look for'),
    ("{$contains: ab}", "5", 'the whole: expected {$contains: "ab"}, found 5: a number, not text'),
    ("{$matches: '^a$'}", '"ba"', 'the whole: expected {$matches: ^a$}, found "ba": the pattern is nowhere in the text'),
    ("{$matches: a}", "5", "the whole: expected {$matches: a}, found 5: a number, not text"),
    ("{$length: 2}", '"abc"', 'the whole: expected {$length: 2}, found "abc": it has 3 characters'),
    ("{$length: {$gte: 2}}", '{"a": 1}', 'the whole: expected {$length: {$gte: 2}}, found {"a": 1}: it has 1 key'),
    ("{$length: 2}", "5", "the whole: expected {$length: 2}, found 5: a number has no length"),
    ("{$uuid}", '"x"', 'the whole: expected {$uuid}, found "x": not a UUID'),
    ("{$uuid}", "5", "the whole: expected {$uuid}, found 5: a number, not text"),
    ("{$hex: 2}", '"0xbe"', 'the whole: expected {$hex: 2}, found "0xbe": 1 byte, not 2'),
    ("{$hex}", '"0xb"', 'the whole: expected {$hex}, found "0xb": not 0x and whole bytes in hex'),
    ("{$hex}", "5", "the whole: expected {$hex}, found 5: a number, not text"),
    ("{$address}", '"0xbe"', 'the whole: expected {$address}, found "0xbe": not an address (0x and 20 bytes in hex)'),
    ("{$gt: 1}", "1", "the whole: expected {$gt: 1}, found 1: the bound itself"),
    ("{$lte: 1}", "1.1", "the whole: expected {$lte: 1}, found 1.1: too large"),
    ("{$gte: 1}", "0.9", "the whole: expected {$gte: 1}, found 0.9: too small"),
    ("{$between: [1, 2]}", "2.1", "the whole: expected {$between: [1, 2]}, found 2.1: too large"),
    ("{$lt: 1}", '"0.5"', 'the whole: expected {$lt: 1}, found "0.5": the wire type is text: use $decimal: {$lt: 1}'),
    ("{$lt: 1}", "true", "the whole: expected {$lt: 1}, found true: true or false, not a number"),
    ("{$lt: '${owner}'}", "1", "the whole: expected {$lt: ${owner}}, found 1: a bound is no number"),
    ("{$decimal}", '"x"', 'the whole: expected {$decimal}, found "x": text that is no number'),
    ("{$decimal}", "null", "the whole: expected {$decimal}, found null: null, not a number"),
    ("{$decimal: 0.5}", '"0.6"', 'the whole: expected {$decimal: 0.5}, found "0.6": 0.1 more'),
    ("{$decimal: {$gt: 1}}", '"0.6"', 'the whole: expected {$decimal: {$gt: 1}}, found "0.6": too small'),
    ("{$decimal: '${owner}'}", "1", "the whole: expected {$decimal: ${owner}}, found 1: the reference gave no number"),
    ("{$only: {a: 1}}", '{"a": 1, "b": 2}', 'the whole: expected {$only: {a: 1}}, found {"a": 1, "b": 2}: there is also b'),
    ("{$only: [a, b]}", '{"a": 1}', 'the whole: expected {$only: ["a", "b"]}, found {"a": 1}: missing: b'),
    ("{$only: [a]}", '{"a": 1, "b": 2}', 'the whole: expected {$only: ["a"]}, found {"a": 1, "b": 2}: there is also b'),
    (
        "{$unordered: [1, {$gt: 3}]}",
        "[1, 2, 2]",
        "the whole: expected {$unordered: [1, {$gt: 3}]}, found [1, 2, 2]: no item is {$gt: 3}; left over is 2 (and 1 more)",
    ),
    ("{$sorted: asc}", "[1, 3, 2]", "[1]: expected {$sorted: asc}, found [1, 3, 2]: 3 before 2 is not asc"),
    ("{$sorted: desc}", '[1, "2"]', 'the whole: expected {$sorted: desc}, found [1, "2"]: the items are not all numbers or all text'),
    ("{$each: {$gt: 3}}", "[4, 3]", "[1]: expected {$gt: 3}, found 3: the bound itself"),
    ("{$each: 3}", "5", "the whole: expected {$each: 3}, found 5: a number, not a list"),
    ("{$some: 3}", "5", "the whole: expected {$some: 3}, found 5: a number, not a list"),
    ("{$some: 3}", "[]", "the whole: expected {$some: 3}, found []: the list is empty"),
    ("{$some: 3}", "[4, 5]", "the whole: expected {$some: 3}, found [4, 5]: none of the 2 items; nearest, [0]: expected 3, found 4: 1 more"),
    ("{$nothing}", '{"a": 1}', 'the whole: expected {$nothing}, found {"a": 1}: something came'),
    ("{$lost}", NOTHING, "the whole: expected {$lost}, found nothing came: the answer was not lost"),
    ("{$refused}", LOST, "the whole: expected {$refused}, found no answer came: it was not refused"),
    ("{a: 1}", REFUSED, "the whole: expected {a: 1}, found it was refused: there is no event to look at"),
    ("{$present}", NOTHING, "the whole: expected {$present}, found nothing came: there is no event to look at"),
    ("{status: 200}", '{"status": 503}', "status: expected 200, found 503: another code"),
    ("{status: 200}", '{"status": "503"}', 'status: expected 200, found "503": the wire type is text, and the values differ'),
    ("{$closed: {code: 1008}}", Closed(1006), "code: expected 1008, found 1006: another code"),
    ("{$nothing}", Closed(1006, "gone"), 'the whole: expected {$nothing}, found closed with 1006 "gone": something came'),
    ("{$closed}", NOTHING, "the whole: expected {$closed}, found nothing came: the stream was not closed"),
    ("{$closed}", LOST, "the whole: expected {$closed}, found no answer came: an end without a close code, as every FIX connection's, is $lost"),
    ("{$lost}", Closed(None), "the whole: expected {$lost}, found closed without a code: the answer was not lost"),
    ("{$late: {$gte: 30s}}", Late(4_500_000), "the whole: expected {$late: {$gte: 30s}}, found late by 4.5s: too short"),
    ("{$late: {$between: [1s, 2s]}}", Late(4_500_000), "the whole: expected {$late: {$between: [1s, 2s]}}, found late by 4.5s: too long"),
    ("{$late: {$gte: '${size}'}}", Late(1), "the whole: expected {$late: {$gte: ${size}}}, found late by 0.000001s: a bound is no time"),
    ("{$late}", NOTHING, "the whole: expected {$late}, found nothing came: it did not come late"),
    ("{$extra: 2}", Extra(3), "the whole: expected {$extra: 2}, found 3 extra: 1 more"),
    ("{$extra}", NOTHING, "the whole: expected {$extra}, found nothing came: nothing extra came"),
    ("{$differs: {rest: 5}}", Differs({"rest": 4}), "rest: expected 5, found 4: 1 less"),
    ("{$differs}", NOTHING, "the whole: expected {$differs}, found nothing came: no sources that differ"),
    ("{$nothing}", Differs({"a": 1}), 'the whole: expected {$nothing}, found sources that differ: {"a": 1}: something came'),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "actual", "told"), FAILS, ids=lambda value: repr(value)[:50])
def test_what_does_not_match_is_told_in_one_line(expected: str, actual: Any, told: str) -> None:
    """A difference says where, what was expected, what came and how they differ."""
    assert differences(expected, actual) == [told]


@pytest.mark.parametrize("word", ["$each: {$gt: 1}", "$unordered: [1]", "$sorted: asc"])
def test_an_empty_list_proves_nothing(word: str) -> None:
    """A matcher of items fails on a list without any, unless a $length that names 0 stands beside it."""
    told = "found []: the list is empty: nothing was checked ($length: 0 would allow it)"
    assert differences(f"{{{word}}}", "[]")[0].endswith(told)
    assert differences(f"{{{word}, $length: {{$lte: 5}}}}", "[]")[0].endswith(told)
    for length in ("0", "{$gte: 0}", "{$between: [0, 5]}", "{$in: [0, 2]}", "'${none}'"):
        assert differences(f"{{{word}, $length: {length}}}", "[]") == []


def test_all_matchers_of_a_mapping_must_hold() -> None:
    """Each matcher that fails is told."""
    assert len(differences("{$gt: 5, $lt: 9, $in: [6, 7]}", "3")) == 2
