"""The control API, on a port of its own: builds, markets and money for tests; no part of the wire."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from aiohttp import web

from harness.venue.builds import find_build
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError, VenueError
from harness.venue.fix.child import ABSENT
from harness.venue.fix.gateway import FixGateway
from harness.venue.funding import fund
from harness.venue.markets import Market
from harness.venue.money import base_units, human, plain
from harness.venue.terms import KEYS, read_terms
from harness.venue.web import answer, read_body
from harness.wire.clob import BASE_UNITS
from harness.wire.ctf import checksum_address

_FUND_KEYS: Final = ("address", "collateral", "market", "yes", "no", "approve", "deployed")
_BUILDER: Final = re.compile(r"0x[0-9a-f]{64}")
_MOST_BPS: Final = 1000  # the contract takes a tenth at most
_SESSION_KEYS: Final = (
    *("address", "kind", "private_key", "begin_string"),
    *("public_key", "cancel_on_disconnect", "fills_only", "profile"),
)


class ControlRoutes:
    """Handlers over one exchange. Every bad request answers 400 with what is wrong and what to do."""

    def __init__(
        self, exchange: Exchange, gateway: FixGateway | None, changing: asyncio.Lock, environment: str
    ) -> None:
        self._exchange = exchange
        self._environment = environment
        self._gateway = gateway
        self._changing = changing  # the chain is set up by one request at a time

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each control endpoint."""
        return [
            web.get("/health", self.health),
            web.get("/build", self.build),
            web.post("/build", self.ship),
            web.get("/markets", self.markets),
            web.post("/markets", self.new_market),
            web.post("/fund", self.fund),
            web.post("/builders", self.builder),
            web.get("/fix-sessions", self.fix_sessions),
            web.post("/fix-sessions", self.new_fix_session),
        ]

    async def health(self, _: web.Request) -> web.Response:
        """GET /health: it runs, as which environment; `fix` says how the acceptor's process is."""
        block = self._exchange.settler.processed_block
        fix = None if self._gateway is None else self._gateway.health()
        build, environment = self._exchange.build.name, self._environment
        return answer({"ok": True, "build": build, "environment": environment, "block": block, "fix": fix})

    async def build(self, _: web.Request) -> web.Response:
        """GET /build: the build in force and its defects."""
        build = self._exchange.build
        return answer({"build": build.name, "defects": list(build.defects)})

    async def ship(self, request: web.Request) -> web.Response:
        """POST /build: ship another build in place."""
        body = await _fields(request, ("build",))
        try:
            build = find_build(str(body.get("build")))
        except VenueError as error:
            raise RefusalError(400, str(error)) from None
        self._exchange.ship(build)
        return await self.build(request)

    async def markets(self, _: web.Request) -> web.Response:
        """GET /markets: every listed market."""
        return answer([_market_view(market) for market in self._exchange.markets])

    async def new_market(self, request: web.Request) -> web.Response:
        """POST /markets: prepare a condition on chain and list its market, of the kind in the body."""
        body = await _fields(request, KEYS)
        async with self._changing:
            try:
                market = await self._exchange.list_market(read_terms(body))
            except ValueError as error:
                raise RefusalError(400, str(error)) from None
        return answer(_market_view(market))

    async def fund(self, request: web.Request) -> web.Response:
        """POST /fund: give an address money, shares and, unless told, the approvals; returns its balances."""
        body = await _fields(request, _FUND_KEYS)
        try:
            address = checksum_address(str(body.get("address")))
            collateral, yes, no = (base_units(body.get(name, "0")) for name in ("collateral", "yes", "no"))
        except ValueError as error:
            raise RefusalError(400, str(error)) from None
        approve, deployed = (_flag(body, name) for name in ("approve", "deployed"))
        market = self._exchange.markets.by_condition(str(body.get("market", "")))
        if market is None and ("market" in body or yes or no):
            raise RefusalError(400, "market must be the condition id of a listed market: POST /markets first")
        shares = {} if market is None else {market.yes: yes, market.no: no}
        chain = self._exchange.chain
        async with self._changing:
            await self._exchange.deployments.funded(address, deployed=deployed)
            block = await fund(chain, address, collateral, market, shares, approve=approve and deployed)
        await self._exchange.funded(address, block)
        balances = {"address": address, "collateral": human(await chain.collateral(address))}
        if market is not None:
            balances["yes"] = human(await chain.shares(address, market.yes))
            balances["no"] = human(await chain.shares(address, market.no))
        return answer(balances)

    async def builder(self, request: web.Request) -> web.Response:
        """POST /builders: what the builder of a code takes of the takers of its orders, from now on."""
        body = await _fields(request, ("code", "taker_bps"))
        code, taker_bps = str(body.get("code")).lower(), body.get("taker_bps", 0)
        if not _BUILDER.fullmatch(code):
            raise RefusalError(400, "code must be 0x and 64 hex digits")
        if type(taker_bps) is not int or not 0 <= taker_bps <= _MOST_BPS:
            raise RefusalError(400, f"taker_bps must be a whole number between 0 and {_MOST_BPS}")
        self._exchange.builder_bps[code] = taker_bps
        return answer({"code": code, "taker_bps": taker_bps})

    async def fix_sessions(self, _: web.Request) -> web.Response:
        """GET /fix-sessions: every session that was opened."""
        return answer([] if self._gateway is None else self._gateway.sessions())

    async def new_fix_session(self, request: web.Request) -> web.Response:
        """POST /fix-sessions: open a session for an account, with CompIDs and sequence numbers of its own."""
        body = await _fields(request, _SESSION_KEYS)
        if self._gateway is None:
            raise RefusalError(400, ABSENT)
        return answer(await self._gateway.open_session(body))


async def _fields(request: web.Request, known: tuple[str, ...]) -> dict[str, Any]:
    body = await read_body(request, f"send a JSON object with {', '.join(known)}")
    if not isinstance(body, dict):
        raise RefusalError(400, f"send a JSON object with {', '.join(known)}")
    if unknown := sorted(set(body) - set(known)):
        raise RefusalError(400, f"unknown {', '.join(unknown)}: the keys are {', '.join(known)}")
    return body


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, True)
    if not isinstance(value, bool):
        raise RefusalError(400, f"{name} must be true or false: leave it out for true")
    return value


def _market_view(market: Market) -> dict[str, Any]:
    fee = market.fee
    return {
        "condition": market.condition,
        "question_id": market.question_id,
        "yes": str(market.yes),
        "no": str(market.no),
        "tick": str(market.tick),
        "min_size": str(market.min_size // BASE_UNITS),
        "oracle": market.oracle,
        "symbol": market.symbol,
        "question": market.question,
        "slug": market.slug,
        "neg_risk": market.neg_risk,
        "neg_risk_market_id": "" if market.event is None else market.event.id,
        "fee_rate": "0" if fee is None else plain(fee.rate),
        "fee_exponent": 0 if fee is None else fee.exponent,
        "taker_delay_ms": market.delay_ms,
        "seconds_delay": market.seconds_delay,
    }
