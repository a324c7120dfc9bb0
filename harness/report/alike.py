"""Many cases that fail alike are one finding: of the target or the product, and not of each case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.report.plain import one_line
from harness.verdict import Verdict

LEAST: Final = 3
"""So many cases at least: two that fail alike may be chance."""
_NAMED: Final = 5
_DOWN: Final = "T001"
_OURS: Final = {
    _DOWN: "an outage",
    "T030": "the exchange says not now",
    "T046": "the runs stand in each other's way",
    "T047": "two clocks differ",
}
"""What looks like nobody's bug, by the error's code: the target is up, and is not asked properly."""
_WHEN: Final = re.compile(r"the target (?:was|went) down [a-z ]+: ")
_VARIES: Final = re.compile(
    r"0x[0-9a-fA-F]+|[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]+)*|'[^']*'|\"[^\"]*\"|[0-9]+[.][0-9]+|[0-9]{4,}|«[^»]*»"
)
"""What differs between failures that are alike: hashes, ids, names, times, ports; never a status."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Cases of one run that fail alike: how many of how many, the text of the first, and whose it looks."""

    items: tuple[str, ...]
    of: int
    text: str
    word: str
    code: str | None

    @property
    def is_down(self) -> bool:
        """Whether a channel of the target was down."""
        return self.code == _DOWN

    @property
    def most(self) -> bool:
        """Whether most of what was judged fails so: then nothing else of the run is to be believed either."""
        return 2 * len(self.items) > self.of

    @property
    def suspect(self) -> str:
        """Whose it looks like. What a target refuses everybody while it is up seems to be the product's."""
        if self.code in _OURS:
            return _OURS[self.code]
        return "the product" if self.word == Verdict.CHANGED else "the product, it seems: the target is up"

    def __str__(self) -> str:
        more = f" and {len(self.items) - _NAMED} more" if len(self.items) > _NAMED else ""
        head = f"{len(self.items)} of {self.of} fail alike: {self.suspect}: {self.text}"
        return f"{head} ({', '.join(self.items[:_NAMED])}{more})"


def alike(records: Iterable[Mapping[str, Any]]) -> list[Alike]:
    """What cases of live runs fail alike over, most first; what only a few share is theirs.

    A channel that was down is told from three cases on, any other text where most fail with it. Cases that
    show their own symptom do not fail alike, and what never ran is told elsewhere.
    """
    judged = [each for each in records if each.get("target") != "replay" and each.get("started_at")]
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in judged:
        if each["word"] in (Verdict.CHANGED, Verdict.INCONCLUSIVE):
            found.setdefault(_sign(each), []).append(each)
    groups = [_of(those, len(judged)) for those in found.values() if len(those) >= LEAST]
    kept = [each for each in groups if each.most or each.is_down]
    return sorted(kept, key=lambda each: (-len(each.items), each.text))


def told(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The same as lines for the top of a table."""
    return [f"one finding: {one_line(str(each))}" for each in alike(records)]


def blocking(found: Sequence[Alike]) -> Alike | None:
    """What most cases fail over, if anything."""
    return next((each for each in found if each.most), None)


def _of(those: Sequence[Mapping[str, Any]], of: int) -> Alike:
    first = those[0]
    items = tuple(str(each["item"]) for each in those)
    return Alike(items, of, str(first.get("why") or ""), str(first["word"]), first.get("code"))


def _sign(record: Mapping[str, Any]) -> tuple[str, str]:
    """What is the same of failures that are alike: the word, and the text without what varies."""
    text = str(record.get("finding") or record.get("why") or "").partition("\n")[0]
    why = str(record.get("why") or "")
    said = why if record.get("code") else f"{text} {why}"
    return (str(record["word"]), _VARIES.sub("·", _WHEN.sub("", said)))
