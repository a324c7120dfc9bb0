"""What the builders of matchers share: what they ask of the walk over the nodes, and their usual answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias
from typing import Literal as Only

from harness.errors import Place
from harness.matchers import show
from harness.matchers.expectation import Expectation, Fields, Test
from harness.strictyaml import Key, Mapping, Node, Scalar, plain

ORDERINGS: Final = ("$gt", "$gte", "$lt", "$lte", "$between")

# Where an expectation stands: instead of an event, under a key, in a list.
Spot: TypeAlias = Only["root", "value", "item"]


class Compiler(Protocol):
    """What a builder asks of the walk over the nodes."""

    def problem(self, place: Place, code: str, text: str) -> None: ...
    def any(self, node: Node, spot: Spot) -> Expectation: ...
    def scalar(self, node: Scalar) -> Expectation: ...
    def fields(self, node: Mapping, spot: Spot = "value") -> Fields: ...


Builder: TypeAlias = Callable[[Compiler, Key, Node, Spot], Test | None]


def is_word(key: str) -> bool:
    """Say whether a mapping's key is meant as a matcher (and is no reference)."""
    return key.startswith("$") and not key.startswith(("${", "$${"))


def is_bare(node: Node) -> bool:
    """Say whether a matcher stands without an argument, as `{$uuid}`."""
    return isinstance(node, Scalar) and node.value is None


def wrong(compiler: Compiler, key: Key, node: Node, expected: str) -> Test | None:
    """Note an argument of the wrong kind; gives None, which is no test."""
    found = "nothing" if isinstance(node, Scalar) and node.plain and not node.raw else show.value(plain(node))
    compiler.problem(node.place, "M004", f"{key.text} takes {expected}; found {found}")
    return None


def made(key: Key, *operands: Expectation, constant: str | int | None = None) -> Test:
    """Make the test of a word at its place."""
    return Test(key.text, operands, constant, key.place)
