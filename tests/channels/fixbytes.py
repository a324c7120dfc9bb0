"""FIX as a peer writes it, byte by byte, for servers that do wrong on purpose."""

from __future__ import annotations

import socket
import time

from harness.wire.fix.codec import Value, encode

from .fixpeer import BEGIN
from .hostile import Hostile, Script


def message(msg_type: str, number: int, *fields: tuple[int, Value]) -> bytes:
    """One message of the peer's; a 52 among the fields stands for the time."""
    stamp = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
    header: list[tuple[int, Value]] = [(35, msg_type), (34, number), (49, "PEER"), (56, "CASE")]
    own = [] if 52 in dict(fields) else [(52, stamp)]
    return encode([*header, *own, *fields], BEGIN)


def logon(*fields: tuple[int, Value]) -> bytes:
    """The answer to a Logon with 141=Y."""
    return message("A", 1, (98, 0), (108, 30), (141, "Y"), (1137, "9"), *fields)


def report(number: int, name: str, *fields: tuple[int, Value]) -> bytes:
    """An ExecutionReport of an order with this ClOrdID."""
    terms = [(37, "o"), (17, f"e{number}"), (11, name), (150, "0"), (39, "0"), (55, "YES"), (54, "1")]
    return message("8", number, *fields, *terms, (38, 5), (151, 5), (14, 0), (6, 0))


def answers(data: bytes, size: int = 1 << 20) -> Script:
    """Take the Logon, write these bytes so many at a time, and read until the other side ends."""

    def script(server: Hostile, held: socket.socket) -> None:
        server.seen += held.recv(65_536)
        for at in range(0, len(data), size):
            held.sendall(data[at : at + size])
        server.read_all(held)

    return script
