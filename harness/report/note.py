"""What a case says to others: a paragraph that closes the ticket, and a bug report for engineering."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.case.values import Case, Status
from harness.finding import seconds
from harness.model import Event
from harness.outcome import Outcome
from harness.report import attachments
from harness.report.plain import one_line, plain_text
from harness.verdict import Proof

_SEEN_ON: Final = {
    "evidence": "in what you sent us",
    "live": "on our exchange",
    "venue": "on our test exchange",
}
_STEPS_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording of a case: where it stands, what its replay came to, and its digest."""

    path: Path
    outcome: Outcome

    @property
    def is_proven(self) -> bool:
        """Whether it shows what it should."""
        return self.outcome.judgement.word is Proof.PROVEN

    @property
    def digest(self) -> str:
        """SHA-256 of the file, so that a report speaks of this recording and no other."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest() if self.path.exists() else ""


def note(case: Case, broken: Recorded, fixed: Recorded) -> str:
    """Both texts, as Markdown."""
    return plain_text("\n".join([*_ticket(case, broken, fixed), "", *_report(case, broken, fixed)]) + "\n")


def _ticket(case: Case, broken: Recorded, fixed: Recorded) -> Iterator[str]:
    yield "## For the ticket"
    yield ""
    yield one_line(" ".join(_paragraph(case, broken, fixed)))


def _paragraph(case: Case, broken: Recorded, fixed: Recorded) -> Iterator[str]:
    yield f"Thank you for your report. What you saw: {_within(case.title)}."
    if not broken.is_proven:
        yield "We have not been able to see it happen yet."
        return
    origin = broken.outcome.origins.get("broken", "")
    yield f"We saw it happen ourselves, {_SEEN_ON.get(origin, 'in a recording')},"
    yield "and keep it as a test that runs against every new version."
    if case.status is Status.FIXED and fixed.is_proven:
        yield f"It is fixed as of version {case.fixed_in}: there the same steps do what they should."
    else:
        yield "It is not fixed yet; we will tell you when that test passes."


def _report(case: Case, broken: Recorded, fixed: Recorded) -> Iterator[str]:
    outcome = broken.outcome
    yield f"## {one_line(case.id)}: {one_line(case.title)}"
    yield ""
    yield f"- severity {case.severity}, component {one_line(case.component)}, {case.status}"
    for label, value in (("reported", case.reported), ("source", case.source), ("ticket", case.ticket)):
        if value:
            yield f"- {label}: {one_line(value)}"
    if case.story:
        yield ""
        yield one_line(case.story)
    yield ""
    yield "### Steps"
    yield ""
    run = outcome.run
    findings = () if run is None else tuple(run.findings.values())
    for number, finding in enumerate(findings[:_STEPS_SHOWN], start=1):
        mark = "" if finding.holds else " **fails**"
        named = f"{seconds(finding.at_us)} `{one_line(finding.subject)}`{mark}"
        yield f"{number}. {named}: {_first(finding.text)}"
    spoken = [each for each in outcome.timeline if _is_of_steps(each)]
    held = attachments.of_events("steps", spoken)
    if held is not None:
        yield ""
        yield "By hand (fill in what stands between « and »):"
        yield ""
        yield "````"
        yield from held.body.rstrip("\n").split("\n")
        yield "````"
    yield from _found(outcome)
    yield from _evidence(case, (broken, fixed))


def _is_of_steps(event: Event) -> bool:
    """Whether a customer could do or see it: not what the target was told, nor what a check read."""
    return event.source.channel != "target" and not event.step.startswith(("check:", "before:"))


def _found(outcome: Outcome) -> Iterator[str]:
    finding = outcome.finding
    yield ""
    yield "### Expected and found"
    yield ""
    if finding is None or finding.holds:
        yield one_line(outcome.judgement.why)
        return
    yield f"`{one_line(finding.subject)}`: {_first(finding.text)}"
    yield ""
    for difference in finding.differences[:20]:
        yield f"- {one_line(str(difference))}"
    yield f"- what came: `{one_line(finding.shown)}`"


def _evidence(case: Case, recordings: tuple[Recorded, ...]) -> Iterator[str]:
    yield ""
    yield "### Evidence"
    yield ""
    for each in recordings:
        if each.digest:
            word = each.outcome.judgement.word
            yield f"- `{each.path}` ({word}), sha256 `{each.digest}`"
    yield f"- see it happen: `pytest -k {case.id}` (no network)"


def _first(text: str) -> str:
    return one_line(text.split("\n", 1)[0])


def _within(title: str) -> str:
    """A title as a sentence goes on with it: a name in capitals (POST, USDC) keeps them."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"
