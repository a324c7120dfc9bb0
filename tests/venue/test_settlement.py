"""The settler's state machine and the engine's clockwork, with values instead of a chain."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import cast

import pytest

from harness.venue.chain import Chain, Head
from harness.venue.engine import Engine, Listener, Now
from harness.venue.faults import RefusalError
from harness.venue.markets import Market, Markets
from harness.venue.nodemoods import NodeMoods
from harness.venue.records import BookOrder, OrderStatus, Trade, TradeStatus
from harness.venue.rpc import RpcError
from harness.venue.settlement import Settlement, Settler
from harness.venue.terms import Terms
from harness.wire.amounts import limit_amounts
from harness.wire.clob import CONTRACTS_137, Order, Side

WALLET = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
START = Now(1_760_000_000_000_000_000)


class FakeChain:
    """A chain whose receipts are given beforehand; each send takes the next one."""

    operator = WALLET
    contracts = CONTRACTS_137

    def __init__(self, *statuses: str) -> None:
        self.statuses = list(statuses)
        self.gas: list[int] = []
        self.block = 0
        self.receipts: dict[str, dict[str, str]] = {}
        self.sending = asyncio.Lock()
        self.moods = NodeMoods()

    async def last_sent(self, call: object) -> str | None:
        return f"0x{len(self.gas):064x}" if self.receipts else None

    async def submit(self, call: object, gas: int, nonce: int | None) -> str:
        self.gas.append(gas)
        status = self.statuses.pop(0)
        if status == "refused":
            raise RpcError("eth_sendTransaction: no")
        sent = f"0x{len(self.gas):064x}"
        self.receipts[sent] = {"status": status, "blockNumber": hex(self.block + 1)}
        return sent

    async def head(self) -> Head:
        return Head(self.block, f"block {self.block}", f"block {self.block - 1}")

    async def knows(self, sent: str) -> bool:
        return sent in self.receipts

    async def revert_reason(self, sent: str) -> str:
        return "NotCrossing"

    async def receipt(self, sent: str) -> dict[str, str] | None:
        return self.receipts[sent] if int(self.receipts[sent]["blockNumber"], 16) <= self.block else None


class Ears(Listener):
    """Remembers the statuses that a trade went through."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def trade_changed(self, trade: Trade, now: Now) -> None:
        self.heard.append(trade.status.value)


def market() -> Market:
    return Markets(WALLET, CONTRACTS_137).draw(Terms())


def order(
    listed: Market, side: Side, price: str, size: str, kind: str = "GTC", expiration_s: int = 0
) -> BookOrder:
    maker, taker = limit_amounts(side, Decimal(price), Decimal(size))
    wire = Order(0, WALLET, WALLET, listed.yes, maker, taker, side, 0, START.ms, expiration_s=expiration_s)
    name = f"0x{id(wire):064x}"
    return BookOrder(name, wire, "0x" + "00" * 65, "key", listed, Decimal(price), kind, START.s)


def engine_with(listed: Market) -> tuple[Engine, Ears]:
    engine, ears = Engine(), Ears()
    engine.open_market(listed, START)
    engine.listen(ears)
    return engine, ears


def follow(chain: FakeChain, blocks: int) -> tuple[Trade, list[str]]:
    """One match, settled over so many blocks."""
    listed = market()
    engine, ears = engine_with(listed)
    engine.place(order(listed, Side.SELL, "0.5", "10"), START)
    trade = engine.place(order(listed, Side.BUY, "0.5", "10"), START)
    assert trade is not None
    settler = Settler(cast("Chain", chain), engine, Settlement)
    settler.settle(trade)

    async def run() -> None:
        for _ in range(blocks):
            await settler.tick(lambda: START)
            chain.block += 1
        await settler.tick(lambda: START)

    asyncio.run(run())
    return trade, ears.heard


def test_a_good_receipt_is_mined_and_after_two_blocks_confirmed() -> None:
    """A settled trade is MINED with its block and CONFIRMED two blocks later."""
    assert follow(FakeChain("0x1"), 2)[1] == ["MINED"]
    assert follow(FakeChain("0x1"), 3)[1] == ["MINED", "CONFIRMED"]


@pytest.mark.parametrize("first", ["0x0", "refused"])
def test_a_revert_is_tried_again_with_more_gas(first: str) -> None:
    """A reverted or refused transaction is RETRYING; the next one has twice the gas and may settle."""
    chain = FakeChain(first, "0x1")
    trade, heard = follow(chain, 5)
    assert heard == ["RETRYING", "MINED", "CONFIRMED"]
    assert chain.gas[1] == 2 * chain.gas[0]
    assert trade.transaction_hash == f"0x{2:064x}"


def test_after_the_third_revert_the_trade_has_failed() -> None:
    """Three reverts end a trade, and it holds nothing any more."""
    trade, heard = follow(FakeChain("0x0", "0x0", "0x0"), 6)
    assert heard == ["RETRYING", "RETRYING", "FAILED"]
    assert (trade.status, trade.unsettled) == (TradeStatus.FAILED, False)


def test_a_gtd_order_leaves_a_minute_before_its_time() -> None:
    """A GTD order is cancelled sixty seconds before its stated time."""
    listed = market()
    engine, _ = engine_with(listed)
    resting = order(listed, Side.BUY, "0.5", "10", "GTD", START.s + 300)
    engine.place(resting, START)
    engine.expire(Now(START.ns + 239 * 10**9))
    assert resting.status is OrderStatus.LIVE
    engine.expire(Now(START.ns + 240 * 10**9))
    assert resting.status is OrderStatus.EXPIRED
    assert engine.book(listed.yes).levels(Side.BUY) == []


def test_the_oldest_order_of_a_price_is_first() -> None:
    """Orders match by price, then by time."""
    listed = market()
    engine, _ = engine_with(listed)
    rows = [order(listed, Side.SELL, price, "10") for price in ("0.6", "0.5", "0.5")]
    for row in rows:
        engine.place(row, START)
    trade = engine.place(order(listed, Side.BUY, "0.7", "25"), START)
    assert trade is not None
    assert [fill.maker for fill in trade.fills] == [rows[1], rows[2], rows[0]]
    assert [fill.shares for fill in trade.fills] == [10_000_000, 10_000_000, 5_000_000]
    assert trade.collateral == 13_000_000


def test_a_fok_that_cannot_be_filled_changes_nothing() -> None:
    """A killed FOK leaves book and orders as they were."""
    listed = market()
    engine, _ = engine_with(listed)
    engine.place(order(listed, Side.SELL, "0.5", "10"), START)
    with pytest.raises(RefusalError, match="fully filled or killed"):
        engine.place(order(listed, Side.BUY, "0.5", "11", "FOK"), START)
    assert engine.book(listed.yes).levels(Side.SELL) == [(Decimal("0.5"), 10_000_000)]
    assert len(engine.orders) == 1
