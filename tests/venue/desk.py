"""Signed requests and orders by hand, so that any field can be wrong."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

from eth_account import Account

from harness.wire import amounts, clob
from harness.wire.clob import CONTRACTS_137, Order, Side

from .bench import Bench, Customer


def call(
    bench: Bench,
    customer: Customer,
    method: str,
    path: str,
    body: str = "",
    *,
    late_s: int = 0,
    **change: str,
) -> tuple[int, Any]:
    """Send a signed request, with headers changed by name (`api_key` is POLY_API_KEY)."""
    creds = customer.client.creds
    headers = clob.l2_headers(
        address=customer.address,
        api_key=creds.api_key,
        secret=creds.api_secret,
        passphrase=creds.api_passphrase,
        timestamp_s=int(time.time()) - late_s,
        method=method,
        path=path.partition("?")[0],
        body=body,
    )
    headers |= {f"POLY_{name.upper()}": value for name, value in change.items()}
    answer = bench.http.request(method, bench.ready["rest"] + path, content=body, headers=headers)
    return answer.status_code, answer.json()


def make(customer: Customer, token: str, side: Side, price: str, size: str, **change: Any) -> Order:
    maker, taker = amounts.limit_amounts(side, Decimal(price), Decimal(size))
    stamp_ms = time.time_ns() // 1_000_000
    address = customer.address
    order = Order(time.time_ns() % 10**12, address, address, int(token), maker, taker, side, 0, stamp_ms)
    return replace(order, **change)


def signed_body(customer: Customer, order: Order, kind: str = "GTC", *, key: str = "") -> dict[str, Any]:
    """The body of POST /order, signed over the order's own digest, with `key` where one is given."""
    digest = clob.order_digest(order, chain_id=137, exchange=CONTRACTS_137.exchange)
    signature = Account.unsafe_sign_hash(digest, key or customer.key).signature.hex().removeprefix("0x")
    owner = customer.client.creds.api_key
    return clob.order_body(order, signature="0x" + signature, owner=owner, order_type=kind)


def post(
    bench: Bench, customer: Customer, order: Order, kind: str = "GTC", *, key: str = "", **change: Any
) -> tuple[int, Any]:
    """Sign an order, with `key` where one is given, and post it with fields of the body changed."""
    body = signed_body(customer, order, kind, key=key) | change
    return call(bench, customer, "POST", "/order", json.dumps(body, separators=(",", ":")))


def refused(text: str) -> tuple[int, dict[str, str]]:
    return 400, {"error": text}
