"""JSON-RPC reads of a chain as values: the calls of one look, and what its answers mean. No I/O.

A look is a batch of calls that starts with the head's number and, where it reads state, ends with it, so
that a state read across two blocks is noticed. Sources: Ethereum JSON-RPC, EIP-20, EIP-1155.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.wire import ctf

HEAD: Final = ["eth_blockNumber", []]
_ERC20_BALANCE_OF: Final = "0x70a08231"
_ERC1155_BALANCE_OF: Final = "0x00fdd58e"


@dataclass(frozen=True, slots=True)
class Log:
    """A decoded log and where it stands; (transaction, index) names it."""

    event: ctf.DecodedEvent
    transaction: str
    index: int
    block: int
    address: str

    def view(self) -> dict[str, Any]:
        """What a case sees: the arguments under the event's name, and where the log stands."""
        return {
            self.event.name: self.event.args,
            "transaction": self.transaction,
            "log_index": self.index,
            "block": self.block,
            "address": self.address,
        }


def log_calls(names: Sequence[str], from_block: int) -> list[Any]:
    """The look for events of these names since a block. Raises KeyError for a name we do not know."""
    topics = [ctf.topic0(name) for name in names]
    return [HEAD, ["eth_getLogs", [{"fromBlock": hex(from_block), "toBlock": "latest", "topics": [topics]}]]]


def balance_call(token: str, holder: str, token_id: int | None) -> list[Any]:
    """One balance: of an ERC-20, or of one id of an ERC-1155; base units."""
    who = holder.removeprefix("0x").lower().rjust(64, "0")
    data = _ERC20_BALANCE_OF + who if token_id is None else f"{_ERC1155_BALANCE_OF}{who}{token_id:064x}"
    return ["eth_call", [{"to": token, "data": data}, "latest"]]


def balance_calls(calls: Sequence[list[Any]]) -> list[Any]:
    """The look for balances, between two reads of the head."""
    return [HEAD, *calls, HEAD]


def failure(wire: Mapping[str, Any]) -> str | None:
    """The first error among a look's answers, as text; None where all were answered."""
    for answer in wire["answers"]:
        error = answer.get("error")
        if error is not None:
            return str(error.get("message", error) if isinstance(error, Mapping) else error)
        if "result" not in answer:
            return "an answer has neither a result nor an error"
    return None


def head(wire: Mapping[str, Any]) -> int:
    """The head's number at the start of a look."""
    return int(wire["answers"][0]["result"], 16)


def logs(wire: Mapping[str, Any]) -> tuple[Log, ...]:
    """The logs of a look that we can decode, in the chain's order.

    Raises ValueError where an answer is not what Ethereum JSON-RPC says (the node's fault).
    """
    found = []
    for raw in wire["answers"][1]["result"]:
        event = ctf.decode_log(raw["topics"], raw["data"])
        if event is not None:
            place = int(raw["logIndex"], 16), int(raw["blockNumber"], 16)
            address = ctf.checksum_address(raw["address"])
            found.append(Log(event, raw["transactionHash"], *place, address))
    return tuple(sorted(found, key=lambda log: (log.block, log.index)))


def balances(wire: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The balances of a look in base units; None where a block came in between."""
    first, *answers, last = wire["answers"]
    if first["result"] != last["result"]:
        return None
    return tuple(int(answer["result"], 16) for answer in answers)
