"""Which deposit wallets have code: they are placed by their factory when they are funded, or by anybody.

The factory is told an owner, and POST /fund names a wallet. So every address that was funded or trades counts
as a possible owner, and a wallet whose owner is not known yet is placed as soon as the owner is.
"""

from __future__ import annotations

from typing import Final

from harness.venue.chain import Call, Chain
from harness.venue.faults import RefusalError
from harness.venue.owners import Owners
from harness.wire.wallets import DEPOSIT_FACTORY, KINDS

_DEPOSIT: Final = KINDS["deposit"]
_UNDEPLOYED: Final = "the order signer address has to be the address of the API KEY"


class Deployments:
    """Places deposit wallets and knows which there are."""

    def __init__(self, chain: Chain, owners: Owners) -> None:
        self._chain = chain
        self._owners = owners
        self._owner_of: dict[str, str] = {}
        self._wanted: set[str] = set()
        self._placed: set[str] = set()

    async def funded(self, address: str, *, deployed: bool) -> None:
        """An address gets money; where it is a deposit wallet, it is placed if `deployed`."""
        wallet = (await self._owners.wallets(address))[_DEPOSIT]
        self._owner_of[wallet] = address
        if wallet in self._wanted:
            await self._place(wallet)
        if not deployed:
            self._wanted.discard(address)
        elif address in self._owner_of:
            await self._place(address)
        else:
            self._wanted.add(address)

    async def require(self, owner: str) -> None:
        """Refuse an order of an owner's deposit wallet that is not deployed (CLOB docs, deposit wallets)."""
        wallet = (await self._owners.wallets(owner))[_DEPOSIT]
        self._owner_of[wallet] = owner
        if wallet in self._wanted:
            await self._place(wallet)
        if not await self._has_code(wallet):
            raise RefusalError(400, _UNDEPLOYED)

    async def _place(self, wallet: str) -> None:
        self._wanted.discard(wallet)
        if not await self._has_code(wallet):
            owner = self._owner_of[wallet]
            # one that sent its approvals before it was known for a wallet cannot be placed any more (EIP-684)
            await self._chain.rpc.call("anvil_setNonce", wallet, "0x0")
            await self._chain.transact(
                Call(self._chain.operator, DEPOSIT_FACTORY, "deploy(address)", (owner,))
            )
            self._placed.add(wallet)

    async def _has_code(self, wallet: str) -> bool:
        """What we placed stays: a reorganisation that drops transactions sends those of the set-up again."""
        if wallet in self._placed:
            return True
        code: str = await self._chain.rpc.call("eth_getCode", wallet, "latest")
        return code != "0x"
