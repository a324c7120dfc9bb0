"""`$time` and `$age`: which values are timestamps, moments against moments, and ages on arrival."""

# One row of a table stays one line, however long, so that the messages can be read under each other.
# ruff: noqa: E501

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import Problem
from harness.matchers import compile_expectation, match, settled
from harness.matchers.stamps import Stamp, stamp_of
from harness.strictyaml import load

S = 1_000_000_000
NOON = 1_772_454_896  # 2026-03-02T12:34:56Z
NONE = "no timestamp: expected unix time, ISO 8601 with a zone, or FIX UTCTimestamp"
DIGITS = "no unix time: 10 digits are s, 13 ms, 16 us, 19 ns; this has"

STAMPS: list[tuple[Any, Stamp]] = [
    (NOON, Stamp(NOON * S, S)),
    (str(NOON), Stamp(NOON * S, S)),
    (NOON * 1_000 + 7, Stamp(NOON * S + 7_000_000, 1_000_000)),
    (NOON * 1_000_000 + 7, Stamp(NOON * S + 7_000, 1_000)),
    (str(NOON * S + 7), Stamp(NOON * S + 7, 1)),
    (Decimal(f"{NOON}.50"), Stamp(NOON * S + S // 2, 10_000_000)),
    (f"{NOON}.123456789123", Stamp(NOON * S + 123_456_789, 1)),
    (Decimal("1.772454896E+9"), Stamp(NOON * S, S)),
    ("2026-03-02T12:34:56Z", Stamp(NOON * S, S)),
    ("2026-03-02 12:34:56.789+00", Stamp(NOON * S + 789_000_000, 1_000_000)),
    ("2026-03-02T13:34:56+01:00", Stamp(NOON * S, S)),
    ("2026-03-02T07:04:56-0530", Stamp(NOON * S, S)),
    ("20260302-12:34:56.789", Stamp(NOON * S + 789_000_000, 1_000_000)),
    ("20260302-12:34:56", Stamp(NOON * S, S)),
    ("20260302-12:34:60", Stamp((NOON + 4) * S, S)),
]


@pytest.mark.parametrize(("value", "stamp"), STAMPS, ids=str)
def test_timestamps_are_read_in_all_their_forms(value: Any, stamp: Stamp) -> None:
    """Number or text, unix time by its digits, ISO 8601 and FIX give exact nanoseconds and their step."""
    assert stamp_of(value) == stamp


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (5, f"{DIGITS} 1"),
        ("0", NONE),
        (0, "no unix time"),
        (-NOON, "no unix time"),
        (NOON * 100, f"{DIGITS} 12"),
        (10**5_000, "no unix time"),
        (Decimal("1E+999999"), "no unix time"),
        (True, "true or false, no timestamp"),
        (None, "null, no timestamp"),
        ([NOON], "a list, no timestamp"),
        ("2026-03-02", NONE),
        ("2026-02-30T12:00:00Z", NONE),
        ("2026-03-02T12:34:61Z", NONE),
        ("0000-03-02T12:34:56Z", NONE),
        ("1066-03-02T12:34:56Z", NONE),
        ("2026-03-02T12:34:56", "a time without a zone: is it UTC?"),
        ("٢026-03-02T12:34:56Z", NONE),
        ("x" * 1_000_000, NONE),
    ],
    ids=lambda value: str(value)[:30] if not isinstance(value, int) else "number",
)
def test_what_is_no_timestamp_says_why(value: Any, why: str) -> None:
    """Zero, a date alone, a time without zone, or other counts of digits are no timestamps."""
    assert stamp_of(value) == why


def test_a_stamp_has_a_step() -> None:
    """A Stamp is checked when it is made."""
    with pytest.raises(ValueError, match="a step of a nanosecond at least"):
        Stamp(0, 0)


@given(st.integers(10**18, 10**19 - 1))
def test_no_nanosecond_is_lost(ns: int) -> None:
    """Every nanosecond of a timestamp survives as number, as text, with a point, and as it is shown."""
    stamp = Stamp(ns, 1)
    assert stamp_of(ns) == stamp_of(str(ns)) == stamp_of(f"{ns // S}.{ns % S:09d}") == stamp
    shown = stamp_of(str(stamp))
    assert isinstance(shown, Stamp)
    assert shown.ns == ns


