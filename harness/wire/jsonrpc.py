"""JSON-RPC reads of a chain as values: the calls of one look, and what its answers mean. No I/O.

A look is a batch of calls that starts with the head's number and, where it reads state, ends with it, so
that a state read across two blocks is noticed. Sources: Ethereum JSON-RPC, EIP-20, EIP-1155.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.wire import ctf

HEAD: Final = ["eth_blockNumber", []]
UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What reading an answer raises that is not what Ethereum JSON-RPC says."""
_QUANTITY: Final = re.compile("0x[0-9a-fA-F]{1,64}")
_ERC20_BALANCE_OF: Final = "0x70a08231"
_ERC1155_BALANCE_OF: Final = "0x00fdd58e"
_ERC20_ALLOWANCE: Final = "0xdd62ed3e"
_ERC1155_IS_APPROVED_FOR_ALL: Final = "0xe985e9c5"


@dataclass(frozen=True, slots=True)
class Log:
    """A decoded log and where it stands; (transaction, index) names it."""

    event: ctf.DecodedEvent
    transaction: str
    index: int
    block: int
    address: str
    block_hash: str = ""

    def view(self) -> dict[str, Any]:
        """What a case sees: the arguments under the event's name, and where the log stands."""
        return {
            self.event.name: self.event.args,
            "transaction": self.transaction,
            "log_index": self.index,
            "block": self.block,
            "address": self.address,
        }


def quantity(result: Any) -> int:
    """A number as JSON-RPC writes it, `0x…`, or one 32-byte word; exact. Raises ValueError for all else."""
    if not isinstance(result, str) or not _QUANTITY.fullmatch(result):
        raise ValueError(f"{result!r} is no number of at most 256 bits")
    return int(result, 16)


def log_calls(names: Sequence[str], from_block: int) -> list[Any]:
    """The look for events of these names since a block. Raises KeyError for a name we do not know."""
    topics = [ctf.topic0(name) for name in names]
    return [HEAD, ["eth_getLogs", [{"fromBlock": hex(from_block), "toBlock": "latest", "topics": [topics]}]]]


def balance_call(token: str, holder: str, token_id: int | None, block: str = "latest") -> list[Any]:
    """One balance in base units, of an ERC-20 or of one id of an ERC-1155; `block` is a tag or 0x number."""
    words = [_address(holder)] if token_id is None else [_address(holder), f"{token_id:064x}"]
    selector = _ERC20_BALANCE_OF if token_id is None else _ERC1155_BALANCE_OF
    return _read_call(token, selector, words, block)


def allowance_call(token: str, owner: str, spender: str, block: str = "latest") -> list[Any]:
    """What `spender` may move of an owner's ERC-20, in base units."""
    return _read_call(token, _ERC20_ALLOWANCE, [_address(owner), _address(spender)], block)


def approval_call(ctf: str, owner: str, operator: str, block: str = "latest") -> list[Any]:
    """Whether `operator` may move all of an owner's ERC-1155: 1 or 0."""
    return _read_call(ctf, _ERC1155_IS_APPROVED_FOR_ALL, [_address(owner), _address(operator)], block)


def _read_call(to: str, selector: str, words: Sequence[str], block: str) -> list[Any]:
    return ["eth_call", [{"to": to, "data": selector + "".join(words)}, block]]


def _address(address: str) -> str:
    return address.removeprefix("0x").lower().rjust(64, "0")


def balance_calls(calls: Sequence[list[Any]]) -> list[Any]:
    """The look for balances, allowances and approvals, between two reads of the head."""
    return [HEAD, *calls, HEAD]


def receipt_calls(transaction: str) -> list[Any]:
    """The look for a transaction's receipt."""
    return [HEAD, ["eth_getTransactionReceipt", [transaction]]]


def failure(wire: Mapping[str, Any]) -> str | None:
    """The first error among a look's answers, as text; None where all were answered."""
    for answer in wire["answers"]:
        error = answer.get("error")
        if error is not None:
            return str(error.get("message", error) if isinstance(error, Mapping) else error)
        if "result" not in answer:
            return "an answer has neither a result nor an error"
    try:
        head(wire)
    except UNREADABLE:
        return "the head's number is none"
    return None


def head(wire: Mapping[str, Any]) -> int:
    """The head's number at the start of a look."""
    return quantity(wire["answers"][0]["result"])


def logs(wire: Mapping[str, Any], confirmations: int = 0) -> tuple[Log, ...]:
    """The logs of a look that we can decode, in the chain's order; a log of an abandoned block is none.

    With `confirmations`, those whose block has so many by the look's head, itself the first.

    Raises one of UNREADABLE where an answer is not what Ethereum JSON-RPC says (the node's fault).
    """
    found = _decoded(wire["answers"][1]["result"])
    if not confirmations:
        return found
    return tuple(log for log in found if _deep(wire, log.block) >= confirmations)


def _deep(wire: Mapping[str, Any], block: int) -> int:
    """How many blocks a block and those on it are, by the head at the start of a look.

    0 where it is above that head: it came after it, or another node told it.
    """
    return max(head(wire) - block + 1, 0)


def _decoded(raw_logs: Sequence[Mapping[str, Any]]) -> tuple[Log, ...]:
    found = []
    for raw in raw_logs:
        event = ctf.decode_log(raw["topics"], raw["data"])
        if event is not None and raw.get("removed") is not True:
            place = quantity(raw["logIndex"]), quantity(raw["blockNumber"])
            address = ctf.checksum_address(raw["address"])
            found.append(Log(event, raw["transactionHash"], *place, address, raw.get("blockHash") or ""))
    return tuple(sorted(found, key=lambda log: (log.block, log.index)))


def receipt(wire: Mapping[str, Any]) -> dict[str, Any]:
    """What a case sees of a receipt: whether it is mined; then its status (1, or 0 where it failed), block
    with hash and confirmations (1 where nothing stands on it), gas and those of its events that we can
    decode.

    Raises one of UNREADABLE where an answer is not what Ethereum JSON-RPC says (the node's fault).
    """
    raw = wire["answers"][1]["result"]
    if raw is None:
        return {"mined": False}
    block = quantity(raw["blockNumber"])
    return {
        "mined": True,
        "status": quantity(raw["status"]),
        "block": block,
        "block_hash": raw["blockHash"],
        "confirmations": _deep(wire, block),
        "transaction": raw["transactionHash"],
        "gas_used": quantity(raw["gasUsed"]),
        "events": [log.view() for log in _decoded(raw["logs"])],
    }


def words(wire: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The numbers of a look at balances, allowances or approvals; None where a block came in between."""
    first, *answers, last = wire["answers"]
    if first["result"] != last["result"]:
        return None
    return tuple(quantity(answer["result"]) for answer in answers)
