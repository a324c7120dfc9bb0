"""Steps of a draft for what comes by itself: subscriptions, frames that tell of our orders, FIX messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

from harness.decide import SUBSCRIBED_US
from harness.drafting.fixseen import fix_message, parted
from harness.drafting.logons import logon_steps
from harness.drafting.people import People
from harness.drafting.steps import DraftStep, Names, literal, referring
from harness.drafting.talk import Stream
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import FIX
from harness.evidence.ticket.frames import messages_of
from harness.model import Kind
from harness.redact.places import is_secret_field

_AS_ASKED: Final = (None, 1000, 1001, 1005)
"""Codes with which a connection ends because somebody wanted it (RFC 6455 §7.4.1), or none is told."""
_EVENTS: Final = {"user": ("trade", "order"), "market": ("last_trade_price", "tick_size_change", "book")}
_FAILED: Final = ("FAILED", "TRADE_STATUS_FAILED")
_OF_SESSION: Final = (
    *("BeginString", "BodyLength", "MsgType", "SenderCompID", "TargetCompID", "MsgSeqNum", "SendingTime"),
    *("CheckSum", "LastMsgSeqNumProcessed", "PossDupFlag", "OrigSendingTime", "ApplVerID"),
    *("TargetSubID", "SenderLocationID", "TargetLocationID", "OnBehalfOfCompID"),
    *("OnBehalfOfSubID", "DeliverToCompID", "DeliverToSubID"),
)
_TOLD: Final = ("ExecType", "OrdStatus", "OrdRejReason", "CxlRejReason", "Text", "LeavesQty", "CumQty")
_REFUSALS: Final = ("Reject", "BusinessMessageReject", "OrderCancelReject")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stream of the draft: its channel in the case, whose it is, and its steps."""

    channel: str
    actor: str
    stream: Stream
    steps: tuple[DraftStep, ...]


def stream_steps(stream: Stream, people: People, names: Names, orders: Mapping[str, str]) -> Spoken | None:
    """The steps of one connection; None where it says nothing that a case can say.

    `orders` are ids of orders with the references to them.
    """
    actor = people.owner_of(stream).name
    if stream.channel == FIX:
        return Spoken("fix.oe", actor, stream, tuple(_fix_steps(stream, people, names, actor)))
    if stream.channel not in ("ws.market", "ws.user"):
        return None
    steps = tuple(_ws_steps(stream, people, names, actor, orders))
    return Spoken(stream.channel, actor, stream, steps) if steps else None


def _ws_steps(
    stream: Stream, people: People, names: Names, actor: str, orders: Mapping[str, str]
) -> Iterator[DraftStep]:
    channel = stream.channel.partition(".")[2]
    seen: set[str] = set()
    told: set[tuple[Any, ...]] = set()
    for each in stream.placed:
        if each.clue.kind is Kind.CLOSED and each.clue.data.get("code") not in _AS_ASKED:
            yield _closed(channel, each, names, actor, seen)
        text = each.clue.data.get("wire", {}).get("text", "")
        for message in messages_of(text):
            seen.add(str(message.get("event_type")))
            if each.clue.kind is Kind.SEND:
                step = _subscription(stream, message, each, people, names, actor)
                if step is not None:
                    yield step
            elif each.clue.kind is Kind.PUSH and channel == "user":
                step = _told_of_order(message, each, names, actor, orders, told)
                if step is not None:
                    yield step


def _subscription(
    stream: Stream, message: Mapping[str, Any], each: Placed, people: People, names: Names, actor: str
) -> DraftStep | None:
    channel = stream.channel.partition(".")[2]
    verb = message.get("operation") or ("subscribe" if message.get("type") == channel else "")
    if verb not in ("subscribe", "unsubscribe"):
        return None
    held = {key: value for key, value in message.items() if key not in ("type", "auth", "operation")}
    body = {key: value for key, value in held.items() if not is_secret_field(key, str(value))}
    words = {"ws": channel, "as": actor, verb: referring(body, people)}
    step = DraftStep(names.free("listen" if verb == "subscribe" else "leave"), f"ws.{channel}", actor, words)
    step.placed, step.intent = [each], {verb: body}
    step.is_unanswered = not any(
        other.clue.kind in (Kind.PUSH, Kind.CLOSED) and 0 <= other.at_us - each.at_us <= SUBSCRIBED_US
        for other in stream.placed
    )
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
    if reference is None or state in told:
        return None
    told.add(state)
    failed = status in _FAILED
    if event == "trade":
        where: dict[str, Any] = {"event_type": "trade", "taker_order_id": reference}
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


