"""`harness shrink`: a case with many steps, down to those without which its symptom goes away."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.case.read import parse_case
from harness.case.values import Case, Role, every_part
from harness.checks.choosing import counted
from harness.choosing import chosen_cases
from harness.errors import CaseError, HarnessError
from harness.files import write_atomically
from harness.project import root_of
from harness.report import records
from harness.shrink import Fate, Sliced, Tried, search, sliced
from harness.verdict import Verdict

STOPPED: Final = 130
_NAMED: Final = 4
_SHOWS: Final = frozenset({Verdict.STILL_BROKEN, Verdict.REGRESSED})
_PROJECT: Final = ("harness.toml", "pyproject.toml", "conftest.py")


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where smaller cases are run: a project of its own, with the root's configuration."""

    root: Path
    scratch: Path
    case: Case
    text: Sliced
    target: tuple[str, ...]

    def look(self, kept: frozenset[str]) -> Fate:
        """Run the case with only these parts of its steps."""
        text = self.text.with_only(kept)
        path = self.scratch / "cases" / f"{self.case.id}.yaml"
        try:
            parse_case(text, str(path))
        except CaseError:
            return Fate.CANNOT_RUN
        write_atomically(path, text.encode())
        word = self._word()
        return Fate.SHOWS if word in _SHOWS else Fate.GONE

    def _word(self) -> str:
        verdicts = self.scratch / "verdicts.json"
        verdicts.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "--rootdir", ".", *self.target]
        command += ["--verdicts", verdicts.name, "cases"]
        ran = subprocess.run(command, cwd=self.scratch, capture_output=True, text=True, check=False)
        if not verdicts.exists():
            last = (ran.stdout + ran.stderr).strip().splitlines()
            said = last[-1] if last else "pytest said nothing"
            raise HarnessError("U071", f"the case could not be run: {said}")
        found = records.read(verdicts)["records"]
        return str(found[0]["word"]) if found else ""


def run(options: argparse.Namespace) -> int:
    """Shrink one case; 0 where it shows its symptom, whether or not anything could go.

    Raises HarnessError U023 (no such case), U070 (the whole case does not show it), U071 (it cannot be run).
    """
    root = root_of(Path.cwd() / "cases") or Path.cwd()
    case = next(chosen_cases(root, options.ids, every=False, command="shrink"))
    path = root / case.path
    text = sliced(path.read_text(), case)
    build = ("--build", options.build) if options.build else ()
    with tempfile.TemporaryDirectory(prefix="harness-shrink-") as folder:
        scratch = Path(folder)
        for name in _PROJECT:
            if (root / name).is_file():
                shutil.copy(root / name, scratch)
        (scratch / "cases").mkdir()
        bench = _Bench(root, scratch, case, text, ("--target", options.target, *build))
        return _shrunk(bench, path, options)


def _shrunk(bench: _Bench, path: Path, options: argparse.Namespace) -> int:
    parts = [part.id for part in bench.case.parts_in(Role.STEPS)]
    kept = frozenset(parts)
    _say(
        f"{bench.case.id}: {counted(len(parts), 'step')}; run 1: does the whole case show its symptom there?"
    )
    if bench.look(kept) is not Fate.SHOWS:
        text = f"{bench.case.id} does not show its symptom on {options.target}"
        raise HarnessError("U070", f"{text}: name the build that has it")
    code = 0
    try:
        for kept, tried in search(parts, _needed(bench.case), bench.look, options.runs - 1):
            _tell(tried, len(kept))
    except KeyboardInterrupt:
        _say("stopped: what is left is what was reached")
        code = STOPPED
    _say(f"{len(kept)} of {len(parts)} steps are left: {', '.join(part for part in parts if part in kept)}")
    smaller = bench.text.with_only(kept)
    if options.write:
        write_atomically(path, smaller.encode())
        _say(f"{path}: written; replay it: pytest -k {bench.case.id}")
    else:
        print(smaller, end="")
    return code


def _needed(case: Case) -> frozenset[str]:
    """The parts that hold the symptom's step and its witness; a check of `checks` is always kept."""
    named = {case.symptom.subject, case.symptom.witness}
    return frozenset(
        part.id for part in case.parts_in(Role.STEPS) if named & {each.id for each in every_part((part,))}
    )


def _tell(tried: Tried, left: int) -> None:
    word = {
        Fate.SHOWS: "the symptom stays",
        Fate.GONE: "it goes away",
        Fate.CANNOT_RUN: "others refer to it",
    }[tried.fate]
    more = len(tried.without) - _NAMED
    without = ", ".join(tried.without[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    run = "no run" if tried.fate is Fate.CANNOT_RUN else f"run {tried.runs + 1}"
    _say(f"{run}, {left} left: without {without}: {word}")


def _say(text: str) -> None:
    print(f"harness: {text}", file=sys.stderr)
