"""Moves a venue whose time is moved by hand: what falls due on the way happens at its moment, in order."""

from __future__ import annotations

import asyncio
from typing import Final

from harness.venue.exchange import Exchange
from harness.venue.miner import Miner

BLOCKS_LIMIT: Final = 256  # of one move: in a longer one the blocks that are furthest back are left out


class Conductor:
    """One exchange and one miner on one manual clock. `changing` is held by whoever sets the chain up."""

    def __init__(self, exchange: Exchange, miner: Miner, changing: asyncio.Lock) -> None:
        self._exchange = exchange
        self._clock = exchange.clock
        self._miner = miner
        self._changing = changing
        self._block_due_us = self._clock.now_us() + miner.block_time_us

    async def advance(self, by_ms: int) -> None:
        """Let so much time pass; everything that it brings has happened when this returns."""
        async with self._changing:
            target_us = self._clock.now_us() + by_ms * 1000
            await self._exchange.step()
            self._leave_out(target_us)
            while (moment_us := self._next()) <= target_us:
                self._clock.move_to(moment_us)
                if moment_us == self._block_due_us:
                    self._block_due_us += self._miner.block_time_us
                    await self._exchange.step()
                    await self._miner.due()
                await self._exchange.step()
            self._clock.move_to(target_us)
            await self._exchange.step()

    def _next(self) -> int:
        """The next moment at which something is due."""
        due_us = self._clock.next_due_us
        return self._block_due_us if due_us is None else min(due_us, self._block_due_us)

    def _leave_out(self, target_us: int) -> None:
        blocks = (target_us - self._block_due_us) // self._miner.block_time_us + 1
        self._block_due_us += max(0, blocks - BLOCKS_LIMIT) * self._miner.block_time_us
