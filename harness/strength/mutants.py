"""A case and its recording as mutants: every fault that its own words say something of, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.model import Event, Kind
from harness.strength import chain
from harness.strength.atoms import Atom, Path, atoms_of
from harness.strength.changes import Change, Replaced, touched
from harness.strength.forbidden import forbidden
from harness.strength.moves import moves
from harness.strength.naming import Named
from harness.strength.nature import named_by_checks
from harness.strength.operators import ADDED, faults
from harness.strength.played import Played
from harness.strength.steps import named_by_steps

_LEAST: Final = ("", "form", "range")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: what was done, where, and whose words speak of it.

    `allowed` is "" where the words of who names it refuse the new value, "form" where they look only at its
    form, "range" where they say on purpose that it may be so. `also` are the other parts that were changed
    alike, because they tell the same.
    """

    number: int
    path: Path
    operator: str
    before: Any
    after: Any
    named_by: tuple[str, ...]
    change: Change
    allowed: str = ""
    also: tuple[tuple[int, Path], ...] = ()


def mutants(played: Played) -> list[Mutant]:
    """Every mutant of what a case names, in the order of its events. Deterministic."""
    found: dict[tuple[Any, ...], Mutant] = {}
    parts = [*named_by_steps(played), *named_by_checks(played)]
    for mutant in (*_of_parts(played, parts), *_of_events(played, parts)):
        key = (mutant.number, mutant.path, mutant.operator, repr(mutant.after))
        before = found.get(key)
        found[key] = mutant if before is None else _joined(before, mutant)
    return sorted(found.values(), key=lambda each: each.number)


def others(played: Played) -> list[Mutant]:
    """A mutant for each plain value that no word of the case speaks of, in the events that decided it."""
    known = _Atoms(played.events)
    spoken = {(each.number, each.path) for each in (*named_by_steps(played), *named_by_checks(played))}
    decided = {number for finding in played.run.findings.values() for number in finding.events}
    found = []
    for number in sorted(decided):
        event = played.events[number]
        for path, atom in known.of(number).items() if event.kind in (Kind.PUSH, Kind.ANSWER) else ():
            if (number, path) in spoken or isinstance(atom.value, dict | list) or path[:1] == ("headers",):
                continue
            operator, value = next(faults(atom))
            change = Replaced((atom.write(value),))
            found.append(Mutant(number, path, operator, atom.value, value, (), change))
    return found


def _joined(one: Mutant, other: Mutant) -> Mutant:
    """One mutant that several speak of: it is refused where any of them refuses it."""
    named_by = tuple(dict.fromkeys((*one.named_by, *other.named_by)))
    return replace(one, named_by=named_by, allowed=min(one.allowed, other.allowed, key=_LEAST.index))


def _of_events(played: Played, parts: Sequence[Named]) -> Iterator[Mutant]:
    """Changes of whole events; who names a part of one is concerned as well."""
    naming: dict[int, list[str]] = {}
    for named in parts:
        naming.setdefault(named.number, []).append(named.subject)
    for move in (*moves(played), *forbidden(played)):
        concerned = [name for number in touched(move.change) for name in naming.get(number, ())]
        named_by = _with_groups(played, move.subject, *concerned)
        yield Mutant(move.number, (), move.operator, None, None, named_by, move.change)


def _of_parts(played: Played, parts: Sequence[Named]) -> Iterator[Mutant]:
    known = _Atoms(played.events)
    naming: dict[tuple[int, Path], list[str]] = {}
    for named in parts:
        naming.setdefault((named.number, named.path), []).append(named.subject)
    for named in parts:
        atom = known.of(named.number).get(named.path)
        if atom is None:
            yield from _put_in(played, named, known)
            continue
        for operator, value in faults(atom):
            if named.operators and operator not in named.operators:
                continue
            for mutant in _mutant(played, named, operator, atom, value, known):
                others = [name for where in mutant.also for name in naming.get(where, ())]
                named_by = _with_groups(played, *mutant.named_by, *others)
                yield replace(mutant, named_by=named_by)


class _Atoms:
    """The atoms of every event that is named, found once."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        self._events = events
        self._found: dict[int, dict[Path, Atom]] = {}

    def of(self, number: int) -> dict[Path, Atom]:
        if number not in self._found:
            self._found[number] = atoms_of(self._events[number])
        return self._found[number]


def _put_in(played: Played, named: Named, known: _Atoms) -> Iterator[Mutant]:
    """What must be absent is put in."""
    around = known.of(named.number).get(named.path[:-1]) if named.path else None
    if (
        named.expected is None
        or around is None
        or around.kind != "json"
        or not isinstance(around.value, dict)
    ):
        return
    atom = replace(around, path=named.path, value=None)
    yield from _mutant(played, named, ADDED, atom, {**around.value, named.path[-1]: "x"}, known)


def _mutant(
    played: Played, named: Named, operator: str, atom: Atom, value: Any, known: _Atoms
) -> Iterator[Mutant]:
    event, changed = played.events[named.number], atom.write(value)
    allowed = named.allows(changed)
    if allowed is None or changed == event:
        return  # to the language it is the same: no fault
    alike = list(_alike(played, named, atom, changed, value, known))
    change = Replaced((changed, *(other for other, _ in alike)))
    also = tuple((other.number, path) for other, path in alike)
    named_by = _with_groups(played, named.subject)
    yield Mutant(event.number, named.path, operator, atom.value, value, named_by, change, allowed, also)


def _with_groups(played: Played, *subjects: str) -> tuple[str, ...]:
    """Who is concerned, and the groups that they are in."""
    groups = [group for subject in subjects for group in played.groups_of(subject)]
    return tuple(dict.fromkeys((*subjects, *groups)))


def _alike(
    played: Played, named: Named, atom: Atom, changed: Event, value: Any, known: _Atoms
) -> Iterator[tuple[Event, Path]]:
    """The same fault wherever the same state is told: every answer of the lane, every look at a log, every
    later word of a stream on the same thing."""
    event = played.events[named.number]
    if event.kind is Kind.ANSWER and (atom.path[:1] == ("logs",) or atom.path[:2] == ("receipt", "events")):
        for other in chain.everywhere(played.events, event, changed):
            yield other, atom.path
        return
    for other in played.events:
        if other.kind is not event.kind or other.number == event.number:
            continue
        if event.kind is Kind.ANSWER and other.lane == event.lane:
            path = atom.path
        elif (
            event.kind is Kind.PUSH
            and named.again
            and other.source == event.source
            and other.number > event.number
        ):
            path = _again(named, known.of(event.number), known.of(other.number))
        else:
            continue
        again = known.of(other.number).get(path)
        if again is not None and again.value == atom.value:
            yield again.write(value), path


def _again(named: Named, held: dict[Path, Atom], other: dict[Path, Atom]) -> Path:
    """Where another event tells the same thing again; a path that leads nowhere where it does not."""
    key = held.get(named.again)
    for path, atom in other.items():
        if key is not None and path[1:] == named.again[1:] and atom.value == key.value:
            return (path[0], *named.path[1:])
    return ("",)
