"""What is changed in a module's source, and that the modules that everything trusts are tested by it."""

from __future__ import annotations

import ast
import subprocess
import tomllib

import pytest

from .modules import GROUPS, ROOT
from .mutants import WORD, mutants, mutated

CHANGED = [
    ("x = a == b", ["a == b → a != b"]),
    ("x = a < b", ["a < b → a <= b"]),
    ("x = a not in b", ["a not in b → a in b"]),
    ("x = a and b", ["a and b → a or b", "a and b → b", "a and b → a"]),
    ("x = not a", ["not a → a"]),
    ("x = a - b", ["a - b → a + b"]),
    ("x += a", ["x += a → pass"]),
    ("x = a if b else c", ["a if b else c → a if not b else c"]),
    ("def f():\n    return a", ["return a → return None"]),
    ("def f():\n    return None", []),
    ("def f():\n    raise E", ["raise E → pass"]),
    ("def f():\n    yield a", ["yield a → yield from ()"]),
    ("for x in y:\n    break", ["break → continue"]),
    ("f()", ["f() → pass"]),
    ("x = min(a)", ["min(a) → max(a)"]),
    ("x = True", ["True → False"]),
    ("x = 2", ["2 → 3"]),
    ("x = 'size'", ["'size' → 'XXsize'"]),
    ("x = r'^a+[bc]{2,3}$'", ["a+[", "^a*[", "{3,3}", "{2,3}'"]),
]
DULL = [
    '"""A module."""',
    "import a",
    "x: Literal['a']",
    "def f(a: 'A') -> 'B':\n    pass",
    "x = 'this is said to people'",
    "x = f'{a + 1} and so on'",
    "assert a == 1",
    "if TYPE_CHECKING:\n    x = 1",
    "__all__ = ['a']",
    "x = ''",
    "@d(1)\ndef f():\n    pass",
]


@pytest.mark.parametrize(("source", "changes"), CHANGED)
def test_what_is_changed(source: str, changes: list[str]) -> None:
    """Comparisons, conditions, sums, statements, results, numbers, names on the wire, patterns."""
    found = [f"{each.before} → {each.after}" for each in mutants(source)]
    assert len(found) == len(changes)
    assert all(change in each for change, each in zip(changes, found, strict=True))


def test_the_words_of_a_table_are_told_apart() -> None:
    """They are data: a table of sixty words would be most of what its module can get wrong."""
    many = mutants("X: Final = frozenset({'a', 'b', 'c', 'd', 'e', 'f'})")
    assert [each.operator for each in many] == [WORD] * 6
    assert [each.operator for each in mutants("X = ('a', 'b')")] == ["a text"] * 2


@pytest.mark.parametrize("source", DULL)
def test_what_is_left_alone(source: str) -> None:
    """What says nothing of what a module does: types, prose, imports, what is only asserted."""
    assert mutants(source) == []


@pytest.mark.parametrize("name", GROUPS)
def test_every_mutant_is_another_module_that_compiles(name: str) -> None:
    """Each is done alone, in its place, and the function that it is in is known by its first line."""
    for path in GROUPS[name].paths()[:3]:
        source = path.read_text(encoding="utf-8")
        whole, first_lines = ast.unparse(ast.parse(source)), source.splitlines()
        for mutant in mutants(source)[::41]:
            tree = mutated(source, mutant.index)
            assert ast.unparse(tree) != whole
            compile(tree, str(path), "exec")
            if mutant.function:
                assert first_lines[mutant.function - 1].lstrip().startswith(("def ", "@"))
    assert GROUPS[name].test_files()


def test_a_survivor_that_is_known_is_there_and_has_its_reason() -> None:
    """Nothing is excused that is no mutant any more, or for no reason."""
    with (ROOT / "tests" / "mutation" / "survivors.toml").open("rb") as file:
        known = tomllib.load(file).get("mutant", [])
    for entry in known:
        every = mutants((ROOT / entry["module"]).read_text(encoding="utf-8"))
        there = {(each.operator, each.before, each.after) for each in every}
        assert (entry["operator"], entry["before"], entry["after"]) in there, entry
        assert len(entry["reason"]) > 20


@pytest.mark.soak
def test_the_modules_that_everything_trusts_notice_their_mutants() -> None:
    """Of a sample within a quarter of an hour, each group reaches its bar; the survivors are told."""
    command = ["scripts/mutation", "--seconds", "840", "--jobs", "2"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1_800, check=False)
    print(ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
