"""What the venue refuses, with the exchange's exact words."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from harness.wire import clob
from harness.wire.clob import CONTRACTS_137, Side

from .bench import Bench, Customer
from .desk import call, make, post, refused

NOT_YOURS = "the order signer address has to be the address of the API KEY"
BALANCE = "not enough balance / allowance: the balance is not enough -> balance: "


def test_orders_of_somebody_else(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Owner, signer, kind of wallet and signature must be the API key's."""
    other = bench.customer()
    order = make(buyer, market["yes"], Side.BUY, "0.5", "5")
    owner = "the order owner has to be the owner of the API KEY"
    assert post(bench, buyer, order, owner=other.client.creds.api_key) == refused(owner)
    theirs = make(other, market["yes"], Side.BUY, "0.5", "5")
    assert post(bench, buyer, theirs) == refused(NOT_YOURS)
    proxy = replace(order, signature_type=1)
    wallet = "maker address not allowed, please use the deposit wallet flow"
    assert post(bench, buyer, proxy) == refused(wallet)
    assert post(bench, buyer, order, key=other.key) == refused("invalid signature")


@pytest.mark.parametrize(
    ("side", "price", "size", "kind", "change", "text"),
    [
        (Side.BUY, "0.5", "4.99", "GTC", {}, "order {id} is invalid. Size (4.99) lower than the minimum: 5"),
        (
            Side.BUY,
            "0.555",
            "10",
            "GTC",
            {},
            "order {id} is invalid. Price (0.555) breaks minimum tick size rule: 0.01",
        ),
        (
            Side.SELL,
            "1.2",
            "10",
            "GTC",
            {},
            "order {id} is invalid. Price (1.2) breaks minimum tick size rule: 0.01",
        ),
        (
            Side.BUY,
            "0.5",
            "10",
            "GTC",
            {"taker_amount": 5_100_000},
            "order {id} is invalid. Price (0.9803921568627451) breaks minimum tick size rule: 0.01",
        ),
        (
            Side.BUY,
            "0.5",
            "5.005",
            "GTC",
            {},
            "invalid amounts, the buy orders maker amount supports a max accuracy of 4 decimals, "
            "taker amount a max of 2 decimals",
        ),
        (
            Side.BUY,
            "0.33",
            "5.55",
            "FAK",
            {},
            "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, "
            "taker amount a max of 4 decimals",
        ),
        (Side.BUY, "0.01", "20", "FOK", {}, "invalid amount for a marketable BUY order ($0.2), min size: $1"),
        (Side.BUY, "0.5", "10", "GTC", {"expiration_s": 1}, "invalid expiration"),
        (Side.BUY, "0.5", "10", "GTD", {}, "invalid expiration"),
        (Side.BUY, "0.5", "10", "XYZ", {}, "Invalid order payload"),
        (Side.BUY, "0.5", "10", "GTC", {"token_id": 5}, "Invalid token id"),
        (Side.BUY, "0.5", "10", "GTC", {"maker_amount": 0}, "Invalid order payload"),
    ],
)
def test_orders_that_break_a_rule(
    bench: Bench,
    market: dict[str, str],
    buyer: Customer,
    side: Side,
    price: str,
    size: str,
    kind: str,
    change: dict[str, int],
    text: str,
) -> None:
    """Each rule of the order entry answers 400 with its own words."""
    order = make(buyer, market["yes"], side, price, size, **change)
    order_id = clob.order_id(order, chain_id=137, exchange=CONTRACTS_137.exchange)
    assert post(bench, buyer, order, kind) == refused(text.format(id=order_id))


