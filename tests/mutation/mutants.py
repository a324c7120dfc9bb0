"""What can be wrong in a module's source: one small change at a time, as values. Nothing is written.

Dull places are left out: annotations, imports, docstrings, prose (texts for people), f-strings, assertions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Put = Callable[[Any], None]

COMPARED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMPUTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
WORD = "a word of a table"
MANY = 6
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
DULL = ("annotation", "returns", "decorator_list", "type_params", "bases", "msg")
QUANTIFIER = re.compile(
    r"(?<!\\)(?:\{(\d+)|[+*](?![+?])|(?<=[\])\w.])\?(?![:=!<P]))|\\[bAZ]|(?<![\\\[])[\^$]"
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the how-many-th of its module, its line, the first line of its function (0 where it is in
    none), and what it does."""

    index: int
    line: int
    function: int
    operator: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.line}: {self.operator}: {self.before} → {self.after}"


@dataclass(slots=True)
class _Site:
    line: int
    operator: str
    before: str
    after: str
    do: Callable[[], None]


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its source."""
    tree = ast.parse(source)
    functions = _functions(tree)
    found = []
    for index, site in enumerate(_sites(tree)):
        inside = [first for first, start, end in functions if start <= site.line <= end]
        found.append(Mutant(index, site.line, max(inside, default=0), site.operator, site.before, site.after))
    return found


def _functions(tree: ast.Module) -> list[tuple[int, int, int]]:
    """Every function: its first line as its code knows it (that of a decorator), and its body's lines."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.append((first, node.body[0].lineno, node.end_lineno or first))
    return found


def mutated(source: str, index: int) -> ast.Module:
    """The module with one mutant done. Raises IndexError where it has no such mutant."""
    tree = ast.parse(source)
    for at, site in enumerate(_sites(tree)):
        if at == index:
            site.do()
            return ast.fix_missing_locations(tree)
    raise IndexError(index)


def _sites(tree: ast.Module) -> Iterator[_Site]:
    words = _words(tree)
    for node, put in _spots(tree):
        for site in _of(node, put):
            if id(node) in words and site.operator == "a text":
                site.operator = WORD
            yield site


def _words(tree: ast.Module) -> set[int]:
    """The texts of a module's tables: collections of several, outside of functions."""
    found: set[int] = set()
    for statement in tree.body:
        for node in ast.walk(statement) if isinstance(statement, ast.Assign | ast.AnnAssign) else ():
            if isinstance(node, ast.Set | ast.List | ast.Tuple | ast.Dict | ast.Call):
                inner = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
                found |= {id(each) for each in inner} if len(inner) >= MANY else set()
    return found


def _spots(node: ast.AST) -> Iterator[tuple[ast.AST, Put]]:
    """Every node that may be changed, outer ones first, and how another is put in its place."""
    for name, value in ast.iter_fields(node):
        if name in DULL:
            continue
        if isinstance(value, list):
            for at, inner in enumerate(value):
                if isinstance(inner, ast.AST) and not _is_dull(node, name, at, inner):
                    yield inner, lambda new, at=at, value=value: value.__setitem__(at, new)
                    yield from _spots(inner)
        elif isinstance(value, ast.AST) and not _is_dull(node, name, 0, value):
            yield value, lambda new, node=node, name=name: setattr(node, name, new)
            yield from _spots(value)


def _is_dull(around: ast.AST, name: str, at: int, node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert | ast.JoinedStr | ast.expr_context):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return True
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(t, ast.Name) and t.id in ("__all__", "__slots__") for t in targets)
    return False


def _of(node: ast.AST, put: Put) -> Iterator[_Site]:
    def site(operator: str, after: Any, do: Callable[[], None] | None = None) -> _Site:
        line = getattr(node, "lineno", 0)
        shown = ast.unparse(after) if isinstance(after, ast.AST) else after
        return _Site(line, operator, _short(ast.unparse(node)), _short(shown), do or (lambda: put(after)))

    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            other = ast.Compare(node.left, [COMPARED[type(op)]()], node.comparators)
            yield site("compares otherwise", other)
        case ast.BoolOp(op=op):
            other = ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
            yield site("and, or", other)
            for at in range(len(node.values)):
                rest = [value for place, value in enumerate(node.values) if place != at]
                yield site("a condition less", rest[0] if len(rest) == 1 else ast.BoolOp(op, rest))
        case ast.UnaryOp(op=ast.Not()):
            yield site("not", node.operand)
        case ast.BinOp(op=op) if type(op) in COMPUTED and not _is_text(node):
            yield site("computes otherwise", ast.BinOp(node.left, COMPUTED[type(op)](), node.right))
        case ast.AugAssign(op=op) if type(op) in COMPUTED:
            yield site("a statement less", ast.Pass())
        case ast.IfExp():
            yield site("the other way", ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse))
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield site("returns nothing", ast.Return(ast.Constant(None)))
        case ast.Raise():
            yield site("raises nothing", ast.Pass())
        case ast.Continue():
            yield site("breaks", ast.Break())
        case ast.Break():
            yield site("continues", ast.Continue())
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            empty = isinstance(node.value, ast.Yield | ast.YieldFrom)
            less: ast.stmt = ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load()))) if empty else ast.Pass()
            yield site("a statement less", less)
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            other_name = ast.Name(NAMES[name], ast.Load())
            yield site("another function", ast.Call(other_name, node.args, node.keywords))
        case ast.Constant():
            yield from (site(*each) for each in _constants(node.value))


def _constants(value: Any) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(value, bool):
        yield "a flag", ast.Constant(not value)
    elif isinstance(value, int):
        yield "a number", ast.Constant(value + 1)
    elif isinstance(value, str | bytes):
        text = value if isinstance(value, str) else value.decode("latin-1")
        if _is_pattern(text):
            for other in _patterns(text):
                yield "a pattern", ast.Constant(other if isinstance(value, str) else other.encode("latin-1"))
        elif text and not _is_prose(text):
            other = "XX" + text
            yield "a text", ast.Constant(other if isinstance(value, str) else other.encode("latin-1"))


def _patterns(text: str) -> Iterator[str]:
    """A pattern with one of its quantifiers or anchors otherwise."""
    for found in QUANTIFIER.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        if found[1]:
            yield f"{before}{{{int(found[1]) + 1}{after}"
        elif found[0] in "+*":
            yield before + ("*" if found[0] == "+" else "+") + after
        else:
            yield before + after


def _is_pattern(text: str) -> bool:
    return bool(re.search(r"\\[dwsSWDbAZ.]|\[[^\]]+\][+*{?]|\(\?|\{\d+,?\d*\}", text)) and _compiles(text)


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _is_prose(text: str) -> bool:
    return len(re.findall(r"[A-Za-z]{2,}", text)) >= 2 and " " in text


def _is_text(node: ast.BinOp) -> bool:
    """Whether an addition joins texts or lists, of which there is no difference."""
    sides = (node.left, node.right)
    kinds = (ast.JoinedStr, ast.List, ast.Tuple)
    return any(
        isinstance(s, kinds) or (isinstance(s, ast.Constant) and isinstance(s.value, str)) for s in sides
    )


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _short(text: str) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= 90 else text[:89] + "…"
