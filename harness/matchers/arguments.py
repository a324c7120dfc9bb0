"""What each matcher takes: one builder for each kind of argument, and the table of the words."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from harness.matchers import show
from harness.matchers.building import ORDERINGS, Builder, Compiler, Spot, is_bare, is_word, made, wrong
from harness.matchers.expectation import (
    REFERRED,
    Bound,
    Expectation,
    Items,
    Literal,
    Matchers,
    Test,
    mentions,
)
from harness.matchers.numbers import decimal_of
from harness.matchers.patterns import PatternError, compile_pattern
from harness.matchers.timearguments import age, delay, moment
from harness.strictyaml import Key, Mapping, Node, Scalar, Sequence

ALONE: Final = ("$absent", "$nothing", "$lost", "$closed", "$refused", "$late", "$extra", "$differs")
ROOT_ONLY: Final = ALONE[1:]
_MOST_BYTES: Final = 65_536


def _bare(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    if not is_bare(node):
        return wrong(compiler, key, node, f"no argument: {{{key.text}}}")
    return made(key)


def _inner(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$not`, `$each`, `$some`: one expectation."""
    if isinstance(node, Scalar) and node.plain and not node.raw:
        return wrong(compiler, key, node, "an expectation")
    operand = compiler.any(node, spot if key.text == "$not" else "item")
    if key.text == "$not" and isinstance(operand, Matchers):
        for test in operand.tests:
            if test.word in ("$present", "$absent"):
                other = "$absent" if test.word == "$present" else "$present"
                compiler.problem(test.place, "M005", f"$not of {test.word} never holds: write {{{other}}}")
    if key.text == "$not" and mentions(operand, "$age"):
        told = "$not of $age would hold wherever an age cannot be judged: write the opposite ordering"
        compiler.problem(key.place, "M005", told)
    return made(key, operand)


