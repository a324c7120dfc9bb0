"""Places the contracts on a fresh node: code, first state, and what deploying them would have approved.

The sources are in `contracts/`; ConditionalTokens is the real one, as its npm package has it compiled.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from eth_hash.auto import keccak

from harness import exactjson
from harness.venue.anvil import npm_file
from harness.venue.chain import UINT256_MAX, Call, Chain
from harness.venue.faults import VenueError
from harness.wire.ctf import Contracts
from harness.wire.wallets import DEPOSIT_BEACON, DEPOSIT_FACTORY, DEPOSIT_WALLET

ARTEFACTS: Final = Path(__file__).with_name("contracts") / "artefacts.json"
_CTF_ARTEFACT: Final = "@gnosis.pm/conditional-tokens-contracts/build/contracts/ConditionalTokens.json"
_ERC165_INTERFACES: Final = (
    "01ffc9a7",
    "d9b67a26",
)  # what ConditionalTokens' constructors register: ERC-165, ERC-1155
_APPROVE: Final = "approve(address,uint256)"
_APPROVE_ALL: Final = "setApprovalForAll(address,bool)"


async def install(chain: Chain) -> None:
    """Place code, the state that it starts with, and the approvals between contracts. Raises VenueError."""
    contracts, codes = chain.contracts, runtime_codes()
    operator, one = "0x" + chain.operator[2:].rjust(64, "0"), "0x" + "1".rjust(64, "0")
    code = [chain.rpc.call("anvil_setCode", at, codes[name]) for at, name in _places(contracts).items()]
    owned = {
        contracts.exchange: "0x0",
        contracts.neg_risk_exchange: "0x0",
        contracts.usdce: "0x3",
        contracts.usdc: "0x3",
    }
    slots = [chain.rpc.call("anvil_setStorageAt", at, slot, operator) for at, slot in owned.items()]
    for interface in _ERC165_INTERFACES:
        slot = "0x" + keccak(bytes.fromhex(interface.ljust(64, "0")) + bytes(32)).hex()
        slots.append(chain.rpc.call("anvil_setStorageAt", contracts.ctf, slot, one))
    await asyncio.gather(*code, *slots)
    approvals = _approvals(chain.operator, contracts)
    async with chain.acting_as(*sorted({call.sender for call in approvals} - {chain.operator})):
        await chain.transact(*approvals)


def _places(contracts: Contracts) -> dict[str, str]:
    return {
        contracts.exchange: "Exchange",
        contracts.ctf: "ConditionalTokens",
        contracts.collateral: "CollateralToken",
        contracts.usdce: "BridgedUSDC",
        contracts.usdc: "NativeUSDC",
        contracts.onramp: "CollateralOnramp",
        contracts.offramp: "CollateralOfframp",
        contracts.adapter: "CtfCollateralAdapter",
        contracts.neg_risk_exchange: "Exchange",
        contracts.neg_risk_adapter: "NegRiskAdapter",
        contracts.neg_risk_collateral_adapter: "NegRiskCtfCollateralAdapter",
        contracts.wrapped: "WrappedCollateral",
        DEPOSIT_FACTORY: "DepositWalletFactory",
        DEPOSIT_BEACON: "DepositWalletBeacon",
        DEPOSIT_WALLET: "DepositWallet",
    }


def _approvals(operator: str, contracts: Contracts) -> list[Call]:
    """What the contracts' constructors approve, and the operator for what it gives to test accounts."""
    dollars = {
        contracts.usdce: [
            (operator, contracts.ctf),
            (operator, contracts.onramp),
            (operator, contracts.neg_risk_adapter),
            (contracts.adapter, contracts.ctf),
            (contracts.neg_risk_collateral_adapter, contracts.neg_risk_adapter),
            (contracts.neg_risk_adapter, contracts.wrapped),
        ],
        contracts.wrapped: [(contracts.neg_risk_adapter, contracts.ctf)],
        contracts.collateral: [
            (contracts.exchange, contracts.adapter),
            (contracts.neg_risk_exchange, contracts.neg_risk_collateral_adapter),
        ],
    }
    shares = [
        (contracts.exchange, contracts.adapter),
        (contracts.neg_risk_exchange, contracts.neg_risk_collateral_adapter),
        (contracts.neg_risk_collateral_adapter, contracts.neg_risk_adapter),
    ]
    return [
        *(
            Call(owner, token, _APPROVE, (spender, UINT256_MAX))
            for token, pairs in dollars.items()
            for owner, spender in pairs
        ),
        *(Call(owner, contracts.ctf, _APPROVE_ALL, (spender, True)) for owner, spender in shares),
    ]


def runtime_codes() -> dict[str, str]:
    """The contracts' runtime code by name. Raises VenueError where it has not been built."""
    if not ARTEFACTS.is_file():
        raise VenueError("harness/venue/contracts/artefacts.json is missing: run `make setup`")
    ours = exactjson.loads(ARTEFACTS.read_bytes())
    codes = {name: artefact["runtime"] for name, artefact in ours.items()}
    theirs = exactjson.loads(npm_file(_CTF_ARTEFACT).read_bytes())
    return {**codes, "ConditionalTokens": theirs["deployedBytecode"]}
