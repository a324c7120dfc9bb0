"""A run without its secrets: what every report reads. Verdicts are judged before, on what really came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from harness.errors import CaseError, HarnessError
from harness.finding import Finding
from harness.matchers import Closed, Difference, Differs
from harness.outcome import Outcome
from harness.run import Run


def redacted_outcome(outcome: Outcome, redactor: Redacts) -> Outcome:
    """The same outcome, why it came to its word and its error redacted; its run and timeline are already."""
    judgement = outcome.judgement
    if outcome.error is not None:
        redact_error(outcome.error, redactor)
    cleanup = outcome.cleanup
    if cleanup is not None:
        cleanup = replace(cleanup, problems=tuple(map(redactor.redact, cleanup.problems)))
    first = outcome.first
    if first is not None:
        told = redactor.redact(first.judgement.why)
        first = replace(first, judgement=replace(first.judgement, why=told))
    why = redactor.redact(judgement.why)
    return replace(outcome, judgement=replace(judgement, why=why), cleanup=cleanup, first=first)


def redact_error(error: HarnessError, redactor: Redacts) -> None:
    """Redact an error's text in place: it is raised again, with where it came from."""
    error.text = redactor.redact(error.text)
    error.args = (error.text,)
    error.__cause__ = error.__context__ = None  # a library's own exception, with the values that it held
    if isinstance(error, CaseError):
        error.problems = tuple(replace(each, text=redactor.redact(each.text)) for each in error.problems)


class Redacts(Protocol):
    """Whatever takes out of a text or a JSON value what must not be shown."""

    def redact(self, text: str) -> str:
        """The text without it."""
        ...

    def redact_json(self, value: Any) -> Any:
        """The value without it."""
        ...


def redacted_run(run: Run, redactor: Redacts) -> Run:
    """The same run, every text and value in its findings redacted."""
    return Run(
        findings={name: redacted_finding(finding, redactor) for name, finding in run.findings.items()},
        not_reached=list(run.not_reached),
        trouble=None if run.trouble is None else redacted_finding(run.trouble, redactor),
        failed_step=run.failed_step,
        leftovers=[redacted_finding(finding, redactor) for finding in run.leftovers],
    )


def redacted_finding(finding: Finding, redactor: Redacts) -> Finding:
    """The same finding, redacted."""
    return replace(
        finding,
        text=redactor.redact(finding.text),
        shown=_value(finding.shown, redactor),
        seen=_value(finding.seen, redactor),
        differences=tuple(_difference(each, redactor) for each in finding.differences),
    )


def _value(value: Any, redactor: Redacts) -> Any:
    match value:
        case Differs(sources):
            return Differs({name: _value(held, redactor) for name, held in sources.items()})
        case Closed(code, reason):
            return Closed(code, redactor.redact(reason))
        case str() | dict() | list() | tuple():
            return redactor.redact_json(value)
    return value


def _difference(difference: Difference, redactor: Redacts) -> Difference:
    return replace(
        difference,
        path=redactor.redact(difference.path),
        expected=redactor.redact(difference.expected),
        found=redactor.redact(difference.found),
        why=redactor.redact(difference.why),
    )
