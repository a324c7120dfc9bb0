"""`book`: a book built from a market channel is never crossed, is told right, and agrees with GET /book.

What `shows` sees: `{crossed: {bid: …, ask: …}}`, `{best_bid: {told: …, book: …}}` (or `best_ask`), `{hash: …,
computed: …}`, `{$differs: {ws: …, rest: …}}` with the levels that differ, or NOTHING where no snapshot came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from harness import acts
from harness.case.rules.values import Book, Selection
from harness.checks.choosing import Chosen, Setting
from harness.checks.localbook import Levels, LocalBook, Wrong, levels_of, top
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST, Differs
from harness.model import ORDER_RESOLUTION_US, Event, Kind, Lane, Source
from harness.wire import http
from harness.world import Need, PollNeed, StreamNeed, View


@dataclass(frozen=True, slots=True)
class BookJudge:
    """The check for one token on every connection of one channel."""

    setting: Setting
    rule: Book
    token: str
    chosen: Chosen
    rest: PollNeed | None

    @classmethod
    def of(cls, setting: Setting, rule: Book) -> BookJudge:
        """The judge of a rule."""
        check, token = setting.check, str(setting.look.fill(rule.token))
        lane = Lane(Source("rest", rule.source.actor), f"check:{check.id}")
        intent = {"method": "GET", "path": "/book", "params": {"token_id": token}}
        rest = PollNeed(lane, intent, check.every_us) if rule.rest else None
        return cls(setting, rule, token, setting.chosen(Selection(check.place, rule.source)), rest)

    @property
    def needs(self) -> Sequence[Need]:
        """The channel stays open, and GET /book is repeated where it is compared."""
        if not self.setting.waits:
            return ()
        streams = tuple(StreamNeed(source) for source in self.chosen.sources)
        return streams if self.rest is None else (*streams, self.rest)

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """What is wrong decides at once; with REST, the first equal answer does, else the deadline."""
        until_us, subject = window.deadline_us, self.setting.check.id
        books = {source: LocalBook(self.token) for source in self.chosen.sources}
        since = self.setting.since(window)
        for event, text, shown in self._wrongs(view, books, since, until_us):
            told = f"{event.source} at {seconds(event.at_us)}: {text}"
            return Finding(subject, False, event.at_us, told, shown, events=(event.number,))
        if self.rest is not None:
            agreed = self._agreed(view, books, until_us)
            if agreed is not None:
                return agreed
        horizon_us = self.chosen.horizon_us(view, until_us)
        if self.rest is not None:
            horizon_us = min(horizon_us, view.horizon_us(self.rest.lane))
        if self.setting.waits and horizon_us < until_us:
            apart = "" if self.rest is None else self._differs(view, books, until_us).text.replace("\n", "")
            return Pending(f"the book was watched until {seconds(horizon_us)}; {apart}".rstrip("; "))
        if not any(book.snapshots for book in books.values()):
            shown = self.chosen.silence(view, since, until_us)
            text = f"not shown: no snapshot of the token came on {self.chosen}"
            return Finding(subject, False, until_us, text, shown)
        if self.rest is not None:
            return self._differs(view, books, until_us)
        frames = sum(len(book.frames) for book in books.values())
        hashes = sum(book.hashes for book in books.values())
        text = f"the book was right after each of {frames} frames; {hashes} hashes were checked"
        return Finding(subject, True, until_us, text)

    def _wrongs(
        self, view: View, books: Mapping[Source, LocalBook], since: int, until_us: int
    ) -> Iterator[tuple[Event, str, Any]]:
        for event in view.events:
            if event.kind is not Kind.PUSH or event.source not in books or event.at_us > until_us:
                continue
            found: list[Wrong] = list(books[event.source].take(_mappings(event), event.at_us))
            for text, shown in found if event.number > since else ():
                yield event, text, shown

    def _answers(self, view: View, until_us: int) -> Iterator[tuple[Event, Event, Any]]:
        """Each GET /book that was answered: its send, its answer, its body."""
        lane = None if self.rest is None else self.rest.lane
        sent: dict[int, Event] = {}
        for event in view.events:
            if event.lane != lane or event.at_us > until_us:
                continue
            if event.kind is Kind.SEND:
                sent[event.index] = event
            elif event.kind is Kind.ANSWER and event.data["wire"]["status"] == 200:
                yield sent.get(event.index, event), event, http.body_value(event.data["wire"])

    def _agreed(self, view: View, books: Mapping[Source, LocalBook], until_us: int) -> Finding | None:
        for send, answer, body in self._answers(view, until_us):
            try:
                told = levels_of(body)
            except (ValueError, AttributeError):
                continue
            last_us = answer.at_us + ORDER_RESOLUTION_US
            if books and all(self._equals(told, book, send.at_us, last_us) for book in books.values()):
                text = f"the book equals GET /book at {seconds(answer.at_us)}"
                return Finding(self.setting.check.id, True, answer.at_us, text, events=(answer.number,))
        return None

    def _equals(self, told: Mapping[str, Levels], book: LocalBook, first_us: int, last_us: int) -> bool:
        wanted = top(told, self.rule.depth)
        return any(top(sides, self.rule.depth) == wanted for sides in book.between(first_us, last_us))

    def _differs(self, view: View, books: Mapping[Source, LocalBook], until_us: int) -> Finding:
        subject, last = self.setting.check.id, None
        for _, answer, body in self._answers(view, until_us):
            last = answer, body
        if last is None:
            return Finding(subject, False, until_us, "not shown: GET /book was never answered", LOST)
        answer, body = last
        try:
            told = levels_of(body)
        except (ValueError, AttributeError) as error:
            text = f"GET /book cannot be read: {error}"
            return Finding(subject, False, until_us, text, body, events=(answer.number,))
        lines, ours, theirs = [], {}, {}
        for source, book in books.items():
            stood = book.between(answer.at_us, answer.at_us + ORDER_RESOLUTION_US)
            own = stood[-1] if stood else {"BUY": {}, "SELL": {}}
            for side, price, here, there in _apart(own, told):
                key = f"{side} {price:f}"
                ours[key], theirs[key] = here, there
                lines.append(
                    f"  {key}: {here:f} on {source}, {there:f} in GET /book at {seconds(answer.at_us)}"
                )
        text = f"the book does not equal GET /book until the deadline; {len(lines)} levels differ:\n"
        shown = Differs({"ws": ours, "rest": theirs})
        return Finding(subject, False, until_us, text + "\n".join(lines[:8]), shown, events=(answer.number,))


def _mappings(event: Event) -> Iterator[Mapping[str, Any]]:
    return (message for message in acts.read_messages(event) if isinstance(message, Mapping))


def _apart(
    own: Mapping[str, Levels], told: Mapping[str, Levels]
) -> Iterator[tuple[str, Decimal, Decimal, Decimal]]:
    """The levels in which two books differ: side, price, and the size in each (0 where there is none)."""
    none = Decimal(0)
    for side in ("BUY", "SELL"):
        for price in sorted({*own[side], *told[side]}):
            here, there = own[side].get(price, none), told[side].get(price, none)
            if here != there:
                yield side, price, here, there
