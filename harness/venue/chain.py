"""The exchange's contracts on the node: placed at their documented addresses, read and driven."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.venue.abi import call_data, read_answer
from harness.venue.faults import VenueError
from harness.venue.nodemoods import NodeMoods
from harness.venue.reasons import reason_of
from harness.venue.rpc import Rpc, RpcError
from harness.wire.ctf import CONTRACTS_137, Contracts, checksum_address

ORDER_TUPLE = "(uint256,address,address,uint256,uint256,uint256,uint8,uint8,uint256,bytes32,bytes32,bytes)"
MATCH_ORDERS = f"matchOrders(bytes32,{ORDER_TUPLE},{ORDER_TUPLE}[],uint256,uint256[],uint256,uint256[])"
UINT256_MAX = (1 << 256) - 1
_GAS = 1_000_000  # no call of the set-up comes near; given, so that the node does not have to estimate
_GAS_FLOOR_WEI = 10**17
_GAS_GIFT_WEI = 10**18
_HEAD_S = 0.25  # so late is a block seen that somebody had the node itself make


@dataclass(frozen=True, slots=True)
class Head:
    """One block as its place in the chain."""

    number: int
    hash: str
    parent: str


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction to send: who, to which contract, which function."""

    sender: str
    to: str
    signature: str
    arguments: tuple[Any, ...]


