"""What must not come, comes: for `never`, `{$nothing}` and checks that say so, a message made to their words.

It is made from one that did come (a message of the stream, an entry of the list, a log of the look), with the
values that the words name; where they name none (a range, a pattern), none is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness import exactjson
from harness.case.actions import Listen, RestCall
from harness.case.rules.values import Never
from harness.case.values import Role, Step
from harness.matchers import Bound, Expectation, Fields, Items, Literal, Matchers, is_absence, match
from harness.model import By, Event, Kind, Source
from harness.references import MissingPartError
from harness.scope import Look
from harness.strength.atoms import atoms_of, view_of
from harness.strength.changes import Added, Replaced
from harness.strength.moves import Move
from harness.strength.played import Played

CAME: Final = "came after all"


class CannotMakeError(Exception):
    """The words name no value that could be put into a message."""


def forbidden(played: Played) -> Iterator[Move]:
    """For every step and check that says that something must not come: it comes."""
    last = played.events[0]
    for step in played.case.in_role(Role.STEPS):
        unwanted = _unwanted(step)
        mark = played.mark(step.id)
        last = mark if step.sends else last
        if unwanted is None or step.id not in played.run.findings:
            continue
        look = played.look(step)
        if isinstance(step.action, Listen):
            yield from _on_stream(played, step.id, unwanted, step.source, mark, look)
        else:
            yield from _in_list(played, step, unwanted, look)
    for check in played.case.checks:
        rule = check.rule
        if not isinstance(rule, Never) or rule.selection.where is None or check.id not in played.run.findings:
            continue
        where, look = rule.selection.where, played.look_of(check)
        for source in _streams(played, rule):
            yield from _on_stream(played, check.id, where, source, last, look)
        yield from _in_look(played, check.id, where, look)


def _unwanted(step: Step) -> Expectation | None:
    """What must not come in a wait, or stand in a list."""
    if not isinstance(step.action, Listen | RestCall):
        return None
    absent = step.expect is not None and is_absence(step.expect)
    return step.never or (step.where if absent else None)


def _streams(played: Played, rule: Never) -> Sequence[Source]:
    return sorted({e.source for e in played.events if e.kind is Kind.OPEN and rule.selection.is_of(e.source)})


def _on_stream(
    played: Played, subject: str, unwanted: Expectation, source: Source, behind: Event, look: Look
) -> Iterator[Move]:
    """The first message of the stream that can be made into what must not come, put behind an event."""
    for event in played.events:
        if event.kind is not Kind.PUSH or event.source != source or "text" not in event.data["wire"]:
            continue
        for message in view_of(event):
            made = _made(unwanted, message, look)
            if made is None:
                continue
            data = {"wire": {"text": exactjson.dumps(made)}}
            more = Event(behind.number, behind.at_us + 1, Kind.PUSH, source, by=By.PEER, data=data)
            yield Move(subject, CAME, behind.number, Added(behind.number, more))
            return


def _in_list(played: Played, step: Step, unwanted: Expectation, look: Look) -> Iterator[Move]:
    """What must not stand in a list stands in every answer of the step."""
    answers = [e for e in played.events if e.step == step.id and e.kind is Kind.ANSWER]
    others: list[Event] = []
    for event in answers:
        for path in (("body", "data"), ("body",)):
            atom = atoms_of(event).get(path)
            if atom is not None and isinstance(atom.value, list):
                made = _made(unwanted, atom.value[0] if atom.value else {}, look)
                others += [atom.write([*atom.value, made])] if made is not None else []
                break
    if others:
        yield Move(step.id, CAME, others[0].number, Replaced(tuple(others)))


def _in_look(played: Played, subject: str, unwanted: Expectation, look: Look) -> Iterator[Move]:
    """A log that a look of the check shows becomes the one that must not be there, in every look of it."""
    others: list[Event] = []
    looks = [e for e in played.events if e.step == f"check:{subject}" and e.kind is Kind.ANSWER]
    for event in looks if isinstance(unwanted, Fields) else ():
        changed = _with_log(unwanted, event, look)
        others += [changed] if changed is not None else []
    if others:
        yield Move(subject, CAME, others[0].number, Replaced(tuple(others)))


def _with_log(unwanted: Expectation, event: Event, look: Look) -> Event | None:
    if not isinstance(unwanted, Fields) or "answers" not in event.data["wire"]:
        return None
    for name, inner in unwanted.entries:
        for key, wanted in inner.entries if isinstance(inner, Fields) and len(inner.entries) == 1 else ():
            for path, atom in atoms_of(event).items():
                if path[:1] == ("logs",) and path[2:4] == (name, key) and atom.kind in ("name", "amount"):
                    value = _made(wanted, None, look)
                    return None if value is None else atom.write(int(str(value), 0))
    return None


def _made(expected: Expectation, actual: Any, look: Look) -> Any:
    """The same as `as_told`; None where nothing can be made, or what was made is not what was meant."""
    try:
        made = as_told(expected, actual, look)
    except (CannotMakeError, MissingPartError):
        return None
    return None if match(expected, made, look.template) else made


def as_told(expected: Expectation, actual: Any, look: Look) -> Any:
    """A value that an expectation is met by, made from another. Raises CannotMakeError, MissingPartError."""
    if isinstance(expected, Literal):
        return expected.value
    if isinstance(expected, Bound):
        return look.template(expected.template)
    if isinstance(expected, Fields):
        made = dict(actual) if isinstance(actual, Mapping) else {}
        for key, inner in expected.entries:
            name = key if isinstance(key, str) else str(look.template(key))
            made[name] = as_told(inner, made.get(name), look)
        return made
    if isinstance(expected, Items):
        held = list(actual) if isinstance(actual, list) else []
        padded = [*held, *[None] * len(expected.items)]
        return [as_told(inner, item, look) for inner, item in zip(expected.items, padded, strict=False)]
    return _of_matchers(expected, actual, look)


def _of_matchers(expected: Matchers, actual: Any, look: Look) -> Any:
    if actual is not None and not match(expected, actual, look.template):
        return actual
    if len(expected.tests) != 1:
        raise CannotMakeError
    test = expected.tests[0]
    first = test.operands[0] if test.operands else None
    if test.word in ("$in", "$either", "$contains") and first is not None:
        return as_told(first, actual, look)
    if test.word == "$decimal" and isinstance(first, Literal | Bound):
        return str(as_told(first, actual, look))
    if test.word == "$some" and first is not None:
        items = actual if isinstance(actual, list) and actual else [None]
        return [as_told(first, items[0], look), *items[1:]]
    raise CannotMakeError
