"""`harness prove`, `harness show ID`, `harness note`: what is known of a case, at the ticket desk."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from harness.case.values import Case, Row
from harness.cassette import cassette_path, is_journal_path, read, salvage
from harness.choosing import chosen_cases
from harness.clock import RunClock
from harness.errors import HarnessError
from harness.project import root_of
from harness.proving import prove
from harness.report.listing import listing as events_of
from harness.verdict import Proof

UNPROVEN: Final = 1
INVALID: Final = 2
_MUTANTS: Final = 200
_GUESSED: Final = "# guessed:"


def prove_cases(options: argparse.Namespace) -> int:
    """Tell the proofs of the cases. Raises HarnessError U023, and what reading a case raises."""
    from harness.report.proofs import Proofs, told

    code = 0
    for root, case, row in _rows(options.ids, every=options.all, command="prove"):
        name, cassettes = row.name if row is not None else "", root / "cassettes"
        broken, fixed = (prove(case, each, cassettes, row=row) for each in ("broken", "fixed"))
        measure = fixed.judgement.word is Proof.PROVEN and not options.no_strength
        clock = RunClock()
        strength = _strength(case, row, cassettes) if measure else None
        proofs = Proofs(case, name, broken, fixed, strength, clock.now_us())
        for line in told(proofs):
            print(line)
        code = max(code, INVALID if proofs.is_invalid else 0 if proofs.holds else UNPROVEN)
    return code


def _strength(case: Case, row: Row | None, cassettes: Path) -> Any:
    from harness.strength import Strength

    name = row.name if row is not None else ""
    cassette = read(cassette_path(cassettes, case.id, "fixed", name), case.id, name)
    strength = Strength.of(case, cassette, row, most=_MUTANTS, besides=False)
    for _ in strength.judging():
        pass
    return strength


def show(options: argparse.Namespace) -> int:
    """Print a case, or a cassette. Raises HarnessError U061 where it is told both or neither."""
    if (options.case_id is None) == (options.cassette is None):
        raise HarnessError(
            "U061", "name one thing to show: a case (harness show ESC-1118) or --cassette PATH"
        )
    if options.case_id is not None:
        return _show_case(options.case_id, options.proof)
    return _show_cassette(options.cassette)


def _show_case(case_id: str, proof: str) -> int:
    from harness.report.attachments import listing
    from harness.report.terminal import explain

    for root, case, row in _rows([case_id], every=False, command="show"):
        print(f"{case.path}")
        if case.story:
            print(f"\n{case.story.strip()}\n")
        outcome = prove(case, proof, root / "cassettes", row=row)
        print(explain(outcome))
        if outcome.timeline:
            print(f"\n{listing(outcome.timeline).body}", end="")
    return 0


def _show_cassette(path: Path) -> int:
    finished = not is_journal_path(path)
    for line in events_of(read(path) if finished else salvage(path), finished=finished):
        print(line)
    return 0


def write_note(options: argparse.Namespace) -> int:
    """Print the note of a case, of its first row where it has several; and on stderr how much of the case is
    still a draft's guess, for the note says it as if it were known. Raises as `prove_cases`."""
    from harness.report.note import Recorded, note

    root, case, row = next(_rows(options.ids, every=False, command="note"))
    name = row.name if row is not None else ""
    recorded = (
        Recorded(
            cassette_path(root / "cassettes", case.id, each, name).relative_to(root),
            prove(case, each, root / "cassettes", row=row),
        )
        for each in ("broken", "fixed")
    )
    print(note(case, *recorded), end="")
    guessed = [line for line in Path(case.path).read_text("utf-8").splitlines() if _GUESSED in line]
    if guessed:
        count = f"{len(guessed)} line{'' if len(guessed) == 1 else 's'}"
        titled = ", its title among them" if any(f"{_GUESSED} the title" in line for line in guessed) else ""
        told = f"{case.path}: {count} guessed and not yet looked at{titled}: read the note before you send it"
        print(f"harness: {told}", file=sys.stderr)
    return 0


def _rows(ids: list[str], *, every: bool, command: str) -> Iterator[tuple[Path, Case, Row | None]]:
    root = root_of(Path.cwd() / "cases") or Path.cwd()
    for case in chosen_cases(root, ids, every=every, command=command):
        for row in case.rows or (None,):
            yield root, case, row
