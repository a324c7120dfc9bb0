"""Order entry and drop copy over FIX, on the same book as REST and the WebSockets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from .bench import Bench, Customer, eventually, read_until
from .fixclient import FixClient


@pytest.fixture
def yes(market: dict[str, str]) -> str:
    """The market's YES as FIX names it."""
    return f"{market['symbol']}-YES"


@pytest.fixture
def seller(bench: Bench, market: dict[str, str]) -> Customer:
    """A customer with a hundred shares of each outcome."""
    return bench.customer(market, yes="100", no="100")


def test_a_fix_order_is_on_rest_and_its_fill_on_both_sessions(
    bench: Bench, market: dict[str, str], buyer: Customer, seller: Customer, yes: str
) -> None:
    """An order entered over FIX has one id on every channel, and its shares arrive on chain."""
    with FixClient.order_entry(bench, buyer) as entry, FixClient.drop_copy(bench, buyer) as copy:
        entry.order("c1", yes, 1, "0.5", "10")
        new = entry.expect("8", (150, "0"), (39, "0"), (11, "c1"), (14, "0"), (151, "10"), (6, "0"))
        assert new.take(1, 22, 38, 40, 44, 54, 55, 59, 167) == (
            *(buyer.address, "8", "10", "2", "0.5", "1", yes, "1", "EVENT"),
        )
        assert new[48] == market["yes"]
        assert len(new[17]) == 13
        assert new[17].isalnum()
        order = buyer.client.get_order(new[37])
        assert (order["status"], order["price"], order["original_size"]) == ("LIVE", "0.5", "10")
        assert copy.expect("8", (150, "0")).take(11, 17, 37) == new.take(11, 17, 37)

        seller.order(market["yes"], "SELL", 0.5, 6)
        part = entry.expect(
            "8", (150, "F"), (39, "1"), (31, "0.5"), (32, "6"), (14, "6"), (151, "4"), (1057, "N")
        )
        reply = seller.order(market["yes"], "SELL", 0.4, 4 + 5)
        rest = entry.expect(
            "8", (150, "F"), (39, "2"), (31, "0.5"), (32, "4"), (14, "10"), (151, "0"), (6, "0.5")
        )

        assert rest[880] == reply["tradeIDs"][0]
        assert copy.expect("8", (150, "F"), (11, "c1")).take(17, 880) == part.take(17, 880)
        assert copy.expect("8", (150, "F"), (11, "c1")).take(17, 880) == rest.take(17, 880)
    eventually(lambda: bench.funds(buyer, market)["yes"] == "10")


def test_a_fix_order_is_seen_on_the_web_sockets(
    bench: Bench, market: dict[str, str], buyer: Customer, yes: str
) -> None:
    """The user channel places it and the market channel shows its level."""
    with bench.socket("user") as user, bench.socket("market") as book:
        user.send(json.dumps({"type": "user", "auth": buyer.auth(), "markets": [market["condition"]]}))
        book.send(json.dumps({"type": "market", "assets_ids": [market["yes"]]}))
        read_until(book, lambda event: event["event_type"] == "book")
        user.send("PING")
        assert user.recv() == "PONG"
        with FixClient.order_entry(bench, buyer) as entry:
            entry.order("c1", yes, 1, "0.25", "8")
            order_id = entry.expect("8", (150, "0"))[37]
        placed = read_until(user, lambda event: event["event_type"] == "order")[-1]
        assert (placed["type"], placed["id"]) == ("PLACEMENT", order_id)
        change = read_until(book, lambda event: event["event_type"] == "price_change")[-1]["price_changes"][0]
        assert (change["price"], change["size"], change["side"]) == ("0.25", "8", "BUY")


def test_a_fix_taker_gets_each_makers_price(
    bench: Bench, market: dict[str, str], buyer: Customer, seller: Customer, yes: str
) -> None:
    """A FIX order that meets two REST orders is told of one execution for each, at their prices."""
    for price in (0.3, 0.4):
        seller.order(market["yes"], "SELL", price, 5)
    with FixClient.order_entry(bench, buyer) as entry:
        entry.order("c1", yes, 1, "0.5", "10")
        entry.expect("8", (150, "0"))
        entry.expect("8", (150, "F"), (31, "0.3"), (32, "5"), (6, "0.3"), (39, "1"), (1057, "Y"))
        entry.expect("8", (150, "F"), (31, "0.4"), (32, "5"), (6, "0.35"), (39, "2"), (1057, "Y"))


