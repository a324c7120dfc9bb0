"""The chain channel: reads of a node, and an actor's transactions."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness.accounts import Account, Register
from harness.channels.contracts import call_data, heavy, load_abi, read_values
from harness.channels.dial import Dial
from harness.channels.node import Node, NodeLostError, NodeRefusedError
from harness.clock import Clock
from harness.errors import CaseError, Place, Problem, TargetError
from harness.wire.jsonrpc import quantity
from harness.world import Intent, Line

GAS_WHERE_IT_REVERTS: Final = 1_000_000
"""A transaction that the node expects to fail is sent all the same: its receipt is what a case is about."""
TIP_WEI: Final = 1_000_000_000
"""What a block's producer is given for a unit of gas where the node has no opinion."""


def load() -> None:
    """Import what makes and reads calls now, so that it does not cost a case a part of its window."""
    load_abi()


def load_signing() -> None:
    """Import what signs transactions now, for the same reason."""
    heavy(_eth_account)


class ChainDriver:
    """Carries out looks (batches of JSON-RPC reads), calls of contracts, and transactions of its account.

    Any thread may ask; one is served at a time, so that an account's transactions are numbered in order.
    """

    def __init__(
        self,
        url: str,
        account: Account | None,
        *,
        dial: Dial,
        chain_id: int,
        clock: Clock,
        register: Register,
    ) -> None:
        self._account = account
        self._chain_id = chain_id
        self._register = register
        self._node = Node(url, dial, clock, chain_id)
        self._lock = threading.Lock()

    def send(self, intent: Intent, line: Line) -> None:
        """Carry out one intent and report its answer, or that none came.

        Raises TargetError where the node has never answered, or nobody's transaction is asked for; CaseError
        where the arguments do not fit the function. A node of another chain is a TargetError at any time.
        """
        with self._lock:
            try:
                if "call" in intent:
                    self._call(intent["call"], line)
                elif "transaction" in intent:
                    self._transact(intent["transaction"], line)
                else:
                    self._look(intent["rpc"], line)
            except NodeLostError as error:
                if not self._node.has_answered:
                    text = f"the chain's node does not answer: {error}. Is it up?"
                    raise TargetError("T001", text) from None
                line.lost(str(error))

    def probe(self) -> None:
        """Nothing: every answer is a sign of life."""

    def close(self) -> None:
        """Close the connections."""
        self._node.close()

    def _look(self, asked: Sequence[Sequence[Any]], line: Line) -> None:
        self._node.prove()
        line.sent({"calls": len(asked)})
        line.answered({"answers": self._node.look([(method, params) for method, params in asked])})

    def _call(self, call: Mapping[str, Any], line: Line) -> None:
        """Read a function of a contract as of the newest block."""
        request = {"to": call["to"], "data": _data(call)}
        self._node.prove()
        line.sent({"eth_call": request})
        answer: dict[str, Any] = {}
        try:
            answer["block"] = self._node.number("eth_blockNumber")
            answer["result"] = self._node.data("eth_call", request, hex(answer["block"]))
            answer["values"] = read_values(call["returns"], answer["result"])
        except NodeRefusedError as refused:
            answer["error"] = refused.error
        except ValueError as error:
            answer["error"] = {"message": str(error)}
        line.answered(answer)

    def _transact(self, wanted: Mapping[str, Any], line: Line) -> None:
        """Fill in what a wallet fills in, sign, and send."""
        account = self._account
        if account is None:
            raise TargetError("T003", "nobody sends this transaction: say whose it is with 'as'")
        sender = account.wallet.address
        transaction = {
            "from": sender,
            "to": wanted["to"],
            "value": int(wanted.get("value_wei", 0)),
            "data": _data(wanted),
        }
        try:
            transaction |= self._filled(transaction)
        except NodeRefusedError as refused:
            line.sent({"transaction": transaction})
            line.answered({"error": refused.error})
            return
        except NodeLostError:
            line.sent({"transaction": transaction})
            raise
        unsigned = {key: value for key, value in transaction.items() if key != "from"}
        signed = heavy(_eth_account).sign_transaction(unsigned, account.wallet.key.secret)
        raw, name = signed.raw_transaction.hex().removeprefix("0x"), "0x" + bytes(signed.hash).hex()
        self._register(f"{account.name}.transaction", raw)
        wire = {"transaction": transaction, "eth_sendRawTransaction": "0x" + raw}
        line.sent(wire, derived={"transaction": name})
        try:
            line.answered({"accepted": self._node.data("eth_sendRawTransaction", "0x" + raw)})
        except NodeRefusedError as refused:
            line.answered({"error": refused.error})

    def _filled(self, transaction: Mapping[str, Any]) -> dict[str, Any]:
        """Number, chain, gas and fees (EIP-1559, with room for two doublings of the base fee)."""
        sender = transaction["from"]
        node = self._node
        nonce = node.number("eth_getTransactionCount", sender, "pending")
        try:
            estimate = {**transaction, "value": hex(transaction["value"])}
            gas = node.number("eth_estimateGas", estimate) * 5 // 4
        except NodeRefusedError:
            gas = GAS_WHERE_IT_REVERTS
        head = node.ask("eth_getBlockByNumber", "latest", False)
        try:
            tip_wei = node.number("eth_maxPriorityFeePerGas")
        except NodeRefusedError:
            tip_wei = TIP_WEI
        fee_wei = 4 * _base_fee_wei(head) + tip_wei
        fees = {"maxFeePerGas": fee_wei, "maxPriorityFeePerGas": tip_wei}
        return {"nonce": nonce, "chainId": self._chain_id, "gas": gas, **fees}


def _base_fee_wei(head: Any) -> int:
    """What the newest block says; none on a chain from before EIP-1559. Raises NodeLostError."""
    try:
        return quantity(head.get("baseFeePerGas", "0x0"))
    except (AttributeError, ValueError):
        raise NodeLostError("T018", "the node answers eth_getBlockByNumber with no block") from None


def _data(call: Mapping[str, Any]) -> str:
    """The data of a call; none where it only moves the chain's own coin."""
    if "function" not in call:
        return "0x"
    try:
        return call_data(call["function"], call["args"])
    except ValueError as error:
        raise CaseError([Problem(Place(f"a call of {call['to']}"), "C024", str(error))]) from None


def _eth_account() -> Any:
    from eth_account import Account as Signer

    return Signer
