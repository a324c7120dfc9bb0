"""The venue's clock on the control API: what it says, and moving it where it is moved by hand."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from harness.venue.conductor import Conductor
from harness.venue.faults import RefusalError
from harness.venue.venueclock import VenueClock
from harness.venue.verbargs import only, whole
from harness.venue.web import answer, read_body

LONGEST_MS: Final = 366 * 86_400_000
_WANTED: Final = 'send {"advance_ms": N}'


class ClockRoutes:
    """Handlers over one clock; `conductor` is there where it is moved by hand."""

    def __init__(self, clock: VenueClock, conductor: Conductor | None) -> None:
        self._clock = clock
        self._conductor = conductor

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [web.get("/clock", self.now), web.post("/clock", self.advance)]

    async def now(self, _: web.Request) -> web.Response:
        """GET /clock: the venue's time in Unix milliseconds, and whether it is moved by hand."""
        return answer({"now_ms": self._clock.now_us() // 1000, "manual": self._clock.manual})

    async def advance(self, request: web.Request) -> web.Response:
        """POST /clock: let so much time pass; all that it brings has happened when this is answered."""
        body = await read_body(request, _WANTED)
        if not isinstance(body, dict):
            raise RefusalError(400, _WANTED)
        only(body, "advance_ms")
        by_ms = whole(body, "advance_ms", 0, 1, LONGEST_MS)
        if self._conductor is None:
            raise RefusalError(400, "this clock moves by itself: start the venue with --clock manual")
        await self._conductor.advance(by_ms)
        return await self.now(request)
