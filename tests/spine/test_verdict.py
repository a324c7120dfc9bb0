"""From a run to a proof or a verdict: the whole table, the order of its rows, and what each says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.case.values import Case, Status
from harness.errors import TargetError
from harness.finding import Finding
from harness.matchers import LOST, NOTHING, Difference, Differs, Late
from harness.run import Run
from harness.verdict import (
    OURS,
    Judgement,
    Proof,
    Verdict,
    is_earlier,
    proof_of,
    symptom_of,
    verdict_of,
    waits_on,
)

from .story import case

STEPS = """steps:
  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}
  - {id: sell, rest: POST /order, json: {size: 5}, expect: {status: 200}}

symptom: {step: sell, shows: {status: 400, body: {error: {$contains: balance}}}, witness: buy}
"""
OPEN = case(STEPS)
FIXED = replace(OPEN, status=Status.FIXED, fixed_in="2026.11.2")
RED = {"status": 400, "body": {"error": "not enough balance"}}


def finding(
    subject: str, holds: bool = True, shown: object = None, text: str = "the answer differs"
) -> Finding:
    return Finding(subject, holds, 0, "as expected" if holds else text, shown)


def came(*findings: Finding, trouble: Finding | None = None, not_reached: tuple[str, ...] = ()) -> Run:
    return Run({each.subject: each for each in findings}, list(not_reached), trouble)


HOLDS = came(finding("buy"), finding("sell"))
SYMPTOM = came(finding("buy"), finding("sell", False, RED))
OTHER_ANSWER = came(finding("buy"), finding("sell", False, {"status": 500, "body": {}}))
OTHER_STEP = came(finding("buy", False, {"status": 500}))
BESIDE = came(finding("buy"), finding("sell", False, RED), finding("agree", False, LOST, "not shown\nrow"))
UNREACHED = came(finding("buy"), finding("sell"), not_reached=("settles",))
TROUBLE = came(trouble=finding("given.1", False, LOST, "no answer came\nat all"))

UNOPENED = TargetError("T001", "the node does not answer")
SYMPTOM_UNOPENED = replace(SYMPTOM, unopened=UNOPENED)
OTHER_UNOPENED = replace(OTHER_ANSWER, unopened=UNOPENED)
HOLDS_UNOPENED = replace(HOLDS, unopened=UNOPENED)
UNSURE = replace(finding("sell", False, RED, "97 of 100 hold"), unsure=True)
SYMPTOM_UNSURE = replace(came(finding("buy"), UNSURE, trouble=UNSURE), failed_step="sell")
CUT = came(finding("buy"), finding("sell", False, LOST, "the peer closed the connection"))

TABLE = [
    (FIXED, HOLDS, "2026.11.2", Verdict.HOLDS, "every step and check holds"),
    (FIXED, SYMPTOM, "2026.11.2", Verdict.REGRESSED, "shows the symptom at 'sell'"),
    (
        FIXED,
        OTHER_STEP,
        "2026.11.2",
        Verdict.CHANGED,
        "'buy' fails: the answer differs; 'sell' was not reached",
    ),
    (OPEN, SYMPTOM, "2026.11.2", Verdict.STILL_BROKEN, "shows the symptom at 'sell'"),
    (OPEN, HOLDS, "2026.11.2", Verdict.VERIFIED, "every step and check holds on 2026.11.2: promote the case"),
    (OPEN, HOLDS, None, Verdict.VERIFIED, "every step and check holds on this build: promote the case"),
    (OPEN, OTHER_STEP, "1", Verdict.CHANGED, None),
    (FIXED, TROUBLE, "2026.11.2", Verdict.INCONCLUSIVE, "given 'given.1': no answer came"),
    (OPEN, TROUBLE, "2026.11.2", Verdict.INCONCLUSIVE, "given 'given.1': no answer came"),
    (FIXED, SYMPTOM, "2026.11.1", Verdict.STILL_BROKEN, "shows the symptom at 'sell'"),
    (FIXED, HOLDS, "2026.11.1", Verdict.VERIFIED, None),
    (FIXED, SYMPTOM, "2026.11.3", Verdict.REGRESSED, None),
    (FIXED, SYMPTOM, "nightly", Verdict.REGRESSED, None),
    (FIXED, SYMPTOM, None, Verdict.REGRESSED, None),
    (FIXED, UNREACHED, "2026.11.2", Verdict.CHANGED, "'sell' holds: as expected"),
    (FIXED, SYMPTOM_UNOPENED, "2026.11.2", Verdict.REGRESSED, "shows the symptom at 'sell'"),
    (OPEN, SYMPTOM_UNOPENED, "2026.11.2", Verdict.STILL_BROKEN, "shows the symptom at 'sell'"),
    (FIXED, OTHER_UNOPENED, "2026.11.2", Verdict.INCONCLUSIVE, "the node does not answer"),
    (OPEN, HOLDS_UNOPENED, "2026.11.2", Verdict.INCONCLUSIVE, "the node does not answer"),
    (FIXED, SYMPTOM_UNSURE, "2026.11.2", Verdict.INCONCLUSIVE, "'sell': 97 of 100 hold"),
    (FIXED, CUT, "2026.11.2", Verdict.CHANGED, None),
]


@pytest.mark.parametrize(("of", "run", "build", "word", "why"), TABLE)
def test_the_table_of_verdicts(of: Case, run: Run, build: str | None, word: Verdict, why: str | None) -> None:
    """What a live run says of a case, by its status, its build and what the run shows: the symptom first,
    then trouble in `given` or at a channel's first opening, then the product's, a lost connection included.
    """
    judged = verdict_of(of, run, build=build)
    assert judged.word is word
    assert why is None or judged.why == why


def test_a_failure_that_shows_something_else_is_changed_and_says_what() -> None:
    """The named step fails in another way: the first thing that differs from the symptom is told."""
    judged = verdict_of(FIXED, OTHER_ANSWER, build="2026.11.2")
    assert judged.word is Verdict.CHANGED
    assert judged.why.startswith("'sell' fails, but shows something else: status: expected 400, found 500")
    assert judged.finding == OTHER_ANSWER.findings["sell"]


def differing(subject: str) -> Finding:
    wrong = (Difference("status", "200", "500", "they differ"),)
    return replace(finding(subject, False, {"status": 500}), differences=wrong)


STEP_INSIDE = replace(came(differing("buy")), failed_step="buy")
BEFORE_IT = came(differing("buy"), finding("sell", False, {"status": 500}))


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (
            STEP_INSIDE,
            "'buy' fails, which is not the symptom: the answer differs: status: expected 200, found",
        ),
        (BEFORE_IT, "'buy' fails: the answer differs: status: expected 200, found 500: they differ; 'sell'"),
        (OTHER_ANSWER, "'sell' fails, but shows something else: status: expected 400, found 500"),
    ],
)
def test_changed_tells_its_reason_once(run: Run, why: str) -> None:
    """What fails first stands first, with the first thing that differs, and nothing is told twice."""
    judged = verdict_of(FIXED, run, build="2026.11.2")
    assert judged.word is Verdict.CHANGED
    assert judged.why.startswith(why)
    assert all(judged.why.count(f"{name!r} fails") <= 1 for name in ("buy", "sell"))
    assert judged.why.count("the answer differs") <= 1


@pytest.mark.parametrize(
    ("known", "word"),
    [(None, Verdict.REGRESSED), ({"sell", "agree"}, Verdict.REGRESSED), ({"sell"}, Verdict.CHANGED)],
)
def test_another_failure_counts_unless_broken_shows_it_too(known: set[str] | None, word: Verdict) -> None:
    """The symptom beside a failure that the recorded bug does not have is not the recorded bug."""
    judged = verdict_of(FIXED, BESIDE, build="2026.11.2", known_failures=known)
    assert judged.word is word
    if word is Verdict.CHANGED:
        assert judged.why == "'agree' fails too, and does not in the replay of broken: not shown"


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (came(finding("sell", False, RED)), "the witness 'buy' was not reached, so absence is not shown"),
        (
            came(finding("buy", False, text="gone\nrow"), finding("sell", False, RED)),
            "the witness 'buy' does not hold: gone, so absence is not shown",
        ),
    ],
)
def test_without_its_witness_a_symptom_is_not_shown(run: Run, why: str) -> None:
    """What proves the channel alive must have passed."""
    judged = symptom_of(OPEN, run)
    assert judged is not None
    assert (judged.word, judged.why) == (Verdict.CHANGED, why)


def test_what_was_last_seen_is_part_of_the_symptom() -> None:
    """`seen` is matched against the last thing that came."""
    text = STEPS.replace(
        "shows: {status: 400, body: {error: {$contains: balance}}}",
        "shows: {$nothing}, seen: {status: MATCHED}",
    )
    read = case(text)
    for status, shown in (("MATCHED", True), ("MINED", False)):
        red = Finding("sell", False, 0, "did not come", NOTHING, {"status": status})
        assert (symptom_of(read, came(finding("buy"), red)) is None) is shown
    assert (
        symptom_of(read, came(finding("buy"), Finding("sell", False, 0, "did not come", NOTHING))) is not None
    )


PROOFS = [
    ("broken", SYMPTOM, Proof.PROVEN, "red for the stated reason at 'sell'"),
    ("broken", HOLDS, Proof.UNPROVEN, "broken does not show the symptom: 'sell' holds: as expected"),
    (
        "broken",
        OTHER_STEP,
        Proof.UNPROVEN,
        "broken does not show the symptom: 'buy' fails: the answer differs; 'sell' was not reached",
    ),
    ("broken", TROUBLE, Proof.UNPROVEN, "given 'given.1': no answer came"),
    ("broken", BESIDE, Proof.PROVEN, "red for the stated reason at 'sell'"),
    ("fixed", HOLDS, Proof.PROVEN, "every step and check holds"),
    ("fixed", SYMPTOM, Proof.UNPROVEN, "fixed is red at 'sell': the answer differs"),
    ("fixed", UNREACHED, Proof.UNPROVEN, "not reached: settles"),
    ("fixed", TROUBLE, Proof.UNPROVEN, "given 'given.1': no answer came"),
]


@pytest.mark.parametrize(("name", "run", "word", "why"), PROOFS)
def test_the_proofs_of_both_cassettes(name: str, run: Run, word: Proof, why: str) -> None:
    """Broken must show the symptom, fixed must hold altogether; anything else is unproven and says why."""
    judged = proof_of(FIXED, name, run)
    assert (judged.word, judged.why) == (word, why)


LIST = ("alpha", "beta", "2026.11.2")


@pytest.mark.parametrize(
    ("build", "fixed_in", "builds", "earlier"),
    [
        ("alpha", "beta", LIST, True),
        ("beta", "alpha", LIST, False),
        ("beta", "beta", LIST, False),
        ("2026.11.2", "alpha", LIST, False),
        ("2026.9.30", "2026.11.2", (), True),
        ("2026.11.10", "2026.11.2", (), False),
        ("v1.9", "1.10", (), True),
        ("2026.11", "2026.11.0", (), False),
        ("2026.11.0", "2026.11", (), False),
        ("2026.11", "2026.11.1", (), True),
        ("gamma", "beta", LIST, False),
        ("2026.11.1", "2026.11.2", LIST, True),
        ("nightly", "2026.11.2", (), False),
        ("2026.11.1", "soon", (), False),
        (None, "2026.11.2", (), False),
        ("2026.11.1", None, (), False),
        ("1.0-rc1", "1.0", (), False),
    ],
)
def test_builds_are_ordered_by_the_list_or_by_version(
    build: str | None, fixed_in: str | None, builds: tuple[str, ...], earlier: bool
) -> None:
    """The target's list decides where it knows both, else the version does; unknown is not earlier."""
    assert is_earlier(build, fixed_in, builds) is earlier


