"""The search: towards the examples, the same each time, within its budget, and never green for nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harness.case.values import Case, Row
from harness.clock import ManualClock
from harness.errors import HarnessError
from harness.outcome import Outcome
from harness.vary import Exploration, Plan
from harness.verdict import Judgement, Verdict

from .cases import VARY, case

ORDER = "  order: {permute: [first, second, third], example: [first, second, third]}\n"


@dataclass
class Target:
    """Stands for the exchange: what word each inputs come to, and how long a run takes."""

    word: Callable[[dict[str, Any]], Verdict]
    seconds: int = 1
    ran: list[dict[str, Any]] = field(default_factory=list)
    orders: list[list[str]] = field(default_factory=list)
    clock: ManualClock = field(default_factory=ManualClock)
    told: list[str] = field(default_factory=list)

    def run(self, varied: Case) -> Outcome:
        values = {vary.name: vary.example for vary in varied.vary}
        self.ran.append(values)
        self.orders.append([step.id for step in varied.steps][1:])
        self.clock.advance(self.seconds * 1_000_000)
        return Outcome(varied.id, Judgement(self.word(values), "as it is"), varied)

    def explore(self, explored: Case, plan: Plan, row: Row | None = None) -> Exploration:
        return Exploration(
            explored, row, plan, self.run, self.clock, lambda subject, text: self.told.append(text)
        )


def failing(when: Callable[[dict[str, Any]], bool]) -> Target:
    """A target that regresses for some inputs."""
    return Target(lambda values: Verdict.REGRESSED if when(values) else Verdict.HOLDS)


def test_what_is_found_differs_from_the_examples_only_where_it_must() -> None:
    """The failing inputs are shrunk towards the case's own: only what the failure needs still differs."""
    target = failing(lambda values: values["price"] > Decimal("0.73"))

    outcome = target.explore(case(), Plan(200)).outcome()

    assert outcome.judgement.word is Verdict.REGRESSED
    assert "with price: 0.74, size: 10, side: BUY (found in run" in outcome.judgement.why
    assert outcome.advice == (
        "with:  price: 0.74, size: 10, side: BUY; in the case's examples it is price: 0.52",
    )
    assert outcome.case is not None
    assert outcome.case.vary[0].example == Decimal("0.74")
    assert target.ran[-1] == {"price": Decimal("0.74"), "size": 10, "side": "BUY"}, "it is seen once more"


def test_the_order_of_steps_is_explored_too() -> None:
    """A permuted case runs its steps in the drawn order, and the failing order is shrunk like a value."""
    target = Target(lambda values: Verdict.HOLDS)
    target.word = lambda values: (
        Verdict.REGRESSED
        if values["order"].index("third") < values["order"].index("second")
        else Verdict.HOLDS
    )

    outcome = target.explore(case(VARY + ORDER), Plan(100)).outcome()

    assert "order: [first, third, second]" in outcome.judgement.why
    assert target.orders[-1] == ["first", "third", "second"]


def test_the_same_search_each_time() -> None:
    """The case's id decides where the search looks; a seed makes it look elsewhere."""
    targets = [failing(lambda values: False) for _ in range(3)]
    for target, seed in zip(targets, (None, None, 7), strict=True):
        target.explore(case(), Plan(30, seed=seed)).outcome()

    assert targets[0].ran == targets[1].ran
    assert targets[0].ran != targets[2].ran
    assert len(targets[0].ran) == 30


def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No database and no folder of Hypothesis's stays behind."""
    monkeypatch.chdir(tmp_path)

    failing(lambda values: values["size"] > 50).explore(case(), Plan(40)).outcome()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("vary", "plan", "word", "runs", "told"),
    [
        ("size", Plan(20), Verdict.HOLDS, 20, "as it is; explored 20 of 20 in 20 s; none fails"),
        ("side", Plan(20), Verdict.HOLDS, 2, "as it is; explored 2 of 20 in 2 s; none fails"),
        (
            "size",
            Plan(20, budget_s=7),
            Verdict.HOLDS,
            7,
            "explored 7 of 20 in 7 s; the 7 s are over; none fails",
        ),
    ],
)
def test_a_search_that_finds_nothing_says_how_far_it_went(
    vary: str, plan: Plan, word: Verdict, runs: int, told: str
) -> None:
    """The verdict is that of the case's own examples, with what was explored; the same inputs run once."""
    target = Target(lambda values: word)
    line = next(each for each in VARY.splitlines() if each.strip().startswith(vary))

    outcome = target.explore(case(line), plan).outcome()

    assert (outcome.judgement.word, len(target.ran)) == (word, runs)
    assert told in outcome.judgement.why
    assert target.told[-1].startswith(f"explored {runs} of 20, {runs} s")


