"""The venue's clock: the machine's, one of its own, or one moved by hand; and what a seed draws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from harness.clock import ManualClock
from harness.venue.__main__ import main
from harness.venue.chance import Chance
from harness.venue.faults import VenueError
from harness.venue.venueclock import OwnTime, VenueClock

from .bench import Bench, eventually, said, start_venue, stop_venue
from .fixclient import FixClient
from .scenario import Person, Seen, Side, now_ms, pass_time

START_S = 1_800_000_000


@pytest.fixture(scope="module")
def by_hand() -> Iterator[Bench]:
    """A venue whose time is moved by hand, on the build whose live trades arrive old (ESC-1054)."""
    process, ready = start_venue("2026.9.11", "--clock", f"manual@{START_S}")
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


@pytest.mark.parametrize(
    ("text", "start_s", "rate"),
    [
        ("1800000000", START_S, "1"),
        ("1800000000x10", START_S, "10"),
        ("1800000000×0.5", START_S, "0.5"),
        ("manual", 1_767_225_600, "0"),
        ("manual@1800000000", START_S, "0"),
    ],
)
def test_a_clock_is_stated_in_one_word(text: str, start_s: int, rate: str) -> None:
    """A start, a start with a rate, or moved by hand."""
    assert OwnTime.parse(text) == OwnTime(start_s, Decimal(rate))


@pytest.mark.parametrize(
    "text", ["", "now", "1800000000x", "1800000000x0", "1800000000x1001", "manual@", "-1"]
)
def test_any_other_word_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The venue does not start, and says what a clock looks like."""
    with pytest.raises(VenueError, match=r"^a clock "):
        OwnTime.parse(text)
    assert main(["--build", "2026.11.2", f"--clock={text}"]) == 1
    assert "harness venue: a clock" in capsys.readouterr().err


def test_a_clock_of_its_own_goes_at_its_rate() -> None:
    """From its start, so many times as fast as the machine's."""
    machine = ManualClock()
    clock = VenueClock(OwnTime(START_S, Decimal("2.5")), machine)
    machine.advance(4_000_000)
    assert (clock.now_us(), clock.block_s) == ((START_S + 10) * 1_000_000, START_S + 10)


def test_the_machines_clock_stamps_no_block() -> None:
    """Without a clock of its own, the time is the machine's and the node stamps its blocks itself."""
    machine = ManualClock()
    clock = VenueClock(None, machine)
    machine.advance(5)
    assert (clock.now_us(), clock.block_s, clock.manual) == (machine.started_wall_us + 5, None, False)


def test_calls_come_at_their_moments_in_order() -> None:
    """Moved by hand, a clock stands at each call's moment when it is made, also of calls made meanwhile."""
    clock = VenueClock(OwnTime(START_S, Decimal(0)))
    calls: list[tuple[str, int]] = []

    def call(name: str) -> None:
        calls.append((name, clock.now_us() - START_S * 1_000_000))
        if name == "first":
            clock.after(1, lambda: call("third"))

    clock.after(3, lambda: call("fourth"))
    clock.after(1, lambda: call("first"))
    clock.after(1, lambda: call("second"))
    clock.move_to(START_S * 1_000_000 + 2500)
    assert calls == [("first", 1000), ("second", 1000), ("third", 2000)]
    assert clock.now_us() == START_S * 1_000_000 + 2500


def test_what_is_drawn_follows_from_seed_purpose_and_turn() -> None:
    """One purpose's draws change nothing of another's; without a seed nothing repeats."""
    one, other = Chance(7), Chance(7)
    other.bytes(8, "anything else")
    assert [one.uuid("trade") for _ in range(2)] == [other.uuid("trade") for _ in range(2)]
    assert one.hex(4, "a") != one.hex(4, "a")
    assert Chance(8).bytes(8, "trade") != Chance(7).bytes(8, "trade")
    assert Chance().bytes(16, "trade") != Chance().bytes(16, "trade")


def test_nothing_passes_until_it_is_told(by_hand: Bench) -> None:
    """Blocks and settlements come with the time that is told, and have come when it is answered."""
    market = by_hand.market()
    maker, taker = (Person(by_hand, Seen(), "0x" + digit * 64) for digit in "34")
    for person, money in ((maker, {"yes": "10"}), (taker, {"collateral": "10"})):
        person.enter()
        body = {"address": person.address, "market": market["condition"], **money}
        by_hand.control("/fund", body)
    maker.order(market["yes"], Side.SELL, "0.5", "10")
    trade = taker.order(market["yes"], Side.BUY, "0.5", "10")["tradeIDs"][0]
    block = by_hand.control("/health")["block"]

    def status() -> tuple[str, bool]:
        row = next(row for row in taker.call("GET", "/data/trades")["data"] if row["id"] == trade)
        return row["status"].removeprefix("TRADE_STATUS_"), row["transaction_hash"] != ""

    assert status() == ("MATCHED", False)
    steps = [status() for _ in range(3) if pass_time(by_hand, 100) is None]
    assert steps == [("MINED", True), ("MINED", True), ("CONFIRMED", True)]
    assert by_hand.control("/health")["block"] == block + 3
    stamp = by_hand.rpc("eth_getBlockByNumber", "latest", False)["timestamp"]
    assert int(stamp, 16) == now_ms(by_hand) // 1000