def _ways(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$either`: expectations, two or more."""
    if not isinstance(node, Sequence) or len(node.items) < 2:
        return wrong(compiler, key, node, "a list of two or more expectations")
    return made(key, *(compiler.any(item, spot) for item in node.items))


def _choices(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$in`: values, one or more, or a reference to a list of them."""
    if isinstance(node, Scalar):
        operand = compiler.scalar(node)
        if isinstance(operand, Bound) and operand.template.whole is not None:
            return made(key, operand, constant=REFERRED)
    if not isinstance(node, Sequence) or not node.items:
        return wrong(compiler, key, node, "a list of one or more values")
    if not all(isinstance(item, Scalar) for item in node.items):
        return wrong(compiler, key, node, "plain values (for more, use $either)")
    return made(key, *(compiler.any(item, "item") for item in node.items))


def _contained(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return wrong(compiler, key, node, "text (quote a number)")
    if not node.value:
        compiler.problem(node.place, "M005", "$contains of no text holds for every text: it cannot fail")
    return made(key, compiler.scalar(node))


def _pattern(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return wrong(compiler, key, node, "a pattern (quote it)")
    if "${" in node.value:
        told = "$matches is checked before the run and takes no references: use $contains"
        compiler.problem(node.place, "M007", told)
        return None
    try:
        return Test(key.text, (), compile_pattern(node.value), key.place)
    except PatternError as error:
        compiler.problem(node.place, "M007", f"$matches cannot use {show.value(node.value)}: {error}")
        return None


def _count(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$length`, `$extra`: a count, or orderings of counts; `$extra` also bare."""
    if key.text == "$extra" and is_bare(node):
        return made(key)
    least = 1 if key.text == "$extra" else 0
    if isinstance(node, Scalar) and isinstance(node.value, int) and node.value < least:
        return wrong(compiler, key, node, f"a count from {least}")
    operand = _numeric(compiler, node, whole=True)
    if operand is None:
        return wrong(compiler, key, node, "a count, or as {$gte: 2}")
    return made(key, operand)


def _octets(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$hex`: bare, or a number of bytes."""
    if is_bare(node):
        return made(key)
    if not isinstance(node, Scalar) or type(node.value) is not int or not 1 <= node.value <= _MOST_BYTES:
        return wrong(compiler, key, node, "a number of bytes, as {$hex: 32}")
    return made(key, constant=node.value)


def _bound(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    operand = _numeric(compiler, node, matchers=False)
    if operand is None:
        return wrong(compiler, key, node, "a number, without quotes")
    return made(key, operand)


def _between(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    items = node.items if isinstance(node, Sequence) else ()
    bounds = [bound for item in items if (bound := _numeric(compiler, item, matchers=False)) is not None]
    if len(bounds) != 2 or len(items) != 2:
        return wrong(compiler, key, node, "two numbers, as [0.01, 0.99]")
    low, high = (bound.value if isinstance(bound, Literal) else None for bound in bounds)
    if isinstance(low, int | Decimal) and isinstance(high, int | Decimal) and low > high:
        return wrong(compiler, key, node, "the smaller number first")
    return made(key, *bounds)


def _decimal(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$decimal`: bare, a number (as number or text), or orderings."""
    if is_bare(node):
        return made(key)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        number = decimal_of(node.value)
        if number is not None:
            return made(key, Literal(number, node.place))
    operand = _numeric(compiler, node)
    if operand is None:
        return wrong(compiler, key, node, "a number, or as {$gte: 0.5}")
    return made(key, operand)


def _numeric(
    compiler: Compiler, node: Node, *, whole: bool = False, matchers: bool = True
) -> Expectation | None:
    """A number, a reference, or (if `matchers`) a mapping of orderings; None where it is none of them."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and "${" in node.value:
            return compiler.scalar(node)
        numbers = (int,) if whole else (int, Decimal)
        return Literal(node.value, node.place) if type(node.value) in numbers else None
    if not matchers or not isinstance(node, Mapping) or not node.entries:
        return None
    if any(key.text not in (*ORDERINGS, "$in", "$not") for key, _ in node.entries):
        return None
    return compiler.any(node, "item")


def _exact(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$only`: a mapping with exactly these keys, or a list of items (for a mapping: of its keys)."""
    if isinstance(node, Mapping) and not any(is_word(inner.text) for inner, _ in node.entries):
        return made(key, compiler.fields(node))
    if isinstance(node, Sequence):
        return made(key, compiler.any(node, "item"))
    return wrong(compiler, key, node, "a mapping of keys, or a list")


def _items(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    if not isinstance(node, Sequence):
        return wrong(compiler, key, node, "a list of items")
    return made(key, Items(tuple(compiler.any(item, "item") for item in node.items), node.place))


def _direction(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    if not isinstance(node, Scalar) or node.value not in ("asc", "desc"):
        return wrong(compiler, key, node, "asc or desc")
    return made(key, constant=node.raw)


def _closing(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$closed`: bare, or expectations of the code and the reason."""
    if is_bare(node):
        return made(key)
    known = isinstance(node, Mapping) and {inner.text for inner, _ in node.entries} <= {"code", "reason"}
    if not isinstance(node, Mapping) or not node.entries or not known:
        return wrong(compiler, key, node, "code, reason or both, as {code: 1008}")
    return made(key, compiler.fields(node))


def _sources(compiler: Compiler, key: Key, node: Node, spot: Spot) -> Test | None:
    """`$differs`: bare, or an expectation for each source."""
    if is_bare(node):
        return made(key)
    if (
        not isinstance(node, Mapping)
        or not node.entries
        or any(is_word(name.text) for name, _ in node.entries)
    ):
        return wrong(compiler, key, node, "an expectation for each source, as {rest: 5, chain: 4}")
    return made(key, compiler.fields(node, "root"))


BUILDERS: Final[dict[str, Builder]] = {
    **dict.fromkeys(("$present", "$absent", "$uuid", "$address", "$nothing", "$lost", "$refused"), _bare),
    **dict.fromkeys(("$not", "$each", "$some"), _inner),
    **dict.fromkeys(("$gt", "$gte", "$lt", "$lte"), _bound),
    **dict.fromkeys(("$length", "$extra"), _count),
    "$in": _choices,
    "$either": _ways,
    "$contains": _contained,
    "$matches": _pattern,
    "$hex": _octets,
    "$between": _between,
    "$decimal": _decimal,
    "$only": _exact,
    "$unordered": _items,
    "$sorted": _direction,
    "$closed": _closing,
    "$late": delay,
    "$time": moment,
    "$age": age,
    "$differs": _sources,
}
