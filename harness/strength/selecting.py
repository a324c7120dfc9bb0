"""What the checks name that stand on a selection of events: what selects, and what is asked of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from harness.case.rules import values as rules
from harness.case.values import Check
from harness.checks.choosing import Told
from harness.checks.once import fill_of
from harness.finding import Finding
from harness.matchers import Expectation, match
from harness.model import Event, Kind
from harness.references import Star
from harness.strength.atoms import GONE, Path, at
from harness.strength.chain import logs_of
from harness.strength.naming import Found, Named, parts_named, read_by
from harness.strength.operators import DROPPED
from harness.strength.played import Played

Reader = Callable[[Played, Check, Finding], Found]
"""The parts of a recording that one kind of check reads."""


def _always(played: Played, check: Check, finding: Finding) -> Found:
    """What is expected of every selected event; what selects it, where it is the only one."""
    rule = check.rule
    assert isinstance(rule, rules.Always)
    told = played.selected(check, rule.selection, finding)
    for each in told:
        yield from _expected(played, check, each, rule.expect)
    yield from _selecting(played, check, rule.selection, told)


def _adds_up(played: Played, check: Check, finding: Finding) -> Found:
    """Every part and the total of every selected event."""
    rule = check.rule
    assert isinstance(rule, rules.AddsUp)
    told = played.selected(check, rule.selection, finding)
    for each in told:
        for part in (*rule.parts, rule.total):
            for path in _spread(part, each.view) if isinstance(part, tuple) else ():
                yield read_by(check, each.number, (*_place(played, each), *path))
    yield from _selecting(played, check, rule.selection, told)


def _spread(path: rules.Path, view: Any, before: Path = ()) -> Iterator[Path]:
    """A path with `[*]` in it as the paths of all the values that it leads to."""
    if not path:
        lists = range(len(view)) if isinstance(view, list) else None
        yield from [before] if lists is None else [(*before, place) for place in lists]
        return
    first, *rest = path
    if isinstance(first, Star):
        for place, item in enumerate(view if isinstance(view, list | tuple) else ()):
            yield from _spread(tuple(rest), item, (*before, place))
    else:
        yield from _spread(tuple(rest), at(view, (first,)), (*before, first))


def _once(played: Played, check: Check, finding: Finding) -> Found:
    """The key of every effect, that it is there; what a fill says, where it is told again; with `count`, what
    selects each of them."""
    rule = check.rule
    assert isinstance(rule, rules.ExactlyOnce)
    told = played.selected(check, rule.selection, finding)
    effects = [_content(each) for each in told]
    for each, effect in zip(told, effects, strict=True):
        for key in rule.key:
            for path in _spread(key, each.view):
                yield read_by(check, each.number, (*_place(played, each), *path), DROPPED)
        if not rule.key and effect is not None and effects.count(effect) > 1:
            for name in ("OrderID", "LastQty", "LastPx", "Side"):
                yield read_by(check, each.number, (*_place(played, each), "ExecutionReport", name))
    counted = rule.count is not None and rule.count == len(told)
    yield from _selecting(played, check, rule.selection, told, needed=counted)


def _content(told: Told) -> Any:
    """What names the fill of a FIX report."""
    report = fill_of(told.view)
    return None if report is None else report.get("ExecID")


def _happens(played: Played, check: Check, finding: Finding) -> Found:
    """What selects the first event of each selection, where no other could stand for it."""
    rule = check.rule
    assert isinstance(rule, rules.Happens)
    for selection in rule.selections:
        yield from _selecting(played, check, selection, played.selected(check, selection)[:1])


def _flows(played: Played, check: Check, finding: Finding) -> Found:
    """What selects the messages, where one less is too few."""
    rule = check.rule
    assert isinstance(rule, rules.Flows)
    told = played.selected(check, rule.selection, finding)
    look = played.look_of(check)
    fewer = rule.count is not None and bool(match(rule.count, len(told) - 1, look.template))
    yield from _selecting(played, check, rule.selection, told, needed=fewer)


def _selecting(
    played: Played, check: Check, selection: rules.Selection, told: list[Told], *, needed: bool = False
) -> Found:
    """What selects some events, where each is needed, or there is no other that is selected."""
    if selection.where is None or not (needed or len(played.selected(check, selection)) == 1):
        return
    for each in told:
        if selection.where is not None:
            yield from _expected(played, check, each, selection.where)


def _expected(played: Played, check: Check, told: Told, expected: Expectation) -> Found:
    look, arrived_us = played.look_of(check), played.arrived(told.at_us)
    place = _place(played, told)
    for path, part in parts_named(expected, told.view, look):
        shown = (lambda event, path=path: _told_by(event, told, path)) if place[:1] == ("logs",) else None
        yield Named(check.id, told.number, (*place, *path), part, look, arrived_us, shown=shown)


def _told_by(event: Event, told: Told, path: Path) -> Any:
    """A part of a log in a changed look; GONE where the log is."""
    views = [log.view() for _, log in logs_of(event) if (log.transaction, log.index) == told.key]
    return at(views[0], path, GONE) if views else GONE


def _place(played: Played, told: Told) -> Path:
    """Where what was told stands in its event."""
    event = played.events[told.number]
    if event.kind is Kind.PUSH:
        return (int(told.key[1]),)
    if "answers" not in event.data.get("wire", {}):
        return ()
    places = [place for place, log in logs_of(event) if (log.transaction, log.index) == told.key]
    return ("logs", places[0]) if places else ("logs",)


READERS: Final[dict[type, Reader]] = {
    rules.Always: _always,
    rules.AddsUp: _adds_up,
    rules.ExactlyOnce: _once,
    rules.Happens: _happens,
    rules.Flows: _flows,
}
