"""Real cases, broken at random: whatever a file says, it is a case or a CaseError that says where."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.case import lint
from harness.case.read import parse_case
from harness.case.values import Case
from harness.errors import CaseError

CASES = sorted((Path(__file__).parents[2] / "cases").glob("*.yaml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in CASES}
WORD = re.compile(r"[A-Za-z_$][\w.$-]*|\d+(?:\.\d+)?|[^\w\s]|\n\s*")
ODD = (
    *("", "null", "true", "-1", "1e308", "9" * 78, '"', "'", "{", "}", "[", "]", ":", "- ", "${", "${x}"),
    *(
        "${now+1s:ms}",
        "$.a[0]",
        "{$in: []}",
        "{$not: {$not: 1}}",
        "{$nothing}",
        "0s",
        "\x85",
        "é",
        "«x»",
        "|",
    ),
    *(
        "repeat: 3",
        "within: 5s",
        "expect: {}",
        "as: nobody",
        "../..",
        "\n  ",
        "#",
        "*",
        "&a",
        "!!x",
        "~",
        "<<",
    ),
)


def broken(text: str, at: random.Random) -> str:
    """The text with one to four of its words dropped, doubled, swapped, or made something odd."""
    words = WORD.findall(text)
    for _ in range(at.randint(1, 4)):
        here, there = at.randrange(len(words)), at.randrange(len(words))
        match at.randrange(5):
            case 0:
                words[here] = ""
            case 1:
                words[here] *= 2
            case 2:
                words[here], words[there] = words[there], words[here]
            case 3:
                words[here] = at.choice(ODD)
            case _:
                words[here] = words[there]
    return spaced(text, words)


def spaced(text: str, words: list[str]) -> str:
    """The words with the blanks that stood between them."""
    gaps = [""] + [text[one.end() : other.start()] for one, other in zip(*pairs(text), strict=True)]
    return "".join(gap + word for gap, word in zip(gaps, words, strict=True))


def pairs(text: str) -> tuple[list[re.Match[str]], list[re.Match[str]]]:
    """Each word with the next."""
    found = list(WORD.finditer(text))
    return found[:-1], found[1:]


def outcome(name: str, text: str) -> str:
    """`case`, or the code of the first problem, each of which names a place in the file."""
    try:
        case = parse_case(text, name)
    except CaseError as error:
        lines = text.count("\n") + 2
        for problem in error.problems:
            assert problem.place.path == name
            assert 1 <= problem.place.line <= lines, problem
            assert problem.text.strip()
        return error.problems[0].code
    assert isinstance(case, Case)
    lint.warnings(case)
    return "case"


@given(st.sampled_from(sorted(TEXTS)), st.integers(0, 2**32))
def test_a_broken_case_is_a_case_or_says_where(name: str, seed: int) -> None:
    """A few words of a real case broken: it reads, or every problem has a place in the file and a text."""
    outcome(name, broken(TEXTS[name], random.Random(seed)))


@pytest.mark.soak
def test_a_hundred_thousand_broken_cases() -> None:
    """The same for a hundred thousand; prints what came of them."""
    at = random.Random(20261128)
    came = Counter(outcome(name, broken(TEXTS[name], at)) for name in at.choices(sorted(TEXTS), k=100_000))
    print(
        f"{came.total()} broken cases: {came['case']} still read, {len(came) - 1} codes: {came.most_common()}"
    )
    assert came["case"] < came.total() / 2
