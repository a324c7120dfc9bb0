"""Ids against the real ConditionalTokens contract's own answers."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

from eth_utils import to_bytes

from harness.venue.anvil import start_anvil
from harness.venue.chain import Chain, operator_of
from harness.venue.install import install
from harness.venue.rpc import Rpc
from harness.wire import ctf
from harness.wire.ctf import CONTRACTS_137

from .oracles import judges


async def compare(seed: int, rounds: int) -> None:
    import aiohttp

    draw = random.Random(seed)
    node = await start_anvil(port=0, chain_id=137, block_time_s=Decimal(1))
    try:
        async with aiohttp.ClientSession() as session:
            rpc = Rpc(session, node.url)
            chain = Chain(rpc, await operator_of(rpc))
            await install(chain)
            for _ in range(rounds):
                oracle, question = "0x" + draw.randbytes(20).hex(), "0x" + draw.randbytes(32).hex()
                mask, outcomes = draw.choice([1, 2, 3, draw.getrandbits(200)]), draw.choice([2, 3, 256])
                arguments = (oracle, to_bytes(hexstr=question), outcomes)
                signature = "getConditionId(address,bytes32,uint256)"
                condition = await chain.read(CONTRACTS_137.ctf, signature, "bytes32", *arguments)
                assert ctf.condition_id(oracle, question, outcomes) == "0x" + condition.hex()
                signature = "getCollectionId(bytes32,bytes32,uint256)"
                root = bytes(32), condition, mask
                collection = await chain.read(CONTRACTS_137.ctf, signature, "bytes32", *root)
                assert ctf.collection_id("0x" + condition.hex(), mask) == "0x" + collection.hex()
                signature = "getPositionId(address,bytes32)"
                position = await chain.read(CONTRACTS_137.ctf, signature, "uint256", oracle, collection)
                assert ctf.position_id(oracle, "0x" + collection.hex()) == position
    finally:
        await node.stop()


@judges("ctf", "condition_id", "collection_id", "position_id", oracle="the real ConditionalTokens contract")
def test_ids_are_the_real_contracts() -> None:
    """For random oracles, questions, outcomes and index sets our ids are what the contract answers."""
    asyncio.run(compare(seed=137, rounds=40))
