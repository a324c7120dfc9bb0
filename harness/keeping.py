"""Keeping a failing example: the case of its own that is written beside the one that was explored."""

from __future__ import annotations

from pathlib import Path

from harness.case.additions import Additions
from harness.case.copying import copied, told
from harness.case.read import parse_case
from harness.errors import HarnessError
from harness.files import write_atomically
from harness.outcome import Outcome


def keep(outcome: Outcome, source: Path, root: Path, case_id: str, additions: Additions) -> Path:
    """Write the case of a failing outcome beside `source`, as the case `case_id`, its inputs as examples.

    Raises HarnessError U008 where that cannot be (the id is taken, the case has rows), FileError.
    """
    case = outcome.case
    if case is None:
        raise ValueError("nothing to keep")
    if case.rows:
        text = f"{case.id} has 'examples': copy it by hand, with the row {outcome.row} and these inputs"
        raise HarnessError("U008", f"not saved: {text}")
    taken = used(root, case_id)
    path = source.with_name(source.name.replace(case.id, case_id, 1))
    if taken is not None or path.exists():
        raise HarnessError("U008", f"not saved: {case_id} is taken, by {taken or path}: name another id")
    values = {each.name: each.example for each in case.vary}
    where = f"{outcome.target} {outcome.build or ''}".rstrip()
    remark = f"Explored from {case.id}: with {told(values)} it was {outcome.judgement.word} on {where}."
    text = copied(source.read_text(encoding="utf-8"), str(path), case_id, values, remark)
    parse_case(text, str(path), additions)
    write_atomically(path, text.encode())
    return path


def used(root: Path, case_id: str) -> Path | None:
    """The case below `cases/` that has this id, by its file's name."""
    found = (root / "cases").rglob(f"{case_id}*")
    return next((path for path in sorted(found) if path.stem.partition(case_id)[2][:1] in ("", "-")), None)
