"""The draft's evidence as the events of a cassette: what each step sent and got, and every stream whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.drafting.steps import DraftStep
from harness.drafting.streaming import Spoken
from harness.drafting.talk import is_of_session
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import CHAIN, FIX, REST
from harness.intents import ANSWER_UNTOLD
from harness.model import By, Event, Kind, Source


@dataclass(frozen=True, slots=True)
class _Row:
    """One event before it has a number: at what time, and in which order among those of the same time."""

    at_us: int
    kind: Kind
    source: Source
    step: str = ""
    by: By = By.CASE
    data: Mapping[str, Any] | None = None


def events_of(steps: Sequence[DraftStep], streams: Iterable[Spoken], zero_us: int) -> tuple[Event, ...]:
    """The events of a draft, numbered, with times from `zero_us` (unix microseconds)."""
    rows: list[_Row] = []
    said = {id(placed): step for step in steps if not step.is_untold for placed in step.placed}
    for step in steps:
        rows.append(_mark(Kind.STEP, step, step.at_us))
        if step.channel in (REST, CHAIN):
            rows += _exchange(step)
        if step.is_untold:  # what must have been sent: the intent alone, for nobody saw the bytes
            data = {
                "intent": step.intent,
                "wire": {"text_omitted": "the log tells only what came"},
                ANSWER_UNTOLD: True,
            }
            rows.append(_Row(step.at_us, Kind.SEND, Source(step.channel, step.actor), step.id, By.CASE, data))
        rows.append(_mark(Kind.END, step, step.until_us))
    for spoken in streams:
        rows += _stream(spoken, said)
    rows.sort(key=lambda row: (row.at_us, _RANK[row.kind]))
    return tuple(_event(number, row, row.at_us - zero_us) for number, row in enumerate(rows))


def _event(number: int, row: _Row, at_us: int) -> Event:
    data = {"until_us": at_us} if row.kind is Kind.HORIZON else row.data or {}
    return Event(number, at_us, row.kind, row.source, row.step, by=row.by, data=data)


_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            *(Kind.STEP, Kind.OPEN, Kind.SEND, Kind.ANSWER, Kind.LOST),
            *(Kind.PUSH, Kind.CLOSED, Kind.END, Kind.HORIZON),
        )
    )
}
"""At one time a step begins before what happens in it, and a stream was watched up to its last event."""


def _mark(kind: Kind, step: DraftStep, at_us: int) -> _Row:
    return _Row(at_us, kind, Source(step.channel, step.actor), step.id, By.RUNNER)


def _exchange(step: DraftStep) -> Iterable[_Row]:
    source = Source(step.channel, step.actor)
    send, *rest = step.placed
    told = {"intent": step.intent, "wire": send.clue.data["wire"]}
    if step.derived:
        told["derived"] = dict(step.derived)
    yield _Row(send.at_us, Kind.SEND, source, step.id, By.CASE, told)
    for answer in rest:
        came = {
            key: value for key, value in answer.clue.data.items() if step.channel == REST or key == "wire"
        }
        yield _Row(answer.at_us, answer.clue.kind, source, step.id, By.PEER, came)
    if not rest:
        yield _Row(send.at_us, Kind.LOST, source, step.id, By.PEER, {"why": "the evidence holds no answer"})


def _stream(spoken: Spoken, said: Mapping[int, DraftStep]) -> Iterable[_Row]:
    source = Source(spoken.channel, spoken.actor)
    placed = spoken.stream.placed
    opened = placed[0].clue.kind is Kind.OPEN
    yield _Row(placed[0].at_us, Kind.OPEN, source, by=By.PEER)
    for each in placed[1:] if opened else placed:
        if each is not placed[0] and each.clue.kind is Kind.SEND and _msg_type(each.clue.data) == "A":
            yield from _opened_again(each.at_us, source)
        if each.clue.kind is not Kind.OPEN:
            yield _frame(each, source, said.get(id(each)))
    yield _Row(max(placed[-1].at_us, spoken.stream.until_us), Kind.HORIZON, source, by=By.RUNNER)


def _opened_again(at_us: int, source: Source) -> Iterable[_Row]:
    """Before a customer's Logon that is not the session's first, its connection ended: it opened another."""
    told = {"code": None, "reason": "the customer logged on again"}
    yield _Row(at_us - 1, Kind.CLOSED, source, by=By.PEER, data=told)
    yield _Row(at_us, Kind.OPEN, source, by=By.PEER)


def _frame(each: Placed, source: Source, step: DraftStep | None) -> _Row:
    clue = each.clue
    if clue.kind is Kind.SEND and step is not None:
        data = {"intent": step.intent, "wire": clue.data["wire"]}
        data |= {ANSWER_UNTOLD: True} if step.is_unanswered else {}
        return _Row(each.at_us, Kind.SEND, source, step.id, By.CASE, data)
    if clue.kind is Kind.SEND:
        return _Row(each.at_us, Kind.SEND, source, by=By.SESSION, data=clue.data)
    by = By.SESSION if clue.channel == FIX and is_of_session(_msg_type(clue.data)) else By.PEER
    return _Row(each.at_us, clue.kind, source, by=by, data=clue.data)


def _msg_type(data: Mapping[str, Any]) -> str:
    parts = str(data.get("wire", {}).get("raw", "")).split("|")
    return next((part[3:] for part in parts if part.startswith("35=")), "")
