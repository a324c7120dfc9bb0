"""Steps of a draft for FIX Logons: how the session came to its number, and a Logon that did not get in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.drafting.sessions import Seat
from harness.drafting.steps import DraftStep, Names
from harness.evidence.ticket.alignment import Placed
from harness.model import Kind

Told = Sequence[tuple[Placed, tuple[str, Mapping[str, Any]]]]
"""A session's messages: each with its name and its fields."""

_TOO_LOW: Final = re.compile(r"MsgSeqNum too low, expecting ([0-9]+) but received ([0-9]+)", re.I)


def logon_steps(told: Told, at: int, names: Names, seat: Seat) -> Iterator[DraftStep]:
    """The Logon at `at`, and before it what a session of ours must do to send it just so."""
    each, (_, fields) = told[at]
    resets = bool(fields.get("ResetSeqNumFlag"))
    number, due = fields.get("MsgSeqNum"), _due(told[:at])
    if at and not any(name == "Logout" for _, (name, _) in told[_last_logon(told, at) : at]):
        yield _step(names.free("down"), seat, each, {"disconnect": {}})
    if at and not resets and isinstance(number, int) and number != due:
        step = _step(names.free("number"), seat, each, {"set": {"next_out": number}})
        step.guesses.append(f"its engine went on with {number}, where {due} was due: it had lost its store")
        yield step
    body = {"ResetSeqNumFlag": True} if resets else {}
    step = _step(names.free("logon"), seat, each, {"logon": body})
    step.intent = {"fix": "logon", "fields": body}
    _judge(step, told[at + 1 :], is_low=isinstance(number, int) and number < due and not resets)
    yield step


def tell_number(received: Mapping[int, DraftStep], logout: Mapping[str, Any]) -> None:
    """Mark the message for whose number the customer's engine logged out: another number was due there.

    `received` are the session's messages to the customer that became steps, by their numbers.
    """
    told = _TOO_LOW.search(str(logout.get("Text", "")))
    step = received.get(int(told[2])) if told is not None else None
    if told is None or step is None or step.wrong:
        return
    name = next(iter(step.came))
    step.words["expect"] = {name: {"MsgSeqNum": int(told[1])}}
    step.came = {name: {**step.came[name], "MsgSeqNum": int(told[2])}}
    step.wrong = str(logout["Text"])


def _judge(step: DraftStep, behind: Told, *, is_low: bool) -> None:
    """What came of a Logon: a Logout instead of a Logon refuses it, another Logon of ours says that the
    connection ended. One whose number is too low must be refused: then it is a fault to say nothing.
    """
    answer = next(((one, name, held) for one, (name, held) in behind if name in ("Logon", "Logout")), None)
    if answer is None:
        return
    one, name, held = answer
    refused = one.clue.kind is not Kind.SEND and name == "Logout"
    if refused and not is_low:
        step.wrong, step.came = (
            str(held.get("Text", "refused")),
            {"Logout": {"Text": str(held.get("Text", ""))}},
        )
    elif one.clue.kind is Kind.SEND and name == "Logon":
        step.wrong, step.came = "the connection ended, and nothing answered the Logon", {"$lost": True}
    if is_low:
        step.words["expect"] = {"$refused": True}


def _step(step_id: str, seat: Seat, each: Placed, words: Mapping[str, Any]) -> DraftStep:
    return DraftStep(step_id, seat.source, seat.actor, {**seat.words, **words}, [each])


def _due(before: Told) -> int:
    """The number of our next message, after those before it."""
    sent = [fields.get("MsgSeqNum") for each, (_, fields) in before if each.clue.kind is Kind.SEND]
    numbers = [number for number in sent if isinstance(number, int)]
    return numbers[-1] + 1 if numbers else 1


def _last_logon(told: Told, at: int) -> int:
    """Where our Logon before this one stands."""
    logons = [
        n for n, (each, (name, _)) in enumerate(told[:at]) if each.clue.kind is Kind.SEND and name == "Logon"
    ]
    return logons[-1] if logons else 0
