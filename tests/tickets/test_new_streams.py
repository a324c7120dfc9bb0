"""`harness new` on streams: subscriptions without an answer, closes; and the balance that a refusal tells."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from .customer import ALICE, BALANCE, CONDITION, TOKEN, entry, har, leaks, placed, socket
from .drafted import New

AUTH = {"apiKey": ALICE.api_key, "secret": ALICE.secret, "passphrase": ALICE.passphrase}
HELLO = {"auth": AUTH, "markets": [CONDITION], "type": "user"}


def failed_trade(order_id: str) -> dict[str, Any]:
    """What the user channel says of a trade that failed."""
    event = {"event_type": "trade", "taker_order_id": order_id, "market": CONDITION, "asset_id": TOKEN}
    return {**event, "status": "FAILED", "size": "10", "id": "t-1", "owner": ALICE.api_key}


def test_a_subscription_that_is_not_answered(ticket: Path, new: New) -> None:
    """The user channel is silent until something happens: that a customer heard nothing is no refusal."""
    order = placed(1)
    user = socket("user", [("send", 10, HELLO), ("receive", 19_000, failed_trade(order["orderID"]))])
    har(ticket, [user, entry(3000, "POST", "/order", 200, order, ALICE.order(0.5, 10), ALICE)])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "shows: {event_type: trade, status: FAILED}" in drafted.case
    assert not leaks(drafted.written + drafted.said, ALICE)


def log(*lines: str) -> str:
    """What wscat prints."""
    url = "wss://ws-clob.example.com/ws/user"
    return "\n".join((f"Connected (press CTRL+C to quit) {url}", f"> {json.dumps(HELLO)}", *lines)) + "\n"


def test_a_close(ticket: Path, new: New) -> None:
    """A connection that the exchange closed is a symptom: the wait for what never came shows the close."""
    placement = json.dumps(
        {"event_type": "order", "type": "PLACEMENT", "market": CONDITION, "status": "LIVE"}
    )
    (ticket / "ws.log").write_text(log(f"< {placement}", 'Disconnected (code: 1008, reason: "too slow")'))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "where: {event_type: trade}" in drafted.case
    assert "shows: {$closed: {code: 1008}}" in drafted.case


def test_a_close_that_was_wanted(ticket: Path, new: New) -> None:
    """That somebody hung up is no symptom: it is asked which step shows the bug."""
    (ticket / "ws.log").write_text(log("Disconnected (code: 1000)"))
    drafted = new()
    assert drafted.code == 2
    assert "--symptom STEP, one of these:\n  listen  ws: listen was sent\n" in drafted.said


def test_a_close_beside_a_refusal(ticket: Path, new: New) -> None:
    """Where something else went wrong, a close is not the symptom."""
    (ticket / "ws.log").write_text(log("Disconnected (code: 1006)"))
    refused = entry(4000, "POST", "/order", 400, {"error": "invalid expiration"}, ALICE.order(0.5, 9), ALICE)
    har(ticket, [refused])
    assert "step: order\n" in new().case


def test_the_balance_that_a_refusal_tells(ticket: Path, new: New) -> None:
    """The account has what the refusal says that it has: then the draft is refused like the customer was."""
    har(ticket, [entry(0, "POST", "/order", 400, {"error": BALANCE}, ALICE.order(0.5, 9), ALICE)])
    assert "- fund: {alice: {collateral: 1.5}}" in new().case


def test_a_failed_trade_of_an_order_elsewhere(ticket: Path, new: New) -> None:
    """A trade that FAILED counts where only the stream was kept, and no order is known."""
    (ticket / "ws.log").write_text(log(f"< {json.dumps(failed_trade('0x' + 'ab' * 32))}"))
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "shows: {event_type: trade, status: FAILED}" in drafted.case
    assert not leaks(drafted.written + drafted.said, ALICE)


def test_the_steps_to_choose_from(ticket: Path, new: New) -> None:
    """Where nothing goes wrong by itself, each step is listed with what it does."""
    order = placed(1)
    update = {"event_type": "order", "type": "PLACEMENT", "id": order["orderID"], "status": "LIVE"}
    user = socket("user", [("send", 10, HELLO), ("receive", 4000, update)])
    har(ticket, [user, entry(3000, "POST", "/order", 200, order, ALICE.order(0.5, 10), ALICE)])
    told = new().said
    assert "--symptom STEP, one of these:" in told
    assert re.search(r"\n  order +POST /order: 200\n", told)
    assert re.search(r"\n  order-placement +ws: order PLACEMENT", told)
    assert "ask for what was sent" in told


def test_a_first_form_that_is_refused(ticket: Path, new: New) -> None:
    """A connection's first form, said again, is sent as it stands, and the bare refusal is the symptom."""
    again = {"assets_ids": [TOKEN], "type": "market"}
    first = f"[14:05:01.000] → {json.dumps(again)}"
    (ticket / "ws.log").write_text(
        f"{first}\n[14:05:02.000] → {json.dumps(again)}\n[14:05:02.100] ← INVALID OPERATION\n"
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "send: {type: market" in drafted.case
    assert "shows: INVALID OPERATION" in drafted.case
