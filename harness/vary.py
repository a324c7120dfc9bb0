"""Exploring: a live case run with inputs that Hypothesis looks for, and the smallest ones that fail.

Inputs shrink towards the case's own examples: what still differs in the end is what the failure needs.
Hypothesis is loaded only here and only when somebody explores; it keeps nothing on disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from harness import exactjson
from harness.case.copying import told
from harness.case.read import CASE_ID
from harness.case.values import Case, Row
from harness.case.varied import tick_of, with_inputs
from harness.case.varying import Grid, OneOf, OnTick, Permute, Vary
from harness.clock import Clock
from harness.errors import HarnessError, TargetError
from harness.outcome import Outcome
from harness.stage import Observer
from harness.verdict import Judgement, Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

BUDGET_S: Final = 300
"""Seconds for one case, unless told otherwise."""
RUNS: Final = 10_000
"""Runs of one case at most."""
UNSURE: Final = 3
"""Inconclusive runs in a row that end an exploration."""
TELL_EVERY_US: Final = 1_000_000
SUBJECT: Final = "explore"
_FAILED: Final = frozenset({Verdict.REGRESSED, Verdict.CHANGED})

Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a case is explored: up to `runs` runs within `budget_s` seconds, a seed, where to save what fails.

    Raises HarnessError U006, U007 (the caller's fault).
    """

    runs: int
    budget_s: int = BUDGET_S
    seed: int | None = None
    save_as: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.runs <= RUNS:
            raise HarnessError("U006", f"--explore is a number of runs from 1 to {RUNS}, not {self.runs}")
        if self.budget_s < 1:
            raise HarnessError("U006", f"--explore-seconds is 1 or more, not {self.budget_s}")
        if self.save_as is not None and not CASE_ID.fullmatch(self.save_as):
            text = f"--save-example is the id of the case to write, such as ESC-2001, not {self.save_as!r}"
            raise HarnessError("U006", text)
        if importlib.util.find_spec("hypothesis") is None:
            text = "--explore needs Hypothesis: pip install 'escalation-harness[explore]'"
            raise HarnessError("U007", text)

    @classmethod
    def of(cls, runs: int | None, budget_s: int | None, seed: int | None, save_as: str | None) -> Plan | None:
        """The plan of a command line; None where nobody explores. Raises HarnessError U005, U006, U007."""
        more = {"--explore-seconds": budget_s, "--explore-seed": seed, "--save-example": save_as}
        if runs is None:
            for option, value in more.items():
                if value is not None:
                    raise HarnessError("U005", f"{option} goes with --explore: add --explore 200")
            return None
        return cls(runs, BUDGET_S if budget_s is None else budget_s, seed, save_as)

    @property
    def asked(self) -> str:
        """The options that explore in the same way again."""
        seconds = f" --explore-seconds {self.budget_s}" if self.budget_s != BUDGET_S else ""
        seed = f" --explore-seed {self.seed}" if self.seed is not None else ""
        return f" --explore {self.runs}{seconds}{seed}"


class _EndError(BaseException):
    """The exploration ends here; no exception of the case's, so that Hypothesis lets it pass."""


class _FoundError(Exception):
    """These inputs fail."""


