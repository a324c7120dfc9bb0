"""What one step or check cannot know by itself: ids, references, symptom and witness of the whole case."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields
from typing import Final

from harness.case import values
from harness.case.form import templates_in
from harness.case.values import Case, Check, Role, Step
from harness.errors import Place, Problem
from harness.matchers import nearest, references_of
from harness.model import Source
from harness.references import Template

BUILT_IN: Final = frozenset({"now", "uid"})
ACTOR_PARTS: Final = ("address", "api_key")
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

Offers = dict[str, tuple[str, ...]]
"""Names that a reference may use, and the first parts of each; none where they are not known beforehand."""


def errors(case: Case) -> list[Problem]:
    """Everything that makes the case invalid although each part of it reads well."""
    used = _used(case)
    return [
        *_repeated_ids(case),
        *_references(case),
        *_named(case),
        *_after(case),
        *_symptom(case),
        *_unheard(case),
        *(problem for step in case.steps for problem in _empty(step, used)),
    ]


def warnings(case: Case) -> list[Problem]:
    """What does no harm and should not be there."""
    used = _used(case)
    return [
        Problem(save.place, "W001", f"{save.name!r} is saved and nobody uses it: use it or drop it")
        for step in case.steps
        for save in step.save
        if save.name not in used and save.name != "market"
    ]


def _repeated_ids(case: Case) -> Iterator[Problem]:
    taken: dict[str, Place] = {}
    named: list[tuple[str, Place, str]] = [
        (name, Place(case.path, case.line, 1), "actor") for name, _ in case.actors
    ]
    named += [(step.id, step.place, "step") for step in case.steps]
    named += [(check.id, check.place, "check") for check in case.checks]
    named += [(save.name, save.place, "saved name") for step in case.steps for save in step.save]
    for name, place, what in named:
        if name in taken:
            yield Problem(
                place, "C011", f"the {what} {name!r} is taken: {taken[name]} already gives this name"
            )
        elif name in BUILT_IN:
            yield Problem(place, "C011", f"the {what} {name!r} is taken: every case has it built in")
        elif not NAME.fullmatch(name) and name not in _own_ids(case):
            text = (
                f"the {what} {name!r} cannot be referred to: use letters, digits, _ and -, as in first-fill"
            )
            yield Problem(place, "C012", text)
        taken.setdefault(name, place)


def _own_ids(case: Case) -> set[str]:
    """The ids that steps without one were given: they are shown, and nothing refers to them."""
    return {f"{role}.{at}" for role in Role for at in range(1, len(case.steps) + 1)}


def _references(case: Case) -> Iterator[Problem]:
    offers: Offers = {name: ACTOR_PARTS for name, _ in case.actors} | dict.fromkeys(BUILT_IN, ())
    for step in case.steps:
        for each in _in_action(step):
            yield from _unknown(each, offers)
        offers[step.id] = _parts(step)
        for each in _in_expectations(step):
            yield from _unknown(each, offers)
            if "uid" in each.names:
                text = "${uid} is new at each use, so nothing that comes can equal it: refer to what was sent"
                yield Problem(each.place, "C027", text)
        offers |= dict.fromkeys((save.name for save in step.save), ())
    for check in case.checks:
        for each in _in_check(check):
            yield from _unknown(each, offers)


def _parts(step: Step) -> tuple[str, ...]:
    action = step.action
    if isinstance(action, values.RestCall):
        return ("sent", "got") if action.order is None else ("sent", "got", "order_id")
    return ()


def _unknown(template: Template, offers: Offers) -> Iterator[Problem]:
    for reference in template.references:
        name = reference.root
        if name not in offers:
            yield Problem(
                template.place,
                "C010",
                f"${{{name}}} refers to nothing that stands before it; {_hint(name, offers, 'known here')}",
            )
        elif offers[name] and reference.path and reference.path[0] not in offers[name]:
            part = str(reference.path[0])
            yield Problem(
                template.place,
                "C010",
                f"{reference}: {name!r} has no {part!r}; {_hint(part, offers[name], 'it has')}",
            )


def _hint(word: str, known: Collection[str], what: str) -> str:
    close = nearest(word, sorted(known))
    verb = "" if what == "it has" else " are"
    return f"did you mean {close!r}?" if close else f"{what}{verb} {', '.join(sorted(known)) or 'none'}"


def _named(case: Case) -> Iterator[Problem]:
    steps = {step.id for step in case.steps}
    checks = {check.id for check in case.checks}
    symptom = case.symptom
    for name, known, what in (
        (symptom.step, steps, "step"),
        (symptom.check, checks, "check"),
        (symptom.witness, steps | checks, "step or check"),
    ):
        if name is not None and name not in known:
            text = f"the symptom names the {what} {name!r}, which is not there; {_hint(name, known, 'known')}"
            yield Problem(symptom.place, "C013", text)
    if symptom.witness is not None and symptom.witness == symptom.subject:
        yield Problem(symptom.place, "C014", "the witness is another step or check than the one that fails")
    if symptom.step is not None and any(
        s.id == symptom.step and s.role is not Role.STEPS for s in case.steps
    ):
        yield Problem(
            symptom.place, "C013", f"the symptom names {symptom.step!r}, which is not one of 'steps'"
        )


def _after(case: Case) -> Iterator[Problem]:
    before: list[str] = []
    waits: tuple[Step | Check, ...] = (
        *(step for step in case.steps if step.role is not Role.FINALLY),
        *case.checks,
        *case.in_role(Role.FINALLY),
    )
    for waiting in waits:
        if waiting.after is not None and waiting.after not in before:
            text = f"'after' names the step {waiting.after!r}, and no such step stands before it; "
            yield Problem(waiting.place, "C013", text + _hint(waiting.after, before, "known here"))
        if isinstance(waiting, Step):
            before.append(waiting.id)


def _symptom(case: Case) -> Iterator[Problem]:
    symptom = case.symptom
    for expectation in (symptom.shows, symptom.seen):
        for each in references_of(expectation) if expectation is not None else ():
            text = f"a symptom holds what was seen once, so no references: write the value of {each}"
            yield Problem(each.place, "C025", text)


def _unheard(case: Case) -> Iterator[Problem]:
    """Waits on a stream that nobody opened, and holders who are no actors."""
    opened: set[Source] = set()
    actors = [name for name, _ in case.actors]
    for step in case.steps:
        action = step.action
        if not isinstance(action, values.Listen):
            opened.add(step.source)
        elif step.source not in opened:
            text = f"step {step.id!r} waits on {step.source}, and no step before it opens that"
            yield Problem(step.place, "C026", text)
        holders: list[str] = []
        if isinstance(action, values.ChainBalances):
            holders = [name for name, _ in action.holders]
        elif isinstance(action, values.Fund):
            holders = list(action.amounts)
        for name in holders:
            if name not in actors:
                text = f"nobody is called {name!r}; actors are {', '.join(actors) or 'none'}"
                yield Problem(step.place, "C008", text)


def _empty(step: Step, used: set[str]) -> Iterator[Problem]:
    action = step.action
    if isinstance(action, values.Listen) and step.expect is None and step.where is None:
        yield Problem(
            step.place, "C015", f"step {step.id!r} waits for nothing: it has no 'where' and no 'expect'"
        )
    if isinstance(action, values.Listen | values.ChainEvents) and step.within_us is None:
        yield Problem(step.place, "C003", f"step {step.id!r} waits, so it says how long, such as within: 5s")
    silent = isinstance(action, values.RestCall) and step.expect is None and not step.save
    if silent and step.role is not Role.FINALLY and step.id not in used:
        text = f"step {step.id!r} checks nothing, and nothing uses what it sends: give it an 'expect'"
        yield Problem(step.place, "C015", text)


def _used(case: Case) -> set[str]:
    templates: list[Template] = []
    for step in case.steps:
        templates += [*_in_action(step), *_in_expectations(step)]
    for check in case.checks:
        templates += _in_check(check)
    return {name for template in templates for name in template.names}


def _in_action(step: Step) -> Iterator[Template]:
    yield from templates_in([getattr(step.action, field.name) for field in fields(step.action)])


def _in_expectations(step: Step) -> Iterator[Template]:
    for expectation in (step.where, step.expect):
        if expectation is not None:
            yield from references_of(expectation)


def _in_check(check: Check) -> Iterator[Template]:
    yield from templates_in([getattr(check.rule, field.name) for field in fields(check.rule)])
