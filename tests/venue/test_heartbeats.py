"""The dead-man switch: who began to send heartbeats and falls silent loses their open orders."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.venue.engine import Engine, Now
from harness.venue.heartbeats import Heartbeats
from harness.venue.records import BookOrder, OrderStatus
from harness.wire.clob import Side

from .bench import HEALTHY, Bench, Customer, start_venue, stop_venue
from .desk import call
from .scenario import Person, Seen, pass_time
from .test_settlement import START, market, order

FIRST_TEXT = json.dumps({"heartbeat_id": ""})


def later(seconds: float) -> Now:
    return Now(START.ns + round(seconds * 1e9))


@pytest.fixture
def resting() -> tuple[Engine, list[BookOrder]]:
    """An engine with two orders of the API key `one` and one of `two`."""
    engine, listed = Engine(), market()
    engine.open_market(listed, START)
    orders = [order(listed, Side.BUY, price, "10") for price in ("0.1", "0.2", "0.3")]
    for each, owner in zip(orders, ("one", "one", "two"), strict=True):
        each.owner = owner
        engine.place(each, START)
    return engine, orders


def statuses(orders: list[BookOrder]) -> list[OrderStatus]:
    return [each.status for each in orders]


LIVE, GONE = OrderStatus.LIVE, OrderStatus.CANCELED


def swept(heartbeats: Heartbeats, until_s: float, since_s: float = 0) -> None:
    """Look every 20 ms, as the exchange does."""
    for tick in range(round((until_s - since_s) * 50)):
        heartbeats.sweep(later(since_s + tick / 50))


def test_silence_cancels_all_orders_of_those_credentials(resting: tuple[Engine, list[BookOrder]]) -> None:
    """Ten seconds without a heartbeat cancel every open order of its API key, and none of another's."""
    engine, orders = resting
    heartbeats = Heartbeats(engine)
    assert heartbeats.beat("one", "", START) is not None
    swept(heartbeats, 9.9)
    assert statuses(orders) == [LIVE, LIVE, LIVE]
    swept(heartbeats, 15.1, since_s=9.9)
    assert statuses(orders) == [GONE, GONE, LIVE]


def test_the_sweeper_comes_every_five_seconds(resting: tuple[Engine, list[BookOrder]]) -> None:
    """A silence is found by the sweep after its tenth second: ten to fifteen after the last beat."""
    engine, orders = resting
    heartbeats = Heartbeats(engine)
    swept(heartbeats, 2)
    assert heartbeats.beat("one", "", later(2)) is not None
    swept(heartbeats, 14.9, since_s=2)
    assert statuses(orders) == [LIVE, LIVE, LIVE]
    swept(heartbeats, 15.1, since_s=14.9)
    assert statuses(orders) == [GONE, GONE, LIVE]


def test_who_never_began_may_be_silent(resting: tuple[Engine, list[BookOrder]]) -> None:
    """Without a first heartbeat nothing is ever cancelled."""
    engine, orders = resting
    swept(Heartbeats(engine), 60)
    assert statuses(orders) == [LIVE, LIVE, LIVE]


def test_heartbeats_keep_orders(resting: tuple[Engine, list[BookOrder]]) -> None:
    """A heartbeat every five seconds, each with the id of the answer before, keeps the orders."""
    engine, orders = resting
    heartbeats, following = Heartbeats(engine), ""
    for beat in range(12):
        found = heartbeats.beat("one", following, later(5 * beat))
        assert found not in (None, following)
        following = found or ""
        swept(heartbeats, 5 * beat + 5, since_s=5 * beat)
    assert statuses(orders) == [LIVE, LIVE, LIVE]


def test_a_refused_heartbeat_gives_no_time(resting: tuple[Engine, list[BookOrder]]) -> None:
    """A heartbeat with a wrong id does not put the deadline off."""
    engine, orders = resting
    heartbeats = Heartbeats(engine)
    heartbeats.beat("one", "", START)
    for second in range(1, 10):
        assert heartbeats.beat("one", "wrong", later(second)) is None
    swept(heartbeats, 10.1)
    assert statuses(orders) == [GONE, GONE, LIVE]


