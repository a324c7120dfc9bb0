"""`harness new` on sessions of a browser: long ones, of several accounts, of every kind of order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .customer import (
    ALICE,
    BALANCE,
    BOB,
    BOOK,
    CONDITION,
    TOKEN,
    Customer,
    entry,
    har,
    leaks,
    placed,
    socket,
)
from .drafted import New


def refused(
    order: dict[str, Any], why: str = BALANCE, by: Customer = ALICE, at_ms: int = 400
) -> dict[str, Any]:
    """An order that the exchange refuses."""
    return entry(at_ms, "POST", "/order", 400, {"error": why}, order, by)


def test_thousands_of_entries(ticket: Path, new: New) -> None:
    """A long session is cut to its last steps and the last read of each kind, and what was cut is told."""
    entries: list[dict[str, Any]] = []
    for number in range(0, 1500, 3):
        at_ms = number * 50
        entries.append(
            entry(at_ms, "GET", f"/book?token_id={TOKEN}", 200, {**BOOK, "timestamp": str(number)})
        )
        entries.append(entry(at_ms, "GET", f"https://cdn.example.net/{number}.webp", 200, ""))
        entries.append(entry(at_ms, "POST", "https://api.tracks.example.net/v1/t", 200, {}, {"user": "j"}))
        if number % 15 == 0:
            order = ALICE.order(0.4, 5 + number % 11)
            entries.append(entry(at_ms, "POST", "/order", 200, placed(number), order, ALICE))
    entries.append(refused(ALICE.order(0.5, 9), at_ms=90_000))
    har(ticket, entries)
    drafted = new()
    assert drafted.code == 0
    assert drafted.case.count("  - id: ") == 42
    assert "GET /book, 499 times: a later one like it is kept" in drafted.said
    assert "left out as noise: https://cdn.example.net, 500 times: what a page is made of" in drafted.said
    assert "https://api.tracks.example.net, 500 times: a host that is not the exchange's" in drafted.said


@pytest.mark.parametrize(("kind", "wallet"), [(1, "proxy"), (2, "safe"), (3, "deposit")])
def test_wallets(ticket: Path, new: New, kind: int, wallet: str) -> None:
    """An order from a wallet makes an actor who has such a wallet."""
    customer = Customer(7, kind)
    har(ticket, [refused(customer.order(0.5, 9), by=customer)])
    drafted = new()
    assert drafted.code == 0
    assert f"alice: {{role: trader, wallet: {wallet}}}" in drafted.case
    assert not leaks(drafted.written, customer)


@pytest.mark.parametrize(
    ("price", "amount", "side", "kind", "tick", "words"),
    [
        (0.53, 25.5, "BUY", "FOK", "0.01", "price: 0.53, amount: 25.5"),
        (0.47, 12.34, "SELL", "FAK", "0.01", "price: 0.47, size: 12.34"),
    ],
)
def test_market_orders(
    ticket: Path, new: New, price: float, amount: float, side: str, kind: str, tick: str, words: str
) -> None:
    """A market order is told by its amount and worst price, where these give what was sent."""
    order = ALICE.market_order(price, amount, side, kind, tick)
    book = {**BOOK, "tick_size": tick}
    har(ticket, [entry(0, "GET", "/book?token_id=" + TOKEN, 200, book), refused(order, "no match is found")])
    drafted = new()
    assert drafted.code == 0
    assert words in drafted.case
    assert "set:" not in drafted.case


def test_batch(ticket: Path, new: New) -> None:
    """Orders of one request are `orders:`; one that was refused among them is the symptom."""
    no = {"success": False, "errorMsg": "order crosses book", "orderID": "", "status": ""}
    orders = [ALICE.order(0.41, 10), ALICE.order(0.42, 11)]
    har(ticket, [entry(0, "POST", "/orders", 200, [placed(1), no], orders, ALICE)])
    drafted = new()
    assert drafted.code == 0
    assert '- {token: "${market.yes}", side: BUY, price: 0.42, size: 11, type: GTC}' in drafted.case
    assert "errorMsg: order crosses book" in drafted.case


def test_cancel_of_a_batch(ticket: Path, new: New) -> None:
    """A cancel refers to a batch's orders; that it left one is a symptom where nothing else is."""
    orders = [ALICE.order(0.41, 10), ALICE.order(0.42, 11)]
    ids = [placed(number)["orderID"] for number in (1, 2)]
    answer = {"canceled": ids[:1], "not_canceled": {ids[1]: "order not found"}}
    har(
        ticket,
        [
            entry(0, "POST", "/orders", 200, [placed(1), placed(2)], orders, ALICE),
            entry(100, "DELETE", "/orders", 200, answer, ids, ALICE),
        ],
    )
    drafted = new()
    assert drafted.code == 0
    assert 'json: ["${orders.order_ids[0]}", "${orders.order_ids[1]}"]' in drafted.case
    assert "shows: {status: 200, body: {not_canceled: {$length: 1}}}" in drafted.case


