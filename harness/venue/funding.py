"""Gives test accounts what they trade with: gas, pUSD, shares, and the exchange its approvals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.venue.chain import UINT256_MAX, Call, Chain
from harness.venue.markets import Market
from harness.venue.spenders import every

_ROOT_COLLECTION: Final = bytes(32)
_APPROVE: Final = "approve(address,uint256)"
_APPROVE_ALL: Final = "setApprovalForAll(address,bool)"
_MINT: Final = "mint(address,uint256)"
_WRAP: Final = "wrap(address,address,uint256)"
_SPLIT: Final = "splitPosition(address,bytes32,bytes32,uint256[],uint256)"
_SPLIT_NEG_RISK: Final = "splitPosition(bytes32,uint256)"
_TRANSFER: Final = "safeTransferFrom(address,address,uint256,uint256,bytes)"


async def fund(
    chain: Chain,
    address: str,
    collateral: int,
    market: Market | None,
    shares: Mapping[int, int],
    *,
    approve: bool,
) -> int:
    """Give an address gas, pUSD and a market's shares (by token id), and if `approve` all approvals.

    Amounts are base units; the dollars behind them are made for it. Returns the block.
    """
    operator, contracts = chain.operator, chain.contracts
    split = max(shares.values(), default=0)
    calls = []
    if collateral or split:
        calls.append(Call(operator, contracts.usdce, _MINT, (operator, collateral + split)))
    if collateral:
        calls.append(Call(operator, contracts.onramp, _WRAP, (contracts.usdce, address, collateral)))
    if split and market is not None:
        condition = bytes.fromhex(market.condition[2:])
        if market.neg_risk:
            calls.append(Call(operator, contracts.neg_risk_adapter, _SPLIT_NEG_RISK, (condition, split)))
        else:
            arguments = (contracts.usdce, _ROOT_COLLECTION, condition, [1, 2], split)
            calls.append(Call(operator, contracts.ctf, _SPLIT, arguments))
    for token, amount in shares.items():
        if amount:
            calls.append(Call(operator, contracts.ctf, _TRANSFER, (operator, address, token, amount, b"")))
    await chain.give_gas(address)
    block = await chain.transact(*calls) if calls else 0
    return await approve_as(chain, address) if approve else block


async def approve_as(chain: Chain, address: str) -> int:
    """Set the approvals that trading in markets of all kinds needs, from an address. Returns the block."""
    contracts, calls = chain.contracts, []
    for spender in every(contracts):
        calls.append(Call(address, contracts.collateral, _APPROVE, (spender, UINT256_MAX)))
        calls.append(Call(address, contracts.ctf, _APPROVE_ALL, (spender, True)))
    async with chain.acting_as(address):
        return await chain.transact(*calls)
