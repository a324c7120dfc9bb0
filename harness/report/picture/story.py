"""One run as rows to draw: what happened on which lane, in order, repetitions folded, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.case.values import Case, Check, Lifecycle, Listen, Role, Step
from harness.finding import Finding
from harness.judging import Outcome
from harness.matchers import LOST, NOTHING, Differs, Late
from harness.model import MARKS, By, Event, Kind, Source
from harness.report.spans import CHECK, Span, Waited, spans, waited
from harness.report.wording import gist, shortened
from harness.verdict import Proof, Verdict
from harness.wire import ws

GIVEN: Final = "given"
CHECKS: Final = "checks"
FINALLY: Final = "finally"
PROVIDER: Final = "target"
"""The channel that provides markets and money; it is no lane, its sends are notes."""
ROWS: Final = 120
"""Rows of one stage that are drawn; the rest is counted. The largest case so far draws 40 in all."""
_SHOWS: Final = frozenset({Proof.PROVEN, Verdict.REGRESSED, Verdict.STILL_BROKEN})
LINES: Final = 7
"""Lines of one finding that are drawn."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to draw. `shape` says how; `since` is the row's index that it answers or that caused it."""

    at_us: int
    shape: str  # send, answer, push, stream, lost, more, note, deadline, holds, fails
    lane: str
    text: str
    key: str = ""
    answers: str = ""
    caused: str = ""
    lines: tuple[str, ...] = ()
    ticks_us: tuple[int, ...] = ()
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Void:
    """Where something should have come and did not: a lane, from when, until the deadline."""

    lane: str
    start_us: int
    deadline_us: int


@dataclass(frozen=True, slots=True)
class Rail:
    """A window that is drawn: of a check, or missed; until it was decided."""

    start_us: int
    stop_us: int
    missed: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the run: all of given, one step, all checks, or all of finally."""

    name: str
    rows: tuple[Row, ...]
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One run, ready to lay out."""

    word: str
    why: str
    build: str
    where: str
    red: bool
    lanes: tuple[str, ...]
    stages: tuple[Stage, ...]
    rails: tuple[Rail, ...] = ()
    voids: tuple[Void, ...] = ()
    badge: str = ""
    missing: tuple[str, ...] = ()


def panel(outcome: Outcome) -> Panel:
    """What there is to draw of one outcome; one without a run has no stages."""
    case, run = outcome.case, outcome.run
    word, proof = str(outcome.judgement.word), outcome.item.partition("[")[2].rstrip("]")
    origin = ", ".join(sorted(set(outcome.origins.values())))
    replayed = f"replay, recorded on {origin}" if origin else "replay"
    where = replayed if outcome.target == "replay" else f"live on {outcome.target}"
    held = Panel(
        f"{proof}: {word}" if proof else word,
        shortened(outcome.judgement.why.partition("\n")[0]),
        outcome.build or "",
        where,
        bool(run and (run.failed or run.trouble)) or outcome.error is not None,
        (),
        (),
    )
    if case is None or run is None:
        return held
    findings = {**run.findings, **({run.trouble.subject: run.trouble} if run.trouble else {})}
    windows = waited(case, outcome.timeline)
    decided = outcome.finding.subject if outcome.finding and not outcome.finding.holds else ""
    stages = tuple(_stages(case, outcome.timeline, findings, windows, decided))
    lanes = sorted({event.source for event in outcome.timeline if _on_lane(event)}, key=_order)
    shown = outcome.judgement.word in _SHOWS and decided == case.symptom.subject
    return replace(
        held,
        lanes=tuple(str(lane) for lane in lanes),
        stages=stages,
        rails=tuple(_rails(case, windows, findings)),
        voids=tuple(_voids(case, findings, windows, outcome.timeline)),
        badge="the symptom" if shown else "fails here",
        missing=tuple(run.not_reached),
    )


def _rails(case: Case, windows: Sequence[Waited], findings: dict[str, Finding]) -> Iterator[Rail]:
    checks = {check.id for check in case.checks}
    for window in windows:
        if window.missed or window.subject in checks:
            found = findings.get(window.subject)
            stop_us = window.deadline_us if found is None or window.missed else found.at_us
            yield Rail(window.start_us, max(stop_us, window.start_us), window.missed)


