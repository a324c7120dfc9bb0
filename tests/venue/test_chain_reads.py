"""What the exchange reads on chain while the node makes a block."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, cast

import pytest

from harness.venue.chain import Chain
from harness.venue.miner import Miner
from harness.venue.rpc import Rpc

OWNER = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
OLD, NEW = 600, 95


class BusyNode:
    """Like anvil: a read of the newest block that comes while the next one is made waits for it, and is
    answered with the state after it."""

    def __init__(self) -> None:
        self.balance = OLD
        self.making = asyncio.Event()
        self.reading = asyncio.Event()
        self.calls: list[str] = []

    async def call(self, method: str, *_: Any) -> Any:
        self.calls.append(f"{method} begins")
        if method == "evm_mine":
            self.making.set()
            await turns()
            self.balance = NEW
            self.making.clear()
            answer = "0x0"
        else:
            self.reading.set()
            await turns()
            while self.making.is_set():
                await turns()
            answer = f"0x{self.balance:064x}"
        self.calls.append(f"{method} ends")
        return answer


async def turns() -> None:
    """Let everybody else go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("first", ["the block", "the read"])
def test_no_balance_is_read_while_a_block_is_made(first: str) -> None:
    """A read and a new block that come together are taken one after the other, whichever was first."""

    async def run() -> tuple[int, list[str]]:
        node = BusyNode()
        chain = Chain(cast("Rpc", node), OWNER)
        miner = Miner(chain, Decimal(1))
        if first == "the block":
            block = asyncio.create_task(miner.mine(1))
            await node.making.wait()
            read = asyncio.create_task(chain.shares(OWNER, 1, block=7))
        else:
            read = asyncio.create_task(chain.shares(OWNER, 1, block=7))
            await node.reading.wait()
            block = asyncio.create_task(miner.mine(1))
        await asyncio.gather(block, read)
        return read.result(), node.calls

    balance, calls = asyncio.run(run())
    made, was_read = ["evm_mine begins", "evm_mine ends"], ["eth_call begins", "eth_call ends"]
    assert calls == (made + was_read if first == "the block" else was_read + made)
    assert balance == (NEW if first == "the block" else OLD)
