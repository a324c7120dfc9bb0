"""Statements of trades: tables whose rows tell side, price, size and state of a trade.

Each is what a look at the account's trades would have listed. Columns are known by their names, and where
these are of another language, by what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from harness import exactjson
from harness.errors import Place
from harness.evidence.exchanges import came, sent
from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.hashes import is_hash
from harness.evidence.ticket.ledgers import plain_of
from harness.model import Kind

NAME: Final = "a statement of trades"
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("tradeid", "id", "fillid", "execid", "executionid", "matchid"),
    "taker_order_id": ("takerorderid", "orderid", "orderhash"),
    "side": ("side", "action", "direction", "buysell", "type"),
    "size": ("size", "qty", "quantity", "shares", "filled", "filledsize", "filledqty", "amount"),
    "price": ("price", "avgprice", "fillprice", "averageprice", "executionprice", "px", "rate"),
    "status": ("status", "state", "tradestatus", "settlement", "settlementstatus"),
    "transaction_hash": ("transactionhash", "txhash", "txnhash", "tx"),
    "match_time": ("matchtime", "time", "timeutc", "date", "timestamp", "executedat", "createdat"),
    "outcome": ("outcome",),
    "err_msg": ("error", "errmsg", "reason", "errormessage", "note"),
}
_SIDES: Final = {
    "BUY": "buy|bought|b|bid|kauf|achat|compra|acquisto|kupno|aankoop|alış|купить|покупка|买入?|買い?",
    "SELL": "sell|sold|s|ask|verkauf|vente|venta|venda|vendita|sprzedaż|verkoop|satış"
    "|продать|продажа|卖出?|売り?",
}
_STATES: Final = {
    "FAILED": r"(?:.*[\W_])?(?:fail\w*|revert\w*|fehlgeschlagen|gescheitert|[eé]chou\w*|fallid\w*|falh\w*"
    r"|fallit\w*|mislukt|nieudan\w*|başarısız|не ?удал\w*|ошибка|失败|失敗)",
    "RETRYING": r"(?:.*[\W_])?retry\w*",
    "CONFIRMED": r"(?:.*[\W_])?(?:confirm\w*|settled|best[aä]tigt|abgerechnet|liquid\w*|подтвержд\w*|已确认)",
    "MINED": r"(?:.*[\W_])?mined",
    "MATCHED": r"(?:.*[\W_])?matched",
}
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_NUMBER: Final = re.compile(
    r"[$€£]? ?(?P<digits>[0-9][0-9.,]*) ?(?P<cents>[¢c])?(?: ?(?:USDC?|pUSD|€|\$|shares))?", re.I
)
_DECIMAL_COMMA: Final = re.compile(r"[0-9]+(?:\.[0-9]{3})*,[0-9]+")
_A_TIME: Final = 10**9
"""A larger number of a row is unix time."""
_URL: Final = "https://exchange.invalid/data/trades"
_STATEMENT: Final = "a statement lists it: taken as what GET /data/trades answered"


def trades(path: str, listed: Sequence[Mapping[str, Any]]) -> tuple[list[Clue], list[Unread]]:
    """The trades of a statement, as one look at the account's trades; none where it is none."""
    told = [row for each in listed if (row := _trade(each))]
    if not told:
        return [], []
    place = Place(path, 1, 1)
    data = sent("GET", _URL, (), b"")
    base = data["wire"].get("base", "")
    body = {"data": told, "next_cursor": "LTE=", "limit": 100, "count": len(told)}
    answer = came(200, (), exactjson.dumps(body).encode())
    clues = [
        Clue(place, Kind.SEND, REST, data, None, 1, base),
        Clue(place, Kind.ANSWER, REST, answer, None, 1, base),
    ]
    return clues, [Unread(place, f"{len(told)} trade{'' if len(told) == 1 else 's'}", _STATEMENT)]


def _trade(row: Mapping[str, Any]) -> dict[str, str]:
    """A trade as the exchange lists it; empty where a row does not tell what makes one."""
    cells = {key: str(value).strip() for key, value in plain_of(row).items() if value not in ("", None)}
    told = {name: next((cells[key] for key in keys if key in cells), "") for name, keys in _COLUMNS.items()}
    texts = [str(value).strip() for value in row.values()]
    told["side"] = _first(_SIDES, [told["side"], *texts])
    told["status"] = _first(_STATES, [told["status"], *texts])
    told["id"] = told["id"] or next((text for text in texts if _UUID.fullmatch(text.lower())), "")
    price, size = _number(told["price"]), _number(told["size"])
    if price is None or size is None:
        numbers = [number for text in texts if (number := _number(text)) is not None and number < _A_TIME]
        price = next((number for number in numbers if 0 < number < 1), None) if price is None else price
        size = next((number for number in numbers if number != price), None) if size is None else size
    if not (told["side"] and told["status"]) or price is None or size is None:
        return {}
    if not (told["id"] or told["transaction_hash"]):  # a statement of orders
        return {}
    hashes = [text for text in texts if is_hash(text)]
    told["transaction_hash"] = told["transaction_hash"] or next(reversed(hashes[1:]), "")
    told["taker_order_id"] = told["taker_order_id"] or next(iter(hashes), "")
    told |= {"status": f"TRADE_STATUS_{told['status']}", "price": str(price), "size": str(size)}
    return {name: value for name, value in told.items() if value}


def _first(words: Mapping[str, str], texts: Sequence[str]) -> str:
    """The first word of ours that one of the texts says in its language."""
    return next(_meant(words, texts), "")


def _meant(words: Mapping[str, str], texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (word for word, said in words.items() if re.fullmatch(said, text, re.I))


def _number(text: str) -> Decimal | None:
    """A number as a table shows it: with a currency, in cents, with thousands, or with a decimal comma."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    digits = found["digits"]
    digits = (
        digits.replace(".", "").replace(",", ".")
        if _DECIMAL_COMMA.fullmatch(digits)
        else digits.replace(",", "")
    )
    try:
        number = Decimal(digits)
    except ArithmeticError:
        return None
    return (number / 100 if found["cents"] else number).normalize() + 0
