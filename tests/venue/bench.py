"""A running venue and its customers, as the tests of the venue need them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import pytest
from eth_account import Account
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import OrderArgs, OrderType, TradeParams
from websockets.sync.client import ClientConnection, connect

T = TypeVar("T")
DEADLINE_S = 45.0  # of a machine on which much else runs; nothing waits for it to pass
HEALTHY = "2026.11.2"
both = pytest.mark.parametrize("healthy", [False, True], ids=["broken", "healthy"])


def start_venue(build: str, *options: str, **process: Any) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start a venue as a process of its own and read its ready line."""
    command = [sys.executable, "-m", "harness.venue", "--build", build, "--block-time", "0.1", *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, **process}
    venue: subprocess.Popen[str] = subprocess.Popen([*command, "--exit-with-stdin"], **pipes)
    assert venue.stdout is not None
    return venue, json.loads(venue.stdout.readline())


def stop_venue(process: subprocess.Popen[str]) -> int:
    """Close the venue's stdin, wait for its end, return its exit code."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    code = process.wait(DEADLINE_S)
    process.stdout.close()
    return code


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something; fails at the deadline."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if found := look():
            return found
    raise AssertionError(f"not within {DEADLINE_S} s")


@dataclass(slots=True)
class Customer:
    """A funded wallet with the official client."""

    client: ClobClient
    address: str
    key: str

    def order(
        self, token: str, side: str, price: float, size: float, kind: str = "GTC", **more: Any
    ) -> dict[str, Any]:
        signed = self.client.create_order(OrderArgs(token_id=token, price=price, size=size, side=side))
        return self.client.post_order(signed, getattr(OrderType, kind), **more)

    def trade(self, trade_id: str) -> dict[str, Any]:
        return self.client.get_trades(TradeParams(id=trade_id), only_first_page=True)[0]

    def until_status(self, trade_id: str, status: str) -> dict[str, Any]:
        """The trade, as soon as its settlement stands there."""

        def look() -> dict[str, Any] | None:
            trade = self.trade(trade_id)
            return trade if trade["status"] == f"TRADE_STATUS_{status}" else None

        return eventually(look)

    def auth(self) -> dict[str, str]:
        creds = self.client.creds
        return {"apiKey": creds.api_key, "secret": creds.api_secret, "passphrase": creds.api_passphrase}


class Bench:
    """A running venue with its control API."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.ready = ready
        self.http = httpx.Client(timeout=DEADLINE_S)

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        url = self.ready["control"] + path
        answer = self.http.get(url) if body is None else self.http.post(url, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def market(self, tick: str = "0.01", **kind: Any) -> dict[str, Any]:
        return self.control("/markets", {"tick": tick, **kind})

    def customer(self, market: dict[str, str] | None = None, **money: Any) -> Customer:
        """A new wallet with a derived key, given `collateral`, `yes` and `no`; see POST /fund."""
        account = Account.create()
        key = "0x" + bytes(account.key).hex()
        client = ClobClient(self.ready["rest"], 137, key=key)
        client.set_api_creds(client.create_or_derive_api_key())
        body = {"address": account.address, **money}
        if market is not None:
            body["market"] = market["condition"]
        self.control("/fund", body)
        return Customer(client, account.address, key)

    def funds(self, customer: Customer, market: dict[str, str]) -> dict[str, str]:
        return self.control("/fund", {"address": customer.address, "market": market["condition"]})

    def in_blocks(self, count: int) -> None:
        """Wait until the venue has taken in `count` more blocks."""
        end = self.control("/health")["block"] + count
        eventually(lambda: self.control("/health")["block"] >= end or None)

    def rpc(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        return self.http.post(self.ready["chain"], json=body).json()["result"]

    def socket(self, channel: str) -> ClientConnection:
        return connect(f"{self.ready['ws']}/ws/{channel}", open_timeout=DEADLINE_S)

    @contextmanager
    def user_channel(self, customer: Customer) -> Iterator[ClientConnection]:
        """A subscription to all of an account's events, in force."""
        with self.socket("user") as socket:
            socket.send(json.dumps({"type": "user", "auth": customer.auth()}))
            socket.send("PING")
            assert socket.recv(DEADLINE_S) == "PONG"
            yield socket


Ship = Callable[[str, bool], Bench]
"""Puts a build in force that carries a defect, or the healthy one."""


def said(socket: ClientConnection, message: dict[str, Any] | None = None) -> list[Any]:
    """Send a message, if any, and a PING: everything up to the PONG, message by message."""
    if message is not None:
        socket.send(json.dumps(message))
    socket.send("PING")
    seen: list[Any] = []
    while (frame := socket.recv(DEADLINE_S)) != "PONG":
        value = json.loads(frame) if str(frame)[0] in "[{" else frame
        seen += value if isinstance(value, list) else [value]
    return seen


def read_until(socket: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Every event up to and with the first wanted one."""
    seen: list[dict[str, Any]] = []
    while True:
        frame = json.loads(socket.recv(DEADLINE_S))
        for event in frame if isinstance(frame, list) else [frame]:
            seen.append(event)
            if wanted(event):
                return seen


@contextmanager
def running_venue(build: str = HEALTHY) -> Iterator[Bench]:
    """A venue of a build; it ends cleanly, or the test fails."""
    process, ready = start_venue(build)
    bench = Bench(ready)
    try:
        yield bench
    finally:
        bench.http.close()
        code = stop_venue(process)
    assert code == 0
