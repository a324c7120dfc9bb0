"""Steps of a draft for what comes by itself: subscriptions, frames that tell of our orders, FIX sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

from harness.decide import SUBSCRIBED_US
from harness.drafting.fixsteps import Orders, fix_steps
from harness.drafting.people import People
from harness.drafting.steps import DraftStep, Names, referring
from harness.drafting.talk import Stream
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import FIX
from harness.evidence.ticket.frames import messages_of
from harness.model import Kind
from harness.redact.places import is_secret_field

_AS_ASKED: Final = (None, 1000, 1001, 1005)
"""Codes with which a connection ends because somebody wanted it (RFC 6455 §7.4.1), or none is told."""
_EVENTS: Final = {"user": ("trade", "order"), "market": ("last_trade_price", "tick_size_change", "book")}
_REFUSED: Final = "INVALID OPERATION"
"""What the exchange answers to a frame that it does not take (docs/exchange.md)."""
_FAILED: Final = ("FAILED", "TRADE_STATUS_FAILED")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stream of the draft: its channel in the case, whose it is, and its steps."""

    channel: str
    actor: str
    stream: Stream
    steps: tuple[DraftStep, ...]


def stream_steps(stream: Stream, people: People, names: Names, orders: Orders) -> Spoken | None:
    """The steps of one connection; None where it says nothing that a case can say.

    FIX sessions that place orders come before their drop copies.
    """
    if stream.channel == FIX:
        seat = people.seat_of(stream)
        return Spoken(seat.source, seat.actor, stream, fix_steps(stream, people, names, orders))
    actor = people.owner_of(stream).name
    if stream.channel not in ("ws.market", "ws.user"):
        return None
    steps = tuple(_heard(_ws_steps(stream, people, names, actor, orders.ids), stream, names, actor))
    return Spoken(stream.channel, actor, stream, steps) if steps else None


def _ws_steps(
    stream: Stream, people: People, names: Names, actor: str, orders: Mapping[str, str]
) -> Iterator[DraftStep]:
    channel = stream.channel.partition(".")[2]
    seen: set[str] = set()
    told: set[tuple[Any, ...]] = set()
    begun = False
    for each in stream.placed:
        if each.clue.kind is Kind.CLOSED and each.clue.data.get("code") not in _AS_ASKED:
            yield _closed(channel, each, names, actor, seen)
        text = each.clue.data.get("wire", {}).get("text", "")
        if each.clue.kind is Kind.PUSH and text.strip() == _REFUSED:
            yield _refused(channel, each, names, actor, seen)
        for message in messages_of(text):
            seen.add(str(message.get("event_type")))
            if each.clue.kind is Kind.SEND:
                step = _subscription(stream, message, each, people, names, actor, begun=begun)
                if step is not None:
                    begun = True
                    yield step
            elif each.clue.kind is Kind.PUSH and channel == "user":
                step = _told_of_order(message, each, names, actor, orders, told)
                if step is not None:
                    yield step


def _heard(steps: Iterable[DraftStep], stream: Stream, names: Names, actor: str) -> Iterator[DraftStep]:
    """The steps of a stream, with the subscription before them where the log tells only what came."""
    told = list(steps)
    if told and not any(each.clue.kind is Kind.SEND for each in stream.placed):
        channel = stream.channel.partition(".")[2]
        words = {"ws": channel, "as": actor, "subscribe": {}}
        step = DraftStep(names.free("listen"), stream.channel, actor, words, [stream.placed[0]])
        step.guesses.append("the log tells only what came: not what was subscribed to")
        step.intent, step.is_untold = {"subscribe": {}}, True
        yield step
    yield from told


