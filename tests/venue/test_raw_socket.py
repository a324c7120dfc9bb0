"""Both channels over a plain socket: frames in pieces, frames that are wrong, and ends without a goodbye."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest

from harness.venue.sockets import MESSAGE_LIMIT_BYTES

from .bench import Bench, Customer
from .rawsocket import BINARY, CLOSE, CONTINUED, PING, PONG, TEXT, RawSocket


def first_of(channel: str, market: dict[str, str], buyer: Customer) -> dict[str, Any]:
    """A channel's first message, for a market and an account."""
    if channel == "market":
        return {"type": "market", "assets_ids": [market["yes"]]}
    return {"type": "user", "auth": buyer.auth(), "markets": [market["condition"]]}


def url(bench: Bench, channel: str) -> str:
    return f"{bench.ready['ws']}/ws/{channel}"


@pytest.mark.parametrize("channel", ["market", "user"])
@pytest.mark.parametrize("kind", [TEXT, BINARY])
def test_a_subscription_in_pieces_is_one(
    bench: Bench, market: dict[str, str], buyer: Customer, channel: str, kind: int
) -> None:
    """A message in fragments of one byte, with a control frame among them, is read as one, text or binary."""
    payload = json.dumps(first_of(channel, market, buyer)).encode()
    with RawSocket.open(url(bench, channel)) as raw:
        raw.send(kind, payload[:1], last=False)
        raw.send(PING, b"there?")
        for at in range(1, len(payload) - 1):
            raw.send(CONTINUED, payload[at : at + 1], last=False)
        raw.send(CONTINUED, payload[-1:])
        assert raw.read() == (PONG, b"there?")
        if channel == "market":
            (book,) = json.loads(raw.hear())
            assert (book["event_type"], book["asset_id"]) == ("book", market["yes"])
        raw.say("PING")
        assert raw.hear() == "PONG"
        buyer.order(market["yes"], "BUY", 0.2, 5)
        wanted = "price_change" if channel == "market" else "order"
        assert json.loads(raw.hear())["event_type"] == wanted


def wrong(kind: int, payload: bytes, **shape: Any) -> Callable[[RawSocket], None]:
    return lambda raw: raw.send(kind, payload, **shape)


@pytest.mark.parametrize("channel", ["market", "user"])
@pytest.mark.parametrize("subscribed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("say", "code"),
    [
        pytest.param(wrong(TEXT, b"{}", reserved=4), 1002, id="reserved-bit"),
        pytest.param(wrong(3, b"{}"), 1002, id="unknown-opcode"),
        pytest.param(wrong(CONTINUED, b"{}"), 1002, id="continues-nothing"),
        pytest.param(wrong(PING, b"", last=False), 1002, id="control-in-pieces"),
        pytest.param(wrong(PING, b"x" * 126), 1002, id="control-too-long"),
        pytest.param(wrong(CLOSE, struct.pack("!H", 1005)), 1002, id="no-such-close"),
        pytest.param(wrong(TEXT, b"\xff\xfe"), 1007, id="no-utf-8"),
    ],
)
def test_a_frame_that_breaks_the_protocol_ends_its_connection(
    bench: Bench,
    market: dict[str, str],
    buyer: Customer,
    channel: str,
    subscribed: bool,
    say: Callable[[RawSocket], None],
    code: int,
) -> None:
    """RFC 6455 says with which code; another connection goes on."""
    with RawSocket.open(url(bench, channel)) as raw, RawSocket.open(url(bench, channel)) as other:
        other.say(first_of(channel, market, buyer))
        if subscribed:
            raw.say(first_of(channel, market, buyer))
            raw.say("PING")
        say(raw)
        ended = raw.ended()
        assert ended is not None
        assert ended[0] == code
        other.say("PING")
        assert "PONG" in (other.hear(), other.hear() if channel == "market" else "")


