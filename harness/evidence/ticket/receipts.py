"""What a chain's node knows of the transactions that a ticket names: receipts as clues, and each told.

A receipt stands at its block's time, which the block of that very hash tells. A transaction that failed is
run once more, as a read, on the state before its block, so that the node says what reverted it: the state
inside the block may have been another, and the text says so. Sources: Ethereum JSON-RPC, Solidity ABI (Error
and Panic).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.clock import iso_utc
from harness.errors import EvidenceError, Place
from harness.evidence.ticket.clues import CHAIN, Clue, Reading, Stamp, Zone
from harness.evidence.ticket.hashes import Named
from harness.limits import TICKET_TRANSACTIONS
from harness.model import Kind
from harness.wire import jsonrpc

Ask = Callable[[Sequence[tuple[str, Sequence[Any]]]], Sequence[Mapping[str, Any]]]
"""Asks a node a batch of reads: an answer each, with `result` or `error`."""

FORM: Final = "receipts"
_BATCH: Final = 20
_SECOND_US: Final = 1_000_000
_ERROR: Final = "0x08c379a0"
_PANIC: Final = "0x4e487b71"
_MOVES: Final = ("Transfer", "TransferSingle", "TransferBatch")


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the node told: the receipts as a reading, and a line on each hash."""

    reading: Reading
    told: tuple[str, ...]


def look_up(named: Sequence[Named], ask: Ask, chain_id: int) -> LookedUp:
    """Look up every hash. Raises EvidenceError I035 where the node says what is no JSON-RPC of Ethereum's."""
    clues: list[Clue] = []
    told: list[str] = []
    path = f"chain {chain_id}"
    try:
        for start in range(0, min(len(named), TICKET_TRANSACTIONS), _BATCH):
            for each, found in _found(named[start : min(start + _BATCH, TICKET_TRANSACTIONS)], ask):
                if found is not None:
                    clues += _clues(path, each.value, found, len(clues))
                told.append(f"{each.shown} ({each.place}): {_told(found, chain_id)}")
    except jsonrpc.UNREADABLE as error:
        raise EvidenceError(
            "I035", f"the chain's node answers what is no receipt or block: {error}"
        ) from None
    for each in named[TICKET_TRANSACTIONS:]:
        told.append(f"{each.shown} ({each.place}): not looked up: it is past {TICKET_TRANSACTIONS} of them")
    return LookedUp(Reading(path, FORM, tuple(clues)), tuple(told))


@dataclass(frozen=True, slots=True)
class _Found:
    """A transaction that the node knows; `receipt` is the recorded look, None while it is in no block."""

    wire: Mapping[str, Any] | None
    at_us: int = 0
    why: str = ""

    @property
    def view(self) -> Mapping[str, Any]:
        """What a case sees of it."""
        return {} if self.wire is None else jsonrpc.receipt(self.wire)


def _found(named: Sequence[Named], ask: Ask) -> Iterator[tuple[Named, _Found | None]]:
    looks = [("eth_getTransactionReceipt", [each.value]) for each in named]
    whole = [("eth_getTransactionByHash", [each.value]) for each in named]
    head, *answers = ask([("eth_blockNumber", []), *looks, *whole])
    receipts, sent = answers[: len(named)], answers[len(named) :]
    for each, receipt, transaction in zip(named, receipts, sent, strict=True):
        wire = {"answers": [dict(head), dict(receipt)]}
        if (failure := jsonrpc.failure(wire)) is not None:
            raise ValueError(failure)
        if receipt["result"] is not None:
            yield each, _mined(wire, transaction.get("result"), ask)
        else:
            yield each, None if transaction.get("result") is None else _Found(None)


