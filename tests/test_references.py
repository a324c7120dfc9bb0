"""References: their grammar, how they resolve, and that they are look-ups and nothing more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import CaseError, Place
from harness.references import STAR, MissingPartError, Reference, Template, dig, duration_us, parse

PLACE = Place("c.yaml", 3, 7)


def template(text: str) -> Template:
    found = parse(text, PLACE)
    assert isinstance(found, Template)
    return found


def lookup_in(values: dict[str, Any]) -> Any:
    return lambda reference: dig(values[reference.root], reference.path, reference.root)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("${uid}", Reference("uid")),
        ("${each}", Reference("each")),
        ("${buy.order_id}", Reference("buy", ("order_id",))),
        ("${buy.got.fills[0].price}", Reference("buy", ("got", "fills", 0, "price"))),
        ("${order.38}", Reference("order", ("38",))),
        ("${market[0].yes}", Reference("market", (0, "yes"))),
        ("${round[*].trade}", Reference("round", (STAR, "trade"))),
        ("${now}", Reference("now")),
        ("${now+120s}", Reference("now", (), 120_000_000)),
        ("${now-1m}", Reference("now", (), -60_000_000)),
        ("${now:s}", Reference("now", (), 0, "s")),
        ("${now:ms}", Reference("now", (), 0, "ms")),
        ("${now:ns}", Reference("now", (), 0, "ns")),
        ("${now:iso}", Reference("now", (), 0, "iso")),
        ("${now:fix.3}", Reference("now", (), 0, "fix.3")),
        ("${now+250ms:fix.3}", Reference("now", (), 250_000, "fix.3")),
        ("${nowhere.now}", Reference("nowhere", ("now",))),
    ],
)
def test_a_reference_is_a_name_and_a_path(text: str, reference: Reference) -> None:
    """Names, fields, indexes, stars, and for now a shift and a format."""
    found = template(text)
    assert (found.whole, found.references, str(found)) == (reference, (reference,), text)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", ""),
        ("plain $ { } text", "plain $ { } text"),
        ("$${x}", "${x}"),
        ("$$${x}", "$${x}"),
        ("a $${b} $${c}", "a ${b} ${c}"),
        ("$", "$"),
    ],
)
def test_a_text_without_references_stays_text(text: str, literal: str) -> None:
    """Only `${` begins a reference, and `$${` stands for it."""
    assert parse(text, PLACE) == literal


def test_a_template_lists_the_roots_it_uses_once() -> None:
    """The names are the roots, each once, in the text's order."""
    assert template("${b.x}-$${y}-${a}-${b.z}").names == ("b", "a")


