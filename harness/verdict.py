"""From a run to a proof or a verdict: pure functions, the tables of RUNS made executable in one place."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.case.values import Case, Status
from harness.finding import Finding
from harness.matchers import match, mentions
from harness.references import Template, dig
from harness.run import Run


class Proof(StrEnum):
    """What a replay says of a cassette."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    INVALID = "invalid"


class Verdict(StrEnum):
    """What a live run says of a case."""

    HOLDS = "holds"
    REGRESSED = "regressed"
    CHANGED = "changed"
    STILL_BROKEN = "still-broken"
    VERIFIED = "verified"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"


OURS = frozenset({Verdict.HOLDS, Verdict.STILL_BROKEN, Verdict.VERIFIED})
"""Verdicts that do not block a ship."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The word, why, and the finding that decided it."""

    word: Proof | Verdict
    why: str
    finding: Finding | None = None


def symptom_of(case: Case, run: Run, known_failures: Collection[str] | None = None) -> Judgement | None:
    """Whether a run shows the case's symptom; None where it does.

    Otherwise a judgement `changed` that says what is missing. `known_failures` are the steps and checks that
    fail in the replay of `broken`; any other failure is not the symptom.
    """
    symptom = case.symptom
    failed = (run.failed_step, *run.failed_inside)
    other = None if run.failed_step is None or symptom.subject in failed else run.findings[failed[-1] or ""]
    if other is not None:
        text = f"{other.subject!r} fails, which is not the symptom: {_told_by(other)}"
        return Judgement(Verdict.CHANGED, text, other)
    finding = run.findings.get(symptom.subject)
    if finding is None:
        return _not_shown(run, f"{symptom.subject!r} was not reached")
    if finding.holds:
        return _not_shown(run, f"{symptom.subject!r} holds: {_first_line(finding.text)}")

    def column(template: Template) -> object:
        return template.resolve(lambda reference: dig(run.columns, (reference.root, *reference.path)))

    wrong = match(symptom.shows, finding.shown, column)
    if symptom.seen is not None:
        wrong = (*wrong, *match(symptom.seen, finding.seen, column))
    if wrong:
        return Judgement(
            Verdict.CHANGED, f"{symptom.subject!r} fails, but shows something else: {wrong[0]}", finding
        )
    if symptom.witness is not None:
        witness = run.findings.get(symptom.witness)
        if witness is None or not witness.holds:
            state = "was not reached" if witness is None else f"does not hold: {_first_line(witness.text)}"
            return Judgement(
                Verdict.CHANGED, f"the witness {symptom.witness!r} {state}, so absence is not shown", finding
            )
    if known_failures is not None:
        others = [f for f in run.failed if f.subject not in known_failures]
        if others:
            text = f"{others[0].subject!r} fails too, and does not in the replay of broken: "
            return Judgement(Verdict.CHANGED, text + _first_line(others[0].text), others[0])
    return None


def proof_of(case: Case, name: str, run: Run) -> Judgement:
    """The proof of one cassette: `broken` must show the symptom, `fixed` must hold altogether."""
    if run.trouble is not None:
        return Judgement(Proof.UNPROVEN, _told(run.trouble), run.trouble)
    if run.unopened is not None:
        return Judgement(Proof.UNPROVEN, run.unopened.text)
    if name == "broken":
        other = symptom_of(case, run)
        if other is None:
            finding = run.findings[case.symptom.subject]
            return Judgement(Proof.PROVEN, f"red for the stated reason at {finding.subject!r}", finding)
        return Judgement(Proof.UNPROVEN, f"broken does not show the symptom: {other.why}", other.finding)
    failed = run.failed
    if failed:
        text = f"fixed is red at {failed[0].subject!r}: {_first_line(failed[0].text)}"
        return Judgement(Proof.UNPROVEN, text, failed[0])
    if run.not_reached:
        return Judgement(Proof.UNPROVEN, f"not reached: {', '.join(run.not_reached)}")
    return Judgement(Proof.PROVEN, "every step and check holds")


def verdict_of(
    case: Case,
    run: Run,
    *,
    build: str | None,
    builds: Sequence[str] = (),
    known_failures: Collection[str] | None = None,
) -> Judgement:
    """The verdict of a live run whose target was up before and after it: the symptom, then the environment's
    trouble, then the product's. A share of rounds that one round more would have judged otherwise shows no
    symptom. `builds` is the target's order of builds, oldest first, if it has one.
    """
    fixed = case.status is Status.FIXED and not is_earlier(build, case.fixed_in, builds)
    other = symptom_of(case, run, known_failures)
    if other is None and not (run.trouble is not None and run.trouble.unsure):
        finding = run.findings[case.symptom.subject]
        word = Verdict.REGRESSED if fixed else Verdict.STILL_BROKEN
        return Judgement(word, f"shows the symptom at {finding.subject!r}", finding)
    if run.trouble is not None:
        return Judgement(Verdict.INCONCLUSIVE, _told(run.trouble), run.trouble)
    if run.unopened is not None:
        return Judgement(Verdict.INCONCLUSIVE, run.unopened.text)
    if not run.failed and not run.not_reached:
        if fixed:
            return Judgement(Verdict.HOLDS, "every step and check holds")
        return Judgement(
            Verdict.VERIFIED, f"every step and check holds on {build or 'this build'}: promote the case"
        )
    if other is None:  # a share of rounds shows it, unsurely: that was told as trouble
        raise ValueError("a run that shows the symptom is not changed")
    if not run.failed:
        return other
    first, why = run.failed[0], other.why
    if first not in (other.finding, run.findings.get(case.symptom.subject)):  # else `why` tells of it
        why = f"{first.subject!r} fails: {_told_by(first)}; {why}"
    return Judgement(Verdict.CHANGED, why, first)


def waits_on(case: Case) -> bool:
    """Whether a missed deadline is watched on: somewhere the symptom is `$late` or `$nothing`."""
    return mentions(case.symptom.shows, "$late", "$nothing")


def is_earlier(build: str | None, fixed_in: str | None, builds: Sequence[str]) -> bool:
    """Whether a build came before the one that fixed it; by the list, else by version; unknown: no."""
    if build is None or fixed_in is None or build == fixed_in:
        return False
    if build in builds and fixed_in in builds:
        return builds.index(build) < builds.index(fixed_in)
    mine, fix = _version(build), _version(fixed_in)
    return mine is not None and fix is not None and mine < fix


def _version(text: str) -> tuple[int, ...] | None:
    if not re.fullmatch(r"v?[0-9]{1,9}(\.[0-9]{1,9})*", text):
        return None
    parts = [int(part) for part in text.removeprefix("v").split(".")]
    while parts and not parts[-1]:
        parts.pop()  # 2026.11 and 2026.11.0 are one version
    return tuple(parts)


def _not_shown(run: Run, why: str) -> Judgement:
    failed = run.failed
    if failed:
        why = f"{failed[0].subject!r} fails: {_told_by(failed[0])}; {why}"
    return Judgement(Verdict.CHANGED, why, failed[0] if failed else None)


def _told(trouble: Finding) -> str:
    """Trouble in `given`, or a share of rounds that is too near its bound."""
    given = "" if trouble.unsure else "given "
    return f"{given}{trouble.subject!r}: {_told_by(trouble)}"


def _told_by(finding: Finding) -> str:
    """What a finding says, in a line: its text, and the first thing that differs."""
    told = _first_line(finding.text)
    return f"{told}: {finding.differences[0]}" if finding.differences else told


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
