"""What a customer cannot do but a test must: restarts, halts, resolutions, and trouble on the chain.

Each verb answers when it has begun. What lasts ends by itself, and with the venue.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from harness.venue import conditions
from harness.venue.engine import Now
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.fix.child import ABSENT
from harness.venue.fix.gateway import FixGateway
from harness.venue.halts import NOT_READY, RESTART_TEXTS, Mode, Phase
from harness.venue.miner import Miner
from harness.venue.nodemoods import TAKEN, UNDERPRICED
from harness.venue.positions import PositionIndex
from harness.venue.records import OrderStatus
from harness.venue.reorg import DEEPEST, Reorganiser
from harness.venue.sidekeys import stamp
from harness.venue.sockets import Sockets
from harness.venue.spoiling import ERRORS, GAS_LEAST, GAS_MOST, Spoil
from harness.venue.sports import Game
from harness.venue.verbargs import choice, duration_ms, listed_market, only, switch, text, whole
from harness.venue.verbs_refusing import RefusingVerbs
from harness.venue.web import answer, read_body

Verb = Callable[[dict[str, Any]], Awaitable[None]]

RESTART_CODE: Final = 1012
_VOIDS: Final = tuple(
    status.value
    for status in (
        OrderStatus.INVALID,
        OrderStatus.NO_BALANCE,
        OrderStatus.NO_MARKET,
        OrderStatus.TIMED_OUT,
        OrderStatus.MARKET_RESOLVED,
    )
)
_MS_NS: Final = 1_000_000
_BLOCKS_LIMIT: Final = 256
_TIMES_LIMIT: Final = 100


class Verbs:
    """The verbs over one venue. `changing` is held by whoever changes what the chain's set-up stands on."""

    def __init__(
        self,
        exchange: Exchange,
        sockets: Sockets,
        gateway: FixGateway | None,
        miner: Miner,
        index: PositionIndex,
        changing: asyncio.Lock,
    ) -> None:
        self._exchange = exchange
        self._sockets = sockets
        self._gateway = gateway
        self._miner = miner
        self._index = index
        self._changing = changing
        self._refusing = RefusingVerbs(exchange)
        self._reorganiser = Reorganiser(exchange.chain)
        self._going_on: set[asyncio.Task[None]] = set()
        self._verbs: dict[str, Verb] = {
            "restart": self.restart,
            "pause": self.pause,
            "resolve": self.resolve,
            "tick": self.tick,
            "delay": self.delay,
            "revert": self.revert,
            "reorg": self.reorg,
            "mine": self.mine,
            "freeze": self.freeze,
            "void": self.void,
            "lag": self.lag,
            "deny": self.deny,
            "game": self.game,
            **self._refusing.verbs(),
        }

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.get("/verbs", self.names),
            web.post("/verbs/{verb}", self.begin),
            web.delete("/verbs", self.end),
        ]

    async def close(self) -> None:
        """End what is still going on."""
        for task in list(self._going_on):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def names(self, _: web.Request) -> web.Response:
        """GET /verbs: what there is."""
        return answer({"verbs": list(self._verbs)})

    async def begin(self, request: web.Request) -> web.Response:
        """POST /verbs/{verb}: begin it. 400 with what is wrong and what to do."""
        name = request.match_info["verb"]
        if name not in self._verbs:
            raise RefusalError(400, f"there is no verb {name!r}: the verbs are {', '.join(self._verbs)}")
        body = await read_body(request, "send a JSON object with the verb's arguments; {} for none")
        if not isinstance(body, dict):
            raise RefusalError(400, "send a JSON object with the verb's arguments; {} for none")
        await self._verbs[name](body)
        return answer({"begun": name})

    async def end(self, _: web.Request) -> web.Response:
        """DELETE /verbs: what still lasts of all that was begun is over, for the next test."""
        self._exchange.halts.end()
        self._refusing.end()
        self._exchange.settler.let_go()
        self._exchange.chain.moods.end()
        self._miner.freeze(0)
        return answer({"ended": True})

    async def restart(self, body: dict[str, Any]) -> None:
        """The FIX acceptor's process, the WebSockets, or the matching engine (for `for_ms`) starts again."""
        match choice(body, "of", ("fix", "ws", "matcher")):
            case "fix":
                only(body, "of")
                if self._gateway is None:
                    raise RefusalError(400, ABSENT)
                self._gateway.kill()
            case "ws":
                only(body, "of")
                live = self._exchange.engine.live_orders()
                self._exchange.before_restart = frozenset(order.id for order in live)
                self._go_on(self._sockets.close(RESTART_CODE, b"service restart"))
            case _:
                only(body, "of", "for_ms", "post_only_ms", "says")
                now_ns = self._now().ns
                up_ns = now_ns + duration_ms(body, 1500) * _MS_NS
                after_ms = whole(body, "post_only_ms", 0, 0, 120_000)
                says = choice(body, "says", RESTART_TEXTS, NOT_READY)
                self._exchange.halts.begin(Phase(Mode.RESTARTING, now_ns, up_ns, says))
                if after_ms:
                    after = Phase(Mode.POST_ONLY, up_ns, up_ns + after_ms * _MS_NS)
                    self._exchange.halts.begin(after)

    async def pause(self, body: dict[str, Any]) -> None:
        """Trading is cancel-only, disabled or post-only for `for_ms`."""
        only(body, "for_ms", "mode")
        modes = (Mode.CANCEL_ONLY.value, Mode.DISABLED.value, Mode.POST_ONLY.value)
        mode = Mode(choice(body, "mode", modes, Mode.CANCEL_ONLY.value))
        now_ns = self._now().ns
        self._exchange.halts.begin(Phase(mode, now_ns, now_ns + duration_ms(body, 3000) * _MS_NS))

    async def resolve(self, body: dict[str, Any]) -> None:
        """The oracle answers a market on chain; it is closed and its live orders are cancelled."""
        only(body, "market", "outcome")
        outcome = choice(body, "outcome", ("yes", "no"))
        async with self._changing:
            market = listed_market(self._exchange.markets, body)
            if market.resolved:
                raise RefusalError(
                    400, f"market {market.condition} is resolved already: POST /markets for another"
                )
            exchange, yes = self._exchange, outcome == "yes"
            if yes and (winner := exchange.markets.winner_beside(market)) is not None:
                text = f"{winner.condition} of the same event came true: this market can only end as no"
                raise RefusalError(400, text)
            async with exchange.placing:  # no order comes in between its end on chain and here
                block = await conditions.report(exchange.chain, market, yes=yes)
                resolved = replace(market, winner=market.yes if yes else market.no)
                exchange.markets.list(resolved)
                exchange.engine.resolve_market(resolved, self._now())
        await exchange.seen(block)

    async def tick(self, body: dict[str, Any]) -> None:
        """A market's tick size changes; what rests stays at its price."""
        only(body, "market", "tick")
        market = listed_market(self._exchange.markets, body)
        try:
            changed = market.with_tick(text(body, "tick"))
        except ValueError as error:
            raise RefusalError(400, f"{error}: send the tick as a text") from None
        if changed.tick == market.tick:
            raise RefusalError(400, f"the tick of {market.condition} is {market.tick} already: name another")
        async with self._exchange.placing:
            self._exchange.change_tick(changed)

    async def delay(self, body: dict[str, Any]) -> None:
        """Settlements of the matches that are made in the next `for_ms` are sent when it is over."""
        only(body, "of", "for_ms")
        choice(body, "of", ("settlement",))
        self._exchange.settler.hold_until(self._now().ns + duration_ms(body, 6000) * _MS_NS)

    async def revert(self, body: dict[str, Any]) -> None:
        """The next `times` settlement transactions revert on chain, with an `error` or for want of `gas`."""
        only(body, "times", "error", "gas")
        times = whole(body, "times", 1, 1, _TIMES_LIMIT)
        if "gas" not in body:
            spoil = Spoil(error=choice(body, "error", tuple(ERRORS), "MakingGtRemaining"))
        elif "error" in body:
            raise RefusalError(400, "send an error or a gas limit, not both: either alone makes it fail")
        else:
            spoil = Spoil(gas=whole(body, "gas", GAS_LEAST, GAS_LEAST, GAS_MOST))
        self._exchange.settler.make_revert(spoil, times)

    async def reorg(self, body: dict[str, Any]) -> None:
        """The newest `depth` blocks are abandoned for as many others, with their transactions or without."""
        only(body, "depth", "drop")
        depth, drop = whole(body, "depth", 1, 1, DEEPEST), switch(body, "drop")
        exchange = self._exchange
        async with self._changing, self._miner.making:
            newest = await exchange.chain.block_number()
            if depth >= newest:
                raise RefusalError(
                    400, f"depth {depth}: the chain has {newest} blocks; take less, or mine some"
                )
            await exchange.seen(newest)
            await self._index.seen(newest)
            async with exchange.placing:  # nothing is judged by balances of one branch and matches of another
                left = exchange.settler.processed_hash
                await self._reorganiser.reorganise(depth, drop=drop)
                await exchange.left(left)

    async def mine(self, body: dict[str, Any]) -> None:
        """So many blocks at once."""
        only(body, "blocks")
        await self._miner.mine(whole(body, "blocks", 1, 1, _BLOCKS_LIMIT))

    async def freeze(self, body: dict[str, Any]) -> None:
        """No block comes by itself for `for_ms`; what asks for one still gets it."""
        only(body, "for_ms")
        self._miner.freeze(duration_ms(body, 5000))

    async def void(self, body: dict[str, Any]) -> None:
        """The exchange itself cancels an order, as INVALID or with another of its reasons."""
        only(body, "order", "status")
        status = OrderStatus(choice(body, "status", _VOIDS, OrderStatus.INVALID.value))
        order = self._exchange.engine.orders.get(text(body, "order"))
        if order is None or order.status is not OrderStatus.LIVE:
            raise RefusalError(400, "order must be the id of an order that is live: place one first")
        self._exchange.engine.cancel(order, self._now(), status)

    async def lag(self, body: dict[str, Any]) -> None:
        """For `for_ms` customers of the node are answered as of `depth` blocks ago."""
        only(body, "depth", "for_ms")
        until_ns = self._now().ns + duration_ms(body, 5000) * _MS_NS
        self._exchange.chain.moods.lag(whole(body, "depth", 1, 1, DEEPEST), until_ns)

    async def deny(self, body: dict[str, Any]) -> None:
        """The node answers the next `times` transactions with an error, though it takes them."""
        only(body, "of", "error", "times")
        moods, of = self._exchange.chain.moods, choice(body, "of", ("sends", "settlements"))
        denials = moods.customers if of == "sends" else moods.settlements
        denials.begin(choice(body, "error", TAKEN, UNDERPRICED), whole(body, "times", 1, 1, _TIMES_LIMIT))

    async def game(self, body: dict[str, Any]) -> None:
        """A game stands otherwise: everybody on the sports channel is told."""
        only(body, "slug", "status", "score", "period", "live", "ended", "elapsed", "turn")
        slug, status, score, period = (text(body, name) for name in ("slug", "status", "score", "period"))
        elapsed, turn = (text(body, name) if name in body else None for name in ("elapsed", "turn"))
        live, ended = switch(body, "live"), switch(body, "ended")
        try:
            game = Game(slug, status, score, period, live, ended, elapsed, turn)
        except ValueError as error:
            raise RefusalError(400, str(error)) from None
        self._sockets.sports.tell(game, stamp(self._now().s))

    def _now(self) -> Now:
        return self._exchange.now()

    def _go_on(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)
