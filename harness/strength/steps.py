"""What the steps of a case name in the events that decided them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from harness import acts
from harness.case import actions
from harness.case.values import Role, Step
from harness.errors import HarnessError
from harness.finding import Finding
from harness.matchers import Expectation, match, mentions
from harness.model import Event, Kind
from harness.references import MissingPartError
from harness.scope import Look
from harness.strength.atoms import GONE, Path, at, atoms_of, leaves, view_of
from harness.strength.naming import Named, parts_named
from harness.strength.played import Played

INSTEAD: Final = ("$nothing", "$lost", "$closed", "$refused")
Whole = tuple[Path, Any]
"""One thing that a step took: where it stands in its event, and what it shows."""


def named_by_steps(played: Played) -> Iterator[Named]:
    """Every part of an event that a step of `steps` names."""
    for step in played.case.in_role(Role.STEPS):
        finding = played.run.findings.get(step.id)
        if finding is None or not finding.holds:
            continue
        try:
            look = played.look(step)
            left = step.count or 1
            for event in played.decided(finding):
                if event.kind not in (Kind.PUSH, Kind.ANSWER):
                    continue  # the end of a connection has no parts
                came = taken(played, step, event, look)
                if event.kind is Kind.PUSH:
                    came = came[:left]  # a wait takes the first, or the first so many
                    left -= len(came)
                yield from _in_event(played, step, finding, event, look, came)
        except (MissingPartError, HarnessError):
            continue  # what a round that is over named cannot be looked up again


def _in_event(
    played: Played, step: Step, finding: Finding, event: Event, look: Look, came: list[Whole]
) -> Iterator[Named]:
    arrived_us = played.arrived(event.at_us)
    until = step.resend.until if step.resend is not None else None
    expected = [each for each in (until, step.where, step.expect) if each is not None]
    expected = [each for each in expected if not mentions(each, *INSTEAD)]
    translate = _translation(played, step, event, look)
    for prefix, view in came:
        for each in expected:
            for path, part in parts_named(each, view, look, prefix):
                for where in translate(path):
                    shown = None if where == path else _showing(played, step, path, look)
                    yield Named(step.id, event.number, where, part, look, arrived_us, shown=shown)
        if event.number == max(finding.events):
            for save in step.save:
                for where in translate((*prefix, *save.path)):
                    yield Named(step.id, event.number, where, None, look)


def taken(played: Played, step: Step, event: Event, look: Look) -> list[Whole]:
    """What a step took of an event: the messages, entries or logs that it selects, or the whole answer."""
    chosen = step.where or (None if step.expect and mentions(step.expect, *INSTEAD) else step.expect)
    view = _shown(played, step, event, look)
    if event.kind is Kind.PUSH or isinstance(step.action, actions.ChainEvents):
        return _selected(view, (), chosen, look, played.arrived(event.at_us))
    call = step.action
    if isinstance(call, actions.RestCall) and step.where is not None and not call.writes:
        prefix: Path = ("body", "data") if isinstance(at(view, ("body",)), dict) else ("body",)
        return _selected(at(view, prefix, ()), prefix, step.where, look, played.arrived(event.at_us))
    return [((), view)]


def _selected(
    items: Any, prefix: Path, chosen: Expectation | None, look: Look, arrived_us: int
) -> list[Whole]:
    return [
        ((*prefix, place), item)
        for place, item in enumerate(items or ())
        if chosen is None or not match(chosen, item, look.template, arrived_us=arrived_us)
    ]


def _shown(played: Played, step: Step, event: Event, look: Look) -> Any:
    """What an event shows to a step, as its own action reads it."""
    if event.kind is Kind.PUSH or event.source.channel.startswith("rest"):
        return view_of(event)
    return _read(played, step, event, look)


def _read(played: Played, step: Step, event: Event, look: Look) -> Any:
    since = getattr(step.action, "since", None)
    block = acts.block_before(played.events, since) if since else None
    return acts.act(step, look, played.facts.chain, block).read(event).view


def _showing(played: Played, step: Step, path: Path, look: Look) -> Callable[[Event], Any]:
    return lambda event: at(_shown(played, step, event, look), path, GONE)


def _translation(played: Played, step: Step, event: Event, look: Look) -> Any:
    """From a path in what a step sees to the paths of the atoms behind it."""
    match step.action:
        case actions.ChainEvents():
            return lambda path: [("logs", *path)]
        case actions.ChainReceipt():
            return lambda path: [("receipt",) if path == ("mined",) else ("receipt", *path)]
        case actions.ChainCall():
            return lambda path: [("values", 0, *path[1:]) if path[:1] == ("value",) else path]
        case actions.Own():
            return lambda path: [("value", *path)]
        case actions.ChainBalances() | actions.ChainAllowances():
            behind = _words_behind(played, step, event, look)
            return lambda path: behind.get(path, [])
        case actions.TargetVerb() | actions.Market() | actions.Fund():
            wire = event.data.get("wire", {})
            name = next((name for name in ("market", "markets", "funded") if name in wire), None)
            return lambda path: [path if name is None else (name, *path)]
    return lambda path: [path]


def _words_behind(played: Played, step: Step, event: Event, look: Look) -> dict[Path, list[Path]]:
    """Which word of a node's answer stands behind each number that a step sees: by changing it."""
    shown = leaves(_read(played, step, event, look))
    behind: dict[Path, list[Path]] = {}
    for path, atom in atoms_of(event).items():
        if atom.kind != "amount":
            continue
        other = leaves(_read(played, step, atom.write(atom.value ^ 1), look))
        for where in [where for where, value in shown.items() if other.get(where, value) != value]:
            behind.setdefault(where, []).append(path)
    return behind
