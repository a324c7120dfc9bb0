"""Ids against the real ConditionalTokens contract's own answers."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from eth_utils import to_bytes

from harness.venue.abi import call_data
from harness.venue.anvil import start_anvil
from harness.venue.chain import Call, Chain, operator_of
from harness.venue.install import install
from harness.venue.rpc import Rpc
from harness.wire import ctf
from harness.wire.ctf import CONTRACTS_137

from .oracles import judges


@contextlib.asynccontextmanager
async def installed() -> AsyncIterator[Chain]:
    import aiohttp

    node = await start_anvil(port=0, chain_id=137, block_time_s=None)
    try:
        async with aiohttp.ClientSession() as session:
            rpc = Rpc(session, node.url)
            chain = Chain(rpc, await operator_of(rpc))
            await install(chain)
            yield chain
    finally:
        await node.stop()


async def compare(seed: int, rounds: int) -> None:
    draw = random.Random(seed)
    async with installed() as chain:
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


@judges("ctf", "condition_id", "collection_id", "position_id", oracle="the real ConditionalTokens contract")
def test_ids_are_the_real_contracts() -> None:
    """For random oracles, questions, outcomes and index sets our ids are what the contract answers."""
    asyncio.run(compare(seed=137, rounds=40))


async def compare_neg_risk(seed: int, rounds: int) -> None:
    draw = random.Random(seed)
    async with installed() as chain:
        adapter, prepare = CONTRACTS_137.neg_risk_adapter, "prepareMarket(uint256,bytes)"
        for _ in range(rounds):
            oracle, fee = "0x" + draw.randbytes(20).hex(), draw.choice([0, 1, draw.randint(0, 10_000)])
            metadata = draw.randbytes(draw.choice([0, 1, 31, 32, 33, draw.randint(0, 200)]))
            ours = ctf.neg_risk_market_id(oracle, fee, metadata)
            encoded = keccak(encode(["address", "uint256", "bytes"], [oracle, fee, metadata]))
            assert ours == "0x" + encoded[:-1].hex() + "00"
            asked = {"from": oracle, "to": adapter, "data": call_data(prepare, (fee, metadata))}
            assert await chain.rpc.call("eth_call", asked, "latest") == ours
        market = ctf.neg_risk_market_id(chain.operator, 7, b"asked")
        await chain.transact(Call(chain.operator, adapter, prepare, (7, b"asked")))
        for index in range(3):
            signature, arguments = "prepareQuestion(bytes32,bytes)", (to_bytes(hexstr=market), b"?")
            asked = {"from": chain.operator, "to": adapter, "data": call_data(signature, arguments)}
            question = ctf.neg_risk_question_id(market, index)
            assert await chain.rpc.call("eth_call", asked, "latest") == question
            await chain.transact(Call(chain.operator, adapter, signature, arguments))
            assert int(question, 16) == int(market, 16) + index


@judges("ctf", "neg_risk_market_id", "neg_risk_question_id", oracle="eth_abi and the adapter contract")
def test_neg_risk_ids_are_the_adapters() -> None:
    """For random oracles, fees and metadata our ids are what eth_abi encodes and the adapter answers."""
    asyncio.run(compare_neg_risk(seed=41, rounds=20))


def test_malformed_neg_risk_ids_are_refused() -> None:
    """An id that is no market's, an index past a byte and a fee out of range are ValueErrors."""
    market = "0x" + "11" * 31 + "00"
    for wrong, index in (("0x" + "11" * 32, 0), (market, 256), (market, -1)):
        with pytest.raises(ValueError, match="256 questions"):
            ctf.neg_risk_question_id(wrong, index)
    with pytest.raises(ValueError, match="a fee"):
        ctf.neg_risk_market_id(CONTRACTS_137.ctf, -1, b"")
