"""The chain channel: reads of a node through web3's provider, and an actor's transactions."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness.accounts import Account, Register
from harness.channels.contracts import call_data, heavy, read_values
from harness.errors import CaseError, Place, Problem, TargetError
from harness.world import Intent, Line

CALL_S: Final = 10
"""One look at the chain takes no longer."""
GAS_WHERE_IT_REVERTS: Final = 1_000_000
"""A transaction that the node expects to fail is sent all the same: its receipt is what a case is about."""
TIP_WEI: Final = 1_000_000_000
"""What a block's producer is given for a unit of gas where the node has no opinion."""


def _http_provider() -> Any:
    from web3 import HTTPProvider

    return HTTPProvider


def load() -> None:
    """Import web3 now, so that it does not cost a case a second of its window."""
    heavy(_http_provider)


def load_signing() -> None:
    """Import what signs transactions now, for the same reason."""
    heavy(_eth_account)


class NodeRefused(Exception):
    """The node answered a call with an error; it is kept as the node said it."""

    def __init__(self, error: Any) -> None:
        super().__init__(str(error))
        self.error = error


class ChainDriver:
    """Carries out looks (batches of JSON-RPC reads), calls of contracts, and transactions of its account.

    Importing web3 takes a second, so it waits. Any thread may ask; one is served at a time, so that an
    account's transactions are numbered in order.
    """

    def __init__(self, url: str, account: Account | None, chain_id: int, register: Register) -> None:
        self._url = url
        self._account = account
        self._chain_id = chain_id
        self._register = register
        self._provider = heavy(_http_provider)(
            url, request_kwargs={"timeout": CALL_S}, exception_retry_configuration=None
        )
        self._lock = threading.Lock()
        self._opened = False

    def send(self, intent: Intent, line: Line) -> None:
        """Carry out one intent and report its answer, or that none came.

        Raises TargetError where the node has never answered, or nobody's transaction is asked for; CaseError
        where the arguments do not fit the function.
        """
        with self._lock:
            try:
                if "call" in intent:
                    self._call(intent["call"], line)
                elif "transaction" in intent:
                    self._transact(intent["transaction"], line)
                else:
                    self._look(intent["rpc"], line)
            except (OSError, ValueError) as error:
                if not self._opened:
                    text = f"the chain's node does not answer: {type(error).__name__}. Is it up?"
                    raise TargetError("T001", text) from None
                line.lost(f"{type(error).__name__}: {error}")

    def probe(self) -> None:
        """Nothing: every answer is a sign of life."""

    def close(self) -> None:
        """Close the provider's connections."""
        if hasattr(self._provider, "disconnect"):
            self._provider.disconnect()

    def _look(self, asked: Sequence[Sequence[Any]], line: Line) -> None:
        calls = [(method, params) for method, params in asked]
        line.sent({"calls": len(calls)})
        answers: Any = self._provider.make_batch_request(calls)
        if not isinstance(answers, list) or len(answers) != len(calls):
            line.lost(f"the node answered a batch of {len(calls)} with {type(answers).__name__}")
            return
        self._opened = True
        kept = [{key: answer[key] for key in ("result", "error") if key in answer} for answer in answers]
        line.answered({"answers": kept})

    def _call(self, call: Mapping[str, Any], line: Line) -> None:
        """Read a function of a contract as of the newest block."""
        request = {"to": call["to"], "data": _data(call)}
        line.sent({"eth_call": request})
        answer: dict[str, Any] = {}
        try:
            answer["block"] = int(self._ask("eth_blockNumber"), 16)
            answer["result"] = self._ask("eth_call", request, hex(answer["block"]))
            answer["values"] = read_values(call["returns"], answer["result"])
        except NodeRefused as refused:
            answer["error"] = refused.error
        except ValueError as error:
            if "result" not in answer:
                raise
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
        except NodeRefused as refused:
            line.sent({"transaction": transaction})
            line.answered({"error": refused.error})
            return
        except (OSError, ValueError):
            line.sent({"transaction": transaction})
            raise
        unsigned = {key: value for key, value in transaction.items() if key != "from"}
        signed = heavy(_eth_account).sign_transaction(unsigned, account.wallet.key.secret)
        raw, name = signed.raw_transaction.hex().removeprefix("0x"), "0x" + bytes(signed.hash).hex()
        self._register(f"{account.name}.transaction", raw)
        wire = {"transaction": transaction, "eth_sendRawTransaction": "0x" + raw}
        line.sent(wire, derived={"transaction": name})
        try:
            line.answered({"accepted": self._ask("eth_sendRawTransaction", "0x" + raw)})
        except NodeRefused as refused:
            line.answered({"error": refused.error})

    def _filled(self, transaction: Mapping[str, Any]) -> dict[str, Any]:
        """Number, chain, gas and fees (EIP-1559, with room for two doublings of the base fee)."""
        sender = transaction["from"]
        nonce = int(self._ask("eth_getTransactionCount", sender, "pending"), 16)
        try:
            estimate = {**transaction, "value": hex(transaction["value"])}
            gas = int(self._ask("eth_estimateGas", estimate), 16) * 5 // 4
        except NodeRefused:
            gas = GAS_WHERE_IT_REVERTS
        head = self._ask("eth_getBlockByNumber", "latest", False)
        try:
            tip_wei = int(self._ask("eth_maxPriorityFeePerGas"), 16)
        except NodeRefused:
            tip_wei = TIP_WEI
        fee_wei = 4 * int(head.get("baseFeePerGas", "0x0"), 16) + tip_wei
        fees = {"maxFeePerGas": fee_wei, "maxPriorityFeePerGas": tip_wei}
        return {"nonce": nonce, "chainId": self._chain_id, "gas": gas, **fees}

    def _ask(self, method: str, *params: Any) -> Any:
        """One call of the node. Raises NodeRefused for an error in its answer."""
        answer = self._provider.make_request(method, list(params))
        if "error" in answer:
            raise NodeRefused(answer["error"])
        if "result" not in answer:
            raise ValueError(f"the node answers {method} with {answer!r}")
        self._opened = True
        return answer["result"]


def _data(call: Mapping[str, Any]) -> str:
    try:
        return call_data(call["function"], call["args"])
    except ValueError as error:
        raise CaseError([Problem(Place(f"a call of {call['to']}"), "C024", str(error))]) from None


def _eth_account() -> Any:
    from eth_account import Account as Signer

    return Signer
