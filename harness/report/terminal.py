"""A failure in one screen, and the table of verdicts: plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

from harness.case.values import Case, every_part
from harness.finding import Finding, seconds
from harness.outcome import Outcome
from harness.report.plain import one_line, plain_text
from harness.verdict import Proof, Verdict

LEFT_LINES: Final = 20
_MARKS: Final = {True: "ok", False: "FAIL"}


def explain(outcome: Outcome) -> str:
    """Why an item came to its word: what ran, with times; the finding; where it stands; what to run next."""
    return plain_text("\n".join(_lines(outcome)))


def _lines(outcome: Outcome) -> Iterator[str]:
    word, why = outcome.judgement.word, outcome.judgement.why
    case = outcome.case
    if case is not None:
        yield f"{case.id}: {case.title}"
    code = "" if outcome.error is None else f"{outcome.error.code} "
    yield f"{word}{_where(outcome)}: {code}{why}"
    if outcome.run is not None and case is not None:
        yield ""
        yield from _steps(outcome)
        yield from _finding(case, outcome.finding)
        for leftover in outcome.run.leftovers:
            yield f"left over: {leftover.subject}: {leftover.text}"
    told = () if outcome.cleanup is None else outcome.cleanup.told
    yield from (f"placed: {each}" for each in told[:LEFT_LINES])
    if len(told) > LEFT_LINES:
        yield f"placed: and {len(told) - LEFT_LINES} more (--verdicts has them all)"
    if case is not None:
        yield ""
        if outcome.picture is not None:
            yield f"picture: {outcome.picture}"
        yield f"again: {again(outcome)}"
        yield from _advice(outcome, case)


def _where(outcome: Outcome) -> str:
    if outcome.target == "replay":
        return ""
    return f" on {outcome.target}" + (f" {outcome.build}" if outcome.build else "")


def _steps(outcome: Outcome) -> Iterator[str]:
    run = outcome.run
    if run is None:
        return
    trouble = [run.trouble] if run.trouble else []
    for finding in [*trouble, *run.findings.values()]:
        first, *rest = finding.text.split("\n")
        yield f"  {seconds(finding.at_us):>9}  {_MARKS[finding.holds]:<4}  {finding.subject:<16}  {first}"
        yield from (f"  {'':>9}  {'':<4}  {'':<16}  {line}" for line in rest)
    for name in run.not_reached:
        yield f"  {'':>9}  –     {name:<16}  not reached"


def _finding(case: Case, finding: Finding | None) -> Iterator[str]:
    if finding is None or finding.holds:
        return
    yield ""
    yield f"{place_of(case, finding.subject)}: {finding.subject}"
    for difference in finding.differences[:10]:
        yield f"  {difference}"
    if finding.seen is not None:
        yield f"  last seen: {one_line(finding.seen)}"
    elif finding.differences:
        yield f"  what came: {one_line(finding.shown)}"


def place_of(case: Case, subject: str) -> str:
    """Where a step or check stands in the case's file."""
    for part in (*every_part(case.parts), *case.checks):
        if part.id == subject:
            return str(part.place)
    return case.path


def again(outcome: Outcome) -> str:
    """The one line to run an item again."""
    case_id = outcome.case.id if outcome.case else outcome.item
    if outcome.target == "replay":
        return f"pytest -k {case_id}"
    build = f" --build {outcome.build}" if outcome.build else ""
    record = f" --record {outcome.record}" if outcome.record else ""
    return f"pytest -k {case_id} --target {outcome.target}{build}{record}{outcome.options}"


def _advice(outcome: Outcome, case: Case) -> Iterator[str]:
    word = outcome.judgement.word
    if word is Proof.UNPROVEN and outcome.run is None:
        name = outcome.proof
        yield f"next:  pytest -k {case.id} --target venue --build BUILD --record {name}"
    elif word is Verdict.VERIFIED:
        build = outcome.build or "BUILD"
        record = f"pytest -k {case.id} --target {outcome.target} --build {build} --record fixed"
        yield f"next:  {record}; then harness promote {case.id} --fixed-in {build}"
    elif word is Verdict.REGRESSED:
        build = outcome.build or f"{outcome.target}, which names no build"
        yield f"next:  the fix of {case.fixed_in} does not hold on {build}: {case.source or case.id}"
    yield from outcome.advice
    for line in outcome.unused:
        yield f"note:  {line}"


def leftovers(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """What live runs left behind, or may have, a line each; of an item that left much, what comes first."""
    lines = []
    for each in records:
        left = each.get("left", ())
        lines += [f"{each['item']}: {one_line(text)}" for text in left[:LEFT_LINES]]
        if len(left) > LEFT_LINES:
            lines.append(f"{each['item']}: and {len(left) - LEFT_LINES} more (--verdicts has them all)")
    return lines


class Aside(Protocol):
    """A case in quarantine: as a text whose and until when, and why."""

    @property
    def why(self) -> str:
        """Why it is there."""


NOBODY: Final[Mapping[str, Aside]] = MappingProxyType({})


def marked(record: Mapping[str, Any], held: Mapping[str, Aside]) -> Mapping[str, Any]:
    """A record as a table shows it: what ran twice, and what is in quarantine, says so, whatever its word."""
    one = held.get(record.get("id") or "")
    word = f"{record['word']} (flaky)" if record.get("flaky") else record["word"]
    why = record.get("why") or ""
    why = why if one is None else f"quarantine ({one}: {one.why}): {why}"
    return {**record, "word": word, "why": why}


def table(records: Sequence[Mapping[str, Any]], quarantine: Mapping[str, Aside] = NOBODY) -> list[str]:
    """The verdict table: a row a record, widest columns last."""
    heads = ("case", "on", "verdict", "at", "proofs seen on", "what")
    rows: list[tuple[str, ...]] = [heads]
    for record in (marked(each, quarantine) for each in records):
        proofs = record.get("proofs") or {}
        origin = ", ".join(f"{name}: {where}" for name, where in sorted(proofs.items()))
        live = record["target"] != "replay"
        where = f"{record['target']} {record['build'] or ''}".rstrip() if live else record["target"]
        at = record.get("at") or "–"
        cells = (record["item"], where, record["word"], at, origin or "–", record["why"])
        rows.append(tuple(one_line(cell) for cell in cells))
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
