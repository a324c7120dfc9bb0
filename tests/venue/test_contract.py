"""The exchange contract: its hash, its selectors and its errors are the wire's."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from harness import exactjson
from harness.venue.abi import call_data
from harness.venue.anvil import npm_file
from harness.venue.chain import MATCH_ORDERS, ORDER_TUPLE
from harness.venue.install import ARTEFACTS
from harness.wire import amounts, clob
from harness.wire.clob import CONTRACTS_137, Order, Side

from .bench import Bench, Customer, eventually

SELECTORS = {
    "OrderAlreadyFilled": "0xee3b3d4b",
    "MakingGtRemaining": "0xe2cc6ad6",
    "NotCrossing": "0x7f9a6f46",
    "InvalidSignature": "0x8baa579f",
    "UserIsPaused": "0xe72f7245",
    "FeeExceedsMaxRate": "0x3c97aa59",
    "TooLittleTokensReceived": "0xdf4d8080",
}


def order_of(customer: Customer, token: str, side: Side, price: str, size: str) -> Order:
    maker, taker = amounts.limit_amounts(side, Decimal(price), Decimal(size))
    address = customer.address
    return Order(time.time_ns() % 10**9, address, address, int(token), maker, taker, side, 0, 1)


def signed(order: Order, key: str) -> tuple[Any, ...]:
    digest = clob.order_digest(order, chain_id=137, exchange=CONTRACTS_137.exchange)
    return (
        *(order.salt, order.maker, order.signer, order.token_id, order.maker_amount, order.taker_amount),
        *(int(order.side), order.signature_type, order.timestamp_ms, bytes(32), bytes(32)),
        Account.unsafe_sign_hash(digest, key).signature,
    )


def ask(bench: Bench, signature: str, arguments: list[Any], sender: str | None = None) -> dict[str, Any]:
    request = {"to": CONTRACTS_137.exchange, "data": call_data(signature, arguments)}
    if sender is not None:
        request["from"] = sender
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [request, "latest"]}
    return bench.http.post(bench.ready["chain"], json=body).json()


def test_the_contract_hashes_orders_as_the_wire_does(bench: Bench, market: dict[str, str]) -> None:
    """The chain's own order hash is the order id."""
    buyer = bench.customer()
    order = order_of(buyer, market["yes"], Side.BUY, "0.57", "21.04")
    answer = ask(bench, f"hashOrder({ORDER_TUPLE})", [signed(order, buyer.key)])
    assert answer["result"] == clob.order_id(order, chain_id=137, exchange=CONTRACTS_137.exchange)


def test_a_foreign_signature_is_refused_on_chain(bench: Bench, market: dict[str, str]) -> None:
    """The contract checks the signature itself."""
    buyer, other = bench.customer(), bench.customer()
    order = order_of(buyer, market["yes"], Side.BUY, "0.5", "10")
    validate = f"validateOrder({ORDER_TUPLE})"
    assert "error" not in ask(bench, validate, [signed(order, buyer.key)])
    assert ask(bench, validate, [signed(order, other.key)])["error"]["data"] == SELECTORS["InvalidSignature"]
    proxy = replace(order, signature_type=1)
    assert ask(bench, validate, [signed(proxy, buyer.key)])["error"]["data"] == SELECTORS["InvalidSignature"]


@pytest.mark.parametrize(
    ("bid", "fill", "fee", "error"),
    [
        ("0.4", 5_000_000, 0, "NotCrossing"),
        ("0.5", 1, 0, "MakingGtRemaining"),
        ("0.5", 5_000_000, 600_000, "FeeExceedsMaxRate"),
        ("0.5", 5_000_000, 0, ""),
    ],
)
def test_a_match_that_breaks_a_rule_reverts(
    bench: Bench, market: dict[str, str], bid: str, fill: int, fee: int, error: str
) -> None:
    """matchOrders reverts with the published selectors, and is the operator's alone."""
    seller, buyer = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    taker = signed(order_of(buyer, market["yes"], Side.BUY, bid, "10"), buyer.key)
    maker = signed(order_of(seller, market["yes"], Side.SELL, "0.5", "10"), seller.key)
    condition = bytes.fromhex(market["condition"][2:])
    arguments = [condition, taker, [maker], fill, [10_000_000], fee, [0]]
    answer = ask(bench, MATCH_ORDERS, arguments, market["oracle"])
    assert answer.get("error", {}).get("data", "") == SELECTORS.get(error, "")
    assert "error" in ask(bench, MATCH_ORDERS, arguments, buyer.address)


def test_a_filled_order_cannot_be_filled_again(bench: Bench, market: dict[str, str]) -> None:
    """After its settlement the chain knows an order as filled."""
    seller, buyer = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    order_id = seller.order(market["yes"], "SELL", 0.5, 10)["orderID"]
    trade_id = buyer.order(market["yes"], "BUY", 0.5, 10)["tradeIDs"][0]
    eventually(lambda: buyer.trade(trade_id)["status"] == "TRADE_STATUS_CONFIRMED" or None)
    status = ask(bench, "orderStatus(bytes32)", [bytes.fromhex(order_id[2:])])["result"]
    assert status == "0x" + "1".rjust(64, "0") + "0" * 64


def test_the_real_conditional_tokens_knows_its_interfaces(bench: Bench) -> None:
    """What the real contract's constructors store is there, although its code was placed."""
    for interface, expected in (("01ffc9a7", 1), ("d9b67a26", 1), ("ffffffff", 0)):
        data = "0x01ffc9a7" + interface.ljust(64, "0")
        assert int(bench.rpc("eth_call", {"to": CONTRACTS_137.ctf, "data": data}, "latest"), 16) == expected


def test_the_artefacts_are_what_the_sources_compile_to(tmp_path: Path) -> None:
    """Compiling again, elsewhere and from another directory, gives the same bytes."""
    source = ARTEFACTS.parent
    for path in (*source.glob("*.sol"), source / "compile.mjs"):
        shutil.copy(path, tmp_path)
    (tmp_path / "node_modules").symlink_to(npm_file("solc/package.json").parents[1])
    command = ["node", str(tmp_path / "compile.mjs")]
    said = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
    assert said.stdout.count("\n") == 1
    assert (tmp_path / "artefacts.json").read_bytes() == ARTEFACTS.read_bytes()
    selectors = exactjson.loads(ARTEFACTS.read_bytes())["Exchange"]["selectors"]
    assert selectors[MATCH_ORDERS] == "3c2b4399"  # seen on the real exchange's transactions
