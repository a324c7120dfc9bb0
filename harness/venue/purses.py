"""What addresses have on chain and who may take of it, read from the node once a block."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from harness.venue.chain import Chain


class Purses:
    """Balances as of the newest block taken in, allowances as of the newest there is.

    What was read is kept until the venue makes a block or takes one back, or sees that somebody else has:
    nothing but a block changes what a purse holds. `processed` says the newest block taken in and its hash.
    """

    def __init__(self, chain: Chain, processed: Callable[[], tuple[int, str]]) -> None:
        self._chain = chain
        self._processed = processed
        self._as_of: tuple[Any, ...] = ()
        self._known: dict[tuple[Any, ...], int] = {}

    async def balance(self, owner: str, token: int | None) -> int:
        """An address' shares of a token; of pUSD where that is None."""
        chain, (block, _) = self._chain, self._processed()
        if token is None:
            return await self._read(("pUSD", owner), lambda: chain.collateral(owner, block))
        return await self._read((token, owner), lambda: chain.shares(owner, token, block))

    async def allowance(self, owner: str, token: int | None, spender: str) -> int:
        """What a spender may take of an address' shares; of its pUSD where `token` is None."""
        chain = self._chain
        if token is None:
            return await self._read(
                ("may", owner, spender), lambda: chain.collateral_allowance(owner, spender)
            )
        return await self._read(("shares", owner, spender), lambda: chain.shares_allowance(owner, spender))

    async def _read(self, what: tuple[Any, ...], read: Callable[[], Awaitable[int]]) -> int:
        as_of = self._state()
        if as_of != self._as_of:
            self._as_of, self._known = as_of, {}
        if what not in self._known:
            found = await read()
            if self._state() != as_of:
                return found  # of another block by now
            self._known[what] = found
        return self._known[what]

    def _state(self) -> tuple[Any, ...]:
        return (self._chain.blocks_made, *self._processed())
