"""A customer's day on a venue with a clock of its own, on every channel: whatever the venue said, as bytes.

Only the customer's own keys, salts and times are in what it sends, and all of these are the same every time.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
from eth_account import Account
from websockets.sync.client import ClientConnection

from harness.wire import amounts, clob
from harness.wire.clob import CONTRACTS_137, Order, Side

from .bench import DEADLINE_S, Bench
from .fixclient import FixClient

_MACHINES_OWN = re.compile(rb"\x01(52|10)=[^\x01]*")  # quickfix stamps and sums its messages itself


@dataclass(slots=True)
class Seen:
    """What was said, channel by channel, in order."""

    rest: list[bytes] = field(default_factory=list)
    market: list[bytes] = field(default_factory=list)
    user: list[bytes] = field(default_factory=list)
    chain: list[bytes] = field(default_factory=list)
    fix: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """One wallet with its API key."""

    bench: Bench
    seen: Seen
    key: str
    creds: dict[str, str] = field(default_factory=dict)
    salt: int = 0

    @property
    def address(self) -> str:
        return str(Account.from_key(self.key).address)

    def ask(self, method: str, path: str, headers: dict[str, str], content: str = "") -> Any:
        """Send a request and keep the whole answer: status, headers, body."""
        url = self.bench.ready["rest"] + path
        answer = self.bench.http.request(method, url, headers=headers, content=content)
        self.seen.rest.append(_raw(answer))
        return answer.json()

    def enter(self) -> None:
        """Make the API key."""
        stamp = now_ms(self.bench) // 1000
        digest = clob.auth_digest(self.address, stamp, 0, 137)
        signature = Account.unsafe_sign_hash(digest, self.key).signature.hex()
        headers = {"POLY_ADDRESS": self.address, "POLY_TIMESTAMP": str(stamp), "POLY_NONCE": "0"}
        self.creds = self.ask("POST", "/auth/api-key", {**headers, "POLY_SIGNATURE": signature})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A signed request."""
        text = "" if body is None else json.dumps(body)
        headers = clob.l2_headers(
            address=self.address,
            api_key=self.creds["apiKey"],
            secret=self.creds["secret"],
            passphrase=self.creds["passphrase"],
            timestamp_s=now_ms(self.bench) // 1000,
            method=method,
            path=path.partition("?")[0],
            body=text,
        )
        return self.ask(method, path, headers, text)

    def order(
        self, token: str, side: Side, price: str, size: str, kind: str = "GTC", expiration_s: int = 0
    ) -> Any:
        self.salt += 1
        maker, taker = amounts.limit_amounts(side, Decimal(price), Decimal(size))
        order = Order(
            self.salt,
            self.address,
            self.address,
            int(token),
            maker,
            taker,
            side,
            0,
            now_ms(self.bench),
            expiration_s=expiration_s,
        )
        digest = clob.order_digest(order, chain_id=137, exchange=CONTRACTS_137.exchange)
        signature = "0x" + Account.unsafe_sign_hash(digest, self.key).signature.hex().removeprefix("0x")
        owner = self.creds["apiKey"]
        body = clob.order_body(order, signature=signature, owner=owner, order_type=kind)
        return self.call("POST", "/order", body)


def now_ms(bench: Bench) -> int:
    """What the venue's clock says."""
    return int(bench.control("/clock")["now_ms"])


def pass_time(bench: Bench, ms: int) -> None:
    """Let the venue's time pass."""
    bench.control("/clock", {"advance_ms": ms})


def play(bench: Bench) -> Seen:
    """Trade over REST and FIX, cancel, let a match settle, abandon a block, and read all there is to read."""
    seen = Seen()
    maker, taker = (Person(bench, seen, "0x" + digit * 64) for digit in "12")
    market = bench.market()
    yes, condition = market["yes"], market["condition"]
    for person, money in ((maker, {"yes": "100"}), (taker, {"collateral": "100"})):
        person.enter()
        bench.control("/fund", {"address": person.address, "market": condition, **money})
    with ExitStack() as stack:
        public = stack.enter_context(bench.socket("market"))
        private = stack.enter_context(bench.socket("user"))
        public.send(json.dumps({"type": "market", "assets_ids": [yes]}))
        private.send(json.dumps({"type": "user", "auth": taker.creds, "markets": [condition]}))

        def heard() -> None:
            for socket, kept in ((public, seen.market), (private, seen.user)):
                kept += _until_pong(socket)

        heard()
        maker.order(yes, Side.SELL, "0.50", "10")
        maker.order(yes, Side.SELL, "0.60", "10")
        taker.order(yes, Side.BUY, "0.50", "6")
        rests = taker.order(yes, Side.BUY, "0.40", "5")
        taker.call("DELETE", "/order", {"orderID": rests["orderID"]})
        taker.order(yes, Side.BUY, "0.90", "50", "FOK")
        heard()
        for _ in range(4):
            pass_time(bench, 100)
            heard()
        client = FixClient.order_entry(bench, taker)  # type: ignore[arg-type] # its address and its key
        with client:
            client.order("c-1", market["symbol"] + "-YES", 1, "0.6", "9")
            seen.fix += [_MACHINES_OWN.sub(b"", client.read().raw()) for _ in range(3)]
            pass_time(bench, 100)
            bench.control("/verbs/reorg", {"depth": 1})
            pass_time(bench, 400)
            heard()
        for path in ("/data/orders", "/data/trades", "/balance-allowance?asset_type=COLLATERAL"):
            taker.call("GET", path)
        taker.ask("GET", f"/book?token_id={yes}", {})
        positions = f"{bench.ready['data']}/positions?user={taker.address}"
        seen.rest.append(_raw(bench.http.get(positions)))
    for number in range(bench.control("/health")["block"] + 1):
        seen.chain.append(json.dumps(bench.rpc("eth_getBlockByNumber", hex(number), True)).encode())
    return seen


def _until_pong(socket: ClientConnection) -> list[bytes]:
    socket.send("PING")
    frames: list[bytes] = []
    while (frame := socket.recv(DEADLINE_S, decode=False)) != b"PONG":
        frames.append(bytes(frame))
    return frames


def _raw(answer: httpx.Response) -> bytes:
    head = b"".join(name + b": " + value + b"\r\n" for name, value in answer.headers.raw)
    return f"{answer.status_code}\r\n".encode() + head + b"\r\n" + answer.content
