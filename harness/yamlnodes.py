"""The tree that a case file is read into: values, lists and mappings, each with its place in the file.

A case has hundreds of them, and msgspec makes them at a quarter of a frozen dataclass's price.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

from harness.errors import Place

Value: TypeAlias = "str | int | Decimal | bool | None"


class Scalar(msgspec.Struct, frozen=True):
    """One value: `raw` is its text in the file, `plain` says that it stood there without quotes."""

    value: Value
    raw: str
    plain: bool
    place: Place


class Sequence(msgspec.Struct, frozen=True):
    """A list, in the file's order."""

    items: tuple[Node, ...]
    place: Place

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


class Key(msgspec.Struct, frozen=True):
    """A mapping's key: always text (`8` and `"8"` are the same key)."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, in the file's order; raises ValueError where a key comes twice (our own fault)."""

    entries: tuple[tuple[Key, Node], ...]
    place: Place

    def __post_init__(self) -> None:
        if len({key.text for key, _ in self.entries}) != len(self.entries):
            raise ValueError(f"{self.place}: a mapping's keys must differ")

    def get(self, name: str) -> Node | None:
        """Give the value of the key, or None where the mapping has no such key."""
        return next((node for key, node in self.entries if key.text == name), None)

    def __iter__(self) -> Iterator[tuple[Key, Node]]:
        return iter(self.entries)


Node: TypeAlias = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """Turn a node into dict, list and values, without places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(item) for key, item in node.entries}
