"""What is spent is read from what is about to go out, and caps hold it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.guard import LIMITS, Caps, Kind, Spent, is_relief, spent_by


def order(side: Any = "BUY", gives: Any = "2600000", gets: Any = "5000000") -> dict[str, Any]:
    """The body of POST /order, as a step builds it."""
    return {"order": {"side": side, "makerAmount": gives, "takerAmount": gets, "signature": "«signed»"}}


def post(body: Any, path: str = "/order", **more: Any) -> dict[str, Any]:
    return {"method": "POST", "path": path, "json": body, **more}


RAW = {"method": "POST", "path": "/order"}
SINGLE = {"OrderQty": 5, "Price": Decimal("0.52")}
SPENDS = [
    ("rest", post(order()), 1, "2.6"),
    ("rest", post(order("SELL", "5000000", "2600000")), 1, "2.6"),
    ("rest", post(order(0)), 1, "2.6"),
    ("rest", post(order("?")), 1, "5"),
    ("rest", post([order(), order("SELL", "5000000", "2600000")], "/orders"), 2, "5.2"),
    ("rest", post(order(), "/order?x=1"), 1, "2.6"),
    ("rest", post(order(), tamper={"makerAmount": "9000000"}), 1, "9"),
    (
        "rest",
        {"method": "POST", "path": "/order", "raw": '{"order": {"side": "BUY", "makerAmount": 7e6}}'},
        1,
        "7",
    ),
    ("rest", {"method": "POST", "path": "/order", "raw": "{"}, 1, "0"),
    ("rest", post(order(gives="lots")), 1, "0"),
    ("rest", post(order(gives="-5")), 1, "0"),
    ("rest", post(order(gives="NaN")), 1, "0"),
    ("rest", post(None), 1, "0"),
    ("rest", post([], "/books"), 0, "0"),
    ("rest", {"method": "GET", "path": "/order"}, 0, "0"),
    ("rest", {"method": "DELETE", "path": "/order"}, 0, "0"),
    ("fix.oe", {"fix": "send", "message": {"NewOrderSingle": SINGLE}}, 1, "2.6"),
    ("fix.oe", {"fix": "send", "message": {"NewOrderSingle": {"OrderQty": 5}}}, 1, "5"),
    ("fix.oe", {"fix": "send", "message": {"NewOrderSingle": {"CashOrderQty": 9}}}, 1, "9"),
    ("fix.oe", {"fix": "send", "message": {"OrderCancelReplaceRequest": SINGLE}}, 1, "2.6"),
    ("fix.oe", {"fix": "send", "message": {"OrderCancelRequest": {"OrderQty": 5}}}, 0, "0"),
    ("fix.oe", {"fix": "raw", "text": "8=FIX.4.4|35=D|38=5|44=0.52|"}, 1, "2.6"),
    ("fix.oe", {"fix": "raw", "text": "8=FIX.4.4\x0135=D\x0138=5\x01"}, 1, "5"),
    ("fix.oe", {"fix": "raw", "text": "8=FIX.4.4|35=0|"}, 0, "0"),
    ("fix.oe", {"fix": "logon", "fields": {}}, 0, "0"),
    ("ws.user", {"subscribe": {}}, 0, "0"),
]


@pytest.mark.parametrize(("channel", "intent", "orders", "notional"), SPENDS)
def test_what_a_send_spends(channel: str, intent: dict[str, Any], orders: int, notional: str) -> None:
    """Orders and their worth, exactly; what the exchange could not read as an order has no worth."""
    assert spent_by(channel, intent) == Spent(orders, Decimal(notional), 0, 1)


def test_a_transaction_is_counted() -> None:
    """A transaction costs gas, whatever it does; a look costs none."""
    assert spent_by("chain", {"transaction": {}}) == Spent(transactions=1, requests=1)
    assert spent_by("chain", {"rpc": []}) == Spent(requests=1)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_whatever_is_posted_is_counted(body: Any) -> None:
    """Any body is counted as what it is, and raises nothing."""
    assert spent_by("rest", post(body, "/orders")).notional >= 0


def test_cancels_are_a_relief() -> None:
    """What takes orders back is told from what places or asks."""
    for path in ("/order", "/orders", "/cancel-all", "/cancel-market-orders"):
        assert is_relief("rest", {"method": "DELETE", "path": path})
        assert not is_relief("rest", {"method": "POST", "path": path})
    assert not is_relief("rest", {"method": "DELETE", "path": "/auth/api-key"})
    assert is_relief("fix.oe", {"fix": "send", "message": {"OrderCancelRequest": {}}})
    assert is_relief("fix.oe", {"fix": "logout"})
    assert not is_relief("fix.oe", {"fix": "send", "message": {"NewOrderSingle": {}}})


def test_defaults() -> None:
    """On this machine nearly everything goes; staging is shared; production is not written to at all."""
    assert LIMITS[Kind.VENUE].run == Caps()
    assert LIMITS[Kind.STAGING].item.notional == 1_000
    live = LIMITS[Kind.PRODUCTION]
    assert (live.item.orders, live.run.orders, live.item.transactions) == (0, 0, 0)
    assert set(LIMITS) == set(Kind) - {Kind.UNKNOWN}
