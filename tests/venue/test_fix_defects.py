"""Each defect of the FIX gateway: what a broken build does on the wire, and what a healthy one does."""

from __future__ import annotations

import pytest
import simplefix

from harness.venue.builds import all_builds, find_build
from harness.venue.fix.frames import Frame, FrameTap
from harness.venue.fix.parts import FixWire, Tap

from .bench import HEALTHY, Bench, Customer, Ship, both
from .fixclient import LOGON, FixClient


def account(bench: Bench) -> tuple[dict[str, str], Customer, Customer, str]:
    market = bench.market()
    buyer, seller = bench.customer(market, collateral="100"), bench.customer(market, yes="100")
    return market, buyer, seller, f"{market['symbol']}-YES"


@both
def test_esc_1111(ship: Ship, healthy: bool) -> None:
    """A REST order is seen over FIX; only the healthy build cancels it there and copies its fill."""
    bench = ship("ESC-1111", healthy)
    market, buyer, seller, yes = account(bench)
    with FixClient.order_entry(bench, buyer) as entry, FixClient.drop_copy(bench, buyer) as copy:
        first, second = (buyer.order(market["yes"], "BUY", 0.5, size)["orderID"] for size in (10, 8))
        for order_id in (first, second):
            copy.expect("8", (150, "0"), (37, order_id))
        entry.send("H", (50, "trader"), (37, first), (11, "s1"), (55, yes), (54, 1))
        entry.expect("8", (150, "I"), (39, "0"), (37, first))

        entry.cancel("c1", first, yes)
        if healthy:
            entry.expect("8", (150, "4"), (37, first), (11, "c1"))
            copy.expect("8", (150, "4"), (37, first))
        else:
            entry.expect("9", (37, "NONE"), (102, 1), (58, "Unknown order"), (11, "c1"), (41, first))
            assert buyer.client.get_order(first)["status"] == "LIVE"
            buyer.client.cancel_orders([first])
            copy.expect("8", (150, "4"), (37, first))

        reply = seller.order(market["yes"], "SELL", 0.5, 8)
        assert reply["status"] == "matched"
        if healthy:
            copy.expect("8", (150, "F"), (37, second), (880, reply["tradeIDs"][0]))
        copy.ping("nothing else")

        entry.order("f1", yes, 1, "0.5", "6")
        copy.expect("8", (150, "0"), (11, "f1"))
        seller.order(market["yes"], "SELL", 0.5, 6)
        copy.expect("8", (150, "F"), (11, "f1"))


@both
def test_esc_1087(ship: Ship, healthy: bool) -> None:
    """Reports of the time a client was away are resent; the broken build skips them."""
    bench = ship("ESC-1087", healthy)
    market, buyer, seller, yes = account(bench)
    client = FixClient.order_entry(bench, buyer)
    client.log_on()
    client.order("c1", yes, 1, "0.5", "10")
    order_id = client.expect("8", (34, 2), (150, "0"))[37]
    client.disconnect()
    seller.order(market["yes"], "SELL", 0.5, 10)

    assert client.log_on(reset=False).take(35, 34) == ("A", "4")
    client.send("2", (7, 3), (16, 0))
    if healthy:
        client.expect("8", (34, 3), (43, "Y"), (150, "F"), (37, order_id), (32, "10"))
    else:
        client.expect("4", (34, 3), (43, "Y"), (123, "Y"), (36, 4))
    client.expect("4", (34, 4), (43, "Y"), (123, "Y"), (36, 5))

    client.order("c2", yes, 1, "0.5", "10")
    client.expect("8", (34, 5), (150, "0"))
    client.send("2", (7, 5), (16, 5))
    client.expect("8", (34, 5), (43, "Y"), (150, "0"))
    client.disconnect()


@both
def test_esc_1093(ship: Ship, healthy: bool) -> None:
    """After a logon with 141=Y the next message is 2; the broken build sends 1 once more."""
    bench = ship("ESC-1093", healthy)
    _, buyer, _, yes = account(bench)
    client = FixClient.order_entry(bench, buyer)
    assert client.log_on().take(35, 34, 141) == ("A", "1", "Y")
    client.order("c1", yes, 1, "0.5", "10")
    client.expect("8", (150, "0"), (34, 2 if healthy else 1))
    client.cancel("c2", "c1", yes)
    client.expect("8", (150, "4"), (34, 3 if healthy else 2))
    client.disconnect()


