"""What one step or check cannot know by itself: ids, references, symptom and witness of the whole case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.case import actions, offers, rules, shapes, words
from harness.case.channels import Cast
from harness.case.form import held_in, templates_in
from harness.case.manners import manner_of
from harness.case.offers import hint
from harness.case.values import Case, Check, Part, Repeat, Role, Row, Step, Symptom, flat
from harness.case.varying import Permute, Vary
from harness.case.written import Unread, Written
from harness.errors import Place, Problem
from harness.matchers import references_of
from harness.model import Source
from harness.references import Template

BUILT_IN: Final = frozenset({"now", "uid", "each", "contracts"})
NAME: Final = re.compile(words.NAME)
_OWN_ID: Final = re.compile(rf"(?:{'|'.join(Role)})\.[0-9.]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """What of a case reads. `written` are the names of the file, read or not; `whole` says that every part
    and check reads: of a file that does not, less can be said.
    """

    path: str
    line: int
    cast: Cast
    parts: tuple[Part, ...]
    checks: tuple[Check, ...]
    symptom: Symptom | None
    rows: tuple[Row, ...]
    vary: tuple[Vary, ...]
    written: Written = field(default_factory=Written)
    whole: bool = True

    @classmethod
    def of(cls, case: Case) -> Draft:
        """A case that reads in full."""
        return cls(
            case.path, case.line, case.cast, case.parts, case.checks, case.symptom, case.rows, case.vary
        )

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, groups opened."""
        return tuple(flat(self.parts))

    @property
    def unread(self) -> Unread:
        """The names that may be those of parts that do not read: nothing can be said of them."""
        read = {part.id for part, _ in _every(self.parts)} | {check.id for check in self.checks}
        return Unread(self.written, read | {save.name for step in self.steps for save in step.save})

    @property
    def columns(self) -> tuple[str, ...]:
        """The names that rows and varied inputs give."""
        return (*(self.rows[0].values if self.rows else ()), *(vary.name for vary in self.vary))


def errors(draft: Draft) -> list[Problem]:
    """Everything that makes the case invalid although each part of it reads well."""
    used = _used(draft)
    return [
        *_repeated_ids(draft),
        *offers.unknown_references(draft.cast, draft.columns, draft.parts, draft.checks, draft.unread),
        *_named(draft),
        *_after(draft),
        *_symptom(draft),
        *_unheard(draft),
        *(problem for step in draft.steps for problem in _empty(step, used if draft.whole else None)),
        *(problem for step in draft.steps for problem in shapes.of_step(step, draft.cast)),
        *(problem for check in draft.checks for problem in shapes.of_check(check, draft.cast)),
    ]


def warnings(case: Case) -> list[Problem]:
    """What does no harm and should not be there."""
    draft = Draft.of(case)
    used = _used(draft) | {vary.name for vary in case.vary if isinstance(vary.strategy, Permute)}
    found = [
        Problem(save.place, "W001", f"{save.name!r} is saved and nobody uses it: use it or drop it")
        for step in draft.steps
        for save in step.save
        if save.name not in used and not isinstance(step.action, actions.Market)
    ]
    place = Place(draft.path, draft.line, 1)
    for name in draft.columns:
        if name not in used:
            found.append(Problem(place, "W002", f"the column {name!r} is used by nobody: use it or drop it"))
    return found


def _repeated_ids(draft: Draft) -> Iterator[Problem]:
    top = Place(draft.path, draft.line, 1)
    named: list[tuple[str, Place, str]] = [(actor.name, top, "actor") for actor in draft.cast.actors]
    named += [(name, top, "column") for name in draft.columns]
    named += [(part.id, part.place, what) for part, what in _every(draft.parts)]
    named += [(check.id, check.place, "check") for check in draft.checks]
    named += [(save.name, save.place, "saved name") for step in draft.steps for save in step.save]
    taken: dict[str, str] = {}
    for name, place, what in named:
        if name in taken:
            text = f"the {what} {name!r} is taken: {taken[name]} already gives this name"
            yield Problem(place, "C011", text)
        elif name in BUILT_IN:
            yield Problem(place, "C011", f"the {what} {name!r} is taken: every case has it built in")
        elif not NAME.fullmatch(name) and not _OWN_ID.fullmatch(name):
            text = (
                f"the {what} {name!r} cannot be referred to: use letters, digits, _ and -, as in first-fill"
            )
            yield Problem(place, "C012", text)
        taken.setdefault(name, f"{place}" if place is not top else f"{_A[what]} of the case")


_A: Final = {"actor": "an actor", "column": "a column"}


def _every(parts: Iterable[Part]) -> Iterator[tuple[Part, str]]:
    for part in parts:
        yield part, "step" if isinstance(part, Step) else "group"
        if not isinstance(part, Step):
            yield from _every(part.parts)


