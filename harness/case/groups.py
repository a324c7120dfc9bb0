"""Reading the parts of a case: steps, and groups of parts (`repeat`, `together`)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from harness.case.channels import Cast
from harness.case.form import Form, filled
from harness.case.kinds import StepKind
from harness.case.manners import COMMON
from harness.case.steps import read_step
from harness.case.values import Part, Repeat, Role, Together
from harness.case.words import NAME, Word, names
from harness.errors import CaseError, Problem
from harness.matchers import nearest
from harness.references import DURATION, duration_us
from harness.strictyaml import Mapping as MappingNode
from harness.strictyaml import Node, Scalar, Sequence

ROUNDS: Final = 10_000
"""Rounds of one group; the longest of a real case has 200."""
GROUPS: Final = ("repeat", "together")
_RATE: Final = re.compile(r"([1-9][0-9]{0,3})/(s|m)")
_SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)%")
_TWO: Final = (
    "[{id: one, rest: GET /time, expect: {status: 200}}, {id: two, rest: GET /time, expect: {status: 200}}]"
)
_ID: Final = Word(
    "id",
    "text",
    "the group's name, for findings and for references to its rounds: `${burst[0].time}`",
    "burst",
    required=True,
    pattern=NAME,
)
REPEAT: Final = (
    _ID,
    Word(
        "repeat",
        "rounds",
        "how often; or a list, a round for each entry. `${each}` is the round's number or its entry",
        "[0.51, 0.52]",
        required=True,
    ),
    Word("steps", "steps", "what each round does", _TWO, required=True),
    Word(
        "pace",
        "text",
        "from the start of a round to the start of the next: a rate such as 10/s, or a time such as 100ms",
        "10/s",
        pattern=f"{_RATE.pattern}|{DURATION.pattern}",
    ),
    Word(
        "pass",
        "share",
        "how many of the rounds must hold, over 0% and under 100%; without it, every round",
        "98%",
        pattern=_SHARE.pattern,
    ),
)
TOGETHER: Final = (
    _ID,
    Word("together", "steps", "two steps or more that start at the same moment", _TWO, required=True),
)
WORDS: Final = (*REPEAT, *(word for word in TOGETHER if word is not _ID))
"""The words of groups: `repeat` or `together` says which."""


def read_parts(
    form: Form, role: Role, cast: Cast, kinds: dict[str, StepKind], key: str | None = None
) -> tuple[Part, ...]:
    """The parts in a list, those that read; the problems of the others are noted."""
    return _read(tuple(form.items(key or str(role))), role, cast, kinds, form.problems, "")


def _read(
    nodes: tuple[Node, ...],
    role: Role,
    cast: Cast,
    kinds: dict[str, StepKind],
    problems: list[Problem],
    within: str,
) -> tuple[Part, ...]:
    parts = []
    for at, node in enumerate(nodes, start=1):
        part = _part(node, role, f"{within}{at}", cast, kinds, problems)
        if part is not None:
            parts.append(part)
    return tuple(parts)


def _part(
    node: Node, role: Role, position: str, cast: Cast, kinds: dict[str, StepKind], problems: list[Problem]
) -> Part | None:
    said = [key.text for key, _ in node.entries] if isinstance(node, MappingNode) else []
    one_of = _leading([word for word in said if word in kinds or word in GROUPS], kinds)
    if len(one_of) == 1 and one_of[0] in GROUPS:
        return _group(node, role, position, cast, kinds, problems)
    if len(one_of) == 1:
        return read_step(node, role, position, cast, problems, kinds[one_of[0]])
    known = ", ".join((*kinds, *GROUPS))
    if one_of:
        text = f"a step does one thing: it has one of {known}, not {' and '.join(one_of)}"
    else:
        close = next(
            (
                f"; did you mean {n!r}?"
                for word in said
                if word not in names(COMMON) and (n := nearest(word, (*kinds, *GROUPS)))
            ),
            "",
        )
        text = f"a step does one thing: it has one of {known}, and this has none of them{close}"
    problems.append(Problem(node.place, "C007", text))
    return None


def _leading(said: list[str], kinds: dict[str, StepKind]) -> list[str]:
    """The kind that is meant where the others are words of it (`target: tick` has a `market`)."""
    for word in said:
        if word in kinds and set(said) - {word} <= set(names(kinds[word].words)):
            return [word]
    return said


def _group(
    node: Node, role: Role, position: str, cast: Cast, kinds: dict[str, StepKind], problems: list[Problem]
) -> Part | None:
    before = len(problems)
    form = Form(node, problems, "a group", names(WORDS))
    form.required("id", "a group is named in findings and in references to its rounds")
    group_id = form.text("id") or f"{role}.{position}"
    if "together" in form:
        for word in ("steps", "pace", "pass"):
            if word in form:
                form.problem(form.place_of(word), "C023", f"{word!r} means nothing in 'together'")
        parts = _read(tuple(form.items("together")), role, cast, kinds, problems, f"{position}.")
        if len(parts) < 2 and len(problems) == before:
            form.problem(form.place_of("together"), "C033", "'together' is two steps or more")
        return None if len(problems) > before else Together(group_id, role, form.place, parts)
    form.required("steps", "what each round does")
    parts = _read(tuple(form.items("steps")), role, cast, kinds, problems, f"{position}.")
    if not parts and "steps" in form and len(problems) == before:
        form.problem(form.place_of("steps"), "C033", "a group without steps does nothing")
    times, items = _rounds(form)
    pace_us, passing = _pace(form), _share(form)
    if len(problems) > before:
        return None
    return Repeat(group_id, role, form.place, times, items, parts, pace_us, passing)


def _rounds(form: Form) -> tuple[int, tuple[object, ...]]:
    node = form.node("repeat")
    if isinstance(node, Sequence) and node.items:
        items = tuple(filled(item, form.problems) for item in node.items)
        return len(items), items
    if isinstance(node, Scalar) and type(node.value) is int and 1 <= node.value <= ROUNDS:
        return node.value, ()
    text = f"'repeat' is a number of rounds from 1 to {ROUNDS}, or a list of values for ${{each}}"
    form.problem(form.place_of("repeat"), "C033", text)
    return 1, ()


def _said(form: Form, key: str) -> str | None:
    """What stands there as it is written: `pace: 10` lacks its unit, and no quotes."""
    node = form.node(key)
    return node.raw if isinstance(node, Scalar) and node.raw else form.text(key)


def _pace(form: Form) -> int | None:
    said = _said(form, "pace")
    if said is None:
        return None
    rate = _RATE.fullmatch(said)
    if rate:
        return (1_000_000 if rate[2] == "s" else 60_000_000) // int(rate[1])
    try:
        return duration_us(said)
    except (ValueError, CaseError):
        text = f"'pace' is a rate such as 10/s, or a time from round to round such as 100ms, not {said!r}"
        form.problem(form.place_of("pace"), "C033", text)
        return None


def _share(form: Form) -> Decimal | None:
    said = _said(form, "pass")
    if said is None:
        return None
    share = _SHARE.fullmatch(said)
    if share and 0 < Decimal(share[1]) < 100:
        return Decimal(share[1]) / 100
    text = f"'pass' is a share of the rounds between 0% and 100%, such as 98%, not {said!r}"
    if share:
        text += "; without 'pass' every round must hold"
    form.problem(form.place_of("pass"), "C033", text)
    return None
