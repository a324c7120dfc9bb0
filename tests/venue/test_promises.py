"""What is kept of promises as orders and trades change is what adding them all up would give."""

from __future__ import annotations

import asyncio
import contextlib
from decimal import Decimal
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.venue.chain import Chain
from harness.venue.engine import Engine, Now
from harness.venue.faults import RefusalError
from harness.venue.purses import Purses
from harness.venue.records import BookOrder, OrderStatus, TradeStatus
from harness.venue.reservations import Holds, same_purse
from harness.wire.amounts import limit_amounts
from harness.wire.clob import Order, Side

from .test_settlement import START, market

MAKERS = ("0x" + "1" * 40, "0x" + "2" * 40, "0x" + "3" * 40)
OPEN = (OrderStatus.LIVE, OrderStatus.DELAYED)
LISTED = market()
RESOLVED = OrderStatus.MARKET_RESOLVED
picks = st.integers(0, 1000)
placed = st.tuples(
    st.sampled_from(["place", "hold"]),
    st.sampled_from(MAKERS),
    st.sampled_from(Side),
    st.booleans(),
    st.integers(48, 52),
    st.integers(5, 20),
    st.sampled_from(["GTC", "GTC", "GTD", "FOK", "FAK"]),
)
changed = st.tuples(st.sampled_from(["cancel", "resolve", "release"]), picks)
settled = st.tuples(st.just("settle"), picks, st.sampled_from(TradeStatus))
passed = st.tuples(st.just("pass"), st.integers(0, 200))
doings = st.lists(
    st.one_of(placed, placed, placed, placed, changed, settled, passed), min_size=4, max_size=40
)


class Day:
    """One engine, and all that was done to it."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.engine.open_market(LISTED, START)
        self.now = START
        self.orders: list[BookOrder] = []

    def do(self, what: str, *how: Any) -> None:
        match what:
            case "place" | "hold":
                order = self._order(*how)
                self.orders.append(order)
                with contextlib.suppress(RefusalError):
                    (self.engine.place if what == "place" else self.engine.hold)(order, self.now)
            case "settle" if self.engine.trades:
                trades = list(self.engine.trades.values())
                trade = trades[how[0] % len(trades)]
                trade.status = how[1]
                self.engine.trade_changed(trade, self.now)
            case "pass":
                self.now = Now(self.now.ns + how[0] * 1_000_000_000)
                self.engine.expire(self.now)
            case "cancel" | "resolve" | "release" if self.orders:
                order = self.orders[how[0] % len(self.orders)]
                if what == "release":
                    self.engine.release(order, self.now)
                else:
                    status = OrderStatus.CANCELED if what == "cancel" else RESOLVED
                    self.engine.cancel(order, self.now, status)

    def _order(self, maker: str, side: Side, yes: bool, cents: int, size: int, kind: str) -> BookOrder:
        price, token = Decimal(cents) / 100, LISTED.yes if yes else LISTED.no
        gives, gets = limit_amounts(side, price, Decimal(size))
        until_s = self.now.s + 200 if kind == "GTD" else 0
        wire = Order(0, maker, maker, token, gives, gets, side, 0, self.now.ms, expiration_s=until_s)
        return BookOrder(
            f"0x{len(self.orders):064x}", wire, "0x" + "00" * 65, "key", LISTED, price, kind, self.now.s
        )


@settings(max_examples=150, deadline=None)
@given(doings)
def test_sums_are_those_of_adding_up(doings: list[tuple[Any, ...]]) -> None:
    """After whatever happens, each address' promises are what a look at every order and trade gives."""
    day = Day()
    wanted = [
        day._order(maker, side, yes, 50, 5, "GTC")
        for maker in MAKERS
        for side in Side
        for yes in (True, False)
    ]
    for doing in doings:
        day.do(*doing)
        engine = day.engine
        unsettled = [trade for trade in engine.trades.values() if trade.unsettled]
        for order in wanted:
            rows = [row for row in engine.open_orders() if row.status in OPEN and same_purse(row, order)]
            assert engine.promised(order) == sum(row.reserved for row in rows)
            holds, own = Holds(), engine.unsettled_trades(order.order.maker)
            assert holds.matched(own, (), order) == holds.matched(unsettled, (), order)


class Node:
    """A chain that counts how often it is asked, and may make a block in the middle of an answer."""

    def __init__(self) -> None:
        self.blocks_made = 0
        self.asked = 0
        self.during = 0

    async def collateral(self, owner: str, block: int) -> int:
        self.asked += 1
        self.blocks_made += self.during
        return 100 * block

    async def collateral_allowance(self, owner: str, spender: str) -> int:
        self.asked += 1
        return self.blocks_made


def test_a_purse_is_read_once_a_block() -> None:
    """What was read counts until a block is made or taken back here, or another is seen, owner by owner."""
    node, processed = Node(), [(1, "0xa")]
    purses = Purses(cast("Chain", node), lambda: processed[0])

    async def read() -> list[int]:
        return [await purses.balance("a", None), await purses.allowance("a", None, "s")]

    async def run() -> list[tuple[list[int], int]]:
        seen = [(await read(), node.asked), (await read(), node.asked)]
        node.blocks_made += 1
        seen.append((await read(), node.asked))
        processed[0] = (2, "0xb")
        seen.append((await read(), node.asked))
        processed[0] = (2, "0xc")
        seen.append((await read(), node.asked))
        await purses.balance("b", None)
        return [*seen, (await read(), node.asked)]

    assert asyncio.run(run()) == [
        ([100, 0], 2), ([100, 0], 2), ([100, 1], 4), ([200, 1], 6), ([200, 1], 8), ([200, 1], 9)
    ]  # fmt: skip


def test_what_was_read_across_a_block_is_not_kept() -> None:
    """Where a block is made while the node answers, the answer is given and read again next time."""
    node = Node()
    purses = Purses(cast("Chain", node), lambda: (1, "0xa"))

    async def run() -> int:
        node.during = 1
        await purses.balance("a", None)
        node.during = 0
        await purses.balance("a", None)
        await purses.balance("a", None)
        return node.asked

    assert asyncio.run(run()) == 2
