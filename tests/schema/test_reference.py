"""docs/case-reference.md: every word is on it, and every example reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.case.groups import GROUPS, WORDS
from harness.case.kinds import KINDS
from harness.case.manners import COMMON, FAULTS
from harness.case.read import HEADER, parse_case
from harness.case.rules import COMMON as OF_CHECKS
from harness.case.rules import RULES
from harness.case.words import Verb, Word
from harness.cli import main
from harness.errors import CaseError, Problem
from harness.matchers import compile_expectation, match
from harness.matchers.arguments import BUILDERS
from harness.matchers.words import ARRIVED_US, MATCHERS, Matcher
from harness.report.reference import reference
from harness.report.sections import ALL, REFERENCES, STAGE, STEPS, Section
from harness.strictyaml import Mapping, load

from .frames import case, entries, example_case

PAGE = Path(__file__).resolve().parents[2] / "docs" / "case-reference.md"
SHOWN = [(section, word) for section in ALL for word in section.words]
SPOKEN = [(kind, verb) for kind in KINDS.values() for verb in kind.verbs]


def told(text: str) -> list[str]:
    """What is wrong with a case."""
    try:
        parse_case(text, "cases/ESC-1234.yaml")
    except CaseError as error:
        return [*str(error).splitlines(), *text.splitlines()[-8:]]
    return []


def every_word() -> list[Word]:
    """Each word of the tables that the readers go by, and those inside their values."""
    found = [*HEADER, *COMMON, *WORDS, *OF_CHECKS]
    found += [word for kind in (*KINDS.values(), *RULES.values()) for word in (kind.word, *kind.words)]
    for word in found:
        found += [inner for inner in word.inner or () if inner not in found]
    return found


def test_the_stage_reads() -> None:
    """The case that the examples stand in is right."""
    assert told(STAGE) == []


@pytest.mark.parametrize(("section", "word"), SHOWN, ids=[f"{s.title}:{w.name}" for s, w in SHOWN])
def test_every_example_reads(section: Section, word: Word) -> None:
    """A word's example, with what stands beside it, reads in a case without a problem."""
    assert told(example_case(section, word)) == []


@pytest.mark.parametrize(("kind", "verb"), SPOKEN, ids=[verb.name for _, verb in SPOKEN])
def test_every_verb_reads(kind: object, verb: Verb) -> None:
    """A verb's example is a step that reads."""
    assert told(case({"id": "shown", **entries(verb.example)}, "steps: […]")) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_reads(fault: str) -> None:
    """Each fault can happen to some step."""
    said = f"{fault} 1s" if fault == "delay" else fault
    steps = ("rest: GET /time\nexpect: {status: 200}", "ws: user\nwithin: 5s\nwhere: {event_type: trade}")
    texts = (case({"id": "shown", **entries(step), "fault": said}, "steps: […]") for step in steps)

    assert [] in [told(text) for text in texts]


@pytest.mark.parametrize("text", [text for text, _ in REFERENCES])
def test_every_reference_leads_somewhere(text: str) -> None:
    """Each form of a reference reads where the page says that it stands."""
    order = 'order: {token: "${market.yes}", side: BUY, price: 0.52, size: 5, type: GTC}'
    step = {"id": "shown", "rest": "POST /order", "json": f'{{x: "{text}"}}', "expect": "{status: 200}"}

    assert order.split(": ", 1)[1] in STAGE
    assert told(case(step, "steps: […]")) == []


@pytest.mark.parametrize("matcher", MATCHERS, ids=[matcher.word for matcher in MATCHERS])
def test_every_matcher_holds_and_fails_as_told(matcher: Matcher) -> None:
    """A matcher's example holds for its good value and fails for its bad one."""
    root = load(f"example: {matcher.example}\n", "the reference")
    assert isinstance(root, Mapping)
    problems: list[Problem] = []
    expected = compile_expectation(root.entries[0][1], problems)
    found = [
        match(expected, value, lambda template: template.text, arrived_us=ARRIVED_US)
        for value in (matcher.good, matcher.bad)
    ]

    assert problems == []
    assert matcher.word in matcher.example
    assert found[0] == ()
    assert found[1] != ()


def test_every_matcher_is_told() -> None:
    """The table of matchers has each that the reader knows, and no other."""
    assert sorted(matcher.word for matcher in MATCHERS) == sorted(BUILDERS)


def test_every_word_has_its_section() -> None:
    """The sections hold every word of every table, wherever it stands."""
    shown = [word for _, word in SHOWN]

    assert [word.name for word in every_word() if word not in shown] == []
    assert {*KINDS, *GROUPS} <= {section.title for section in ALL}
    assert {section.title for section in STEPS} >= set(KINDS)


def test_the_page_is_what_the_tables_say(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/case-reference.md is what `harness reference` prints: `make schema` makes it again."""
    assert main(["reference"]) == 0
    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8")


def test_every_check_says_what_it_shows() -> None:
    """A symptom of a check can be written from the page: each rule says what it shows."""
    page = reference().split("### What a check shows")[1].split("## ")[0]

    assert all(f"| `{name}` | {kind.shows} |" in page for name, kind in RULES.items())


def test_every_link_leads_to_a_heading() -> None:
    """Each link on the page has its heading, and no two headings are alike."""
    page = reference()
    headings = [line.lstrip("#").strip().lower() for line in page.splitlines() if line.startswith("#")]
    anchors = ["".join(c for c in head if c.isalnum() or c in "-_ ").replace(" ", "-") for head in headings]
    linked = {piece.split(")")[0] for piece in page.split("](#")[1:]}

    assert linked - set(anchors) == set()
    assert len(set(anchors)) == len(anchors)
