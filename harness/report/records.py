"""The verdicts file: one record a case, plus the plan; and the gate over such files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from harness import __version__, exactjson
from harness.clock import exact_utc
from harness.errors import HarnessError
from harness.files import write_atomically
from harness.outcome import Outcome
from harness.report.alike import Alike, alike, blocking
from harness.report.plain import plain_text
from harness.report.retries import flaky_of
from harness.report.words import GREEN, UNSURE, WRONG, is_aside
from harness.verdict import Verdict

FORMAT: Final = 1
_NAMED: Final = 20
"""So many items are named in one line: nobody reads more there, and the table above has them all."""
OK: Final = 0
CANNOT_TELL: Final = 3


def record(outcome: Outcome, *, started_at: str, took_ms: int) -> dict[str, Any]:
    """One item's record. Every text in it is safe to show."""
    finding = outcome.finding
    run = outcome.run
    return {
        "item": outcome.item,
        "id": outcome.case.id if outcome.case else outcome.item.partition("[")[0],
        "row": outcome.row or None,
        "word": str(outcome.judgement.word),
        "why": plain_text(outcome.judgement.why.partition("\n")[0]),
        "target": outcome.target,
        "build": outcome.build,
        "at": finding.subject if finding else None,
        "finding": plain_text(finding.text) if finding else None,
        "not_reached": list(run.not_reached) if run else [],
        "unused": [plain_text(line) for line in outcome.unused],
        "code": None if outcome.error is None else outcome.error.code,
        "proofs": dict(outcome.origins),
        "started_at": started_at,
        "took_ms": took_ms,
        "sealed": str(outcome.sealed) if outcome.sealed else None,
        **_ended(outcome),
        **_run_again(outcome, took_ms),
    }


