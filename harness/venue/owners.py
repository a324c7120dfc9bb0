"""Which wallets belong to an owner, as the exchange contract derives them: the venue asks the chain."""

from __future__ import annotations

import asyncio
from typing import Final

from harness.venue.chain import Chain
from harness.wire.ctf import checksum_address

_DERIVED: Final = ("getPolyProxyWalletAddress", "getSafeAddress", "getDepositWalletAddress")


class Owners:
    """The wallets of every owner that was asked for."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._wallets: dict[str, tuple[str, ...]] = {}

    async def wallets(self, owner: str) -> tuple[str, ...]:
        """By signature type: the owner itself, its proxy, its Safe, its deposit wallet, as EIP-55 text."""
        if owner not in self._wallets:
            chain, exchange = self._chain, self._chain.contracts.exchange
            asked = (chain.read(exchange, f"{name}(address)", "address", owner) for name in _DERIVED)
            found = await asyncio.gather(*asked)
            self._wallets[owner] = (owner, *map(checksum_address, found))
        return self._wallets[owner]