@pytest.mark.parametrize("channel", ["market", "user"])
def test_a_message_that_is_too_long_ends_its_connection(bench: Bench, channel: str) -> None:
    """Beyond 1 MiB the connection ends with 1009; what was on its way then may be answered with a reset."""
    with RawSocket.open(url(bench, channel)) as raw:
        with contextlib.suppress(ConnectionError):
            raw.send(TEXT, b" " * MESSAGE_LIMIT_BYTES + b"{}")
        ended = raw.ended()
        assert ended is None or ended[0] == 1009


@pytest.mark.parametrize("channel", ["market", "user"])
def test_a_frame_without_a_mask_is_taken(
    bench: Bench, market: dict[str, str], buyer: Customer, channel: str
) -> None:
    """RFC 6455 has a server refuse what is not masked (5.1); the venue's server does not look."""
    with RawSocket.open(url(bench, channel)) as raw:
        raw.send(TEXT, json.dumps(first_of(channel, market, buyer)).encode(), masked=False)
        if channel == "market":
            raw.hear()
        raw.send(TEXT, b"PING", masked=False)
        assert raw.hear() == "PONG"


@pytest.mark.parametrize("channel", ["market", "user"])
@pytest.mark.parametrize("how", ["reset", "half a frame", "half a message", "no goodbye"])
def test_a_client_that_vanishes_is_forgotten(
    bench: Bench, market: dict[str, str], buyer: Customer, channel: str, how: str
) -> None:
    """An end without a close frame, wherever it comes, costs nobody else anything."""
    with RawSocket.open(url(bench, channel)) as stays:
        stays.say(first_of(channel, market, buyer))
        with RawSocket.open(url(bench, channel)) as raw:
            raw.say(first_of(channel, market, buyer))
            if how == "reset":
                raw.held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif how == "half a frame":
                raw.held.sendall(raw.frame(TEXT, b"PING" * 100)[:50])
            elif how == "half a message":
                raw.send(TEXT, b"PI", last=False)
        buyer.order(market["yes"], "BUY", 0.2, 5)
        if channel == "market":
            assert json.loads(stays.hear())[0]["event_type"] == "book"
        assert json.loads(stays.hear())["event_type"] in ("price_change", "order")


HOSTILE = [
    "[" * 100_000,
    '{"a":' * 100_000,
    '{"operation":"subscribe","assets_ids":' + "[" * 1000 + "]" * 1000 + "}",
    '{"operation":{"subscribe":1},"assets_ids":[]}',
    '{"operation":["subscribe"],"assets_ids":[]}',
    '{"operation":"subscribe","assets_ids":{"1":2}}',
    "NaN",
    "null",
    "1e999999999",
    '"PING"',
    "ping",
    "PING ",
    "\x00",
    "",
    '{"operation":"subscribe","operation":"subscribe"}',
]


@pytest.mark.parametrize("channel", ["market", "user"])
def test_hostile_messages_are_answered_and_change_nothing(
    bench: Bench, market: dict[str, str], buyer: Customer, channel: str
) -> None:
    """Each is an INVALID OPERATION; the connection and what it follows go on."""
    with RawSocket.open(url(bench, channel)) as raw:
        raw.say(first_of(channel, market, buyer))
        if channel == "market":
            raw.hear()
        for text in HOSTILE:
            raw.say(text)
            assert raw.hear() == "INVALID OPERATION", text[:40]
        raw.send(BINARY, b"\xff\xfe\x00")
        assert raw.hear() == "INVALID OPERATION"
        buyer.order(market["yes"], "BUY", 0.2, 5)
        assert json.loads(raw.hear())["event_type"] in ("price_change", "order")


@pytest.mark.parametrize("channel", ["market", "user"])
@pytest.mark.parametrize("text", [*HOSTILE, "PING", "[]", "{}"], ids=lambda text: repr(text)[:30])
def test_hostile_first_messages_close(bench: Bench, channel: str, text: str) -> None:
    """Before a subscription each of them ends the connection with 1008."""
    with RawSocket.open(url(bench, channel)) as raw:
        raw.say(text)
        assert raw.ended() == (1008, "invalid subscription payload")
