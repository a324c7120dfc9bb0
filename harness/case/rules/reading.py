"""The table of rules, and reading one entry of `checks:` by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from harness.case.channels import Cast
from harness.case.form import Form, held_in, templates_in
from harness.case.rules.selecting import ANY_REST
from harness.case.rules.table import COMMON, RULES
from harness.case.rules.values import Book, Flows, Happens, Ledger, Never, OwnRule, Rule, Selection
from harness.case.words import names
from harness.errors import Problem
from harness.matchers import Bound, Expectation, Fields, Items, Literal, Matchers, references_of
from harness.model import Source
from harness.references import Template
from harness.strictyaml import Node

if TYPE_CHECKING:  # both import this package: a check holds a rule, and a rule is read for a check
    from harness.case.additions import Addition
    from harness.case.values import Check


def read_check(
    node: Node, cast: Cast, problems: list[Problem], own: Mapping[str, Addition] | None = None
) -> Check | None:
    """Read one entry of `checks:`; None where it is too broken to go on (its problems are noted).

    `own` are the checks that the project added.
    """
    from harness.case.values import DEFAULT_EVERY_US, Check

    added = own or {}
    known = (*RULES, *(name for name in added if name not in RULES))
    before = len(problems)
    form = Form(node, problems, "a check", (*names(COMMON), *known))
    form.required("id", "a check is named in findings and in the symptom")
    said = [name for name in known if name in form]
    if len(said) != 1:
        if form.readable and (said or not _misspelt(problems[before:])):
            text = f"a check is one of {', '.join(known)}, not {len(said)} of them"
            form.problem(form.place, "C007", text)
        return None
    rule = _rule(form, said[0], cast, added)
    if rule is not None:
        _waiting(form, said[0], rule)
    check_id, within_us = form.text("id"), form.duration("within")
    watch_us, every_us, after = form.duration("watch"), form.duration("every"), form.text("after")
    if len(problems) > before or rule is None:
        return None
    every = every_us or DEFAULT_EVERY_US
    return Check(check_id or "", form.place, rule, within_us, watch_us, every, after)


def _misspelt(noted: list[Problem]) -> bool:
    """Whether a rule's word was misspelt: that is told already, with the right one."""
    return any(problem.code == "C001" for problem in noted)


def _rule(form: Form, name: str, cast: Cast, added: Mapping[str, Addition]) -> Rule | None:
    node = form.node(name)
    if node is None:
        return None
    if name in RULES:
        return RULES[name].read(form, node, cast)
    from harness.case.additions import arguments_of

    arguments = arguments_of(form, added[name])
    return None if arguments is None else OwnRule(name, arguments, added[name].function)


def _waiting(form: Form, name: str, rule: Rule) -> None:
    """Note a check that waits and does not say how long, and words that would then mean nothing."""
    if "within" in form:
        return
    reads = isinstance(rule, Book) and rule.rest
    reads = reads or any(each.source.channel == "chain" for each in selections_of(rule))
    if (name in RULES and RULES[name].waits) or reads:
        why = "it reads the chain or the exchange" if reads else "it waits"
        form.required("within", f"{why}, so it says how long, such as within: 5s")
        return
    for word in ("watch", "every"):
        if word in form:
            text = (
                f"{word!r} means nothing without 'within': the check judges what came until the steps ended"
            )
            form.problem(form.place_of(word), "C023", text)


def selections_of(rule: Rule) -> tuple[Selection, ...]:
    """The selections that a rule stands on, its witness last."""
    if isinstance(rule, Happens):
        return rule.selections
    found = [getattr(rule, "selection", None)]
    if isinstance(rule, Flows | Never):
        found.append(rule.witness)
    return tuple(each for each in found if each is not None)


def expectations_of(rule: Rule) -> Iterator[Expectation]:
    """Every expectation inside a rule."""
    for each in selections_of(rule):
        if each.where is not None:
            yield each.where
    for held in held_in(rule):
        if isinstance(held, Literal | Bound | Fields | Items | Matchers):
            yield held


def templates_of(rule: Rule) -> Iterator[Template]:
    """Every text with references inside a rule, those of its expectations too."""
    for held in held_in(rule):
        yield from templates_in(dict(held) if isinstance(held, Mapping) else held)
    for expectation in expectations_of(rule):
        yield from references_of(expectation)


def names_of(rule: Rule) -> tuple[str, ...]:
    """The ids of the steps that a rule names."""
    since = (rule.since,) if isinstance(rule, Ledger) else ()
    steps = (each.step for each in selections_of(rule))
    return tuple(dict.fromkeys(name for name in (*since, *steps) if name is not None))


def watched_sources(rule: Rule, cast: Cast) -> tuple[Source, ...]:
    """The streams that a rule needs kept open: of every actor where it names none."""
    named = [each.source for each in selections_of(rule)]
    own = getattr(rule, "source", None)
    if isinstance(own, Source):
        named.append(own)
    if isinstance(rule, Ledger) and rule.fills == "ws":
        named.append(Source("ws.user", rule.of))
    found: list[Source] = []
    for source in named:
        if source.channel.partition(".")[0] in ("ws", "fix") and source.channel != ANY_REST:
            actors = (source.actor,) if source.actor else ("", *cast.names)
            found += [Source(source.channel, actor) for actor in actors]
    return tuple(dict.fromkeys(found))
