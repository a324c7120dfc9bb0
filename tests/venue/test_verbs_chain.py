"""The verbs that trouble the chain: trades and balances end as the chain has it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from py_clob_client_v2.clob_types import OrderArgs, OrderType
from websockets.sync.client import ClientConnection

from harness.wire.clob import CONTRACTS_137

from .bench import DEADLINE_S, Bench, Customer, eventually, read_until
from .test_verbs import begin

LONG_MS = 600_000
"""Longer than any test; whoever begins it ends it."""
MINED, CONFIRMED = "TRADE_STATUS_MINED", "TRADE_STATUS_CONFIRMED"


@contextlib.contextmanager
def frozen(bench: Bench) -> Iterator[None]:
    """No block but those that are asked for."""
    begin(bench, "freeze", for_ms=LONG_MS)
    try:
        yield
    finally:
        begin(bench, "freeze", for_ms=1)


class Deal:
    """A seller of ten shares and a buyer with ten dollars."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.market = bench.market()
        self.seller = bench.customer(self.market, yes="10")
        self.buyer = bench.customer(self.market, collateral="10")
        self.seller.order(self.market["yes"], "SELL", 0.5, 10)
        self.trade_id = ""

    def strike(self) -> None:
        """The buyer takes all; the reply is not kept waiting for the transaction."""
        args = OrderArgs(token_id=self.market["yes"], price=0.5, size=10, side="BUY")
        signed = self.buyer.client.create_order(args)
        reply = self.buyer.client.post_order(signed, OrderType.GTC, defer_exec=True)
        self.trade_id = reply["tradeIDs"][0]

    @property
    def status(self) -> str:
        return str(self.buyer.trade(self.trade_id)["status"])

    @property
    def receipt(self) -> dict[str, Any] | None:
        """That of the trade's transaction, while it has one and that is in a block."""
        sent = self.buyer.trade(self.trade_id)["transaction_hash"]
        found: dict[str, Any] | None = self.bench.rpc("eth_getTransactionReceipt", sent) if sent else None
        return found

    def sent(self) -> str:
        """The hash of the transaction, when it waits for a block."""
        return eventually(lambda: str(self.buyer.trade(self.trade_id)["transaction_hash"]))

    def until(self, status: str) -> None:
        eventually(lambda: self.status == status or None)

    def shares(self) -> tuple[str, str]:
        """The seller's and the buyer's YES on chain."""
        seller, buyer = (self.bench.funds(who, self.market) for who in (self.seller, self.buyer))
        return seller["yes"], buyer["yes"]

    def listed(self) -> tuple[Any, Any]:
        """The same as the data host lists them; 0 where it lists none."""
        return positions_size(self.bench, self.seller), positions_size(self.bench, self.buyer)


def positions_size(bench: Bench, customer: Customer) -> Any:
    rows = positions(bench, customer)
    assert len(rows) <= 1
    return rows[0]["size"] if rows else 0


def positions(bench: Bench, customer: Customer) -> list[dict[str, Any]]:
    answer = bench.http.get(bench.ready["data"] + "/positions", params={"user": customer.address})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


def height(bench: Bench) -> int:
    return int(bench.rpc("eth_blockNumber"), 16)


def block_hash(bench: Bench, number: int) -> str:
    return str(bench.rpc("eth_getBlockByNumber", hex(number), False)["hash"])


def heard(own: ClientConnection, last: str) -> list[str]:
    """The statuses of the trade events up to and with `last`."""
    events = read_until(own, lambda row: row["event_type"] == "trade" and row["status"] == last)
    return [row["status"] for row in events if row["event_type"] == "trade"]


@contextlib.contextmanager
def listening(bench: Bench, customer: Customer) -> Iterator[ClientConnection]:
    with bench.socket("user") as own:
        own.send(json.dumps({"type": "user", "auth": customer.auth()}))
        own.send("PING")
        assert own.recv(DEADLINE_S) == "PONG"
        yield own


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("depth", [1, 3, 10])
def test_after_a_reorg_trades_and_balances_end_right(troubled: Bench, depth: int, drop: bool) -> None:
    """A kept transaction is in another block of the new branch; a dropped one is sent again and settles."""
    deal = Deal(troubled)
    first = ["MATCHED", "MINED"] if depth < 3 else ["MATCHED", "MINED", "CONFIRMED"]
    with listening(troubled, deal.buyer) as own, frozen(troubled):
        deal.strike()
        deal.sent()
        begin(troubled, "mine", blocks=depth)
        assert heard(own, first[-1]) == first
        before, at = deal.receipt, height(troubled)
        ground, left = block_hash(troubled, at - depth), block_hash(troubled, at - depth + 1)
        assert before is not None
        assert (before["status"], before["blockHash"]) == ("0x1", left)
        eventually(lambda: deal.listed() == (0, 10) or None)
        begin(troubled, "reorg", depth=depth, drop=drop)
        assert (height(troubled), block_hash(troubled, at - depth)) == (at, ground)
        assert block_hash(troubled, at - depth + 1) != left
        if drop:
            assert heard(own, "RETRYING") == ["RETRYING"]
            eventually(lambda: deal.listed() == (10, 0) or None)
            deal.sent()
            begin(troubled, "mine", blocks=3)
            assert heard(own, "CONFIRMED") == ["MINED", "CONFIRMED"]
        else:
            after = deal.receipt
            assert after is not None
            assert after["blockHash"] == block_hash(troubled, at - depth + 1)
            assert deal.status == (MINED if depth < 3 else CONFIRMED)
    deal.until(CONFIRMED)
    assert deal.shares() == ("0", "10")
    eventually(lambda: deal.listed() == (0, 10) or None)


