"""A FIX client that is neither ours nor quickfix: simplefix over a plain socket, told what to send.

It answers nothing by itself: a test says every message, so that it can get the session wrong on purpose.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any, Self

import simplefix

from .bench import DEADLINE_S, Bench, Customer

LOGON = ((98, 0), (108, 30), (1137, 9))
Field = tuple[int, Any]


class Answer:
    """One message received, by tag; a missing tag is empty."""

    def __init__(self, message: simplefix.FixMessage) -> None:
        self._message = message

    def __getitem__(self, tag: int) -> str:
        value = self._message.get(tag)
        return "" if value is None else value.decode()

    def take(self, *tags: int) -> tuple[str, ...]:
        return tuple(self[tag] for tag in tags)

    def raw(self) -> bytes:
        """As it came."""
        return bytes(self._message.encode(raw=True))

    def __repr__(self) -> str:
        return str(self._message)


class FixClient:
    """One side of one session, over as many connections as a test likes."""

    def __init__(self, session: dict[str, Any]) -> None:
        self.session = session
        self.number = 0

    @classmethod
    def order_entry(cls, bench: Bench, customer: Customer, **more: Any) -> Self:
        return cls.opened(bench, customer, kind="order_entry", private_key=customer.key, **more)

    @classmethod
    def drop_copy(cls, bench: Bench, customer: Customer, **more: Any) -> Self:
        return cls.opened(bench, customer, kind="drop_copy", **more)

    @classmethod
    def opened(cls, bench: Bench, customer: Customer, **body: Any) -> Self:
        return cls(bench.control("/fix-sessions", {"address": customer.address, **body}))

    def __enter__(self) -> Self:
        self.log_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()

    def connect(self) -> None:
        self._socket = socket.create_connection((self.session["host"], self.session["port"]), DEADLINE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parser = simplefix.FixParser()

    def disconnect(self) -> None:
        self._socket.close()

    def log_on(self, *more: Field, reset: bool = True, number: int | None = None) -> Answer:
        """Connect and log on; returns the answer."""
        if reset:
            self.number = 0
        self.connect()
        flag = ((141, "Y"),) if reset else ()
        self.send("A", *LOGON, *flag, *more, number=number)
        return self.read()

    def send(self, kind: str, *fields: Field, number: int | None = None) -> None:
        """Send a message; `number` is sent instead of the next MsgSeqNum, which stays."""
        if number is None:
            self.number += 1
            number = self.number
        message = simplefix.FixMessage()
        message.append_pair(8, self.session["begin_string"], header=True)
        message.append_pair(35, kind, header=True)
        message.append_pair(49, self.session["sender"], header=True)
        message.append_pair(56, self.session["target"], header=True)
        message.append_pair(34, number, header=True)
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
        message.append_pair(52, stamp, header=True)
        for tag, value in fields:
            message.append_pair(tag, value, header=tag in (43, 50))
        self.send_raw(message.encode())

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def order(self, cl_ord_id: str, symbol: str, side: int, price: str, size: str, *more: Field) -> None:
        kind = () if any(tag == 59 for tag, _ in more) else ((59, 1),)
        fields = ((11, cl_ord_id), (55, symbol), (54, side), (38, size), (40, 2), (44, price))
        self.send("D", (50, "trader"), *fields, *kind, *more)

    def cancel(self, cl_ord_id: str, orig: str, symbol: str) -> None:
        self.send("F", (50, "trader"), (11, cl_ord_id), (41, orig), (55, symbol))

    def read(self) -> Answer:
        """The next message, with its length and checksum checked by the parser."""
        while (message := self._parser.get_message()) is None:
            data = self._socket.recv(65536)
            assert data, "the gateway closed the connection"
            self._parser.append_buffer(data)
        return Answer(message)

    def rest(self) -> list[Answer]:
        """Every message until the gateway closes the connection; closes our end, too."""
        messages: list[Answer] = []
        while True:
            while (message := self._parser.get_message()) is not None:
                messages.append(Answer(message))
            data = self._socket.recv(65536)
            if not data:
                self.disconnect()
                return messages
            self._parser.append_buffer(data)

    def expect(self, kind: str, *pairs: Field) -> Answer:
        """The next message, which must be of that type and have these fields."""
        answer = self.read()
        wanted = [(tag, str(value)) for tag, value in pairs]
        assert (answer[35], [(tag, answer[tag]) for tag, _ in pairs]) == (kind, wanted), answer
        return answer

    def ping(self, text: str) -> None:
        """A TestRequest, answered by the very next message: nothing else was under way."""
        self.send("1", (112, text))
        self.expect("0", (112, text))

    def closed(self) -> bool:
        """Whether the gateway closes the connection without another message; closes our end, too."""
        try:
            return self._socket.recv(65536) == b""
        except ConnectionResetError:
            return True
        finally:
            self.disconnect()