KNOWN = {"begin": NOON, "wait": "2s", "five": 5}


def differences(text: str, actual: Any, arrived_us: int | None = None) -> list[str]:
    problems: list[Problem] = []
    expectation = compile_expectation(load(text, "c.yaml"), problems)
    assert problems == []

    def resolve(template: Any) -> Any:
        return template.resolve(lambda reference: KNOWN[reference.root])

    found = match(expectation, actual, resolve, arrived_us=arrived_us)
    told = match(settled(expectation, resolve), actual, resolve, arrived_us=arrived_us)
    assert [each.why for each in told] == [each.why for each in found]
    return [str(each).removeprefix("the whole: ") for each in found]


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("{$time}", str(NOON)),
        ("{$time: {$gte: '${begin}'}}", f"{NOON}000"),
        ("{$time: {$gte: '${begin}', $lt: 20260302-12:34:57}}", "2026-03-02T12:34:56.999999999Z"),
        ("{$time: {$between: [2026-03-02T12:34:56Z, 1772454896000001]}}", f"{NOON}000001"),
        ("{$time: {$gt: 1772454896.5}}", "20260302-12:34:56.501"),
        ("{$not: {$time}}", "soon"),
    ],
)
def test_moments_compare_in_whatever_form(text: str, actual: Any) -> None:
    """A moment in one form is compared with a moment in another."""
    assert differences(text, actual) == []


@pytest.mark.parametrize(
    ("text", "actual", "told"),
    [
        ("{$time}", "soon", f'expected {{$time}}, found "soon": {NONE}'),
        ("{$time}", 17, f"expected {{$time}}, found 17: {DIGITS} 2"),
        ("{$time: {$gte: '${begin}'}}", f"{NOON - 1}999", f'expected {{$time: {{$gte: ${{begin}}}}}}, found "{NOON - 1}999": 2026-03-02T12:34:55.999Z is 0.001s too early'),
        ("{$time: {$lte: 2026-03-02T12:34:56Z}}", NOON + 2, f'expected {{$time: {{$lte: "2026-03-02T12:34:56Z"}}}}, found {NOON + 2}: 2026-03-02T12:34:58Z is 2s too late'),
        ("{$time: {$gte: 1772454896.25}}", NOON, f"expected {{$time: {{$gte: 1772454896.25}}}}, found {NOON}: 2026-03-02T12:34:56Z is 0.25s too early, and it is written in whole seconds"),
        ("{$time: {$gt: 1772454896}}", NOON, f"expected {{$time: {{$gt: 1772454896}}}}, found {NOON}: 2026-03-02T12:34:56Z is the bound itself"),
        ("{$time: {$gt: '${five}'}}", NOON, f"expected {{$time: {{$gt: ${{five}}}}}}, found {NOON}: a bound cannot be used: it is {DIGITS} 1"),
    ],
)  # fmt: skip
def test_a_moment_that_does_not_fit_says_by_how_much(text: str, actual: Any, told: str) -> None:
    """The difference shows the moment as a date, and how far it is from its bound."""
    assert differences(text, actual) == [told]


US = 1_000_000
AT = NOON * US


@pytest.mark.parametrize(
    ("text", "actual", "arrived_us"),
    [
        ("{$age: {$lte: 2s}}", f"{NOON}000", AT + 2 * US),
        ("{$age: {$lte: '${wait}'}}", "20260302-12:34:56.000", AT + 2 * US),
        ("{$age: {$gte: 1s}}", NOON * S, AT + 1 * US),
        ("{$age: {$gte: 1s}}", NOON, AT + 2 * US),  # a whole second: 1 to 2 s old
        ("{$age: {$lt: 2s, $gt: 1s}}", f"{NOON}500", AT + 2 * US),
        ("{$age: {$between: [1s, 2s]}}", NOON, AT + 2 * US),
        ("{$age: {$lte: 2s}}", NOON + 1, AT),  # rounded up by less than its last digit
        ("{$age: {$lte: 2s}}", f"{NOON}001", AT),
    ],
)
def test_an_age_holds_where_all_of_it_keeps_the_bound(text: str, actual: Any, arrived_us: int) -> None:
    """A timestamp's last digit stands for its whole step; all ages in it keep the bound."""
    assert differences(text, actual, arrived_us) == []