def test_reorgs_one_after_the_other_count_nothing_twice(troubled: Bench) -> None:
    """After ten reorganisations of one block the position is what balanceOf says, and so is a later trade."""
    deal = Deal(troubled)
    with frozen(troubled):
        deal.strike()
        deal.sent()
        begin(troubled, "mine", blocks=1)
        for drop in (False, True) * 5:
            begin(troubled, "reorg", depth=1, drop=drop)
            if drop:
                deal.sent()
                begin(troubled, "mine", blocks=1)
                deal.until(MINED)
    deal.until(CONFIRMED)
    assert deal.shares() == ("0", "10")
    eventually(lambda: deal.listed() == (0, 10) or None)


def test_a_reorg_keeps_what_waits_for_a_block(troubled: Bench) -> None:
    """A settlement that was not mined yet when blocks were abandoned with all they held still comes."""
    early, late = Deal(troubled), Deal(troubled)
    with frozen(troubled):
        early.strike()
        early.sent()
        begin(troubled, "mine", blocks=1)
        early.until(MINED)
        late.strike()
        late.sent()
        begin(troubled, "reorg", depth=1, drop=True)
    for deal in (early, late):
        deal.until(CONFIRMED)
        assert deal.shares() == ("0", "10")


def test_a_reorg_leaves_what_the_test_stands_on(troubled: Bench) -> None:
    """Markets and money of the abandoned blocks are there again, also where transactions are dropped."""
    market = troubled.market()
    buyer = troubled.customer(market, collateral="10")
    begin(troubled, "reorg", depth=12, drop=True)
    assert troubled.funds(buyer, market)["collateral"] == "10"
    assert buyer.order(market["yes"], "BUY", 0.5, 10)["status"] == "live"


def test_a_reorg_of_a_long_chain_loses_nothing(troubled: Bench) -> None:
    """After a thousand blocks, too, the new branch stands on the contracts and the money of the old one."""
    market = troubled.market()
    buyer = troubled.customer(market, collateral="10")
    for _ in range(4):
        begin(troubled, "mine", blocks=256)
    begin(troubled, "reorg", depth=12, drop=True)
    assert troubled.funds(buyer, market)["collateral"] == "10"


def test_delayed_settlements_are_sent_when_it_is_over(troubled: Bench) -> None:
    """A match of the next while stays MATCHED, without a transaction, and settles after it."""
    deal = Deal(troubled)
    begin(troubled, "delay", of="settlement", for_ms=LONG_MS)
    deal.strike()
    end = height(troubled) + 3
    eventually(lambda: troubled.control("/health")["block"] >= end or None)
    assert (deal.status, deal.receipt) == ("TRADE_STATUS_MATCHED", None)
    begin(troubled, "delay", of="settlement", for_ms=1)
    deal.until(CONFIRMED)
    assert deal.shares() == ("0", "10")


@pytest.mark.parametrize(
    ("times", "statuses", "shares"),
    [
        (1, ["MATCHED", "RETRYING", "MINED", "CONFIRMED"], ("0", "10")),
        (2, ["MATCHED", "RETRYING", "RETRYING", "MINED", "CONFIRMED"], ("0", "10")),
        (3, ["MATCHED", "RETRYING", "RETRYING", "FAILED"], ("10", "0")),
    ],
)
def test_the_next_settlements_revert(
    troubled: Bench, times: int, statuses: list[str], shares: tuple[str, str]
) -> None:
    """So many transactions are mined with status 0x0; the trade settles after them or has failed."""
    deal = Deal(troubled)
    with listening(troubled, deal.buyer) as own:
        begin(troubled, "revert", times=times)
        deal.strike()
        assert heard(own, statuses[-1]) == statuses
    assert deal.receipt is not None
    assert deal.receipt["status"] == ("0x0" if statuses[-1] == "FAILED" else "0x1")
    assert deal.shares() == shares
    mined = [row for row in operator_sent(troubled, deal) if row["status"] == "0x0"]
    assert len(mined) == times


def operator_sent(bench: Bench, deal: Deal) -> list[dict[str, Any]]:
    """The receipts of the settlements of the deal's market, in the order of the chain."""
    found = []
    for number in range(1, height(bench) + 1):
        for sent in bench.rpc("eth_getBlockByNumber", hex(number), True)["transactions"]:
            if deal.market["condition"][2:] in sent["input"] and sent["to"] == CONTRACTS_137.exchange.lower():
                found.append(bench.rpc("eth_getTransactionReceipt", sent["hash"]))
    return found


def test_a_frozen_chain_has_no_blocks_but_those_asked_for(troubled: Bench) -> None:
    """No trade is mined while it lasts; it goes on by itself, and `mine` makes blocks at once."""
    deal = Deal(troubled)
    with frozen(troubled):
        deal.strike()
        deal.sent()
        at = height(troubled)
        begin(troubled, "mine", blocks=5)
        assert height(troubled) == at + 5
        deal.until(CONFIRMED)
        assert height(troubled) == at + 5
    eventually(lambda: height(troubled) > at + 5 or None)
