"""WebSocket frames as values: what a subscription says, and the messages inside a frame. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness import exactjson

PING: Final = "PING"
PONG: Final = "PONG"
RTDS: Final = "rtds"
"""The real-time data stream, which has an envelope of its own."""


def text_wire(text: str) -> dict[str, Any]:
    """A text frame as it went out or came."""
    return {"text": text}


def first_message(channel: str, fields: Mapping[str, Any], auth: Mapping[str, str] | None) -> dict[str, Any]:
    """The first message on a channel (CLOB docs, WebSocket): its type, the credentials where it has any.

    RTDS knows no first message: every one is an update.
    """
    if channel == RTDS:
        return update_message(fields, channel=RTDS)
    message: dict[str, Any] = {"type": channel}
    if auth is not None:
        message["auth"] = dict(auth)
    return {**message, **fields}


def update_message(
    fields: Mapping[str, Any], operation: str = "subscribe", *, channel: str = ""
) -> dict[str, Any]:
    """A further subscription on an open channel (the initial form is answered INVALID OPERATION), or its end.

    RTDS calls the operation `action`.
    """
    return {"action" if channel == RTDS else "operation": operation, **fields}


def close_of(said: Mapping[str, Any] | None) -> dict[str, Any]:
    """A close as it goes out: its code, 1000 unless said, and its reason."""
    return {"code": 1000, "reason": "", **(said or {})}


def messages(wire: Mapping[str, Any]) -> tuple[Any, ...]:
    """The messages of a frame: a frame may hold one JSON value, an array of them, or plain text."""
    text = wire["text"]
    try:
        value = exactjson.loads(text)
    except ValueError:
        return (text,)
    return tuple(value) if isinstance(value, list) else (value,)


def is_keepalive(wire: Mapping[str, Any]) -> bool:
    """Whether a frame only says that the other side is there."""
    return wire.get("text") in (PING, PONG)
