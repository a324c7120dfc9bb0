"""One outcome as a report tells it: title, labels, links, steps with times, attachments. No Allure here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from harness.case.values import Case, Check, Role, Step
from harness.finding import Finding
from harness.matchers import show
from harness.outcome import Outcome
from harness.report import attachments
from harness.report.attachments import Attachment
from harness.report.plain import one_line, shown
from harness.report.saying import wanted, what
from harness.report.spans import CHECK, Span, spans
from harness.report.terminal import explain, place_of
from harness.report.wording import clean, shortened

TEXT_CHARS: Final = 8_000
"""A story or a finding in a report; the longest that anybody wrote had 1 200."""
DIFFERENCES: Final = 10
"""Differences that a report tells one by one."""
_WEB: Final = re.compile(r"https?://[^\s\"'<>`\\]{1,2000}")


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a report. Status is Allure's word; times are microseconds from the run's start, or none."""

    name: str
    status: str
    span: tuple[int, int] | None = None
    message: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """A whole outcome, every text safe to show."""

    title: str
    story_html: str
    message: str
    trace: str
    labels: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str, str], ...]
    parameters: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    attachments: tuple[Attachment, ...]


def telling(outcome: Outcome, *, keep: bool, pictured: str = "") -> Telling:
    """Tell an outcome. `keep` is whether what went over the wire is attached; `pictured` is an SVG."""
    outcome = _clean(outcome)
    case = outcome.case
    proof = "-".join(part for part in (outcome.row, outcome.proof) if part)
    drawn = (Attachment("the run as a picture", attachments.SVG, pictured),) if pictured else ()
    listed = (attachments.listing(outcome.timeline),) if keep and outcome.timeline else ()
    parts = tuple(_parts(outcome, keep=keep))
    if parts and parts[0].status in ("failed", "broken"):  # the reader's first look: there the picture is
        parts = (replace(parts[0], attachments=(*drawn, *parts[0].attachments)), *parts[1:])
        drawn = ()
    return Telling(
        title=one_line(
            f"{case.id} {case.title}" + (f" [{proof}]" if proof else "") if case else outcome.item
        ),
        story_html="".join(_story(case)) if case else "",
        message="\n".join(_message(outcome)),
        trace=attachments.bounded(explain(outcome), TEXT_CHARS),
        labels=tuple(_labels(outcome)),
        links=tuple(_links(case)) if case else (),
        parameters=tuple(_parameters(outcome, proof)),
        parts=parts,
        attachments=(*drawn, *listed),
    )


def _clean(outcome: Outcome) -> Outcome:
    """The outcome with findings whose values any encoder takes; their texts are made safe where they go."""
    run, judgement = outcome.run, outcome.judgement
    if judgement.finding is not None:
        judgement = replace(judgement, finding=_clean_finding(judgement.finding))
    if run is not None:
        run = replace(
            run,
            findings={name: _clean_finding(found) for name, found in run.findings.items()},
            leftovers=[_clean_finding(found) for found in run.leftovers],
            trouble=None if run.trouble is None else _clean_finding(run.trouble),
        )
    return replace(outcome, run=run, judgement=judgement)


def _clean_finding(finding: Finding) -> Finding:
    return replace(finding, shown=clean(finding.shown), seen=clean(finding.seen))


def _story(case: Case) -> Iterator[str]:
    """The story as HTML in which nothing a customer wrote is more than text."""
    if case.story:
        yield f"<p>{escape(attachments.bounded(case.story, TEXT_CHARS))}</p>"
    shows = show.expectation(case.symptom.shows)
    yield f"<p><b>Symptom:</b> {escape(one_line(case.symptom.subject))} shows {escape(one_line(shows))}</p>"
    if case.reported:
        yield f"<p><b>Reported:</b> {escape(one_line(case.reported))}</p>"


def _message(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.judgement.word}: {one_line(outcome.judgement.why)}"
    finding, case = outcome.finding, outcome.case
    if outcome.run is None and outcome.error is not None:
        yield from map(one_line, str(outcome.error).split("\n")[1:50])
    if finding is None or finding.holds or case is None:
        return
    yield ""
    yield f"{one_line(place_of(case, finding.subject))}: {one_line(finding.subject)}"
    for name, told in _expected_and_found(case, finding):
        yield f"{name}: {told}"


def _labels(outcome: Outcome) -> Iterator[tuple[str, str]]:
    case = outcome.case
    yield "verdict", str(outcome.judgement.word)
    yield "tag", str(outcome.judgement.word)
    if case is None:
        return
    epic, _, feature = case.component.partition("/")
    yield "epic", one_line(epic)
    if feature:
        yield "feature", one_line(feature)
    yield "severity", case.severity
    if case.owner:
        yield "owner", one_line(case.owner)
    yield "tag", case.id
    for channel in sorted({step.source.channel for step in case.steps} - {"target", "runner"}):
        yield "tag", one_line(channel)


