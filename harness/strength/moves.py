"""Whole events that a case says something of: that they come, in time, in order, and how often.

Which of these a case names is a rule of the language, not a guess: a wait names that its event comes and,
by `within`, when; only `count` and checks that count name how often; only checks of order name order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from harness.case import actions
from harness.case.rules import values as rules
from harness.case.values import Check, Role, Step
from harness.checks import trades
from harness.checks.choosing import Told
from harness.checks.flows import stamp_in
from harness.checks.sequence import tokens_of
from harness.finding import Finding
from harness.matchers import match
from harness.matchers.equality import same
from harness.matchers.stamps import Stamp
from harness.model import ORDER_RESOLUTION_US, Event, Kind
from harness.strength.atoms import view_of
from harness.strength.changes import Change, Delayed, Doubled, Dropped, Replaced, Swapped
from harness.strength.played import Played

EVENT_DROPPED: Final = "never came"
EVENT_DOUBLED: Final = "came twice"
EVENT_DELAYED: Final = "came late"
EVENT_SWAPPED: Final = "came before the one before it"
UNANSWERED: Final = "was not answered"
_LATER_US: Final = 1_000


@dataclass(frozen=True, slots=True)
class Move:
    """Something done to one whole event (of two that are swapped, the first)."""

    subject: str
    operator: str
    number: int
    change: Change


def moves(played: Played) -> Iterator[Move]:
    """Every change of a whole event that a step or check of a case says something of."""
    for step in played.case.in_role(Role.STEPS):
        finding = played.run.findings.get(step.id)
        if finding is not None and finding.holds:
            yield from _of_step(played, step, finding)
    for check in played.case.checks:
        finding = played.run.findings.get(check.id)
        told = _OF_RULE.get(type(check.rule))
        if finding is not None and finding.holds and told is not None:
            yield from told(played, check, finding)


def _of_step(played: Played, step: Step, finding: Finding) -> Iterator[Move]:
    say = step.action
    if isinstance(say, actions.WsSay) or (isinstance(say, actions.FixSay) and say.verb == "logout"):
        return  # anything that comes back accepts a subscription, and the end of it answers a logout
    for event in played.decided(finding):
        if event.kind is Kind.PUSH:
            yield Move(step.id, EVENT_DROPPED, event.number, Dropped(event.number))
            if step.count is not None:
                yield Move(step.id, EVENT_DOUBLED, event.number, Doubled(event.number))
        elif event.kind is Kind.ANSWER and step.fault is None and not _is_of_target(step):
            lost = [e for e in played.events if e.lane == event.lane and e.kind is Kind.ANSWER]
            yield Move(step.id, UNANSWERED, event.number, Replaced(tuple(map(_unanswered, lost))))
        else:
            continue
        if step.within_us is not None:
            late = Delayed(event.number, step.within_us + _LATER_US)
            yield Move(step.id, EVENT_DELAYED, event.number, late)


def _is_of_target(step: Step) -> bool:
    return isinstance(step.action, actions.TargetVerb)


def _unanswered(event: Event) -> Event:
    return replace(event, kind=Kind.LOST, data={"why": "no answer"})


def _lifecycle(played: Played, check: Check, finding: Finding) -> Iterator[Move]:
    """Every state that must come, in time, and each before the next."""
    rule = check.rule
    assert isinstance(rule, rules.Lifecycle)
    own = played.look_of(check).fill(rule.trade or rule.order)
    steps = list(played.decided(finding))
    for event in steps:
        if told_once(played, event, own) and not rule.optional.intersection(_states(event, own)):
            yield Move(check.id, EVENT_DROPPED, event.number, Dropped(event.number))
    if told_once(played, steps[-1], own):
        yield from _late(check, steps[-1:])
    for one, other in pairwise(steps):
        yield Move(check.id, EVENT_SWAPPED, one.number, Swapped(one.number, other.number))


def told_once(played: Played, event: Event, own: str) -> bool:
    """Whether no other message of the stream tells the state of a trade or order that this one tells."""
    alike = [e for e in played.events if e.kind is Kind.PUSH and e.source == event.source]
    return sum(_states(other, own) == _states(event, own) for other in alike) == 1


def _states(event: Event, own: str) -> list[str]:
    messages = [each for each in view_of(event) if isinstance(each, Mapping)]
    return [trades.status(each) for each in messages if same(own, each.get("id")) and "status" in each]


def _late(check: Check, events: list[Event]) -> Iterator[Move]:
    for event in events:
        if check.within_us is not None and event.kind in (Kind.PUSH, Kind.ANSWER):
            late = Delayed(event.number, check.within_us + _LATER_US)
            yield Move(check.id, EVENT_DELAYED, event.number, late)


def _reads(played: Played, check: Check, finding: Finding) -> Iterator[Move]:
    """What a check reads, in time: its reads begin to be answered only behind its deadline."""
    decided = [event.lane for event in played.decided(finding) if event.kind is Kind.ANSWER]
    for lane in decided[-1:]:
        answers = [e for e in played.events if e.lane == lane and e.kind is Kind.ANSWER]
        yield from _late(check, answers[:1])


def _sequence(played: Played, check: Check, finding: Finding) -> Iterator[Move]:
    """Every message that has a number, once, in order; of a WebSocket, stamps that do not go back."""
    rule = check.rule
    assert isinstance(rule, rules.Sequence)
    pushes = [
        event
        for event in played.events
        if event.kind is Kind.PUSH and event.source == rule.source and event.at_us <= finding.at_us
    ]
    if not rule.source.channel.startswith("fix."):
        for one, other in pairwise([event for event in pushes if _stamps(event)]):
            if _apart(one, other):
                yield Move(check.id, EVENT_SWAPPED, one.number, Swapped(one.number, other.number))
        return
    seen: set[object] = set()
    for place, event in enumerate(pushes):
        body = next(iter(view_of(event)[0].values()))
        if "NewSeqNo" in body or body.get("ResetSeqNumFlag") is True:
            continue  # such a message may be said again: it says where the numbers stand
        repeated = body.get("PossDupFlag") is True and body.get("MsgSeqNum") in seen
        seen.add(body.get("MsgSeqNum"))
        if 0 < place < len(pushes) - 1 and not repeated:
            yield Move(check.id, EVENT_DROPPED, event.number, Dropped(event.number))
        if body.get("PossDupFlag") is not True:
            yield Move(check.id, EVENT_DOUBLED, event.number, Doubled(event.number))


def _stamps(event: Event) -> dict[str, Stamp]:
    """When an event says that it was made, by the tokens that it tells of."""
    both = [(each, stamp_in(each)) for each in view_of(event) if isinstance(each, Mapping)]
    return {token: stamp for each, stamp in both if stamp is not None for token in tokens_of(each)}


def _apart(one: Event, other: Event) -> bool:
    """Whether two events tell of one token, and their own stamps say which was first."""
    before, after = _stamps(one), _stamps(other)
    return any(before[each].ns + before[each].step_ns <= after[each].ns for each in before if each in after)


def _once(played: Played, check: Check, finding: Finding) -> Iterator[Move]:
    """No selected event comes twice, and with `count` none is missing."""
    rule = check.rule
    assert isinstance(rule, rules.ExactlyOnce)
    told = played.selected(check, rule.selection, finding)
    for each in _pushed(played, told):
        if not _again(each):
            yield Move(check.id, EVENT_DOUBLED, each.number, Doubled(each.number))
        if rule.count == len(told) or len(played.selected(check, rule.selection)) == 1:
            yield Move(check.id, EVENT_DROPPED, each.number, Dropped(each.number))


def _again(told: Told) -> bool:
    body = next(iter(told.view.values()), None) if isinstance(told.view, Mapping) else None
    return isinstance(body, Mapping) and body.get("PossDupFlag") is True


def _happens(played: Played, check: Check, finding: Finding) -> Iterator[Move]:
    """The first of each selection, before the next, and the last in time."""
    rule = check.rule
    assert isinstance(rule, rules.Happens)
    firsts: list[Told] = []
    for selection in rule.selections:
        told = played.selected(check, selection)
        firsts += told[:1]
        for each in _pushed(played, told) if len(told) == 1 else ():
            yield Move(check.id, EVENT_DROPPED, each.number, Dropped(each.number))
            if selection is rule.selections[-1]:
                yield from _late(check, [played.events[each.number]])
    for one, other in pairwise(firsts):
        pushed = _pushed(played, [one, other])
        if len(pushed) < 2 or one.number == other.number:
            continue
        if one.source == other.source or other.at_us - one.at_us >= ORDER_RESOLUTION_US:
            yield Move(check.id, EVENT_SWAPPED, one.number, Swapped(one.number, other.number))


def _flows(played: Played, check: Check, finding: Finding) -> Iterator[Move]:
    """As many messages as `count` says, and none later than `gap` after the one before."""
    rule = check.rule
    assert isinstance(rule, rules.Flows)
    told = _pushed(played, played.selected(check, rule.selection, finding))
    look = played.look_of(check)
    if rule.count is not None and told:
        if match(rule.count, len(told) - 1, look.template):
            yield Move(check.id, EVENT_DROPPED, told[0].number, Dropped(told[0].number))
        if match(rule.count, len(told) + 1, look.template):
            yield Move(check.id, EVENT_DOUBLED, told[0].number, Doubled(told[0].number))


def _pushed(played: Played, told: list[Told]) -> list[Told]:
    return [each for each in told if played.events[each.number].kind is Kind.PUSH]


def _book(played: Played, check: Check, finding: Finding) -> Iterator[Move]:
    """GET /book in time."""
    yield from _reads(played, check, finding)


_OF_RULE: Final[dict[type, Callable[[Played, Check, Finding], Iterator[Move]]]] = {
    rules.Lifecycle: _lifecycle,
    rules.Reconcile: _reads,
    rules.Ledger: _reads,
    rules.Book: _book,
    rules.Sequence: _sequence,
    rules.ExactlyOnce: _once,
    rules.Happens: _happens,
    rules.Flows: _flows,
}