class Chain:
    """What the venue does on chain. `operator` runs the exchange, mints and answers for conditions."""

    def __init__(
        self,
        rpc: Rpc,
        operator: str,
        contracts: Contracts = CONTRACTS_137,
        stamp: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.rpc = rpc
        self.operator = operator
        self.contracts = contracts
        self._stamp = stamp  # what a block is stamped with (Unix seconds); None: with the node's own time
        self.sending = asyncio.Lock()  # the node numbers an account's transactions: one at a time
        self.whole = asyncio.Event()  # not set while a branch is exchanged for another: readers wait
        self.whole.set()
        self.still = asyncio.Lock()
        """Held while blocks are made or taken back, and while a contract is read: never both at once.

        The node answers a read as of its newest block, where that waits for the next one, with the state
        after the next one.
        """
        self.blocks_made = 0
        """How often blocks were made here or taken back: nothing else changes the state."""
        self._head: Head | None = None
        self._head_as_of = 0
        self._head_until_s = 0.0
        self.moods = NodeMoods()
        """What the node does wrong: on the customers' port, and to the exchange's settlements."""
        self.set_up: set[str] = set()
        """The transactions that made a test's ground: conditions, money, approvals, payouts."""
        self.gassed: set[str] = set()
        """The addresses that were given gas, which is written to the state and in no block."""

    async def block_number(self) -> int:
        """The newest block."""
        return int(await self._ask("eth_blockNumber"), 16)

    async def head(self) -> Head:
        """The newest block. The node is asked again only where there can be another."""
        as_of, now_s = self.blocks_made, asyncio.get_running_loop().time()
        if self._head is None or as_of != self._head_as_of or now_s >= self._head_until_s:
            head = await self._block("eth_getBlockByNumber", "latest")
            assert head is not None  # there is a first block
            self._head, self._head_as_of, self._head_until_s = head, as_of, now_s + _HEAD_S
        return self._head

    async def block(self, block_hash: str) -> Head | None:
        """A block by its hash; None where the node does not hold it (any more)."""
        return await self._block("eth_getBlockByHash", block_hash)

    async def block_hash(self, number: int) -> str | None:
        """The hash of the block of that number; None above the newest."""
        found = await self._block("eth_getBlockByNumber", hex(number))
        return None if found is None else found.hash

    async def _block(self, method: str, name: str) -> Head | None:
        found = await self._ask(method, name, False)
        return None if found is None else Head(int(found["number"], 16), found["hash"], found["parentHash"])

    async def knows(self, transaction_hash: str) -> bool:
        """Whether a transaction is in a block or waits for one."""
        return await self._ask("eth_getTransactionByHash", transaction_hash) is not None

    async def _ask(self, method: str, *params: Any) -> Any:
        await self.whole.wait()
        return await self.rpc.call(method, *params)

    async def receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        """A transaction's receipt; None while it is not mined."""
        answer: dict[str, Any] | None = await self._ask("eth_getTransactionReceipt", transaction_hash)
        return answer

    async def revert_reason(self, transaction_hash: str) -> str:
        """Why a mined transaction reverted; "" where the contract gave no reason or the node knows none."""
        try:
            frame = await self._ask("debug_traceTransaction", transaction_hash, {"tracer": "callTracer"})
        except RpcError:  # its block was taken back meanwhile
            return ""
        return reason_of(frame)

    async def read(
        self, to: str, signature: str, kind: str, *arguments: Any, block: int | None = None
    ) -> Any:
        """Call a view and return its one value, as of `block` (None: the newest)."""
        request = {"to": to, "data": call_data(signature, arguments)}
        async with self.still:
            answer = await self._ask("eth_call", request, _tag(block))
        return read_answer(kind, answer)

    async def collateral(self, owner: str, block: int | None = None) -> int:
        """An address' pUSD, in base units."""
        found: int = await self.read(
            self.contracts.collateral, "balanceOf(address)", "uint256", owner, block=block
        )
        return found

    async def shares(self, owner: str, token: int, block: int | None = None) -> int:
        """An address' shares of one token, in base units."""
        signature = "balanceOf(address,uint256)"
        found: int = await self.read(self.contracts.ctf, signature, "uint256", owner, token, block=block)
        return found

    async def collateral_allowance(self, owner: str, spender: str, block: int | None = None) -> int:
        """How much pUSD a contract may take from an address."""
        signature = "allowance(address,address)"
        found: int = await self.read(
            self.contracts.collateral, signature, "uint256", owner, spender, block=block
        )
        return found

    async def shares_allowance(self, owner: str, spender: str, block: int | None = None) -> int:
        """Whether a contract may take an address' shares: all of them or none."""
        signature = "isApprovedForAll(address,address)"
        allowed = await self.read(self.contracts.ctf, signature, "bool", owner, spender, block=block)
        return UINT256_MAX if allowed else 0

    async def send(self, call: Call, gas: int) -> str:
        """Send a transaction from an account the node holds; returns its hash before it is mined."""
        async with self.sending:
            return await self.submit(call, gas)

    async def submit(self, call: Call, gas: int, nonce: int | None = None) -> str:
        """The same for who holds `sending`; with a `nonce`, the transaction has that number."""
        data = call_data(call.signature, call.arguments)
        request = {"from": call.sender, "to": call.to, "data": data, "gas": hex(gas)}
        if nonce is not None:
            request["nonce"] = hex(nonce)
        answer: str = await self.rpc.call("eth_sendTransaction", request)
        return answer

    async def nonce(self, sender: str, block: int | None = None) -> int:
        """The number of an account's next transaction; of what waits for a block, unless told as of which."""
        return int(
            await self._ask("eth_getTransactionCount", sender, "pending" if block is None else hex(block)), 16
        )

    async def last_sent(self, call: Call) -> str | None:
        """The hash of an account's newest transaction, where that is this call."""
        nonce = await self.nonce(call.sender)
        if not nonce:
            return None
        found = await self._ask("eth_getTransactionBySenderAndNonce", call.sender, hex(nonce - 1))
        data = "0x" + call_data(call.signature, call.arguments).removeprefix("0x")
        return found["hash"] if found is not None and found["input"] == data else None

    async def mine(self) -> None:
        """Make one block."""
        async with self.still:
            await self.make_block()

    async def make_block(self) -> None:
        """Make one block, for who holds `still`."""
        stamp = self._stamp()
        if stamp is not None:
            with contextlib.suppress(RpcError):  # somebody had the node itself make a block that is later
                await self.rpc.call("evm_setNextBlockTimestamp", stamp)
        try:
            await self.rpc.call("evm_mine")
        finally:
            self.blocks_made += 1

    async def transact(self, *calls: Call) -> int:
        """Send transactions, mine them at once and return their block. Raises VenueError on a revert."""
        hashes = [await self.send(call, _GAS) for call in calls]
        self.set_up.update(hashes)
        await self.mine()
        block = 0
        for call, sent in zip(calls, hashes, strict=True):
            receipt = await self.receipt(sent)
            if receipt is None or receipt["status"] != "0x1":
                raise VenueError(f"{call.signature} from {call.sender} failed on chain ({sent})")
            block = max(block, int(receipt["blockNumber"], 16))
        return block

    @contextlib.asynccontextmanager
    async def acting_as(self, *addresses: str) -> AsyncIterator[None]:
        """Let the node send for addresses whose keys it does not hold, and see to their gas."""
        for address in addresses:
            await self.give_gas(address)
            await self.rpc.call("anvil_impersonateAccount", address)
        try:
            yield
        finally:
            for address in addresses:
                await self.rpc.call("anvil_stopImpersonatingAccount", address)

    async def give_gas(self, address: str) -> None:
        """See to it that an address can pay for its transactions."""
        self.gassed.add(address)
        if int(await self.rpc.call("eth_getBalance", address, "latest"), 16) < _GAS_FLOOR_WEI:
            await self.rpc.call("anvil_setBalance", address, hex(_GAS_GIFT_WEI))


def _tag(block: int | None) -> str:
    return "latest" if block is None else hex(block)


async def operator_of(rpc: Rpc) -> str:
    """The node's first unlocked account, as EIP-55 text."""
    accounts: Sequence[str] = await rpc.call("eth_accounts")
    return checksum_address(accounts[0])
