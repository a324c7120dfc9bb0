"""What a selection selected: the events that a check is about, and whether their source was alive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from harness import acts
from harness.case.actions import Listen, RestCall
from harness.case.rules.values import Selection
from harness.case.values import Check, Step
from harness.decide import Key, stream_end, stream_items
from harness.facts import ChainFacts
from harness.finding import Window
from harness.matchers import LOST, NOTHING, Difference, Expectation, match
from harness.model import Event, Kind, Lane, Source
from harness.references import MissingPartError
from harness.scope import Look
from harness.wire import http, jsonrpc
from harness.world import Need, PollNeed, StreamNeed, View

CHAIN: Final = Source("chain")


@dataclass(frozen=True, slots=True)
class Told:
    """One selected event: who told it, when, and what. `key` names it for good."""

    source: Source
    key: Key
    number: int
    at_us: int
    view: Any


@dataclass(frozen=True, slots=True)
class Setting:
    """What every judge is made from: the check, the run's names, the contracts, the case's steps.

    `reads` is the check's look at the chain, where one of its selections needs one. `skew_us` is how far the
    target's clock is before ours.
    """

    check: Check
    look: Look
    chain: ChainFacts
    steps: tuple[Step, ...]
    opened: frozenset[Source]
    reads: PollNeed | None = None
    skew_us: int = 0
    logs: dict[tuple[int, int], tuple[Told, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def waits(self) -> bool:
        """Whether more may come; otherwise what came until the steps ended is judged."""
        return self.check.within_us is not None

    def arrived(self, at_us: int) -> int:
        """A stamp as unix microseconds on the target's clock."""
        return self.look.scope.started_wall_us + at_us + self.skew_us

    def differs(self, expected: Expectation, told: Told) -> tuple[Difference, ...]:
        """How an event differs from what is expected of it."""
        return match(expected, told.view, self.look.template, arrived_us=self.arrived(told.at_us))

    def since(self, window: Window) -> int:
        """The number of the event behind which a check looks: all of the run unless it says `after`."""
        return window.cause_number if self.check.after else -1

    def since_us(self, window: Window) -> int:
        """The same as a stamp."""
        return window.start_us if self.check.after else 0

    def chosen(self, selection: Selection) -> Chosen:
        """A selection, ready to look. Raises MissingPartError where its step was not reached."""
        step = next((each for each in self.steps if each.id == selection.step), None)
        if selection.step is None:
            return Chosen(self, selection)
        held = self.look.scope.values.get(selection.step)
        if step is None or not isinstance(held, dict) or "got" not in held:
            raise MissingPartError(f"step {selection.step!r} came to nothing")
        return Chosen(self, selection, step, held["got"])


def chain_reads(check: Check, selections: Sequence[Selection], chain: ChainFacts) -> PollNeed | None:
    """The one look at the chain that serves all selections of a check; None where none is of the chain."""
    names = dict.fromkeys(name for each in selections for name in each.names)
    if not names:
        return None
    calls = jsonrpc.log_calls(tuple(names), chain.from_block)
    return PollNeed(Lane(CHAIN, f"check:{check.id}"), {"rpc": calls}, check.every_us)