def _order(source: Source) -> tuple[int, str, str]:
    known = ("rest", "ws", "fix", "chain")
    head = source.channel.partition(".")[0]
    return (known.index(head) if head in known else len(known), source.channel, source.actor)


def _drawn(event: Event) -> bool:
    if event.kind in MARKS:
        return False
    alive = event.by is By.SESSION and event.source.channel.startswith("ws")
    return not (alive and ws.is_keepalive(event.data.get("wire", {})))


def _on_lane(event: Event) -> bool:
    return _drawn(event) and event.source.channel != PROVIDER


def stage_of(case: Case, name: str) -> str:
    """The stage that a step or check is drawn in."""
    if name.startswith(CHECK):
        return CHECKS
    roles = {step.id: step.role for step in case.steps}
    role = roles.get(name, Role.STEPS)
    return {Role.GIVEN: GIVEN, Role.FINALLY: FINALLY}.get(role, name)


def _stages(
    case: Case,
    timeline: Sequence[Event],
    findings: dict[str, Finding],
    windows: Sequence[Waited],
    decided: str,
) -> Iterator[Stage]:
    starts = [(_first_us(case, span, timeline), stage_of(case, span.name)) for span in spans(timeline)]
    rows: dict[str, list[Row]] = {name: [] for _, name in starts}
    own = {event.number: stage_of(case, event.step) for event in timeline if event.step}
    for row, number in _rows(case, timeline, findings):
        at = [name for start_us, name in starts if start_us <= row.at_us]
        name = own.get(number) or (at[-1] if at else next(iter(rows), ""))
        if name in rows:
            rows[name].append(row)
    for finding in findings.values():
        part = _part(case, finding.subject)
        name = CHECKS if isinstance(part, Check) else stage_of(case, finding.subject)
        if name in rows and (isinstance(part, Check) or not finding.holds):
            rows[name].append(_came_to(finding, finding.subject == decided))
    for group in _deadlines(windows):
        name = CHECKS if isinstance(_part(case, group[0].subject), Check) else group[0].subject
        within = _s(group[0].deadline_us - group[0].start_us)
        text = f"deadline: {within}" + (f" after {group[0].cause}" if group[0].cause else "")
        rows.get(stage_of(case, name), []).append(Row(group[0].deadline_us, "deadline", "", text))
    for name, held in rows.items():
        limit_us = [window.deadline_us for window in windows if window.missed]
        folded = list(_folded(sorted(held, key=_place), limit_us))
        if len(folded) > ROWS:
            more = Row(folded[ROWS].at_us, "more", "", f"{len(folded) - ROWS} more events, not drawn")
            folded = [*folded[:ROWS], more]
        told = [f.holds for f in findings.values() if _stage_of_finding(case, f) == name]
        yield Stage(name, tuple(folded), all(told) if told else None)


def _first_us(case: Case, span: Span, timeline: Sequence[Event]) -> int:
    """Where a stage begins; a wait begins with the first push it can have been for, which may be earlier."""
    part = _part(case, span.name)
    if not (isinstance(part, Step) and isinstance(part.action, Listen)):
        return span.start_us
    done_us = max((e.at_us for e in timeline if e.step and _drawn(e) and e.at_us <= span.start_us), default=0)
    came = (e.at_us for e in timeline if e.kind is Kind.PUSH and e.source == span.source and _drawn(e))
    return min([span.start_us, *(at_us for at_us in came if at_us > done_us)])


def _stage_of_finding(case: Case, finding: Finding) -> str:
    part = _part(case, finding.subject)
    return CHECKS if isinstance(part, Check) else stage_of(case, finding.subject)


def _place(row: Row) -> tuple[int, int]:
    last = {"deadline": 1, "holds": 2, "fails": 3}
    return row.at_us, last.get(row.shape, 0)


def _deadlines(windows: Sequence[Waited]) -> list[list[Waited]]:
    groups: dict[tuple[int, int], list[Waited]] = {}
    for window in windows:
        if window.missed:
            groups.setdefault((window.deadline_us, window.start_us), []).append(window)
    return list(groups.values())


