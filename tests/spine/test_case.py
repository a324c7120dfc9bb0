"""Reading a case: every slip has its code, its place and what to do, and a file's slips come all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.case import lint, values
from harness.case.groups import GROUPS
from harness.case.kinds import KINDS
from harness.case.read import HEADER, parse_case, read_case
from harness.case.rules import RULES
from harness.case.steps import parse_path
from harness.case.words import names
from harness.errors import CaseError
from harness.matchers import is_absence

from .story import problems

H = [
    "id: ESC-1",
    'title: "a title"',
    "status: open",
    "severity: minor",
    "component: clob/orders",
    "actors: {alice: trader}",
]
ST = ["steps:", "  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}"]
SY = ["symptom: {step: buy, shows: {status: 400}}"]
ALL = H + ST + SY
MEANT = {
    "<every key of a case>": ", ".join(sorted(names(HEADER))),
    "<the kinds of steps>": ", ".join((*KINDS, *GROUPS)),
    "<the kinds of checks>": ", ".join(RULES),
}


def rep(lines: list[str], old: str, new: str) -> list[str]:
    """The lines with one word changed."""
    return [line.replace(old, new) for line in lines]


def step(first: str, *more: str) -> list[str]:
    """A case with this first step, on line 8."""
    return [*H, "steps:", "  - " + first, *more, *SY]


def slips() -> Iterator[tuple[str, str, list[str]]]:
    """Name, text and problems of each block of `slips.txt`."""
    told = Path(__file__).with_name("slips.txt").read_text()
    for block in told.split("\n\n# ")[1:]:
        name, *lines = block.strip().split("\n")
        text = [line for line in lines if not line.startswith("> ")]
        header = [] if text[0].startswith(("id: ", "x: ", "- ")) else H
        found = [line[2:] for line in lines if line.startswith("> ")]
        for word, meant in MEANT.items():
            found = [line.replace(word, meant) for line in found]
        yield name, "\n".join([*header, *text]) + "\n", found


SLIPS = tuple(slips())


@pytest.mark.parametrize(("text", "told"), [slip[1:] for slip in SLIPS], ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_told_with_place_code_and_what_to_do(text: str, told: list[str]) -> None:
    """`file:line:col: code text`, all of a file at once, in the file's order."""
    assert problems(text) == [f"cases/ESC-1.yaml:{each}" for each in told]


def test_every_code_of_a_case_has_its_slip() -> None:
    """No code of the reader is untested, and none is tested that it no longer gives."""
    root = Path(values.__file__).parent
    source = "".join(path.read_text() for path in sorted(root.rglob("*.py")))
    given_codes = {code for code in re.findall(r'"(C[0-9]{3})"', source) if code < "C040"}
    tested = {line.split()[1] for _, _, told in SLIPS for line in told if line.split()[1].startswith("C")}
    assert given_codes - {"C000"} == {code for code in tested if code < "C040"}


def test_the_case_that_the_slips_are_made_from_is_right() -> None:
    """Without a slip there is no problem, and no warning."""
    assert problems("\n".join(ALL)) == []
    assert lint.warnings(parse_case("\n".join(ALL), "cases/ESC-1.yaml")) == []


def test_a_file_named_after_another_case_is_refused() -> None:
    """The id is the file's name, before any slug."""
    text = "\n".join(ALL)
    assert problems(text, "cases/ESC-2.yaml") == [
        "cases/ESC-2.yaml:1:1: C016 the file is called 'ESC-2' and its id is 'ESC-1': rename one of them"
    ]
    assert problems(text, "cases/ESC-1-a-slug.yaml") == []
    assert problems(text, "cases/ESC-11.yaml") != []


def test_a_file_that_cannot_be_read_is_the_authors_to_find(tmp_path: Path) -> None:
    """The path is told as the author knows it."""
    with pytest.raises(CaseError) as caught:
        read_case(tmp_path / "ESC-1.yaml", "cases/ESC-1.yaml")
    assert str(caught.value) == "cases/ESC-1.yaml: C000 cannot be read: No such file or directory"


def test_a_saved_name_that_nobody_uses_is_warned_of() -> None:
    """It does no harm, and should not be there."""
    read = parse_case(
        "\n".join(step("{id: buy, rest: GET /x, expect: {status: 200}, save: {x: $.body.id}}")),
        "cases/ESC-1.yaml",
    )
    assert [str(each) for each in lint.warnings(read)] == [
        "cases/ESC-1.yaml:8:59: W001 'x' is saved and nobody uses it: use it or drop it"
    ]


def test_a_column_that_nobody_uses_is_warned_of() -> None:
    """A column that changes nothing makes two rows of one."""
    rows = ["examples:", "  dime: {price: 0.1, size: 5}", "  dollar: {price: 0.9, size: 5}"]
    body = ["steps:", "  - {id: buy, rest: POST /x, json: '${price}', expect: {status: 200}}"]
    read = parse_case("\n".join([*H, *rows, *body, *SY]), "cases/ESC-1.yaml")
    assert [str(each) for each in lint.warnings(read)] == [
        "cases/ESC-1.yaml:1:1: W002 the column 'size' is used by nobody: use it or drop it"
    ]


def test_a_whole_case_is_read_as_values() -> None:
    """Roles, ids that were given, times in microseconds, sources and what a symptom of silence needs."""
    text = "\n".join(
        [
            *H,
            "given:",
            "  - {market: {tick: 0.01}, save: market}",
            *ST,
            "  - {id: listen, ws: user, subscribe: {markets: ['${market.condition}']}}",
            "  - {id: filled, ws: user, within: 5s, watch: 9s, where: {a: 1}, count: 2, quiet: 1s}",
            "finally:",
            "  - {rest: DELETE /cancel-all}",
            "symptom: {step: filled, shows: {$nothing}, witness: listen}",
        ]
    )
    read = parse_case(text, "cases/ESC-1.yaml")
    assert [step.id for step in read.steps] == ["given.1", "buy", "listen", "filled", "finally.1"]
    filled = read.step("filled")
    assert (filled.within_us, filled.watch_us, filled.count, filled.quiet_us) == (
        5_000_000,
        9_000_000,
        2,
        1_000_000,
    )
    assert [str(step.source) for step in read.steps[:3]] == ["target", "rest(alice)", "ws.user(alice)"]
    assert [step.id for step in read.steps if step.sends] == ["buy", "listen", "finally.1"]
    assert is_absence(read.symptom.shows)
    assert (read.symptom.subject, read.defect) == ("filled", "ESC-1")
    with pytest.raises(KeyError):
        read.step("nobody")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("$", ()),
        ("$.id", ("id",)),
        ("$.a[0].b", ("a", 0, "b")),
        ("$[2]", (2,)),
        ("id", None),
        ("$.", None),
        ("$.a[x]", None),
        ("$..a", None),
    ],
)
def test_a_saved_part_is_a_plain_path(text: str, path: tuple[str | int, ...] | None) -> None:
    """Names and indexes; nothing that would have to be searched."""
    assert parse_path(text) == path


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever stands in a value, the answer is a case or its problems."""
    quoted = "'" + "".join(c for c in text if c.isprintable()).replace("'", "''") + "'"
    for lines in (
        rep(ALL, '"a title"', quoted),
        rep(ALL, "POST /order", quoted),
        rep(ALL, "step: buy", f"step: {quoted}"),
    ):
        problems("\n".join(lines))
