"""What each source says of one order's fill, moment by moment: the words that `reconcile` compares."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from harness import acts
from harness.acts.showing import LAST_PAGE
from harness.checks import trades
from harness.decide import stream_items
from harness.matchers.equality import same
from harness.model import Event, Kind, Lane, Source
from harness.wire import http, jsonrpc

Told = dict[str, Decimal] | None


class Word(msgspec.Struct, frozen=True):
    """What one source said at one moment: its facts, or that it has none, or why it cannot be read.

    `alive` is the chain's head.
    """

    at_us: int
    number: int
    source: str
    facts: Told
    alive: int | None = None
    trouble: str | None = None


@dataclass(slots=True)
class Hearing:
    """Listens to the sources of one order, and reads what an event says once, however often it is asked.

    A poll makes a check look at everything again; what it heard before is still here.
    """

    sources: tuple[str, ...]
    order: str
    rest: Lane
    node: Lane
    streams: tuple[Source, ...]
    exchanges: tuple[str, ...]
    words: list[Word] = field(default_factory=list)
    """All that was said so far, in its order."""
    _heard: set[int] = field(default_factory=set)
    _trades: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _reports: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _page: tuple[Any, tuple[Told, str | None] | None] = None, None
    """The last page of trades that was read, as it came, and what it told."""

    def listen(self, events: Sequence[Event]) -> int:
        """Hear what is new in the events; how many words stand before the first new one."""
        said: list[Word] = []
        for event in self._new_in(events):
            said += self._said(event)
        if not said:
            return len(self.words)
        first, last = min(map(_place, said)), self.words[-1:]
        self.words += said
        if len(said) > 1 or (last and _place(last[0]) > first):
            self.words.sort(key=_place)
        return bisect_left(self.words, first, key=_place)

    def _new_in(self, events: Sequence[Event]) -> Sequence[Event]:
        """What was not heard before, in its order; a view only grows, mostly at its end."""
        new: list[Event] = []
        missing = len(events) - len(self._heard)
        for event in reversed(events):
            if missing <= 0:
                break
            if event.number not in self._heard:
                self._heard.add(event.number)
                new.append(event)
                missing -= 1
        return new[::-1]

    def until(self, at_us: int) -> int:
        """How many words were said up to a time."""
        return bisect_right(self.words, at_us, key=lambda word: word.at_us)

    def _said(self, event: Event) -> Iterator[Word]:
        if event.kind is Kind.ANSWER:
            if "rest" in self.sources and event.is_in(self.rest):
                yield from self._rest_word(event)
            elif "chain" in self.sources and event.is_in(self.node):
                yield from self._chain_word(event)
        elif event.source in self.streams:
            for item in stream_items([event], acts.read_messages):
                if trades.is_trade(item.view):
                    self._trades[str(item.view.get("id"))] = item.view
                    facts, trouble = self._told(list(self._trades.values()))
                    yield Word(event.at_us, event.number, "ws", facts, trouble=trouble)
                elif report := trades.execution(self.order, item.view):
                    self._reports[str(report.get("ExecID"))] = report
                    yield _reported(event, self._reports.values())

    def _told(self, told: Sequence[Any]) -> tuple[Told, str | None]:
        """The facts of some trades, or why they cannot be read."""
        try:
            fills = trades.fills(self.order, [trade for trade in told if isinstance(trade, Mapping)])
            return trades.summed(fills), None
        except ValueError as error:
            return None, str(error)

    def _rest_word(self, answer: Event) -> Iterator[Word]:
        wire = answer.data["wire"]
        said = wire["status"], wire.get("body", "")
        if said != self._page[0]:  # a poll is mostly told the same
            self._page = said, self._page_told(wire)
        told = self._page[1]
        if told is not None:
            yield Word(answer.at_us, answer.number, "rest", told[0], trouble=told[1])

    def _page_told(self, wire: Mapping[str, Any]) -> tuple[Told, str | None] | None:
        body = http.body_value(wire)
        page = body.get("data") if isinstance(body, Mapping) else None
        if wire["status"] != 200 or not isinstance(page, list):
            return None  # a refusal tells nothing, not even absence
        if body.get("next_cursor", LAST_PAGE) != LAST_PAGE:
            return None, "there are more pages of trades than were read"
        return self._told(page)

    def _chain_word(self, answer: Event) -> Iterator[Word]:
        wire = answer.data["wire"]
        if jsonrpc.failure(wire) is not None:
            return
        try:
            logs, head = jsonrpc.logs(wire), jsonrpc.head(wire)
        except jsonrpc.UNREADABLE as error:
            yield Word(answer.at_us, answer.number, "chain", None, trouble=f"unreadable logs: {error!r}")
            return
        parts = []
        for log in logs:
            args = log.event.args
            if not same(self.order, args.get("orderHash")):
                continue
            if not any(same(exchange, log.address) for exchange in self.exchanges):
                continue
            amounts = (
                acts.human(_whole(args["makerAmountFilled"])),
                acts.human(_whole(args["takerAmountFilled"])),
            )
            paid, shares = amounts if args["side"] == 0 else amounts[::-1]
            parts.append((shares, paid))
        yield Word(answer.at_us, answer.number, "chain", trades.summed(parts), head)


def _place(word: Word) -> tuple[int, int]:
    return word.at_us, word.number


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"an amount is a whole number, not {value!r}")
    return value


def _reported(event: Event, reports: Iterable[Mapping[str, Any]]) -> Word:
    try:
        facts = trades.summed(trades.executed(reports))
    except ValueError as error:
        return Word(event.at_us, event.number, "fix", None, trouble=str(error))
    return Word(event.at_us, event.number, "fix", facts)
