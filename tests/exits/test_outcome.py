"""An outcome without a run, a lease that was refused say, is told without secrets as well."""

from __future__ import annotations

from redact.samples import API_SECRET, PASSWORD, knowing

from harness.errors import CaseError, Place, Problem, TargetError
from harness.outcome import Outcome
from harness.redacted import redacted_outcome
from harness.verdict import Judgement, Verdict


def test_an_error_quotes_no_secret() -> None:
    """Why an item came to its word, its error, and each problem of a case: redacted, and no cause is kept."""
    told = f"no API key for 'alice': 500 {API_SECRET} (http://x.example/?password={PASSWORD})"
    error = TargetError("T002", told)
    error.__cause__ = ConnectionError(API_SECRET)
    outcome = Outcome("ESC-1", Judgement(Verdict.INCONCLUSIVE, told), error=error)

    clean = redacted_outcome(outcome, knowing(alice_secret=API_SECRET, alice_password=PASSWORD))

    for text in (clean.judgement.why, str(clean.error), repr(clean.error)):
        assert "no API key for 'alice': 500 «alice.secret" in text
        assert API_SECRET not in text
        assert PASSWORD not in text
    assert clean.error is error
    assert error.__cause__ is None


def test_a_problem_of_a_case_quotes_no_secret() -> None:
    """What a case's author is told of a step is redacted too."""
    error = CaseError([Problem(Place("cases/ESC-1.yaml", 3, 1), "C065", f"gave {API_SECRET}")])
    outcome = Outcome("ESC-1", Judgement(Verdict.INVALID, error.text), error=error)

    redacted_outcome(outcome, knowing(alice_secret=API_SECRET))

    assert str(error).startswith("cases/ESC-1.yaml:3:1: C065 gave «alice.secret")
    assert [problem.text for problem in error.problems] == [str(error).partition("C065 ")[2]]
