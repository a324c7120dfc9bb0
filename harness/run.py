"""Running a case on a world, live or recorded: the same code, deciding by numbers and stamps alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import acts, checks
from harness.acts import Act
from harness.case.values import Case, FixSay, Listen, RestCall, Role, Step, Subscribe
from harness.checks.judging import RUNNER_SOURCE, Judging, judged
from harness.decide import (
    ANSWERED,
    SUBSCRIBED_US,
    Attempt,
    Item,
    Wanted,
    Watched,
    decide_answered,
    decide_poll,
    decide_subscribed,
    decide_wait,
    stream_end,
    stream_items,
)
from harness.facts import Facts
from harness.finding import Decision, Finding, Pending, Window
from harness.intents import Inputs
from harness.matchers import LOST
from harness.model import Event, Kind, Lane, Source
from harness.references import MissingPartError, dig
from harness.scope import Look, Scope
from harness.windows import beyond, window_from
from harness.world import Need, PollNeed, StreamNeed, View, World

Observer = Callable[[str, str], None]
"""Hears what the run does: (step or check id, what about it)."""


@dataclass(slots=True)
class Run:
    """What a run came to: a finding for each step and check that was reached, in order."""

    findings: dict[str, Finding] = field(default_factory=dict)
    not_reached: list[str] = field(default_factory=list)
    trouble: Finding | None = None
    failed_step: str | None = None
    leftovers: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that do not hold."""
        return tuple(finding for finding in self.findings.values() if not finding.holds)


