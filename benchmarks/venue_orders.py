"""Orders a second that a venue accepts: signed POST /order over kept connections, from one other process.

    python benchmarks/venue_orders.py [ORDERS] [CONNECTIONS]

Requests are made and signed beforehand. `resting` never meets; in `matching` every second order takes the one
before it, and settlement goes on behind. Accounts, funds and markets are set up over the control API.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from eth_account import Account

from harness.wire import amounts, clob
from harness.wire.clob import CONTRACTS_137, Order, Side

ACCOUNTS = 16
BUILD = "2026.11.2"


@dataclass(frozen=True, slots=True)
class Person:
    """A wallet with its API key."""

    key: str
    address: str
    creds: dict[str, str]


def ask(url: str, body: Any = None, headers: dict[str, str] | None = None, method: str = "POST") -> Any:
    """A JSON request to the venue."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def enter(ready: dict[str, Any], number: int, market: dict[str, str]) -> Person:
    """Make an account with a key and money."""
    key = "0x" + f"{number + 1:064x}"
    address = str(Account.from_key(key).address)
    stamp = int(time.time())
    digest = clob.auth_digest(address, stamp, 0, 137)
    headers = {
        "POLY_ADDRESS": address,
        "POLY_TIMESTAMP": str(stamp),
        "POLY_NONCE": "0",
        "POLY_SIGNATURE": Account.unsafe_sign_hash(digest, key).signature.hex(),
    }
    creds = ask(ready["rest"] + "/auth/api-key", {}, headers)
    money = {"collateral": "10000000", "yes": "1000000", "market": market["condition"]}
    ask(ready["control"] + "/fund", {"address": address, **money})
    return Person(key, address, creds)


def request(person: Person, token: str, number: int, side: Side, price: str) -> bytes:
    """One signed POST /order as it goes over the wire."""
    stamp = time.time()
    maker, taker = amounts.limit_amounts(side, Decimal(price), Decimal(5))
    at = person.address
    order = Order(number + 1, at, at, int(token), maker, taker, side, 0, int(stamp * 1000))
    digest = clob.order_digest(order, chain_id=137, exchange=CONTRACTS_137.exchange)
    signed = "0x" + Account.unsafe_sign_hash(digest, person.key).signature.hex().removeprefix("0x")
    body = json.dumps(
        clob.order_body(order, signature=signed, owner=person.creds["apiKey"], order_type="GTC"),
        separators=(",", ":"),
    )
    headers = clob.l2_headers(
        address=at,
        api_key=person.creds["apiKey"],
        secret=person.creds["secret"],
        passphrase=person.creds["passphrase"],
        timestamp_s=int(stamp),
        method="POST",
        path="/order",
        body=body,
    )
    lines = ["POST /order HTTP/1.1", "Host: venue", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def post(rest: str, requests: list[bytes], connections: int) -> tuple[float, list[float], int]:
    """Send them all over so many connections, one after another: seconds, waits, accepted."""
    host, _, port = rest.removeprefix("http://").partition(":")
    waits: list[float] = []
    accepted = 0
    left = iter(requests)

    async def one() -> None:
        nonlocal accepted
        reader, writer = await asyncio.open_connection(host, int(port))
        for each in left:
            begun = time.perf_counter()
            writer.write(each)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            body = await reader.readexactly(length)
            waits.append(time.perf_counter() - begun)
            if head.startswith(b"HTTP/1.1 200"):
                accepted += 1
            elif accepted + 1 == len(waits):
                print(head.partition(b"\r")[0], body[:200])
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return time.perf_counter() - begun, waits, accepted


def main(count: int, connections: int) -> None:
    """Start a venue, post, print a line for each way."""
    command = [sys.executable, "-m", "harness.venue", "--build", BUILD, "--exit-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as venue:
        assert venue.stdin is not None
        assert venue.stdout is not None
        ready = json.loads(venue.stdout.readline())
        market = ask(ready["control"] + "/markets", {"tick": "0.01"})
        people = [enter(ready, number, market) for number in range(ACCOUNTS)]
        for name in ("matching", "resting"):
            market = ask(ready["control"] + "/markets", {"tick": "0.01"})
            for person in people:
                money = {"yes": "1000000", "market": market["condition"]}
                ask(ready["control"] + "/fund", {"address": person.address, **money})
            requests = []
            for number in range(count):
                side = Side.SELL if name == "matching" and number % 2 else Side.BUY
                price = "0.50" if name == "matching" else f"0.{10 + number % 30}"
                person = people[number % len(people)]
                requests.append(request(person, market["yes"], number, side, price))
            took_s, waits, accepted = asyncio.run(post(ready["rest"], requests, connections))
            waits.sort()
            half, most = (waits[len(waits) * part // 100] * 1000 for part in (50, 99))
            print(f"{name:9} {accepted} of {count} accepted, {accepted / took_s:5.0f} a second; ", end="")
            print(f"an answer takes {half:.1f} ms (median), {most:.1f} ms (99 %)", flush=True)
        venue.stdin.close()
        venue.wait()


if __name__ == "__main__":
    main(*(int(text) for text in (sys.argv[1:] + ["2000", "16"][len(sys.argv) - 1 :])))
