"""What the order entry answers: the refusals that need a state of their own, and each reply's exact keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from py_clob_client_v2.clob_types import OrderPayload

from harness.wire import clob
from harness.wire.clob import CONTRACTS_137, Side

from .bench import Bench, Customer, eventually
from .desk import call, make, post, refused, signed_body

GONE = "order can't be found - already canceled or matched"


@pytest.fixture
def ended(troubled: Bench) -> Iterator[Bench]:
    """A healthy venue whose verbs are ended after the test."""
    yield troubled
    assert troubled.http.delete(f"{troubled.ready['control']}/verbs").json() == {"ended": True}


def test_an_order_of_the_first_version(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """A body with nonce and fee rate is told to use a newer client, alone and in a batch."""
    body = signed_body(buyer, make(buyer, market["yes"], Side.BUY, "0.5", "5"))
    first = {
        key: value for key, value in body["order"].items() if key not in ("timestamp", "metadata", "builder")
    }
    body["order"] = {**first, "taker": "0x" + "00" * 20, "nonce": "0", "feeRateBps": "0"}
    told = refused("invalid order version, please use the latest clob-client")
    assert call(bench, buyer, "POST", "/order", json.dumps(body)) == told
    assert call(bench, buyer, "POST", "/orders", json.dumps([body])) == told


@pytest.mark.parametrize(
    ("collateral", "text"),
    [
        (
            4_330_000,
            "invalid amounts, the taker amount for a $0.22 order of size 19.69 should be '4.3318' but "
            "the value submited is '4.33'. Please check if you are using the latest version of the "
            "'clob-client' library",
        ),
        (4_331_700, "order {id} is invalid. Price (0.2199949212798375) breaks minimum tick size rule: 0.01"),
        (4_340_000, "order {id} is invalid. Price (0.2204164550533266) breaks minimum tick size rule: 0.01"),
    ],
    ids=["cut to cents", "not of cents", "too much"],
)
def test_proceeds_that_are_not_price_times_size(
    bench: Bench, market: dict[str, str], buyer: Customer, collateral: int, text: str
) -> None:
    """A SELL whose proceeds were cut to cents is told what they should be."""
    order = make(buyer, market["yes"], Side.SELL, "0.22", "19.69", taker_amount=collateral)
    order_id = clob.order_id(order, chain_id=137, exchange=CONTRACTS_137.exchange)
    assert post(bench, buyer, order) == refused(text.format(id=order_id))


def test_the_balance_gate_tells_all_its_sums(troubled: Bench) -> None:
    """Open orders and matches that are not settled are both told, beside the balance."""
    market = troubled.market()
    buyer, seller = troubled.customer(market, collateral="10"), troubled.customer(market, yes="10")
    seller.order(market["yes"], "SELL", 0.5, 6)
    troubled.control("/verbs/delay", {"of": "settlement", "for_ms": 60_000})
    try:
        taker = make(buyer, market["yes"], Side.BUY, "0.5", "6")  # the client would wait 30 s for a hash
        assert post(troubled, buyer, taker)[1]["status"] == "matched"
        assert buyer.order(market["yes"], "BUY", 0.1, 20)["status"] == "live"
        order = make(buyer, market["yes"], Side.BUY, "0.3", "20")
        assert post(troubled, buyer, order) == refused(
            "not enough balance / allowance: the balance is not enough -> balance: 10000000, "
            "sum of active orders: 2000000, sum of matched orders: 3000000, "
            "order amount (inc. fees): 6000000"
        )
    finally:
        troubled.http.delete(f"{troubled.ready['control']}/verbs")


def test_the_engine_fails(ended: Bench) -> None:
    """An order that is all right is answered 500 and not placed; the same bytes pass when they come again."""
    market = ended.market()
    alice = ended.customer(market, collateral="10")
    order = make(alice, market["yes"], Side.BUY, "0.4", "5")
    ended.control("/verbs/fail", {"error": "order timed out"})
    assert post(ended, alice, order) == (500, {"error": "order timed out"})
    assert alice.client.get_open_orders() == []
    assert post(ended, alice, order)[1]["status"] == "live"
    ended.control("/verbs/fail", {"error": "could not insert order", "times": 1})
    body = json.dumps([signed_body(alice, make(alice, market["yes"], Side.BUY, "0.1", "5")) for _ in "ab"])
    rows = call(ended, alice, "POST", "/orders", body)[1]
    assert [row["errorMsg"] for row in rows] == ["could not insert order", ""]


def test_too_many_cancels_at_once(bench: Bench, buyer: Customer) -> None:
    """A thousand ids are taken, one more is refused."""
    ids = [f"0x{number:064x}" for number in range(1001)]
    answer = call(bench, buyer, "DELETE", "/orders", json.dumps(ids[:1000]))
    assert answer == (200, {"canceled": [], "not_canceled": dict.fromkeys(ids[:1000], GONE)})
    told = "Too many orders in payload, max allowed: 1000"
    assert call(bench, buyer, "DELETE", "/orders", json.dumps(ids)) == refused(told)


def test_the_replies_have_their_keys_and_kinds(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """What rests has empty amounts and no trades, what matches has decimals in texts and the trade's id."""
    seller = bench.customer(market, yes="20")
    resting = post(bench, seller, make(seller, market["yes"], Side.SELL, "0.3", "10"))[1]
    empty = {"success": True, "errorMsg": "", "makingAmount": "", "takingAmount": ""}
    assert resting == {**empty, "status": "live", "orderID": resting["orderID"]}
    for kind, size in (("FOK", "4"), ("FAK", "5")):
        order = make(buyer, market["yes"], Side.BUY, "0.3", size)
        matched = post(bench, buyer, order, kind)[1]
        paid = {"FOK": "1.2", "FAK": "1.5"}[kind]
        assert matched == {
            "success": True,
            "errorMsg": "",
            "orderID": clob.order_id(order, chain_id=137, exchange=CONTRACTS_137.exchange),
            "status": "matched",
            "makingAmount": paid,
            "takingAmount": size,
            "tradeIDs": matched["tradeIDs"],
        }
        assert [type(row) for row in matched["tradeIDs"]] == [str]


