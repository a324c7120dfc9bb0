"""`lifecycle`: a trade or an order passes through its states in order, and reaches the last one in time.

What `shows` sees: the message that is out of order, NOTHING or LOST or Closed where a state did not come,
Late where the last one came after the deadline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import acts
from harness.case.rules.values import Lifecycle
from harness.checks import trades
from harness.decide import Item, stream_items
from harness.finding import Decision, Finding, Pending, Window, ending, seconds
from harness.matchers import LOST, NOTHING, Closed, Late
from harness.matchers.equality import same
from harness.model import Event, Kind, Source
from harness.scope import Look
from harness.world import Need, StreamNeed, View


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a sequence of states got: the states passed, the one still due, and where it broke."""

    passed: tuple[Item, ...]
    missing: str | None
    broken: Item | None = None


def walk(rule: Lifecycle, items: Sequence[Item]) -> Walk:
    """Walk the states that came through the states of the rule, in order; a repeated state is no step.

    The walk is complete at the last state that must come: what follows it, however late, changes nothing.
    """
    passed: list[Item] = []
    at = -1
    last = max((at for at, name in enumerate(rule.states) if name not in rule.optional), default=-1)
    for item in items:
        state = trades.status(item.view)
        if at >= 0 and is_state(state, rule.states[at]):
            continue
        following = [i for i in range(at + 1, len(rule.states)) if is_state(state, rule.states[i])]
        skipped = rule.states[at + 1 : following[0]] if following else ()
        if not following or any(name not in rule.optional for name in skipped):
            return Walk((*passed, item), _due(rule, at), item)
        at = following[0]
        passed.append(item)
        if at >= last:
            break
    return Walk(tuple(passed), _due(rule, at))


def is_state(status: str, name: str) -> bool:
    """Whether a status is a state: `A|B` is either, and what follows a name's underscore says why (CLOB docs,
    user channel: `CANCELED_EXPIRED_ORDER`)."""
    return any(status == one or status.startswith(f"{one}_") for one in name.split("|"))


def _due(rule: Lifecycle, at: int) -> str | None:
    return next((name for name in rule.states[at + 1 :] if name not in rule.optional), None)


@dataclass(frozen=True, slots=True)
class LifecycleJudge:
    """The check for one trade or order, `id`, on every user channel that is open."""

    subject: str
    rule: Lifecycle
    id: str
    streams: tuple[Source, ...]

    @classmethod
    def of(cls, subject: str, rule: Lifecycle, look: Look, view: View) -> LifecycleJudge:
        """Look the trade or order up. Raises MissingPartError where it was not reached."""
        opened = {e.source for e in view.events if e.kind is Kind.OPEN and e.source.channel == "ws.user"}
        return cls(subject, rule, look.fill(rule.trade or rule.order), tuple(sorted(opened)))

    @property
    def needs(self) -> Sequence[Need]:
        """The user channels stay open."""
        return [StreamNeed(source) for source in self.streams]

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """The first channel that saw it decides; without one, nobody told of it."""
        best: tuple[Source, list[Item]] | None = None
        for source in self.streams:
            items = [item for item in self._items(view, source) if item.at_us <= window.watch_us]
            if items and (best is None or items[0].at_us < best[1][0].at_us):
                best = (source, items)
        enough_us = window.deadline_us if final else window.watch_us
        horizon_us = min((view.horizon_us(s) for s in self.streams), default=enough_us)
        if best is None:
            if horizon_us < enough_us:
                return Pending(f"no state of the {self._what} was seen until {seconds(horizon_us)}")
            text = f"not shown: no user channel told of the {self._what}"
            shown = NOTHING if self._listening(view, window) else LOST
            return Finding(self.subject, False, window.deadline_us, text, shown)
        went = walk(self.rule, best[1])
        source, horizon_us = best[0], view.horizon_us(best[0])
        ended = self._ended(view, source, min(window.deadline_us, horizon_us))
        return self._judge(went, ended, window, horizon_us, enough_us)

    def _listening(self, view: View, window: Window) -> bool:
        return any(self._ended(view, source, window.deadline_us) is None for source in self.streams)

    def _ended(self, view: View, source: Source, until_us: int) -> Event | None:
        return next(
            (
                event
                for event in view.events
                if event.source == source and event.kind is Kind.CLOSED and event.at_us <= until_us
            ),
            None,
        )

    def _judge(
        self, went: Walk, ended: Event | None, window: Window, horizon_us: int, enough_us: int
    ) -> Decision:
        path = " → ".join(f"{trades.status(item.view)} at {seconds(item.at_us)}" for item in went.passed)
        numbers = tuple(item.number for item in went.passed)
        if went.broken is not None and went.broken.at_us <= window.deadline_us:
            text = f"{path}, which is not in the order {self._order()}"
            return Finding(self.subject, False, went.broken.at_us, text, went.broken.view, events=numbers)
        last = went.passed[-1]
        if went.missing is None and last.at_us <= window.deadline_us:
            return Finding(self.subject, True, last.at_us, path, last.view, events=numbers)
        if went.missing is None:
            by_us = last.at_us - window.deadline_us
            text = f"{path}, {seconds(by_us)} after the deadline"
            return Finding(self.subject, False, last.at_us, text, Late(by_us), last.view, events=numbers)
        if ended is not None:
            code, reason = ended.data["code"], ended.data["reason"]
            closed = f"the connection was closed ({ending(code, reason)})"
            text = f"{path}, then {closed} before {went.missing} came"
            shown = LOST if code is None else Closed(code, reason)
            return Finding(self.subject, False, ended.at_us, text, shown, last.view, events=numbers)
        if horizon_us < enough_us:
            return Pending(f"{went.missing} was waited for until {seconds(horizon_us)}")
        within = seconds(window.deadline_us - window.start_us)
        text = f"{path}, then nothing: {went.missing} did not come within {within}"
        return Finding(self.subject, False, window.deadline_us, text, NOTHING, last.view, events=numbers)

    def _items(self, view: View, source: Source) -> list[Item]:
        events = [event for event in view.events if event.source == source]
        items = stream_items(events, acts.read_messages)
        return [item for item in items if self._is_it(item.view)]

    @property
    def _what(self) -> str:
        return "trade" if self.rule.trade else "order"

    def _is_it(self, message: Any) -> bool:
        told = isinstance(message, Mapping) and message.get("event_type") == self._what
        return told and same(self.id, message.get("id"))

    def _order(self) -> str:
        return " → ".join(f"({name})" if name in self.rule.optional else name for name in self.rule.states)
