"""The words of records, by what they mean for a ship."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from harness.verdict import OURS, Proof, Verdict

GREEN: Final = frozenset({*map(str, OURS), str(Proof.PROVEN)})
BLAMED: Final = frozenset({str(Verdict.REGRESSED), str(Verdict.CHANGED)})
"""The product's fault."""
WRONG: Final = frozenset({str(Verdict.INVALID), str(Proof.INVALID), str(Proof.UNPROVEN)})
"""A case's or a cassette's fault."""
UNSURE: Final = frozenset({str(Verdict.INCONCLUSIVE)})
"""The environment's, or nobody knows."""
GROUPS: Final = (
    ("blocks, the product", BLAMED),
    ("blocks, a case", WRONG),
    ("could not be told", UNSURE),
    ("fixed, to be promoted", frozenset({str(Verdict.VERIFIED)})),
)
"""The words that a reader must act on, worst first."""


def is_aside(record: Mapping[str, Any], quarantine: Container[str]) -> bool:
    """Whether a red does not count: its case is in quarantine, and it is of a kind that may be flaky."""
    return record.get("id") in quarantine and record["word"] in BLAMED | UNSURE


def is_flaky(runs: Iterable[Mapping[str, Any]]) -> bool:
    """Whether runs of one item on one build are red and green: an outage between them makes nothing flaky."""
    words = {each["word"] for each in runs}
    return bool(words & (BLAMED | WRONG)) and bool(words & GREEN)


def is_red(record: Mapping[str, Any]) -> bool:
    """Whether pytest failed over a record, or stopped with an error."""
    return record["word"] not in GREEN and not record.get("sealed")
