"""The TypeScript client from npm, unmodified, trades on the venue and reads what the Python client reads."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams

from harness.wire.clob import Side

from . import test_typescript_client as own
from .bench import Bench, Customer
from .bothclients import BUILDER, READS, Read, Scene
from .desk import make, post
from .nodeclient import ClientError, NodeClient, NodeClients

LEFT_OUT = {
    "createExchangeV3OrderFromAmounts": "signs for protocol V2's exchange, which the venue does not have",
    "getServerTime": "the clock goes on between two reads: test_server_time_is_signed",
}


@pytest.fixture(scope="module")
def node() -> Iterator[NodeClients]:
    clients = NodeClients()
    yield clients
    assert clients.close() == 0


@pytest.fixture(scope="module", params=[{}, {"fee_rate": "0.05"}], ids=["no fees", "fees"])
def trader(bench: Bench, request: pytest.FixtureRequest) -> tuple[Customer, Scene]:
    """A customer whose coded trade is confirmed and whose order rests, with all that there is to read."""
    market = bench.market(**request.param)
    seller = bench.customer(market, yes="50")
    buyer = bench.customer(market, collateral="50", no="20")
    seller.order(market["yes"], "SELL", 0.5, 20)
    order = replace(make(buyer, market["yes"], Side.BUY, "0.5", "6"), builder=BUILDER)
    reply = post(bench, buyer, order)[1]
    buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    resting = buyer.order(market["yes"], "BUY", 0.3, 10)["orderID"]
    buyer.client.create_readonly_api_key()
    buyer.client.create_builder_api_key()
    scene = Scene(market["condition"], market["yes"], market["no"], resting, reply["tradeIDs"][0])
    return buyer, scene


@pytest.fixture
def client(node: NodeClients, trader: tuple[Customer, Scene]) -> NodeClient:
    return node.beside(trader[0])


def listed(value: Any, condition: str) -> Any:
    """A page of markets with only the scene's in it, because other tests list markets meanwhile."""
    if not isinstance(value, dict) or "next_cursor" not in value or "data" not in value:
        return value
    return [row for row in value["data"] if row["condition_id"] == condition]


@pytest.mark.parametrize("read", READS, ids=lambda read: read.method)
def test_both_clients_read_the_same(client: NodeClient, trader: tuple[Customer, Scene], read: Read) -> None:
    """Each read has one answer, whichever client asks, and it is not an error."""
    customer, scene = trader
    python = getattr(customer.client, read.method)(*read.python(scene))
    ts = getattr(client, read.camel())(*read.in_ts(scene))
    assert listed(ts, scene.condition) == listed(python, scene.condition)
    assert not isinstance(ts, dict) or "error" not in ts
    if read.method.endswith("_markets"):
        assert len(listed(ts, scene.condition)) == 1


def test_both_clients_read_a_fee(bench: Bench, node: NodeClients) -> None:
    """Rate, exponent, the trade's rate and the money that is left after the fee are one, whoever asks."""
    market = bench.market(fee_rate="0.05")
    seller, buyer = bench.customer(market, yes="20"), bench.customer(market, collateral="20")
    seller.order(market["yes"], "SELL", 0.5, 20)
    (trade_id,) = post(bench, buyer, make(buyer, market["yes"], Side.BUY, "0.5", "10"))[1]["tradeIDs"]
    trade = buyer.until_status(trade_id, "CONFIRMED")
    client = node.beside(buyer)
    assert client.getFeeRateBps(market["yes"]) == buyer.client.get_fee_rate_bps(market["yes"]) == 500
    assert client.getFeeExponent(market["yes"]) == buyer.client.get_fee_exponent(market["yes"]) == 1
    assert client.getTrades({"id": trade_id}) == [trade]
    assert trade["fee_rate_bps"] == "500"
    money = client.getBalanceAllowance({"asset_type": "COLLATERAL"})
    assert money == buyer.client.get_balance_allowance(BalanceAllowanceParams(AssetType.COLLATERAL))
    assert money["balance"] == str(20_000_000 - 5_000_000 - 125_000)  # 10 · 0.05 · 0.5 · 0.5