def _fix_steps(stream: Stream, people: People, names: Names, actor: str) -> Iterator[DraftStep]:
    ordered: dict[str, str] = {}
    told = [(each, message) for each in stream.placed if (message := fix_message(each)) is not None]
    for at, (each, (name, fields)) in enumerate(told):
        sends = each.clue.kind is Kind.SEND
        if sends and name == "Logon":
            yield from logon_steps(told, at, names, actor)
            continue
        if sends:
            step = _sent(name, fields, each, people, names, actor, ordered)
        else:
            step = _came(name, fields, each, names, actor, ordered)
        if step is not None:
            yield step


def _sent(
    name: str,
    fields: dict[str, Any],
    each: Placed,
    people: People,
    names: Names,
    actor: str,
    ordered: dict[str, str],
) -> DraftStep | None:
    if name in ("Heartbeat", "TestRequest", "ResendRequest", "SequenceReset"):
        return None
    if name == "Logout":
        step = DraftStep(names.free("logout"), "fix.oe", actor, {"fix": "oe", "as": actor, "logout": {}})
        step.placed, step.intent = [each], {"fix": "logout", "text": ""}
        return step
    kept = {key: value for key, value in fields.items() if key not in _OF_SESSION}
    said = {key: _word(key, value, people, ordered, actor) for key, value in kept.items()}
    word = {"NewOrderSingle": "order", "OrderCancelRequest": "cancel"}.get(name, name.lower())
    step = DraftStep(names.free(word), "fix.oe", actor, {"fix": "oe", "as": actor, "send": {name: said}})
    if isinstance(kept.get("ClOrdID"), str):
        ordered[kept["ClOrdID"]] = ordered[f"#{fields.get('MsgSeqNum')}"] = f"${{{step.id}.ClOrdID}}"
    step.placed, step.intent = [each], {"fix": "send", "message": {name: kept}}
    return step


def _word(key: str, value: Any, people: People, ordered: Mapping[str, str], actor: str) -> Any:
    """A field of a message as the case says it: new ids and times are the run's own."""
    if key == "ClOrdID":
        return "${uid}"
    if key == "SenderSubID":
        return actor
    if key in ("TransactTime",):
        return "${now:fix.3}"
    if key == "OrigClOrdID":
        return ordered.get(str(value), value)
    if key == "Symbol" and isinstance(value, str):
        market, outcome = parted(value)
        named = people.reference(market)
        return f"{named}-{outcome.upper()}" if named and outcome else named or value
    return people.reference(value) or value if isinstance(value, str) else value


def _came(
    name: str, fields: Mapping[str, Any], each: Placed, names: Names, actor: str, ordered: Mapping[str, str]
) -> DraftStep | None:
    reference = ordered.get(str(fields.get("ClOrdID"))) or ordered.get(f"#{fields.get('RefSeqNum')}")
    refused = name in _REFUSALS or fields.get("ExecType") == "REJECTED"
    if reference is None and not refused:
        return None
    plain = {key: literal(value) if isinstance(value, str) else value for key, value in fields.items()}
    told = {key: plain[key] for key in _TOLD if key in plain}
    if refused and reference is None:
        where: Any = {name: {"$present": True}}
        expect: dict[str, Any] = {"ExecutionReport": {"ExecType": "NEW"}}
    elif refused:
        either = [{"ExecutionReport": {"ClOrdID": reference}}, {name: {"$present": True}}]
        where = {"$either": either} if name != "ExecutionReport" else {name: {"ClOrdID": reference}}
        wanted = "CANCELED" if name == "OrderCancelReject" else "NEW"
        expect = {"ExecutionReport": {"ExecType": wanted}}
    else:
        where = {name: {"ClOrdID": reference, "ExecType": fields.get("ExecType")}}
        expect = {name: {key: value for key, value in told.items() if key != "ExecType"}}
    words = {"fix": "oe", "as": actor, "within": "", "where": where, "expect": expect}
    word = str(fields.get("ExecType") or name).lower().replace("_", "-")
    step = DraftStep(names.free("refused" if refused else word), "fix.oe", actor, words)
    step.placed, step.came = [each], {name: told}
    step.wrong = str(fields.get("Text") or f"{name}") if refused else ""
    return step
