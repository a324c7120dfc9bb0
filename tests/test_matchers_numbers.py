"""No number changes on its way: from the case's text to the value, the match and the text that is shown."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from harness import exactjson
from harness.errors import Problem
from harness.matchers import Difference, compile_expectation, match, show
from harness.strictyaml import load, plain

# As a case may write them: up to 78 digits, exponents up to 308.
WHOLE = st.integers(-(2**256), 2**256)
POINTED = st.tuples(st.sampled_from(["", "-"]), st.integers(0, 10**77), st.integers(1, 77)).map(
    lambda parts: parts[0] + _pointed(parts[1], parts[2])
)
POWERED = st.tuples(st.integers(-(10**77), 10**77), st.sampled_from("eE"), st.integers(-308, 308)).map(
    lambda parts: f"{parts[0]}{parts[1]}{parts[2]}"
)
WRITTEN = WHOLE.map(str) | POINTED | POWERED


def _pointed(digits: int, places: int) -> str:
    text = str(digits).rjust(places + 1, "0")
    return f"{text[:-places]}.{text[-places:]}"


def differences(text: str, actual: Any) -> tuple[Difference, ...]:
    problems: list[Problem] = []
    expectation = compile_expectation(load(text, "c.yaml"), problems)
    assert problems == []
    return match(expectation, actual, lambda template: None)


@given(WRITTEN)
@example(str(2**256 - 1))
@example("0.520")
@example("-0.0")
def test_a_case_holds_just_the_digits_that_were_written(text: str) -> None:
    """A number of a case is an int, or a Decimal with the written sign, digits and exponent."""
    found = plain(load(f"a: {text}", "c.yaml"))["a"]
    if text.lstrip("-").isdigit():
        assert (type(found), found) == (int, int(text))
    else:
        assert isinstance(found, Decimal)
        assert found.as_tuple() == Decimal(text).as_tuple()


@given(WRITTEN)
@example("5e-308")
def test_a_number_goes_through_json_as_itself(text: str) -> None:
    """What the wire gives as a number is written again with the same value, and reads back equal."""
    number = exactjson.loads(text)
    assert Decimal(number) == Decimal(text)
    assert exactjson.loads(exactjson.dumps(number)) == number
    assert exactjson.loads(exactjson.canonical([number])) == [number]


@given(WRITTEN, WRITTEN)
@example("0.520", "0.52")
@example("1e3", "1000")
def test_numbers_are_equal_exactly_when_their_decimals_are(left: str, right: str) -> None:
    """Two numbers match just where the exact decimals are equal, whatever way they are written."""
    assert (differences(left, exactjson.loads(right)) == ()) == (Decimal(left) == Decimal(right))


@given(WRITTEN)
def test_the_wire_type_counts(text: str) -> None:
    """A number and the text of it are never equal, and the difference names $decimal."""
    (number_wanted,) = differences(text, text)
    (text_wanted,) = differences(f'"{text}"', exactjson.loads(text))
    assert number_wanted.why.endswith("are equal as decimals, but the wire type is text: use $decimal")
    assert text_wanted.why.endswith("are equal as decimals, but the wire type is a number: use $decimal")
    assert differences(f"{{$decimal: {text}}}", text) == ()
    assert differences(f'{{$decimal: "{text}"}}', exactjson.loads(text)) == ()


@given(WRITTEN)
@example("-" + "9" * 77 + "e-200")
@example("1." + "3" * 77 + "e-150")
def test_a_shown_number_reads_back_as_the_same_number(text: str) -> None:
    """What a report shows of a number is a number of the same value, never cut."""
    number = exactjson.loads(text)
    assert Decimal(show.number(number)) == Decimal(text)
    assert Decimal(show.value(number)) == Decimal(text)
    (found,) = differences("null", number)
    assert Decimal(found.found) == Decimal(text)


@given(WRITTEN, WRITTEN)
def test_an_ordering_is_exact(left: str, right: str) -> None:
    """Of `$lt`, equality and `$gt` just one holds."""
    actual = exactjson.loads(left)
    held = [not differences(each, actual) for each in (f"{{$lt: {right}}}", right, f"{{$gt: {right}}}")]
    assert held.count(True) == 1


NUMBERS = st.integers(-(10**60), 10**60) | st.decimals(allow_nan=False, allow_infinity=False, places=6)
TEXTS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"), exclude_characters="$"
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, min_size=1, max_size=4),
    max_leaves=10,
)


@given(VALUES)
def test_any_value_matches_itself(value: Any) -> None:
    """A JSON value written into a case matches the same value from the wire, and no digit is lost."""
    text = exactjson.dumps(value)
    assert plain(load(text, "c.yaml")) == value
    assert differences(text, exactjson.loads(text)) == ()


@given(NUMBERS)
def test_one_unit_more_is_noticed_and_told_exactly(number: int | Decimal) -> None:
    """A change of the last digit is a difference that shows both numbers digit for digit."""
    exponent = Decimal(number).as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Decimal(1).scaleb(exponent)
    with localcontext(prec=200):
        more = Decimal(number) + unit
    text = format(Decimal(number), "f")
    (found,) = differences(text, more)
    assert (found.expected, found.found) == (text, format(more, "f"))
    assert found.why == f"{format(unit, 'f')} more"