def test_keys_over_the_client(bench: Bench, node: NodeClients) -> None:
    """A wallet makes its key, derives it, and deletes it; both clients get the same from the same wallet."""
    customer = bench.customer()
    client = node.open("fresh", bench.ready["rest"], customer.key)
    creds = customer.client.creds
    same = {"key": creds.api_key, "secret": creds.api_secret, "passphrase": creds.api_passphrase}
    assert client.deriveApiKey() == client.createOrDeriveApiKey() == same
    made = client.createApiKey(5)
    assert client.deriveApiKey(5) == made
    client = node.open("fresh", bench.ready["rest"], customer.key, creds=made)
    assert client.getApiKeys() == {"apiKeys": [same["key"], made["key"]]}
    assert client.deleteApiKey() == "OK"
    assert client.getApiKeys() == {"error": "Unauthorized/Invalid api key", "status": 401}
    assert customer.client.get_api_keys() == {"apiKeys": [same["key"]]}


def test_side_keys_over_the_client(bench: Bench, node: NodeClients) -> None:
    """Read-only and builder keys are made and taken back in the shapes that the client declares."""
    client = node.beside(bench.customer())
    key = client.createReadonlyApiKey()["apiKey"]
    assert client.getReadonlyApiKeys() == [key]
    assert client.deleteReadonlyApiKey(key) is True
    assert set(client.createBuilderApiKey()) == {"key", "secret", "passphrase"}
    assert client.revokeBuilderApiKey() == "OK"
    assert [row["revokedAt"] is None for row in client.getBuilderApiKeys()] == [False]


def test_orders_of_the_client(bench: Bench, node: NodeClients) -> None:
    """Orders that the client signs rest, are told by both clients alike, and are cancelled in four ways."""
    market = bench.market()
    customer = bench.customer(market, collateral="50")
    client = node.beside(customer)

    def args(price: float, token: str = "yes") -> dict[str, Any]:
        return {"tokenID": market[token], "price": price, "size": 10, "side": "BUY"}

    ids = [client.postOrder(client.createOrder(args(0.1)), "GTC")["orderID"]]
    ids.append(client.createAndPostOrder(args(0.11, "no"))["orderID"])
    signed = [{"order": client.createOrder(args(price)), "orderType": "GTC"} for price in (0.12, 0.13)]
    ids += [reply["orderID"] for reply in client.postOrders(signed)]
    assert [row["id"] for row in customer.client.get_open_orders()] == ids
    assert client.getOpenOrders() == customer.client.get_open_orders()
    assert client.cancelOrder({"orderID": ids[0]}) == {"canceled": [ids[0]], "not_canceled": {}}
    assert client.cancelMarketOrders({"asset_id": market["no"]})["canceled"] == [ids[1]]
    assert client.cancelOrders([ids[2]])["canceled"] == [ids[2]]
    assert client.cancelAll()["canceled"] == [ids[3]]
    assert [row["type"] for row in client.getNotifications()] == [1, 1, 1, 1]
    assert client.dropNotifications({"ids": [str(row["id"]) for row in client.getNotifications()]}) == "OK"
    assert client.getNotifications() == []