BAD = [
    ("${x", "R001 ${x is never closed: write a }, or $${ for a literal ${"),
    ("${}", "R002 ${}: a reference is a name and a path, as ${buy.order_id}"),
    ("${ x }", "R002 ${ x }: a reference is a name and a path, as ${buy.order_id}"),
    ("${1x}", "R002 ${1x}: a reference is a name and a path, as ${buy.order_id}"),
    ("${a+1}", "R002 ${a+1}: expected .name, [0] or [*] at '+1'; references do not compute"),
    ("${a()}", "R002 ${a()}: expected .name, [0] or [*] at '()'; references do not compute"),
    ("${a[-1]}", "R002 ${a[-1]}: expected .name, [0] or [*] at '[-1]'; references do not compute"),
    ("${a:s}", "R002 ${a:s}: expected .name, [0] or [*] at ':s'; references do not compute"),
    ("${a!r}", "R002 ${a!r}: expected .name, [0] or [*] at '!r'; references do not compute"),
    ("${now.x}", "R002 ${now.x}: now has no parts; a format is ${now:ms}"),
    ("${now:yy}", "R003 ${now:yy}: a format is one of s, ms, ns, iso, fix.0, fix.3, fix.6, fix.9"),
    ("${now+5}", "R003 ${now+5}: expected a time such as 250ms, 5s, 1.5s, 2m, 1h or 1d, found '5'"),
    ("${now+1s-1s}", "R003 ${now+1s-1s}: now takes one shift and one format, as ${now+120s:ms}"),
    ("${a${b}}", "R004 ${a${b}: a reference cannot hold another"),
    ("${a" + ".b" * 17 + "}", "R005 ${a" + ".b" * 17 + "}: more than 16 parts"),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_a_bad_reference_is_told_with_its_place(text: str, told: str) -> None:
    """Each bad form has its own code and fix."""
    with pytest.raises(CaseError) as caught:
        parse(text, PLACE)
    assert str(caught.value) == f"c.yaml:3:7: {told}"


def test_all_bad_references_of_a_text_are_told() -> None:
    """One bad reference does not hide the next."""
    with pytest.raises(CaseError) as caught:
        parse("${1} ${now:x} ${", PLACE)
    assert [problem.code for problem in caught.value.problems] == ["R001", "R002", "R003"]


@pytest.mark.parametrize("value", [5, Decimal("0.520"), True, None, "x", [1], {"a": 1}])
def test_a_reference_that_is_the_whole_value_keeps_its_type(value: Any) -> None:
    """The value comes back as it is."""
    assert template("${x}").resolve(lookup_in({"x": value})) is value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (10**77, "1" + "0" * 77),
        (Decimal("0.520"), "0.520"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E+999999"), "1E+999999"),
        (True, "true"),
        (False, "false"),
        ("${x}", "${x}"),
    ],
)
def test_inside_text_a_reference_is_text(value: Any, text: str) -> None:
    """Numbers come digit for digit, booleans as true and false, and text is not read again."""
    assert template("<${x}$${}>").resolve(lookup_in({"x": value})) == f"<{text}${{}}>"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        ([1], "a list"),
        ({}, "a mapping"),
        (b"x", "a bytes"),
        (10**2000, "a number"),
        (Decimal("NaN"), "a number"),
    ],
)
def test_what_is_no_text_cannot_stand_inside_text(value: Any, kind: str) -> None:
    """Null, lists and mappings have no text form of their own."""
    with pytest.raises(CaseError) as caught:
        template("a ${x.y[0]}").resolve(lambda reference: value)
    told = f"${{x.y[0]}} is {kind}: only text, numbers, true and false can stand inside text"
    assert str(caught.value) == f"c.yaml:3:7: R006 {told}"


def test_a_text_cannot_grow_over_its_limit() -> None:
    """What references put together is at most 64 KiB."""
    whole = template("${x}${x}")
    assert len(whole.resolve(lambda reference: "é" * 16_384).encode()) == 65_536
    with pytest.raises(CaseError) as caught:
        whole.resolve(lambda reference: "é" * 16_385)
    assert str(caught.value) == "c.yaml:3:7: R007 ${x}${x} becomes longer than 65536 bytes"


VALUES = {"fills": [{"price": "0.5"}, {"price": "0.6"}], "none": None, "ok": True, "n": 5, "t": "x"}


def test_a_path_walks_mappings_and_lists() -> None:
    """Names go into mappings, indexes into lists, and a star into every item."""
    assert dig(VALUES, ("fills", 1, "price")) == "0.6"
    assert dig(VALUES, ("fills", STAR, "price")) == ["0.5", "0.6"]
    assert dig(VALUES, ()) is VALUES


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (("fill",), "buy has no 'fill'; there is: fills, none, ok, n, t"),
        (("fills", 2), "buy.fills has no [2]; it has 2 items"),
        (("fills", 0, "size"), "buy.fills[0] has no 'size'; there is: price"),
        (("fills", STAR, "size"), "buy.fills[0] has no 'size'; there is: price"),
        (("fills", "price"), "buy.fills is a list: it has no 'price'"),
        (("none", "x"), "buy.none is null: it has no 'x'"),
        (("ok", "x"), "buy.ok is true: it has no 'x'"),
        (("n", 0), "buy.n is a number, not a list: it has no [0]"),
        (("t", STAR), "buy.t is text, not a list: it has no [*]"),
        (("t", "__class__"), "buy.t is text: it has no '__class__'"),
        (("__class__",), "buy has no '__class__'; there is: fills, none, ok, n, t"),
    ],
)
def test_a_path_that_leads_nowhere_says_which_part_is_missing(path: Any, told: str) -> None:
    """The error names the part, and the keys that are there."""
    with pytest.raises(MissingPartError) as caught:
        dig(VALUES, path, "buy")
    assert str(caught.value) == told