@dataclass(slots=True)
class Exploration:
    """One case (a row of it) being explored. `run` runs it live on fresh accounts."""

    case: Case
    row: Row | None
    plan: Plan
    run: Callable[[Case], Outcome]
    clock: Clock
    observe: Observer
    runs: int = 0
    unsure: int = 0
    unsure_in_a_row: int = 0
    found: tuple[Inputs, Outcome] | None = None
    found_at: int = 0
    stopped: Outcome | None = None
    why_ended: str = ""
    broken: Exception | None = None
    _known: dict[str, Outcome | None] = field(default_factory=dict)
    _told_us: int = 0

    def outcome(self) -> Outcome:
        """Run the examples, then look for inputs that fail; what became of it as one outcome."""
        if not self.case.vary:
            outcome = self.run(self.case)
            return _saying(outcome, f"{outcome.judgement.why}; run once: the case has no 'vary' to explore")
        examples = {each.name: each.example for each in self.case.vary}
        first = self._ran(examples)
        if first.judgement.word in (*_FAILED, Verdict.INCONCLUSIVE, Verdict.INVALID):
            return _saying(first, f"{first.judgement.why}; not explored: its own examples come to this")
        with contextlib.suppress(_EndError):  # why is in why_ended
            self._search()
        if self.broken is not None:
            raise self.broken
        if self.found is not None:
            return self._failing(*self.found)
        if self.stopped is not None:
            self.stopped.options = self.plan.asked
            return _saying(self.stopped, self.why_ended)
        far = f"explored {self.runs} of {self.plan.runs} in {self._seconds()} s"
        unsure = f"{self.unsure} inconclusive" if self.unsure else ""
        said = (first.judgement.why, far, self.why_ended, unsure, "none fails")
        return _saying(first, "; ".join(each for each in said if each))

    def _search(self) -> None:
        import hypothesis
        from hypothesis import HealthCheck, Phase, Verbosity, configuration, settings

        name = f"{self.case.id}[{self.row.name}]" if self.row is not None else self.case.id
        digest = hashlib.sha256(name.encode()).digest()
        number = int.from_bytes(digest[:8]) if self.plan.seed is None else self.plan.seed

        def once(values: Inputs) -> None:
            try:
                failed = self._fails(values)
            except Exception as error:  # ours: no failure of these inputs, nothing to make smaller
                self.broken = error
                raise _EndError from error
            if failed:
                raise _FoundError

        search = settings(
            max_examples=self.plan.runs,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
        )
        with tempfile.TemporaryDirectory(prefix="harness-explore-") as folder:
            configuration.set_hypothesis_home_dir(folder)
            try:
                given = hypothesis.given(self._inputs())
                hypothesis.seed(number)(search(given(once)))()
            except _FoundError:
                pass  # the smallest inputs that fail are in `found`
            finally:
                configuration.set_hypothesis_home_dir(None)

    def _inputs(self) -> SearchStrategy[Inputs]:
        """All inputs at once; prices on a tick last, as the tick may be an input too."""
        from hypothesis import strategies as st

        vary = sorted(self.case.vary, key=lambda each: isinstance(each.strategy, OnTick))
        columns = dict(self.row.values) if self.row is not None else {}

        @st.composite
        def inputs(draw: DrawFn) -> Inputs:
            values: dict[str, Any] = {}
            for each in vary:
                values[each.name] = draw(_strategy(each, self.case, {**columns, **values}))
            return values

        return inputs()

    def _fails(self, values: Inputs) -> bool:
        """Whether a run with these inputs fails; the same inputs are run once."""
        values = {each.name: values[each.name] for each in self.case.vary}
        key = exactjson.canonical(values)
        if key not in self._known:
            self._stop_in_time()
            self._judged(self._ran(values), values)
        failing = self._known[key]
        if failing is not None:
            self.found_at = self.found_at or self.runs
            self.found = values, failing
        return failing is not None

    def _stop_in_time(self) -> None:
        spent = self.clock.now_us() >= self.plan.budget_s * 1_000_000
        if spent:
            self.why_ended = f"the {self.plan.budget_s} s are over"
        if spent or (not self.found and self.runs >= self.plan.runs) or self.runs >= 2 * self.plan.runs:
            raise _EndError

    def _ran(self, values: Inputs) -> Outcome:
        outcome = self.run(with_inputs(self.case, values))
        self._known[exactjson.canonical(values)] = outcome if outcome.judgement.word in _FAILED else None
        self.runs += 1
        now_us = self.clock.now_us()
        if now_us - self._told_us >= TELL_EVERY_US:
            self._told_us = now_us
            shrinking = f", shrinking since {self.found_at}" if self.found_at else ""
            self.observe(SUBJECT, f"explored {self.runs} of {self.plan.runs}, {self._seconds()} s{shrinking}")
        return outcome

    def _judged(self, outcome: Outcome, values: Inputs) -> None:
        """Count the runs that tell nothing; end where the case or the target is at fault."""
        word, why = outcome.judgement.word, outcome.judgement.why
        if word is Verdict.INVALID:
            self.stopped, self.why_ended = outcome, f"{why}; with {told(values)}: narrow its strategy"
            raise _EndError
        if word is not Verdict.INCONCLUSIVE:
            self.unsure_in_a_row = 0
            return
        self.unsure += 1
        self.unsure_in_a_row += 1
        if self.unsure_in_a_row == UNSURE:
            ended = f"{why}; exploring ended after {UNSURE} such runs in a row, {self.runs} in all"
            self.why_ended = ended
            if self.found is None:
                self.stopped = outcome
                self.stopped.error = self.stopped.error or TargetError("T005", ended)
            raise _EndError

    def _failing(self, values: Inputs, outcome: Outcome) -> Outcome:
        """The failing run, told with its inputs and how to keep them; run once more, to see it again."""
        again = self.run(with_inputs(self.case, values)).judgement.word
        seen = "" if again in _FAILED else f"; run again with the same inputs it {again}"
        outcome.options = self.plan.asked
        examples = {each.name: each.example for each in self.case.vary}
        ran = f"found in run {self.found_at}, the smallest of {self.runs} runs"
        differing = told({name: value for name, value in examples.items() if value != values[name]})
        outcome.advice = (f"with:  {told(values)}; in the case's examples it is {differing}",)
        return _saying(outcome, f"{outcome.judgement.why}; with {told(values)} ({ran}){seen}")

    def _seconds(self) -> int:
        return self.clock.now_us() // 1_000_000


def _saying(outcome: Outcome, why: str) -> Outcome:
    outcome.judgement = Judgement(outcome.judgement.word, why, outcome.judgement.finding)
    return outcome


def _strategy(vary: Vary, case: Case, values: Inputs) -> SearchStrategy[Any]:
    """Where an input's values come from; each shrinks towards its example."""
    from hypothesis import strategies as st

    match vary.strategy:
        case Grid() as grid:
            return _numbers(grid, vary.example)
        case OnTick() as on_tick:
            grid_at = on_tick.grid(tick_of(case.parts, on_tick.market, values))
            return st.nothing() if grid_at is None else _numbers(grid_at, vary.example)
        case OneOf(choices):
            kind, example = type(vary.example), vary.example
            first = sorted(choices, key=lambda each: type(each) is not kind or each != example)
            return st.sampled_from(first)
        case Permute():
            return st.permutations(vary.example).map(tuple)
    raise TypeError(f"{vary.strategy!r} is no strategy")


def _numbers(grid: Grid, example: Any) -> SearchStrategy[Any]:
    from hypothesis import strategies as st

    start = grid.index_of(example) or 0
    distances = st.integers(-start, grid.count - 1 - start)
    return distances.map(lambda distance: grid.at(start + distance))
