"""Puts the venue together, opens its ports and takes it down again."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from harness.venue.anvil import start_anvil
from harness.venue.builds import find_build
from harness.venue.profiles import find_profile
from harness.venue.settings import CHAIN_ID, Settings


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a running venue listens: the one line on stdout, as JSON."""

    rest: str
    ws: str
    rtds: str
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
    build, profile = find_build(settings.build), find_profile(settings.profile)
    async with contextlib.AsyncExitStack() as stack:
        genesis_s = None if settings.clock is None else settings.clock.start_s
        node = await start_anvil(port=0, chain_id=CHAIN_ID, block_time_s=None, genesis_s=genesis_s)
        stack.push_async_callback(node.stop)
        # the node starts in another process while these slow imports (eth_account) run in ours
        recursion_limit = sys.getrecursionlimit()
        from harness.venue.house import House

        # py_ecc, below eth_account, sets it to 100,000, and then deeply nested JSON overflows the C stack
        sys.setrecursionlimit(recursion_limit)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        house = House(settings, build, profile, session, node.url, failed)
        stack.push_async_callback(house.close)
        ports = await house.open()
        yield Ready(
            rest=f"http://127.0.0.1:{ports['rest']}",
            ws=f"ws://127.0.0.1:{ports['ws']}",
            rtds=f"ws://127.0.0.1:{ports['ws']}/rtds",
            data=f"http://127.0.0.1:{ports['data']}",
            control=f"http://127.0.0.1:{ports['control']}",
            chain=f"http://127.0.0.1:{ports['chain']}",
            build=build.name,
            environment=settings.environment,
            chain_id=CHAIN_ID,
            contracts=asdict(house.contracts),
            fix=house.fix,
        )
