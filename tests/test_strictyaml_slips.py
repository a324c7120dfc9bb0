"""Strict YAML: all of a file's errors at once, how far it is read, and where a tab may stand."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.errors import CaseError, Problem
from harness.strictyaml import load, plain


def problems_of(text: str) -> list[str]:
    with pytest.raises(CaseError) as caught:
        load(text, "c.yaml")
    return [str(problem).removeprefix("c.yaml:") for problem in caught.value.problems]


def codes_of(text: str) -> list[tuple[int, str]]:
    """Line and code of each problem."""
    found = [told.split(" ") for told in problems_of(text)]
    return [(int(place.split(":")[0]), code) for place, code, *_ in found]


def test_all_problems_of_meaning_come_together() -> None:
    """Problems of meaning do not hide each other, nor the syntax error behind them."""
    text = "a: *x\na: 2\n<<: {b: &y 1, b: !z 2}\nc: @"
    assert [code for _, code in codes_of(text)] == ["Y022", "Y020", "Y024", "Y023", "Y020", "Y025", "Y014"]


SLIPS = r"""
story: @alice bought
order: {token: ${market.yes}, side: BUY, other: $.a[0]}
where: {rest: GET /x?a={b}, "id": ${buy.id}}
note: not enough: 5
file: "c:\data"
late: >= 5s
twice: 1
twice: &x 2
"""


def test_texts_without_their_quotes_do_not_end_the_reading() -> None:
    """Each text that lacks its quotes is told, and what stands behind it is read too."""
    assert codes_of(SLIPS) == [
        (2, "Y014"),
        (3, "Y011"),
        (3, "Y011"),
        (4, "Y011"),
        (4, "Y011"),
        (5, "Y013"),
        (6, "Y015"),
        (7, "Y014"),
        (9, "Y020"),
        (9, "Y023"),
    ]


def test_two_unquoted_references_as_keys_are_two_keys() -> None:
    """Reading on makes no error of its own."""
    assert codes_of("{${a}: 1, ${b}: 2}") == [(1, "Y011"), (1, "Y011")]


def test_a_file_of_slips_is_read_to_the_eleventh() -> None:
    """Ten texts are read over; the next one ends the reading and says so."""
    told = problems_of("".join(f"k{number}: @x\n" for number in range(40)))
    assert len(told) == 11
    assert told[-1] == "11:6: Y014 a text cannot begin with @: quote it; nothing behind it was read"


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("a: 1\nbcd\ne: !x 1", (2, "Y017")),
        ("a: [1, 2\nb: 3\nc: !x 1\n", (2, "Y018")),
        ("a:\n  b: 1\n c: 2\nd: !x 1", (3, "Y019")),
        ("a: 1\n---\nb: !x 1", (2, "Y026")),
        ("[" * 33 + "\n&x 1", (1, "Y005")),
    ],
)
def test_what_ends_the_reading_says_that_nothing_behind_was_read(text: str, last: tuple[int, str]) -> None:
    """A syntax error that nobody can read over hides what is behind it, and says so."""
    assert codes_of(text)[-1] == last
    assert problems_of(text)[-1].endswith("; nothing behind it was read")


@pytest.mark.parametrize("text", ["a: [1, 2", "a: 1\nbcd", "a: 'x\n\n", "a: 1\n...\nb: 2"])
def test_an_error_at_the_end_hides_nothing(text: str) -> None:
    """Where nothing stands behind it, a syntax error is told without more."""
    assert "behind" not in problems_of(text)[-1]


def test_tabs_in_quotes_block_texts_and_remarks_are_kept() -> None:
    """A tab inside a text or a remark is nobody's indentation."""
    text = "# a\tb\na: |\n  x\n  \ty\nb: \"p\tq\n\tr\"\nc: 'x\ty' # a\tb\n"
    assert plain(load(text, "c.yaml")) == {"a": "x\n\ty\n", "b": "p\tq r", "c": "x\ty"}


INDENT = "a tab indents this line: use blanks"
STRAY = "a tab stands outside quotes: use blanks, or quote the text that it belongs to"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a:\t1", [f"1:3: Y012 {STRAY}"]),
        ("a: {b: 1,\tc: 2}\nd: 1\t", [f"1:10: Y012 {STRAY}", f"2:5: Y012 {STRAY}"]),
        ("a: x\ty", [f"1:5: Y012 {STRAY}"]),
        ("-\ta", [f"1:2: Y012 {STRAY}"]),
        ("a: 'x\ty'\t# \t", [f"1:9: Y012 {STRAY}"]),
        ("a: x\n  \ty", [f"2:1: Y012 {INDENT}"]),
        ("a: |\n  x\n\nb: [\n\t1]", [f"5:1: Y012 {INDENT}"]),
        ("a:\n\tb: 1\n\tc: 2\n", [f"2:1: Y012 {INDENT}; nothing behind it was read", f"3:1: Y012 {INDENT}"]),
    ],
)
def test_tabs_elsewhere_are_refused(text: str, told: list[str]) -> None:
    """A tab between values, in a bare text or before a line is told with its place."""
    assert problems_of(text) == told


LINES = st.sampled_from(["a: 1", "b: [x, 'y']", "c: {d: 5}", "e: x y", "g: ${x}", "h:", "i: 'it''s' # x"])


@given(st.lists(LINES, min_size=1, unique=True).map("\n".join))
def test_a_tab_is_found_wherever_it_is_put(text: str) -> None:
    """A tab behind the last line of a file that was good is the file's one problem."""
    assume(not text.endswith("# x"))
    assert _problems(text) == ()
    assert [code for _, code in codes_of(text + "\t")] == ["Y012"]


PARTS = st.sampled_from(
    [
        *("a: ", "b: ", "? ", "- ", "{", "}", "[", "]", ", ", "${x}", "$.a[0]", "@", "&x ", "*x", "!t "),
        *("'", '"', "\\q", "|", "> ", "---", "...", "%Y", "#", "<<: ", "8", "1e999", ": "),
        *("\n", "\n  ", "\r\n", "\t"),
    ]
)


def _problems(text: str) -> tuple[Problem, ...]:
    try:
        plain(load(text, "c.yaml"))
    except CaseError as error:
        return error.problems
    return ()


@given(st.lists(PARTS, max_size=30).map("".join))
def test_any_structure_is_read_or_refused(text: str) -> None:
    """Whatever is put together from YAML's parts gives a tree or problems with places, each told once."""
    lines = text.replace("\r\n", "\n").count("\n") + 2
    problems = _problems(text)
    assert all(1 <= problem.place.line <= lines and problem.place.column >= 1 for problem in problems)
    assert len(set(problems)) == len(problems)