def counted(count: int, word: str) -> str:
    """A count and its word, in one or in many: `1 event`, `2 events`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def each_once(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Some needs, each once: a poll that two selections share is made once."""
    found: list[Need] = []
    for need in needs:
        if need not in found:
            found.append(need)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selection over one run. `step` and `got` are of a selection by step: its action, and what it took."""

    setting: Setting
    selection: Selection
    step: Step | None = None
    got: Any = None

    def __str__(self) -> str:
        return str(self.selection)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The opened streams that it is about."""
        if self.step is not None:
            return ()
        return tuple(sorted(each for each in self.setting.opened if self.selection.is_of(each)))

    @property
    def needs(self) -> tuple[Need, ...]:
        """The streams to keep open, the look at the chain to repeat."""
        if not self.setting.waits:
            return ()
        reads = self.setting.reads if self.selection.names else None
        return (*(StreamNeed(source) for source in self.sources), *([reads] if reads else []))

    def horizon_us(self, view: View, enough_us: int) -> int:
        """Up to when it was watched; answers of steps are all there, so those count as enough."""
        if self.selection.names and self.setting.reads is not None:
            return view.horizon_us(self.setting.reads.lane)
        return min((view.horizon_us(source) for source in self.sources), default=enough_us)

    def all(self, view: View) -> list[Told]:
        """Every event that it may be about, selected or not, in order."""
        if self.step is not None:
            return list(self._taken(view, self.step))
        if self.selection.names:
            return self._logs(view)
        return [told for event in view.events for told in self._of(event)]

    def of(self, view: View, since: int, until_us: int) -> list[Told]:
        """What it selected of what came behind an event's number and up to a stamp."""
        where = self.selection.where
        return [
            told
            for told in self.all(view)
            if told.number > since
            and told.at_us <= until_us
            and (where is None or not self.setting.differs(where, told))
        ]

    def lives(self, view: View, since: int, until_us: int) -> bool:
        """Whether its source gave a sign of life, if only a keepalive; the chain's is that its head went on.

        A head that goes back is no sign: blocks were abandoned, or another node answered.
        """
        if self.selection.names:
            heads = [
                head for number, at_us, head in self._heads(view) if number > since and at_us <= until_us
            ]
            return bool(heads) and heads[-1] > heads[0]
        if self.step is not None:
            return bool(self.of(view, since, until_us))
        kinds = (Kind.ANSWER,) if self.selection.source.channel.startswith("rest") else (Kind.PUSH,)
        return any(
            event.kind in kinds and self.selection.is_of(event.source)
            for event in view.events
            if event.number > since and event.at_us <= until_us
        )

    def silence(self, view: View, since: int, until_us: int) -> Any:
        """What a finding shows where nothing was selected: NOTHING where the source lived, else LOST."""
        return NOTHING if self.lives(view, since, until_us) else LOST

    def ended(self, view: View, window: Window) -> Event | None:
        """The end of one of its streams that stands at the deadline."""
        for source in self.sources:
            events = [event for event in view.events if event.source == source]
            end = stream_end(events, window.cause_number)
            if end is not None and end.at_us <= window.deadline_us:
                return end
        return None

    def _of(self, event: Event) -> Iterator[Told]:
        if not self.selection.is_of(event.source):
            return
        if event.kind is Kind.PUSH:
            for item in stream_items([event], acts.read_messages):
                yield Told(event.source, item.key, item.number, item.at_us, item.view)
        elif event.kind is Kind.ANSWER and event.source.channel.startswith("rest") and _is_told(event):
            view = http.response_view(event.data["wire"])
            yield Told(event.source, (event.number,), event.number, event.at_us, view)

    def _taken(self, view: View, step: Step) -> Iterator[Told]:
        if isinstance(step.action, Listen):
            for event in view.events:
                for item in stream_items([event], acts.read_messages) if event.source == step.source else ():
                    if item.view == self.got:
                        yield Told(event.source, item.key, item.number, item.at_us, item.view)
                        return
            return
        paged = isinstance(step.action, RestCall) and step.action.pages  # `got` joins what the pages held
        last: dict[int, Event] = {}
        for event in view.events:
            if event.step == step.id and event.kind in (Kind.ANSWER, Kind.SEND):
                last[event.round] = event
        for event in last.values():
            shown = self.got
            if event.kind is Kind.ANSWER and event.source.channel.startswith("rest") and not paged:
                shown = http.response_view(event.data["wire"])
            yield Told(event.source, (event.number,), event.number, event.at_us, shown)

    def _logs(self, view: View) -> list[Told]:
        """The decoded logs of all looks, each once, stamped by the look that showed it first."""
        first: dict[Key, Told] = {}
        deep = self.selection.confirmations
        for event in self._looks(view):
            for told in self.setting.logs.get((event.number, deep)) or self._read(event):
                first.setdefault((told.key, str(told.view)), told)
        return [told for told in first.values() if any(name in told.view for name in self.selection.names)]

    def _read(self, event: Event) -> tuple[Told, ...]:
        items = acts.read_logs(event, self.selection.confirmations).items or ()
        told = tuple(Told(CHAIN, item.key, item.number, item.at_us, item.view) for item in items)
        self.setting.logs[event.number, self.selection.confirmations] = told
        return told

    def _looks(self, view: View) -> Iterator[Event]:
        lane = None if self.setting.reads is None else self.setting.reads.lane
        return (event for event in view.events if event.is_in(lane) and event.kind is Kind.ANSWER)

    def _heads(self, view: View) -> Iterator[tuple[int, int, int]]:
        for event in self._looks(view):
            if jsonrpc.failure(event.data["wire"]) is None:
                yield event.number, event.at_us, jsonrpc.head(event.data["wire"])


def _is_told(event: Event) -> bool:
    """Whether an answer is one that a step got: not a check's own read, nor one dropped on purpose."""
    return not event.step.startswith("check:") and event.data.get("delivered") is not False