def _subscription(
    stream: Stream,
    message: Mapping[str, Any],
    each: Placed,
    people: People,
    names: Names,
    actor: str,
    *,
    begun: bool,
) -> DraftStep | None:
    """A subscription or its end; a connection's first form, said once more, is sent as it stands."""
    channel = stream.channel.partition(".")[2]
    verb = message.get("operation") or ("subscribe" if message.get("type") == channel else "")
    if verb not in ("subscribe", "unsubscribe"):
        return None
    held = {key: value for key, value in message.items() if key not in ("type", "auth", "operation")}
    body = {key: value for key, value in held.items() if not is_secret_field(key, str(value))}
    if begun and "operation" not in message:
        body = {"type": channel, **body}
        words = {"ws": channel, "as": actor, "send": referring(body, people)}
        step = DraftStep(names.free("again"), f"ws.{channel}", actor, words)
        step.placed, step.intent = [each], {"send": body}
        return step
    words = {"ws": channel, "as": actor, verb: referring(body, people)}
    step = DraftStep(names.free("listen" if verb == "subscribe" else "leave"), f"ws.{channel}", actor, words)
    step.placed, step.intent = [each], {verb: body}
    step.is_unanswered = not any(
        other.clue.kind in (Kind.PUSH, Kind.CLOSED) and 0 <= other.at_us - each.at_us <= SUBSCRIBED_US
        for other in stream.placed
    )
    return step


def _refused(channel: str, each: Placed, names: Names, actor: str, seen: Set[str]) -> DraftStep:
    """A wait for what a frame should have brought, where the exchange said that it does not take it.

    An event of a kind that came before would be taken for it.
    """
    event = next((event for event in reversed(_EVENTS[channel]) if event not in seen), _REFUSED)
    words: dict[str, Any] = {"ws": channel, "as": actor, "within": ""}
    words["where"] = _REFUSED if event == _REFUSED else {"$either": [_REFUSED, {"event_type": event}]}
    words["expect"] = {"event_type": _EVENTS[channel][-1] if event == _REFUSED else event}
    step = DraftStep(names.free("refused"), f"ws.{channel}", actor, words)
    step.placed, step.came, step.wrong = [each], _REFUSED, _REFUSED
    step.guesses.append(f"what should have come instead of the refusal, {event} or another")
    return step


def _closed(channel: str, each: Placed, names: Names, actor: str, seen: Set[str]) -> DraftStep:
    """A wait for an event that did not come because the connection was closed before."""
    code, reason = each.clue.data.get("code"), each.clue.data.get("reason")
    missing = next((event for event in _EVENTS[channel] if event not in seen), _EVENTS[channel][0])
    words = {"ws": channel, "as": actor, "within": "", "where": {"event_type": missing}}
    words["expect"] = {"event_type": missing}
    step = DraftStep(names.free("closed"), f"ws.{channel}", actor, words)
    step.placed, step.came = [each], {"$closed": {"code": code}}
    step.doubtful = f"closed with {code}{f': {reason}' if reason else ''}"
    step.guesses.append(f"what should have come instead of the close; {missing} is one that never came")
    return step


def _told_of_order(
    message: Mapping[str, Any],
    each: Placed,
    names: Names,
    actor: str,
    orders: Mapping[str, str],
    told: set[tuple[Any, ...]],
) -> DraftStep | None:
    """A wait for an event of an order that the case placed: each state of it once."""
    event, status = message.get("event_type"), message.get("status")
    mine = {"order": message.get("id"), "trade": message.get("taker_order_id")}.get(str(event))
    reference = orders.get(str(mine))
    state = event, mine, message.get("type"), status
    failed = event == "trade" and status in _FAILED
    if (reference is None and not failed) or state in told:
        return None
    told.add(state)
    if event == "trade":
        where: dict[str, Any] = {"event_type": "trade"}
        if reference is not None:
            where["taker_order_id"] = reference
        where["status"] = {"$in": ["CONFIRMED", *_FAILED]} if failed else status
        expect: dict[str, Any] = {"status": "CONFIRMED"} if failed else {"size": message.get("size")}
    else:
        where = {"event_type": "order", "id": reference, "type": message.get("type")}
        expect = {"status": status}
    words = {"ws": "user", "as": actor, "within": "", "where": where, "expect": expect}
    word = f"{event}-{str(status if event == 'trade' else message.get('type')).lower()}"
    step = DraftStep(names.free(word.replace("_", "-")), "ws.user", actor, words)
    step.placed, step.came = [each], message
    step.wrong = f"the trade is {status}" if failed else ""
    return step
