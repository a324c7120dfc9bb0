"""The Python client from PyPI, unmodified: every method of it, and the traps that its users fall into."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import (
    DropNotificationParams,
    MarketOrderArgs,
    OrderArgs,
    OrderMarketCancelParams,
    OrderType,
    PostOrdersV2Args,
)
from py_clob_client_v2.exceptions import PolyApiException, PolyException

from . import test_official_client
from . import test_python_client as own
from .bench import Bench, Customer, eventually
from .bothclients import READS
from .nodeclient import NodeClients

LEFT_OUT: dict[str, str] = {}


def test_the_levels_of_authentication(bench: Bench, buyer: Customer) -> None:
    """A client without a key reads, one with a key makes credentials, one with both trades."""
    bare = ClobClient(bench.ready["rest"], 137)
    assert bare.get_ok() == "OK"
    with pytest.raises(PolyException, match="A private key is needed"):
        bare.assert_level_1_auth()
    with pytest.raises(PolyException, match="A private key is needed"):
        bare.create_api_key()
    known = ClobClient(bench.ready["rest"], 137, key=buyer.key)
    assert known.get_address() == buyer.address
    with pytest.raises(PolyException, match="API Credentials are needed"):
        known.assert_level_2_auth()
    derived = known.derive_api_key()
    assert derived == known.create_or_derive_api_key() == buyer.client.creds
    known.set_api_creds(derived)
    assert known.get_api_keys() == {"apiKeys": [derived.api_key]}


def test_keys_of_the_client(buyer: Customer) -> None:
    """Keys of each kind are made, listed and taken back; a deleted one is refused."""
    client = buyer.client
    readonly = client.create_readonly_api_key()["apiKey"]
    assert client.get_readonly_api_keys() == [readonly]
    assert client.delete_readonly_api_key(readonly) is True
    built = client.create_builder_api_key()
    assert set(built) == {"key", "secret", "passphrase"}
    assert client.revoke_builder_api_key() == "OK"
    assert [row["key"] for row in client.get_builder_api_keys()] == [built["key"]]
    assert client.delete_api_key() == "OK"
    with pytest.raises(PolyApiException, match="Unauthorized/Invalid api key"):
        client.get_api_keys()


def test_orders_in_one_call(bench: Bench) -> None:
    """Orders are made and posted in one call, and a market order finds its own price in the book."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="40"), bench.customer(market, collateral="40")
    asked = OrderArgs(token_id=market["yes"], price=0.5, size=20, side="SELL")
    assert seller.client.create_and_post_order(asked)["status"] == "live"
    wanted = MarketOrderArgs(token_id=market["yes"], amount=3, side="BUY", order_type=OrderType.FAK)
    reply = buyer.client.create_and_post_market_order(wanted, order_type=OrderType.FAK)
    trade = buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    assert (reply["makingAmount"], reply["takingAmount"]) == ("3", "6")
    assert reply["transactionsHashes"] == [trade["transaction_hash"]]


