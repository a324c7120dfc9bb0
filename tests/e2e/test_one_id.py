"""`-k` with one id looks at names, and finds what pytest would find."""

from __future__ import annotations

from .bench import Bench

WATCHES = """
def pytest_ignore_collect(collection_path):
    with open("looked-at.txt", "a") as file:
        file.write(collection_path.name + "\\n")
"""


def crowded(bench: Bench) -> None:
    """More cases, a folder of them, Python tests beside them, and a note of what pytest looks at."""
    (bench.root / "conftest.py").write_text(WATCHES, encoding="utf-8")
    (bench.root / "cases/more").mkdir()
    for name in ("cases/ESC-2001.yaml", "cases/ESC-2002.yml", "cases/more/ESC-2003.yaml"):
        (bench.root / name).write_text("not a case at all", encoding="utf-8")
    bench.case.rename(bench.root / "cases/more" / bench.case.name)
    (bench.root / "cases/test_beside.py").write_text("def test_ESC_1118(): pass\n", encoding="utf-8")


def test_files_of_other_cases_are_not_looked_at(bench: Bench) -> None:
    """Pytest is not even asked about them; folders and Python files are collected as ever."""
    crowded(bench)
    ran = bench.pytest("-k", "ESC-1118")
    looked_at = set((bench.root / "looked-at.txt").read_text(encoding="utf-8").split())
    assert (ran.code, ran.outcomes()) == (0, {"passed": 2, "deselected": 1}), ran.out
    assert {"more", bench.case.name, "test_beside.py"} <= looked_at
    assert not {name for name in looked_at if name.startswith("ESC-200")}


def test_more_than_an_id_looks_at_all(bench: Bench) -> None:
    """An expression is pytest's to decide: each case is read, and a broken one is an error."""
    crowded(bench)
    ran = bench.pytest("-k", "ESC-1118 or ESC-2001")
    assert ran.outcomes()["error"] == 1, ran.out
    assert "ESC-2003.yaml" in (bench.root / "looked-at.txt").read_text(encoding="utf-8")
