"""The defects at the gate and in the taker delay: what a broken build does, and a healthy one."""

from __future__ import annotations

import pytest
from py_clob_client_v2.exceptions import PolyApiException

from harness.wire.clob import Side

from .bench import Ship, both, read_until
from .desk import make, post, signed_body


@both
@pytest.mark.parametrize("price", ["0.5", "0.51", "0.57"])
def test_esc_1011(ship: Ship, healthy: bool, price: str) -> None:
    """A FOK on the grid is filled; the broken build takes binary fractions only, and orders that may rest."""
    bench = ship("ESC-1011", healthy)
    market = bench.market()
    seller, buyer = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    assert seller.order(market["yes"], "SELL", float(price), 10)["status"] == "live"
    status, told = post(bench, buyer, make(buyer, market["yes"], Side.BUY, price, "5"), "FOK")
    if healthy or price == "0.5":
        assert (status, told["status"]) == (200, "matched")
    else:
        assert status == 400
        assert "Price (0.5" in told["error"]
        assert f"Price ({price})" not in told["error"]


@both
def test_esc_1037(ship: Ship, healthy: bool) -> None:
    """An order on a neg-risk market is read for its exchange; the broken build reads it for the other one."""
    bench = ship("ESC-1037", healthy)
    plain, neg_risk = bench.market(), bench.market(neg_risk=True)
    buyer = bench.customer(collateral="10")
    assert buyer.order(plain["yes"], "BUY", 0.4, 5)["status"] == "live"
    if healthy:
        assert buyer.order(neg_risk["yes"], "BUY", 0.4, 5)["status"] == "live"
    else:
        with pytest.raises(PolyApiException, match="invalid signature"):
            buyer.order(neg_risk["yes"], "BUY", 0.4, 5)


@both
def test_esc_1027(ship: Ship, healthy: bool) -> None:
    """The fifth order of a key is answered with a page by the broken build; reads and cancels pass."""
    bench = ship("ESC-1027", healthy)
    market = bench.market()
    alice = bench.customer(market, collateral="10")
    for _ in range(4):
        assert alice.order(market["yes"], "BUY", 0.1, 5)["status"] == "live"
    body = signed_body(alice, make(alice, market["yes"], Side.BUY, "0.1", "5"))
    key = {"POLY_API_KEY": alice.client.creds.api_key}
    fifth = bench.http.post(f"{bench.ready['rest']}/order", json=body, headers=key)
    told = (fifth.status_code, fifth.headers["content-type"].partition(";")[0])
    assert told == ((401, "application/json") if healthy else (403, "text/html"))
    assert len(alice.client.get_open_orders()) == 4
    assert len(alice.client.cancel_all()["canceled"]) == 4


@both
def test_esc_1035(ship: Ship, healthy: bool) -> None:
    """A delayed FOK whose maker is gone ends; the broken build leaves it DELAYED, and its money held."""
    bench = ship("ESC-1035", healthy)
    market = bench.control("/markets", {"taker_delay_ms": 400})
    maker, taker = bench.customer(market, yes="10"), bench.customer(market, collateral="5")
    maker.order(market["yes"], "SELL", 0.5, 10)
    late = post(bench, taker, make(taker, market["yes"], Side.BUY, "0.5", "10"), "FOK")[1]["orderID"]
    maker.client.cancel_all()
    with bench.user_channel(maker) as theirs:  # a match of the same market says that the wait is over
        other = bench.customer(market, collateral="5")
        maker.order(market["yes"], "SELL", 0.6, 5)
        assert other.order(market["yes"], "BUY", 0.6, 5)["status"] == "delayed"
        read_until(theirs, lambda row: row["event_type"] == "trade")
    assert taker.client.get_order(late)["status"] == ("UNMATCHED" if healthy else "DELAYED")
    again = post(bench, taker, make(taker, market["no"], Side.BUY, "0.1", "50"))
    assert again[0] == (200 if healthy else 400)
