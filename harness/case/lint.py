"""What one step or check cannot know by itself: ids, references, symptom and witness of the whole case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from harness.case import values
from harness.case.form import templates_in
from harness.case.values import Case, Check, Role, Step
from harness.errors import Place, Problem
from harness.matchers import nearest, references_of
from harness.references import Template

BUILT_IN: Final = frozenset({"now", "uid"})


def errors(case: Case) -> list[Problem]:
    """Everything that makes the case invalid although each part of it reads well."""
    return [
        *_repeated_ids(case),
        *_references(case),
        *_named(case),
        *(problem for step in case.steps for problem in _empty(case, step)),
    ]


def warnings(case: Case) -> list[Problem]:
    """What does no harm and should not be there."""
    used = {name for step in case.steps for name, _ in _names(step)}
    used |= {name for check in case.checks for name, _ in _check_names(check)}
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
        taken.setdefault(name, place)


def _references(case: Case) -> Iterator[Problem]:
    known = {name for name, _ in case.actors} | BUILT_IN
    for step in case.steps:
        for name, place in _names(step):
            yield from _unknown(name, place, known, step.id)
        known |= {step.id} | {save.name for save in step.save}
    for check in case.checks:
        for name, place in _check_names(check):
            yield from _unknown(name, place, known, "")


def _unknown(name: str, place: Place, known: set[str], itself: str) -> Iterator[Problem]:
    if name in known or name == itself:
        return
    close = nearest(name, sorted(known))
    hint = f"did you mean {close!r}?" if close else f"known here are {', '.join(sorted(known))}"
    yield Problem(place, "C010", f"${{{name}}} refers to nothing that stands before it; {hint}")


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
            close = nearest(name, sorted(known))
            hint = f"did you mean {close!r}?" if close else f"known are {', '.join(sorted(known)) or 'none'}"
            yield Problem(
                symptom.place, "C013", f"the symptom names the {what} {name!r}, which is not there; {hint}"
            )
    if symptom.witness is not None and symptom.witness == symptom.subject:
        yield Problem(symptom.place, "C014", "the witness is another step or check than the one that fails")
    if symptom.step is not None and any(
        s.id == symptom.step and s.role is not Role.STEPS for s in case.steps
    ):
        yield Problem(
            symptom.place, "C013", f"the symptom names {symptom.step!r}, which is not one of 'steps'"
        )
    waits: tuple[Step | Check, ...] = (*case.steps, *case.checks)
    for waiting in waits:
        if waiting.after is not None and waiting.after not in steps:
            yield Problem(
                waiting.place, "C013", f"'after' names the step {waiting.after!r}, which is not there"
            )


def _empty(case: Case, step: Step) -> Iterator[Problem]:
    action = step.action
    if isinstance(action, values.Listen) and step.expect is None and step.where is None:
        yield Problem(
            step.place, "C015", f"step {step.id!r} waits for nothing: it has no 'where' and no 'expect'"
        )
    if isinstance(action, values.Listen | values.ChainEvents) and step.within_us is None:
        yield Problem(step.place, "C003", f"step {step.id!r} waits, so it says how long, such as within: 5s")
    if isinstance(action, values.RestCall) and step.expect is None and step.role is not Role.FINALLY:
        used = {name for later in case.steps for name, _ in _names(later)}
        used |= {name for check in case.checks for name, _ in _check_names(check)}
        if step.id not in used and not step.save:
            text = f"step {step.id!r} checks nothing, and nothing uses what it sends: give it an 'expect'"
            yield Problem(step.place, "C015", text)
    if isinstance(action, values.RestCall) and action.writes and step.within_us is not None:
        yield Problem(step.place, "C023", "a write is never sent twice, so 'within' has no meaning here")


def _names(step: Step) -> Iterator[tuple[str, Place]]:
    yield from _template_names(
        [getattr(step.action, field.name) for field in fields(step.action)], step.place
    )
    for expectation in (step.where, step.expect):
        if expectation is not None:
            yield from _template_names(list(references_of(expectation)), step.place)


def _check_names(check: Check) -> Iterator[tuple[str, Place]]:
    rule = check.rule
    yield from _template_names([getattr(rule, field.name) for field in fields(rule)], check.place)


def _template_names(held: object, place: Place) -> Iterator[tuple[str, Place]]:
    for each in templates_in(held):
        for name in each.names:
            yield name, getattr(each, "place", place)


__all__ = ["Template", "errors", "warnings"]
