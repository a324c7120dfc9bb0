"""Makes the chain's blocks, so that a test can stop them, ask for some, or take some back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

from harness.venue.chain import Chain
from harness.venue.faults import VenueError
from harness.venue.venueclock import VenueClock


class Miner:
    """One block every `block_time_s`; the node makes none of its own accord."""

    def __init__(self, chain: Chain, block_time_s: Decimal, clock: VenueClock) -> None:
        self._chain = chain
        self._block_time_s = float(block_time_s)
        self._clock = clock
        self._frozen_until_us = 0
        self.making = asyncio.Lock()
        """Held while blocks are made or taken back."""

    async def run(self, failed: Callable[[str], None]) -> None:
        """Make blocks until cancelled; `failed` is told where the node is lost."""
        while True:
            await self._clock.sleep(self._block_time_s)
            try:
                await self.due()
            except VenueError as error:
                failed(f"no blocks any more: {error}")
                return

    @property
    def block_time_us(self) -> int:
        """How far apart blocks are."""
        return round(self._block_time_s * 1_000_000)

    async def due(self) -> None:
        """Make the block that is due, unless none is made for now."""
        if self._clock.now_us() >= self._frozen_until_us:
            await self.mine(1)

    async def mine(self, blocks: int) -> None:
        """Make so many blocks at once."""
        async with self.making:
            for _ in range(blocks):
                await self._chain.mine()

    def freeze(self, for_ms: int) -> None:
        """Make none for so long, counted from now, but for those that are asked for."""
        self._frozen_until_us = self._clock.now_us() + for_ms * 1000