def test_the_same_order_twice(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """An order that is already known is a duplicate."""
    order = make(buyer, market["yes"], Side.BUY, "0.1", "10")
    status, reply = post(bench, buyer, order)
    assert (status, reply["status"]) == (200, "live")
    assert post(bench, buyer, order) == refused(f"order {reply['orderID']} is invalid. Duplicated.")


def test_post_only(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """A post-only order rests or is refused, and goes with GTC and GTD only."""
    seller = bench.customer(market, yes="10")
    post(bench, seller, make(seller, market["yes"], Side.SELL, "0.5", "10"))
    crossing = make(buyer, market["yes"], Side.BUY, "0.5", "10")
    assert post(bench, buyer, crossing, postOnly=True) == refused(
        "invalid post-only order: order crosses book"
    )
    assert post(bench, buyer, crossing, "FOK", postOnly=True) == refused(
        "invalid post-only order: only GTC and GTD order types are allowed"
    )
    resting = make(buyer, market["yes"], Side.BUY, "0.49", "10")
    assert post(bench, buyer, resting, postOnly=True)[1]["status"] == "live"


def test_a_gtd_order_rests_until_its_time(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """A GTD order with time ahead is accepted and shows its stated expiration."""
    expiration_s = int(time.time()) + 600
    order = make(buyer, market["yes"], Side.BUY, "0.5", "10", expiration_s=expiration_s)
    _, reply = post(bench, buyer, order, "GTD")
    assert reply["status"] == "live"
    assert buyer.client.get_order(reply["orderID"])["expiration"] == str(expiration_s)


def test_the_balance_gate_counts_open_orders(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Open orders of any market reserve pUSD; the refusal shows the sums."""
    order = make(buyer, market["yes"], Side.BUY, "0.5", "30")
    assert post(bench, buyer, order) == refused(f"{BALANCE}10000000, order amount: 15000000")
    assert post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.5", "15"))[0] == 200
    elsewhere = make(buyer, bench.market()["no"], Side.BUY, "0.5", "6")
    assert post(bench, buyer, elsewhere) == refused(
        f"{BALANCE}10000000, sum of active orders: 7500000, order amount (inc. fees): 3000000"
    )
    buyer.client.cancel_all()
    assert post(bench, buyer, elsewhere)[0] == 200


def test_a_sell_needs_its_shares(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """A SELL without shares shows the balance and the amount."""
    order = make(buyer, market["yes"], Side.SELL, "0.5", "5")
    assert post(bench, buyer, order) == refused(f"{BALANCE}0, order amount: 5000000")


def test_an_order_without_an_allowance(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Without the exchange's approval the allowance is named."""
    approve = "0x095ea7b3" + CONTRACTS_137.exchange[2:].rjust(64, "0") + "0" * 64
    bench.rpc("anvil_impersonateAccount", buyer.address)
    bench.rpc(
        "eth_sendTransaction",
        {"from": buyer.address, "to": CONTRACTS_137.collateral, "data": approve, "gas": "0x30000"},
    )
    bench.rpc("anvil_stopImpersonatingAccount", buyer.address)
    end = time.monotonic() + 10
    while buyer.client.get_balance_allowance(_collateral())["allowances"][CONTRACTS_137.exchange] != "0":
        assert time.monotonic() < end
    status, reply = post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.5", "5"))
    assert status == 400
    assert "the allowance is not enough -> spender: " + CONTRACTS_137.exchange in reply["error"]


def _collateral() -> Any:
    from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams

    return BalanceAllowanceParams(asset_type=AssetType.COLLATERAL, signature_type=0)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("POST", "/order", "{", 400, "Invalid order payload"),
        ("POST", "/order", "[]", 400, "Invalid order payload"),
        ("POST", "/order", "[" * 100_000, 400, "Invalid order payload"),
        ("DELETE", "/order", "{}", 400, "Invalid order payload"),
        ("DELETE", "/order", '{"orderID":"0x12"}', 400, "Invalid orderID"),
        ("DELETE", "/orders", '{"orderID":"0x12"}', 400, "Invalid order payload"),
        ("GET", "/data/order/0x12", "", 400, "Invalid orderID"),
        ("GET", "/data/order/0x" + "00" * 32, "", 404, "Order not found"),
        ("GET", "/data/trades?before=soon", "", 400, "Invalid trade params payload"),
        ("GET", "/data/orders?next_cursor=!", "", 400, "invalid order params payload"),
        ("GET", "/balance-allowance?asset_type=GOLD", "", 400, "Invalid asset type"),
        (
            "GET",
            "/balance-allowance?asset_type=COLLATERAL&signature_type=9",
            "",
            400,
            "Invalid signature_type",
        ),
        ("GET", "/book?token_id=x", "", 400, "Invalid token id"),
        ("GET", "/book?token_id=5", "", 404, "No orderbook exists for the requested token id"),
        ("GET", "/price?token_id=5&side=HOLD", "", 400, "Invalid side"),
        ("GET", "/tick-size?token_id=5", "", 404, "market not found"),
        ("GET", "/fee-rate?token_id=5", "", 404, "fee rate not found for market"),
        ("GET", "/markets/0x12", "", 400, "Invalid market"),
        ("GET", "/markets/0x" + "00" * 32, "", 404, "market not found"),
        ("GET", "/nowhere", "", 404, "Not Found"),
    ],
)
def test_requests_that_ask_for_nothing(
    bench: Bench, buyer: Customer, method: str, path: str, body: str, status: int, text: str
) -> None:
    """Malformed and unknown things answer with the documented status and text."""
    assert call(bench, buyer, method, path, body) == (status, {"error": text})
