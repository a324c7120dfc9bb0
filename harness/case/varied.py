"""Varied inputs in their case: the market whose tick they keep, and the steps whose order they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from harness.case.actions import FixSay, Listen, Market, WsSay
from harness.case.form import templates_in
from harness.case.lint import Draft, in_action, in_expectations
from harness.case.offers import hint
from harness.case.values import Case, Part, Repeat, Role, Step, flat
from harness.case.varying import OnTick, Permute, Vary
from harness.errors import Problem
from harness.references import Template


def in_order(parts: tuple[Part, ...], vary: Sequence[Vary]) -> tuple[Part, ...]:
    """The parts of a case, those that a permutation names in its example's order."""
    for each in vary:
        if isinstance(each.strategy, Permute):
            parts = _permuted(parts, each.example)
    return parts


def with_inputs(case: Case, values: Mapping[str, Any]) -> Case:
    """The case with other examples: what `explore` runs. `values` has one for each varied input."""
    vary = tuple(replace(each, example=values[each.name]) for each in case.vary)
    return replace(case, vary=vary, parts=in_order(case.parts, vary))


def tick_of(parts: tuple[Part, ...], market: str, values: Mapping[str, Any]) -> Decimal:
    """The tick of a saved market; `values` are the columns and inputs that it may refer to.

    Raises KeyError where it cannot be known (ours: it is looked at when the case is read).
    """
    tick = _said_tick(parts, market)
    if isinstance(tick, Template) and tick.whole is not None:
        tick = values[tick.whole.root]
    if not _is_tick(tick):
        raise KeyError(market)
    return Decimal(tick)


def problems(draft: Draft) -> Iterator[Problem]:
    """What varied inputs name and is not there, or cannot be varied."""
    for vary in draft.vary:
        if isinstance(vary.strategy, OnTick):
            yield from _on_tick(draft, vary, vary.strategy)
        elif isinstance(vary.strategy, Permute):
            yield from _permute(draft, vary, vary.strategy)


def _on_tick(draft: Draft, vary: Vary, strategy: OnTick) -> Iterator[Problem]:
    name = strategy.market
    saved = [save.name for step in draft.steps if isinstance(step.action, Market) for save in step.save]
    if name not in saved:
        if name not in draft.unread:
            text = f"'on_tick' names the market {name!r}, which no step saves; "
            yield Problem(vary.place, "C060", text + hint(name, saved, "known"))
        return
    tick = _said_tick(draft.parts, name)
    ticks = list(_ticks(draft, vary, tick)) if isinstance(tick, Template) else [tick]
    if not ticks or not all(map(_is_tick, ticks)):
        text = f"the tick of {name!r} is not known: its step says a number or a column, as in "
        yield Problem(vary.place, "C060", text + "market: {tick: 0.01}")
        return
    for each in ticks:
        grid = strategy.grid(Decimal(each))
        if grid is None:
            text = f"no price on the tick {each} lies between {strategy.least} and {strategy.most}"
            yield Problem(vary.place, "C058", text)
        elif grid.index_of(vary.example) is None:
            text = f"the example of {vary.name!r} is {vary.example}, and not on the tick {each}"
            yield Problem(vary.place, "C057", text)


def _ticks(draft: Draft, vary: Vary, tick: Template) -> Iterator[Any]:
    """What a tick that refers to a column may be: its value in each row, or the input's example."""
    root = tick.whole.root if tick.whole is not None and not tick.whole.path else ""
    yield from (row.values[root] for row in draft.rows if root in row.values)
    yield from (
        other.example
        for other in draft.vary
        if other.name == root and other is not vary and not isinstance(other.strategy, OnTick)
    )


def _said_tick(parts: tuple[Part, ...], market: str) -> Any:
    for step in flat(parts):
        if isinstance(step.action, Market) and any(save.name == market for save in step.save):
            return step.action.fields.get("tick")
    return None


def _is_tick(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0


def _permuted(parts: tuple[Part, ...], order: Sequence[str]) -> tuple[Part, ...]:
    """The parts with those of `order` in that order, in the places where they stand."""
    named = {part.id: part for part in parts if part.role is Role.STEPS and part.id in order}
    if len(named) != len(order):
        return parts
    following = iter(order)
    return tuple(named[next(following)] if part.id in named else part for part in parts)


def _permute(draft: Draft, vary: Vary, strategy: Permute) -> Iterator[Problem]:
    steps = [part for part in draft.parts if part.role is Role.STEPS]
    known = [part.id for part in steps]
    missing = [name for name in strategy.steps if name not in known]
    for name in missing:
        if name not in draft.unread:
            text = f"'permute' names {name!r}, which is none of 'steps'; {hint(name, known, 'known')}"
            yield Problem(vary.place, "C061", text)
    if missing:
        return
    others = [o for o in draft.vary if o is not vary and isinstance(o.strategy, Permute)]
    shared = {n for o in others if isinstance(o.strategy, Permute) for n in o.strategy.steps}
    for name in sorted(shared & set(strategy.steps)):
        text = f"{name!r} stands in two permutations: name all the steps in one of them"
        yield Problem(vary.place, "C061", text)
    at = sorted(known.index(name) for name in strategy.steps)
    if at[-1] - at[0] >= len(at):
        between = next(name for name in known[at[0] : at[-1]] if name not in strategy.steps)
        text = f"'permute' names steps beside each other, and {between!r} stands between them"
        yield Problem(vary.place, "C061", text)
    members = [part for part in steps if part.id in strategy.steps]
    for part in members:
        for other in members:
            why = _needs(part, other) if part is not other else None
            if why:
                text = f"{part.id!r} and {other.id!r} cannot change places: {why}"
                yield Problem(vary.place, "C062", text)


def _needs(part: Part, other: Part) -> str | None:
    """Why a part cannot stand before another; None where it can."""
    mine, theirs = tuple(flat((part,))), tuple(flat((other,)))
    given = {other.id, *(step.id for step in theirs), *(save.name for s in theirs for save in s.save)}
    items = part.items if isinstance(part, Repeat) else ()
    templates = [*templates_in(items), *(t for step in mine for t in _templates(step))]
    for template in templates:
        if given & set(template.names):
            return f"{part.id!r} refers to {template}"
    for step in mine:
        named = (step.after, getattr(step.action, "since", None))
        if given & set(named):
            return f"{step.id!r} counts from a step of {other.id!r}"
        if isinstance(step.action, Listen) and any(
            each.source == step.source and isinstance(each.action, WsSay | FixSay) for each in theirs
        ):
            return f"{step.id!r} waits on {step.source}, where {other.id!r} says something"
        if step.within_us is not None and step.after is None and any(each.sends for each in theirs):
            return f"the window of {step.id!r} starts where {other.id!r} sends; say 'after'"
    return None


def _templates(step: Step) -> Iterator[Template]:
    yield from in_action(step)
    yield from in_expectations(step)
