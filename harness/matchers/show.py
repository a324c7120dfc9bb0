"""Values and expectations as short text for a reader; numbers keep every digit they came with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from harness import limits
from harness.matchers.expectation import REFERRED, Bound, Expectation, Fields, Items, Literal, Test
from harness.matchers.machine import Pattern
from harness.matchers.marks import Closed, Differs, Extra, Late, Mark
from harness.references import Template


def number(value: int | Decimal) -> str:
    """Write a number digit for digit; one too long to read is told by its size."""
    if isinstance(value, Decimal):
        plain = str(value)
        if value.is_finite() and abs(value.adjusted()) <= limits.SHOWN_CHARACTERS:
            plain = format(value, "f")
        # A number that would be cut is shown with an exponent, so that it reads back as itself.
        return plain if len(plain) <= limits.SHOWN_CHARACTERS else str(value)
    if value.bit_length() > 4_096:
        return f"an integer of {value.bit_length()} bits"
    return str(value)


def counted(count: int, what: str) -> str:
    """Write a count with its word: `1 item`, `2 items`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def duration(us: int) -> str:
    """Write microseconds as seconds: `45s`, `0.25s`."""
    return format(Decimal(us).scaleb(-6).normalize(), "f") + "s"


def value(item: Any) -> str:
    """Show a value as JSON, cut where it gets too long to read."""
    return _cut(_value(item, 0))


def expectation(expected: Expectation) -> str:
    """Show an expectation as it would stand in the case."""
    return _cut(_expectation(expected))


def test(matcher: Test) -> str:
    """Show one matcher as it would stand in the case."""
    return _cut(_test(matcher))


def kind(item: Any) -> str:
    """Name a value's JSON type."""
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "true or false"
    if isinstance(item, str):
        return "text"
    if isinstance(item, int | Decimal):
        return "a number"
    if isinstance(item, Mapping):
        return "a mapping"
    if isinstance(item, list | tuple):
        return "a list"
    return f"a {type(item).__name__}"


def _cut(pieces: Iterator[str]) -> str:
    shown = ""
    for piece in pieces:
        shown += piece
        if len(shown) > limits.SHOWN_CHARACTERS:
            return shown[: limits.SHOWN_CHARACTERS] + "…"
    return shown


def _value(item: Any, depth: int) -> Iterator[str]:
    if depth > limits.VALUE_DEPTH:
        yield "…"
    elif isinstance(item, str):
        yield _text(item)
    elif item is None or isinstance(item, bool):
        yield json.dumps(item)
    elif isinstance(item, int | Decimal):
        yield number(item)
    elif isinstance(item, Mapping):
        yield "{"
        for index, (name, inner) in enumerate(item.items()):
            yield (", " if index else "") + _text(str(name)) + ": "
            yield from _value(inner, depth + 1)
        yield "}"
    elif isinstance(item, list | tuple):
        yield "["
        for index, inner in enumerate(item):
            yield ", " if index else ""
            yield from _value(inner, depth + 1)
        yield "]"
    else:
        yield from _finding(item)


def _finding(item: Any) -> Iterator[str]:
    if isinstance(item, Mark):
        yield item.value
    elif isinstance(item, Closed):
        yield f"closed with {item.code}" if item.code is not None else "closed without a code"
        if item.reason:
            yield " " + _text(item.reason)
    elif isinstance(item, Late):
        yield f"late by {duration(item.by_us)}"
    elif isinstance(item, Extra):
        yield f"{item.count} extra"
    elif isinstance(item, Differs):
        yield "sources that differ: "
        yield from _value(item.sources, 1)
    else:
        yield kind(item)


def _text(text: str) -> str:
    most = limits.SHOWN_CHARACTERS
    return json.dumps(text[: most + 1], ensure_ascii=False)


def _expectation(expected: Expectation) -> Iterator[str]:
    if isinstance(expected, Literal):
        yield from _value(expected.value, 0)
    elif isinstance(expected, Bound):
        yield expected.template.text
    elif isinstance(expected, Fields):
        yield "{"
        for index, (name, inner) in enumerate(expected.entries):
            yield (", " if index else "") + (name.text if isinstance(name, Template) else name) + ": "
            yield from _expectation(inner)
        yield "}"
    elif isinstance(expected, Items):
        yield from _list(expected.items)
    else:
        yield "{"
        for index, matcher in enumerate(expected.tests):
            yield ", " if index else ""
            yield from _test(matcher)
        yield "}"


def _test(matcher: Test) -> Iterator[str]:
    yield matcher.word
    constant = matcher.constant
    if constant == "us":
        bounds = [_duration(operand) for operand in matcher.operands]
        yield f": [{', '.join(bounds)}]" if matcher.word == "$between" else f": {bounds[0]}"
    elif matcher.word in ("$in", "$either", "$between") and constant != REFERRED:
        yield ": "
        yield from _list(matcher.operands)
    elif matcher.operands:
        yield ": "
        yield from _expectation(matcher.operands[0])
    elif isinstance(constant, Pattern):
        yield f": {constant.text}"
    elif constant is not None:
        yield f": {constant}"


def _duration(operand: Expectation) -> str:
    if isinstance(operand, Literal) and isinstance(operand.value, int):
        return duration(operand.value)
    return expectation(operand)


def _list(items: tuple[Expectation, ...]) -> Iterator[str]:
    yield "["
    for index, inner in enumerate(items):
        yield ", " if index else ""
        yield from _expectation(inner)
    yield "]"
