"""What the exchange reads on chain while the node makes a block."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, cast

import pytest

from harness.venue.chain import Chain
from harness.venue.miner import Miner
from harness.venue.rpc import Rpc
from harness.venue.venueclock import VenueClock

OWNER = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
BLOCK = 7


class BusyNode:
    """Like anvil: a read as of the newest block waits for the block that is being made, and is then
    answered with the state after it; older states are kept."""

    def __init__(self) -> None:
        self.balances = {BLOCK: 600}
        self.begun = {"eth_call": asyncio.Event(), "evm_mine": asyncio.Event()}
        self.making = False

    async def call(self, method: str, *params: Any) -> str:
        newest = max(self.balances)
        self.begun[method].set()
        if method == "evm_mine":
            self.making = True
            await turns()
            self.balances[newest + 1] = 95
            self.making = False
            return "0x0"
        asked = int(params[1], 16)
        await turns()
        while asked == newest and self.making:
            await turns()
        served = max(self.balances) if asked == newest else asked
        return f"0x{self.balances[served]:064x}"


async def turns() -> None:
    """Let everybody else go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("first", ["evm_mine", "eth_call"])
def test_a_balance_is_of_the_block_that_was_asked_for(first: str) -> None:
    """A balance as of the newest block is that block's, also where the next one is made at the same time."""

    async def run() -> int:
        node = BusyNode()
        chain = Chain(cast("Rpc", node), OWNER)
        miner = Miner(chain, Decimal(1), VenueClock())
        begin = {"evm_mine": lambda: miner.mine(1), "eth_call": lambda: chain.shares(OWNER, 1, BLOCK)}
        (second,) = begin.keys() - {first}
        tasks = {first: asyncio.create_task(begin[first]())}
        await node.begun[first].wait()
        tasks[second] = asyncio.create_task(begin[second]())
        await asyncio.gather(*tasks.values())
        assert max(node.balances) == BLOCK + 1
        return tasks["eth_call"].result()

    assert asyncio.run(run()) == 600
