"""The ports of a venue, its node, and the exchange behind them, which can be exchanged for a fresh one."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

from harness.venue.assembly import Assembly
from harness.venue.builds import Build
from harness.venue.chain import Chain, operator_of
from harness.venue.chance import Chance
from harness.venue.exchange import Exchange
from harness.venue.faces import Face
from harness.venue.fix.child import ABSENT, AcceptorChild, engine_is_installed
from harness.venue.fix.gateway import FixGateway
from harness.venue.install import install
from harness.venue.nodeface import NodeFace
from harness.venue.nodemoods import NodeMoods
from harness.venue.profiles import Profile
from harness.venue.rpc import Rpc
from harness.venue.settings import CHAIN_ID, Settings
from harness.venue.venueclock import VenueClock
from harness.venue.web import answer
from harness.wire.ctf import CONTRACTS_137, Contracts


class House:
    """One node, one set of ports; `failed` is told where the exchange behind them cannot go on."""

    contracts: Contracts = CONTRACTS_137

    def __init__(
        self,
        settings: Settings,
        build: Build,
        profile: Profile,
        session: aiohttp.ClientSession,
        node: str,
        failed: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._build = build
        self._profile = profile
        self._session = session
        self._node = node
        self._failed = failed
        self._rest, self._ws, self._data, self._control = Face(), Face(), Face(), Face()
        self._chain = NodeFace(node, self._moods)
        self._ports = contextlib.AsyncExitStack()
        self._resetting = asyncio.Lock()
        self._fresh_state = ""
        self._now: Assembly | None = None
        self._fix_port = settings.fix_port
        self._old: set[asyncio.Task[None]] = set()

    @property
    def fix(self) -> dict[str, Any] | None:
        """What the ready line says of the FIX gateway."""
        gateway = None if self._now is None else self._now.gateway
        return None if gateway is None else gateway.ready()

    async def open(self) -> dict[str, int]:
        """Lay the chain's ground, begin, and open the ports; returns them by name. Raises VenueError."""
        clock = self._clock()
        rpc = Rpc(self._session, self._node)
        chain = Chain(rpc, await operator_of(rpc), stamp=lambda: clock.block_s)
        await install(chain)
        self._fresh_state = await rpc.call("anvil_dumpState")
        if not engine_is_installed():
            print(f"harness venue: {ABSENT}", file=sys.stderr)
        await self._begin(chain, clock, None)
        settings = self._settings
        faces: dict[str, tuple[Face | NodeFace, int]] = {
            "chain": (self._chain, settings.chain_port),
            "rest": (self._rest, settings.rest_port),
            "ws": (self._ws, settings.ws_port),
            "data": (self._data, settings.data_port),
            "control": (self._control, settings.control_port),
        }
        return {name: await face.open(self._ports, port) for name, (face, port) in faces.items()}

    async def close(self) -> None:
        """Say goodbye to every client, take everything down, and then the ports."""
        if self._now is not None:
            await self._now.stop()
            if self._now.gateway is not None:
                await self._now.gateway.stop()
        await asyncio.gather(*self._old)
        await self._ports.aclose()

    async def reset(self, _: web.Request) -> web.Response:
        """POST /reset: as it was when it had just started, with the build that it was started with.

        No keys, orders, markets or FIX sessions, the chain and its blocks as they were, the clock and the
        seed at their start; ports stay, and WebSockets and FIX connections are closed.
        """
        async with self._resetting:
            old = self._now
            assert old is not None  # it is asked over a port that was opened after the beginning
            await old.let_go()
            await old.stop()
            child = None if old.gateway is None else await self._leave(old.gateway)
            clock = self._clock()
            rpc = Rpc(self._session, self._node)
            await rpc.call("anvil_reset")
            await rpc.call("anvil_loadState", self._fresh_state)
            chain = Chain(rpc, old.chain.operator, stamp=lambda: clock.block_s)
            await self._begin(chain, clock, child)
        return answer({"reset": True})

    def _moods(self) -> tuple[NodeMoods, int]:
        assert self._now is not None  # its port is opened after the beginning
        return self._now.chain.moods, self._now.exchange.now().ns

    def _clock(self) -> VenueClock:
        return VenueClock(self._settings.clock)

    async def _begin(self, chain: Chain, clock: VenueClock, child: AcceptorChild | None) -> None:
        settings = self._settings
        exchange = Exchange(chain, self._build, CHAIN_ID, clock, Chance(settings.seed))
        gateway = None
        if engine_is_installed():
            gateway = FixGateway(exchange, self._profile.fix, child)
            self._fix_port = await gateway.start(self._fix_port)
        new = Assembly(settings, chain, exchange, gateway)
        new.show(rest=self._rest, ws=self._ws, data=self._data, control=self._control)
        self._control.show([web.post("/reset", self.reset)])
        for face in (self._rest, self._ws, self._data, self._control):
            face.clock = clock
        self._now = new
        await new.start(self._failed)

    async def _leave(self, gateway: FixGateway) -> AcceptorChild | None:
        """Close the FIX port; the acceptor's process stays where it has seen no session, else it ends."""
        child = await gateway.close()
        if child is None:
            ending = asyncio.create_task(gateway.stop())
            self._old.add(ending)
            ending.add_done_callback(self._old.discard)
        return child
