"""`$matches`: a regular expression as a machine of states, so that a search takes linear time.

The syntax is Python's without what needs backtracking: literals, `.`, classes, `\\d \\w \\s` and their
opposites, `^ $ \\b`, groups, `|`, `* + ? {m,n}`. No back references, no lookaround. A search finds the
pattern anywhere; `^` and `$` tie it to the text's begin and end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeAlias

from harness import limits

_CLASS_ESCAPES: Final = "dDwWsS"
_CONTROL_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_REPEAT: Final = re.compile(r"\{([0-9]{1,3})(,([0-9]{1,3})?)?\}")
_ANY: Final = re.compile("[^\n]")
_MACHINES_KEPT: Final = 20_000

Test: TypeAlias = Callable[[str], object]
_Piece: TypeAlias = Callable[[int], int]
_Alive: TypeAlias = tuple[frozenset[int], bool]
_CHAR, _ASSERT, _SPLIT, _MATCH = range(4)


class PatternError(ValueError):
    """The pattern cannot be used; the text says why and what to write (the author's fault)."""


@dataclass(slots=True)
class _State:
    kind: int
    test: Test | None = None
    sign: str = ""
    out: int = -1
    other: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A compiled pattern; `text` is how it stands in the case."""

    text: str
    _states: tuple[_State, ...] = field(repr=False)
    _start: int = field(repr=False)
    _closures: dict[tuple[frozenset[int], str], _Alive] = field(repr=False, default_factory=dict)
    _steps: dict[tuple[frozenset[int], str], frozenset[int]] = field(repr=False, default_factory=dict)

    def found_in(self, text: str) -> bool:
        """Say whether the pattern occurs in the text, in time linear in the text's length."""
        alive = frozenset([self._start])
        before = ""
        for at in range(len(text) + 1):
            after = text[at : at + 1]
            alive, done = self.closure(alive, _signs(before, after))
            if done:
                return True
            alive = self._step(alive, after)
            before = after
        return False

    def cannot_fail(self) -> bool:
        """Say whether every text matches: at its begin, at its end or anywhere."""
        return any(self.closure(frozenset([self._start]), sign)[1] for sign in "^$")

    def closure(self, alive: frozenset[int], signs: str) -> _Alive:
        """Follow all that costs no character; also say whether the end is reached."""
        known = self._closures.get((alive, signs))
        if known is not None:
            return known
        seen = set(alive)
        todo = list(alive)
        while todo:
            state = self._states[todo.pop()]
            follow: tuple[int, ...] = (state.out, state.other) if state.kind == _SPLIT else ()
            if state.kind == _ASSERT and state.sign in signs:
                follow = (state.out,)
            for target in follow:
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        if len(self._closures) > _MACHINES_KEPT:
            self._closures.clear()
        done = any(self._states[index].kind == _MATCH for index in seen)
        result = self._closures[alive, signs] = (frozenset(seen), done)
        return result

    def _step(self, alive: frozenset[int], character: str) -> frozenset[int]:
        known = self._steps.get((alive, character))
        if known is not None:
            return known
        follow = {self._start}
        for index in alive:
            state = self._states[index]
            if state.test is not None and state.test(character):
                follow.add(state.out)
        if len(self._steps) > _MACHINES_KEPT:
            self._steps.clear()
        result = self._steps[alive, character] = frozenset(follow)
        return result


def _signs(before: str, after: str) -> str:
    """Say which of `^ $ b B` hold between two characters ("" at the text's ends)."""
    edge = _is_word(before) != _is_word(after)
    return ("" if before else "^") + ("" if after else "$") + ("b" if edge else "B")


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def compile_pattern(text: str) -> Pattern:
    """Compile a pattern; raises PatternError (the author's fault) for what cannot run in linear time."""
    if len(text) > limits.PATTERN_CHARACTERS:
        raise PatternError(
            f"a pattern has at most {limits.PATTERN_CHARACTERS} characters, this has {len(text)}"
        )
    reader = _Reader(text)
    states, start = reader.read()
    pattern = Pattern(text, tuple(states), start)
    if pattern.cannot_fail():
        raise PatternError("the pattern matches every text: a check that cannot fail")
    return pattern


@dataclass(slots=True)
class _Reader:
    """Reads a pattern into pieces; a piece turns the state that comes after it into its own first state.

    Each piece makes at least one state, so that the limit of states also limits the time.
    """

    text: str
    at: int = 0
    depth: int = 0
    states: list[_State] = field(default_factory=list)

    def read(self) -> tuple[list[_State], int]:
        piece = self.choice()
        if self.at < len(self.text):
            self.fail("this ) closes nothing")
        return self.states, piece(self.new(_State(_MATCH)))

    def fail(self, why: str) -> NoReturn:
        raise PatternError(f"{why}, at character {min(self.at, len(self.text)) + 1}")

    def new(self, state: _State) -> int:
        if len(self.states) >= limits.PATTERN_STATES:
            raise PatternError(
                f"the pattern needs more than {limits.PATTERN_STATES} states: simplify its repeats"
            )
        self.states.append(state)
        return len(self.states) - 1

    def choice(self) -> _Piece:
        ways = [self.chain()]
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            ways.append(self.chain())

        def build(after: int) -> int:
            first = ways[-1](after)
            for way in reversed(ways[:-1]):
                first = self.new(_State(_SPLIT, out=way(after), other=first))
            return first

        return build

    def chain(self) -> _Piece:
        pieces: list[_Piece] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            pieces.append(self.repeated())

        def build(after: int) -> int:
            for piece in reversed(pieces):
                after = piece(after)
            return after

        return build

    def repeated(self) -> _Piece:
        piece = self.atom()
        sign = self.text[self.at : self.at + 1]
        counts = _REPEAT.match(self.text, self.at)
        if counts:
            self.at = counts.end()
            least = int(counts[1])
            most = least if counts[2] is None else int(counts[3]) if counts[3] else None
        elif sign and sign in "*+?":
            self.at += 1
            least, most = int(sign == "+"), 1 if sign == "?" else None
        else:
            return piece
        if max(least, most or 0) > limits.PATTERN_REPEAT or (most is not None and most < max(least, 1)):
            self.fail(f"a repeat is {{least,most}} with at most {limits.PATTERN_REPEAT}")
        if self.text[self.at : self.at + 1] in ("*", "+", "?") or _REPEAT.match(self.text, self.at):
            self.fail("a repeat of a repeat (or a lazy one) changes nothing here: take it away")
        return self.times(piece, least, most)

    def times(self, piece: _Piece, least: int, most: int | None) -> _Piece:
        def build(after: int) -> int:
            if most is None:
                loop = self.new(_State(_SPLIT, other=after))
                self.states[loop].out = piece(loop)
                after = loop
            else:
                end = after
                for _ in range(most - least):
                    after = self.new(_State(_SPLIT, out=piece(after), other=end))
            for _ in range(least):
                after = piece(after)
            return after

        return build

    def atom(self) -> _Piece:
        character = self.text[self.at]
        self.at += 1
        if character == "(":
            return self.group()
        if character in "^$":
            return self.state(_State(_ASSERT, sign=character))
        if character in "*+?":
            self.fail(f"nothing to repeat before {character}")
        if character == "{":
            self.fail(r"a { must be written \{")
        if character == "[":
            return self.one(self.class_())
        if character == ".":
            return self.one(_ANY.fullmatch)
        if character == "\\":
            return self.escape()
        return self.one(character.__eq__)

    def group(self) -> _Piece:
        if self.text[self.at : self.at + 1] == "?":
            if self.text[self.at : self.at + 2] != "?:":
                self.fail("lookaround, names and flags of groups cannot be used: write ( or (?:")
            self.at += 2
        self.depth += 1
        if self.depth > limits.YAML_DEPTH:
            self.fail(f"more than {limits.YAML_DEPTH} groups in each other")
        if self.text[self.at : self.at + 1] == ")":
            self.fail("an empty group")
        piece = self.choice()
        if self.text[self.at : self.at + 1] != ")":
            self.fail("a ( is never closed")
        self.at += 1
        self.depth -= 1
        return piece

    def escape(self) -> _Piece:
        character = self.text[self.at : self.at + 1]
        self.at += 1
        if character and character in "bB":
            return self.state(_State(_ASSERT, sign=character))
        if character and character in _CLASS_ESCAPES:
            return self.one(re.compile("\\" + character).fullmatch)
        if character in _CONTROL_ESCAPES:
            return self.one(_CONTROL_ESCAPES[character].__eq__)
        if not character or character.isalnum():
            self.fail(f"\\{character} cannot be used: no back references, no anchors but ^ $ \\b")
        return self.one(character.__eq__)

    def class_(self) -> Test:
        begin = self.at - 1
        if self.text[self.at : self.at + 1] == "^":
            self.at += 1
        first = self.at
        while self.at < len(self.text) and (self.text[self.at] != "]" or self.at == first):
            self.at += 2 if self.text[self.at] == "\\" else 1
        if self.at >= len(self.text):
            self.fail("a [ is never closed")
        self.at += 1
        content = self.text[begin : self.at]
        if any(mark in content[1:] for mark in ("[", "--", "&&", "||", "~~")):
            self.fail(r"in a class write \[ and put - last")
        try:
            return re.compile(content).fullmatch
        except re.error as error:
            self.fail(f"{content}: {error.msg}")

    def one(self, test: Test) -> _Piece:
        return self.state(_State(_CHAR, test))

    def state(self, state: _State) -> _Piece:
        def build(after: int) -> int:
            return self.new(_State(state.kind, state.test, state.sign, after))

        return build