def test_a_budget_that_ends_while_shrinking_keeps_the_smallest_so_far() -> None:
    """What was found is told, although there was no time to make it smaller."""
    whole = failing(lambda values: values["size"] > 12).explore(case(), Plan(200))
    whole.outcome()
    target = failing(lambda values: values["size"] > 12)

    outcome = target.explore(case(), Plan(200, budget_s=whole.found_at + 1)).outcome()

    assert outcome.judgement.word is Verdict.REGRESSED
    assert outcome.case is not None
    assert outcome.case.vary[1].example > 12
    assert len(target.ran) == whole.found_at + 2


def test_three_inconclusive_runs_in_a_row_end_it() -> None:
    """A target that tells nothing ends the search: inconclusive, an error, not a failure."""
    target = Target(lambda values: Verdict.HOLDS if values["size"] == 10 else Verdict.INCONCLUSIVE)

    outcome = target.explore(case("  size: {between: [5, 100], example: 10}\n"), Plan(50)).outcome()

    assert (outcome.judgement.word, len(target.ran)) == (Verdict.INCONCLUSIVE, 4)
    assert "exploring ended after 3 such runs in a row, 4 in all" in outcome.judgement.why
    assert outcome.error is not None


def test_inconclusive_runs_between_others_are_counted() -> None:
    """Runs that tell nothing are no failures, and the result says how many there were."""
    target = Target(lambda values: Verdict.INCONCLUSIVE if values["size"] % 3 == 0 else Verdict.HOLDS)

    outcome = target.explore(case("  size: {between: [5, 16], example: 10}\n"), Plan(50)).outcome()

    assert outcome.judgement.word in (Verdict.HOLDS, Verdict.INCONCLUSIVE)
    assert "4 inconclusive; none fails" in outcome.judgement.why or "3 such runs" in outcome.judgement.why


def test_inputs_that_no_message_can_hold_end_it() -> None:
    """Inputs that make the case invalid are told, with the advice to narrow the strategy."""
    target = Target(lambda values: Verdict.INVALID if values["size"] > 50 else Verdict.HOLDS)

    outcome = target.explore(case(), Plan(100)).outcome()

    assert outcome.judgement.word is Verdict.INVALID
    assert "narrow its strategy" in outcome.judgement.why


@pytest.mark.parametrize("word", [Verdict.REGRESSED, Verdict.CHANGED, Verdict.INCONCLUSIVE, Verdict.INVALID])
def test_a_case_that_fails_by_itself_is_not_explored(word: Verdict) -> None:
    """Where the case's own examples do not hold, their finding is the result."""
    target = Target(lambda values: word)

    outcome = target.explore(case(), Plan(100)).outcome()

    assert (outcome.judgement.word, len(target.ran)) == (word, 1)
    assert outcome.judgement.why == "as it is; not explored: its own examples come to this"


def test_a_bug_of_ours_is_no_failing_input() -> None:
    """An exception of the harness ends the search at once and is raised, not shrunk."""

    def word(values: dict[str, Any]) -> Verdict:
        if values["size"] != 10:
            raise ZeroDivisionError
        return Verdict.HOLDS

    target = Target(word)

    with pytest.raises(ZeroDivisionError):
        target.explore(case(), Plan(50)).outcome()

    assert [values["size"] != 10 for values in target.ran].count(True) == 1


def test_a_failure_that_does_not_come_again_says_so() -> None:
    """The smallest failing inputs are run once more; where they then hold, the result says it."""
    seen: list[dict[str, Any]] = []

    def word(values: dict[str, Any]) -> Verdict:
        again = values in seen
        seen.append(values)
        return Verdict.CHANGED if values["side"] == "SELL" and not again else Verdict.HOLDS

    outcome = Target(word).explore(case(), Plan(50)).outcome()

    assert outcome.judgement.word is Verdict.CHANGED
    assert outcome.judgement.why.endswith("; run again with the same inputs it holds")


def test_a_case_without_vary_is_run_once() -> None:
    """There is nothing to explore, and the result says so."""
    plain = case()
    object.__setattr__(plain, "vary", ())
    target = Target(lambda values: Verdict.HOLDS)

    outcome = target.explore(plain, Plan(100)).outcome()

    assert len(target.ran) == 1
    assert outcome.judgement.why == "as it is; run once: the case has no 'vary' to explore"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((0, None, None, None), "U006 --explore is a number of runs from 1 to 10000, not 0"),
        ((10, 0, None, None), "U006 --explore-seconds is 1 or more, not 0"),
        ((10, None, None, "esc-1"), "U006 --save-example is the id of the case to write"),
        ((None, 5, None, None), "U005 --explore-seconds goes with --explore"),
        ((None, None, 5, None), "U005 --explore-seed goes with --explore"),
        ((None, None, None, "ESC-1"), "U005 --save-example goes with --explore"),
    ],
)
def test_options_that_say_nothing_sensible(said: tuple[Any, ...], told: str) -> None:
    """Options out of range, or without the one that they go with, are refused before anything runs."""
    with pytest.raises(HarnessError, match=told):
        Plan.of(*said)
