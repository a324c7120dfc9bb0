"""Many connections at once: two hundred real sockets, and a burst that reaches all of them."""

from __future__ import annotations

import json
from contextlib import ExitStack

from .bench import Bench, said

MANY = 200
BURST = 10


def test_a_burst_reaches_two_hundred_sockets(bench: Bench) -> None:
    """Each of them is told every change once, in the same order, and every one has its PONG."""
    market = bench.market()
    buyer = bench.customer(market, collateral="100")
    yes = market["yes"]
    first = {
        "market": {"type": "market", "assets_ids": [yes]},
        "user": {"type": "user", "auth": buyer.auth(), "markets": [market["condition"]]},
    }
    with ExitStack() as stack:
        sockets = {
            channel: [stack.enter_context(bench.socket(channel)) for _ in range(MANY // 2)]
            for channel in first
        }
        for channel, message in first.items():
            for socket in sockets[channel]:
                assert len(said(socket, message)) == (1 if channel == "market" else 0)
        placed = [buyer.order(yes, "BUY", 0.3 + at / 100, 5)["orderID"] for at in range(BURST)]
        buyer.client.cancel_all()
        told = {channel: [said(socket) for socket in sockets[channel]] for channel in first}
    for events in told.values():
        assert len({json.dumps(each) for each in events}) == 1
        assert len(events[0]) == 2 * BURST
    ids = [event["id"] for event in told["user"][0]]
    assert (ids[:BURST], sorted(ids[BURST:])) == (placed, sorted(placed))
