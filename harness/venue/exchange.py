"""The exchange as its faces use it: keys, markets, engine, chain and settler, with the build in force."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from harness.venue import conditions, orderchecks, signatures
from harness.venue.allowances import Asset
from harness.venue.auth import ApiKey, Keys
from harness.venue.builds import Build
from harness.venue.chain import Chain
from harness.venue.chance import Chance
from harness.venue.delays import Waiting
from harness.venue.deployments import Deployments
from harness.venue.engine import Engine, Now
from harness.venue.faults import RefusalError, VenueError
from harness.venue.fees import fee_ahead
from harness.venue.halts import Halts
from harness.venue.heartbeats import Heartbeats
from harness.venue.history import History
from harness.venue.limiting import Limits
from harness.venue.markets import Market, Markets
from harness.venue.notifications import Notifications
from harness.venue.owners import Owners
from harness.venue.parts import Parts
from harness.venue.purses import Purses
from harness.venue.records import BookOrder, Trade
from harness.venue.reservations import require_funds
from harness.venue.restrictions import Restrictions
from harness.venue.settlement import Settler
from harness.venue.spenders import every
from harness.venue.terms import Terms
from harness.venue.venueclock import VenueClock
from harness.wire.clob import PostedOrder, Side
from harness.wire.wallets import KINDS

_TICK_S: Final = 0.02  # how often the node is asked for a new block: well below the time of a block
_NOT_READY: Final = "the market is not yet ready to process new orders"
NO_BOOK: Final = "the orderbook {token} does not exist"


class Exchange:
    """One running exchange."""

    def __init__(self, chain: Chain, build: Build, chain_id: int, clock: VenueClock, chance: Chance) -> None:
        self.chain_id = chain_id
        self.chain = chain
        self.build = build
        self.keys = Keys(chain_id, chance)
        self.owners = Owners(chain)
        self.deployments = Deployments(chain, self.owners)
        self.markets = Markets(chain.operator, chain.contracts)
        self._parts = build.parts()
        self.engine = Engine(lambda: self._parts.book_rules, chance)
        self.history = History(self.engine)
        self.notifications = Notifications(self.engine)
        self.heartbeats = Heartbeats(self.engine, chance)
        self._waiting = Waiting()
        self.clock = clock
        self.chance = chance
        self.halts = Halts()
        self.limits = Limits()
        self.restrictions = Restrictions()
        self.builder_bps: dict[str, int] = {}
        """What builders take of their takers, by code in small letters, in basis points."""
        self.before_restart: frozenset[str] = frozenset()
        """The orders that were open when the WebSocket gateway was restarted last."""
        self.placing = asyncio.Lock()
        """Held while an order is judged and placed."""
        self._wake = asyncio.Event()
        self._stepping = asyncio.Lock()
        self.followers: list[Callable[[], Awaitable[None]]] = []
        """Who follows the chain at this exchange's steps, where no time passes by itself."""
        self._processed = asyncio.Condition()
        self._closed = False
        self.settler = Settler(chain, self.engine, lambda: self._parts.settlement)
        self._purses = Purses(chain, lambda: (self._read_block, self.settler.processed_hash))

    def ship(self, build: Build) -> None:
        """Put another build in force; what rests and what was sent stays as it is."""
        self._parts = build.parts()
        self.build = build

    @property
    def parts(self) -> Parts:
        """The parts of the build in force."""
        return self._parts

    def now(self) -> Now:
        """This moment."""
        return Now(self.clock.now_us() * 1000)

    async def run(self, failed: Callable[[str], None]) -> None:
        """Settle matches and expire orders until cancelled; `failed` is told where the node is lost."""
        while True:
            self._wake.clear()
            try:
                await self.step()
            except Exception as error:  # the loop must end loudly, whatever it was
                failed(f"settlement stopped: {error}")
                return
            with contextlib.suppress(TimeoutError):
                # wait_for may swallow the cancel that ends this loop
                async with asyncio.timeout(None if self.clock.manual else _TICK_S):
                    await self._wake.wait()

    async def step(self) -> None:
        """Send what is unsent, take in what is mined, expire what is due. Raises VenueError."""
        async with self._stepping:
            await self.settler.tick(self.now)
            for follow in self.followers:
                await follow()
            self.engine.expire(self.now())
            self._release()
            self.heartbeats.sweep(self.now())
            async with self._processed:
                self._processed.notify_all()

    async def seen(self, block: int) -> None:
        """Wait until the exchange has taken in a block, so that balances count from it on."""
        await self.until(lambda: self.settler.processed_block >= block)

    async def left(self, block_hash: str) -> None:
        """Wait until the exchange has noticed that the newest block is not this one any more."""
        await self.until(lambda: self.settler.processed_hash != block_hash)

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until something is so, which is looked at after each step. Raises VenueError after a reset."""
        self._wake.set()
        async with self._processed:
            await self._processed.wait_for(lambda: self._closed or so())
        if self._closed:
            raise VenueError("the venue was reset meanwhile")

    async def close(self) -> None:
        """Nobody waits any more for what this exchange takes in: there is another one now."""
        self._closed = True
        async with self._processed:
            self._processed.notify_all()

    async def funded(self, address: str, block: int) -> None:
        """Wait until an address' money counts, and look at what the exchange may take of it."""
        await self.until(lambda: self._read_block >= block)
        for token in (None, 0):
            await self._allowances(address, token, every(self.chain.contracts))

    @property
    def _read_block(self) -> int:
        """The block as of which balances count."""
        return self._parts.node_reads.as_of(self.settler.processed_block)

    async def purse(self, owner: str, token: int | None) -> tuple[int, dict[str, int]]:
        """An address' balance as of the newest block taken in, and what each spender may take of it; `token`
        None is pUSD."""
        rules, spenders = self._parts.allowances, every(self.chain.contracts)
        told = await self._allowances(owner, token, rules.listed(spenders))
        return await self._purses.balance(owner, token), told

    async def _allowances(self, owner: str, token: int | None, spenders: Sequence[str]) -> dict[str, int]:
        """What each spender may take of an address' pUSD (`token` None) or of its shares."""
        asset = Asset.COLLATERAL if token is None else Asset.CONDITIONAL
        found = [await self._purses.allowance(owner, token, spender) for spender in spenders]
        told = self._parts.allowances.told
        return {at: told(owner, asset, at, amount) for at, amount in zip(spenders, found, strict=True)}

    async def list_market(self, terms: Terms) -> Market:
        """Prepare a condition on chain and open its market. Raises ValueError for terms that nobody has."""
        market = self.markets.draw(terms)
        await conditions.prepare(self.chain, market)
        self.engine.open_market(market, self.now())
        self.markets.list(market)
        return market

    def change_tick(self, changed: Market) -> None:
        """List a market with another tick and say so; what rests stays at its price."""
        old = self.markets.of_token(changed.yes).tick
        self.markets.list(changed)
        self.engine.change_tick(changed, old, self.now())

    async def place(self, posted: PostedOrder, caller: ApiKey) -> tuple[BookOrder, Trade | None]:
        """Check an order in full and place it. Raises RefusalError with the exchange's words."""
        now = self.now()
        self.halts.require_orders(now.ns, post_only=posted.post_only)
        signatures.check_parties(posted, caller.key, await self.owners.wallets(caller.address))
        market = self.markets.by_token(posted.order.token_id)
        exchange = self._parts.intake.domain(market, self.chain.contracts)
        order_id = signatures.check_signature(posted, self.chain_id, exchange, caller.address)
        if posted.order.signature_type == KINDS["deposit"]:
            await self.deployments.require(caller.address)
        if market is None:
            raise RefusalError(400, "Invalid token id")
        orderchecks.check_kind(posted)
        self._parts.intake.check_expiration(posted, now.s)
        price = self._parts.intake.check_price(posted, order_id, market)
        order = BookOrder(
            id=order_id,
            order=posted.order,
            signature=posted.signature,
            owner=posted.owner,
            market=market,
            price=price,
            order_type=posted.order_type,
            created_s=now.s,
            trader=caller.address,
            builder_bps=self.builder_bps.get(posted.order.builder.lower(), 0),
        )
        self.restrictions.require_order(order)
        async with self.placing:
            self._require_open(order)
            if self._parts.intake.known(self.engine, order_id):
                raise RefusalError(400, f"order {order_id} is invalid. Duplicated.")
            await self._require_funds(order)
            crosses = self.engine.book(posted.order.token_id).crosses(order)
            orderchecks.check_marketable(posted, order_id, crosses, self.restrictions.wordings)
            wait_ns = self._parts.taker_delay.wait_ns(order.market) if crosses else 0
            self.restrictions.failures.require_order(waits=wait_ns > 0)
            if wait_ns:
                self.engine.hold(order, self.now())
                self._waiting.add(order, self.now().ns + wait_ns)
                return order, None
            trade = self.engine.place(order, self.now())
        self._settle(trade)
        return order, trade

    def _settle(self, trade: Trade | None) -> None:
        if trade is not None:
            self.settler.settle(trade)
            if not self.clock.manual:
                self._wake.set()

    def _release(self) -> None:
        """Match the orders whose taker delay is over; while the exchange takes no orders they wait on."""
        if self.halts.halted(self.now().ns):
            return
        for order in self._waiting.due(self.now().ns):
            if self._parts.taker_delay.ends(order) or not self.engine.meets_too_little(order):
                self._settle(self.engine.release(order, self.now()))

    def _require_open(self, order: BookOrder) -> None:
        market = self.markets.of_token(order.order.token_id)
        if not market.accepting:
            raise RefusalError(400, _NOT_READY)
        if market.resolved:
            raise RefusalError(400, NO_BOOK.format(token=order.order.token_id))

    async def _require_funds(self, order: BookOrder) -> None:
        engine, token = self.engine, None if order.side is Side.BUY else order.order.token_id
        owner, amount = order.order.maker, order.order.maker_amount
        spenders = self._parts.allowances.needed(order.market, self.chain.contracts)
        while True:
            block = self.settler.processed_block
            balance = await self._purses.balance(owner, token)
            allowances = await self._allowances(owner, token, spenders)
            if block == self.settler.processed_block:
                break  # balances and reservations are of one moment
        spender, allowance = self._parts.allowances.shortest(allowances, amount)
        require_funds(
            amount,
            balance=balance,
            allowance=allowance,
            active=engine.promised(order),
            matched=self._parts.holds.matched(engine.unsettled_trades(owner), engine.orders.values(), order),
            spender=spender,
            fee=fee_ahead(order, engine.ahead(order)),
            wordings=self.restrictions.wordings,
        )
