"""Steps of a draft for FIX: what was sent, and what was told of it, on order entry and on drop copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from harness.drafting.fixseen import fix_message, parted
from harness.drafting.logons import logon_steps, tell_number
from harness.drafting.people import People
from harness.drafting.sessions import Seat
from harness.drafting.steps import DraftStep, Names, literal
from harness.drafting.talk import Stream
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import MENDED
from harness.model import Kind

_OF_SESSION: Final = (
    *("BeginString", "BodyLength", "MsgType", "SenderCompID", "TargetCompID", "MsgSeqNum", "SendingTime"),
    *("CheckSum", "LastMsgSeqNumProcessed", "PossDupFlag", "OrigSendingTime", "ApplVerID"),
    *("TargetSubID", "SenderLocationID", "TargetLocationID", "OnBehalfOfCompID"),
    *("OnBehalfOfSubID", "DeliverToCompID", "DeliverToSubID"),
)
_TOLD: Final = ("ExecType", "OrdStatus", "OrdRejReason", "CxlRejReason", "Text", "LeavesQty", "CumQty")
_REFUSALS: Final = ("Reject", "BusinessMessageReject", "OrderCancelReject")


@dataclass(slots=True)
class Orders:
    """The orders that a case can refer to: by the exchange's id, and by their customer's own on FIX."""

    ids: dict[str, str]
    clients: dict[tuple[str, str], str] = field(default_factory=dict)
    """Actor and ClOrdID, with the reference to it."""


def fix_steps(stream: Stream, people: People, names: Names, orders: Orders) -> tuple[DraftStep, ...]:
    """The steps of one session, the first of them with what of the session was guessed."""
    seat = people.seat_of(stream)
    steps = tuple(_Session(seat, people, names, orders).steps(stream))
    if steps and seat.guess:
        steps[0].guesses.insert(0, seat.guess)
    for step in steps:
        damage = step.placed[0].clue.data.get(MENDED)
        if damage and not {"disconnect", "set"} & step.words.keys():
            step.guesses.append(f"its message was damaged ({damage}), and is read as far as it is plain")
    return steps


@dataclass(slots=True)
class _Session:
    seat: Seat
    people: People
    names: Names
    orders: Orders
    sent: dict[str, str] = field(default_factory=dict)
    """Its ClOrdIDs, and its messages' numbers as `#2`, with the references to what was sent by them."""

    def steps(self, stream: Stream) -> Iterator[DraftStep]:
        told = [(each, message) for each in stream.placed if (message := fix_message(each)) is not None]
        received: dict[int, DraftStep] = {}
        for at, (each, (name, fields)) in enumerate(told):
            sends = each.clue.kind is Kind.SEND
            if sends and name == "Logon":
                yield from logon_steps(told, at, self.names, self.seat)
                received.clear()
                continue
            if sends and name == "Logout":
                tell_number(received, fields)
            step = self._said(name, fields, each) if sends else self._came(name, fields, each)
            if step is not None:
                number = None if sends else fields.get("MsgSeqNum")
                if isinstance(number, int):
                    received[number] = step
                yield step

    def _said(self, name: str, fields: dict[str, Any], each: Placed) -> DraftStep | None:
        if name in ("Heartbeat", "TestRequest", "ResendRequest", "SequenceReset"):
            return None
        if name == "Logout":
            step = self._step(self.names.free("logout"), each, {"logout": {}})
            step.intent = {"fix": "logout", "text": ""}
            return step
        kept = {key: value for key, value in fields.items() if key not in _OF_SESSION}
        said = {key: self._word(key, value) for key, value in kept.items()}
        word = {"NewOrderSingle": "order", "OrderCancelRequest": "cancel"}.get(name, name.lower())
        step = self._step(self.names.free(word), each, {"send": {name: said}})
        client = kept.get("ClOrdID")
        if isinstance(client, str):
            reference = f"${{{step.id}.ClOrdID}}"
            self.sent[client] = reference
            if "MsgSeqNum" in fields:  # a message that somebody typed may have none
                self.sent[f"#{fields['MsgSeqNum']}"] = reference
            self.orders.clients[self.seat.actor, client] = reference
        step.intent = {"fix": "send", "message": {name: kept}}
        return step

    def _step(self, step_id: str, each: Placed, words: Mapping[str, Any]) -> DraftStep:
        return DraftStep(step_id, self.seat.source, self.seat.actor, {**self.seat.words, **words}, [each])

    def _word(self, key: str, value: Any) -> Any:
        """A field of a message as the case says it: new ids and times are the run's own."""
        if key == "ClOrdID":
            return "${uid}"
        if key == "SenderSubID":
            return self.seat.actor
        if key in ("TransactTime",):
            return "${now:fix.3}"
        if key == "OrigClOrdID":
            return self.sent.get(str(value), value)
        if key == "Symbol" and isinstance(value, str):
            market, outcome = parted(value)
            named = self.people.reference(market)
            return f"{named}-{outcome.upper()}" if named and outcome else named or value
        return self.people.reference(value) or value if isinstance(value, str) else value

    def _came(self, name: str, fields: Mapping[str, Any], each: Placed) -> DraftStep | None:
        refused = name in _REFUSALS or fields.get("ExecType") == "REJECTED"
        told_by = self._referred(fields)
        guess = ""
        if not told_by and self.seat.is_copy and name == "ExecutionReport":
            told_by, guess = _literal(fields), "nothing in the evidence placed its order: say who did"
        if not told_by and not refused:
            return None
        plain = {key: literal(value) if isinstance(value, str) else value for key, value in fields.items()}
        told = {key: plain[key] for key in _TOLD if key in plain}
        if refused and not told_by:
            where: Any = {name: {"$present": True}}
            expect: dict[str, Any] = {"ExecutionReport": {"ExecType": "NEW"}}
        elif refused:
            either = [{"ExecutionReport": told_by}, {name: {"$present": True}}]
            where = {"$either": either} if name != "ExecutionReport" else {name: told_by}
            wanted = "CANCELED" if name == "OrderCancelReject" else "NEW"
            expect = {"ExecutionReport": {"ExecType": wanted}}
        else:
            where = {name: {**told_by, "ExecType": fields.get("ExecType")}}
            expect = {name: {key: value for key, value in told.items() if key != "ExecType"}}
        word = str(fields.get("ExecType") or name).lower().replace("_", "-")
        step_id = self.names.free("refused" if refused else f"copy-{word}" if self.seat.is_copy else word)
        step = self._step(step_id, each, {"within": "", "where": where, "expect": expect})
        step.came, step.heard = {name: told}, {name: plain}
        step.wrong = str(fields.get("Text") or f"{name}") if refused else ""
        step.is_mended = self.seat.is_copy  # the session that was refused says so itself
        step.guesses += [guess] if guess else []
        return step

    def _referred(self, fields: Mapping[str, Any]) -> dict[str, str]:
        """By which field a message is of an order of the case, with the reference; empty where of none."""
        client = str(fields.get("ClOrdID"))
        reference = self.sent.get(client) or self.sent.get(f"#{fields.get('RefSeqNum')}")
        reference = reference or self.orders.clients.get((self.seat.actor, client))
        if reference is not None:
            return {"ClOrdID": reference}
        known = self.orders.ids.get(str(fields.get("OrderID")))
        return {} if known is None else {"OrderID": known}


def _literal(fields: Mapping[str, Any]) -> dict[str, str]:
    """An order of nobody's, by the id that the message tells."""
    key = next((key for key in ("ClOrdID", "OrderID") if isinstance(fields.get(key), str)), None)
    return {} if key is None else {key: literal(str(fields[key]))}
