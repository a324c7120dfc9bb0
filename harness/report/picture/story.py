"""One run as rows to draw: what happened on which lane, in order, repetitions folded, and what it came to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.case.actions import Listen
from harness.case.values import Case, Check, Step
from harness.finding import Finding, seconds
from harness.model import MARKS, By, Event, Kind, Source
from harness.outcome import Outcome
from harness.report.picture.folding import folded, place
from harness.report.picture.values import Panel, Row, Stage
from harness.report.picture.windows import (
    CHECKS,
    deadlines,
    part_of,
    rails,
    stage_of,
    stage_of_finding,
    voids,
)
from harness.report.spans import Span, Waited, spans, waited
from harness.report.wording import gist, shortened
from harness.verdict import Proof, Verdict
from harness.wire import ws

_CELLS: Final = re.compile(r" {2,}")
PROVIDER: Final = "target"
"""The channel that provides markets and money; it is no lane, its sends are notes."""
ROWS: Final = 120
"""Rows of one stage that are drawn; the rest is counted. The largest case so far draws 40 in all."""
_SHOWS: Final = frozenset({Proof.PROVEN, Verdict.REGRESSED, Verdict.STILL_BROKEN})
LINES: Final = 7
"""Lines of one finding that are drawn."""


def panel(outcome: Outcome) -> Panel:
    """What there is to draw of one outcome; one without a run has no stages."""
    case, run = outcome.case, outcome.run
    word, proof = str(outcome.judgement.word), outcome.proof
    origin = ", ".join(sorted(set(outcome.origins.values())))
    replayed = f"replay, recorded on {origin}" if origin else "replay"
    where = replayed if outcome.target == "replay" else f"live on {outcome.target}"
    why = outcome.judgement.why.partition("\n")[0]
    held = Panel(
        proof or word,
        shortened(f"{word}: {why}" if proof else why),
        outcome.build or "",
        where,
        bool(run and (run.failed or run.trouble)) or outcome.error is not None,
        (),
        (),
    )
    if case is None or run is None:
        return held
    findings = {**run.findings, **({run.trouble.subject: run.trouble} if run.trouble else {})}
    windows = tuple(w for w in waited(case, outcome.timeline) if w.subject not in run.not_reached)
    decided = outcome.finding.subject if outcome.finding and not outcome.finding.holds else ""
    stages = tuple(_stages(case, outcome.timeline, findings, windows, decided))
    stages = tuple(_with_missing(stage, run.not_reached) for stage in stages)
    lanes = sorted({event.source for event in outcome.timeline if _on_lane(event)}, key=lane_order)
    shown = outcome.judgement.word in _SHOWS and decided == case.symptom.subject
    return replace(
        held,
        lanes=tuple(lanes),
        stages=stages,
        rails=tuple(rails(case, windows, findings)),
        voids=tuple(voids(case, findings, windows, outcome.timeline)),
        badge="the symptom" if shown else "fails here",
    )


def lane_order(source: Source) -> tuple[int, str, str]:
    """Lanes stand in this order: REST, WebSocket, FIX, chain; actors by name."""
    known = ("rest", "ws", "fix", "chain")
    head = source.channel.partition(".")[0]
    return (known.index(head) if head in known else len(known), source.channel, source.actor)


def _drawn(event: Event) -> bool:
    if event.kind in MARKS:
        return False
    alive = event.by is By.SESSION and event.source.channel.startswith("ws")
    return not (alive and ws.is_keepalive(event.data.get("wire", {})))


def _with_missing(stage: Stage, not_reached: Sequence[str]) -> Stage:
    """The stage of the checks, with a word on those that were not reached."""
    if stage.name != CHECKS or not not_reached:
        return stage
    at_us = max((row.at_us for row in stage.rows), default=0)
    text = shortened(f"not reached: {', '.join(not_reached)}")
    return replace(stage, rows=(*stage.rows, Row(at_us, "note", "", text)))


def _on_lane(event: Event) -> bool:
    return _drawn(event) and event.source.channel != PROVIDER


def _stages(
    case: Case,
    timeline: Sequence[Event],
    findings: dict[str, Finding],
    windows: Sequence[Waited],
    decided: str,
) -> Iterator[Stage]:
    starts = [(_first_us(case, span, timeline), stage_of(case, span.name)) for span in spans(timeline)]
    rows: dict[str, list[Row]] = {name: [] for _, name in starts}
    own = {e.number: stage_of(case, e.step) for e in timeline if e.step and e.kind not in MARKS}
    for row, number in _rows(case, timeline, findings):
        at = [name for start_us, name in starts if start_us <= row.at_us]
        name = own.get(number) or (at[-1] if at else next(iter(rows), ""))
        if name in rows:
            rows[name].append(row)
    for finding in findings.values():
        part = part_of(case, finding.subject)
        name = CHECKS if isinstance(part, Check) else stage_of(case, finding.subject)
        if name in rows and (isinstance(part, Check) or not finding.holds):
            rows[name].append(_came_to(finding, finding.subject == decided))
    for void in voids(case, findings, windows, timeline):
        if void.stage in rows:
            text = f"nothing came for {seconds(void.deadline_us - void.start_us)}"
            rows[void.stage].append(Row(void.deadline_us - 1, "void", void.lane, text))
    for group in deadlines(windows):
        name = CHECKS if isinstance(part_of(case, group[0].subject), Check) else group[0].subject
        within = seconds(group[0].deadline_us - group[0].start_us)
        text = f"deadline: {within}" + (f" after {group[0].cause}" if group[0].cause else "")
        rows.get(stage_of(case, name), []).append(Row(group[0].deadline_us, "deadline", "", text))
    for name, held in rows.items():
        limit_us = [window.deadline_us for window in windows if window.missed]
        kept = list(folded(sorted(held, key=place), limit_us))
        if len(kept) > ROWS:
            more = Row(kept[ROWS].at_us, "more", "", f"{len(kept) - ROWS} more events, not drawn")
            kept = [*kept[:ROWS], more]
        told = [f.holds for f in findings.values() if stage_of_finding(case, f) == name]
        yield Stage(name, tuple(kept), all(told) if told else None)


def _first_us(case: Case, span: Span, timeline: Sequence[Event]) -> int:
    """Where a stage begins; a wait begins with the first push it can have been for, which may be earlier."""
    part = part_of(case, span.name)
    if not (isinstance(part, Step) and isinstance(part.action, Listen)):
        return span.start_us
    done_us = max((e.at_us for e in timeline if e.step and _drawn(e) and e.at_us <= span.start_us), default=0)
    came = (e.at_us for e in timeline if e.kind is Kind.PUSH and e.source == span.source and _drawn(e))
    return min([span.start_us, *(at_us for at_us in came if at_us > done_us)])


def _came_to(finding: Finding, decides: bool) -> Row:
    first, *rest = (shortened(line) if line.strip() else "" for line in finding.text.split("\n"))
    lines = _table(finding.text.split("\n")[1:]) if rest else []
    for each in finding.differences:
        lines += [shortened(f"{each.path or 'the whole'}: expected {each.expected}")]
        lines += [f"  {shortened(f'found {each.found}: {each.why}')}"]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"… {len(lines) - LINES + 1} more lines in the report"]
    shape = "holds" if finding.holds else "fails"
    return Row(finding.at_us, shape, "", f"{finding.subject}: {first}", lines=tuple(lines), decides=decides)


def _table(lines: Sequence[str]) -> list[str]:
    """Lines of a finding; where they are rows of cells, the columns as narrow as they can be."""
    rows = [[shortened(cell) for cell in _CELLS.split(line.strip())] for line in lines]
    if len({len(row) for row in rows}) != 1:
        return [shortened(line.strip()) for line in lines]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _rows(case: Case, timeline: Sequence[Event], findings: dict[str, Finding]) -> Iterator[tuple[Row, int]]:
    decisive = {number for f in findings.values() if f.holds for number in f.events[-1:]}
    causing = {step.id for step in case.steps if step.sends}
    cause = ""
    for event in sorted(timeline, key=lambda e: (e.at_us, e.number)):
        if not _drawn(event):
            continue
        lane, key = str(event.source), f"{event.lane}#{event.index}"
        told = gist(event)
        if event.source.channel == PROVIDER:
            if event.kind is not Kind.ANSWER:
                yield Row(event.at_us, "note", "", told), event.number
            continue
        decides = event.number in decisive
        match event.kind:
            case Kind.SEND:
                if event.step in causing and event.source.channel.startswith(("rest", "fix")):
                    cause = key
                row = Row(event.at_us, "send", lane, told, key=key)
            case Kind.ANSWER:
                row = Row(event.at_us, "answer", lane, told, answers=key, decides=decides)
            case Kind.LOST:
                row = Row(event.at_us, "lost", lane, told, answers=key)
            case Kind.PUSH if event.by is By.SESSION and not decides:
                row = Row(event.at_us, "stream", lane, told)
            case Kind.PUSH:
                row = Row(event.at_us, "push", lane, told, caused=cause, decides=decides)
            case _:
                row = Row(event.at_us, "stream", lane, told)
        yield row, event.number
