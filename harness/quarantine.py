"""Cases that are known to be flaky, by name, each with an owner and an end: red, but not in a ship's way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from harness import yamlnodes
from harness.case.read import CASE_ID
from harness.clock import RunClock, iso_utc
from harness.errors import CaseError, HarnessError, Place, Problem
from harness.files import read_whole
from harness.report.plain import plain_text
from harness.strictyaml import load

_KEYS: Final = ("case", "owner", "until", "why")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One case in quarantine."""

    case: str
    owner: str
    until: date
    why: str

    def __str__(self) -> str:
        return f"{self.owner}, until {self.until}"


def read_quarantine(path: Path, today: date) -> dict[str, Quarantined]:
    """The cases of a quarantine file, by id; none where there is no file.

    Raises CaseError with each slip at its place: U085 where it is not as it should be, U086 where an end has
    passed (both its owner's fault).
    """
    found, problems = _read(path, today)
    if problems:
        raise CaseError(problems)
    return found


def shown_quarantine(path: Path, today: date) -> tuple[dict[str, Quarantined], list[str]]:
    """The same for a report, which decides nothing: what is sound and has not ended, and what is wrong."""
    try:
        found, problems = _read(path, today)
    except (CaseError, HarnessError) as error:
        return {}, [plain_text(line) for line in str(error).splitlines()]
    return found, [plain_text(str(each)) for each in problems]


def today() -> date:
    """The day, as UTC has it."""
    return date.fromisoformat(iso_utc(RunClock().started_wall_us)[:10])


def _read(path: Path, today: date) -> tuple[dict[str, Quarantined], list[Problem]]:
    try:
        data = read_whole(path)
    except FileNotFoundError:
        return {}, []
    root = load(data, str(path))
    problems: list[Problem] = []
    found: dict[str, Quarantined] = {}
    if not isinstance(root, yamlnodes.Sequence):
        return {}, [Problem(root.place, "U085", f"is no list of {{{', '.join(_KEYS)}}}")]
    for entry in root:
        one = _entry(entry, today, problems)
        if one is not None and one.case in found:
            problems.append(Problem(entry.place, "U085", f"{one.case} is here twice"))
        elif one is not None:
            found[one.case] = one
    return found, problems


def _entry(entry: yamlnodes.Node, today: date, problems: list[Problem]) -> Quarantined | None:
    def wrong(place: Place, text: str, code: str = "U085") -> None:
        problems.append(Problem(place, code, text))

    before = len(problems)
    if not isinstance(entry, yamlnodes.Mapping):
        wrong(entry.place, f"is no mapping of {', '.join(_KEYS)}")
        return None
    told: dict[str, str] = {}
    for key, node in entry:
        if key.text not in _KEYS:
            wrong(key.place, f"unknown key {key.text!r}: {', '.join(_KEYS)}")
        elif not isinstance(node, yamlnodes.Scalar) or not node.raw.strip():
            wrong(node.place, f"{key.text!r} is no text")
        else:
            told[key.text] = node.raw
    for name in _KEYS:
        if entry.get(name) is None:
            wrong(entry.place, f"{name!r} is missing: nothing is in quarantine without it")
    if len(problems) > before:
        return None
    if not CASE_ID.fullmatch(told["case"]):
        wrong(_place(entry, "case"), f"{told['case']!r} is no case's id: a quarantine names one case")
    until = _date(told["until"])
    if until is None:
        wrong(_place(entry, "until"), f"{told['until']!r} is no date such as 2026-12-24")
    elif until < today:
        ended = f"the quarantine of {told['case']} ended on {until}"
        text = f"{ended}: {told['owner']} mends it or says for how long more"
        wrong(_place(entry, "until"), text, "U086")
    if until is None or len(problems) > before:
        return None
    return Quarantined(told["case"], told["owner"], until, told["why"])


def _place(entry: yamlnodes.Mapping, name: str) -> Place:
    node = entry.get(name)
    return entry.place if node is None else node.place


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
