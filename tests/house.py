"""The modules of the house, parsed, and what each imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "harness"


@dataclass(frozen=True, slots=True)
class Import:
    """One import: which module of the house does it, of what, and whether when it is loaded."""

    module: str
    path: str
    imported: str
    line: int
    at_load: bool

    def __str__(self) -> str:
        return f"harness/{self.path}:{self.line} imports {self.imported}"


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the house, parsed, by its path below `harness/`."""
    return {
        path.relative_to(HOUSE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(HOUSE.rglob("*.py"))
    }


def module_name(path: str) -> str:
    """`report/plain.py` as `harness.report.plain`."""
    return "harness." + path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@cache
def imports() -> tuple[Import, ...]:
    """Every import of the house, those inside functions and under TYPE_CHECKING too."""
    return tuple(found for path, tree in trees().items() for found in _imports(path, tree))


def _imports(path: str, tree: ast.Module) -> Iterator[Import]:
    at_load = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            known = {module_name(each) for each in trees()}
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else node.module for name in full]
        for name in dict.fromkeys(names):
            yield Import(module_name(path), path, name, node.lineno, id(node) in at_load)
