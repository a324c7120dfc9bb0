"""What accounts hold on the chain and what the exchange may take of it: reads of its contracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from harness.channels.contracts import call_data, read_values
from harness.channels.node import Node, NodeLostError, NodeRefusedError
from harness.errors import TargetError
from harness.wire.ctf import Contracts

COLLATERAL: Final = "collateral"
ENOUGH: Final = 1 << 128
"""An allowance that nobody uses up; wallets give 2**256 - 1, and some tokens count that down."""
EVERYTHING: Final = (1 << 256) - 1

Question = tuple[str, str, Sequence[Any], str]
"""A contract, a function of it, its arguments, and the type of what it returns."""


class Ledgers:
    """Reads of one node. Raises TargetError T045 where it does not answer them."""

    def __init__(self, node: Node, contracts: Contracts) -> None:
        self._node = node
        self._contracts = contracts

    def balances(self, wanted: Sequence[tuple[str, str]]) -> list[int]:
        """What addresses hold of assets, in base units: `collateral`, or a token by its id."""
        return [int(value) for value in self._values([self._balance(*each) for each in wanted])]

    def allowed(self, owner: str, spenders: Sequence[str]) -> dict[tuple[str, str], bool]:
        """Whether each spender may take what an owner holds, of collateral and of shares (`ctf`)."""
        contracts = self._contracts
        asked: list[Question] = []
        for spender in spenders:
            asked.append((contracts.collateral, "allowance(address,address)", (owner, spender), "uint256"))
            asked.append((contracts.ctf, "isApprovedForAll(address,address)", (owner, spender), "bool"))
        values = iter(self._values(asked))
        found: dict[tuple[str, str], bool] = {}
        for spender in spenders:
            found[spender, COLLATERAL] = int(next(values)) >= ENOUGH
            found[spender, "ctf"] = bool(next(values))
        return found

    def gas_wei(self, addresses: Sequence[str]) -> list[int]:
        """What addresses have to pay for transactions with."""
        return [self._number("eth_getBalance", address, "latest") for address in addresses]

    def receipt(self, transaction: str) -> dict[str, Any] | None:
        """A transaction's receipt; None while it has none."""
        try:
            found = self._node.ask("eth_getTransactionReceipt", transaction)
        except (NodeRefusedError, NodeLostError) as error:
            raise _unread(str(error)) from None
        return found if isinstance(found, dict) else None

    def _balance(self, owner: str, asset: str) -> Question:
        contracts = self._contracts
        if asset == COLLATERAL:
            return contracts.collateral, "balanceOf(address)", (owner,), "uint256"
        return contracts.ctf, "balanceOf(address,uint256)", (owner, asset), "uint256"

    def _values(self, asked: Sequence[Question]) -> list[Any]:
        calls = [
            ("eth_call", ({"to": to, "data": call_data(function, arguments)}, "latest"))
            for to, function, arguments, _ in asked
        ]
        try:
            answers = self._node.look(calls) if calls else []
            return [
                read_values([returns], str(answer.get("result")))[0]
                for answer, (_, _, _, returns) in zip(answers, asked, strict=True)
            ]
        except (NodeLostError, ValueError) as error:
            raise _unread(str(error)) from None

    def _number(self, method: str, *params: Any) -> int:
        try:
            return self._node.number(method, *params)
        except (NodeRefusedError, NodeLostError) as error:
            raise _unread(str(error)) from None


def _unread(why: str) -> TargetError:
    text = "balances and approvals cannot be read from the chain"
    return TargetError("T045", f"{text}: {why}. Are the target's `contracts` those of its chain?")
