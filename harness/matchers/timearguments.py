"""What the matchers of time take: `$time` moments, `$age` and `$late` durations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.matchers.building import ORDERINGS, Compiler, Spot, is_bare, made, wrong
from harness.matchers.expectation import Expectation, Literal, Matchers, Test
from harness.matchers.stamps import stamp_of
from harness.references import duration_us
from harness.strictyaml import Key, Mapping, Node, Scalar, Sequence, plain

_MOMENTS: Final = 'no argument, or moments as {$gte: "${now:ms}"}: unix time, ISO 8601 or FIX UTCTimestamp'


def delay(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$late`: bare, or orderings of durations."""
    if is_bare(node):
        return made(key)
    return _ordered(compiler, key, node, "us", "times, as {$gte: 30s}", _duration)


def age(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$age`: orderings of durations."""
    return _ordered(compiler, key, node, "us", "times, as {$lte: 2s}", _duration)


def moment(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$time`: bare, or orderings of moments."""
    if is_bare(node):
        return made(key)
    return _ordered(compiler, key, node, "ns", _MOMENTS, _moment)


def _ordered(
    compiler: Compiler,
    key: Key,
    node: Node,
    unit: str,
    expected: str,
    bound: Callable[[Compiler, Key, Node], Expectation | None],
) -> Test | None:
    entries = node.entries if isinstance(node, Mapping) else ()
    tests: list[Test] = []
    for word, argument in entries:
        bounds = argument.items if isinstance(argument, Sequence) else (argument,)
        if word.text not in ORDERINGS or len(bounds) != (2 if word.text == "$between" else 1):
            return wrong(compiler, key, node, expected)
        operands = [one for each in bounds if (one := bound(compiler, key, each)) is not None]
        if len(operands) < len(bounds):
            return None
        tests.append(made(word, *operands, constant=unit))
    if not tests:
        return wrong(compiler, key, node, expected)
    return made(key, Matchers(tuple(tests), node.place))


def _duration(compiler: Compiler, key: Key, node: Node) -> Expectation | None:
    value = plain(node)
    if isinstance(node, Scalar) and isinstance(value, str) and "${" in value:
        return compiler.scalar(node)
    try:
        return Literal(duration_us(value), node.place)
    except ValueError as error:
        compiler.problem(node.place, "M004", str(error))
        return None


def _moment(compiler: Compiler, key: Key, node: Node) -> Expectation | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(node, Scalar) and isinstance(value, str) and "${" in value:
        return compiler.scalar(node)
    stamp = stamp_of(value)
    if isinstance(stamp, str):
        compiler.problem(node.place, "M004", f"{key.text} takes moments; this is {stamp}")
        return None
    return Literal(value, node.place)
