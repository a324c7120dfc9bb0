"""What a node says that has not got the newest blocks, made of what one says that has (Ethereum JSON-RPC)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Ask = Callable[[str, list[Any]], Awaitable[dict[str, Any]]]
"""Asks the node: method and parameters; answers with the reply's `result` or `error`."""

_STATE_AT: Final[Mapping[str, int]] = {
    "eth_getBalance": 1,
    "eth_getCode": 1,
    "eth_getTransactionCount": 1,
    "eth_call": 1,
    "eth_estimateGas": 1,
    "eth_createAccessList": 1,
    "eth_feeHistory": 1,
    "eth_getStorageAt": 2,
    "eth_getProof": 2,
}
"""Which parameter says as of which block the state is read; left out it is the newest."""
_BLOCK_AT: Final = (
    *("eth_getBlockByNumber", "eth_getBlockTransactionCountByNumber", "eth_getBlockReceipts"),
    "eth_getTransactionByBlockNumberAndIndex",
)
"""Whose first parameter is a block's number."""
_PLACED: Final[Mapping[str, str]] = {
    "eth_getBlockByHash": "number",
    "eth_getTransactionReceipt": "blockNumber",
    "eth_getTransactionByBlockHashAndIndex": "blockNumber",
}
"""Whose answer says its block's number: there is none of a block that is not there."""
_NEWEST: Final = ("latest", "pending", "safe", "finalized", None)
_NO_HEADER: Final = {"error": {"code": -32000, "message": "header not found"}}
_UNKNOWN: Final = {"error": {"code": -32000, "message": "unknown block"}}
_NOWHERE: Final = {"blockHash": None, "blockNumber": None, "transactionIndex": None}


@dataclass(frozen=True, slots=True)
class Lagging:
    """A node whose newest block is `head`; `ask` reaches one that has all."""

    head: int
    ask: Ask

    async def answer(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        """The reply's `result` or `error`. What speaks of no block is the other's."""
        if method == "eth_blockNumber":
            return {"result": hex(self.head)}
        if method in _STATE_AT:
            return await self._state(method, parameters)
        if method in _BLOCK_AT and parameters:
            number = self._number(parameters[0])
            if number is not None and number > self.head:
                return {"result": None}
            return await self.ask(method, [parameters[0] if number is None else hex(number), *parameters[1:]])
        if method == "eth_getLogs" and parameters and isinstance(parameters[0], dict):
            return await self._logs(parameters[0])
        reply = await self.ask(method, parameters)
        found = reply.get("result")
        if not isinstance(found, dict):
            return reply
        if method == "eth_getTransactionByHash" and self._later(found.get("blockNumber")):
            return {"result": {**found, **_NOWHERE}}  # it heard of the transaction, and not of its block
        if method in _PLACED and self._later(found.get(_PLACED[method])):
            return {"result": None}
        return reply

    async def _state(self, method: str, parameters: list[Any]) -> dict[str, Any]:
        at = _STATE_AT[method]
        wanted = parameters[at] if len(parameters) > at else None
        if isinstance(wanted, dict) and "blockHash" in wanted:
            late = await self._later_hash(wanted["blockHash"])
            return _NO_HEADER if late else await self.ask(method, parameters)
        number = self._number(wanted.get("blockNumber") if isinstance(wanted, dict) else wanted)
        if number is None or len(parameters) < at:
            return await self.ask(method, parameters)
        if number > self.head:
            return _NO_HEADER
        return await self.ask(method, [*parameters[:at], hex(number), *parameters[at + 1 :]])

    async def _logs(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if "blockHash" in wanted:
            late = await self._later_hash(wanted["blockHash"])
            return _UNKNOWN if late else await self.ask("eth_getLogs", [wanted])
        begin, end = (self._number(wanted.get(name)) for name in ("fromBlock", "toBlock"))
        if begin is not None and begin > self.head:
            return {"result": []}
        told = dict(wanted)
        if begin is not None:
            told["fromBlock"] = hex(begin)
        if end is not None:
            told["toBlock"] = hex(min(end, self.head))
        return await self.ask("eth_getLogs", [told])

    def _number(self, name: Any) -> int | None:
        """The number of a block that is named by number or as the newest; None of any other name."""
        if name in _NEWEST:
            return self.head
        try:
            return int(name, 16)
        except (TypeError, ValueError):
            return None

    def _later(self, number: Any) -> bool:
        return isinstance(number, str) and int(number, 16) > self.head

    async def _later_hash(self, block_hash: Any) -> bool:
        found = (await self.ask("eth_getBlockByHash", [block_hash, False])).get("result")
        return isinstance(found, dict) and self._later(found.get("number"))