def test_a_cancel_is_reported_under_its_own_id(bench: Bench, buyer: Customer, yes: str) -> None:
    """A FIX cancel takes the order off the book, and both sessions hear of it with 11 and 41."""
    with FixClient.order_entry(bench, buyer) as entry, FixClient.drop_copy(bench, buyer) as copy:
        entry.order("c1", yes, 1, "0.5", "10")
        order_id = entry.expect("8", (150, "0"))[37]
        entry.cancel("c2", "c1", yes)
        for session in (entry, copy):
            if session is copy:
                copy.expect("8", (150, "0"))
            session.expect("8", (150, "4"), (39, "4"), (11, "c2"), (41, "c1"), (37, order_id), (151, "0"))
        assert buyer.client.get_order(order_id)["status"] == "CANCELED"
        entry.cancel("c3", "c1", yes)
        entry.expect(
            "9", (102, 1), (434, 1), (39, 8), (58, "Unknown order"), (37, order_id), (11, "c3"), (41, "c1")
        )


def test_a_rest_order_is_cancelled_over_fix(
    bench: Bench, market: dict[str, str], buyer: Customer, yes: str
) -> None:
    """An order entered over REST is shown, copied and cancelled over FIX by its order id."""
    with FixClient.order_entry(bench, buyer) as entry, FixClient.drop_copy(bench, buyer) as copy:
        order_id = buyer.order(market["yes"], "BUY", 0.5, 10)["orderID"]
        copy.expect("8", (150, "0"), (37, order_id), (11, ""))
        entry.send("H", (50, "trader"), (37, order_id), (11, "s1"), (55, yes), (54, 1))
        entry.expect("8", (150, "I"), (39, "0"), (37, order_id), (151, "10"))
        entry.cancel("c1", order_id, yes)
        entry.expect("8", (150, "4"), (37, order_id), (11, "c1"), (41, order_id))
        copy.expect("8", (150, "4"), (37, order_id))
        assert buyer.client.get_order(order_id)["status"] == "CANCELED"


def test_a_fix_order_is_cancelled_over_rest(bench: Bench, buyer: Customer, yes: str) -> None:
    """A cancel over REST is reported to the session that entered the order, under the order's own id."""
    with FixClient.order_entry(bench, buyer) as entry:
        entry.order("c1", yes, 1, "0.5", "10")
        order_id = entry.expect("8", (150, "0"))[37]
        buyer.client.cancel_orders([order_id])
        entry.expect("8", (150, "4"), (39, "4"), (11, "c1"), (41, ""), (37, order_id))


def test_the_fill_of_a_rest_order_is_on_drop_copy_only(
    bench: Bench, market: dict[str, str], buyer: Customer, seller: Customer
) -> None:
    """Drop copy is told of what was entered elsewhere, the order-entry session is not."""
    with FixClient.order_entry(bench, buyer) as entry, FixClient.drop_copy(bench, buyer) as copy:
        order_id = buyer.order(market["yes"], "BUY", 0.5, 10)["orderID"]
        seller.order(market["yes"], "SELL", 0.5, 10)
        copy.expect("8", (150, "0"), (37, order_id))
        copy.expect("8", (150, "F"), (37, order_id), (39, "2"), (32, "10"), (11, ""))
        entry.ping("quiet")


def test_an_account_does_not_hear_of_another(
    bench: Bench, market: dict[str, str], buyer: Customer, seller: Customer, yes: str
) -> None:
    """A drop-copy session covers its account only, and nobody cancels another's order."""
    with FixClient.drop_copy(bench, seller) as copy, FixClient.order_entry(bench, seller) as entry:
        order_id = buyer.order(market["yes"], "BUY", 0.5, 10)["orderID"]
        entry.cancel("c1", order_id, yes)
        entry.expect("9", (37, "NONE"), (102, 1), (58, "Unknown order"))
        copy.ping("quiet")


