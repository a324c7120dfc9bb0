"""The names that a file writes, in parts too that do not read: so that one slip is told once."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from harness.strictyaml import Mapping, Node, Scalar, Sequence

_PARTS: Final = ("given", "steps", "finally", "checks")
_INSIDE: Final = ("steps", "together")
_NAMING: Final = ("actors", "vary")


@dataclass(frozen=True, slots=True)
class Written:
    """The names of actors, columns, parts, checks and saved values as the file writes them.

    `nameless` says that some part lacks a name that reads, so that any unknown name may be its own.
    """

    names: frozenset[str] = frozenset()
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """The names of a file that may be those of parts that do not read; `read` are those that do."""

    written: Written
    read: AbstractSet[str]

    def __contains__(self, name: object) -> bool:
        return name not in self.read and (self.written.nameless or name in self.written.names)


def names_written(root: Node) -> Written:
    """Every name that the file gives to something."""
    found: set[str] = set()
    nameless = False
    for key, value in root.entries if isinstance(root, Mapping) else ():
        if key.text in _NAMING:
            found |= set(_keys(value))
        elif key.text == "examples":
            rows = [row for _, row in value.entries] if isinstance(value, Mapping) else []
            found |= {column for row in rows for column in _keys(row)}
            nameless = nameless or not rows or not all(_keys(row) for row in rows)
        elif key.text in _PARTS:
            for part in _parts(value):
                said = _text(part, "id")
                found |= {*said, *_text(part, "save"), *_keys(_under(part, "save"))}
                nameless = nameless or part is None or not (said or key.text in ("given", "finally"))
    return Written(frozenset(found), nameless)


def _parts(node: Node | None) -> Iterator[Node | None]:
    """The parts of a list, groups opened; one that is None where there is no list."""
    if not isinstance(node, Sequence):
        yield None
        return
    for item in node.items:
        yield item
        if any(_under(item, word) is not None for word in ("repeat", *_INSIDE)):
            yield from _parts(_under(item, "steps") or _under(item, "together"))


def _under(node: Node | None, name: str) -> Node | None:
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((value for key, value in entries if key.text == name), None)


def _text(node: Node | None, name: str) -> tuple[str, ...]:
    value = _under(node, name)
    return (value.value,) if isinstance(value, Scalar) and isinstance(value.value, str) else ()


def _keys(node: Node | None) -> tuple[str, ...]:
    return tuple(key.text for key, _ in node.entries) if isinstance(node, Mapping) else ()