@pytest.mark.parametrize(
    ("shows", "waits"),
    [
        ("{$nothing}", True),
        ("{$late: {$gte: 30s}}", True),
        ("{$either: [{status: 1}, {$late: {$gte: 1s}}]}", True),
        ("{$differs: {rest: {size: 5}, chain: {$nothing}}}", True),
        ("{status: 400}", False),
        ("{$differs: {rest: {size: 5}, chain: {size: 6}}}", False),
        ("{$lost}", False),
        ("{body: [{a: {$contains: b}}]}", False),
    ],
)
def test_a_missed_deadline_is_watched_where_the_symptom_tells_late_from_never(
    shows: str, waits: bool
) -> None:
    """`$late` and `$nothing`, wherever they stand in the symptom."""
    text = STEPS.replace("{status: 400, body: {error: {$contains: balance}}}", shows)
    assert waits_on(case(text)) is waits


def test_a_judgement_on_marks_reads_them() -> None:
    """Late and differing sources are what a symptom can match."""
    late = case(STEPS.replace("{status: 400, body: {error: {$contains: balance}}}", "{$late: {$gte: 30s}}"))
    for by_us, shown in ((30_000_000, True), (29_999_999, False)):
        assert (symptom_of(late, came(finding("buy"), finding("sell", False, Late(by_us)))) is None) is shown
    differs = case(
        STEPS.replace(
            "{status: 400, body: {error: {$contains: balance}}}",
            "{$differs: {rest: {size: 5}, chain: {$nothing}}}",
        )
    )
    sources = {"rest": {"size": 5}, "chain": NOTHING}
    assert symptom_of(differs, came(finding("buy"), finding("sell", False, Differs(sources)))) is None
    lost = Differs(sources | {"chain": LOST})
    assert symptom_of(differs, came(finding("buy"), finding("sell", False, lost))) is not None


def test_only_the_products_failures_block_a_ship() -> None:
    """Three words are green; every word has its place."""
    assert {Verdict.HOLDS, Verdict.STILL_BROKEN, Verdict.VERIFIED} == OURS
    assert Judgement(Verdict.HOLDS, "x").finding is None
