"""WebSocket logs: what wscat and websocat print, JSON lines with a direction, frames copied from DevTools.

A frame's channel is told by what the connection says (`type` of its first message, `event_type` of an
event). Source: wscat's and websocat's READMEs; Chrome DevTools' network panel, Messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from harness import exactjson
from harness.errors import Place
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import WS, Clue, Stamp, Unread
from harness.evidence.ticket.frames import channel_of_texts, channel_of_url
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind
from harness.wire.ws import text_wire

NAME: Final = "WebSocket log"
_ARROW: Final = re.compile(r"(?P<arrow>>>|<<|->|<-|[<>\u2190-\u2193\u2b06\u2b07]\ufe0f?)\s*(?P<data>\S.*)$")
_SENT: Final = frozenset((">", ">>", "->", "\u2191", "\u2192", "\u2b06"))
_BEGUN: Final = re.compile(r"(?:Connected|connected)\b(?P<rest>.*)$")
_ENDED: Final = re.compile(
    r"(?:Disconnected|disconnected|Connection closed|connection closed)\b(?:.*?\b(?P<code>[1-4][0-9]{3})\b)?"
    r"(?:.*?reason: ?\"(?P<reason>[^\"]*)\")?"
)
_URL: Final = re.compile(r"wss?://[^\s\"')>]+")
_COPIED: Final = re.compile(
    r"(?P<data>(?:4[0-9])?[\[{].*[\]}]|PING|PONG|INVALID OPERATION)\t"
    r"(?P<size>[0-9.]+ ?k?B?)\t(?P<time>[0-9:.]{8,15})$"
)
_SOCKET_IO: Final = re.compile(r"4[0-9](?:/[^,\[]*,)?[0-9]*(?P<array>\[.*\])\s*$")
_DIRECTION: Final = ("direction", "dir", "type", "event", "kind", "op", "side")
_SAYS: Final = {
    **dict.fromkeys(("out", "send", "sent", "outgoing", "tx", "client", ">", "up", "request"), Kind.SEND),
    **dict.fromkeys(("in", "recv", "receive", "received", "incoming", "rx", "server", "<"), Kind.PUSH),
    **dict.fromkeys(("down", "message", "response"), Kind.PUSH),
    **dict.fromkeys(("open", "opened", "connect", "connected"), Kind.OPEN),
    **dict.fromkeys(("close", "closed", "disconnect", "disconnected"), Kind.CLOSED),
}  # fmt: skip
_DATA: Final = ("data", "payload", "message", "raw", "frame", "body", "text", "msg")
_TIMES: Final = ("ts", "time", "timestamp", "t", "at", "received_at", "@timestamp")


@dataclass(slots=True)
class _Connection:
    """The frames of one connection, until it is known which channel it is of."""

    url: str = ""
    rows: list[tuple[Place, Kind, dict[str, Any], Stamp | None]] = field(default_factory=list)

    def add(self, place: Place, kind: Kind, data: dict[str, Any], stamp: Stamp | None) -> None:
        self.rows.append((place, kind, data, stamp))

    def clues(self, pair: int) -> list[Clue]:
        channel = channel_of_url(self.url)
        if channel == WS:
            channel = channel_of_texts(
                row[2]["wire"]["text"] for row in self.rows if "text" in row[2].get("wire", {})
            )
        named = self.url or f"{channel} {pair}"
        return [
            Clue(place, kind, channel, data, stamp, pair, named) for place, kind, data, stamp in self.rows
        ]


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The frames from this line on, up to the end of the connection or the first line that is no frame."""
    connection = _Connection()
    unread: list[Unread] = []
    until = at
    for number in lines.after(at):
        row = _row(lines[number])
        if row is None:
            if lines[number].strip() or until == at:
                break
            continue
        kind, data, stamp = row
        if kind is Kind.OPEN and connection.rows:
            break
        connection.url = connection.url or str(data.get("wire", {}).get("url", ""))
        connection.add(lines.place(number), kind, data, stamp)
        until = number + 1
        if kind is Kind.CLOSED:
            break
    if until == at:
        return None
    return Taken(until, tuple(connection.clues(pair)), tuple(unread))


FORM: Final = Form(NAME, take)


def _row(text: str) -> tuple[Kind, dict[str, Any], Stamp | None] | None:
    if text.startswith("{"):
        return _json_row(text)
    copied = _COPIED.match(text.strip("\u2191\u2193\u2b06\u2b07\ufe0f \t"))
    if copied is not None:
        kind = Kind.SEND if text.lstrip()[:1] in _SENT else Kind.PUSH
        return kind, {"wire": text_wire(_unwrapped(copied["data"]))}, stamps.whole(copied["time"])
    stamp, rest = stamps.leading(text)
    rest = (
        rest.lstrip(" :-|\t")
        if stamp is not None and not rest.lstrip().startswith(("->", "|>"))
        else rest.lstrip()
    )
    if stamp is not None and rest.startswith('{"') and (row := _json_row(rest)) is not None:
        return row[0], row[1], row[2] or stamp
    arrow = _ARROW.match(rest)
    if arrow is not None and _is_frame(data := _unwrapped(arrow["data"])):
        kind = Kind.SEND if arrow["arrow"].rstrip("\ufe0f") in _SENT else Kind.PUSH
        return kind, {"wire": text_wire(data.rstrip())}, stamp
    begun = _BEGUN.match(rest)
    if begun is not None:
        url = _URL.search(begun["rest"])
        return Kind.OPEN, {"wire": {"url": url[0]} if url else {}}, stamp
    ended = _ENDED.match(rest)
    if ended is not None:
        code = int(ended["code"]) if ended["code"] else None
        return Kind.CLOSED, {"code": code, "reason": ended["reason"] or ""}, stamp
    return None


def _unwrapped(data: str) -> str:
    """A frame without what Socket.IO puts around it: `42["message", {…}]` (its protocol, revision 5)."""
    found = _SOCKET_IO.match(data)
    value = _json(found["array"]) if found is not None else None
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
        return data
    return value[1] if isinstance(value[1], str) else exactjson.dumps(value[1])


def _is_frame(data: str) -> bool:
    """Whether what stands behind an arrow is a frame: JSON, a keepalive or the exchange's bare refusal."""
    data = data.strip()
    if data in ("PING", "PONG", "INVALID OPERATION", "ping", "pong"):
        return True
    return data[:1] in ("{", "[") and _json(data) is not None


def _json_row(text: str) -> tuple[Kind, dict[str, Any], Stamp | None] | None:
    """A line of a JSON log that tells a direction and what was said, or a bare event of the exchange."""
    value = _json(text)
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("event_type"), str):
        return Kind.PUSH, {"wire": text_wire(text.strip())}, None
    kind = next((_SAYS[word] for name in _DIRECTION if (word := _word(value.get(name))) in _SAYS), None)
    stamp = stamps.in_message(value, _TIMES)
    if kind is Kind.OPEN:
        return kind, {"wire": {"url": value["url"]} if isinstance(value.get("url"), str) else {}}, stamp
    if kind is Kind.CLOSED:
        code, reason = value.get("code"), value.get("reason")
        return kind, {"code": code if isinstance(code, int) else None, "reason": str(reason or "")}, stamp
    said = next((value[name] for name in _DATA if name in value), None)
    if kind is None or said is None:
        return None
    return kind, {"wire": text_wire(said if isinstance(said, str) else exactjson.dumps(said))}, stamp


def _word(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""


def _json(text: str) -> Mapping[str, Any] | list[Any] | None:
    try:
        value = exactjson.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None
