"""Steps of a draft for what a chain says: a receipt of each transaction, and what it moved of whose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any, Final

from harness.drafting.holdings import is_of_account
from harness.drafting.people import People
from harness.drafting.steps import DraftStep, Names, texts_in
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import CHAIN
from harness.model import Kind
from harness.wire import jsonrpc
from harness.wire.ctf import CONTRACTS_137

_TOLD: Final = {
    "Transfer": ("from", "to", "value"),
    "TransferSingle": ("from", "to", "value"),
    "Approval": ("owner", "spender", "value"),
    "ApprovalForAll": ("owner", "operator", "approved"),
    "PositionSplit": ("stakeholder", "amount"),
    "PositionsMerge": ("stakeholder", "amount"),
    "PayoutRedemption": ("redeemer", "payout"),
}
"""Events that say what an account got or gave, with the arguments that say it."""
_REFERENCES: Final = frozenset(("from", "to", "owner", "spender", "operator", "stakeholder", "redeemer"))
_APPROVED: Final = frozenset(("spender", "operator"))
_DOCUMENTED: Final = frozenset(astuple(CONTRACTS_137))
"""The exchange's contracts: who approves one is told so, also where nobody knows whose account it is."""


def receipt_steps(
    placed: Iterable[Placed], people: People, names: Names, others: Sequence[DraftStep]
) -> list[DraftStep]:
    """A step for each transaction that was looked up.

    A receipt stands at its block's time, which is in whole seconds, but never before what told its hash.
    """
    sends: dict[tuple[str, int], Placed] = {}
    steps: list[DraftStep] = []
    for each in placed:
        if each.clue.channel != CHAIN:
            continue
        key = each.clue.place.path, each.clue.pair
        if each.clue.kind is Kind.SEND and not is_of_account(each):
            sends[key] = each
        elif key in sends:
            steps.append(_step(sends[key], each, people, names, others))
    return steps


def _step(
    send: Placed, answer: Placed, people: People, names: Names, others: Sequence[DraftStep]
) -> DraftStep:
    name = str(send.clue.data["transaction"])
    at_us = max((send.at_us, *(step.until_us + 1 for step in others if _tells(step, name))))
    view = jsonrpc.receipt(answer.clue.data["wire"])
    wrong = "" if view["status"] else str(answer.clue.data["why"])
    words: dict[str, Any] = {"chain": "receipt", "transaction": name, "within": ""}
    words["expect"] = {"mined": True, "status": 1}
    seen = next(_seen(view["events"], people), None)
    if seen is not None:
        words["expect"]["events"] = {"$some": seen}
    step = DraftStep(names.free("reverted" if wrong else "settled"), "chain", "", words)
    step.placed = [replace(send, at_us=at_us), replace(answer, at_us=at_us)]
    step.intent = {"rpc": jsonrpc.receipt_calls(name)}
    step.came = {"mined": True, "status": view["status"]}
    step.wrong = wrong
    return step


def _tells(step: DraftStep, name: str) -> bool:
    return any(text.lower() == name for _, text in texts_in(step.came))


def _seen(events: Iterable[Mapping[str, Any]], people: People) -> Iterator[dict[str, Any]]:
    """What the events say of accounts that are known, each as an expectation."""
    for event in events:
        kind = next((each for each in _TOLD if each in event), None)
        if kind is None:
            continue
        told: dict[str, Any] = {}
        for part in _TOLD[kind]:
            value = event[kind][part]
            reference = people.reference(value) if part in _REFERENCES else None
            if part in _APPROVED and value in _DOCUMENTED:
                reference = value
            if reference is not None or part not in _REFERENCES:
                told[part] = reference or value
        if any(part in _REFERENCES for part in told):
            yield {kind: told}
