"""A server on loopback for the peers: it answers reads as the embedded exchange does, in one write each."""

from __future__ import annotations

import multiprocessing
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BOOK = (
    b'{"market":"0x01","asset_id":"1","timestamp":"1795348409238","hash":"00","bids":[],"asks":[],'
    b'"min_order_size":"5","tick_size":"0.01","neg_risk":false,"last_trade_price":""}'
)
UNKNOWN = b'{"error":"No orderbook exists for the requested token id"}'


def _answer(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


_TIME = _answer(b"200 OK", b"1795348409")
_BOOK = _answer(b"200 OK", BOOK)
_UNKNOWN = _answer(b"404 Not Found", UNKNOWN)


def _serve(listener: socket.socket) -> None:
    while True:
        held, _ = listener.accept()
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_talk, args=(held,), daemon=True).start()


def _talk(held: socket.socket) -> None:
    came = b""
    with held:
        while data := held.recv(65_536):
            came += data
            if came.endswith(b"\r\n\r\n"):
                path = came.split(b" ", 2)[1]
                known = _BOOK if path.startswith(b"/book") and b"12345" not in path else _UNKNOWN
                held.sendall(_TIME if path == b"/time" else known)
                came = b""


@contextmanager
def serving() -> Iterator[str]:
    """Where it listens, while it does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = multiprocessing.Process(target=_serve, args=(listener,), daemon=True)
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.terminate()
            server.join()
