"""One step, performed as a strand: what it sends, what it waits for, and the finding it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness import acts, paging
from harness.acts import Act, pages
from harness.again import until_taken
from harness.case import actions
from harness.case.values import Fault, Role, Step
from harness.decide import (
    ANSWERED,
    MORE_PAGES,
    SUBSCRIBED_US,
    Attempt,
    Item,
    Wanted,
    Watched,
    decide_answered,
    decide_expected,
    decide_poll,
    decide_subscribed,
    decide_wait,
    stream_end,
    stream_items,
)
from harness.faults import delayed, faulted
from harness.finding import Decision, Finding, Window
from harness.intents import ANSWER_UNTOLD
from harness.matchers import LOST
from harness.model import Event, Kind, Lane, Source
from harness.references import MissingPartError, dig
from harness.scope import Look
from harness.stage import Course, Stage
from harness.strands import Awaits, Sleeps, Strand, awaited, sent
from harness.windows import LIFE_US
from harness.world import Exchange, Sending, StreamNeed, View


def performed(stage: Stage, step: Step, course: Course) -> Strand[Finding]:
    """Perform one step and give its finding; a message that cannot be built is a finding too."""
    if step.within_us is not None:
        stage.observe(step.id, "waits …")
    if step.id in stage.looked_before and not course.round:
        lane, intent = acts.head_look(step.id)
        yield from sent(Sending(lane, intent))
    mark = stage.world.begin(step.source, step.id, course.round)
    stage.marks[step.id] = mark
    if step.sends:
        course.cause = mark
    look = stage.scope.at(step.id, course.round, mark.at_us, course.each)
    try:
        finding = yield from _Performing(stage, step, look, mark, course).finding()
    except MissingPartError as error:
        finding = Finding(step.id, False, mark.at_us, f"cannot be built: {error}")
    if finding.holds:
        finding = _saved(stage, step, finding)
    stage.world.end(step.source, step.id, max(finding.at_us, mark.at_us), course.round)
    stage.observe(step.id, finding.text)
    return finding


def _saved(stage: Stage, step: Step, finding: Finding) -> Finding:
    held = stage.scope.values.get(step.id, {})
    stage.scope.values[step.id] = {**held, "got": finding.shown}  # a round before keeps what it got
    for save in step.save:
        try:
            stage.scope.values[save.name] = dig(finding.shown, save.path, "what came")
        except MissingPartError as error:
            text = f"{save.name!r} cannot be saved: {error}"
            return Finding(step.id, False, finding.at_us, text, finding.shown, events=finding.events)
    return finding


@dataclass(slots=True)
class _Performing:
    stage: Stage
    step: Step
    look: Look
    mark: Event
    course: Course

    @property
    def lane(self) -> Lane:
        return Lane(self.step.source, self.step.id, self.course.round)

    def finding(self) -> Strand[Finding]:
        step, action = self.step, self.step.action
        if isinstance(action, actions.Wait):
            until_us = self.mark.at_us + action.us
            yield Sleeps(until_us)
            return Finding(step.id, True, until_us, f"waited: {action.reason}")
        if isinstance(action, actions.Listen):
            return (yield from self.wait())
        since = getattr(action, "since", None)
        events = self.stage.world.observe().events if since else ()
        block = acts.block_before(events, since) if since else None
        if since and block is None:
            return Finding(
                step.id, False, self.mark.at_us, f"not shown: the chain before {since!r} is unknown"
            )
        act = acts.act(step, self.look, self.stage.facts.chain, block)
        if isinstance(action, actions.WsSay | actions.FixSay):
            return (yield from self.say(act, action.verb))
        if step.within_us is not None:
            return (yield from self.poll(act))
        if step.role is Role.STEPS:
            return (yield from self.once(act))
        return (yield from until_taken(self.stage, self.lane, self.mark, lambda: self.once(act)))

    def wanted(self, act: Act | None = None) -> Wanted:
        """What the step waits for; a write that is sent again waits for `until` and is judged by `expect`."""
        step = self.step
        until = step.resend.until if step.resend is not None else None
        return Wanted(
            step.id,
            until or step.where,
            step.expect,
            self.look.template,
            step.count,
            step.quiet_us,
            step.never,
            step.stable_us or 0,
            self.stage.arrived,
        )

    def once(self, act: Act) -> Strand[Finding]:
        step, fault = self.step, self.step.fault
        sending = Sending(self.lane, act.intent, not _drops(fault))
        sendings = (sending, sending) if fault is not None and fault.kind == "duplicate" else (sending,)
        exchange: Exchange = (yield from sent(*sendings))[0]
        derived = exchange.send.data.get("derived", {})
        self.stage.scope.values[step.id] = {"sent": exchange.send.data["intent"], **derived}
        if exchange.answer is None:
            return Finding(step.id, False, exchange.send.at_us, "no answer came", LOST)
        attempt = yield from paging.read_once(act, self.lane, exchange.answer)
        if _drops(fault) and attempt.trouble is None:
            attempt = replace(attempt, view=LOST, items=None, trouble="the answer was dropped on purpose")
        if fault is not None and fault.kind == "delay":
            attempt = delayed(attempt, fault.us)
            yield Sleeps(attempt.at_us)
        return self.judged(attempt)

    def judged(self, attempt: Attempt) -> Finding:
        step, wanted = self.step, self.wanted()
        numbers = (attempt.number,)
        if attempt.wrong:
            return Finding(step.id, False, attempt.at_us, attempt.wrong, attempt.view, events=numbers)
        if attempt.trouble is not None:
            text = f"no answer came: {attempt.trouble}"
            if wanted.instead is None:
                return Finding(step.id, False, attempt.at_us, text, LOST, events=numbers)
            wrong = wanted.marked(LOST)
            return Finding(step.id, not wrong, attempt.at_us, text, LOST, None, wrong, numbers)
        listed = attempt.items is not None and wanted.for_nothing
        if wanted.instead is not None and not listed:
            refused = _refuses(attempt.view)
            text = "was refused" if refused else "as asked"
            finding = Finding(step.id, not refused, attempt.at_us, text, attempt.view, refused=refused)
            return decide_expected(wanted.instead, self.look.template, finding)
        if isinstance(step.action, actions.ChainSend) and "error" in attempt.view and step.expect is None:
            text = f"the node refused it: {attempt.view['error']}"
            return Finding(step.id, False, attempt.at_us, text, attempt.view, refused=True)
        if attempt.items is not None:
            differing = decide_poll(
                wanted,
                [replace(attempt, changing=False)],  # it is read once, so it is judged at once
                attempt.at_us,
                Window(self.mark.number, self.mark.at_us, attempt.at_us, attempt.at_us),
            )
            assert isinstance(differing, Finding)
            return differing
        differences = wanted.judge(attempt)
        if not differences and wanted.needs_all and attempt.more:
            return Finding(step.id, False, attempt.at_us, MORE_PAGES, attempt.view, events=numbers)
        text = "as expected" if not differences else "the answer differs"
        return Finding(
            step.id, not differences, attempt.at_us, text, attempt.view, None, differences, numbers
        )

    def say(self, act: Act, verb: str) -> Strand[Finding]:
        step, source = self.step, self.step.source
        exchange = (yield from sent(Sending(self.lane, act.intent)))[0]
        send = exchange.send
        intent = send.data["intent"]
        self.stage.scope.values[step.id] = {"sent": intent, **acts.offered(intent)}
        if exchange.answer is not None:
            why = exchange.answer.data["why"]
            return Finding(step.id, False, exchange.answer.at_us, f"could not be sent: {why}", LOST)
        asks = verb == "subscribe" or verb in ANSWERED
        cut = step.fault is not None and step.fault.of_socket
        cut = cut or bool(send.data.get(ANSWER_UNTOLD))
        if (not asks and step.expect is None) or cut:
            return Finding(step.id, True, send.at_us, "sent", intent)

        def decide(view: View, final: bool) -> Decision:
            events, horizon_us = _of(view, source), view.horizon_us(source)
            if verb in ANSWERED:
                return decide_answered(step.id, verb, events, acts.read_messages, send, horizon_us)
            return decide_subscribed(step.id, events, send, horizon_us)

        until_us = send.at_us + SUBSCRIBED_US
        needs = (StreamNeed(source),)
        finding = yield from awaited(Awaits(step.id, needs, decide, until_us, until_us))
        if step.expect is None:
            return finding
        return decide_expected(step.expect, self.look.template, finding)

    def wait(self) -> Strand[Finding]:
        step, source, wanted, taken = self.step, self.step.source, self.wanted(), self.stage.taken
        window = self.window()
        took: tuple[Item, ...] = ()

        def decide(view: View, final: bool) -> Decision:
            nonlocal took
            events = _of(view, source)
            items = faulted(stream_items(events, acts.read_messages), step.fault, window.cause_number)
            pushed = [event for event in events if event.kind is Kind.PUSH]
            ended = stream_end(events, window.cause_number)
            watched = Watched(items, view.horizon_us(source), ended, pushed)
            decision, took = decide_wait(wanted, watched, window, taken, final=final)
            return decision

        socket = step.fault is not None and step.fault.of_socket
        if step.fault is not None and socket:
            yield from sent(Sending(self.lane, {"fault": step.fault.kind}))
        needs = (StreamNeed(source, alive=wanted.for_nothing),)
        until_us = window.watch_us + wanted.quiet_us + (LIFE_US if wanted.for_nothing else 0)
        finding = yield from awaited(Awaits(step.id, needs, decide, window.deadline_us, until_us))
        taken.update(item.key for item in took)
        if step.fault is not None and step.fault.kind in ("half_open", "slow_reader"):
            yield from sent(Sending(self.lane, {"fault": "over"}))
        if step.fault is not None and step.fault.kind == "delay":
            yield Sleeps(finding.at_us)
        self.mark_deadline(finding, window)
        return finding

    def poll(self, act: Act) -> Strand[Finding]:
        step, wanted, window, lane = self.step, self.wanted(), self.window(), self.lane
        fault = step.fault
        drops = _drops(fault)

        def decide(view: View, final: bool) -> Decision:
            read = pages.attempts(act, pages.answers_in(view.events, lane))
            horizon_us = read[-1].at_us if read else 0  # a walk that is not over shows nothing yet
            seen = [self.attempt(attempt, fault) for attempt in read]
            return decide_poll(wanted, seen, horizon_us, window, final=final)

        every_us = step.resend.every_us if step.resend is not None else step.every_us
        need = paging.poll_need(self.stage.world, act, lane, every_us, delivered=not drops)
        until_us = window.watch_us + (wanted.quiet_us if wanted.count else 0) + wanted.stable_us
        finding = yield from awaited(Awaits(step.id, (need,), decide, window.deadline_us, until_us))
        self.offer(lane)
        if fault is not None and fault.kind == "delay":
            yield Sleeps(finding.at_us)
        self.mark_deadline(finding, window)
        return finding

    def attempt(self, attempt: Attempt, fault: Fault | None) -> Attempt:
        """One answer as the step sees it: a write that is sent again offers each answer as an entry."""
        if self.step.resend is not None and attempt.trouble is None:
            item = Item((attempt.number,), attempt.number, attempt.at_us, attempt.view)
            attempt = replace(attempt, items=(item,))
        return delayed(attempt, fault.us) if fault is not None and fault.kind == "delay" else attempt

    def offer(self, lane: Lane) -> None:
        """What the last attempt sent is offered to references."""
        for event in reversed(self.stage.world.observe().events):
            if event.is_in(lane) and event.kind is Kind.SEND:
                derived = event.data.get("derived", {})
                self.stage.scope.values[self.step.id] = {"sent": event.data["intent"], **derived}
                return

    def window(self) -> Window:
        step, cause = self.step, self.course.cause or self.mark
        return self.stage.window(step.id, step.after, step.within_us or 0, step.watch_us, cause)

    def mark_deadline(self, finding: Finding, window: Window) -> None:
        if not finding.holds and finding.at_us >= window.deadline_us:
            self.stage.world.deadline(self.step.source, self.step.id, window.deadline_us)


def _refuses(view: Any) -> bool:
    """Whether an answer says no: a node's error, or a response with a status from 400 to 499."""
    if not isinstance(view, Mapping):
        return False
    status = view.get("status")
    return "error" in view or (isinstance(status, int) and 400 <= status < 500)


def _drops(fault: Fault | None) -> bool:
    return fault is not None and fault.kind == "drop response"


def _of(view: View, source: Source) -> Sequence[Event]:
    return [event for event in view.events if event.source == source]
