"""Other answers that are documented for the same thing: replies and statuses of another time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams

from harness.wire.clob import Side

from .bench import Bench, read_until, said, start_venue, stop_venue
from .bothclients import BUILDER
from .desk import call, make, post
from .scenario import Person, Seen, pass_time


@pytest.fixture
def ended(troubled: Bench) -> Iterator[Bench]:
    """A healthy venue whose verbs are ended after the test."""
    yield troubled
    assert troubled.http.delete(f"{troubled.ready['control']}/verbs").json() == {"ended": True}


def test_what_is_not_sent_yet_has_a_status_of_its_own(ended: Bench) -> None:
    """MATCHED_NOT_BROADCASTED is what REST says until there is a transaction; the stream never does."""
    market = ended.market()
    seller, buyer = ended.customer(market, yes="20"), ended.customer(market, collateral="20")
    seller.order(market["yes"], "SELL", 0.5, 10)
    ended.control("/verbs/words", {"of": "broadcast"})
    ended.control("/verbs/delay", {"of": "settlement", "for_ms": 60_000})
    order = make(buyer, market["yes"], Side.BUY, "0.5", "10", builder=BUILDER)
    with ended.user_channel(buyer) as events:
        (trade_id,) = post(ended, buyer, order)[1]["tradeIDs"]
        assert buyer.trade(trade_id)["status"] == "TRADE_STATUS_MATCHED_NOT_BROADCASTED"
        query = f"/builder/trades?builder_code={BUILDER}&market={market['condition']}"
        (row,) = call(ended, buyer, "GET", query)[1]["data"]
        assert row["status"] == "TRADE_STATUS_MATCHED_NOT_BROADCASTED"
        ended.http.delete(f"{ended.ready['control']}/verbs")
        seen = read_until(events, lambda event: event["status"] == "CONFIRMED")
    told = [event["status"] for event in seen if event["event_type"] == "trade"]
    assert told == ["MATCHED", "MINED", "CONFIRMED"]
    assert buyer.trade(trade_id)["status"] == "TRADE_STATUS_CONFIRMED"


def test_a_reply_with_its_hashes(ended: Bench) -> None:
    """The reply to a match waits for its transaction and names it: the client has nothing to look up."""
    market = ended.market()
    seller, buyer = ended.customer(market, yes="20"), ended.customer(market, collateral="20")
    seller.order(market["yes"], "SELL", 0.5, 10)
    ended.control("/verbs/words", {"of": "hashes"})
    reply = post(ended, buyer, make(buyer, market["yes"], Side.BUY, "0.5", "10"))[1]
    trade = buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    assert reply["transactionsHashes"] == [trade["transaction_hash"]]
    resting = post(ended, buyer, make(buyer, market["yes"], Side.BUY, "0.1", "10"))[1]
    assert (resting["status"], "transactionsHashes" in resting) == ("live", False)


def test_one_allowance_instead_of_a_list(ended: Bench) -> None:
    """The older shape has the exchange's allowance alone."""
    buyer = ended.customer(collateral="20")
    asked = BalanceAllowanceParams(AssetType.COLLATERAL)
    now = buyer.client.get_balance_allowance(asked)
    ended.control("/verbs/words", {"of": "allowance"})
    exchange = ended.ready["contracts"]["exchange"]
    older = {"balance": "20000000", "allowance": now["allowances"][exchange]}
    assert buyer.client.get_balance_allowance(asked) == older


@pytest.fixture
def by_hand() -> Iterator[Bench]:
    """A venue whose time is moved by hand."""
    process, ready = start_venue("2026.11.2", "--clock", "manual")
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


def test_a_delayed_order_is_answered_when_it_is_over(by_hand: Bench) -> None:
    """Then it is matched, rests, or, a FOK whose maker went away, is `unmatched`: a success all the same."""
    market = by_hand.market(taker_delay_ms=1000)
    maker, taker = (Person(by_hand, Seen(), "0x" + digit * 64) for digit in "12")
    for person, money in ((maker, {"yes": "100"}), (taker, {"collateral": "100"})):
        person.enter()
        by_hand.control("/fund", {"address": person.address, "market": market["condition"], **money})
    by_hand.control("/verbs/words", {"of": "waiting"})
    empty = {"success": True, "errorMsg": "", "makingAmount": "", "takingAmount": ""}
    with by_hand.socket("user") as events:
        assert said(events, {"type": "user", "auth": taker.creds}) == []

        def answer(kind: str, *, gone: bool) -> dict[str, Any]:
            """The reply to a buy that waits, and whose maker is gone meanwhile."""
            offer = maker.order(market["yes"], Side.SELL, "0.50", "10")["orderID"]
            with ThreadPoolExecutor(1) as beside:
                asked = beside.submit(taker.order, market["yes"], Side.BUY, "0.50", "10", kind)
                read_until(events, lambda event: event["status"] == "DELAYED")
                if gone:
                    assert maker.call("DELETE", "/order", {"orderID": offer})["canceled"] == [offer]
                pass_time(by_hand, 1000)
                reply: dict[str, Any] = asked.result()
            taker.call("DELETE", "/cancel-all")
            return reply

        unmatched = answer("FOK", gone=True)
        assert unmatched == {**empty, "orderID": unmatched["orderID"], "status": "unmatched"}
        rests = answer("GTC", gone=True)
        assert rests == {**empty, "orderID": rests["orderID"], "status": "live"}
        matched = answer("FOK", gone=False)
        amounts = (matched["makingAmount"], matched["takingAmount"], len(matched["tradeIDs"]))
        assert (matched["status"], *amounts) == ("matched", "5", "10", 1)
