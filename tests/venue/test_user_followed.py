"""The user channel: which markets a connection follows, who is told, and whom it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection

from .bench import DEADLINE_S, Bench, Customer, said


def followed(socket: ClientConnection, customer: Customer, **extra: Any) -> list[Any]:
    """Subscribe with the first message, and what is answered."""
    return said(socket, {"type": "user", "auth": customer.auth(), **extra})


def test_which_markets_are_followed(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """Without `markets` all are, with an empty list none, and an update adds to it or takes away."""
    other = bench.market()
    with bench.socket("user") as everything, bench.socket("user") as nothing, bench.socket("user") as null:
        assert followed(everything, buyer) == followed(null, buyer, markets=None) == []
        assert followed(nothing, buyer, markets=[]) == []
        buyer.order(other["yes"], "BUY", 0.25, 5)
        assert [len(said(socket)) for socket in (everything, null, nothing)] == [1, 1, 0]
        named = {"markets": ["0x" + market["condition"][2:].upper()]}
        for socket in (everything, nothing):
            assert said(socket, {"operation": "subscribe", **named}) == []
        for place in (other, market):
            buyer.order(place["yes"], "BUY", 0.25, 5)
        told = [event["market"] for event in said(everything)]
        assert told == [other["condition"], market["condition"]]
        assert [event["market"] for event in said(nothing)] == [market["condition"]]
        for socket in (everything, nothing):
            assert said(socket, {"operation": "unsubscribe", **named}) == []
        buyer.order(market["yes"], "BUY", 0.25, 5)
        assert [len(said(socket)) for socket in (everything, nothing)] == [1, 0]


def test_nobody_is_told_of_others(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """An account hears of its own orders only, whatever it follows."""
    with bench.socket("user") as socket:
        followed(socket, bench.customer(), markets=[market["condition"]])
        buyer.order(market["yes"], "BUY", 0.25, 5)
        assert said(socket) == []


@pytest.mark.parametrize("wrong", ["apiKey", "secret", "passphrase"])
@pytest.mark.parametrize("value", ["", "another", 5, None])
def test_wrong_credentials_close(bench: Bench, buyer: Customer, wrong: str, value: object) -> None:
    """Any of the three that does not fit ends the connection with 1008, and tells no more."""
    with bench.socket("user") as socket:
        auth = {**buyer.auth(), wrong: value}
        socket.send(json.dumps({"type": "user", "auth": auth}))
        with pytest.raises(ConnectionClosedError) as closed:
            socket.recv(DEADLINE_S)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "invalid subscription payload")
