"""A case under another id and with other examples: its text edited, so that comments and layout stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from harness.strictyaml import Mapping as MappingNode
from harness.strictyaml import Node, Scalar, Sequence, load

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CONSTANTS: Final = ("true", "false", "null")

Edit = tuple[int, int, str]
"""What stands from one offset to another, and what takes its place."""


def copied(text: str, path: str, case_id: str, examples: Mapping[str, Any], remark: str) -> str:
    """The text of a case as an open case of its own: `remark` at its head, its id and examples replaced.

    A case that was fixed is open again: nobody has seen this one green. Raises CaseError where the text does
    not read (its author's fault), ValueError where it has no such example (ours).
    """
    root = load(text, path)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    edits = list(_header(root, text, starts, case_id))
    vary = root.get("vary") if isinstance(root, MappingNode) else None
    for name, value in examples.items():
        held = vary.get(name) if isinstance(vary, MappingNode) else None
        example = held.get("example") if isinstance(held, MappingNode) else None
        if example is None:
            raise ValueError(f"the case has no example of {name!r}")
        edits += _replaced(example, value, text, starts)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return f"# {remark}\n{text}"


def _header(root: Node, text: str, starts: list[int], case_id: str) -> Iterator[Edit]:
    for key, value in root.entries if isinstance(root, MappingNode) else ():
        if key.text == "id":
            yield from _replaced(value, case_id, text, starts)
        elif key.text == "status":
            yield from _replaced(value, "open", text, starts)
        elif key.text == "fixed_in":
            yield starts[key.place.line - 1], starts[value.place.line], ""


def _replaced(node: Node, value: Any, text: str, starts: list[int]) -> Iterator[Edit]:
    """Put a value where a node stands; a list keeps its form, each item takes a new value."""
    if isinstance(node, Sequence):
        for item, new in zip(node.items, value, strict=True):
            yield from _replaced(item, new, text, starts)
    elif isinstance(node, Scalar):
        start = starts[node.place.line - 1] + node.place.column - 1
        yield start, _end(node, text, start), written(value)
    else:
        raise ValueError(f"{node.place}: a mapping is no example")


def _end(node: Scalar, text: str, start: int) -> int:
    quote = text[start]
    if node.plain or quote not in "'\"":
        return start + len(node.raw)
    at = start + 1
    while text[at] != quote or (quote == "'" and text[at : at + 2] == "''"):
        at += 2 if text[at] == "\\" and quote == '"' else 2 if text[at : at + 2] == "''" else 1
    return at + 1


def written(value: Any) -> str:
    """A plain value as it stands in a case."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _CONSTANTS:
        return value
    return json.dumps(value, ensure_ascii=False)


def told(values: Mapping[str, Any]) -> str:
    """Inputs on one line, as they stand in a case."""
    return ", ".join(f"{name}: {written(value)}" for name, value in values.items())
