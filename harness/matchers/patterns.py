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
from harness.matchers.machine import ASSERT, CHAR, MATCH, SPLIT, Pattern, State, Test

_CLASS_ESCAPES: Final = "dDwWsS"
_CONTROL_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_REPEAT: Final = re.compile(r"\{([0-9]{1,3})(,([0-9]{1,3})?)?\}")
_ANY: Final = re.compile("[^\n]")

_Piece: TypeAlias = Callable[[int], int]


class PatternError(ValueError):
    """The pattern cannot be used; the text says why and what to write (the author's fault)."""


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
    states: list[State] = field(default_factory=list)

    def read(self) -> tuple[list[State], int]:
        piece = self.choice()
        if self.at < len(self.text):
            self.fail("this ) closes nothing")
        return self.states, piece(self.new(State(MATCH)))

    def fail(self, why: str) -> NoReturn:
        raise PatternError(f"{why}, at character {min(self.at, len(self.text)) + 1}")

    def new(self, state: State) -> int:
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
                first = self.new(State(SPLIT, out=way(after), other=first))
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
                loop = self.new(State(SPLIT, other=after))
                self.states[loop].out = piece(loop)
                after = loop
            else:
                end = after
                for _ in range(most - least):
                    after = self.new(State(SPLIT, out=piece(after), other=end))
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
            return self.state(State(ASSERT, sign=character))
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
            return self.state(State(ASSERT, sign=character))
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
        return self.state(State(CHAR, test))

    def state(self, state: State) -> _Piece:
        def build(after: int) -> int:
            return self.new(State(state.kind, state.test, state.sign, after))

        return build
