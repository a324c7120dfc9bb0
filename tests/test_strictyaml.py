"""Strict YAML: what is typed, and what is refused with which words."""

# One row of a table stays one line, so that the messages can be read under each other.
# ruff: noqa: E501

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness.errors import CaseError, Place
from harness.strictyaml import Key, Mapping, Scalar, Sequence, load, plain


def problems_of(text: str | bytes) -> list[str]:
    with pytest.raises(CaseError) as caught:
        load(text, "c.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("0", 0),
        ("9" * 78, int("9" * 78)),
    ],
)
def test_plain_constants_and_integers_are_typed(text: str, value: Any) -> None:
    """true, false, null and plain integers become values of their type."""
    found = plain(load(f"a: {text}", "c.yaml"))["a"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", ["0.52", "0.520", "-2.6", "1e3", "1.5E-7", "1e308", "-0.0"])
def test_other_decimals_keep_their_digits(text: str) -> None:
    """A plain number with a point or an exponent is a Decimal with just the digits that were written."""
    found = plain(load(f"a: {text}", "c.yaml"))["a"]
    assert isinstance(found, Decimal)
    assert found.as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize(
    "text",
    [
        *("010", ".5", "5.", "0x1f", "0o7", "1_000", "1e", "1,5", "v2"),
        *("2026-03-02", "12:30", "12:30:45"),
        *("NO", "no", "on", "yes", "True", "NULL", "~", ".inf", "-.inf", ".nan"),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    """Norway, octal, hex, dates, times and infinities are text."""
    assert plain(load(f"a: {text}", "c.yaml")) == {"a": text}


def test_quoted_and_block_values_are_text() -> None:
    """Quotes and block styles make text of what would be typed."""
    assert plain(load("[ 'true', \"5\" ]", "c.yaml")) == ["true", "5"]
    assert plain(load("a: |\n  5\nb: >\n  x\n  y\n", "c.yaml")) == {"a": "5\n", "b": "x y\n"}


def test_nodes_know_their_places() -> None:
    """Every node and key carries file, line and column; a scalar its text and quoting too."""
    assert load('a:\n  - "x"\n  -\n', "c.yaml") == Mapping(
        (
            (
                Key("a", Place("c.yaml", 1, 1)),
                Sequence(
                    (
                        Scalar("x", "x", False, Place("c.yaml", 2, 5)),
                        Scalar(None, "", True, Place("c.yaml", 3, 4)),
                    ),
                    Place("c.yaml", 2, 3),
                ),
            ),
        ),
        Place("c.yaml", 1, 1),
    )


def test_a_mapping_is_read_by_name_and_in_order() -> None:
    """A mapping gives a value by its key, None for a missing one, and iterates in the file's order."""
    node = load("b: 1\na: 2\n", "c.yaml")
    assert isinstance(node, Mapping)
    assert [key.text for key, _ in node] == ["b", "a"]
    assert plain(node.get("a") or node) == 2
    assert node.get("c") is None
    items = load("[1, 2]", "c.yaml")
    assert isinstance(items, Sequence)
    assert [plain(item) for item in items] == [1, 2]


def test_a_mapping_cannot_be_made_with_a_key_twice() -> None:
    """Mapping checks its keys when it is made."""
    place = Place("c.yaml", 1, 1)
    entry = (Key("a", place), Scalar(1, "1", True, place))
    with pytest.raises(ValueError, match=r"c\.yaml:1:1: a mapping's keys must differ"):
        Mapping((entry, entry), place)


def test_escapes_can_write_control_characters() -> None:
    """A FIX separator is written as an escape in double quotes."""
    assert plain(load(r'a: "8=FIX.4.4\x01"', "c.yaml")) == {"a": "8=FIX.4.4\x01"}


BRACKETS = "has brackets and stands inside { } or [ ]: quote it:"
KEY = "a key must be a text, not a list or a mapping: if this is a text with brackets, quote it"
TAB = "Y012 a tab indents this line: use blanks"

REFUSED: list[tuple[str | bytes, list[str]]] = [
    ("", ["1:1: Y004 the file is empty: a case begins with its id"]),
    ("# only a remark\n", ["1:1: Y004 the file is empty: a case begins with its id"]),
    ("---\n", ["1:1: Y004 the file is empty: a case begins with its id"]),
    (b"a: \xff", ["1:4: Y002 byte 0xff is not UTF-8: save the file as UTF-8"]),
    ("a: b".encode("utf-16"), ["1:1: Y002 the file looks like UTF-16 or UTF-32: save it as UTF-8"]),
    ("a: b".encode("utf-16-le"), ["1:1: Y002 the file looks like UTF-16 or UTF-32: save it as UTF-8"]),
    (
        b"\xef\xbb\xbfa: 1",
        ["1:1: Y002 the file begins with a byte order mark: save it as UTF-8 without BOM"],
    ),
    (
        "a: \x00\nb: \x01\u2028",
        [
            '1:4: Y003 an invisible character (U+0000): write it as "\\x00", in double quotes',
            '2:4: Y003 an invisible character (U+0001): write it as "\\x01", in double quotes',
            '2:5: Y003 an invisible character (U+2028): write it as "\\u2028", in double quotes',
        ],
    ),
    ("a: \ud800", ["1:4: Y003 half of a surrogate pair (U+D800): it is no character, take it away"]),
    ("[" * 33 + "]" * 33, ["1:33: Y005 more than 32 levels deep: no case needs that"]),
    (
        "- 1\n" * 20_001,
        ["20000:3: Y006 the file has more than 20000 values: split the case; nothing behind it was read"],
    ),
    ("a: " + "é" * 32_769, ["1:4: Y007 a text of 65538 bytes; at most 65536 are read: shorten it"]),
    ("a: " + "9" * 79, ["1:4: Y008 a number of 79 digits; at most 78 are read: quote it if it is text"]),
    ("a: 1e-309", ["1:4: Y008 a number's exponent is at most 308: quote it if it is text"]),
    ("a: 1e9999999999", ["1:4: Y008 a number's exponent is at most 308: quote it if it is text"]),
    ("{a: 1, b: , c:}", ["1:14: Y010 this is no YAML: found unexpected ':'"]),
    ("a: >= 5", ["1:4: Y014 a text cannot begin with >: quote it"]),
    ("a: **x**", ["1:4: Y014 a text cannot begin with *: quote it"]),
    ("a: & b", ["1:4: Y014 a text cannot begin with &: quote it"]),
    (
        "a: - b",
        [
            "1:4: Y029 a list cannot begin behind its key: begin the list on a line of its own, "
            "or quote the text"
        ],
    ),
    ("a: 1\n%b: 2", ["2:1: Y027 a line that begins with % is a directive: take it away"]),
    (r'a: "c:\x"', [r"1:7: Y015 an unknown escape: write \\ for a backslash, or use single quotes"]),
    (b"a: \x00b", ['1:4: Y003 an invisible character (U+0000): write it as "\\x00", in double quotes']),
    (
        "a: x\u00a0y\u202e",
        [
            "1:5: Y003 a no-break blank (U+00A0), which only looks like a blank: type a blank, "
            'or write it as "\\xa0", in double quotes',
            '1:7: Y003 an invisible character (U+202E): write it as "\\u202e", in double quotes',
        ],
    ),
    ("{a: ${x}}", [f'1:5: Y011 ${{x}} {BRACKETS} "${{x}}"']),
    ("[${now:s}, 1]", [f'1:2: Y011 ${{now:s}} {BRACKETS} "${{now:s}}"']),
    ("{${x}: 1}", [f'1:2: Y011 ${{x}} {BRACKETS} "${{x}}"']),
    ("{a: {b: $.a[0]}}", [f'1:9: Y011 $.a[0] {BRACKETS} "$.a[0]"']),
    ("{a: GET /x?a={b}, c: 1}", [f'1:5: Y011 GET /x?a={{b}} {BRACKETS} "GET /x?a={{b}}"']),
    ("{a: GET /x?a={b}&c={d}}", [f'1:5: Y011 GET /x?a={{b}}&c={{d}} {BRACKETS} "GET /x?a={{b}}&c={{d}}"']),
    ('{q: "[", a: x={b}&c={d}}', [f'1:13: Y011 x={{b}}&c={{d}} {BRACKETS} "x={{b}}&c={{d}}"']),
    ("{a: x${y}\\z}", [f"1:5: Y011 x${{y}}\\z {BRACKETS} 'x${{y}}\\z'"]),
    ("{a: ${" + "x" * 200, [f'1:5: Y011 ${{{"x" * 98} {BRACKETS} "…"']),
    ("a: ${now: s}", ['1:9: Y011 ${now: s} has a `: ` in it: quote it: "${now: s}"']),
    ("a:\n\tb: 1", [f"2:1: {TAB}"]),
    ("a: {\n\tb: 1}", [f"2:1: {TAB}"]),
    ("a: 1\n\t\nb: 1", [f"2:1: {TAB}; nothing behind it was read"]),
    (
        "a: not enough: 5",
        [
            "1:14: Y013 a `:` where no key can stand: if it belongs to a text, quote the text; "
            "if it ends a key, check the indentation"
        ],
    ),
    ("a: @x", ["1:4: Y014 a text cannot begin with @: quote it"]),
    (r'a: "\q"', [r"1:5: Y015 an unknown escape: write \\ for a backslash, or use single quotes"]),
    ("a: 'x", ["1:4: Y016 the quote that opens here is never closed"]),
    (
        "a: 1\nbcd\ne: 1",
        [
            "2:1: Y017 this line is no `key: value`: is the `:` or the blank after it missing?; nothing behind it was read"
        ],
    ),
    ("a: [1, 2", ["2:1: Y018 a `,` is missing here, or the bracket of line 1, column 4 is not closed"]),
    ("a: [1,, 2]", ["1:7: Y018 a value is missing before this ,"]),
    ("a: {b: 1}}", ["1:10: Y018 this } closes nothing"]),
    ("a: ]", ["1:4: Y018 this ] closes nothing"]),
    (
        "- a\nb: 1",
        [
            "2:1: Y019 this does not fit what began in line 1, column 1: check the indentation, "
            "and quote texts that hold quotes"
        ],
    ),
    ("8: 1\n'8': 2", ['2:1: Y020 the key "8" comes twice in this mapping: first in line 1, column 1']),
    ("? \n: b", ["1:2: Y021 a key is missing before the `:`"]),
    ("? [a]\n: b", [f"1:3: Y021 {KEY}"]),
    ("a: {{b}}", [f"1:5: Y021 {KEY}"]),
    ("a: *x", ['1:4: Y022 *x is an alias: repeat what it stands for, or quote it: "*x"']),
    ("*x : 1", ['1:1: Y022 *x is an alias: repeat what it stands for, or quote it: "*x"']),
    ("a: &x 1", ['1:4: Y023 &x is an anchor: take it away, or quote the text: "&x …"']),
    ("&x [1]", ['1:1: Y023 &x is an anchor: take it away, or quote the text: "&x …"']),
    ("<<: 1", ["1:1: Y024 << is a merge key: write the keys out"]),
    (
        "a: !!int 3",
        ["1:4: Y025 !!int is a tag: take it away; values have no types but text, number, true, false, null"],
    ),
    ("a: !e!x 3", ["1:4: Y025 a tag (!): take it away, or quote the text"]),
    (
        "a: 1\n---\nb: 2",
        [
            "2:1: Y026 a second document begins here: one case a file; take the --- away or split the file; nothing behind it was read"
        ],
    ),
    (
        "a: 1\n...\nb: 2",
        [
            "3:1: Y026 a second document begins here: one case a file; "
            "take the ... or --- away or split the file"
        ],
    ),
    ("# x\n%YAML 1.1\n---\na: 1", ["2:1: Y027 a line that begins with % is a directive: take it away"]),
    (
        r'a: "\ud800"',
        ["1:7: Y028 this escape is no character (half of a pair, or too large): write the character"],
    ),
]


@pytest.mark.parametrize(("text", "told"), REFUSED, ids=lambda value: repr(value)[:30])
def test_what_is_refused_says_where_and_how_to_mend_it(text: str | bytes, told: list[str]) -> None:
    """Each slip has its own code and fix, at file, line and column."""
    assert problems_of(text) == [f"c.yaml:{line}" for line in told]


def test_a_file_over_the_limit_is_not_read() -> None:
    """The size counts in bytes, also of a text."""
    told = "c.yaml:1:1: Y001 the file has 262146 bytes; at most 262144 are read: split the case"
    assert problems_of("é" * 131_073) == [told]
    assert problems_of(b"#" * 262_146) == [told]


def test_at_most_fifty_problems_are_told() -> None:
    """A file that is wrong everywhere does not flood the terminal."""
    assert len(problems_of("a: 1\n" * 5_000)) == 50
    assert len(problems_of(" \t\n" * 5_000)) == 50
