"""A FIX session and the machine's clock: what jumps outside changes nothing inside, and skew is judged."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from spine.stage import live
from spine.story import FACTS, case

from harness import exactjson
from harness.channels.address import FixAddress
from harness.channels.fix import FixDriver
from harness.clock import RunClock
from harness.model import Event
from harness.replayer import ReplayWorld
from harness.run import Run, Runner
from harness.wire.fix import written
from harness.wire.fix.codec import parse
from harness.wire.fix.message import Message
from harness.wire.fix.times import unix_us, utc_timestamp

from .fixbytes import answers, logon, message
from .fixpeer import BEGIN
from .hostile import Hostile
from .leaves import OPEN_DIAL
from .notes import Notes
from .test_disorder import END, SESSION, Sockets, reports

HOUR_NS = 3600 * 10**9


def sent_us(notes: Notes) -> list[int]:
    """The SendingTimes of what went out, in microseconds since 1970."""
    frames = [parse(written.read(wire["raw"])) for wire in notes.of("sent")]
    stamps = [frame.get(52) for frame in frames if isinstance(frame, Message)]
    return [unix_us(stamp or "") or 0 for stamp in stamps]


@pytest.mark.parametrize(
    "jump_ns", [HOUR_NS, -HOUR_NS, -24 * 365 * HOUR_NS], ids=["on", "back", "a-year-back"]
)
def test_a_jump_of_the_machine_s_clock_changes_no_time_of_the_session(
    monkeypatch: pytest.MonkeyPatch, jump_ns: int
) -> None:
    """SendingTime goes on from the run's start, and no timer comes early or late."""
    notes = Notes()
    real = time.time_ns
    with Hostile(answers(logon())) as server:
        address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
        driver = FixDriver(lambda: address, notes, RunClock(), OPEN_DIAL)
        driver.send({"fix": "logon", "fields": {"ResetSeqNumFlag": True}}, notes)
        notes.wait("pushed")
        monkeypatch.setattr(time, "time_ns", lambda: real() + jump_ns)
        monkeypatch.setattr(time, "time", lambda: (real() + jump_ns) / 10**9)
        driver.send({"fix": "send", "message": {"TestRequest": {"TestReqID": "x"}}}, notes)
        driver.close()
    first, second = sent_us(notes)
    assert 0 <= second - first < 60_000_000
    assert "logon_timeout" not in str(notes.of("closed"))


def test_the_time_zone_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SendingTime is UTC wherever the machine stands."""
    stamps = []
    for zone in ("UTC", "Asia/Kathmandu", "America/St_Johns"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        stamps.append((utc_timestamp(1_772_323_200_000_000), unix_us("20260301-00:00:00")))
    monkeypatch.undo()
    time.tzset()
    assert set(stamps) == {("20260301-00:00:00.000", 1_772_323_200_000_000)}


@pytest.mark.parametrize(
    ("skew_s", "is_taken"), [(0, True), (115, True), (-115, True), (130, False), (-130, False)]
)
def test_a_peer_whose_clock_is_off(skew_s: int, is_taken: bool) -> None:
    """Two minutes are put up with; more is a Reject (373=10) and a Logout, and the end says why."""
    stamp = utc_timestamp(time.time_ns() // 1000 + skew_s * 1_000_000)
    data = logon() + message("1", 2, (52, stamp), (112, "x"))
    notes = Notes()
    with Hostile(answers(data)) as server:
        address = FixAddress("127.0.0.1", server.port, "CASE", "PEER", BEGIN)
        driver = FixDriver(lambda: address, notes, RunClock(), OPEN_DIAL)
        driver.send({"fix": "logon", "fields": {"ResetSeqNumFlag": True}}, notes)
        if is_taken:
            notes.wait("said", lambda wire: "|35=0|" in wire["raw"])
        else:
            [_, reason] = notes.wait("closed").wire
            assert reason == "we closed the connection: sending_time: SendingTime accuracy problem"
        driver.close()
    rejects = [wire["raw"] for wire in notes.of("said") if "|373=10|" in wire["raw"]]
    assert bool(rejects) is not is_taken


def replayed(events: Sequence[Event]) -> Run:
    lines = [exactjson.dumps(event.as_json()) for event in events]
    again = [Event.from_json(exactjson.loads(line)) for line in lines]
    return Runner(case(SESSION), ReplayWorld(again), FACTS, lambda _: True, None, None).run()


@pytest.mark.parametrize("offset_ns", [0, 10 * 365 * 24 * HOUR_NS, -10 * 365 * 24 * HOUR_NS])
def test_a_replay_has_the_recording_s_clock(monkeypatch: pytest.MonkeyPatch, offset_ns: int) -> None:
    """Replayed in ten years, or ten years ago, a session comes to what it came to."""
    with Hostile(answers(logon() + b"".join(reports(2, 3, 4, 5, 6, 7, END)))) as server:
        came, events = live(SESSION, Sockets(server))
    real, steady = time.time_ns, time.monotonic_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + offset_ns)
    monkeypatch.setattr(time, "monotonic_ns", lambda: steady() + abs(offset_ns))
    assert replayed(events) == came
