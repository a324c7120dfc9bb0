"""What one item hears of limits, and how its requests are held back: over real time's substitute."""

from __future__ import annotations

from typing import Any

import pytest

from harness.budget import Tally
from harness.clock import ManualClock
from harness.errors import TargetError
from harness.guard import Caps, Kind, Limits
from harness.metering import Meter
from harness.model import Source
from harness.notnow import Why
from harness.pacing import Bucket, price
from harness.pacing import Kind as Pays
from harness.world import Intent, Line

URL = "http://127.0.0.1:1"
POST = {"method": "POST", "path": "/order", "json": {"order": {}}}
CANCEL = {"method": "DELETE", "path": "/orders", "json": ["0x1"] * 40}
READ = {"method": "GET", "path": "/time"}


class Exchange:
    """A driver that gives the answers that a test has prepared, then good ones."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []

    def send(self, intent: Intent, line: Line) -> None:
        line.sent({}, None)
        line.answered(self.answers.pop(0) if self.answers else {"status": 200, "headers": {}})

    def probe(self) -> None: ...

    def close(self) -> None: ...


class Told:
    def sent(self, wire: object, derived: object = None) -> None: ...

    def answered(self, wire: object) -> None: ...

    def lost(self, why: str) -> None: ...


class Seat:
    """An exchange behind a meter; whoever waits moves the clock."""

    def __init__(self, own: frozenset[Why] = frozenset(), tally: Tally | None = None) -> None:
        self.clock = ManualClock()
        limits = Limits(Caps(), Caps(), None, 60)
        self.tally = tally or Tally(limits, self.clock, chance=lambda most: 0)
        self.waited: list[int] = []
        self.told: list[str] = []
        self.meter = Meter(self.tally, Kind.LOCAL, self.pause, own, self.told.append)
        self.exchange = Exchange()

    def pause(self, us: int) -> None:
        self.waited.append(us)
        self.clock.advance(us)

    def send(self, intent: Intent, actor: str = "alice", *answer: dict[str, Any]) -> None:
        self.exchange.answers += answer
        self.meter.before(self.exchange, Source("rest", actor), address=URL).send(intent, Told())


def busy(**headers: str) -> dict[str, Any]:
    return {"status": 429, "headers": {name.replace("_", "-"): value for name, value in headers.items()}}


def left(tokens: int) -> dict[str, Any]:
    return {"status": 200, "headers": {"poly-ratelimit-remaining": str(tokens)}}


def test_an_address_that_was_refused_waits() -> None:
    """After a 429 nothing goes to that address before its time, whoever sends it; then it goes at once."""
    seat = Seat()
    seat.send(READ, "alice", busy(retry_after="3"))
    seat.send(READ, "bob")
    seat.send(READ)

    assert seat.waited == [3_000_000]
    assert seat.told == [f"waiting 3 s for the pace or the limits of {URL}"]
    assert seat.meter.heed.longest_us == 3_000_000
    assert seat.tally.held(URL) is None


def test_an_account_that_was_refused_waits_alone() -> None:
    """A 429 of an account's bucket holds back that account's orders, and nothing else."""
    seat = Seat()
    seat.send(POST, "alice", busy(retry_after="4", poly_ratelimit_remaining="0"))
    seat.send(POST, "bob")
    seat.send(READ, "alice")
    seat.send({"method": "DELETE", "path": "/cancel-all"}, "alice")
    assert seat.waited == []

    seat.send(POST, "alice")
    assert seat.waited == [4_000_000]


def test_a_bucket_is_not_overdrawn() -> None:
    """A request that costs more than is left waits until as much has come back, before it is refused."""
    seat = Seat()
    seat.send(CANCEL, "alice", left(60))
    seat.send(CANCEL)  # 20 are left now, as nobody has said otherwise
    seat.send(CANCEL)
    seat.send(CANCEL, "alice", left(-40))
    seat.send(CANCEL)

    assert seat.waited == [250_000, 500_000, 1_000_000]
    assert seat.told == []


def test_what_no_bucket_holds_is_sent_when_it_is_full() -> None:
    """A batch that can never pass waits no longer than until the bucket is full, and is refused."""
    full = Bucket(Pays.ORDER, 0, 0)

    assert full.wait_us(1_000, 0) == 1_500_000
    assert full.wait_us(40, 600_000) == 400_000
    assert full.after(10, 1_000_000) == Bucket(Pays.ORDER, 30, 1_000_000)
    assert full.after(0, 60_000_000).left == 60


@pytest.mark.parametrize(
    ("intent", "priced"),
    [
        (POST, (Pays.ORDER, 1)),
        ({"method": "POST", "path": "/orders", "json": [{}, {}]}, (Pays.ORDER, 2)),
        ({"method": "POST", "path": "/orders", "raw": "{"}, (Pays.ORDER, 1)),
        ({"method": "POST", "path": "/orders", "json": []}, (Pays.ORDER, 1)),
        (CANCEL, (Pays.CANCEL, 40)),
        ({"method": "DELETE", "path": "/order?x=1"}, (Pays.CANCEL, 1)),
        ({"method": "DELETE", "path": "/cancel-market-orders"}, (Pays.CANCEL, 1)),
        ({"method": "DELETE", "path": "/cancel-all"}, (Pays.CANCEL, 1)),
        ({"method": "DELETE", "path": "/auth/api-key"}, None),
        ({"method": "POST", "path": "/books", "json": [{}]}, None),
        (READ, None),
        ({"subscribe": {}}, None),
    ],
)
def test_what_a_request_is_paid_from(intent: Intent, priced: tuple[Pays, int] | None) -> None:
    """Orders and cancels have a bucket each, a batch costs what it holds; reads are free."""
    assert price(intent) == priced


def test_a_case_about_limits_is_not_held_back() -> None:
    """What a case does to the limits, or asks about them, it sees as it is; and nobody else waits for it."""
    seat = Seat(frozenset({Why.LIMIT}))
    seat.send(POST, "alice", busy(retry_after="4", poly_ratelimit_remaining="-9"))
    seat.send(READ, "alice", busy(retry_after="3"))
    seat.send(POST)

    assert seat.waited == []
    assert seat.tally.held(URL) is None


def test_a_mode_is_noted_and_holds_no_step_back() -> None:
    """A mode is no limit: a step asks into it, and who begins next knows of it until an order is taken."""
    seat = Seat()
    seat.send(POST, "alice", {"status": 425, "headers": {"retry-after": "2"}})
    assert (hold := seat.tally.held(URL + " orders")) is not None
    assert (hold.why, hold.until_us) == ("a restart", 2_000_000)
    seat.send(READ)
    assert seat.tally.held(URL + " orders") is not None
    seat.send(POST)
    assert seat.tally.held(URL + " orders") is None
    assert seat.waited == []


def test_nobody_waits_for_ever() -> None:
    """What the exchange asks for beyond the target's patience ends the item as inconclusive."""
    seat = Seat()
    seat.send(READ, "alice", busy(retry_after="61"))

    with pytest.raises(TargetError, match=r"T030 .*127.0.0.1:1 asks to wait 61.000 s \(429\): longer than"):
        seat.send(READ)


def test_a_step_waits_before_it_begins() -> None:
    """What holds a step back is over before its windows begin; it tells on a window that began before."""
    seat = Seat()
    seat.send(READ, "alice", busy(retry_after="3"))
    seat.meter.ready(URL, "alice", None)
    assert (seat.waited, seat.meter.heed.longest_us) == ([3_000_000], 0)

    seat.send(READ, "alice", busy(retry_after="2"))
    seat.meter.ready(URL, "alice", None, late=True)
    assert (seat.waited[1:], seat.meter.heed.longest_us) == ([2_000_000], 2_000_000)


def test_what_was_refused_has_placed_nothing() -> None:
    """A run may be done once more where every order was refused, and nothing went over FIX or the chain."""
    seat = Seat()
    assert seat.meter.placed_nothing
    seat.send(POST, "alice", {"status": 425, "headers": {}})
    assert seat.meter.placed_nothing
    seat.meter.before(seat.exchange, Source("chain", "alice")).send({"transaction": {}}, Told())
    assert not seat.meter.placed_nothing