def test_what_is_deferred_is_answered_at_once(bench: Bench) -> None:
    """With `defer_exec` the client does not wait for the transaction: its reply has trades and no hashes."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="40"), bench.customer(market, collateral="40")
    seller.order(market["yes"], "SELL", 0.5, 20)
    order = buyer.client.create_order(OrderArgs(token_id=market["yes"], price=0.5, size=10, side="BUY"))
    reply = buyer.client.post_order(order, OrderType.GTC, defer_exec=True)
    assert "transactionsHashes" not in reply
    assert buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")["transaction_hash"]


def resting(customer: Customer, token: str, count: int) -> list[str]:
    """So many small bids, placed in batches."""
    client, ids = customer.client, []
    signed = [
        client.create_order(OrderArgs(token_id=token, price=0.01, size=5, side="BUY")) for _ in range(count)
    ]
    for start in range(0, count, 15):
        rows = [PostOrdersV2Args(order, OrderType.GTC) for order in signed[start : start + 15]]
        ids += [reply["orderID"] for reply in client.post_orders(rows)]
    return ids


def test_lists_longer_than_a_page_end(bench: Bench) -> None:
    """More open orders than two pages hold are each listed once by both clients, with and without filters."""
    market = bench.market()
    customer = bench.customer(market, collateral="20")
    ids = resting(customer, market["yes"], 201)
    client = customer.client
    assert [row["id"] for row in client.get_open_orders()] == ids
    assert [row["id"] for row in client.get_open_orders(only_first_page=True)] == ids[:100]
    assert [row["id"] for row in client.get_open_orders(next_cursor="MjAw")] == ids[200:]
    node = NodeClients()
    beside = node.beside(customer)
    assert [row["id"] for row in beside.getOpenOrders({"market": market["condition"]})] == ids
    assert [row["id"] for row in beside.getOpenOrders()] == ids
    assert node.close() == 0
    gone = client.cancel_market_orders(OrderMarketCancelParams(market=market["condition"]))
    assert sorted(gone["canceled"]) == sorted(ids)


def test_a_failed_trade_is_told_as_its_last_try(troubled: Bench) -> None:
    """`TRADE_STATUS_FAILED` is not the client's `FAILED`: the reverted transaction is told as good."""
    market = troubled.market()
    seller, buyer = troubled.customer(market, yes="20"), troubled.customer(market, collateral="20")
    seller.order(market["yes"], "SELL", 0.5, 10)
    troubled.control("/verbs/revert", {"times": 3})
    reply = buyer.order(market["yes"], "BUY", 0.5, 10)
    buyer.until_status(reply["tradeIDs"][0], "FAILED")
    (sent,) = reply["transactionsHashes"]
    assert troubled.rpc("eth_getTransactionReceipt", sent)["status"] == "0x0"


def test_notifications_of_the_client(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """What is read is dropped by its ids, and comes no more."""
    buyer.order(market["yes"], "BUY", 0.1, 10)
    buyer.client.cancel_all()
    rows = eventually(buyer.client.get_notifications)
    assert [row["type"] for row in rows] == [1]
    assert buyer.client.drop_notifications(DropNotificationParams([str(rows[0]["id"])])) == "OK"
    assert buyer.client.get_notifications() == []


def test_heartbeats_of_the_client(buyer: Customer) -> None:
    """A heartbeat with an old id raises with the id to go on with, as the documentation's loop expects."""
    first = buyer.client.post_heartbeat()["heartbeat_id"]
    second = buyer.client.post_heartbeat(first)["heartbeat_id"]
    with pytest.raises(PolyApiException) as wrong:
        buyer.client.post_heartbeat(first)
    assert wrong.value.status_code == 400
    assert wrong.value.error_msg == {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": second}
    assert set(buyer.client.post_heartbeat(second)) == {"heartbeat_id"}


def test_server_time_is_signed(bench: Bench, buyer: Customer) -> None:
    """With `use_server_time` the client asks for the time, signs it, and is let in."""
    client = ClobClient(bench.ready["rest"], 137, buyer.key, buyer.client.creds, use_server_time=True)
    assert client.get_open_orders() == []
    assert isinstance(client.get_server_time(), int)


def test_the_books_hash_is_the_clients(market: dict[str, str], buyer: Customer) -> None:
    """The client computes the hash that the book says, from the raw answer."""
    buyer.order(market["yes"], "BUY", 0.1, 10)
    book = buyer.client.get_order_book(market["yes"])
    assert buyer.client.get_order_book_hash(book) == book["hash"]


def test_every_method_is_covered() -> None:
    """Each public method of the client is called by a test, or is left out for a reason."""
    modules = (own, test_official_client)
    tests: list[Any] = [each for module in modules for each in vars(module).items()]
    text = "".join(inspect.getsource(each) for name, each in tests if name.startswith("test_"))
    text += inspect.getsource(Customer) + inspect.getsource(resting)
    methods = {name for name in dir(ClobClient) if not name.startswith("_")}
    called = {read.method for read in READS} | {name for name in methods if f".{name}(" in text}
    assert sorted(methods - called - set(LEFT_OUT)) == []
    assert sorted(set(LEFT_OUT) - methods) == []
