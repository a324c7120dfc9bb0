"""Who tells of a wallet's fills: REST, the user channel, FIX, or the chain alone; what was told so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness import acts
from harness.acts import pages
from harness.case.rules.values import Ledger
from harness.checks import trades
from harness.checks.choosing import Setting
from harness.checks.movements import Movement, Wallet, of_reports, of_trades
from harness.model import Event, Kind, Lane, Source
from harness.wire import http
from harness.world import Need, PollNeed, StreamNeed, View

Counts = Callable[[Mapping[str, Any]], bool]
Messages = tuple[tuple[int, Any], ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """What one teller has told so far: messages by what they are about, and the fills in them.

    `trouble` says why the fills are not known, `untold` is a trade that an order's answer names and that is
    not among them. `with_fees` says that the fills name their fees. `walk` are the pages of a list that was
    not read to its end yet.
    """

    movements: tuple[Movement, ...] = ()
    numbers: tuple[int, ...] = ()
    trouble: str | None = None
    untold: str | None = None
    with_fees: bool = False
    messages: Messages = ()
    walk: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Teller:
    """One source of fills for one wallet. `silent` is what stands before it said anything."""

    kind: str
    wallet: Wallet
    counts: Counts
    posted: frozenset[str]
    needs: tuple[Need, ...]
    sources: frozenset[Source]
    pages: dict[int, Telling | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def silent(self) -> Telling:
        """What is known before the first word: of a stream and of the chain that nothing was told."""
        if self.kind == "rest":
            return Telling(trouble="the trades were never read")
        if self.kind in ("ws", "fix") and not self.sources:
            return Telling(trouble=f"no {self.kind} channel of the wallet was open")
        return self._checked(Telling())

    def take(self, event: Event, before: Telling) -> Telling | None:
        """What is told with one more event; None where it tells nothing of fills."""
        if self.kind == "rest" and event.kind is Kind.ANSWER and self._reads(event):
            if event.number not in self.pages:
                self.pages[event.number] = self._page(event, before)
            told = self.pages[event.number]
            return replace(before, walk=told.walk) if told is not None and told.walk else told
        if self.kind in ("ws", "fix") and event.kind is Kind.PUSH and event.source in self.sources:
            messages = tuple((event.at_us, message) for message in acts.read_messages(event))
            return self._streamed(event, before, messages)
        return None

    def _reads(self, event: Event) -> bool:
        return any(isinstance(need, PollNeed) and event.is_in(need.lane) for need in self.needs)

    def _page(self, event: Event, before: Telling) -> Telling | None:
        """What a page tells with those before it; where more follow it, no more than that it came."""
        walk = pages.walks((*before.walk, event))[-1]
        if walk.cursor is not None:
            return Telling(walk=walk.pages)
        numbers = tuple(each.number for each in walk.pages)
        if walk.wrong:
            return Telling((), numbers, walk.wrong.removeprefix("not shown: "))
        read = [(each.at_us, page_of(each)) for each in walk.pages]
        if any(page is None for _, page in read):
            return (
                replace(before, walk=()) if before.walk else None
            )  # a refusal tells nothing, not even absence
        told = tuple((at_us, trade) for at_us, page in read for trade in page or ())
        return self._of_trades(told, numbers, "rest")

    def _streamed(self, event: Event, before: Telling, messages: Messages) -> Telling | None:
        if self.kind == "fix":
            told = (*before.messages, *messages)
            try:
                movements = tuple(of_reports(told, self.wallet))
            except ValueError as error:
                return replace(before, messages=told, trouble=f"a fill cannot be read: {error}")
            return replace(
                before, movements=movements, numbers=(*before.numbers, event.number), messages=told
            )
        news = tuple((at_us, message) for at_us, message in messages if trades.is_trade(message))
        if not news:
            return None
        latest = {str(trade.get("id")): (at_us, trade) for at_us, trade in (*before.messages, *news)}
        return self._of_trades(tuple(latest.values()), (*before.numbers, event.number), "ws")

    def _of_trades(self, told: Messages, numbers: tuple[int, ...], by: str) -> Telling:
        try:
            movements = tuple(of_trades(told, self.wallet, by, self.counts))
        except ValueError as error:
            return Telling((), numbers, f"a trade cannot be read: {error}", messages=told)
        with_fees = any(
            "fee" in part for _, trade in told for part in (trade, *(trade.get("maker_orders") or ()))
        )
        return self._checked(Telling(movements, numbers, with_fees=with_fees, messages=told))

    def _checked(self, telling: Telling) -> Telling:
        """The same, with the trade that an answer to an order names and that is not told here."""
        if self.kind not in ("rest", "ws"):
            return telling
        told = {str(trade.get("id")) for _, trade in telling.messages}
        return replace(telling, untold=min(self.posted - told, default=None))


def page_of(event: Event) -> tuple[Mapping[str, Any], ...] | None:
    """The entries of a page that was answered; None where an answer is none."""
    read = acts.read_response(event)
    if read.trouble is not None or read.view["status"] != 200:
        return None
    body = read.view["body"]
    page = body.get("data") if isinstance(body, Mapping) else None
    return tuple(each for each in page if isinstance(each, Mapping)) if isinstance(page, list) else None


def teller_of(setting: Setting, rule: Ledger, since: str, wallet: Wallet, view: View) -> Teller:
    """The teller of a ledger's fills; trades from before its step do not count."""
    check = setting.check
    first = next(event for event in view.events if event.step == since)
    sent: dict[str, int] = {}
    posted: set[str] = set()
    for event in view.events:
        order = event.data.get("derived", {}).get("order_id") if event.kind is Kind.SEND else None
        if isinstance(order, str):
            sent[order.lower()] = event.number
        own = event.kind is Kind.ANSWER and event.source == Source("rest", rule.of)
        if own and event.number > first.number and not event.step.startswith("check:"):
            posted |= set(_trade_ids(http.body_value(event.data["wire"])))
    since_wall_us = setting.look.scope.started_wall_us + first.at_us

    def counts(trade: Mapping[str, Any]) -> bool:
        number = sent.get(str(trade.get("taker_order_id")).lower())
        if number is not None:
            return number >= first.number
        matched_us = _matched_us(trade)
        return matched_us is None or matched_us >= since_wall_us

    needs: tuple[Need, ...] = ()
    sources: frozenset[Source] = frozenset()
    if rule.fills == "rest":
        lane = Lane(Source("rest", rule.of), f"check:{check.id}")
        needs = (PollNeed(lane, {"method": "GET", "path": "/data/trades"}, check.every_us, paged=True),)
    elif rule.fills in ("ws", "fix"):
        wanted = "ws.user" if rule.fills == "ws" else "fix."
        sources = frozenset(
            source
            for source in setting.opened
            if source.channel.startswith(wanted) and source.actor == rule.of
        )
        needs = tuple(StreamNeed(source) for source in sorted(sources))
    return Teller(rule.fills, wallet, counts, frozenset(posted), needs, sources)


def _trade_ids(body: Any) -> list[str]:
    """The trades that answers to orders name, of one or of a batch."""
    answers = body if isinstance(body, list) else [body]
    return [
        str(each)
        for answer in answers
        if isinstance(answer, Mapping) and isinstance(answer.get("tradeIDs"), list)
        for each in answer["tradeIDs"]
    ]


def _matched_us(trade: Mapping[str, Any]) -> int | None:
    """When a trade was matched, in unix microseconds; the end of its second where only that is told."""
    nanos, whole = str(trade.get("match_time_nano", "")), str(trade.get("match_time", ""))
    if nanos.isascii() and nanos.isdigit():
        return int(nanos) // 1_000
    if whole.isascii() and whole.isdigit():
        return int(whole) * 1_000_000 + 999_999
    return None
