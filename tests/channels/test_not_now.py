"""Streams that the other side does not open now, and says so: opened when it says, within a bound."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from venue.bench import DEADLINE_S

from harness.budget import Tally
from harness.channels.address import FixAddress
from harness.channels.dial import Dial
from harness.channels.fix import FixDriver
from harness.channels.quickfix import QuickfixDriver
from harness.channels.ws import WsDriver
from harness.clock import ManualClock, RunClock
from harness.errors import TargetError
from harness.guard import Caps, Limits
from harness.patience import Patience
from harness.world import Driver

from .fixpeer import FixPeer
from .hostile import Hostile, answer, read_head, text
from .leaves import OPEN_DIAL, permit_for
from .notes import Notes

ORDER = {
    "fix": "send",
    "message": {"TestRequest": {"TestReqID": "one"}},
}
CLOSED = "Scheduled maintenance"


class Waiting:
    """A patience whose waits move a clock, and what was waited."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.waited: list[int] = []
        self.late: list[int] = []
        self.then: Callable[[], None] = lambda: None
        tally = Tally(Limits(Caps(), Caps(), None, 30), self.clock, chance=lambda most: 0)
        self.patience = Patience(tally, pause=self.pause)

    def pause(self, us: int) -> None:
        self.waited.append(us)
        self.clock.advance(us)
        self.then()

    def dial(self, url: str) -> Dial:
        return Dial(permit_for(rest=url.replace("ws://", "http://")), self.patience).metered(self.late.append)


class Full:
    """A WebSocket server that refuses so many handshakes before it takes one."""

    def __init__(self, refusals: int, status: bytes, *lines: bytes) -> None:
        self.left = refusals
        self._status = status
        self._lines = lines

    def __call__(self, server: Hostile, held: socket.socket) -> None:
        request = read_head(held)
        if self.left:
            self.left -= 1
            head = [b"HTTP/1.1 " + self._status, *self._lines, b"Content-Length: 0", b"", b""]
            held.sendall(b"\r\n".join(head))
            return
        held.sendall(answer(request) + text("PONG"))
        server.read_all(held)


def test_a_websocket_is_opened_when_the_server_says() -> None:
    """A handshake that is refused with 429 or 503 and a time is tried again then; the step has one answer."""
    waiting, notes = Waiting(), Notes()
    script = Full(2, b"429 Too Many Requests", b"Retry-After: 7")
    with Hostile(script) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), waiting.dial(server.url))
        driver.send({"subscribe": {}}, notes)
        notes.wait("pushed")
        driver.close()

    assert (server.taken, waiting.waited, waiting.late) == (3, [7_000_000] * 2, [7_000_000] * 2)
    assert len(notes.of("opened")) == 1


@pytest.mark.parametrize("status", [b"429 Too Many Requests", b"425 Too Early"])
def test_a_websocket_that_stays_closed(status: bytes) -> None:
    """Where it is never opened the waits grow up to the bound, and then its words are told."""
    waiting, notes = Waiting(), Notes()
    with Hostile(Full(99, status)) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), waiting.dial(server.url))
        with pytest.raises(TargetError, match=r"T030 ws://.* does not open now: it says 42[59]"):
            driver.send({"subscribe": {}}, notes)

    assert waiting.waited == [2_000_000, 4_000_000, 8_000_000, 15_000_000, 1_000_000]
    assert notes.told == []


@pytest.mark.parametrize("status", [b"503 Service Unavailable", b"403 Forbidden", b"500 Oh"])
def test_a_websocket_that_is_refused_otherwise(status: bytes) -> None:
    """Any other refusal is told at once, and nothing is tried again."""
    waiting, notes = Waiting(), Notes()
    with Hostile(Full(1, status)) as server:
        driver = WsDriver(server.url, "market", None, notes, RunClock(), waiting.dial(server.url))
        with pytest.raises(TargetError, match="T001"):
            driver.send({"subscribe": {}}, notes)

    assert (server.taken, waiting.waited) == (1, [])


def fix_driver(address: FixAddress, notes: Notes, dial: Dial) -> FixDriver:
    return FixDriver(lambda: address, notes, RunClock(), dial)


def refuse(peer: FixPeer, text: str) -> None:
    """Take a connection and answer its Logon with a Logout."""
    peer.take()
    peer.begin()
    assert peer.read().startswith("A")
    peer.say("5", (58, text))
    peer.read()
    peer.connection.close()


