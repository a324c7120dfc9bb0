"""Puts one exchange together over a fresh chain, with all that serves it, and takes it down again.

This module loads the slow libraries (eth_account); the node starts in another process meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from harness.venue.chain import Chain
from harness.venue.conductor import Conductor
from harness.venue.control import ControlRoutes
from harness.venue.exchange import Exchange
from harness.venue.faces import Face
from harness.venue.fix.gateway import FixGateway
from harness.venue.miner import Miner
from harness.venue.positions import PositionIndex
from harness.venue.profile_keys import ProfileKeys
from harness.venue.profile_rest import profile_routes
from harness.venue.rest import rest_routes
from harness.venue.rest_clock import ClockRoutes
from harness.venue.rest_halts import halted
from harness.venue.rest_limits import limited
from harness.venue.rest_positions import PositionRoutes
from harness.venue.settings import Settings
from harness.venue.sockets import Sockets
from harness.venue.tickwatch import TickWatch
from harness.venue.verbs import Verbs


class Assembly:
    """One exchange and its faces' routes. `changing` is held by whoever changes what the chain stands on."""

    def __init__(
        self, settings: Settings, chain: Chain, exchange: Exchange, gateway: FixGateway | None
    ) -> None:
        clock = exchange.clock
        self.chain = chain
        self.exchange = exchange
        self.gateway = gateway
        self.changing = asyncio.Lock()
        self._sockets = Sockets(exchange, settings.patience)
        TickWatch(exchange)
        self.miner = Miner(chain, settings.block_time_s, clock)
        settler = exchange.settler
        self._index = PositionIndex(chain, lambda: exchange.parts.indexing, lambda: settler.processed_hash)
        self._verbs = Verbs(exchange, self._sockets, gateway, self.miner, self._index, self.changing)
        self._control = ControlRoutes(exchange, gateway, self.changing, settings.environment)
        self._profile_keys = ProfileKeys(exchange.chance, exchange.chain_id)
        self._conductor = Conductor(exchange, self.miner, self.changing) if clock.manual else None
        self._stack = contextlib.AsyncExitStack()

    def show(self, *, rest: Face, ws: Face, data: Face, control: Face) -> None:
        """Answer on these ports from now on."""
        exchange = self.exchange
        own = profile_routes(exchange, self._profile_keys)
        rest.show([*rest_routes(exchange), *own], limited(exchange), halted(exchange))
        ws.show(self._sockets.routes())
        data.show(PositionRoutes(exchange, self._index).routes())
        clock = ClockRoutes(exchange.clock, self._conductor)
        keys = self._profile_keys.routes()
        control.show([*self._control.routes(), *self._verbs.routes(), *clock.routes(), *keys])

    async def start(self, failed: Callable[[str], None]) -> None:
        """Begin to make and follow blocks; `failed` is told where it cannot go on."""
        runs = [self.exchange.run]
        if self._conductor is None:
            runs += [self.miner.run, self._index.run]
        else:
            self.exchange.followers.append(self._index.follow)
        for run in runs:
            self._stack.push_async_callback(_end, asyncio.create_task(run(failed)))
        block = await self.chain.block_number()
        await self.exchange.seen(block)
        await self._index.seen(block)

    async def stop(self) -> None:
        """End every task and say goodbye on the WebSockets."""
        await self._stack.aclose()
        await self._verbs.close()
        await self._sockets.close()

    async def let_go(self) -> None:
        """When nothing that changes the chain is under way, end every task and cut this exchange off."""
        async with self.changing, self.miner.making, self.chain.sending, self.chain.still:
            await self._stack.aclose()
            self.chain.rpc.close()
        await self.exchange.close()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