def test_two_accounts(ticket: Path, new: New) -> None:
    """Files of two bots are one session of two actors, each with what it needs."""
    har(
        ticket, [entry(0, "POST", "/order", 200, placed(1), ALICE.order(0.5, 20, "SELL"), ALICE)], "maker.har"
    )
    har(ticket, [refused(BOB.order(0.5, 9), by=BOB)], "taker.har")
    drafted = new()
    assert drafted.code == 0
    assert "fund: {alice: {yes: 20}, bob: {collateral: 1.5}}" in drafted.case
    assert not leaks(drafted.written, ALICE, BOB)


def test_what_the_client_got_over(ticket: Path, new: New) -> None:
    """A refusal that was asked again and answered is no symptom where something else went wrong."""
    no = {"error": "Unauthorized/Invalid api key"}
    har(
        ticket,
        [
            entry(0, "GET", "/data/orders", 401, no, by=ALICE),
            entry(90, "GET", "/data/orders", 200, {"data": []}, by=ALICE),
            refused(ALICE.order(0.5, 9)),
        ],
    )
    drafted = new()
    assert drafted.code == 0
    assert "symptom:" in drafted.case
    assert "step: order\n" in drafted.case


def test_a_socket_before_the_first_step(ticket: Path, new: New) -> None:
    """A stream that was open before anything was done is part of the evidence, from its own time on."""
    order = placed(1)
    event = {
        "event_type": "trade",
        "taker_order_id": order["orderID"],
        "market": CONDITION,
        "asset_id": TOKEN,
    }
    event |= {"status": "FAILED", "size": "10", "id": "t-1", "owner": ALICE.api_key}
    auth = {"apiKey": ALICE.api_key, "secret": ALICE.secret, "passphrase": ALICE.passphrase}
    hello = {"auth": auth, "markets": [CONDITION], "type": "user"}
    keepalive = [("send", number * 10, "PING") for number in range(300)]
    user = socket("user", [("send", -900, hello), *keepalive, ("receive", 900, event)])
    har(ticket, [user, entry(1000, "POST", "/order", 200, order, ALICE.order(0.5, 10), ALICE)])
    drafted = new()
    assert drafted.code == 0
    assert "shows: {event_type: trade, status: FAILED}" in drafted.case
    assert not leaks(drafted.written, ALICE)


def test_lines_are_short(ticket: Path, new: New) -> None:
    """Lines of a draft have 140 characters at most, and a title ends with a whole word."""
    har(ticket, [refused(ALICE.order(0.5, 9), f"{BALANCE} {'and so on ' * 20}")])
    drafted = new()
    assert max(map(len, drafted.case.splitlines())) <= 140
    assert 'order amount:…"' in drafted.case


def test_a_name_and_password_in_an_address(ticket: Path, new: New) -> None:
    """What stands before the host of an address is a name and a password, and is nowhere."""
    one = refused(ALICE.order(0.5, 9))
    one["request"]["url"] = "https://jane.roe%40fund.example:S3cretPw9@clob.example.com/order"
    har(ticket, [one])
    drafted = new()
    assert drafted.code == 0
    assert "S3cretPw9" not in drafted.written + drafted.said
    assert "jane.roe" not in drafted.written + drafted.said


def test_thousands_alike(ticket: Path, new: New) -> None:
    """Thousands of cancels of one kind take seconds, not the square of their number."""
    answer = {"canceled": [], "not_canceled": {}}
    cancels = [
        entry(number * 10, "DELETE", "/order", 200, answer, {"orderID": f"0x{number:064x}"}, ALICE)
        for number in range(2000)
    ]
    har(ticket, [*cancels, refused(ALICE.order(0.5, 9), at_ms=30_000)])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "DELETE /order, 1960 times: before the last 40 steps" in drafted.said