@both
def test_esc_1101(ship: Ship, healthy: bool) -> None:
    """A second, flagged copy of a gap fill is discarded; the broken build logs out over it."""
    bench = ship("ESC-1101", healthy)
    _, buyer, _, _ = account(bench)
    client = FixClient.order_entry(bench, buyer)
    client.log_on()
    client.send("1", (112, "high"), number=4)
    client.expect("2", (7, 2), (16, 0))
    client.send("4", (43, "Y"), (123, "Y"), (36, 4), number=2)
    client.expect("0", (112, "high"))
    client.number = 4

    client.send("4", (43, "Y"), (123, "Y"), (36, 4), number=2)

    if healthy:
        client.ping("alive")
        client.disconnect()
    else:
        client.expect("5", (58, "MsgSeqNum too low, expecting 5 but received 2"))
        assert client.closed()


@both
def test_esc_1113(ship: Ship, healthy: bool) -> None:
    """An order behind a logon that was too high is taken after the gap fill; the broken build logs out."""
    bench = ship("ESC-1113", healthy)
    _, buyer, _, yes = account(bench)
    client = FixClient.order_entry(bench, buyer)
    client.log_on()
    client.disconnect()

    assert client.log_on(reset=False, number=10)[35] == "A"
    client.expect("2", (7, 2), (16, 0))
    client.number = 10
    client.order("c1", yes, 1, "0.5", "10")
    client.send("4", (43, "Y"), (123, "Y"), (36, 11), number=2)

    if healthy:
        client.expect("8", (150, "0"), (11, "c1"))
        client.ping("alive")
        client.disconnect()
    else:
        client.expect("5", (58, "MsgSeqNum too low, expecting 12 but received 11"))
        assert client.closed()
        assert buyer.client.get_open_orders() == []


def test_the_default_build_is_healthy() -> None:
    """The last build carries no defect, and no two builds before it carry the same one."""
    builds = all_builds()
    assert builds[-1] == find_build(HEALTHY)
    assert builds[-1].defects == ()
    carried = [defect for build in builds for defect in build.defects]
    assert len(carried) == len(set(carried))


def test_a_connection_keeps_the_build_it_was_made_under(ship: Ship) -> None:
    """Shipping a build changes how new connections are carried, and leaves those that are open alone."""
    bench = ship("ESC-1093", True)
    _, buyer, _, _ = account(bench)
    client = FixClient.drop_copy(bench, buyer)
    client.log_on()
    ship("ESC-1093", False)
    client.send("1", (112, "old"))
    client.expect("0", (34, 2))
    client.disconnect()
    client.log_on()
    client.send("1", (112, "new"))
    client.expect("0", (34, 1))
    client.disconnect()


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_a_tap_loses_nothing_wherever_the_bytes_are_cut(size: int) -> None:
    """Messages, and bytes that are none, come through a tap that changes nothing as they were."""
    heartbeat = Frame(((8, "FIXT.1.1"), (35, "0"), (49, "A"), (56, "B"), (34, "7"), (58, "é"))).encode()
    data = b"8=noise\x0110=000\x01" + heartbeat + b"8=FIXT.1.1\x019=5\x0135=0\x0110=999\x01" + heartbeat
    for way in (FrameTap().inbound, FrameTap().outbound):
        assert b"".join(way(data[at : at + size]) for at in range(0, len(data), size)) == data


def test_a_changed_frame_has_a_right_length_and_checksum() -> None:
    """simplefix reads what a tap has changed, with the length and checksum that it works out itself."""
    frame = Frame(((8, "FIXT.1.1"), (9, "5"), (35, "0"), (49, "A"), (56, "B"), (34, "7"), (10, "000")))
    raw = frame.with_values({34: "8"}).without(56).encode()
    message = simplefix.FixMessage()
    for tag, value in ((8, "FIXT.1.1"), (35, "0"), (49, "A"), (34, "8")):
        message.append_pair(tag, value)
    assert raw == message.encode()


def test_a_build_may_have_several_taps() -> None:
    """Taps stand one behind the other, so that a build carries more than one defect of the wire."""

    class Adds(Tap):
        def __init__(self, mark: bytes) -> None:
            self._mark = mark

        def inbound(self, data: bytes) -> bytes:
            return data + self._mark

        def outbound(self, data: bytes) -> bytes:
            return data + self._mark

    tap = FixWire().through(lambda: Adds(b"1")).through(lambda: Adds(b"2")).tap()
    assert (tap.inbound(b"in"), tap.outbound(b"out")) == (b"in12", b"out21")


@both
def test_esc_1094(ship: Ship, healthy: bool) -> None:
    """A Logon that is too low is told what is expected before the close; the broken build only closes."""
    bench = ship("ESC-1094", healthy)
    _, buyer, _, _ = account(bench)
    entry = FixClient.order_entry(bench, buyer)
    entry.log_on()
    entry.ping("two")
    entry.disconnect()
    entry.connect()
    entry.send("A", *LOGON, number=1)
    if healthy:
        entry.expect("5", (58, "MsgSeqNum too low, expecting 3 but received 1"))
    assert entry.closed()
    entry.disconnect()