class Runner:
    """Takes one case through one world. `watching` is for whom a missed deadline is watched on."""

    def __init__(
        self,
        case: Case,
        world: World,
        facts: Facts,
        watching: Callable[[str], bool],
        observer: Observer | None = None,
    ) -> None:
        self._case = case
        self._world = world
        self._facts = facts
        self._watching = watching
        self._observe = observer or (lambda subject, text: None)
        self._scope = Scope(Inputs(facts.seed), facts.started_wall_us)
        self._scope.values.update({name: dict(held) for name, held in facts.actors.items()})
        self._marks: dict[str, Event] = {}
        self._last_cause: Event | None = None
        self._taken: set[tuple[Any, ...]] = set()
        self._run = Run()

    def run(self) -> Run:
        """Run `given`, `steps`, the checks, and `finally` whatever happens.

        Raises TargetError (the environment), CassetteStale or CaseError (replay, the case); a failed
        step or check is a finding in the result.
        """
        try:
            self._given_steps_checks()
        except BaseException:
            self._finally(quietly=True)
            raise
        self._finally(quietly=False)
        return self._run

    def _given_steps_checks(self) -> None:
        for step in self._case.in_role(Role.GIVEN):
            finding = self._step(step)
            if not finding.holds:
                self._run.trouble = finding
                return
        for step in self._case.in_role(Role.STEPS):
            finding = self._step(step)
            self._run.findings[step.id] = finding
            if not finding.holds:
                self._run.failed_step = step.id
                break
        self._checks()

    def _finally(self, *, quietly: bool) -> None:
        """Try every step, whatever became of the one before; then raise the first error."""
        first: Exception | None = None
        for step in self._case.in_role(Role.FINALLY):
            try:
                finding = self._step(step)
            except Exception as error:
                first = first or error
                finding = Finding(step.id, False, 0, f"was not carried out: {error}")
            if not finding.holds:
                self._run.leftovers.append(finding)
        if first is not None and not quietly:
            raise first

    def _step(self, step: Step) -> Finding:
        if step.within_us is not None:
            self._observe(step.id, "waits …")
        mark = self._world.begin(step.source, step.id)
        self._marks[step.id] = mark
        if step.sends:
            self._last_cause = mark
        look = self._scope.at(step.id, 0, mark.at_us)
        try:
            finding = self._carried_out(step, look, mark)
        except MissingPartError as error:
            finding = Finding(step.id, False, mark.at_us, f"cannot be built: {error}")
        if finding.holds:
            finding = self._save(step, finding)
        self._world.end(step.source, step.id, max(finding.at_us, mark.at_us))
        self._observe(step.id, finding.text)
        return finding

    def _carried_out(self, step: Step, look: Look, mark: Event) -> Finding:
        wanted = Wanted(step.id, step.where, step.expect, look.template, step.count, step.quiet_us)
        if isinstance(step.action, Listen):
            return self._wait(step, wanted, mark)
        act = acts.act(step, look, self._facts.chain)
        if isinstance(step.action, Subscribe):
            return self._subscribe(step, act)
        if isinstance(step.action, FixSay):
            return self._say(step, step.action.verb, act)
        lane = Lane(step.source, step.id)
        reads = not (isinstance(step.action, RestCall) and step.action.writes)
        if reads and step.within_us is not None:
            return self._poll(step, wanted, act, lane, mark)
        exchange = self._world.send(lane, act.intent)
        derived = exchange.send.data.get("derived", {})
        self._scope.values[step.id] = {"sent": exchange.send.data["intent"], **derived}
        if exchange.answer is None:
            return Finding(step.id, False, exchange.send.at_us, "no answer came", LOST)
        return self._judged(step, wanted, act.read(exchange.answer))

    def _judged(self, step: Step, wanted: Wanted, attempt: Attempt) -> Finding:
        if attempt.trouble is not None:
            return Finding(step.id, False, attempt.at_us, f"no answer came: {attempt.trouble}", LOST)
        differences = wanted.judge(attempt.view)
        text = "as expected" if not differences else "the answer differs"
        numbers = (attempt.number,)
        return Finding(
            step.id, not differences, attempt.at_us, text, attempt.view, None, differences, numbers
        )

    def _subscribe(self, step: Step, act: Act) -> Finding:
        send = self._world.send(Lane(step.source, step.id), act.intent).send
        self._scope.values[step.id] = {"sent": send.data["intent"]}
        until_us = send.at_us + SUBSCRIBED_US

        def decide(view: View, final: bool) -> Decision:
            events = _of(view, step.source)
            return decide_subscribed(step.id, events, send, view.horizon_us(step.source))

        return self._decided(step.id, step.source, [StreamNeed(step.source)], decide, until_us, until_us)

    def _say(self, step: Step, verb: str, act: Act) -> Finding:
        exchange = self._world.send(Lane(step.source, step.id), act.intent)
        send = exchange.send
        self._scope.values[step.id] = {"sent": send.data["intent"], **acts.offered(send.data["intent"])}
        if exchange.answer is not None:
            why = exchange.answer.data["why"]
            return Finding(step.id, False, exchange.answer.at_us, f"could not be sent: {why}", LOST)
        if verb not in ANSWERED:
            return Finding(step.id, True, send.at_us, "sent", send.data["intent"])

        def decide(view: View, final: bool) -> Decision:
            events = _of(view, step.source)
            horizon_us = view.horizon_us(step.source)
            return decide_answered(step.id, verb, events, acts.read_messages, send, horizon_us)

        until_us = send.at_us + SUBSCRIBED_US
        return self._decided(step.id, step.source, [StreamNeed(step.source)], decide, until_us, until_us)

    def _wait(self, step: Step, wanted: Wanted, mark: Event) -> Finding:
        window = self._window(step.id, step.after, step.within_us or 0, step.watch_us, mark)
        took: tuple[Item, ...] = ()

        def decide(view: View, final: bool) -> Decision:
            nonlocal took
            events = _of(view, step.source)
            items = stream_items(events, acts.read_messages)
            ended = stream_end(events, window.cause_number)
            watched = Watched(items, view.horizon_us(step.source), ended)
            decision, took = decide_wait(wanted, watched, window, self._taken, final=final)
            return decision

        finding = self._decided(
            step.id,
            step.source,
            [StreamNeed(step.source)],
            decide,
            window.deadline_us,
            window.watch_us + wanted.quiet_us,
        )
        self._taken.update(item.key for item in took)
        return finding

    def _poll(self, step: Step, wanted: Wanted, act: Act, lane: Lane, mark: Event) -> Finding:
        window = self._window(step.id, step.after, step.within_us or 0, step.watch_us, mark)

        def decide(view: View, final: bool) -> Decision:
            attempts = [act.read(event) for event in view.events if event.lane == lane and _answers(event)]
            return decide_poll(wanted, attempts, view.horizon_us(lane), window, final=final)

        need = PollNeed(lane, act.intent, step.every_us)
        until_us = window.watch_us + (wanted.quiet_us if wanted.count else 0)
        return self._decided(step.id, step.source, [need], decide, window.deadline_us, until_us)

    def _window(
        self, subject: str, after: str | None, within_us: int, watch_us: int | None, mark: Event
    ) -> Window:
        cause = self._marks[after] if after else (self._last_cause or mark)
        return window_from(cause, within_us, watch_us, watching=self._watching(subject))

    def _decided(
        self,
        subject: str,
        source: Source,
        needs: Sequence[Need],
        decide: Callable[[View, bool], Decision],
        deadline_us: int,
        until_us: int,
    ) -> Finding:
        while True:
            decision = decide(self._world.observe(), False)
            if isinstance(decision, Pending) and not self._world.gather(needs, until_us):
                decision = decide(self._world.observe(), True)
                if isinstance(decision, Pending):
                    raise beyond(subject, decision, deadline_us)
            if isinstance(decision, Finding):
                if not decision.holds and decision.at_us >= deadline_us:
                    self._world.deadline(source, subject, deadline_us)
                return decision

    def _save(self, step: Step, finding: Finding) -> Finding:
        held = self._scope.values.setdefault(step.id, {})
        held["got"] = finding.shown
        for save in step.save:
            try:
                self._scope.values[save.name] = dig(finding.shown, save.path, "what came")
            except MissingPartError as error:
                text = f"{save.name!r} cannot be saved: {error}"
                return Finding(step.id, False, finding.at_us, text, finding.shown, events=finding.events)
        return finding

    def _checks(self) -> None:
        started = []
        for check in self._case.checks:
            mark = self._world.begin(RUNNER_SOURCE, f"check:{check.id}")
            look = self._scope.at(f"check:{check.id}", 0, mark.at_us)
            try:
                judge = checks.prepared(check, look, self._world.observe(), self._facts.chain)
            except MissingPartError:
                judge = None
            if judge is None or (check.after and check.after not in self._marks):
                self._run.not_reached.append(check.id)
                continue
            window = self._window(check.id, check.after, check.within_us, check.watch_us, mark)
            started.append(Judging(check.id, judge, window))
        for name, finding in judged(self._world, started, self._observe):
            self._run.findings[name] = finding


def _of(view: View, source: Source) -> list[Event]:
    return [event for event in view.events if event.source == source]


def _answers(event: Event) -> bool:
    return event.kind in (Kind.ANSWER, Kind.LOST)
