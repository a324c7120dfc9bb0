"""Which WebSocket channel of the exchange a frame belongs to, by its URL or by what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness import exactjson
from harness.errors import Place
from harness.evidence.ticket.clues import WS, Clue, Stamp
from harness.model import Kind
from harness.wire.ws import text_wire

MARKET: Final = "ws.market"
USER: Final = "ws.user"
_BY_EVENT: Final = {
    **dict.fromkeys(("book", "price_change", "last_trade_price", "tick_size_change"), MARKET),
    **dict.fromkeys(("best_bid_ask", "new_market", "market_resolved"), MARKET),
    **dict.fromkeys(("order", "trade"), USER),
}


_SUBSCRIBES: Final = ("auth", "assets_ids", "markets", "operation")


@dataclass(frozen=True, slots=True)
class Frame:
    """A message of a stream that a text tells among other things, and which way it went."""

    place: Place
    value: Any
    stamp: Stamp | None

    @property
    def kind(self) -> Kind:
        """A subscription was sent, an event came."""
        return Kind.SEND if is_subscription(self.value) else Kind.PUSH


def is_subscription(value: Any) -> bool:
    """Whether a value is what a client sends to be told of an account or of markets."""
    is_one = isinstance(value, Mapping) and value.get("type") in ("user", "market")
    return is_one and any(name in value for name in _SUBSCRIBES)


def is_of_stream(value: Any) -> bool:
    """Whether a value is a message of the exchange's streams, by what it says."""
    events = value if isinstance(value, list) and value else [value]
    told = all(isinstance(each, Mapping) and str(each.get("event_type")) in _BY_EVENT for each in events)
    return told or is_subscription(value)


def clues_of(frames: Iterable[Frame], pair: int) -> list[Clue]:
    """The frames as clues, each channel as one connection, numbered from `pair` on."""
    pairs: dict[str, int] = {}
    clues = []
    for each in frames:
        text = exactjson.dumps(each.value)
        channel = channel_of_texts((text,))
        number = pairs.setdefault(channel, pair + len(pairs))
        named = f"{channel} {number}"
        clues.append(
            Clue(each.place, each.kind, channel, {"wire": text_wire(text)}, each.stamp, number, named)
        )
    return clues


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