def test_immediate_orders_end_expired(
    bench: Bench, market: dict[str, str], buyer: Customer, seller: Customer, yes: str
) -> None:
    """A FOK that cannot be filled is 0 and C, an IOC that is filled in part 0, F and C."""
    seller.order(market["yes"], "SELL", 0.5, 6)
    with FixClient.order_entry(bench, buyer) as entry, FixClient.drop_copy(bench, buyer) as copy:
        entry.order("c1", yes, 1, "0.5", "10", (59, 4))
        entry.order("c2", yes, 1, "0.5", "10", (59, 3))
        for session in (entry, copy):
            session.expect("8", (150, "0"), (39, "0"), (11, "c1"))
            session.expect("8", (150, "C"), (39, "C"), (11, "c1"), (14, "0"), (151, "0"))
            session.expect("8", (150, "0"), (39, "0"), (11, "c2"))
            session.expect("8", (150, "F"), (39, "1"), (11, "c2"), (14, "6"))
            session.expect("8", (150, "C"), (39, "C"), (11, "c2"), (14, "6"), (151, "0"))


def test_a_good_till_date_order_is_signed_with_its_time(bench: Bench, buyer: Customer, yes: str) -> None:
    """ExpireTime comes back as it was sent, and REST shows the signed expiration sixty seconds later."""
    expires = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    with FixClient.order_entry(bench, buyer) as entry:
        entry.order("c1", yes, 1, "0.5", "10", (59, 6), (126, expires.strftime("%Y%m%d-%H:%M:%S")))
        new = entry.expect("8", (150, "0"), (59, "6"), (126, expires.strftime("%Y%m%d-%H:%M:%S.000")))
        assert buyer.client.get_order(new[37])["expiration"] == str(int(expires.timestamp()) + 60)
        entry.order("c2", yes, 1, "0.5", "10", (59, 6))
        entry.expect("8", (150, "8"), (58, "ExpireTime (126) is required with TimeInForce 6"))


def test_refusals_have_the_words_of_the_fix_pages(
    bench: Bench, market: dict[str, str], buyer: Customer, seller: Customer, yes: str
) -> None:
    """A refused order is one report 8/8 with reason and text, or a reject that names what is wrong."""
    seller.order(market["yes"], "SELL", 0.5, 10)
    with FixClient.order_entry(bench, buyer) as entry:

        def refused(reason: int, text: str) -> None:
            answer = entry.expect(
                "8", (150, "8"), (39, "8"), (103, reason), (58, text), (37, "NONE"), (151, "0")
            )
            assert answer[11].startswith("c")

        entry.order("c1", yes, 1, "0.4", "1000")
        refused(0, "10 USD available, requested 400")
        entry.order("c2", yes, 2, "0.6", "7.5")
        refused(0, "0 shares available, requested 7.5")
        entry.order("c3", yes, 1, "0.5", "10", (18, 6))
        refused(0, "Order may participate but not initiate in the market")
        entry.order("c4", yes, 1, "0.4", "1")
        refused(0, "Low order size limit is 5, given 1")
        entry.order("c5", yes, 1, "0.4", "7.123")
        refused(13, "invalid amounts, the buy orders maker amount supports a max accuracy of 4 decimals, "
                "taker amount a max of 2 decimals")  # fmt: skip
        entry.order("c6", yes, 1, "0.4", "10", (1, seller.address))
        refused(0, f"Requested Account ({seller.address}) does not match account configuration")
        entry.order("c7", yes, 1, "0.4", "10", (18, "G"))
        refused(11, "Unsupported ExecInst G")
        entry.order("c8", yes, 1, "0.4", "5")
        entry.expect("8", (150, "0"), (11, "c8"))
        entry.order("c8", yes, 1, "0.4", "5")
        refused(0, "ClOrdID already in use by an open order")
        entry.order("c9", yes, 1, "0.405", "10")
        assert "breaks minimum tick size" in entry.expect("j", (380, 18), (372, "D"), (379, "c9"))[58]
        entry.order("c10", "MARKET-0-YES", 1, "0.5", "10")
        entry.expect("j", (380, 2), (58, "Instrument Unavailable: MARKET-0-YES"), (379, "c10"))
        entry.send("D", (11, "c11"), (55, yes), (54, 1), (38, 10), (40, 2), (44, "0.5"))
        entry.expect("3", (373, 1), (371, 50), (372, "D"))
        entry.send("D", (50, "trader"), (11, "c12"), (55, yes), (54, 1), (38, 10), (40, 2))
        entry.expect("3", (373, 1), (371, 44), (372, "D"))
        entry.send("D", (50, "trader"), (11, "c13"), (55, yes), (54, "Z"), (38, 10), (40, 2), (44, "0.5"))
        entry.expect("3", (373, 5), (371, 54))
        fields = ((50, "trader"), (11, "c14"), (41, "c8"), (55, yes), (54, 1), (40, 2))
        entry.send("G", *fields, (38, 6), (44, "0.4"))
        entry.expect("9", (434, 2), (102, 2), (11, "c14"), (41, "c8"))
        entry.send("H", (50, "trader"), (11, "none"), (55, yes), (54, 1))
        entry.expect("8", (150, "8"), (103, 5), (58, "Unknown order"))
        entry.cancel("c15", "c8", yes)
        entry.expect("8", (150, "4"), (41, "c8"))


