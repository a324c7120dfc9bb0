"""The shapes of the exchange's answers, as its documentation has them, and what does not fit one.

A type is of a JSON value (a number with a fraction is a Decimal), a pattern of a whole text, a dict of an
object with exactly these keys, a list of one of each of its elements; anything else is meant as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .bothclients import BUILDER
from .test_market_reads import FULL, SIMPLIFIED

NUMBER = re.compile(r"\d+(\.\d*[1-9])?")  # a decimal in a text, without trailing zeros
SECONDS, MS, NS = (re.compile(rf"1\d{{{digits}}}") for digits in (9, 12, 18))
HASH, ADDRESS, TOKEN = (
    re.compile(r"0x[0-9a-f]{64}"),
    re.compile(r"0x[0-9a-fA-F]{40}"),
    re.compile(r"\d{60,78}"),
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEX_TEXT, BASE64, STAMP = re.compile(r"[0-9a-f]+"), re.compile(r"[\w-]+=*"), re.compile(r"[\d-]+T[\d:]+Z")
SIDE, OUTCOME = re.compile("BUY|SELL"), re.compile("Yes|No")
NO_TEXT = ""


@dataclass(frozen=True, slots=True)
class Each:
    """An object whose keys are all of one kind, and whose values are, too; it is not empty."""

    key: re.Pattern[str]
    value: Any


def misfits(value: Any, shape: Any, at: str = "$") -> list[str]:
    """Where a value is not what a shape says; a type is of a JSON value, a pattern of a whole text."""
    match shape:
        case type() | tuple():
            kinds = shape if isinstance(shape, tuple) else (shape,)
            return [] if type(value) in kinds else [f"{at}: {value!r} is no {shape}"]
        case re.Pattern():
            fits = isinstance(value, str) and shape.fullmatch(value)
            return [] if fits else [f"{at}: {value!r} is not like {shape.pattern}"]
        case Each():
            if not isinstance(value, dict) or not value:
                return [f"{at}: {value!r} is no object with something in it"]
            inner = [(key, shape.key, f"{at}.{key}") for key in value]
            inner += [(each, shape.value, f"{at}.{key}") for key, each in value.items()]
        case dict():
            if not isinstance(value, dict) or set(value) != set(shape):
                keys = set(value) ^ set(shape) if isinstance(value, dict) else value
                return [f"{at}: other keys, {keys}"]
            inner = [(value[key], each, f"{at}.{key}") for key, each in shape.items()]
        case [each]:
            if not isinstance(value, list) or not value:
                return [f"{at}: {value!r} is no list with something in it"]
            inner = [(row, each, f"{at}[{number}]") for number, row in enumerate(value)]
        case _:
            same = type(value) is type(shape) and value == shape
            return [] if same else [f"{at}: {value!r} is not {shape!r}"]
    return [text for row in inner for text in misfits(*row)]


def page(shape: Any, limit: int = 100) -> dict[str, Any]:
    return {"limit": limit, "count": int, "next_cursor": "LTE=", "data": [shape]}


EMPTY = {"limit": 100, "count": 0, "next_cursor": "LTE=", "data": []}
LEVEL = {"price": NUMBER, "size": NUMBER}
BOOK = {
    "market": HASH,
    "asset_id": TOKEN,
    "timestamp": MS,
    "hash": re.compile(r"[0-9a-f]{40}"),
    "bids": [LEVEL],
    "asks": [LEVEL],
    "min_order_size": "5",
    "tick_size": "0.01",
    "neg_risk": False,
    "last_trade_price": NUMBER,
}
ORDER = {
    "id": HASH,
    "status": "LIVE",
    "owner": UUID,
    "maker_address": ADDRESS,
    "market": HASH,
    "asset_id": TOKEN,
    "side": SIDE,
    "original_size": NUMBER,
    "size_matched": NUMBER,
    "price": NUMBER,
    "outcome": OUTCOME,
    "expiration": "0",
    "order_type": "GTC",
    "associate_trades": [],
    "created_at": int,
}
MAKER = {
    "order_id": HASH,
    "owner": UUID,
    "maker_address": ADDRESS,
    "matched_amount": NUMBER,
    "price": NUMBER,
    "fee_rate_bps": NUMBER,
    "asset_id": TOKEN,
    "outcome": OUTCOME,
    "side": SIDE,
}
TRADE = {
    "id": UUID,
    "taker_order_id": HASH,
    "market": HASH,
    "asset_id": TOKEN,
    "side": SIDE,
    "size": NUMBER,
    "fee_rate_bps": "500",
    "price": NUMBER,
    "status": "TRADE_STATUS_CONFIRMED",
    "match_time": SECONDS,
    "match_time_nano": NS,
    "last_update": SECONDS,
    "outcome": OUTCOME,
    "bucket_index": 0,
    "owner": UUID,
    "maker_address": ADDRESS,
    "transaction_hash": HASH,
    "err_msg": None,
    "trader_side": re.compile("TAKER|MAKER"),
    "maker_orders": [MAKER],
}
NOTICE = {
    "id": int,
    "owner": UUID,
    "type": int,
    "timestamp": int,
    "payload": {
        "asset_id": TOKEN,
        "market": HASH,
        "order_id": HASH,
        "side": SIDE,
        "type": "GTC",
        "price": NUMBER,
        "original_size": NUMBER,
        "matched_size": NUMBER,
        "remaining_size": NUMBER,
        "outcome": OUTCOME,
        "outcome_index": int,
        "transaction_hash": str,
        "trade_id": str,
        "question": str,
        "market_slug": str,
        "eventSlug": str,
    },
}
TOKEN_OF_A_MARKET = {"token_id": TOKEN, "outcome": OUTCOME, "price": (int, Decimal), "winner": bool}
MARKET = {**FULL, "tokens": [TOKEN_OF_A_MARKET], "rewards": {"rates": None, "min_size": 0, "max_spread": 0}}
SHORT = {key: MARKET[key] for key in SIMPLIFIED}
CLOB_MARKET = {
    "c": HASH,
    "t": [{"t": TOKEN, "o": OUTCOME}],
    "mts": Decimal,
    "mos": int,
    "ao": True,
    "aot": None,
    "fd": {"r": Decimal, "e": 1, "to": True},
    "mbf": 0,
    "tbf": 500,
    "gst": None,
    "sd": 0,
    "cbos": False,
    "rfqe": False,
    "ibce": False,
    "oas": 0,
    "r": None,  # nr and itode are left out when false
}
ACTIVITY = {
    "event_type": "trade",
    "side": SIDE,
    "size": NUMBER,
    "fee_rate_bps": "500",
    "price": NUMBER,
    "outcome": OUTCOME,
    "outcome_index": int,
    "transaction_hash": HASH,
    "timestamp": SECONDS,
    "market": {"condition_id": HASH, "asset_id": TOKEN, "question": str, "icon": str, "slug": str},
    "user": {
        "address": ADDRESS,
        "username": str,
        "pseudonym": str,
        "profile_picture": str,
        "optimized_profile_picture": str,
    },
}
BUILDERS_TRADE = {
    "id": UUID,
    "tradeType": "TAKER",
    "takerOrderHash": HASH,
    "builder": BUILDER,
    "market": HASH,
    "assetId": TOKEN,
    "side": SIDE,
    "size": NUMBER,
    "sizeUsdc": NUMBER,
    "price": NUMBER,
    "status": str,
    "outcome": OUTCOME,
    "outcomeIndex": int,
    "owner": UUID,
    "maker": ADDRESS,
    "transactionHash": HASH,
    "matchTime": SECONDS,
    "bucketIndex": 0,
    "fee": NUMBER,
    "feeUsdc": NUMBER,
    "builderFee": NUMBER,
    "builderCode": BUILDER,
    "err_msg": None,
    "createdAt": STAMP,
    "updatedAt": STAMP,
}
LIVE = {
    "success": True,
    "errorMsg": "",
    "orderID": HASH,
    "status": "live",
    "makingAmount": "",
    "takingAmount": "",
}
CANCELLED = {"canceled": [HASH], "not_canceled": {}}
CREDENTIALS = {"apiKey": UUID, "secret": BASE64, "passphrase": HEX_TEXT}
BUILDER_KEY = {"key": UUID, "createdAt": STAMP, "revokedAt": None}
POINT = {"t": int, "p": Decimal}
HISTORY = {"history": [POINT]}
