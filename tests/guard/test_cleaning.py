"""What a run placed is taken back once, and what is left is told, whatever the exchange does meanwhile."""

from __future__ import annotations

import _thread
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from harness import cleaning
from harness.budget import Tally
from harness.cleaning import (
    GONE,
    LOGGED_OUT,
    MAYBE,
    OPEN,
    UNCLEAN,
    UNKNOWN,
    UNREPORTED,
    Cleanup,
    Order,
    clean,
)
from harness.clock import ManualClock
from harness.errors import TargetError
from harness.guard import LIMITS, Kind
from harness.metering import Meter
from harness.model import By, Event, Source
from harness.model import Kind as What
from harness.placing import Fate, Placed
from harness.world import Intent, Line

FIX = Source("fix.oe", "alice")


class Exchange:
    """An exchange with a book of its own, asked over REST."""

    def __init__(self, *resting: str) -> None:
        self.book = dict.fromkeys(resting, "LIVE")
        self.asked: list[str] = []
        self.closed = 0
        self.answers: dict[str, tuple[int, Any]] = {}
        self.before: Callable[[str], None] = lambda asked: None

    def send(self, intent: Intent, line: Line) -> None:
        asked = f"{intent['method']} {intent['path']}".partition("?")[0]
        self.asked.append(asked)
        self.before(asked)
        status, body = self.answers.get(asked) or self.answer(asked)
        line.sent({})
        line.answered({"status": status, "body": json.dumps(body)})

    def answer(self, asked: str) -> tuple[int, Any]:
        if asked == "DELETE /cancel-all":
            live = [name for name, status in self.book.items() if status == "LIVE"]
            self.book |= dict.fromkeys(live, "CANCELED")
            return 200, {"canceled": live, "not_canceled": {}}
        if asked == "GET /data/orders":
            live = [{"id": name} for name, status in self.book.items() if status == "LIVE"]
            return 200, {"data": live, "next_cursor": "LTE="}
        name = asked.removeprefix("GET /data/order/")
        if name in self.book:
            return 200, {"id": name, "status": self.book[name]}
        return 404, {"error": "Order not found"}

    def probe(self) -> None: ...

    def close(self) -> None:
        self.closed += 1


Sessions = tuple[tuple[str, str], ...]


def cleaned(
    exchange: Exchange,
    *entered: str,
    events: tuple[Event, ...] = (),
    interrupted: bool = False,
    **fates: Fate,
) -> tuple[Cleanup, KeyboardInterrupt | None]:
    """Clean up after alice, who placed these orders."""
    meter = Meter(Tally(LIMITS[Kind.VENUE], ManualClock()), Kind.VENUE)
    meter.placed["alice"] = Placed(dict(fates), dict.fromkeys(entered))
    return clean(meter, lambda actor: exchange, lambda: events, interrupted=interrupted)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes is waited for as long as a busy machine takes, and looked at often."""
    monkeypatch.setattr(cleaning, "SETTLE_US", 20_000_000)
    monkeypatch.setattr(cleaning, "CLEAN_US", 60_000_000)
    monkeypatch.setattr(cleaning, "LOOK_EVERY_US", 5_000)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes is waited for a moment."""
    monkeypatch.setattr(cleaning, "SETTLE_US", 50_000)


def test_what_rests_is_taken_back_once() -> None:
    """One cancel-all for each actor, and then a look at what is open."""
    exchange = Exchange("a", "b")

    found, stop = cleaned(exchange, a=Fate.TAKEN, b=Fate.TAKEN)

    assert (found.left, stop) == ((), None)
    assert found.told == ("order a of alice: cancelled", "order b of alice: cancelled")
    assert exchange.asked == ["DELETE /cancel-all", "GET /data/orders"]
    assert exchange.closed == 1


def test_what_nobody_knew_of_is_taken_back_too() -> None:
    """An order that was refused and rests all the same, and one that has no name, are cancelled and told."""
    found, _ = cleaned(Exchange("a", "refused", "nameless"), a=Fate.TAKEN, refused=Fate.REFUSED)

    assert [str(each) for each in found.orders] == [
        "order a of alice: cancelled",
        "order refused of alice: cancelled",
        "order nameless of alice: cancelled",
    ]


def test_what_filled_is_told() -> None:
    """An order that is not open any more is told as the exchange knows it."""
    exchange = Exchange()
    exchange.book |= {"a": "MATCHED", "b": "ORDER_STATUS_CANCELED"}

    found, _ = cleaned(exchange, a=Fate.TAKEN, b=Fate.TAKEN)

    assert [each.state for each in found.orders] == ["matched", "canceled"]
    assert found.left == ()


def test_what_cannot_be_cancelled_is_left() -> None:
    """A cancel that is refused is not tried again; what is open then is told."""
    exchange = Exchange("a")
    exchange.answers["DELETE /cancel-all"] = (500, {"error": "no"})

    found, _ = cleaned(exchange, a=Fate.TAKEN)

    assert exchange.asked.count("DELETE /cancel-all") == 1
    assert found.left == (
        'cancelling the orders of alice was refused: 500 {"error": "no"}',
        f"order a of alice: {OPEN}",
    )


