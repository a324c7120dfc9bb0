"""Who may not trade: closed-only, banned and new accounts, regions, markets that are not ready."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from py_clob_client_v2.exceptions import PolyApiException

from harness.wire.clob import Side

from .bench import Bench, Customer
from .desk import call, make, post, refused, signed_body

GEO = (
    "Trading restricted in your region, please refer to available regions - "
    "https://docs.polymarket.com/developers/CLOB/geoblock"
)


@pytest.fixture
def ended(troubled: Bench) -> Iterator[Bench]:
    """A healthy venue whose restrictions are lifted after the test."""
    yield troubled
    lift(troubled)


def lift(bench: Bench) -> None:
    assert bench.http.delete(f"{bench.ready['control']}/verbs").json() == {"ended": True}


@pytest.fixture
def traded(ended: Bench) -> tuple[dict[str, str], Customer]:
    """A market, and a customer with money and shares of it."""
    market = ended.market()
    return market, ended.customer(market, collateral="10", yes="10")


def test_an_account_in_closed_only_mode_sells_and_does_not_buy(
    ended: Bench, traded: tuple[dict[str, str], Customer]
) -> None:
    """The refusal names the address; what it holds it may still sell."""
    market, alice = traded
    ended.control("/verbs/account", {"address": alice.address.lower(), "state": "closed_only"})
    buy = make(alice, market["yes"], Side.BUY, "0.4", "5")
    assert post(ended, alice, buy) == refused(f"'{alice.address}' address in closed only mode")
    assert post(ended, alice, make(alice, market["yes"], Side.SELL, "0.6", "5"))[0] == 200
    assert alice.client.get_closed_only_mode() == {"closed_only": True}
    lift(ended)
    assert alice.client.get_closed_only_mode() == {"closed_only": False}
    assert post(ended, alice, buy)[0] == 200


def test_a_banned_account_may_only_cancel(ended: Bench, traded: tuple[dict[str, str], Customer]) -> None:
    """Neither side is taken, in a batch neither; what rests can be cancelled."""
    market, alice = traded
    rests = alice.order(market["yes"], "BUY", 0.4, 5)["orderID"]
    ended.control("/verbs/account", {"address": alice.address, "state": "banned"})
    banned = f"'{alice.address}' address banned"
    for side in Side:
        assert post(ended, alice, make(alice, market["yes"], side, "0.5", "5")) == refused(banned)
    body = json.dumps([signed_body(alice, make(alice, market["yes"], Side.SELL, "0.6", "5"))])
    empty = {"orderID": "", "takingAmount": "", "makingAmount": "", "status": ""}
    assert call(ended, alice, "POST", "/orders", body) == (
        200,
        [{"errorMsg": banned, **empty, "success": True}],
    )
    assert alice.client.cancel_all()["canceled"] == [rests]


def test_a_newcomer_trades_from_a_deposit_wallet(
    ended: Bench, traded: tuple[dict[str, str], Customer]
) -> None:
    """An order of another signature type is sent to the deposit wallet flow."""
    market, alice = traded
    ended.control("/verbs/account", {"address": alice.address, "state": "deposit_only"})
    text = "maker address not allowed, please use the deposit wallet flow"
    assert post(ended, alice, make(alice, market["yes"], Side.BUY, "0.4", "5")) == refused(text)


def test_a_restricted_region_is_refused_before_the_key(
    ended: Bench, traded: tuple[dict[str, str], Customer]
) -> None:
    """Order entry answers 403 in JSON without credentials, too; reads and cancels go on."""
    market, alice = traded
    rests = alice.order(market["yes"], "BUY", 0.4, 5)["orderID"]
    ended.control("/verbs/region", {})
    for path in ("/order", "/orders"):
        answer = ended.http.post(ended.ready["rest"] + path)
        assert (answer.status_code, answer.json()) == (403, {"error": GEO})
    assert [row["id"] for row in alice.client.get_open_orders()] == [rests]
    assert alice.client.cancel_all()["canceled"] == [rests]
    lift(ended)
    assert ended.http.post(f"{ended.ready['rest']}/order").status_code == 401


def test_the_edge_answers_a_page(ended: Bench, traded: tuple[dict[str, str], Customer]) -> None:
    """A block of the edge is HTML, which the official client hands on as text; nothing was placed."""
    market, alice = traded
    ended.control("/verbs/region", {"mode": "waf"})
    with pytest.raises(PolyApiException) as caught:
        alice.order(market["yes"], "BUY", 0.4, 5)
    assert caught.value.status_code == 403
    assert caught.value.error_msg.startswith("<!DOCTYPE html>")
    assert "<title>Attention Required! | Cloudflare</title>" in caught.value.error_msg
    assert "Sorry, you have been blocked" in caught.value.error_msg
    answer = ended.http.post(f"{ended.ready['rest']}/order")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert alice.client.get_open_orders() == []


def test_a_market_that_is_not_ready(ended: Bench, traded: tuple[dict[str, str], Customer]) -> None:
    """It says that it takes no orders, and takes none; what rests can be cancelled."""
    market, alice = traded
    rests = alice.order(market["yes"], "BUY", 0.4, 5)["orderID"]
    condition = market["condition"]
    ended.control("/verbs/unready", {"market": condition})
    order = make(alice, market["no"], Side.BUY, "0.5", "5")
    assert post(ended, alice, order) == refused("the market is not yet ready to process new orders")
    assert alice.client.get_market(condition)["accepting_orders"] is False
    assert alice.client.get_clob_market_info(condition)["ao"] is False
    assert alice.client.cancel_all()["canceled"] == [rests]
    lift(ended)
    assert alice.client.get_market(condition)["accepting_orders"] is True
    assert post(ended, alice, order)[0] == 200


@pytest.mark.parametrize(
    ("verb", "body", "text"),
    [
        ("account", {"address": "0x12", "state": "banned"}, "0x12"),
        ("account", {"address": "0x" + "22" * 20}, "state is None: send one of closed_only, banned"),
        ("region", {"mode": "moon"}, "mode is 'moon': send one of blocked, waf"),
        ("unready", {}, "market is None: send it as a text"),
        ("unready", {"market": "0x12"}, "the condition id of a listed market"),
    ],
)
def test_a_bad_argument_of_a_restriction(ended: Bench, verb: str, body: dict[str, Any], text: str) -> None:
    """A bad argument answers 400 with the reason and what to send."""
    answer = ended.http.post(f"{ended.ready['control']}/verbs/{verb}", json=body)
    assert answer.status_code == 400
    assert text in answer.json()["error"]
