"""A customer as the official client makes him: keys, wallets, signed bodies, and his browser's exports."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eth_account import Account
from py_clob_client_v2.clob_types import CreateOrderOptions, MarketOrderArgs, OrderArgs
from py_clob_client_v2.order_builder.builder import OrderBuilder
from py_clob_client_v2.order_utils.model.order_data_v2 import order_to_json_v2
from py_clob_client_v2.signer import Signer

TOKEN = str(2**255 + 12345678901234567)
OTHER_TOKEN = str(2**254 + 98765432109876543)
CONDITION = "0x" + "cd" * 32
BALANCE = (
    "not enough balance / allowance: the balance is not enough -> balance: 1500000, order amount: 4500000"
)
HOST = "https://clob.example.com"
BOOK = {"market": CONDITION, "asset_id": TOKEN, "bids": [], "asks": [], "tick_size": "0.01"}


class Customer:
    """One account: `kind` is the signature type (0 EOA, 1 proxy, 2 Safe, 3 deposit wallet)."""

    def __init__(self, number: int, kind: int = 0) -> None:
        digest = hashlib.sha256(f"customer {number}".encode()).hexdigest()
        self.key = f"0x{digest}"
        self.address = Account.from_key(self.key).address
        self.funder = Account.from_key(f"0x{digest[::-1]}").address if kind else self.address
        self.api_key = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        self.secret = base64.urlsafe_b64encode(bytes.fromhex(digest[::-1])).decode()
        self.passphrase = hashlib.sha256(digest.encode()).hexdigest()
        funder = self.funder if kind else None
        self._builder = OrderBuilder(Signer(self.key, 137), signature_type=kind, funder=funder)

    @property
    def secrets(self) -> Iterator[str]:
        """Everything that must stand in no file of ours: his secrets, and what names him."""
        for text in (self.key, self.address, self.funder, self.api_key, self.secret, self.passphrase):
            yield from (text, text.lower(), text.removeprefix("0x").lower())

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The credentials of a request, as the client sends them."""
        return [
            ("POLY_ADDRESS", self.address),
            ("POLY_API_KEY", self.api_key),
            ("POLY_PASSPHRASE", self.passphrase),
            ("POLY_SIGNATURE", base64.urlsafe_b64encode(self.api_key.encode()).decode()),
            ("POLY_TIMESTAMP", "1772460301"),
        ]

    def order(self, price: float, size: float, side: str = "BUY", **more: Any) -> dict[str, Any]:
        """The body of POST /order for a limit order, as the official client signs it."""
        kind, tick = more.pop("type", "GTC"), more.pop("tick", "0.01")
        args = OrderArgs(token_id=TOKEN, price=price, size=size, side=side, **more)
        signed = self._builder.build_order(args, CreateOrderOptions(tick_size=tick, neg_risk=False))
        return dict(order_to_json_v2(signed, self.api_key, kind))

    def printed(self, price: float, size: float) -> str:
        """A buy as Python prints what the client's `create_order` gives."""
        args = OrderArgs(token_id=TOKEN, price=price, size=size, side="BUY")
        return repr(self._builder.build_order(args, CreateOrderOptions(tick_size="0.01", neg_risk=False)))

    def market_order(self, price: float, amount: float, side: str, kind: str, tick: str) -> dict[str, Any]:
        """The body of POST /order for a market order (FOK or FAK)."""
        args = MarketOrderArgs(token_id=TOKEN, amount=amount, side=side, price=price)
        signed = self._builder.build_market_order(args, CreateOrderOptions(tick_size=tick, neg_risk=False))
        return dict(order_to_json_v2(signed, self.api_key, kind))


ALICE, BOB = Customer(1), Customer(2)


def placed(number: int, **more: Any) -> dict[str, Any]:
    """The answer to an order that was taken."""
    order_id = "0x" + hashlib.sha256(f"order {number}".encode()).hexdigest()
    return {"success": True, "errorMsg": "", "orderID": order_id, "status": "live", **more}


def when(at_ms: int) -> str:
    """A time as a browser exports it."""
    return f"2026-03-02T14:{5 + at_ms // 60000:02d}:{at_ms // 1000 % 60:02d}.{at_ms % 1000:03d}Z"


def entry(
    at_ms: int, method: str, url: str, status: int, answer: Any, body: Any = None, by: Customer | None = None
) -> dict[str, Any]:
    """One exchange of a HAR; a path is one of the exchange's."""
    headers = [{"name": name, "value": value} for name, value in (by.headers if by else ())]
    request = {"method": method, "url": url if "://" in url else HOST + url, "headers": headers}
    if body is not None:
        text = json.dumps(body, separators=(",", ":"))
        request["postData"] = {"mimeType": "application/json", "text": text}
    content = {"size": 9, "text": json.dumps(answer)}
    response = {"status": status, "headers": [], "content": content}
    return {"startedDateTime": when(at_ms), "time": 20, "request": request, "response": response}


def socket(channel: str, messages: list[tuple[str, int, Any]]) -> dict[str, Any]:
    """A WebSocket of a HAR: `messages` are (`send` or `receive`, milliseconds, what)."""
    rows = [
        {
            "type": way,
            "time": 1772460301 + at_ms / 1000,
            "opcode": 1,
            "data": what if isinstance(what, str) else json.dumps(what),
        }
        for way, at_ms, what in messages
    ]
    request = {"method": "GET", "url": f"wss://ws-clob.example.com/ws/{channel}", "headers": []}
    response = {"status": 101, "headers": [], "content": {}}
    shown = {"startedDateTime": when(0), "time": 9, "request": request, "response": response}
    return {**shown, "_webSocketMessages": rows}


def har(folder: Path, entries: list[dict[str, Any]], name: str = "session.har") -> None:
    """Write a HAR into a ticket's folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))


def leaks(written: str, *customers: Customer) -> list[str]:
    """What of these customers stands in a text."""
    return [text for one in customers for text in one.secrets if text in written]
