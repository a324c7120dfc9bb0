"""`harness lint`: every case below some folders is read, and what is wrong is told."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from harness.case import lint
from harness.case.additions import Additions
from harness.case.read import read_case
from harness.checks.choosing import counted
from harness.errors import CaseError, HarnessError
from harness.project import additions_of, root_of

OK: Final = 0
WRONG: Final = 2


def run(options: argparse.Namespace) -> int:
    """Read the cases. Raises HarnessError U004 where there is none (the caller's fault)."""
    files = sorted({found for path in options.paths for found in _cases(path)})
    if not files:
        below = ", ".join(map(str, options.paths))
        raise HarnessError("U004", f"no case below {below}: name a file or a folder")
    wrong = 0
    added: dict[Path | None, Additions] = {}
    for path in files:
        root = root_of(path)
        if root not in added:
            added[root] = additions_of(root)
        try:
            case = read_case(path, additions=added[root])
        except CaseError as error:
            wrong += 1
            print(error)
            continue
        for warning in lint.warnings(case):
            print(f"{warning} (warning)")
    print(f"{counted(len(files), 'case')} read, {f'{wrong} wrong' if wrong else 'all well'}")
    return WRONG if wrong else OK


def _cases(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return [found for suffix in ("*.yaml", "*.yml") for found in path.rglob(suffix)]
    return [path]