def _mined(wire: Mapping[str, Any], transaction: Any, ask: Ask) -> _Found:
    receipt = wire["answers"][1]["result"]
    (answer,) = ask([("eth_getBlockByHash", [receipt["blockHash"], False])])
    block = answer["result"]
    if jsonrpc.quantity(block["number"]) != jsonrpc.quantity(receipt["blockNumber"]):
        raise ValueError("a receipt and its block have two numbers")
    why = "" if jsonrpc.quantity(receipt["status"]) else _why(receipt, transaction, ask)
    return _Found(wire, jsonrpc.quantity(block["timestamp"]) * _SECOND_US, why)


def _why(receipt: Mapping[str, Any], transaction: Any, ask: Ask) -> str:
    """What can be told of a revert: its gas, and what the same call says on the state before its block."""
    if not isinstance(transaction, Mapping):
        return "reverted"
    if jsonrpc.quantity(receipt["gasUsed"]) == jsonrpc.quantity(transaction["gas"]):
        return "reverted: it used all of its gas"
    call = {"from": transaction["from"], "to": transaction["to"], "data": transaction["input"]}
    call |= {"value": transaction.get("value", "0x0"), "gas": transaction["gas"]}
    before = hex(jsonrpc.quantity(receipt["blockNumber"]) - 1)
    (answer,) = ask([("eth_call", [call, before])])
    error = answer.get("error")
    if error is None:
        return "reverted: on the state before its block it would have succeeded"
    return f"reverted: {_reason(error)} (as the state before its block says)"


def _reason(error: Any) -> str:
    data = error.get("data") if isinstance(error, Mapping) else None
    if isinstance(data, str) and data.startswith(_ERROR) and len(data) > len(_ERROR) + 128:
        size = int(data[len(_ERROR) + 64 : len(_ERROR) + 128], 16)
        text = data[len(_ERROR) + 128 :][: 2 * min(size, 200)]
        return bytes.fromhex(text).decode(errors="replace")
    if isinstance(data, str) and data.startswith(_PANIC):
        return f"panic {int(data[len(_PANIC) :], 16):#x}"
    if isinstance(data, str) and len(data) >= len(_ERROR):
        return f"with the contract's error {data[: len(_ERROR)]}"
    return str(error.get("message", error) if isinstance(error, Mapping) else error)[:120]


def _clues(path: str, name: str, found: _Found, count: int) -> list[Clue]:
    """The look as it was made, at its block's time; none where it is in no block."""
    if found.wire is None:
        return []
    stamp = Stamp(found.at_us, Zone.UTC, _SECOND_US)
    sent = {"transaction": name, "wire": {"calls": len(found.wire["answers"])}}
    came = {"wire": found.wire, "why": found.why}
    place, pair = Place(path), count + 1
    return [
        Clue(place, Kind.SEND, CHAIN, sent, stamp, pair),
        Clue(place, Kind.ANSWER, CHAIN, came, stamp, pair),
    ]


def _told(found: _Found | None, chain_id: int) -> str:
    if found is None:
        return f"no transaction of chain {chain_id}: an order's id, another chain's, or one that was dropped"
    if found.wire is None:
        return "a transaction that is in no block yet"
    view = found.view
    state = "status 1" if view["status"] else f"status 0, {found.why}"
    moves = [text for event in view["events"] if (text := moved(event))]
    more = f"; and {len(moves) - 3} more" if len(moves) > 3 else ""
    listed = f": {'; '.join(moves[:3])}{more}" if moves else ""
    return f"block {view['block']}, {iso_utc(found.at_us)}, {state}{listed}"


def moved(event: Mapping[str, Any]) -> str:
    """A transfer in words: ERC-20 or ERC-1155, in base units; "" for another event."""
    name = next((each for each in _MOVES if each in event), "")
    if not name:
        return ""
    args = event[name]
    what = f"{args.get('value', args.get('values'))}"
    what += f" of {args.get('id', args.get('ids'))}" if name != "Transfer" else f" of {event['address']}"
    standard = "ERC-20" if name == "Transfer" else "ERC-1155"
    return f"{standard} {what} from {args['from']} to {args['to']}"
