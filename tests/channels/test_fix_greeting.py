"""Whether the engine behind a FIX gateway's port answers, and what a run that ended badly makes of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from spine.story import case
from venue.bench import Bench, Customer

from harness.accounts import Account, Wallet
from harness.case.values import Case
from harness.channels.dial import Dial
from harness.channels.fixgreeting import greeted
from harness.clock import RunClock
from harness.guard import CompIDs
from harness.opening import NOBODY
from harness.pool.values import FixedSession
from harness.probing import engine_down
from harness.targets import Endpoints
from harness.wire.ctf import CONTRACTS_137
from harness.wire.fix.codec import Parser, encode
from harness.wire.fix.message import Message

from .leaves import OPEN_DIAL, permit_for
from .seat import Seat

OWN = CompIDs("{FIRM}_OE", "VENUE_{FIRM}")
SENDER, TARGET = "FIRM1_OE", "VENUE_FIRM1"
Answer = Callable[[socket.socket, Message], None]


def logs_on(held: socket.socket, logon: Message) -> None:
    """Answer a Logon, and the Logout behind it."""
    say(held, logon, "A", (98, "0"), (108, "30"), (141, "Y"))
    for message in heard(held):
        say(held, message, "5")
        return


def refuses(held: socket.socket, logon: Message) -> None:
    say(held, logon, "5", (58, "who are you?"))


def hangs_up(held: socket.socket, logon: Message) -> None:
    """End the connection without a word."""


def is_silent(held: socket.socket, logon: Message) -> None:
    """Read on, and say nothing."""
    for _ in heard(held):
        continue


def say(held: socket.socket, to: Message, kind: str, *fields: tuple[int, str]) -> None:
    number = str(int(to.get(34) or "1"))
    header = [
        (35, kind),
        (34, number),
        (49, to.get(56) or ""),
        (56, to.get(49) or ""),
        (52, to.get(52) or ""),
    ]
    held.sendall(encode([*header, *fields], to.begin_string))


def heard(held: socket.socket) -> Iterator[Message]:
    parser = Parser()
    while data := held.recv(65_536):
        yield from (each for each in parser.feed(data) if isinstance(each, Message))


@contextmanager
def gateway(
    answers: Mapping[str, Answer], otherwise: Answer = refuses
) -> Iterator[tuple[Endpoints, list[str]]]:
    """A gateway that answers each sender's Logon as told, and the senders that came."""
    came: list[str] = []

    def serve(held: socket.socket) -> None:
        with held:
            logon = next(heard(held))
            came.append(logon.get(49) or "")
            answers.get(came[-1], otherwise)(held, logon)

    def listen() -> None:
        while True:
            try:
                held, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(held,), daemon=True).start()

    listener = socket.create_server(("127.0.0.1", 0))
    listening = threading.Thread(target=listen)
    listening.start()
    at = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    nowhere = Endpoints(
        rest="http://127.0.0.1:1", ws="", chain="", control="", chain_id=137, contracts=CONTRACTS_137
    )
    try:
        yield replace(nowhere, fix=at, sessions={"order_entry": OWN}), came
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        listening.join()


USES_FIX: Case = case(
    "steps:\n  - {id: it, fix: oe, as: alice, logon: {ResetSeqNumFlag: true}}\n"
    "symptom: {step: it, shows: {$lost}}\n"
)
ALICE = Account("alice", Wallet.create(), "key", "secret", "passphrase").with_sessions(
    {"order_entry": FixedSession(SENDER, TARGET)}
)


def down(endpoints: Endpoints) -> str | None:
    dial = Dial(permit_for(endpoints))
    return engine_down(USES_FIX, {"alice": ALICE}, endpoints, dial, lambda name, value: None, answer_s=1)


def test_a_real_engine_is_logged_on_to_and_off_again(bench: Bench, customer: Customer) -> None:
    """A session of the venue's QuickFIX is greeted twice: each Logon and Logout is answered."""
    seat = Seat.of(bench, customer)
    for _ in range(2):
        found = greeted(seat.address, OPEN_DIAL, RunClock(), 10)
        assert (found.answered, found.logged_on, str(found)) == (True, True, "logs on and off again")


@pytest.mark.parametrize("answer", [logs_on, refuses])
def test_an_engine_that_answers_is_there(answer: Answer) -> None:
    """A Logon, or a Logout that refuses: nobody else is asked, and what the run saw is the product's."""
    with gateway({SENDER: answer}) as (endpoints, came):
        assert (down(endpoints), came) == (None, [SENDER])


@pytest.mark.parametrize("answer", [hangs_up, is_silent])
@pytest.mark.parametrize("otherwise", [hangs_up, refuses])
def test_one_session_s_trouble_is_the_product_s(answer: Answer, otherwise: Answer) -> None:
    """An account's own session that gets no answer excuses nothing where a Logon of nobody is heard."""
    with gateway({SENDER: answer}, otherwise) as (endpoints, came):
        assert (down(endpoints), came) == (None, [SENDER, f"{NOBODY}_OE"])


@pytest.mark.parametrize("answer", [hangs_up, is_silent])
def test_an_engine_that_answers_nobody_is_gone(answer: Answer) -> None:
    """Where a Logon of nobody is met with silence, too, the engine is gone, and it is told by its name."""
    with gateway({SENDER: answer}, is_silent) as (endpoints, came):
        told = down(endpoints)
    assert came == [SENDER, f"{NOBODY}_OE"]
    assert (
        told
        == {
            hangs_up: "the FIX gateway takes a connection, and hangs up at a Logon",
            is_silent: "the FIX gateway takes a connection, and no engine behind it answers a Logon",
        }[answer]
    )


def test_where_names_tell_no_firm_nobody_is_asked() -> None:
    """Without a name for nobody, one session's silence excuses nothing."""
    with gateway({}, is_silent) as (endpoints, came):
        fixed = replace(endpoints, sessions={"order_entry": CompIDs(SENDER, TARGET)})
        assert (down(fixed), came) == (None, [SENDER])
