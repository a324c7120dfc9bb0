"""Caps and pace are held for a whole run, by many threads too; what became of each order is known."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.budget import Tally
from harness.clock import ManualClock
from harness.errors import GuardError
from harness.guard import Caps, Kind, Limits
from harness.metering import Meter
from harness.model import Source
from harness.pacing import turn
from harness.placing import Fate
from harness.world import Intent, Line

from .test_spending import SINGLE, order, post


class Exchange:
    """A driver that takes every order, or answers as a test says."""

    def __init__(self, status: int = 200, body: str = '{"success": true}') -> None:
        self.sent: list[Intent] = []
        self.status, self.body = status, body

    def send(self, intent: Intent, line: Line) -> None:
        self.sent.append(intent)
        line.sent({}, {"order_id": f"0x{len(self.sent)}"} if "json" in intent else None)
        if self.status:
            line.answered({"status": self.status, "body": self.body})
        else:
            line.lost("no answer")

    def probe(self) -> None: ...

    def close(self) -> None: ...


class Told:
    """A line that keeps what it is told."""

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None: ...

    def answered(self, wire: Mapping[str, Any]) -> None: ...

    def lost(self, why: str) -> None: ...


ALICE = Source("rest", "alice")
NONE = Caps()


class Seat:
    """An exchange behind a meter."""

    def __init__(self, item: Caps = NONE, run: Caps = NONE, kind: Kind = Kind.STAGING, **more: Any) -> None:
        self.clock = ManualClock()
        self.tally = more.pop("tally", None) or Tally(Limits(item, run, more.pop("pace", None)), self.clock)
        self.waited: list[int] = []
        self.meter = Meter(self.tally, kind, self.waited.append)
        self.exchange = Exchange(**more)

    def send(self, intent: Intent, source: Source = ALICE) -> None:
        self.meter.before(self.exchange, source).send(intent, Told())


CAPS = [
    ({"orders": 3}, "the item would come to 4 orders, and its cap is 3: nothing more is sent"),
    ({"notional": Decimal(8)}, "the item would come to 10.4 of collateral notional, and its cap is 8"),
    ({"requests": 3}, "the item would come to 4 requests, and its cap is 3"),
]


@pytest.mark.parametrize(("cap", "told"), CAPS)
@pytest.mark.parametrize("whose", ["item", "run"])
def test_a_run_stops_at_its_cap(whose: str, cap: dict[str, Any], told: str) -> None:
    """A loop that has run away is stopped before the send that passes the cap; what was placed is told."""
    seat = Seat(**{whose: Caps(**cap)})

    def run_away() -> None:
        for _ in range(100):
            seat.send(post(order()))

    with pytest.raises(GuardError) as caught:
        run_away()

    assert caught.value.code == "G020"
    assert told.replace("the item", f"the {whose}") in caught.value.text
    assert caught.value.text.endswith(
        f"(limits of the target, {whose}.{next(iter(cap))}); placed so far: 0x1, 0x2, 0x3"
    )
    assert len(seat.exchange.sent) == 3


def test_transactions_have_a_cap() -> None:
    """Gas is money: transactions are counted by themselves."""
    seat = Seat(item=Caps(transactions=1))
    seat.send({"transaction": {}}, Source("chain", "alice"))

    with pytest.raises(GuardError, match=r"G020 the item would come to 2 transactions.*; nothing was placed"):
        seat.send({"transaction": {}}, Source("chain", "alice"))


def test_no_cap_holds_a_cancel_up() -> None:
    """At the cap orders can still be taken back."""
    seat = Seat(item=Caps(requests=1))
    seat.send(post(order()))
    seat.send({"method": "DELETE", "path": "/cancel-all"})

    assert len(seat.exchange.sent) == 2


def test_all_items_of_a_run_share_its_caps() -> None:
    """What one item spent, another cannot; caps of an item are each item's own."""
    tally = Tally(Limits(Caps(orders=2), Caps(orders=3)), ManualClock())
    first, second = Seat(tally=tally), Seat(tally=tally)
    for seat in (first, first, second):
        seat.send(post(order()))

    with pytest.raises(GuardError, match="the run would come to 4 orders"):
        second.send(post(order()))
    assert (first.meter.spent.orders, second.meter.spent.orders) == (2, 1)


def test_several_threads_never_pass_a_cap() -> None:
    """Many senders at once place exactly as many orders as the cap allows."""
    seat = Seat(item=Caps(orders=50))
    refused: list[str] = []

    def run_away() -> None:
        for _ in range(20):
            try:
                seat.send(post(order()))
            except GuardError as error:
                refused.append(error.code)

    threads = [threading.Thread(target=run_away) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(seat.exchange.sent), set(refused)) == (50, {"G020"})