def test_what_is_said_late_is_late_by_the_venues_clock(by_hand: Bench) -> None:
    """A build that holds last_trade_price for 3 s holds it until that much was told."""
    market = by_hand.market()
    maker, taker = (Person(by_hand, Seen(), "0x" + digit * 64) for digit in "56")
    for person, money in ((maker, {"yes": "10"}), (taker, {"collateral": "10"})):
        person.enter()
        by_hand.control("/fund", {"address": person.address, "market": market["condition"], **money})
    with by_hand.socket("market") as socket:
        socket.send(json.dumps({"type": "market", "assets_ids": [market["yes"]]}))
        maker.order(market["yes"], Side.SELL, "0.5", "10")
        taker.order(market["yes"], Side.BUY, "0.5", "10")
        pass_time(by_hand, 2999)
        kinds = [event["event_type"] for event in said(socket)]
        assert "last_trade_price" not in kinds
        pass_time(by_hand, 1)
        assert [event["event_type"] for event in said(socket)] == ["last_trade_price"]


def test_a_long_move_leaves_blocks_out(by_hand: Bench) -> None:
    """A year at once is 256 blocks, the newest of them stamped with its end."""
    block = by_hand.control("/health")["block"]
    pass_time(by_hand, 365 * 86_400_000)
    assert by_hand.control("/health")["block"] == block + 256
    stamp = by_hand.rpc("eth_getBlockByNumber", "latest", False)["timestamp"]
    assert now_ms(by_hand) // 1000 - int(stamp, 16) <= 1


def day_and_time(at_s: int) -> str:
    """Unix seconds as FIX writes them."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y%m%d-%H:%M:%S")


def test_a_good_till_date_order_leaves_a_minute_early(by_hand: Bench) -> None:
    """A second before it rests, on that second it is gone: on FIX at its time, on REST a minute before it."""
    market = by_hand.market()
    person = Person(by_hand, Seen(), "0x" + "d" * 64)
    person.enter()
    by_hand.control("/fund", {"address": person.address, "collateral": "100"})
    yes, ends_s = f"{market['symbol']}-YES", now_ms(by_hand) // 1000 + 300
    session = FixClient.order_entry(by_hand, person)  # type: ignore[arg-type] # its address and its key

    def status(order_id: str) -> tuple[str, str]:
        order = person.call("GET", f"/data/order/{order_id}")
        return order["status"], order["expiration"]

    with session as entry, FixClient.drop_copy(by_hand, person) as copy:  # type: ignore[arg-type]
        entry.order("c1", yes, 1, "0.5", "10", (59, 6), (126, day_and_time(ends_s)))
        over_fix = entry.expect("8", (150, "0"), (126, day_and_time(ends_s) + ".000"))[37]
        stated_s = ends_s + 60
        over_rest = person.order(market["yes"], Side.BUY, "0.4", "10", "GTD", stated_s)["orderID"]
        for order_id in (over_fix, over_rest):
            assert status(order_id) == ("LIVE", str(stated_s))
        pass_time(by_hand, (ends_s - 1) * 1000 - now_ms(by_hand))
        assert [status(order_id)[0] for order_id in (over_fix, over_rest)] == ["LIVE", "LIVE"]
        pass_time(by_hand, 1000)
        for order_id in (over_fix, over_rest):
            assert status(order_id) == ("CANCELED_EXPIRED_ORDER", str(stated_s))
        entry.expect("8", (150, "C"), (39, "C"), (11, "c1"), (151, "0"), (14, "0"))
        told = [copy.expect("8", (150, kind)).take(37, 39) for kind in ("0", "0", "C", "C")]
        assert told == [(over_fix, "0"), (over_rest, "0"), (over_fix, "C"), (over_rest, "C")]


@pytest.mark.parametrize(("ahead_s", "taken"), [(119, False), (120, True)])
def test_a_good_till_date_over_fix_is_two_minutes_ahead(by_hand: Bench, ahead_s: int, taken: bool) -> None:
    """What is signed states a minute more, and has to be three minutes ahead."""
    market = by_hand.market()
    person = Person(by_hand, Seen(), "0x" + f"{ahead_s:064x}")
    person.enter()
    by_hand.control("/fund", {"address": person.address, "collateral": "100"})
    expires = (126, day_and_time(now_ms(by_hand) // 1000 + ahead_s))
    session = FixClient.order_entry(by_hand, person)  # type: ignore[arg-type] # its address and its key
    with session as entry:
        entry.order("c1", f"{market['symbol']}-YES", 1, "0.5", "10", (59, 6), expires)
        entry.expect("8", *((150, "0"),) if taken else ((150, "8"), (103, 0), (58, "invalid expiration")))


@pytest.mark.parametrize("body", [[], {}, {"advance_ms": 0}, {"advance_ms": "1"}, {"by_ms": 1}])
def test_a_bad_move_is_refused(by_hand: Bench, body: Any) -> None:
    """400 with what to send."""
    answer = by_hand.http.post(by_hand.ready["control"] + "/clock", json=body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_a_clock_that_moves_by_itself_is_not_moved() -> None:
    """With a start and a rate the venue lives in that time, blocks, keys and `Date` included."""
    process, ready = start_venue("2026.11.2", "--clock", f"{START_S}x20")
    try:
        moves_by_itself(Bench(ready))
    finally:
        code = stop_venue(process)
    assert code == 0


def moves_by_itself(bench: Bench) -> None:
    """What shows on a venue that was started at a time, twenty times as fast."""
    refused = bench.http.post(bench.ready["control"] + "/clock", json={"advance_ms": 1})
    assert (refused.status_code, "moves by itself" in refused.text) == (400, True)
    person = Person(bench, Seen(), "0x" + "7" * 64)
    person.enter()
    assert person.call("GET", "/data/orders")["data"] == []
    assert b"Fri, 15 Jan 2027" in person.seen.rest[0]

    def stamped() -> int:
        stamp = int(bench.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        return stamp if stamp >= START_S + 5 else 0

    assert eventually(stamped) <= START_S + 3600
    bench.http.close()
