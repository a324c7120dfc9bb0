"""Puts the venue together, opens its ports and takes it down again."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Middleware

from harness.venue.anvil import start_anvil
from harness.venue.builds import find_build
from harness.venue.faults import VenueError
from harness.venue.silence import Patience

CHAIN_ID: Final = 137  # clients hard-code the contracts' addresses for it
_CLOSE_LIMIT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the venue is started with; port 0 lets the system choose."""

    build: str
    rest_port: int = 0
    ws_port: int = 0
    chain_port: int = 0
    control_port: int = 0
    fix_port: int = 0
    data_port: int = 0
    block_time_s: Decimal = Decimal("0.25")
    environment: str = "venue"
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        own = (self.rest_port, self.ws_port, self.chain_port, self.control_port)
        for port in (*own, self.fix_port, self.data_port):
            if not 0 <= port < 65536:
                raise VenueError(f"port {port} is none: name one below 65536, or 0 to let the system choose")
        if not Decimal("0.01") <= self.block_time_s <= 60:
            raise VenueError(f"a block time of {self.block_time_s} s: name one between 0.01 and 60")


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a running venue listens: the one line on stdout, as JSON."""

    rest: str
    ws: str
    chain: str
    control: str
    data: str
    build: str
    environment: str
    chain_id: int
    contracts: dict[str, str]
    fix: dict[str, Any] | None

    def view(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@contextlib.asynccontextmanager
async def running(settings: Settings, failed: Callable[[str], None]) -> AsyncIterator[Ready]:
    """Start a venue, yield where it listens, and take it down.

    `failed` is told where it cannot go on.

    Raises VenueError (one line, with the next step) where something it stands on is missing.
    """
    build = find_build(settings.build)
    async with contextlib.AsyncExitStack() as stack:
        node = await start_anvil(port=settings.chain_port, chain_id=CHAIN_ID, block_time_s=None)
        stack.push_async_callback(node.stop)
        # the node starts in another process while these slow imports (eth_account) run in ours
        recursion_limit = sys.getrecursionlimit()
        from harness.venue.chain import Chain, operator_of
        from harness.venue.control import ControlRoutes
        from harness.venue.exchange import Exchange
        from harness.venue.fix.child import ABSENT, engine_is_installed
        from harness.venue.fix.gateway import FixGateway
        from harness.venue.install import install
        from harness.venue.miner import Miner
        from harness.venue.positions import PositionIndex
        from harness.venue.rest import rest_routes
        from harness.venue.rest_halts import halted
        from harness.venue.rest_limits import limited
        from harness.venue.rest_positions import PositionRoutes
        from harness.venue.rpc import Rpc
        from harness.venue.sockets import Sockets
        from harness.venue.tickwatch import TickWatch
        from harness.venue.verbs import Verbs

        # py_ecc, below eth_account, sets it to 100,000, and then deeply nested JSON overflows the C stack
        sys.setrecursionlimit(recursion_limit)
        rpc = Rpc(await stack.enter_async_context(aiohttp.ClientSession()), node.url)
        chain = Chain(rpc, await operator_of(rpc))
        await install(chain)
        exchange = Exchange(chain, build, CHAIN_ID)
        sockets = Sockets(exchange, settings.patience)
        TickWatch(exchange)
        gateway = FixGateway(exchange) if engine_is_installed() else None
        if gateway is None:
            print(f"harness venue: {ABSENT}", file=sys.stderr)
        else:
            stack.push_async_callback(gateway.stop)
            await gateway.start(settings.fix_port)

        rest = await _open(
            stack, rest_routes(exchange), settings.rest_port, limited(exchange), halted(exchange)
        )
        ws = await _open(stack, sockets.routes(), settings.ws_port)
        miner = Miner(chain, settings.block_time_s)
        settler = exchange.settler
        index = PositionIndex(chain, lambda: exchange.parts.indexing, lambda: settler.processed_hash)
        data = await _open(stack, PositionRoutes(exchange, index).routes(), settings.data_port)
        changing = asyncio.Lock()
        verbs = Verbs(exchange, sockets, gateway, miner, index, changing)
        control_routes = [
            *ControlRoutes(exchange, gateway, changing, settings.environment).routes(),
            *verbs.routes(),
        ]
        control = await _open(stack, control_routes, settings.control_port)
        stack.push_async_callback(sockets.close)
        stack.push_async_callback(verbs.close)
        for run in (miner.run, index.run, exchange.run):
            stack.push_async_callback(_end, asyncio.create_task(run(failed)))
        block = await chain.block_number()
        await exchange.seen(block)
        await index.seen(block)
        yield Ready(
            rest=f"http://127.0.0.1:{rest}",
            ws=f"ws://127.0.0.1:{ws}",
            chain=node.url,
            control=f"http://127.0.0.1:{control}",
            data=f"http://127.0.0.1:{data}",
            build=build.name,
            environment=settings.environment,
            chain_id=CHAIN_ID,
            contracts=asdict(chain.contracts),
            fix=None if gateway is None else gateway.ready(),
        )


async def _open(
    stack: contextlib.AsyncExitStack, routes: Iterable[web.RouteDef], port: int, *middlewares: Middleware
) -> int:
    from harness.venue.web import refusals

    application = web.Application(middlewares=[refusals, *middlewares])
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_CLOSE_LIMIT_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        text = error.strerror or str(error)
        raise VenueError(f"port {port} cannot be opened ({text}): name another, or 0") from None
    opened: int = runner.addresses[0][1]
    return opened


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