def test_a_drop_copy_of_fills_alone(
    bench: Bench, market: dict[str, str], buyer: Customer, seller: Customer, yes: str
) -> None:
    """Opened so, it is told of executions from every channel and of nothing else; others hear all."""
    copy = FixClient.drop_copy(bench, buyer, fills_only=True)
    assert copy.session["fills_only"] is True
    with copy, FixClient.drop_copy(bench, buyer) as whole, FixClient.order_entry(bench, buyer) as entry:
        entry.order("c1", yes, 1, "0.4", "10")
        entry.cancel("c2", "c1", yes)
        entry.order("c3", yes, 1, "0.5", "10", (59, 4))
        for exec_type in ("0", "4", "0", "C"):
            assert entry.expect("8", (150, exec_type))[17] == whole.expect("8", (150, exec_type))[17]
        seller.order(market["yes"], "SELL", 0.5, 10)
        bought = buyer.order(market["yes"], "BUY", 0.5, 5)["orderID"]
        entry.order("c4", yes, 1, "0.5", "10", (59, 3))
        copy.expect("8", (150, "F"), (37, bought), (32, "5"), (39, "2"), (11, ""))
        copy.expect("8", (150, "F"), (11, "c4"), (32, "5"), (39, "1"))
        for exec_type in ("0", "F", "C"):
            entry.expect("8", (150, exec_type), (11, "c4"))
        copy.ping("quiet")


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("order_entry", True, "an order_entry session is told of more than fills: leave fills_only out"),
        ("drop_copy", "yes", "fills_only must be true or false: leave it out for false"),
    ],
)
def test_who_cannot_have_fills_alone(
    bench: Bench, buyer: Customer, kind: str, value: object, text: str
) -> None:
    """Order entry cannot, and a word is no flag."""
    body = {"address": buyer.address, "kind": kind, "private_key": buyer.key, "fills_only": value}
    if kind == "drop_copy":
        del body["private_key"]
    answer = bench.http.post(bench.ready["control"] + "/fix-sessions", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": text})


def test_drop_copy_takes_no_orders(bench: Bench, buyer: Customer, yes: str) -> None:
    """An order on a drop-copy session is refused for the kind of session."""
    with FixClient.drop_copy(bench, buyer) as copy:
        copy.order("c1", yes, 1, "0.5", "10")
        copy.expect("j", (380, 6), (58, "message is not supported for this session type"))


def test_fix_44_trades_too(bench: Bench, buyer: Customer, yes: str) -> None:
    """A session of FIX.4.4 enters and cancels on the same book."""
    entry = FixClient.order_entry(bench, buyer, begin_string="FIX.4.4")
    assert entry.session["appl_ver_id"] is None
    entry.connect()
    entry.send("A", (98, 0), (108, 30), (141, "Y"))
    entry.expect("A", (8, "FIX.4.4"), (141, "Y"))
    entry.order("c1", yes, 1, "0.5", "10")
    entry.expect("8", (8, "FIX.4.4"), (150, "0"))
    entry.cancel("c2", "c1", yes)
    entry.expect("8", (150, "4"))
    entry.disconnect()