@pytest.mark.parametrize(
    ("text", "actual", "arrived_us", "why"),
    [
        ("{$age: {$lte: 2s}}", f"{NOON}000", AT + 2 * US + 1, "it was 1.999001s to 2.000001s old, as it is written in steps of 0.001s: the bound lies between"),
        ("{$age: {$lte: 2s}}", f"{NOON}000", AT + 3_200_000, "it was 3.2s old: too old"),
        ("{$age: {$gte: 5s}}", f"{NOON}000", AT + 3_200_000, "it was 3.2s old: too young"),
        ("{$age: {$lt: 2s}}", NOON * S, AT + 2 * US, "it was 2s old: too old"),
        ("{$age: {$lte: 2s}}", NOON, AT + 2_400_000, "it was 1.4s to 2.4s old, as it is written in steps of 1s: the bound lies between"),
        ("{$age: {$lte: 2s}}", NOON, AT + 9 * US, "it was 8s to 9s old: too old"),
        ("{$age: {$gte: 2s}}", NOON, AT + 2_999_999, "it was 1.999999s to 2.999999s old, as it is written in steps of 1s: the bound lies between"),
        ("{$age: {$between: [3s, 9s]}}", NOON, AT + 2 * US, "it was 1s to 2s old: too young"),
        ("{$age: {$lte: 2s}}", f"{NOON}000", AT - 1_200_000, "it is from the future by 1.2s"),
        ("{$age: {$lte: 2s}}", f"{NOON}002", AT, "it is from the future by 0.002s"),
        ("{$age: {$lte: 2s}}", NOON + 2, AT, "it is from the future by 2s"),
        ("{$age: {$lte: 2s}}", f"{NOON}000", None, "nobody knows when this came, so its age cannot be judged here"),
        ("{$age: {$lte: 2s}}", "soon", AT, NONE),
        ("{$age: {$lte: '${five}'}}", f"{NOON}000", AT, "a bound is no time"),
    ],
)  # fmt: skip
def test_an_age_that_does_not_hold_says_how_old_it_was(
    text: str, actual: Any, arrived_us: int | None, why: str
) -> None:
    """Too old, too young, undecided, from the future, or nobody knows: each in its own words."""
    (told,) = differences(text, actual, arrived_us)
    assert told.endswith(f": {why}")


def test_an_age_in_a_list_or_a_way_is_judged_by_the_same_arrival() -> None:
    """The arrival belongs to the whole message, wherever in it the timestamp stands."""
    text = "{t: [{at: {$either: [{$age: {$lte: 1s}}, 7]}}]}"
    assert differences(text, {"t": [{"at": NOON * S}]}, AT + US) == []
    assert len(differences(text, {"t": [{"at": NOON * S}]}, None)) == 1


@given(st.integers(0, 10 * S), st.integers(0, 10 * US), st.sampled_from([S, 1_000_000, 1_000]))
def test_a_bound_and_its_opposite_never_both_hold(after_ns: int, bound_us: int, step_ns: int) -> None:
    """Of an age at most so much and one over it, at most one holds; with no step left, exactly one does."""
    actual = str(NOON * S // step_ns)
    arrived_us = AT + after_ns // 1_000
    bound = f"{max(bound_us, 1) / Decimal(US):f}s"
    held = [not differences(f"{{$age: {{{word}: {bound}}}}}", actual, arrived_us) for word in ("$lte", "$gt")]
    assert held != [True, True]
    exact = [
        not differences(f"{{$age: {{{word}: {bound}}}}}", f"{NOON * S}", arrived_us)
        for word in ("$lte", "$gt")
    ]
    assert sorted(exact) == [False, True]