def _named(draft: Draft) -> Iterator[Problem]:
    symptom = draft.symptom
    parts = {part.id for part, _ in _every(draft.parts)}
    checks = {check.id for check in draft.checks}
    if symptom is None or (symptom.step is not None and symptom.check is not None):
        return
    for name, known, what in (
        (symptom.step, parts, "step"),
        (symptom.check, checks, "check"),
        (symptom.witness, parts | checks, "step or check"),
    ):
        nothing_done = what == "step" and not any(part.role is Role.STEPS for part in draft.parts)
        if name is not None and name not in known and name not in draft.unread and not nothing_done:
            text = f"the symptom names the {what} {name!r}, which is not there; {hint(name, known, 'known')}"
            yield Problem(symptom.place, "C013", text)
    if symptom.witness is not None and symptom.witness == symptom.subject:
        yield Problem(symptom.place, "C014", "the witness is another step or check than the one that fails")
    if any(part.id == symptom.step and part.role is not Role.STEPS for part, _ in _every(draft.parts)):
        text = f"the symptom names {symptom.step!r}, which is not one of 'steps'"
        yield Problem(symptom.place, "C013", text)


def _after(draft: Draft) -> Iterator[Problem]:
    """`after` and `since` name a step that stands before."""
    before: list[str] = []
    in_order: tuple[Step | Check, ...] = (
        *(step for step in draft.steps if step.role is not Role.FINALLY),
        *draft.checks,
        *(step for step in draft.steps if step.role is Role.FINALLY),
    )
    for each in in_order:
        for word, name in _named_before(each):
            if name not in before and name not in draft.unread:
                text = f"{word!r} names the step {name!r}, and no such step stands before it; "
                yield Problem(each.place, "C013", text + hint(name, before, "known here"))
        if isinstance(each, Step):
            before.append(each.id)


def _named_before(each: Step | Check) -> Iterator[tuple[str, str]]:
    if each.after is not None:
        yield "after", each.after
    held = each.action if isinstance(each, Step) else each.rule
    since = getattr(held, "since", None)
    if since is not None:
        yield "since", since
    if isinstance(each, Check):
        for name in rules.names_of(each.rule):
            if name != since:
                yield "step", name


def _symptom(draft: Draft) -> Iterator[Problem]:
    symptom = draft.symptom
    for expectation in (symptom.shows, symptom.seen) if symptom is not None else ():
        for each in references_of(expectation) if expectation is not None else ():
            if set(each.names) <= set(draft.columns):
                continue
            text = f"a symptom holds what was seen once, so no references: write the value of {each}"
            yield Problem(each.place, "C025", text)


def _unheard(draft: Draft) -> Iterator[Problem]:
    """Waits on a stream that nobody opened, and holders who are no actors."""
    opened: set[Source] = set()
    for step in draft.steps:
        action = step.action
        if not isinstance(action, actions.Listen):
            opened.add(step.source)
        elif step.source not in opened and draft.whole:
            text = f"step {step.id!r} waits on {step.source}, and no step before it opens that"
            yield Problem(step.place, "C026", text)
        holders: list[str] = []
        if isinstance(action, actions.ChainBalances | actions.ChainAllowances):
            holders = [name for name, _ in action.holders if isinstance(name, str)]
        elif isinstance(action, actions.Fund):
            holders = list(action.amounts)
        for name in holders:
            if name not in draft.cast.names and not name.startswith("0x"):
                text = f"nobody is called {name!r}; actors are {', '.join(draft.cast.names) or 'none'}"
                yield Problem(step.place, "C008", text)


def _empty(step: Step, used: set[str] | None) -> Iterator[Problem]:
    """What checks nothing; `used` are the names that anything uses, None where that is not known."""
    action, manner = step.action, manner_of(step.action)
    if manner == "listen" and step.expect is None and step.where is None and step.never is None:
        text = f"step {step.id!r} waits for nothing: it has no 'where', 'expect' or 'never'"
        yield Problem(step.place, "C015", text)
    if isinstance(action, actions.Listen | actions.ChainEvents) and step.within_us is None:
        yield Problem(step.place, "C003", f"step {step.id!r} waits, so it says how long, such as within: 5s")
    judged = step.expect is not None or step.never is not None or step.resend is not None or step.save
    silent = manner in ("write", "read", "look", "transact") and not judged and step.where is None
    silent = silent and (action.reads if isinstance(action, actions.Own) else True)  # a call can fail
    if silent and step.role is not Role.FINALLY and used is not None and step.id not in used:
        text = f"step {step.id!r} checks nothing, and nothing uses what it sends: give it an 'expect'"
        yield Problem(step.place, "C015", text)


def _used(draft: Draft) -> set[str]:
    wallets = [actor.wallet for actor in draft.cast.actors]
    templates = [wallet for wallet in wallets if isinstance(wallet, Template)]
    for part, _ in _every(draft.parts):
        if isinstance(part, Step):
            templates += [*in_action(part), *in_expectations(part)]
        elif isinstance(part, Repeat):
            templates += templates_in(part.items)
    names: set[str] = set()
    for check in draft.checks:
        templates += rules.templates_of(check.rule)
        names |= set(rules.names_of(check.rule))
    symptom = draft.symptom
    for expectation in (symptom.shows, symptom.seen) if symptom is not None else ():
        templates += references_of(expectation) if expectation is not None else ()
    return names | {name for template in templates for name in template.names}


def in_action(step: Step) -> Iterator[Template]:
    """The templates in what a step does."""
    yield from templates_in(held_in(step.action))


def in_expectations(step: Step) -> Iterator[Template]:
    """The templates in what a step expects."""
    until = step.resend.until if step.resend is not None else None
    for expectation in (step.where, step.expect, step.never, until):
        if expectation is not None:
            yield from references_of(expectation)
