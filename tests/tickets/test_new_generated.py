"""Any session of the official client, in any form, makes a draft that is proven and leaks nothing."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.cli import main

from .customer import ALICE, BOB, HOST, Customer, entry, har, leaks, placed, when

_REASONS = st.sampled_from(
    (
        "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 4500000",
        "invalid post-only order: order crosses book",
        "order couldn't be fully filled. FOK orders are fully filled or killed.",
        "the market is not yet ready to process new orders",
        "Price (0.505) breaks minimum tick size rule: 0.01",
        'odd: "quotes", {braces} & ümlauts # and: colons',
    )
)
_PRICES = st.integers(1, 99).map(lambda cents: cents / 100)
_SIZES = st.integers(500, 100_000).map(lambda hundredths: hundredths / 100)
_SIDES = st.sampled_from(("BUY", "SELL"))
_CUSTOMERS = st.sampled_from((ALICE, BOB, *(Customer(10 + kind, kind) for kind in (1, 2, 3))))


_LIMITS = st.tuples(st.sampled_from(("GTC", "FOK")), _PRICES, _SIZES, _SIDES)
_MARKETS = st.tuples(st.sampled_from(("market FOK", "market FAK")), _PRICES, _SIZES, _SIDES)
_Plan: TypeAlias = tuple[Customer, tuple[str, float, float, str], bool]
_PLANS = st.tuples(_CUSTOMERS, _LIMITS | _MARKETS, st.booleans())
_Row: TypeAlias = tuple[Customer, str, str, int, Any, Any]


def _signed(customer: Customer, terms: tuple[str, float, float, str]) -> dict[str, Any]:
    """An order as the official client makes it; its salts are new each time."""
    kind, price, size, side = terms
    if kind.startswith("market"):
        return customer.market_order(price, size, side, kind[-3:], "0.01")
    return customer.order(price, size, side, type=kind)


def _session(plans: list[_Plan], reason: str) -> list[_Row]:
    """Requests with their answers; the last one is an order that is refused."""
    rows: list[_Row] = []
    for number, (customer, terms, cancelled) in enumerate(plans[:-1]):
        rows.append((customer, "POST", "/order", 200, placed(number), _signed(customer, terms)))
        if cancelled:
            order_id = placed(number)["orderID"]
            answer = {"canceled": [order_id], "not_canceled": {}}
            rows.append((customer, "DELETE", "/order", 200, answer, {"orderID": order_id}))
    customer, terms, _ = plans[-1]
    return [*rows, (customer, "POST", "/order", 400, {"error": reason}, _signed(customer, terms))]


def _curl(rows: list[_Row]) -> str:
    said: list[str] = []
    for number, (customer, method, path, status, answer, body) in enumerate(rows):
        heads = " ".join(f"-H '{name}: {value}'" for name, value in customer.headers)
        date = f"date: Mon, 02 Mar 2026 14:05:{number:02d} GMT"
        said.append(f"$ curl -i -X {method} '{HOST}{path}' {heads} --data-raw $'{_ansi(json.dumps(body))}'")
        said.append(f"HTTP/2 {status}\n{date}\n\n{json.dumps(answer)}\n")
    return "\n".join(said)


def _ansi(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _log(rows: list[_Row]) -> str:
    said: list[str] = []
    for number, (customer, method, path, status, answer, body) in enumerate(rows):
        told = {"method": method, "url": HOST + path, "timestamp": when(number * 1000)}
        sent = {**told, "headers": dict(customer.headers), "body": json.dumps(body)}
        said += [json.dumps(sent), json.dumps({**told, "status": status, "body": json.dumps(answer)})]
    return "\n".join(said) + "\n"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PLANS, min_size=1, max_size=6), _REASONS, st.sampled_from(("har", "curl", "log")))
def test_sessions(plans: list[_Plan], reason: str, form: str) -> None:
    """A session whose last order was refused is a case that lints and is red for that, and names nobody."""
    rows = _session(plans, reason)
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path("ticket")
        folder.mkdir()
        if form == "har":
            shown = [
                entry(number * 1000, method, path, status, answer, body, customer)
                for number, (customer, method, path, status, answer, body) in enumerate(rows)
            ]
            har(folder, shown)
        else:
            (folder / "mail.txt").write_text(_curl(rows) if form == "curl" else _log(rows))
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = main(["new", "ESC-1234", "--from", "ticket"])
        assert code == 0, said.getvalue()
        written = [*Path("cases").glob("*"), *Path("cassettes").rglob("*.jsonl")]
        text = "".join(path.read_text() for path in written) + said.getvalue()
        assert not leaks(text, *(row[0] for row in rows))
        assert max(map(len, written[0].read_text().splitlines())) <= 140
