"""Gives test accounts what they trade with: gas, pUSD, shares, and the exchange its approvals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.venue.chain import UINT256_MAX, Call, Chain

_ROOT_COLLECTION: Final = bytes(32)
_MINT: Final = "mint(address,uint256)"
_WRAP: Final = "wrap(address,address,uint256)"
_SPLIT: Final = "splitPosition(address,bytes32,bytes32,uint256[],uint256)"
_TRANSFER: Final = "safeTransferFrom(address,address,uint256,uint256,bytes)"


async def fund(
    chain: Chain, address: str, collateral: int, condition: str, shares: Mapping[int, int], *, approve: bool
) -> int:
    """Give an address gas, pUSD and shares (by token id), and the exchange its approvals if `approve`.

    Amounts are base units; the dollars behind them are made for it. Returns the block.
    """
    operator, contracts = chain.operator, chain.contracts
    split = max(shares.values(), default=0)
    calls = []
    if collateral or split:
        calls.append(Call(operator, contracts.usdce, _MINT, (operator, collateral + split)))
    if collateral:
        calls.append(Call(operator, contracts.onramp, _WRAP, (contracts.usdce, address, collateral)))
    if split:
        arguments = (contracts.usdce, _ROOT_COLLECTION, bytes.fromhex(condition[2:]), [1, 2], split)
        calls.append(Call(operator, contracts.ctf, _SPLIT, arguments))
    for token, amount in shares.items():
        if amount:
            calls.append(Call(operator, contracts.ctf, _TRANSFER, (operator, address, token, amount, b"")))
    await chain.give_gas(address)
    block = await chain.transact(*calls) if calls else 0
    return await approve_as(chain, address) if approve else block


async def approve_as(chain: Chain, address: str) -> int:
    """Set the approvals that trading needs, from an address. Returns the block."""
    exchange = chain.contracts.exchange
    async with chain.acting_as(address):
        return await chain.transact(
            Call(address, chain.contracts.collateral, "approve(address,uint256)", (exchange, UINT256_MAX)),
            Call(address, chain.contracts.ctf, "setApprovalForAll(address,bool)", (exchange, True)),
        )
