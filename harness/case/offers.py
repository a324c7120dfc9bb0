"""What each name of a case offers to references, and the references that lead to nothing."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.case import actions, rules
from harness.case.channels import Cast
from harness.case.form import held_in, templates_in
from harness.case.kinds.chain import CONTRACTS
from harness.case.values import Check, Part, Repeat, Role, Step
from harness.errors import Problem
from harness.matchers import nearest, references_of
from harness.references import Template

ACTOR_PARTS: Final = ("address", "api_key", "proxy", "safe", "deposit_wallet", "funder", "wallet")
MARKET_PARTS: Final = (
    *("yes", "no", "condition", "question_id", "symbol", "tick", "min_size", "oracle", "question"),
    *("slug", "neg_risk", "fee_rate", "fee_exponent", "taker_delay_ms", "seconds_delay"),
)

Parts = tuple[str, ...]
"""The first parts that a name offers; none where they are not known beforehand."""


@dataclass(slots=True)
class Known:
    """The names known at one point of a case, in the order in which they come up.

    `unread` are those that may stand in parts of the file that do not read: nothing is said of them.
    """

    unread: Container[str]
    offers: dict[str, Parts] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    each: int = 0


def unknown_references(
    cast: Cast,
    columns: Iterable[str],
    parts: tuple[Part, ...],
    checks: tuple[Check, ...],
    unread: Container[str],
) -> Iterator[Problem]:
    """Every reference to a name, or a part of a name, that nothing before it gives."""
    known = Known(unread)
    known.offers |= {actor.name: ACTOR_PARTS for actor in cast.actors}
    known.offers |= dict.fromkeys((*columns, "now", "uid"), ())
    known.offers["contracts"] = CONTRACTS
    last = tuple(part for part in parts if part.role is Role.FINALLY)
    yield from _in_parts(tuple(part for part in parts if part.role is not Role.FINALLY), known)
    for check in checks:
        for each in rules.templates_of(check.rule):
            yield from _unknown(each, known)
    yield from _in_parts(last, known)


def _in_parts(parts: tuple[Part, ...], known: Known) -> Iterator[Problem]:
    for part in parts:
        if isinstance(part, Step):
            yield from _in_step(part, known)
            continue
        if isinstance(part, Repeat):
            for each in templates_in(part.items):
                yield from _unknown(each, known)
            known.each += 1
        yield from _in_parts(part.parts, known)
        if isinstance(part, Repeat):
            known.each -= 1
            known.groups.add(part.id)
        known.offers[part.id] = ()


def _in_step(step: Step, known: Known) -> Iterator[Problem]:
    for each in templates_in(held_in(step.action)):
        yield from _unknown(each, known)
    known.offers[step.id] = _offered(step)
    until = step.resend.until if step.resend is not None else None
    for expectation in (step.where, step.expect, step.never, until):
        for each in references_of(expectation) if expectation is not None else ():
            yield from _unknown(each, known)
            if "uid" in each.names:
                text = "${uid} is new at each use, so nothing that comes can equal it: refer to what was sent"
                yield Problem(each.place, "C027", text)
    for save in step.save:
        known.offers[save.name] = MARKET_PARTS if _one_market(step) else ()


def _one_market(step: Step) -> bool:
    return isinstance(step.action, actions.Market) and "count" not in step.action.fields


def _offered(step: Step) -> Parts:
    action = step.action
    if isinstance(action, actions.RestCall):
        one = ("order_id",) if action.order is not None else ()
        several = ("order_ids",) if action.orders else ()
        return ("sent", "got", *one, *several)
    if isinstance(action, actions.ChainSend):
        return ("sent", "got", "transaction")
    return ()


def _unknown(template: Template, known: Known) -> Iterator[Problem]:
    for reference in template.references:
        name, offers = reference.root, known.offers
        if name == "each" and known.each:
            continue
        if name not in offers:
            if name in known.unread:
                continue
            where = hint(name, offers, "known here")
            if name == "each":
                where = "it is the entry or the number of a round, inside 'repeat'"
            text = f"${{{name}}} refers to nothing that stands before it; {where}"
            yield Problem(template.place, "C010", text)
        elif offers[name] and reference.path and reference.path[0] not in offers[name]:
            part = str(reference.path[0])
            text = f"{reference}: {name!r} has no {part!r}; {hint(part, offers[name], 'it has')}"
            yield Problem(template.place, "C010", text)
        elif name in known.groups and reference.path and isinstance(reference.path[0], str):
            text = f"{reference}: {name!r} is a group of rounds: ${{{name}[*].…}} is all, [0] the first"
            yield Problem(template.place, "C010", text)


def hint(word: str, known: Collection[str], what: str) -> str:
    """The nearest right word, or all of them; steps without an id of their own cannot be named."""
    known = [name for name in known if "." not in name]
    close = nearest(word, sorted(known))
    verb = "" if what == "it has" else " are"
    return f"did you mean {close!r}?" if close else f"{what}{verb} {', '.join(sorted(known)) or 'none'}"