def test_a_silence_cancels_once_and_a_heartbeat_arms_again(resting: tuple[Engine, list[BookOrder]]) -> None:
    """Orders placed after the cancel stay until the next heartbeat, and fall with the next silence."""
    engine, orders = resting
    heartbeats = Heartbeats(engine)
    following = heartbeats.beat("one", "", START)
    swept(heartbeats, 15)
    fresh = order(orders[0].market, Side.BUY, "0.15", "10")
    fresh.owner = "one"
    engine.place(fresh, later(15))
    swept(heartbeats, 60, since_s=15)
    assert fresh.status is LIVE
    assert heartbeats.beat("one", following or "", later(60)) is not None
    swept(heartbeats, 76, since_s=60)
    assert fresh.status is GONE


def test_the_older_form_without_ids(resting: tuple[Engine, list[BookOrder]]) -> None:
    """The endpoint without ids begins and keeps the same watch, and leaves the expected id as it is."""
    engine, orders = resting
    heartbeats = Heartbeats(engine)
    for second in (0, 5, 10):
        heartbeats.beat_without_id("one", later(second))
    swept(heartbeats, 19.9)
    assert statuses(orders) == [LIVE, LIVE, LIVE]
    swept(heartbeats, 25.1, since_s=19.9)
    assert statuses(orders) == [GONE, GONE, LIVE]
    assert heartbeats.expected("one") == ""


def beat(bench: Bench, customer: Customer, body: Any) -> tuple[int, Any]:
    return call(bench, customer, "POST", "/v1/heartbeats", json.dumps(body))


def test_heartbeats_over_rest(bench: Bench, buyer: Customer) -> None:
    """Each answer has the next id; a wrong id answers 400 with `error_msg` and the id to send."""
    status, first = beat(bench, buyer, {"heartbeat_id": ""})
    assert (status, list(first)) == (200, ["heartbeat_id"])
    status, second = beat(bench, buyer, first)
    assert status == 200
    assert second != first
    wrong = (400, {"error_msg": "Invalid Heartbeat ID", **second})
    assert beat(bench, buyer, first) == wrong
    assert beat(bench, buyer, {"heartbeat_id": ""}) == wrong
    assert beat(bench, buyer, {}) == wrong
    assert beat(bench, buyer, second)[0] == 200
    assert call(bench, buyer, "POST", "/heartbeats") == (200, {"status": "ok"})


def test_a_first_heartbeat_has_no_id(bench: Bench, buyer: Customer) -> None:
    """Who has sent none yet and names an id is told to send the empty one."""
    body = {"heartbeat_id": "3f0f0f0f-0000-4000-8000-000000000000"}
    assert beat(bench, buyer, body) == (400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": ""})


@pytest.mark.parametrize("body", [[], "x", 5, {"heartbeat_id": 5}])
def test_heartbeats_that_cannot_be_read(bench: Bench, buyer: Customer, body: Any) -> None:
    """A body whose id is no text is refused."""
    assert beat(bench, buyer, body) == (400, {"error": "Invalid payload"})


def test_heartbeats_are_signed(bench: Bench, buyer: Customer) -> None:
    """A heartbeat with a wrong signature is unauthorized."""
    for path in ("/v1/heartbeats", "/heartbeats"):
        answer = call(bench, buyer, "POST", path, FIRST_TEXT, signature="AAAA")
        assert answer == (401, {"error": "Unauthorized/Invalid api key"})


def test_a_venue_cancels_who_falls_silent() -> None:
    """On a venue whose time is moved by hand, fifteen seconds of silence cancel what rests."""
    process, ready = start_venue(HEALTHY, "--clock", "manual")
    bench = Bench(ready)
    maker = Person(bench, Seen(), "0x" + "11" * 32)
    market = bench.market()
    bench.control("/fund", {"address": maker.address, "collateral": "20"})
    maker.enter()
    placed = maker.order(market["yes"], Side.BUY, "0.1", "10")
    maker.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})

    def status() -> str:
        return str(maker.call("GET", f"/data/order/{placed['orderID']}")["status"])

    pass_time(bench, 9_900)
    assert status() == "LIVE"
    pass_time(bench, 5_100)
    assert status() == "CANCELED"
    assert [row["type"] for row in maker.call("GET", "/notifications")] == [1]
    bench.http.close()
    assert stop_venue(process) == 0
