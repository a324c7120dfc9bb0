"""Whose an order is: who signed it, or who is told of it on a channel of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness import acts
from harness.matchers.equality import same
from harness.model import Event, Kind


def owner_of(order: str, events: Sequence[Event]) -> str:
    """The actor that sent an order by REST, alone or among several, else the first that FIX or the user
    channel tells of it: an order that was entered over FIX is signed by the exchange. "" where nobody is.
    """
    for event in events:
        derived = event.data.get("derived") or {}
        if order in (derived.get("order_id"), *derived.get("order_ids", ())):
            return event.source.actor
    own = (event for event in events if event.kind is Kind.PUSH and event.source.actor)
    return next((e.source.actor for e in own if any(_tells(order, m) for m in acts.read_messages(e))), "")


def _tells(order: str, message: Any) -> bool:
    if not isinstance(message, Mapping):
        return False
    report = message.get("ExecutionReport")
    if isinstance(report, Mapping):
        return same(order, report.get("OrderID"))
    return message.get("event_type") == "order" and same(order, message.get("id"))
