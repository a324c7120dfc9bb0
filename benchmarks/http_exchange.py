"""One HTTP exchange over a connection that is used again: ours, httpx, and the bare socket; microseconds.

    python benchmarks/http_exchange.py [NUMBER]

The server is a process of its own that answers every request with the same two kilobytes of JSON.
"""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable

import httpx

from harness import guard
from harness.channels.dial import Dial
from harness.channels.web import Web
from harness.clock import RunClock
from harness.guard import Identity, Kind, Plan, Proofs
from harness.wire.exchange import request_of

BODY = b"[" + b",".join(b'{"id":"%d","price":"0.%d"}' % (at, at + 11) for at in range(80)) + b"]"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)
REQUEST = b"GET /data/trades HTTP/1.1\r\nHost: exchange\r\n\r\n"


def serve(listener: socket.socket) -> None:
    while True:
        held, _ = listener.accept()
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_answer, args=(held,), daemon=True).start()


def _answer(held: socket.socket) -> None:
    came = b""
    while data := held.recv(65_536):
        came += data
        if came.endswith(b"\r\n\r\n"):
            held.sendall(ANSWER)
            came = b""


def median_us(exchange: Callable[[], object], number: int) -> float:
    took = []
    for _ in range(number):
        started = time.perf_counter()
        exchange()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1e6


def main(number: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = multiprocessing.Process(target=serve, args=(listener,), daemon=True)
    server.start()
    plan = Plan("here", Kind.LOCAL, (), {"rest": url}, Identity(chain_id=137))
    permit = guard.permit(guard.inquiry(plan, {}), Proofs(healthy=True, build=None, chain_id=137))
    bare = socket.create_connection(("127.0.0.1", port))
    with (
        Web(url, Dial(permit), RunClock()) as web,
        httpx.Client(base_url=url, trust_env=False) as client,
        bare,
    ):

        def over_the_bare_socket() -> None:
            bare.sendall(REQUEST)
            left = len(ANSWER)
            while left:
                left -= len(bare.recv(left))

        ours = median_us(lambda: web.exchange(request_of("GET", web.host, "/data/trades", {})), number)
        peer = median_us(lambda: client.get("/data/trades"), number)
        floor = median_us(over_the_bare_socket, number)
    server.terminate()
    print(f"ours {ours:.0f} us, httpx {peer:.0f} us, a bare socket {floor:.0f} us")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
