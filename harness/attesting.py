"""Replaying a case on what a customer sent: a partial recording that nobody made for it (RUNS: evidence).

`given` is taken as done. What the evidence has no events for is *not shown*, and is left out of the run; the
symptom's own step or check never is. Facts of actors and markets are bound by the sends, so the case is
replayed until no send binds anything new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.binding import Bindings, evidence_facts
from harness.case.actions import ChainSend, Listen, Market, Wait
from harness.case.values import Case, Part, Repeat, Role, Row, Step, Together, flat
from harness.facts import Facts
from harness.model import Event, Kind, Source
from harness.replayer import ReplayWorld
from harness.run import Run, Runner
from harness.scope import Scope
from harness.seal import Cassette
from harness.stage import Observer

_PASSES: Final = 64
"""A send binds a few facts at a time, so that many passes are as many facts: no case has so many actors."""


@dataclass(frozen=True, slots=True)
class Attested:
    """A case's run on evidence: what it came to, and what the evidence does not show."""

    run: Run
    world: ReplayWorld
    scope: Scope
    facts: Facts
    not_shown: tuple[str, ...]


def attest(
    case: Case, cassette: Cassette, observer: Observer | None = None, row: Row | None = None
) -> Attested:
    """Replay a case on evidence. Raises CassetteStale where it sends something else than the customer did."""
    header = cassette.header
    bindings = Bindings()
    for kind in ("actors", "markets"):
        bindings.known(header.inputs.get(kind, {}))
    shown, not_shown = _shown(case, cassette.events)
    values = dict(row.values) if row is not None else {}
    for _ in range(_PASSES):
        before = dict(bindings.values)
        actors = {
            actor.name: bindings.actor(actor.name, actor.wallet_in(values)) for actor in case.cast.actors
        }
        given = values | dict(_markets(case, bindings)) | dict(_transactions(case, not_shown, bindings))
        facts = evidence_facts(header, actors)
        world = ReplayWorld(cassette.events, bindings.differences)
        runner = Runner(shown, world, facts, lambda subject: True, observer, given)
        run = runner.run()
        if bindings.values == before:
            break
    return Attested(run, world, runner.scope, facts, not_shown)


def _markets(case: Case, bindings: Bindings) -> Iterator[tuple[str, Any]]:
    """The markets that `given` saves, as far as they are known."""
    for step in case.in_role(Role.GIVEN):
        if isinstance(step.action, Market):
            for save in step.save:
                count = step.action.fields.get("count")
                fields = {key: value for key, value in step.action.fields.items() if key != "count"}
                if isinstance(count, int):
                    yield save.name, [bindings.market(f"{save.name}[{at}]", fields) for at in range(count)]
                else:
                    yield save.name, bindings.market(save.name, fields)


def _transactions(
    case: Case, not_shown: Sequence[str], bindings: Bindings
) -> Iterator[tuple[str, dict[str, str]]]:
    """What was sent to the chain, where the evidence has no send of it: a receipt tells its hash."""
    unseen = [step for step in case.in_role(Role.STEPS) if step.id in not_shown]
    for step in (*case.in_role(Role.GIVEN), *unseen):
        if isinstance(step.action, ChainSend):
            yield step.id, bindings.transaction(step.id)


def _shown(case: Case, events: Sequence[Event]) -> tuple[Case, tuple[str, ...]]:
    """The case without `given`, `finally` and what the evidence has no events for; and the names of those."""
    sent = {event.step for event in events if event.kind is Kind.SEND}
    heard = {event.source for event in events if event.kind in (Kind.PUSH, Kind.OPEN, Kind.CLOSED)}
    parts = tuple(_kept(case.parts_in(Role.STEPS), sent, heard, case.symptom.subject))
    kept = {step.id for step in flat(parts)}
    dropped = tuple(step.id for step in case.in_role(Role.STEPS) if step.id not in kept)
    return replace(case, parts=parts), dropped


def _kept(parts: Iterable[Part], sent: set[str], heard: set[Source], subject: str) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Step):
            if part.id == subject or _is_shown(part, sent, heard):
                yield part
        elif isinstance(part, Repeat | Together):
            inside = tuple(_kept(part.parts, sent, heard, subject))
            if inside or part.id == subject:
                yield replace(part, parts=inside)


def _is_shown(step: Step, sent: set[str], heard: set[Source]) -> bool:
    if isinstance(step.action, Listen):
        return step.source in heard
    return isinstance(step.action, Wait) or step.id in sent
