"""The machine that `$matches` searches with: all states at once, so that time is linear in the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Test: TypeAlias = Callable[[str], object]

CHAR, ASSERT, SPLIT, MATCH = range(4)
_DONE: Final = 1  # the first state that is made is the end
_SETS_KEPT: Final = 20_000


@dataclass(slots=True)
class State:
    """One state: takes a character (`test`), asserts a `sign`, splits in two ways, or is the end."""

    kind: int
    test: Test | None = None
    sign: str = ""
    out: int = -1
    other: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A compiled pattern; `text` is how it stands in the case.

    A set of states is an integer with a bit for each, so that many sets can be kept in little memory.
    """

    text: str
    _states: tuple[State, ...] = field(repr=False)
    _start: int = field(repr=False)
    _closures: dict[tuple[int, str], int] = field(repr=False, default_factory=dict)
    _takers: dict[str, int] = field(repr=False, default_factory=dict)
    _steps: dict[tuple[int, str], int] = field(repr=False, default_factory=dict)
    _rows: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        # In a row, each state leads to the one made before it: then a shift moves all of them at once.
        taking = [state.kind == CHAR for state in self._states]
        rows = (1 << at for at in range(1, len(taking)) if taking[at] and self._states[at].out == at - 1)
        object.__setattr__(self, "_rows", sum(row for row in rows if taking[row.bit_length() - 2]))

    def found_in(self, text: str) -> bool:
        """Say whether the pattern occurs in the text, in time linear in the text's length."""
        alive = self.closure(self._start, _signs("", text[:1]))
        for at, character in enumerate(text):
            if alive & _DONE:
                return True
            alive = self._step(alive & self._taking(character), _signs(character, text[at + 1 : at + 2]))
        return bool(alive & _DONE)

    def cannot_fail(self) -> bool:
        """Say whether every text matches: at its begin, at its end or anywhere."""
        return any(self.closure(self._start, sign) & _DONE for sign in "^$")

    def closure(self, start: int, signs: str) -> int:
        """Follow from a state all that costs no character."""
        known = self._closures.get((start, signs))
        if known is not None:
            return known
        seen, todo = 0, [start]
        while todo:
            index = todo.pop()
            if seen >> index & 1:
                continue
            seen |= 1 << index
            state = self._states[index]
            if state.kind == SPLIT:
                todo += [state.out, state.other]
            elif state.kind == ASSERT and state.sign in signs:
                todo.append(state.out)
        self._closures[start, signs] = seen
        return seen

    def _taking(self, character: str) -> int:
        """The states that this character leads on from."""
        known = self._takers.get(character)
        if known is None:
            if len(self._takers) > _SETS_KEPT:
                self._takers.clear()
            tests = ((index, state.test) for index, state in enumerate(self._states))
            taking = (1 << index for index, test in tests if test is not None and test(character))
            known = self._takers[character] = sum(taking)
        return known

    def _step(self, moving: int, signs: str) -> int:
        known = self._steps.get((moving, signs))
        if known is None:
            if len(self._steps) > _SETS_KEPT:
                self._steps.clear()
            follow = self.closure(self._start, signs) | (moving & self._rows) >> 1
            rest = moving & ~self._rows
            while rest:
                lowest = rest & -rest
                follow |= self.closure(self._states[lowest.bit_length() - 1].out, signs)
                rest ^= lowest
            known = self._steps[moving, signs] = follow
        return known


def _signs(before: str, after: str) -> str:
    """Say which of `^ $ b B` hold between two characters ("" at the text's ends)."""
    edge = _is_word(before) != _is_word(after)
    return ("" if before else "^") + ("" if after else "$") + ("b" if edge else "B")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
