"""Clocks that are set, on our side or the target's: durations stay, and skew is told."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from wire.answers import OK

from harness import asking
from harness.channels.web import UnansweredError, Web
from harness.clock import RunClock, iso_utc
from harness.model import Kind, Source
from harness.timeline import Timeline
from harness.wire.exchange import request_of

from .hostileweb import HostileWeb, dripping
from .leaves import OPEN_DIAL
from .test_targets import at
from .webpeer import Answer, WebPeer

HOUR_US = 3_600_000_000


class SystemClock:
    """The machine's wall clock, which somebody sets; its monotonic clock goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = time.time_ns
        self.off_us = 0
        monkeypatch.setattr(time, "time_ns", lambda: self._real() + self.off_us * 1000)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> SystemClock:
    return SystemClock(monkeypatch)


@pytest.mark.parametrize("set_us", [HOUR_US, -HOUR_US, -1_000_000])
def test_a_clock_that_is_set_within_a_case_changes_no_stamp(system: SystemClock, set_us: int) -> None:
    """Stamps count from the run's start and never go back, and the start stays what it was."""
    clock = RunClock()
    timeline = Timeline(clock, None)
    started_us = clock.started_wall_us
    stamps = []
    for _ in range(3):
        stamps.append(timeline.append(Kind.OPEN, Source("ws.user")).at_us)
        system.off_us += set_us

    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] < HOUR_US // 2
    assert clock.started_wall_us == started_us


@pytest.mark.parametrize("set_us", [HOUR_US, -HOUR_US])
def test_a_clock_that_is_set_within_an_exchange_moves_no_deadline(system: SystemClock, set_us: int) -> None:
    """A drip ends when its time is over, however the wall clock is set meanwhile."""

    def say(held: socket.socket) -> None:
        system.off_us += set_us
        dripping(OK + b"X: ", b"x")(held)

    with HostileWeb(say) as server, Web(server.url, OPEN_DIAL, RunClock(), exchange_s=1) as web:
        request = request_of("GET", web.host, "/x", {})
        with pytest.raises(UnansweredError) as caught:
            web.exchange(request)

    assert caught.value.code == "T011"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])
@pytest.mark.parametrize(
    "moment", ["2026-03-08T06:59:59+00:00", "2026-03-08T07:00:00+00:00", "2026-11-01T05:30:00+00:00"]
)
def test_zones_and_summer_time_change_nothing(
    zone: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times are told in UTC, on both sides of a change of the clocks, wherever the machine stands."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        wall_us = int(datetime.fromisoformat(moment).timestamp()) * 1_000_000
        assert iso_utc(wall_us) == moment.replace("+00:00", "Z")
        assert abs(RunClock().started_wall_us - int(datetime.now(UTC).timestamp() * 1e6)) < 60_000_000
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("off_s", [-120, 120])
@pytest.mark.parametrize("date", [True, False])
def test_a_target_s_clock_two_minutes_off_is_told(off_s: int, date: bool) -> None:
    """By GET /time alone as with the Date of its answer, to within a second."""
    with WebPeer() as peer:
        now_s = int(time.time()) + off_s
        headers = {"date": formatdate(now_s, usegmt=True) if date else "at noon"}
        peer.answers["GET /time"] = Answer(200, str(now_s).encode(), headers)

        skew_us = asking.skew_us(at(peer.url), OPEN_DIAL, RunClock())

    assert abs(skew_us - off_s * 1_000_000) < 3_000_000


def test_our_clock_an_hour_off_is_told_as_the_target_s(system: SystemClock) -> None:
    """Two clocks are compared: which of them is right is not known."""
    with WebPeer() as peer:
        peer.answers["GET /time"] = Answer(200, str(int(time.time())).encode(), {"date": "at noon"})
        system.off_us = HOUR_US

        skew_us = asking.skew_us(at(peer.url), OPEN_DIAL, RunClock())

    assert abs(skew_us + HOUR_US) < 3_000_000