def _came_to(finding: Finding, decides: bool) -> Row:
    first, *rest = (shortened(line) if line.strip() else "" for line in finding.text.split("\n"))
    lines = [_kept(line) for line in finding.text.split("\n")[1:]] if rest else []
    lines += [shortened(str(each)) for each in finding.differences]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"… {len(lines) - LINES + 1} more lines in the report"]
    shape = "holds" if finding.holds else "fails"
    return Row(finding.at_us, shape, "", f"{finding.subject}: {first}", lines=tuple(lines), decides=decides)


def _kept(line: str) -> str:
    """A line of a table, its columns kept."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * min(indent, 8) + shortened(line.strip())


def _rows(
    case: Case, timeline: Sequence[Event], findings: dict[str, Finding]
) -> Iterator[tuple[Row, int]]:
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
            case Kind.PUSH:
                row = Row(event.at_us, "push", lane, told, caused=cause, decides=decides)
            case _:
                row = Row(event.at_us, "stream", lane, told)
        yield row, event.number


def _folded(rows: Sequence[Row], limits_us: Sequence[int]) -> Iterator[Row]:
    """Fold exchanges that say what the exchange before said on their lane; a deadline parts them."""
    answered = {row.answers: row for row in rows if row.answers}
    before: dict[str, tuple[str, str, int]] = {}
    repeats: dict[tuple[str, int], list[Row]] = {}
    gone: set[str] = set()
    kept: list[Row] = []
    for row in rows:
        answer = answered.get(row.key) if row.shape == "send" else None
        if row.shape == "send" and answer is not None:
            part = sum(limit <= row.at_us for limit in limits_us)
            said = row.text, answer.text, part
            if before.get(row.lane, ("", "", -1))[:2] == said[:2]:
                repeats.setdefault((row.lane, part), []).append(row)
                gone.add(row.key)
                continue
            before[row.lane] = said
        if row.answers and row.answers in gone:
            continue
        kept.append(row)
    for (lane, _), again in repeats.items():
        last = answered[again[-1].key]
        count = f"{len(again)} more {'time' if len(again) == 1 else 'times'}"
        ticks = tuple(row.at_us for row in again)
        kept.append(Row(last.at_us, "more", lane, f"same answer {count}: {last.text}", ticks_us=ticks))
    yield from sorted(kept, key=_place)


def _part(case: Case, subject: str) -> Step | Check | None:
    parts: tuple[Step | Check, ...] = (*case.steps, *case.checks)
    return next((part for part in parts if part.id == subject), None)


def _voids(
    case: Case, findings: dict[str, Finding], windows: Sequence[Waited], timeline: Sequence[Event]
) -> Iterator[Void]:
    spanned = {window.subject: window for window in windows}
    for finding in findings.values():
        window, part = spanned.get(finding.subject), _part(case, finding.subject)
        if finding.holds or window is None or part is None:
            continue
        for lane in _empty_lanes(part, finding, timeline):
            seen = [e.at_us for e in timeline if e.kind is Kind.PUSH and e.number in finding.events and str(e.source) == lane]
            start_us = max([window.start_us, *(at for at in seen if at < window.deadline_us)])
            yield Void(lane, start_us, window.deadline_us)


def _empty_lanes(part: Step | Check, finding: Finding, timeline: Sequence[Event]) -> set[str]:
    """The lanes on which something was missing: those that a finding says had nothing to tell."""
    sources = {event.source for event in timeline if event.kind not in MARKS}
    if isinstance(finding.shown, Differs):
        silent = {name for name, held in finding.shown.sources.items() if held in (NOTHING, LOST)}
        return {str(source) for source in sources if source.channel.partition(".")[0] in silent}
    if finding.shown not in (NOTHING, LOST) and not isinstance(finding.shown, Late):
        return set()
    if isinstance(part, Step):
        return {str(part.source)}
    user = {str(source) for source in sources if source.channel == "ws.user"}
    return user if isinstance(part.rule, Lifecycle) else set()


def _s(us: int) -> str:
    return f"{us // 1_000_000}.{us % 1_000_000 // 1000:03d} s"
