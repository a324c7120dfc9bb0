"""Which WebSocket channel of the exchange a frame belongs to, by its URL or by what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket.clues import WS

MARKET: Final = "ws.market"
USER: Final = "ws.user"
_BY_EVENT: Final = {
    **dict.fromkeys(("book", "price_change", "last_trade_price", "tick_size_change"), MARKET),
    **dict.fromkeys(("best_bid_ask", "new_market", "market_resolved"), MARKET),
    **dict.fromkeys(("order", "trade"), USER),
}


def channel_of_url(url: str) -> str:
    """`ws.market` or `ws.user` for the exchange's two paths (CLOB docs, WebSocket), else `ws`."""
    last = re.split(r"[?#]", url)[0].rstrip("/").rpartition("/")[2]
    return f"{WS}.{last}" if last in ("market", "user") else WS


def channel_of_texts(texts: Iterable[str]) -> str:
    """The channel that the first telling frame of a connection is of: its subscription, or an event of it."""
    for text in texts:
        for message in messages_of(text):
            said = message.get("type")
            if said in ("market", "user"):
                return f"{WS}.{said}"
            event = message.get("event_type")
            if isinstance(event, str) and event in _BY_EVENT:
                return _BY_EVENT[event]
    return WS


def messages_of(text: str) -> Iterable[Mapping[str, Any]]:
    """The JSON objects of a frame: one, or an array of them; none of a bare text."""
    try:
        value = exactjson.loads(text)
    except ValueError:
        return ()
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]