def test_why_an_order_is_not_cancelled(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Matched, cancelled, unknown and somebody else's orders have one reason; a cancel names each id once."""
    seller = bench.customer(market, yes="20")
    theirs = seller.order(market["yes"], "SELL", 0.3, 10)["orderID"]
    matched = buyer.order(market["yes"], "BUY", 0.3, 5)["orderID"]
    mine = buyer.order(market["yes"], "BUY", 0.1, 10)["orderID"]
    unknown = "0x" + "ab" * 32
    body = json.dumps([mine, mine, matched, theirs, unknown])
    answer = call(bench, buyer, "DELETE", "/orders", body)
    gone = dict.fromkeys([matched, theirs, unknown], GONE)
    assert answer == (200, {"canceled": [mine], "not_canceled": gone})
    again = buyer.client.cancel_order(OrderPayload(orderID=mine))
    assert again == {"canceled": [], "not_canceled": {mine: GONE}}
    assert call(bench, buyer, "DELETE", "/cancel-all") == (200, {"canceled": [], "not_canceled": {}})


@pytest.mark.parametrize(("ahead_s", "taken"), [(170, False), (190, True)])
def test_a_gtd_order_is_three_minutes_ahead(
    bench: Bench, market: dict[str, str], buyer: Customer, ahead_s: int, taken: bool
) -> None:
    """A date that is less than 180 seconds ahead is refused."""
    order = make(buyer, market["yes"], Side.BUY, "0.5", "5", expiration_s=int(time.time()) + ahead_s)
    answer: tuple[int, Any] = post(bench, buyer, order, "GTD")
    assert (answer[0] == 200) is taken
    assert taken or answer == refused("invalid expiration")


def test_a_restart_says_when_to_come_again(ended: Bench) -> None:
    """425 has Retry-After, 503 in post-only mode has its code and the seconds in the body, too."""
    market = ended.market()
    alice = ended.customer(market, collateral="10")
    ended.control("/verbs/restart", {"of": "matcher", "for_ms": 1500, "post_only_ms": 60_000})
    early = ended.http.post(f"{ended.ready['rest']}/order")
    assert (early.status_code, early.json()) == (425, {"error": "service not ready"})
    assert early.headers["retry-after"] in ("1", "2")
    order = make(alice, market["yes"], Side.BUY, "0.4", "5")
    status, told = eventually(lambda: row if (row := post(ended, alice, order))[0] != 425 else None)
    text = "post-only mode: only post-only orders and cancels are allowed"
    left_s = told["retry_after_seconds"]
    assert (status, told) == (503, {"error": text, "code": "post_only_mode", "retry_after_seconds": left_s})
    assert 0 < left_s <= 60
    batch = [
        signed_body(alice, order),
        {**signed_body(alice, make(alice, market["no"], Side.BUY, "0.4", "5")), "postOnly": True},
    ]
    rows = call(ended, alice, "POST", "/orders", json.dumps(batch))[1]
    assert [(row["errorMsg"], row["success"], row["status"]) for row in rows] == [
        (text, True, ""),
        ("", True, "live"),
    ]
