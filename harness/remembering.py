"""`harness history`: the ledger of all runs, at the desk."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Final

from harness.case.read import CASE_ID, read_case
from harness.case.values import Case
from harness.errors import CaseError, HarnessError
from harness.history import add, flaky, of_case, opened, patterns
from harness.project import additions_of, root_of
from harness.report.ledger import verdicts
from harness.report.retries import runs_of
from harness.sharding import case_id_of

OK: Final = 0
UNKNOWN: Final = 1


def run(options: argparse.Namespace) -> int:
    """Add to the ledger, or ask it. Raises HarnessError U084 where it is asked neither (the caller's)."""
    match options.what:
        case ["add", *files] if files and not (options.flaky or options.patterns):
            return _add(options.db, [Path(each) for each in files])
        case [] if options.flaky != options.patterns:
            return _told(options)
        case [str() as case_id] if CASE_ID.fullmatch(case_id) and not (options.flaky or options.patterns):
            return _case(options.db, case_id)
    raise HarnessError("U084", "say add VERDICTS, a case's id, --flaky or --patterns: harness history --help")


def _add(path: Path, files: list[Path]) -> int:
    documents = [verdicts(each) for each in files]
    ids = {each.get("id") for one in documents for each in one["records"]}
    kinds = _kinds({each for each in ids if each})
    with opened(path, make=True) as held:
        counts = [add(held, one, kinds) for one in documents]
    for file, one, new in zip(files, documents, counts, strict=True):
        told = sum(len(runs_of(each)) for each in one["records"])
        print(f"{file}: {new} of {told} results are new in {path}")
    return OK


def _kinds(ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Component and class of bug of the cases that are there and sound."""
    root = root_of(Path.cwd() / "cases") or Path.cwd()
    added = additions_of(root)
    found = {}
    for path in (root / "cases").rglob("*.y*ml"):
        if case_id_of(path) in ids:
            try:
                case = read_case(path, additions=added)
            except CaseError:
                continue  # whoever runs it is told
            found[case.id] = (case.component, _bug_class(case))
    return found


def _bug_class(case: Case) -> str:
    """What the symptom breaks: the kind of check that fails, or a step's expectation."""
    rules = {check.id: type(check.rule).__name__ for check in case.checks}
    return rules.get(case.symptom.check or "", "Step").lower()


def _case(path: Path, case_id: str) -> int:
    with opened(path, make=False) as held:
        lines = list(of_case(held, case_id))
    for line in lines:
        print(line)
    if not lines:
        print(f"{case_id}: no live run of it is in {path}")
        return UNKNOWN
    return OK


def _told(options: argparse.Namespace) -> int:
    with opened(options.db, make=False) as held:
        if options.flaky:
            lines = flaky(held)
        else:
            lines = [
                f"{component or '–'}  {kind or '–'}: {red_cases} of {cases} cases red, {reds} of {runs} runs"
                for component, kind, cases, red_cases, runs, reds in patterns(held)
            ]
    for line in lines or ["nothing"]:
        print(line)
    return OK
