"""Calls and transactions of customers on the venue's node, by a function's text, and their receipts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_hash.auto import keccak

from harness.venue.abi import call_data
from harness.wire.ctf import CONTRACTS_137 as AT

from .bench import Bench, eventually

ROOT = bytes(32)
BOTH = [1, 2]
GAS = "0x200000"


@dataclass(slots=True)
class Onchain:
    """One venue's chain, as customers use it."""

    bench: Bench

    def read(self, to: str, signature: str, kind: str, *arguments: Any) -> Any:
        """The one value that a view returns."""
        asked = {"to": to, "data": call_data(signature, arguments)}
        return decode([kind], bytes.fromhex(self.bench.rpc("eth_call", asked, "latest")[2:]))[0]

    def refusal(self, sender: str, to: str, signature: str, *arguments: Any) -> str:
        """The data with which a call reverts; "" where it does not."""
        asked = {"from": sender, "to": to, "data": call_data(signature, arguments)}
        body = {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [asked, "latest"]}
        answer = self.bench.http.post(self.bench.ready["chain"], json=body).json()
        return str(answer.get("error", {}).get("data", ""))

    def send(self, sender: str, to: str, signature: str, *arguments: Any) -> dict[str, Any]:
        """The receipt of a transaction, mined in the venue's next block, whatever became of it."""
        sent = {"from": sender, "to": to, "data": call_data(signature, arguments), "gas": GAS}
        self.bench.rpc("anvil_impersonateAccount", sender)
        name = self.bench.rpc("eth_sendTransaction", sent)
        self.bench.rpc("anvil_stopImpersonatingAccount", sender)
        receipt: dict[str, Any] = eventually(lambda: self.bench.rpc("eth_getTransactionReceipt", name))
        return receipt

    def done(self, sender: str, to: str, signature: str, *arguments: Any) -> dict[str, Any]:
        """The receipt of a transaction that must succeed."""
        receipt = self.send(sender, to, signature, *arguments)
        assert receipt["status"] == "0x1", f"{signature} reverted: {receipt}"
        return receipt

    def dollars(self, token: str, owner: str) -> int:
        """An address' balance of an ERC-20, in base units."""
        found: int = self.read(token, "balanceOf(address)", "uint256", owner)
        return found

    def shares(self, owner: str, token: str | int) -> int:
        """An address' shares of one token id, in base units."""
        found: int = self.read(AT.ctf, "balanceOf(address,uint256)", "uint256", owner, int(token))
        return found

    def approve(self, owner: str, token: str, spender: str, amount: int = (1 << 256) - 1) -> None:
        self.done(owner, token, "approve(address,uint256)", spender, amount)

    def approve_shares(self, owner: str, operator: str) -> None:
        self.done(owner, AT.ctf, "setApprovalForAll(address,bool)", operator, True)


def selector(error: str) -> str:
    """The data of a custom error without arguments."""
    return "0x" + keccak(f"{error}()".encode()).hex()[:8]


def topics(receipt: dict[str, Any], at: str) -> list[str]:
    """The first topics of the logs that one contract wrote, in their order."""
    return [log["topics"][0] for log in receipt["logs"] if log["address"] == at.lower()]


def words(log: dict[str, Any]) -> list[int]:
    """A log's data, as numbers of 32 bytes."""
    raw = bytes.fromhex(log["data"][2:])
    return [int.from_bytes(raw[at : at + 32], "big") for at in range(0, len(raw), 32)]
