"""Many WebSockets on one market: whether all hear everything, how late, and what that costs an order.

    python benchmarks/venue_sockets.py [SOCKETS] [ORDERS]

All follow the same token. Orders are posted one after another over one connection; every order is a
`price_change` for each socket. `late` is from before the order is sent until a socket has heard of it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import venue_orders
from websockets.asyncio.client import connect

from harness.wire.clob import Side

BUILD = "2026.11.2"


async def run(ready: dict[str, Any], token: str, requests: list[bytes], sockets: int) -> str:
    """Subscribe them all, post, and wait until each has heard of each order; the figures in words."""
    sent: list[float] = []
    late: list[float] = []
    subscribed = asyncio.Semaphore(0)
    begun = time.perf_counter()

    async def listen() -> None:
        async with connect(ready["ws"] + "/ws/market", compression=None) as socket:
            await socket.send(json.dumps({"type": "market", "assets_ids": [token]}))
            await socket.recv()  # the book
            subscribed.release()
            for number in range(len(requests)):
                frame = await socket.recv()
                late.append(time.perf_counter() - sent[number])
                assert '"price_change"' in frame if isinstance(frame, str) else False

    listeners = [asyncio.create_task(listen()) for _ in range(sockets)]
    for _ in listeners:
        await subscribed.acquire()
    opened_s = time.perf_counter() - begun
    host, _, port = ready["rest"].removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    begun = time.perf_counter()
    for each in requests:
        sent.append(time.perf_counter())
        writer.write(each)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
    posted_s = time.perf_counter() - begun
    await asyncio.gather(*listeners)
    heard_s = time.perf_counter() - begun
    writer.close()
    late.sort()
    half, most = (late[len(late) * part // 100] * 1000 for part in (50, 99))
    return (
        f"{sockets:4} sockets open in {opened_s:.2f} s; {len(requests) / posted_s:4.0f} orders a second; "
        f"{len(late)} frames heard, {len(late) / heard_s:6.0f} a second, {half:.0f} ms late (median), "
        f"{most:.0f} ms (99 %)"
    )


def main(sockets: int, orders: int) -> None:
    """A line each for one socket, half of them, and all: what one more costs is the same every time."""
    command = [sys.executable, "-m", "harness.venue", "--build", BUILD, "--exit-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as venue:
        assert venue.stdin is not None
        assert venue.stdout is not None
        ready = json.loads(venue.stdout.readline())
        for turn, count in enumerate((1, sockets // 2, sockets)):
            market = venue_orders.ask(ready["control"] + "/markets", {"tick": "0.01"})
            person = venue_orders.enter(ready, turn, market)
            requests = [
                venue_orders.request(person, market["yes"], number, Side.BUY, f"0.{10 + number % 30}")
                for number in range(orders)
            ]
            print(asyncio.run(run(ready, market["yes"], requests, count)), flush=True)
        venue.stdin.close()
        venue.wait()


if __name__ == "__main__":
    main(*(int(text) for text in (sys.argv[1:] + ["200", "100"][len(sys.argv) - 1 :])))
