"""Whose doing an exchange's *not now* is: the case's own, which is evidence, or nobody's.

A refusal by 429, 425 or a mode's 503 that a step gets ends a case as inconclusive, unless the case asks about
such refusals, has begun them itself, or shows its symptom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from harness.case.actions import FixSay, RestCall, TargetVerb
from harness.case.rules import selections_of
from harness.case.rules.values import Ledger, Reconcile
from harness.case.values import Case, Step
from harness.errors import TargetError
from harness.finding import Finding, seconds
from harness.matchers import Late
from harness.matchers.expectation import Expectation, Fields, Items, Literal, Matchers
from harness.model import By, Event, Kind, Source
from harness.notnow import NotNow, Why, farewell, goodbye, not_now
from harness.pacing import SECOND_US, price
from harness.run import Run
from harness.verdict import Judgement, Verdict, waits_on

HELD_US: Final = SECOND_US
"""Requests that were held back for longer make what came late, or not at all, ours."""
_OF_VERBS: Final = {
    "limits": frozenset({Why.LIMIT}),
    "restart": frozenset({Why.RESTART, Why.MODE}),
    "pause": frozenset({Why.MODE, Why.RESTART}),
    "fail": frozenset({Why.MODE, Why.RESTART}),
}
_OF_CODES: Final = {
    429: Why.LIMIT,
    425: Why.RESTART,
    503: Why.MODE,
    1012: Why.RESTART,
    1013: Why.LIMIT,
}
_LASTING: Final = frozenset({Why.LIMIT})
"""What a case that runs into it on purpose brings upon its other steps, too."""
_CODE_KEYS: Final = frozenset({"status", "code"})


def own(case: Case) -> frozenset[Why]:
    """What a case does to the exchange itself, or asks about: a refusal of that kind is its evidence."""
    found = _shown(case)
    for step in case.steps:
        found |= _done_by(step) | _asked_by(step)
    return found


def own_by(case: Case, events: Sequence[Event], finding: Finding) -> frozenset[Why]:
    """The same for one finding, by what had begun when it was decided.

    What a verb does, and a limit that a step runs into on purpose, is the case's own for all steps from there
    on; any other refusal that is asked about, for the step that asks.
    """
    begun = {event.step for event in events if event.at_us <= finding.at_us} | {finding.subject}
    is_step = any(step.id == finding.subject for step in case.steps)
    found: frozenset[Why] = frozenset()
    for step in case.steps:
        if step.id in begun:
            asked = _asked_by(step)
            is_its = not is_step or step.id == finding.subject
            found |= _done_by(step) | (asked if is_its else asked & _LASTING)
    if not is_step or finding.subject in (case.symptom.subject, case.symptom.witness):
        return found | _shown(case)
    return found | (_shown(case) & _LASTING if case.symptom.subject in begun else frozenset())


def _done_by(step: Step) -> frozenset[Why]:
    """What a step does to the exchange."""
    action = step.action
    return _OF_VERBS.get(action.verb, frozenset()) if isinstance(action, TargetVerb) else frozenset()


def _asked_by(step: Step) -> frozenset[Why]:
    """What a step expects or looks for."""
    until = None if step.resend is None else step.resend.until
    said = (step.where, step.expect, step.never, until)
    return frozenset(_OF_CODES[code] for each in said for code in _codes(each))


def _shown(case: Case) -> frozenset[Why]:
    """What the symptom shows."""
    said = (case.symptom.shows, case.symptom.seen)
    return frozenset(_OF_CODES[code] for each in said for code in _codes(each))


def trades(case: Case) -> bool:
    """Whether a case sends orders or cancels: nothing can come of it while the exchange takes none."""
    return any(_trades(step.action) for step in case.steps)


def excuse(
    case: Case,
    run: Run,
    events: Sequence[Event],
    judged: Judgement,
    wall_us: int,
    longest_us: int,
    held_us: int = 0,
) -> tuple[TargetError, NotNow | None] | None:
    """Why a run that is not green says nothing of the product, and the exchange's words; None where it does.

    `wall_us` is the run's start, `longest_us` how long a request of it was held back at most, and
    `held_us` all of them together.
    """
    said = _refused(case, events, judged, wall_us)
    if said is not None and judged.finding is not None:
        when = "it does not say for how long"
        if said.wait_us is not None:
            when = f"to be tried again after {seconds(said.wait_us)}"
        text = f"{judged.finding.subject!r}: the exchange says {said}, {when}"
        return TargetError("T030", text), said
    if _held_back(case, run, judged, longest_us):
        text = f"{judged.why}; but a request was held back for {seconds(longest_us)} before it went out"
        return TargetError("T031", f"{text}, so that what came late, or not at all, may be ours"), None
    if _asked_late(case, judged, held_us):
        text = f"{judged.why}; but its requests were held back for {seconds(held_us)} in all, which is longer"
        return TargetError("T031", f"{text}: it was asked late, and may have been there in time"), None
    return None


def _trades(action: object) -> bool:
    if isinstance(action, RestCall):
        return price({"method": action.method, "path": str(action.path)}) is not None
    return isinstance(action, FixSay) and action.verb in ("send", "raw")


def _refused(case: Case, events: Sequence[Event], judged: Judgement, wall_us: int) -> NotNow | None:
    """The *not now* that a run ended with; None where there is none, or it is the case's own."""
    if judged.finding is None or judged.word not in (Verdict.CHANGED, Verdict.INCONCLUSIVE):
        return None
    subject, at_us = judged.finding.subject, judged.finding.at_us
    own_doing = own_by(case, events, judged.finding)
    mine = [event for event in events if event.step in (subject, f"check:{subject}")]
    answers = {event.lane: event for event in mine if event.kind is Kind.ANSWER}  # the last of each lane
    said = [_answered(event, wall_us) for event in answers.values()]
    for source in _listened(case, subject):
        said.append(_left(event for event in events if event.source == source and event.at_us <= at_us))
    return next((each for each in said if each is not None and each.why not in own_doing), None)