def _run_again(outcome: Outcome, took_ms: int) -> dict[str, Any]:
    """Both runs of an item that ran once more because the exchange took nothing of it."""
    first = outcome.first
    if first is None:
        return {}
    again_ms = first.again_us // 1_000
    times = (
        (first.judgement, first.started_wall_us, first.took_us // 1_000),
        (outcome.judgement, first.started_wall_us + first.again_us, max(0, took_ms - again_ms)),
    )
    told = [
        {
            "word": str(judged.word),
            "why": plain_text(judged.why.partition("\n")[0]),
            "started_at": exact_utc(at_us),
            "took_ms": ms,
        }
        for judged, at_us, ms in times
    ]
    return {"runs": told}


def _ended(outcome: Outcome) -> dict[str, Any]:
    """What became of what a live run that ended badly had placed, and what is left of it."""
    cleanup, held = outcome.cleanup, dict[str, Any]()
    if cleanup is not None and (cleanup.told or cleanup.left):
        held["placed"] = [plain_text(each) for each in cleanup.told]
        held["left"] = [plain_text(each) for each in cleanup.left]
    return held if outcome.stopped is None else {**held, "interrupted": True}


def document(
    records: Iterable[Mapping[str, Any]], selected: Sequence[str], shard: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The whole file: the plan of what was selected, and the records in order of items.

    `shard` is the part of a run that this is, with the cases of all parts; None where it is a whole run.
    """
    ids = sorted(selected)
    digest = hashlib.sha256(exactjson.canonical(ids).encode()).hexdigest()
    kept = sorted(records, key=lambda each: str(each["item"]))
    return {
        "verdicts": FORMAT,
        "harness": __version__,
        "plan": {"items": ids, "digest": f"sha256:{digest}", **({"shard": dict(shard)} if shard else {})},
        "records": kept,
    }


def write(path: Path, held: Mapping[str, Any]) -> None:
    """Write the file whole or not at all. Raises FileError where the disk refuses."""
    records = ",\n  ".join(exactjson.dumps(each) for each in held["records"])
    head = ",\n ".join(
        f"{exactjson.dumps(key)}: {exactjson.dumps(value)}" for key, value in held.items() if key != "records"
    )
    write_atomically(path, f'{{{head},\n "records": [\n  {records}\n]}}\n'.encode())


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate says: the exit code, one line why, the records judged, what many fail alike over."""

    code: int
    why: str
    records: tuple[Mapping[str, Any], ...]
    alike: tuple[Alike, ...] = ()


def read(path: Path) -> Mapping[str, Any]:
    """Read a verdicts file. Raises HarnessError V001 where it is none (the caller's fault)."""
    try:
        held = exactjson.loads(path.read_bytes())
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror}. Write one with pytest --verdicts {path}"
        raise HarnessError("V001", text) from None
    except ValueError as error:
        raise HarnessError(
            "V001", f"{path} is not JSON: {error}. Write one with pytest --verdicts {path}"
        ) from None
    if not is_whole(held):
        raise HarnessError("V001", f"{path} is no verdicts file: write one with pytest --verdicts {path}")
    return cast("Mapping[str, Any]", held)


def is_whole(held: Any) -> bool:
    """Whether a value has what every verdicts file has."""
    if not isinstance(held, dict) or held.get("verdicts") != FORMAT:
        return False
    plan, records = held.get("plan"), held.get("records")
    return (
        isinstance(plan, dict)
        and isinstance(plan.get("items"), list)
        and isinstance(records, list)
        and all(isinstance(each, dict) and {"item", "word"} <= each.keys() for each in records)
    )


def gate(
    held: Iterable[Mapping[str, Any]],
    allow_inconclusive: int = 0,
    quarantine: Mapping[str, object] = MappingProxyType({}),
) -> Gate:
    """Judge verdicts: 0 nothing regressed or changed, 1 the product, 2 a case, 3 cannot tell.

    `quarantine` has the owners of flaky cases by id: their reds do not count, and are named. What is left on
    a target, and most cases failing alike, is never 0, whatever is allowed or in quarantine.
    """
    documents = list(held)
    every = tuple(each for one in documents for each in one["records"])
    aside = [each for each in every if is_aside(each, quarantine)]
    counted = [each for each in every if each not in aside]
    code, why = _judged(counted, never_ran(documents), allow_inconclusive, bool(every))
    found = alike(every)
    most, left = blocking(found), [str(each["item"]) for each in every if each.get("left")]
    told = [] if most is None else [f"one finding: {most}"]
    told += [f"left on the target: {_listed(left)}"] if left else []
    if told:
        why = "; ".join(told if code == OK else [why, *told])
        code = code or CANNOT_TELL
    if flaky := flaky_of(every):
        why += f"; flaky: {_listed(flaky)}"
    if aside:
        names = ", ".join(f"{each['item']} {each['word']} ({quarantine[each['id']]})" for each in aside)
        why += f"; not counted, in quarantine: {names}"
    return Gate(code, why, every, tuple(found))


def _judged(
    records: Sequence[Mapping[str, Any]], missing: Sequence[str], allow_inconclusive: int, any_judged: bool
) -> tuple[int, str]:
    blamed = [each for each in records if each["word"] not in GREEN | UNSURE | WRONG]
    if blamed:
        return 1, f"the product: {_named(blamed)}"
    wrong = [each for each in records if each["word"] in WRONG]
    if wrong:
        return 2, f"a case: {_named(wrong)}"
    if not any_judged:
        return 2, "no case was judged at all"
    unsure = [each["item"] for each in records if each["word"] in UNSURE]
    if len(unsure) + len(missing) > allow_inconclusive:
        told = [f"could not tell: {_listed(unsure)}"] if unsure else []
        told += [f"{len(missing)} never ran: {_listed(missing)}"] if missing else []
        return 3, "; ".join(told)
    return 0, f"{len(records)} judged, nothing regressed or changed"


def never_ran(held: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was planned and has no record."""
    documents = list(held)
    judged = {each["item"] for one in documents for each in one["records"]}
    return [item for one in documents for item in one["plan"]["items"] if item not in judged]


def lost(item: str, target: str, build: str | None, why: str) -> dict[str, Any]:
    """The record of an item whose process died while it ran."""
    case_id = item.partition("[")[0]
    row = (
        item[len(case_id) + 1 : -1].rpartition("-")[0] if target == "replay" else item[len(case_id) + 1 : -1]
    )
    return {
        "item": item,
        "id": case_id,
        "row": row or None,
        "word": str(Verdict.INCONCLUSIVE),
        "why": plain_text(why),
        "target": target,
        "build": build,
        "at": None,
        "finding": None,
        "not_reached": [],
        "unused": [],
        "code": None,
        "proofs": {},
        "started_at": None,
        "took_ms": None,
        "sealed": None,
    }


def _listed(items: Sequence[str]) -> str:
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return f"{', '.join(items[:_NAMED])}{more}"


def _named(records: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(f"{each['item']} {each['word']}" for each in records)