def test_requests_are_paced() -> None:
    """As many requests as a second allows go at once; each of the others waits until one is a second old."""
    seat = Seat(pace=4)
    for _ in range(6):
        seat.send({"method": "GET", "path": "/time"})

    assert seat.waited == [1_000_000, 1_000_000]
    seat.clock.advance(10_000_000)
    for _ in range(4):
        seat.send({"method": "GET", "path": "/time"})
    assert len(seat.waited) == 2


@given(st.integers(1, 50), st.lists(st.integers(0, 2_000_000), max_size=60))
def test_a_pace_is_never_passed(per_second: int, steps_us: list[int]) -> None:
    """In no second begin more requests than the pace, and none waits that need not."""
    stamps: tuple[int, ...] = ()
    now_us, begun = 0, list[int]()
    for step_us in steps_us:
        now_us += step_us
        before = sum(each > now_us - 1_000_000 for each in begun)
        stamps, wait_us = turn(stamps, per_second, now_us)
        begun.append(now_us + wait_us)
        assert (wait_us == 0) == (before < per_second)
    for at_us in begun:
        assert sum(at_us <= each < at_us + 1_000_000 for each in begun) <= per_second


def test_production_is_never_written_even_where_the_plan_could_not_see_it() -> None:
    """What references became is judged once more, as it goes out."""
    seat = Seat(kind=Kind.PRODUCTION)
    seat.send({"method": "GET", "path": "/data/order/0xab"})

    for intent in (
        {"method": "GET", "path": "/data/order/../../cancel-all"},
        {"method": "POST", "path": "/order", "json": {}},
        {"method": "GET", "path": "/book", "headers": {"X-HTTP-Method-Override": "DELETE"}},
    ):
        with pytest.raises(
            GuardError, match=f"G013 .*would send {intent['method']} {intent['path']} to prod"
        ):
            seat.send(intent)
    assert len(seat.exchange.sent) == 1


def test_a_header_that_leads_elsewhere_is_refused_as_it_goes_out() -> None:
    """Headers that a case refers to are known at the send; on this machine they may say what they like."""
    intent = {"method": "GET", "path": "/book", "headers": {"Host": "clob.example"}}
    with pytest.raises(GuardError, match=r"G012 rest\(alice\) would say host"):
        Seat().send(intent)

    here = Seat(kind=Kind.LOCAL)
    here.send(intent)
    assert here.exchange.sent == [intent]


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ({}, Fate.TAKEN),
        ({"body": '{"success": false}'}, Fate.REFUSED),
        ({"status": 400, "body": '{"error": "no"}'}, Fate.REFUSED),
        ({"status": 503}, Fate.DOUBTFUL),
        ({"status": 503, "body": '{"error":"upstream"}'}, Fate.DOUBTFUL),
        ({"status": 502, "body": '{"error":"Trading is currently disabled."}'}, Fate.DOUBTFUL),
        ({"status": 503, "body": '{"error":"Trading is currently cancel-only. New …"}'}, Fate.REFUSED),
        ({"status": 503, "body": '{"error":"post-only mode: only …"}'}, Fate.REFUSED),
        ({"status": 0}, Fate.DOUBTFUL),
        ({"body": "<html>"}, Fate.TAKEN),
        ({"body": '[{"success": true}]'}, Fate.TAKEN),
    ],
)
def test_what_became_of_an_order(answer: dict[str, Any], fate: Fate) -> None:
    """An order is in doubt until somebody says what became of it."""
    seat = Seat(**answer)
    seat.send(post(order()))

    assert seat.meter.placed["alice"].orders == {"0x1": fate}


def test_a_fix_order_is_known_by_its_cl_ord_id() -> None:
    """What is entered over FIX is noted before it goes out."""
    seat = Seat()
    seat.send(
        {"fix": "send", "message": {"NewOrderSingle": {"ClOrdID": "a1", **SINGLE}}}, Source("fix.oe", "bob")
    )

    assert list(seat.meter.placed["bob"].entered) == ["a1"]


def test_nothing_is_sent_behind_the_end() -> None:
    """Once a run has ended no step sends anything, and what is under way is waited for."""
    seat = Seat()
    assert seat.meter.end(0)

    with pytest.raises(GuardError, match=r"G021 rest\(alice\): the run has ended, and nothing more is sent"):
        seat.send(post(order()))
    assert seat.exchange.sent == []


def test_the_end_waits_for_what_is_under_way() -> None:
    """A send that has begun is waited for, so that what it places can be taken back; not for ever."""
    seat, began, go_on = Seat(), threading.Event(), threading.Event()

    def hold(intent: Intent, line: Line) -> None:
        began.set()
        go_on.wait(10)

    seat.exchange.send = hold  # type: ignore[method-assign] # a driver that takes its time
    sender = threading.Thread(target=seat.send, args=(post(order()),))
    sender.start()
    assert began.wait(10)
    assert not seat.meter.end(1_000)
    go_on.set()
    assert seat.meter.end(10_000_000)
    sender.join()