def _answered(event: Event, wall_us: int) -> NotNow | None:
    wire = event.data.get("wire", {})
    return not_now(wire, wall_us + event.at_us) if "status" in wire else None


def _left(events: Iterable[Event]) -> NotNow | None:
    """What a stream that was not opened again said when it ended: a close code, or the text of a Logout."""
    said = None
    for event in events:
        if event.kind is Kind.OPEN:
            said = None
        elif event.by is By.PEER and event.kind is Kind.CLOSED:
            said = said or goodbye(event.data.get("code"), str(event.data.get("reason", "")))
        elif event.kind is Kind.PUSH:
            said = farewell(str(event.data.get("wire", {}).get("raw", ""))) or said
    return said


def _listened(case: Case, subject: str) -> set[Source]:
    """The streams that a step or check hears."""
    heard = {step.source for step in case.steps if step.id == subject}
    for rule in (check.rule for check in case.checks if check.id == subject):
        if not isinstance(rule, Ledger | Reconcile):
            heard |= {each.source for each in selections_of(rule)}
    return {source for source in heard if source.channel.partition(".")[0] in ("ws", "fix")}


def _held_back(case: Case, run: Run, judged: Judgement, longest_us: int) -> bool:
    """Whether a run is red, and may be for our waiting; a symptom that says nothing of time counts."""
    if longest_us <= HELD_US or not run.failed or judged.word is Verdict.INCONCLUSIVE:
        return False
    return judged.word is Verdict.CHANGED or waits_on(case)


def _asked_late(case: Case, judged: Judgement, held_us: int) -> bool:
    """Whether a state that is asked for again and again was late by less than we held our questions back."""
    if judged.word is not Verdict.CHANGED or judged.finding is None:
        return False
    late = judged.finding.shown
    asked = {step.id for step in case.steps if step.source.channel.partition(".")[0] in ("rest", "chain")}
    return isinstance(late, Late) and judged.finding.subject in asked and late.by_us <= held_us


def _codes(said: Expectation | None, key: str = "") -> Iterator[int]:
    """The codes of *not now* that an expectation speaks of."""
    if isinstance(said, Literal):
        value = said.value
        if key in _CODE_KEYS and isinstance(value, int | Decimal) and int(value) in _OF_CODES:
            yield int(value)
    elif isinstance(said, Fields):
        for name, inner in said.entries:
            yield from _codes(inner, name if isinstance(name, str) else "")
    elif isinstance(said, Items):
        for inner in said.items:
            yield from _codes(inner, key)
    elif isinstance(said, Matchers):
        for test in said.tests:
            for inner in test.operands:
                yield from _codes(inner, key)