def test_an_order_on_its_way_is_waited_for() -> None:
    """One of which no answer came may still arrive: it is cancelled when it is there, and not before."""
    exchange = Exchange()
    looks = iter(range(100))

    def arrive(asked: str) -> None:
        if asked == "GET /data/order/late" and next(looks) == 3:
            exchange.book["late"] = "LIVE"

    exchange.before = arrive
    found, _ = cleaned(exchange, late=Fate.DOUBTFUL)

    assert found.told == ("order late of alice: cancelled",)
    assert exchange.asked.index("DELETE /cancel-all") > 3


def test_an_order_that_never_arrives_may_be_left(impatient: None) -> None:
    """What the exchange does not know when it is last asked may still come: it is told."""
    found, _ = cleaned(Exchange(), lost=Fate.DOUBTFUL)

    assert found.left == (f"order lost of alice: {UNKNOWN}",)


def test_an_order_that_the_exchange_forgot_is_told_and_not_left() -> None:
    """What was taken and is now neither open nor known cannot come any more; without an answer it may be."""
    exchange = Exchange()
    found, _ = cleaned(exchange, lost=Fate.TAKEN)
    assert (found.told, found.left) == ((f"order lost of alice: {GONE}",), ())

    exchange.answers["GET /data/order/lost"] = (503, {"error": "unavailable"})
    found, _ = cleaned(exchange, lost=Fate.TAKEN)
    assert found.left == (f"order lost of alice: {UNKNOWN}",)


def test_an_order_that_arrives_behind_the_cancel_is_left(impatient: None) -> None:
    """The look at what is open comes last: what arrived after the cancel is found, and told as open."""
    exchange = Exchange()

    def arrive(asked: str) -> None:
        if asked == "GET /data/orders":
            exchange.book["late"] = "LIVE"

    exchange.before = arrive
    found, _ = cleaned(exchange, late=Fate.DOUBTFUL)

    assert found.left == (f"order late of alice: {OPEN}",)


def test_a_fix_order_is_waited_for_by_its_report(impatient: None) -> None:
    """A FIX order is on its way until a report of it came; one that has none may be left."""
    report = Event(0, 0, What.PUSH, FIX, by=By.PEER, data={"wire": {"raw": "8=FIX.4.4|35=8|11=one|"}})

    found, _ = cleaned(Exchange("x"), "one", "two", events=(report,))

    assert found.left == (f"order two of alice: {UNREPORTED}",)
    assert str(found.orders[0]) == "order x of alice: cancelled"


@pytest.mark.parametrize(
    ("sessions", "is_left"),
    [
        ((), True),
        ((("fix.oe(alice)", LOGGED_OUT),), False),
        ((("fix.oe(alice)", LOGGED_OUT), ("fix.dc(alice)", UNCLEAN)), True),
        ((("fix.oe(bob)", LOGGED_OUT),), True),
    ],
)
def test_a_fix_order_cannot_come_after_its_logout(sessions: Sessions, is_left: bool) -> None:
    """What was never reported on is told; it may be left only where its session was not logged out."""
    found = Cleanup((Order("alice", "two", UNREPORTED),), sessions=sessions)

    told = f"order two of alice: {UNREPORTED}"
    assert told in found.told
    assert (told in found.left) is is_left


def test_every_page_is_read() -> None:
    """What is open is read to the end of the list."""
    exchange = Exchange()
    pages = iter(
        [{"data": [{"id": "a"}], "next_cursor": "MTAw"}, {"data": [{"id": "b"}], "next_cursor": "LTE="}]
    )
    exchange.answer = lambda asked: (  # type: ignore[method-assign] # two pages, and nothing is cancelled
        (200, next(pages)) if asked == "GET /data/orders" else (200, {"canceled": []})
    )

    found, _ = cleaned(exchange)

    assert found.left == (f"order a of alice: {OPEN}", f"order b of alice: {OPEN}")


def test_an_exchange_that_is_gone() -> None:
    """Where nobody can be asked, everything may be left, and why is told."""

    def gone(asked: str) -> None:
        raise TargetError("T001", "the target does not answer")

    exchange = Exchange()
    exchange.before = gone
    found, stop = cleaned(exchange, a=Fate.TAKEN)

    assert found.left == (
        "the orders of alice may be open: T001 the target does not answer",
        f"order a of alice: {MAYBE}",
    )
    assert (stop, exchange.closed) == (None, 1)


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_second_interrupt_skips_it(interrupted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first Ctrl-C never stops the cleaning, wherever it comes; the second does, and what may be left is
    told. The interrupt is handed on."""
    exchange, go_on = Exchange("a"), threading.Event()

    def press(asked: str) -> None:
        if asked == "DELETE /cancel-all":
            _thread.interrupt_main()
            go_on.wait(30 if interrupted else 0.05)

    exchange.before = press
    found, stop = cleaned(exchange, interrupted=interrupted, a=Fate.TAKEN)
    go_on.set()

    assert isinstance(stop, KeyboardInterrupt)
    if interrupted:
        assert found.left == (
            "the orders of alice may be open: cleaning up was skipped",
            f"order a of alice: {MAYBE}",
        )
    else:
        assert (found.left, exchange.book) == ((), {"a": "CANCELED"})


def test_nothing_placed_is_nothing_asked() -> None:
    """A run that placed nothing leaves nothing to ask for."""
    meter = Meter(Tally(LIMITS[Kind.VENUE], ManualClock()), Kind.VENUE)

    found, _ = clean(meter, lambda actor: pytest.fail("it was asked"), lambda: (), interrupted=False)
    assert found == Cleanup()