def test_a_match_of_the_client_has_its_hash(bench: Bench, node: NodeClients) -> None:
    """A matched order's reply is completed with the transaction that the client finds at /data/trades."""
    market = bench.market()
    maker, taker = bench.customer(market, yes="20"), bench.customer(market, collateral="20")
    seller, buyer = node.beside(maker), node.beside(taker)
    seller.createAndPostOrder({"tokenID": market["yes"], "price": 0.5, "size": 20, "side": "SELL"})
    market_order = {"tokenID": market["yes"], "amount": 3, "side": "BUY", "orderType": "FAK"}
    first = buyer.createAndPostMarketOrder(market_order, {}, "FAK")
    second = buyer.postOrder(buyer.createMarketOrder(market_order), "FAK")
    for reply in (first, second):
        (trade_id,) = reply["tradeIDs"]
        trade = taker.until_status(trade_id, "CONFIRMED")
        assert (reply["status"], reply["makingAmount"], reply["takingAmount"]) == ("matched", "3", "6")
        assert reply["transactionsHashes"] == [trade["transaction_hash"]]
        assert buyer.getTrades({"id": trade_id}) == [trade]


def test_a_failed_match_is_told_as_its_last_try(troubled: Bench, node: NodeClients) -> None:
    """A failed trade's prefixed status is not the client's `FAILED`: the reverted hash is told as good."""
    market = troubled.market()
    maker, taker = troubled.customer(market, yes="20"), troubled.customer(market, collateral="20")
    maker.order(market["yes"], "SELL", 0.5, 20)
    troubled.control("/verbs/revert", {"times": 3})
    args = {"tokenID": market["yes"], "price": 0.5, "size": 10, "side": "BUY"}
    reply = node.beside(taker).createAndPostOrder(args)
    trade = taker.until_status(reply["tradeIDs"][0], "FAILED")
    receipt = troubled.rpc("eth_getTransactionReceipt", reply["transactionsHashes"][0])
    assert receipt["status"] == "0x0"
    assert trade["status"] == "TRADE_STATUS_FAILED"


def test_refusals_of_the_client(bench: Bench, node: NodeClients) -> None:
    """A refused order is the exchange's text and status, as a value, or thrown where that is asked for."""
    market = bench.market()
    customer = bench.customer(market, collateral="1")
    args = {"tokenID": market["yes"], "price": 0.5, "size": 10, "side": "BUY"}
    refused = node.beside(customer).createAndPostOrder(args)
    assert refused["status"] == 400
    assert refused["error"].startswith(
        "not enough balance / allowance: the balance is not enough -> balance: "
    )
    with pytest.raises(ClientError, match=r"^not enough balance / allowance") as thrown:
        node.beside(customer, throwOnError=True).createAndPostOrder(args)
    assert thrown.value.status == 400


def test_heartbeats_of_the_client(bench: Bench, node: NodeClients) -> None:
    """Each heartbeat's answer has the id of the next; an older id is told which one is expected."""
    client = node.beside(bench.customer())
    first = client.postHeartbeat()["heartbeat_id"]
    second = client.postHeartbeat(first)["heartbeat_id"]
    wrong = {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": second}
    assert client.postHeartbeat(first) == {"error": wrong, "status": 400}


def test_server_time_is_signed(bench: Bench, node: NodeClients) -> None:
    """With `useServerTime` the client asks for the time, signs it, and is let in."""
    client = node.beside(bench.customer(), useServerTime=True)
    assert client.getOpenOrders() == []
    assert isinstance(client.getServerTime(), int)


def test_the_books_hash_is_the_clients(client: NodeClient, trader: tuple[Customer, Scene]) -> None:
    """Both clients compute the hash that the book says."""
    customer, scene = trader
    book = client.getOrderBook(scene.yes)
    assert client.getOrderBookHash(book) == book["hash"]
    assert customer.client.get_order_book_hash(book) == book["hash"]


def test_every_method_is_covered(node: NodeClients) -> None:
    """Each public method of the client is called by a test here, or is left out for a reason."""
    tests = "".join(inspect.getsource(each) for name, each in vars(own).items() if name.startswith("test_"))
    called = {read.camel() for read in READS}
    called |= {name for name in node.methods() if f".{name}(" in tests}
    assert sorted(set(node.methods()) - called - set(LEFT_OUT)) == []
    assert sorted(set(LEFT_OUT) - set(node.methods())) == []
