"""What each message spends, or takes back, and the caps where nothing is configured."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness.guard import (
    LIMITS,
    Caps,
    Kind,
    Limits,
    Spent,
    is_relief,
    spent_by,
)


def test_what_may_be_spent_where_nothing_is_configured() -> None:
    """On this machine only a loop that has run away is stopped; production is read only, and slowly."""
    here = Limits(Caps(10_000, None, 2_000, 100_000), Caps(None, None, None, None), None, 30)
    staging = Limits(Caps(100, Decimal(1_000), 20, 2_000), Caps(2_000, Decimal(20_000), 400, 40_000), 20, 180)
    production = Limits(Caps(0, Decimal(0), 0, 1_000), Caps(0, Decimal(0), 0, 20_000), 10, 180)
    assert dict(LIMITS) == {
        Kind.VENUE: here,
        Kind.LOCAL: here,
        Kind.STAGING: staging,
        Kind.PRODUCTION: production,
    }


def test_caps_are_reached_and_then_passed() -> None:
    """The cap itself may be spent; the first that is passed is told, with what was spent."""
    caps = Caps(2, Decimal("1.5"), 3, 4)
    assert caps.over(Spent(2, Decimal("1.5"), 3, 4)) is None
    assert caps.over(Spent(orders=3, requests=5)) == ("orders", 3, 2)
    assert caps.over(Spent(notional=Decimal("1.51"))) == ("notional", Decimal("1.51"), Decimal("1.5"))
    assert caps.over(Spent(transactions=4)) == ("transactions", 4, 3)
    assert caps.over(Spent(requests=5)) == ("requests", 5, 4)
    assert Caps().over(Spent(9, Decimal(9), 9, 9)) is None
    assert Caps(orders=0).over(Spent(orders=1)) == ("orders", 1, 0)
    assert Spent() == Spent(0, Decimal(0), 0, 0)
    assert Spent(1, Decimal(2), 3, 4) + Spent(10, Decimal(20), 30, 40) == Spent(11, Decimal(22), 33, 44)


def order(side: Any, gives: Any = "2000000", gets: Any = "5000000") -> dict[str, Any]:
    return {"order": {"side": side, "makerAmount": gives, "takerAmount": gets}}


def rest(body: Any, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "path": "/order", "json": body, **more}


def fix(text: str) -> dict[str, Any]:
    return {"fix": "raw", "text": text}


SPENT = [
    ("rest", rest(order(1)), 1, "5"),
    ("rest", rest(order(0)), 1, "2"),
    ("rest", rest(order("SELL")), 1, "5"),
    ("rest", rest(order("BUY", True)), 1, "0"),
    ("rest", rest(order("BUY", 7_000_000)), 1, "7"),
    ("rest", rest(order("BUY", "Infinity")), 1, "0"),
    ("rest", rest(order("BUY", None)), 1, "0"),
    ("rest", rest(order("?", "6000000")), 1, "6"),
    ("rest", rest(order("BUY"), tamper=[1]), 1, "2"),
    ("rest", rest(order("BUY"), tamper={"side": "SELL"}), 1, "5"),
    ("rest", rest((order("BUY"), order("BUY"))), 2, "4"),
    ("rest", rest([]), 0, "0"),
    ("rest", rest({"order": []}), 1, "0"),
    ("rest", rest([[1]]), 1, "0"),
    ("rest", {"method": "POST", "path": "/order"}, 1, "0"),
    ("rest", {**rest(order("BUY")), "raw": "{}"}, 1, "2"),
    ("rest", {**rest(order("BUY")), "path": "/order/x"}, 0, "0"),
    ("ws", rest(order("BUY")), 0, "0"),
    *(("fix.oe", fix(f"8=F|35={kind}|38=3|44=0.5|"), 1, "1.5") for kind in ("D", "G", "E", "AB")),
    ("fix.oe", fix("35=D"), 1, "0"),
    ("fix.oe", fix("35=D|38=3"), 1, "3"),
    ("fix.oe", fix("38=3|44=2|35=D"), 1, "6"),
    ("fix.oe", fix("35=D|152=4|38=3|44=1|"), 1, "4"),
    ("fix.oe", fix("35=D|138=3|"), 1, "0"),
    ("fix.oe", fix("35=DX|38=3|"), 0, "0"),
    ("fix.oe", fix("135=D|38=3|"), 0, "0"),
    ("fix.oe", fix("35=D|38=|"), 1, "0"),
    ("fix.oe", {"fix": "raw"}, 0, "0"),
    ("fix.oe", {"fix": "send", "message": {"NewOrderSingle": None}}, 0, "0"),
    ("fix.oe", {"fix": "send", "message": None}, 0, "0"),
    ("fix", {"message": {"NewOrderSingle": {"OrderQty": 5, "Price": 2, "CashOrderQty": 11}}}, 1, "11"),
]


@pytest.mark.parametrize(("channel", "intent", "orders", "notional"), SPENT)
def test_what_a_message_spends(channel: str, intent: dict[str, Any], orders: int, notional: str) -> None:
    """Orders and their worth by side, by quantity and price, or in cash; the larger where it is open."""
    assert spent_by(channel, intent) == Spent(orders, Decimal(notional), 0, 1)


@pytest.mark.parametrize(
    ("channel", "intent", "relief"),
    [
        ("rest", {"method": "DELETE", "path": "/order?x=1"}, True),
        ("rest", {"method": "DELETE", "path": "/notifications"}, False),
        ("rest", {"method": "DELETE"}, False),
        ("rest.x", {"method": "DELETE", "path": "/order"}, True),
        ("fix", {"message": {"OrderMassCancelRequest": {}}}, True),
        ("fix", {"message": {"OrderCancelReplaceRequest": {}}}, False),
        ("fix", {"fix": "logout", "message": None}, True),
        ("fix", {}, False),
        ("ws", {"fix": "logout"}, False),
    ],
)
def test_what_takes_orders_back(channel: str, intent: dict[str, Any], relief: bool) -> None:
    """Cancels and a logout, on their own channel."""
    assert is_relief(channel, intent) is relief
