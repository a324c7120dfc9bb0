"""A FIX gateway by hand that answers the Logon of each sender as it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from harness.guard import CompIDs
from harness.targets import Endpoints
from harness.wire.ctf import CONTRACTS_137
from harness.wire.fix.codec import Parser, encode
from harness.wire.fix.message import Message

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
        with held, suppress(OSError):
            logon = next(heard(held), None)
            if logon is None:  # it was only looked at
                return
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