def test_a_missing_part_lists_only_a_few_keys() -> None:
    """A wide or an empty mapping is told shortly."""
    with pytest.raises(MissingPartError, match=r"there is: 0, 1, .*, 11 and 88 more$"):
        dig({str(name): 1 for name in range(100)}, ("x",))
    with pytest.raises(MissingPartError, match=r"^the value has no 'x'; it is empty$"):
        dig({}, ("x",))


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("250ms", 250_000),
        ("5s", 5_000_000),
        ("1.5s", 1_500_000),
        ("0.000001s", 1),
        ("2m", 120_000_000),
        ("1h", 3_600_000_000),
        ("1d", 86_400_000_000),
        ("0s", 0),
    ],
)
def test_durations_are_whole_microseconds(text: str, us: int) -> None:
    """A duration is exact."""
    assert duration_us(text) == us


@pytest.mark.parametrize(
    "text", ["5", "s", "-5s", "5 s", "5S", "1e3s", "٥s", "9" * 10 + "s", 5, None, Decimal(5)]
)
def test_what_is_no_duration_says_what_is_expected(text: Any) -> None:
    """The text names examples and what was found."""
    with pytest.raises(
        ValueError, match=r"expected a time such as 250ms, 5s, 1\.5s, 2m, 1h or 1d, found"
    ) as caught:
        duration_us(text)
    assert str(caught.value).endswith(f"found {str(text)!r}")


def test_parts_of_a_microsecond_are_refused() -> None:
    """No duration is rounded."""
    with pytest.raises(ValueError, match=r"^expected a time of whole microseconds, found '0.0001ms'$"):
        duration_us("0.0001ms")


@pytest.mark.parametrize(
    ("root", "shift_us", "form", "told"),
    [
        ("1x", 0, None, "'1x' is no name"),
        ("x", 5, None, "only now has a shift and a format"),
        ("x", 0, "s", "only now has a shift and a format"),
        ("now", 0, "yy", "'yy' is no format of now"),
    ],
)
def test_a_reference_is_checked_when_made(root: str, shift_us: int, form: str | None, told: str) -> None:
    """A Reference that could not stand in a case cannot be made."""
    with pytest.raises(ValueError, match=f"^{told}$"):
        Reference(root, (), shift_us, form)


def test_a_template_is_checked_when_made() -> None:
    """A Template without a reference cannot be made."""
    with pytest.raises(ValueError, match=r"^a template needs a reference$"):
        Template(("x",), "x", PLACE)


@pytest.mark.parametrize("text", ["${" * 32_000, "$" * 64_000, "${a}" * 16_000, "${a" + "[0]" * 20_000 + "}"])
def test_the_worst_texts_are_read_or_refused(text: str) -> None:
    """A text of 64 KiB made to be slow to read is a template, a text, or refused with few problems."""
    told: list[object] = []
    try:
        told.append(parse(text, PLACE))
    except CaseError as error:
        told.extend(error.problems)
    assert 1 <= len(told) <= 50


@given(st.text(st.sampled_from(list("${}[]*.+-:now_s1a%!(){}\n é")), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything but CaseError, and nothing but look-ups comes out of it."""
    asked: list[Reference] = []

    def look_up(reference: Reference) -> str:
        asked.append(reference)
        return "x"

    try:
        found = parse(text, PLACE)
    except CaseError:
        return
    if isinstance(found, str):
        assert found == text.replace("$${", "${")
    else:
        found.resolve(look_up)
        assert asked == list(found.references)


@given(st.lists(st.text(max_size=8), max_size=6))
def test_escaping_keeps_any_text(texts: list[str]) -> None:
    """A text whose `${` are escaped comes back as it was, between references too."""
    escaped = [text.replace("$", "_").replace("_{", "$${") for text in texts]
    joined = "${x}".join(["", *escaped, ""])
    filled = template(joined).resolve(lambda reference: "|")
    assert filled == "|".join(["", *(text.replace("$", "_").replace("_{", "${") for text in texts), ""])
