"""The fix channel's faults against a peer that is read by hand: what it sees of each."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from harness.channels.faults import SLOW_EVERY_MS
from harness.channels.fix import FixDriver
from harness.clock import RunClock

from .fixpeer import FixPeer
from .leaves import OPEN_DIAL
from .notes import Note, Notes
from .wspeer import END, RESET

LOGON = {"fix": "logon", "fields": {"ResetSeqNumFlag": True}}


def asking(text: str) -> dict[str, Any]:
    return {"fix": "send", "message": {"TestRequest": {"TestReqID": text}}}


class Bench:
    """A session, its peer, and what the driver reports."""

    def __init__(self, peer: FixPeer, *, raw: bool = False) -> None:
        self.peer = peer
        self.notes = Notes()
        self.driver = FixDriver(lambda: peer.address, self.notes, RunClock(), OPEN_DIAL, raw=raw)

    def do(self, intent: dict[str, Any]) -> list[Note]:
        before = len(self.notes.told)
        self.driver.send(intent, self.notes)
        return self.notes.told[before:]

    def log_on(self) -> None:
        before = len(self.notes.of("pushed"))
        taking = threading.Thread(target=self.peer.accept)
        taking.start()
        self.do(LOGON)
        taking.join()
        self.notes.wait("pushed", lambda wire: "|35=A|" in wire["raw"], count=before + 1)


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A session that is logged on."""
    with FixPeer() as peer:
        bench = Bench(peer)
        bench.log_on()
        yield bench
        peer.connection.close()
        bench.driver.close()


def test_a_logon_behind_a_logout_opens_again(bench: Bench) -> None:
    """Though the other side has not hung up yet, and has not even answered the Logout."""
    bench.do({"fix": "logout"})
    bench.log_on()
    assert [note.what for note in bench.notes.told].count("opened") == 2


def test_what_the_session_cannot_do_now_is_told_and_not_sent() -> None:
    """A Logout before any Logon is a send that found no answer, not an error of ours."""
    with FixPeer() as peer:
        bench = Bench(peer)
        bench.log_on()
        bench.do({"fix": "logout"})
        [said, lost] = bench.do({"fix": "logout"})
        peer.connection.close()
        bench.driver.close()
    assert (said.wire["raw"], "logout" in str(lost.wire)) == ("", True)


@pytest.mark.parametrize(
    ("intent", "seen"), [({"fault": "cut"}, []), ({**asking("last"), "fault": "cut"}, ["1 last"])]
)
def test_a_cut_is_a_reset_without_a_logout(bench: Bench, intent: dict[str, Any], seen: list[str]) -> None:
    """After a cut the peer reads what was sent and then a reset; there is no Logout."""
    told = bench.do(intent)

    assert [bench.peer.read() for _ in range(len(seen) + 1)] == [*seen, RESET]
    assert [note.what for note in told] == ["sent", "closed"]
    assert (told[0].wire["fault"], told[1].wire) == ("cut", (None, "we cut the connection"))


def test_after_a_cut_the_session_logs_on_again(bench: Bench) -> None:
    """A cut costs the connection only: the next logon opens another one."""
    bench.do({"fault": "cut"})

    bench.log_on()
    bench.do(asking("again"))

    assert bench.peer.read() == "1 again"


def test_half_open_answers_nothing_until_it_is_over(bench: Bench) -> None:
    """A half-open session lets a TestRequest wait while the case speaks; when over, it answers."""
    bench.do({"fault": "half_open"})
    bench.peer.say("1", (112, "there?"))
    bench.do(asking("one way"))
    first = bench.peer.read()
    pushed = bench.notes.of("pushed")

    told = bench.do({"fault": "over"})

    assert (first, len(pushed)) == ("1 one way", 1)
    assert bench.peer.read() == "0 there?"
    assert "|112=there?|" in bench.notes.wait("pushed", count=2).wire["raw"]
    assert told[0].wire == {"fault": "over"}


def test_a_half_open_session_ends_at_once(bench: Bench) -> None:
    """A run that ends while a session is half-open says its Logout and resets, and tells nothing more."""
    bench.do({"fault": "half_open"})
    bench.peer.say("1", (112, "there?"))

    bench.driver.close()

    assert [bench.peer.read(), bench.peer.read()] == ["5", RESET]
    assert len(bench.notes.of("pushed")) == 1


def test_a_slow_reader_takes_a_message_at_a_time(bench: Bench) -> None:
    """A slow reader takes messages apart in time until the fault is over; none is lost."""
    bench.do({"fault": "slow_reader"})
    for number in range(30):
        bench.peer.say("0", (112, f"{number}" + "x" * 300))

    bench.notes.wait("pushed", count=5)
    stamps = [note.at_ns for note in bench.notes.told if note.what == "pushed"][1:]
    bench.do({"fault": "over"})

    bench.notes.wait("pushed", count=31)
    assert min((after - before) // 1_000_000 for before, after in pairwise(stamps)) >= SLOW_EVERY_MS - 1


@pytest.mark.parametrize("kind", ["cut", "half_open", "slow_reader", "over"])
def test_a_fault_needs_a_connection(kind: str) -> None:
    """A fault of a session that has no connection is lost."""
    with FixPeer() as peer:
        told = Bench(peer).do({"fault": kind})

    assert [(note.what, note.wire) for note in told] == [
        ("sent", {"raw": "", "fault": kind}),
        ("lost", "there is no FIX connection"),
    ]


def test_two_threads_at_once(bench: Bench) -> None:
    """Messages of two threads have numbers of their own and arrive whole."""
    barrier = threading.Barrier(2)

    def ask(text: str) -> None:
        barrier.wait()
        bench.driver.send(asking(text), bench.notes)

    threads = [threading.Thread(target=ask, args=(text,)) for text in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted([bench.peer.read(), bench.peer.read()]) == ["1 a", "1 b"]
    assert [wire["raw"].split("|34=")[1][0] for wire in bench.notes.of("sent")] == ["1", "2", "3"]


def test_a_probe_is_a_test_request_of_the_session(bench: Bench) -> None:
    """A probe asks where the session is up and listens, and is said by the session; else it says nothing."""
    bench.driver.probe()
    bench.do({"fault": "half_open"})
    bench.driver.probe()
    bench.do(asking("end"))

    assert [bench.peer.read(), bench.peer.read()] == ["1 alive", "1 end"]
    assert ["|112=alive|" in wire["raw"] for wire in bench.notes.of("said")] == [True]


def test_a_peer_that_ends_is_told(bench: Bench) -> None:
    """Where the peer hangs up, the channel says so, and the peer's side of it ends in order."""
    bench.peer.connection.shutdown(1)

    code, reason = bench.notes.wait("closed").wire
    assert (code, reason.partition(" (")[0]) == (None, "the peer closed the connection")
    assert bench.peer.read() == END