def test_a_session_logs_on_when_the_gateway_is_back() -> None:
    """A Logon of our own that is answered with a Logout for maintenance is said again on a new connection."""
    waiting, notes = Waiting(), Notes()
    with FixPeer() as peer:
        driver = fix_driver(peer.address, notes, waiting.dial(f"http://127.0.0.1:{peer.port}"))
        sender = threading.Thread(target=driver.send, args=(ORDER, notes))
        sender.start()
        refuse(peer, CLOSED)
        peer.accept()
        assert peer.read() == "1 one"
        sender.join()
        driver.close()

    assert waiting.waited == [2_000_000]
    assert len(notes.of("opened")) == 2


def test_a_session_without_patience() -> None:
    """Where nothing may wait, the gateway's words are told at once: nobody's bug."""
    notes, caught = Notes(), list[TargetError]()
    with FixPeer() as peer:
        driver = fix_driver(peer.address, notes, OPEN_DIAL)

        def send() -> None:
            try:
                driver.send(ORDER, notes)
            except TargetError as error:
                caught.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        refuse(peer, CLOSED)
        sender.join()

    assert [str(error) for error in caught] == [
        "T030 the FIX gateway says Logout: Scheduled maintenance (maintenance)"
    ]


def own_driver(engine: str, peer: FixPeer, notes: Notes, dial: Dial) -> Driver:
    """A driver of our own session, or of the real engine's."""
    if engine == "quickfix":
        return QuickfixDriver(lambda: peer.address, notes, dial)
    return fix_driver(peer.address, notes, dial)


@pytest.mark.parametrize("engine", ["ours", "quickfix"])
def test_a_gateway_that_comes_back_is_logged_on_to(engine: str) -> None:
    """A connection of our own that is refused, and then one that is dropped before any answer, is made again
    with back-off; the step goes out once, on the one that holds."""
    waiting, notes, back = Waiting(), Notes(), threading.Event()
    with FixPeer() as peer:
        peer.close()

        def then() -> None:
            if len(waiting.waited) == 2:
                peer.reopen()
                back.set()

        waiting.then = then
        driver = own_driver(engine, peer, notes, waiting.dial(f"http://127.0.0.1:{peer.port}"))
        sender = threading.Thread(target=driver.send, args=(ORDER, notes))
        with closing(driver):
            sender.start()
            assert back.wait(DEADLINE_S)
            peer.take()
            peer.begin()
            assert peer.read().startswith("A")
            peer.connection.close()
            peer.accept()
            assert peer.read() == "1 one"
            sender.join()

    assert waiting.waited == waiting.late == [2_000_000, 4_000_000, 8_000_000]
    assert len(notes.of("sent")) == 1


@pytest.mark.parametrize("engine", ["ours", "quickfix"])
def test_a_gateway_that_stays_away(engine: str) -> None:
    """Where nobody listens the waits grow up to the bound, and then it is told: nobody's bug."""
    waiting, notes = Waiting(), Notes()
    with FixPeer() as peer:
        peer.close()
        driver = own_driver(engine, peer, notes, waiting.dial(f"http://127.0.0.1:{peer.port}"))
        with pytest.raises(TargetError, match=f"T001 the FIX gateway 127.0.0.1:{peer.port} does not open"):
            driver.send(ORDER, notes)
        driver.close()

    assert waiting.waited == [2_000_000, 4_000_000, 8_000_000, 15_000_000, 1_000_000]
    assert notes.told == []


@pytest.mark.parametrize("engine", ["ours", "quickfix"])
@pytest.mark.parametrize("patient", [True, False])
def test_whose_logon_is_patient(engine: str, patient: bool) -> None:
    """A `logon` of `given` waits until the gateway takes a connection; one of the case's steps is evidence,
    and is told at once."""
    waiting, notes = Waiting(), Notes()
    made = {"ours": FixDriver, "quickfix": QuickfixDriver}[engine]
    with FixPeer() as peer:
        peer.close()
        waiting.then = peer.reopen
        dial = waiting.dial(f"http://127.0.0.1:{peer.port}")
        clock = (RunClock(),) if engine == "ours" else ()
        driver: Driver = made(lambda: peer.address, notes, *clock, dial, patient=patient)
        if patient:
            driver.send({"fix": "logon"}, notes)
            peer.accept()
        else:
            with pytest.raises(TargetError, match="T001 the FIX gateway"):
                driver.send({"fix": "logon"}, notes)
        driver.close()

    assert waiting.waited == ([2_000_000] if patient else [])
    assert len(notes.of("opened")) == len(notes.of("sent")) == patient
