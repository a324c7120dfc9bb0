"""An item that was run more than once: no second try turns a red into a green, and all are told.

A run that could not tell is no evidence: it stands only where no other run told more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from harness.report.words import BLAMED, GREEN, WRONG, is_flaky, is_red

_WORST_FIRST: Final = (BLAMED, WRONG, GREEN)
_OF_A_RUN: Final = ("word", "why", "started_at", "took_ms")


def runs_of(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every run that a record tells of, each as a record of its own, in their order."""
    if "runs" not in record:
        return [record]
    alone = {name: value for name, value in record.items() if name not in ("runs", "flaky")}
    return [{**alone, **run} for run in record["runs"]]


def is_told(record: Mapping[str, Any], by: Mapping[str, Any]) -> bool:
    """Whether a record is of a run that another record tells already."""
    last = runs_of(record)[-1]
    return any(all(each.get(name) == last.get(name) for name in _OF_A_RUN) for each in runs_of(by))


def combined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """One record of two runs of an item on one build: the worse word stands, of one that could not tell the
    other, and both are told. What either left behind is left.
    """
    runs = [*runs_of(first), *runs_of(second)]
    worst = min((*runs_of(first), second), key=_rank)
    told = [{name: each.get(name) for name in _OF_A_RUN} for each in runs]
    made = {**(first if worst is not second else second), **worst, "runs": told}
    for name in ("placed", "left"):
        if held := [*first.get(name, ()), *second.get(name, ())]:
            made[name] = list(dict.fromkeys(held))
    if len({is_red(each) for each in runs}) > 1:
        how = "flaky" if is_flaky(runs) else f"run {len(runs)} times"
        words = ", then ".join(each["word"] for each in runs)
        made |= {"flaky": is_flaky(runs), "why": f"{how}: {words}: {worst.get('why')}"}
    return made


def flaky_of(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The items that were red and green on one build of one target, each with its words in order."""
    seen: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for each in records:
        build = each.get("build") or each.get("started_at")  # who says no build may be at another each time
        where = (str(each["item"]), str(each.get("target")), str(build))
        seen.setdefault(where, []).extend(runs_of(each))
    return [
        f"{item} ({', then '.join(each['word'] for each in runs)})"
        for (item, _, _), runs in seen.items()
        if is_flaky(runs)
    ]


def _rank(record: Mapping[str, Any]) -> int:
    """How bad its word is: 0 the worst, and last what tells nothing."""
    return next((at for at, words in enumerate(_WORST_FIRST) if record["word"] in words), len(_WORST_FIRST))