def _links(case: Case) -> Iterator[tuple[str, str, str]]:
    """Kind, address, name; only what is plainly an address of the web becomes a link."""
    for kind, address, name in (("issue", case.ticket, "ticket"), ("link", case.source, "source")):
        if address and _WEB.fullmatch(address):
            yield kind, address, f"{name}: {one_line(address)}"


def _parameters(outcome: Outcome, proof: str) -> Iterator[tuple[str, str]]:
    if proof:
        yield "proof", proof
    yield "target", one_line(outcome.target)
    yield "build", one_line(outcome.build or "–")
    for name, origin in sorted(outcome.origins.items()):
        yield f"origin of {one_line(name)}", one_line(origin)
    case = outcome.case
    for name, address in (("ticket", case.ticket), ("source", case.source)) if case else ():
        if address and not _WEB.fullmatch(address):
            yield name, one_line(address)


def _parts(outcome: Outcome, *, keep: bool) -> Iterator[Part]:
    """The failing step or check first, then everything else in order; given and finally as one part each."""
    case, run = outcome.case, outcome.run
    if case is None or run is None:
        return
    spanned = {span.name: span for span in spans(outcome.timeline)}
    findings = {**run.findings, **{found.subject: found for found in run.leftovers}}
    if run.trouble is not None:
        findings[run.trouble.subject] = run.trouble
    decided = outcome.finding
    first = decided.subject if decided is not None and not decided.holds else ""
    told: dict[str, Part] = {}
    parts: tuple[Step | Check, ...] = (*case.steps, *case.checks)
    for part in parts:
        name = f"{CHECK}{part.id}" if isinstance(part, Check) else part.id
        if name in spanned or part.id in run.not_reached:
            told[part.id] = _part(outcome, case, part, spanned.get(name), findings.get(part.id), keep=keep)
    if first in told:
        yield told.pop(first)
    yield from _grouped("given", [told[s.id] for s in case.in_role(Role.GIVEN) if s.id in told])
    yield from (told[step.id] for step in case.in_role(Role.STEPS) if step.id in told)
    yield from (told[check.id] for check in case.checks if check.id in told)
    yield from _grouped("finally", [told[s.id] for s in case.in_role(Role.FINALLY) if s.id in told])


def _grouped(name: str, parts: Sequence[Part]) -> Iterator[Part]:
    if parts:
        times = [part.span for part in parts if part.span]
        span = (min(t[0] for t in times), max(t[1] for t in times)) if times else None
        worst = next((part.status for part in parts if part.status != "passed"), "passed")
        yield Part(name, worst, span, parts=tuple(parts))


def _part(
    outcome: Outcome,
    case: Case,
    part: Step | Check,
    span: Span | None,
    finding: Finding | None,
    *,
    keep: bool,
) -> Part:
    title = f"{part.id} · {what(part)}"
    if span is None or part.id in (outcome.run.not_reached if outcome.run else ()):
        return Part(one_line(f"{title} (not reached)"), "skipped")
    times = span.start_us, span.stop_us
    files = tuple(_files(outcome, span, finding)) if keep else ()
    if finding is None or finding.holds:
        came = f" – {finding.text}" if finding and isinstance(part, Check) else ""
        return Part(one_line(title + came), "passed", times, attachments=files)
    ours = isinstance(part, Step) and part.role is not Role.STEPS
    return Part(
        one_line(f"✗ {title}: {finding.text.partition(chr(10))[0]}"),
        "broken" if ours else "failed",
        times,
        attachments.bounded(finding.text, TEXT_CHARS),
        tuple(_expected_and_found(case, finding)),
        attachments=files,
    )


def _files(outcome: Outcome, span: Span, finding: Finding | None) -> Iterator[Attachment]:
    wanted = set(finding.events if finding else ())
    events = [e for e in outcome.timeline if e.step == span.name or e.number in wanted]
    held = attachments.of_events(f"{span.subject}: on the wire", events)
    if held is not None:
        yield held


def _expected_and_found(case: Case, finding: Finding) -> Iterator[tuple[str, str]]:
    parts: tuple[Step | Check, ...] = (*case.steps, *case.checks)
    part = next((each for each in parts if each.id == finding.subject), None)
    if part is not None:
        within = f" within {show.duration(part.within_us)}" if part.within_us else ""
        yield "expected", one_line(wanted(part) + within)
    for each in finding.differences[:DIFFERENCES]:
        told = f"expected {each.expected}, found {each.found}: {each.why}"
        yield shortened(each.path or "the whole"), shortened(told)
    yield "found", shortened(shown(finding.shown) if finding.shown is not None else finding.text)
    if finding.seen is not None:
        yield "last seen", shortened(shown(finding.seen))
