"""The defects in reads: each is there in the build that carries it, and not in the healthy one."""

from __future__ import annotations

import json

from harness.wire.clob import Side

from .bench import Bench, Customer, Ship, both
from .desk import call, make, signed_body


def resting(bench: Bench, customer: Customer, token: str, batches: int) -> None:
    """So many times fifteen bids."""
    for _ in range(batches):
        orders = [make(customer, token, Side.BUY, f"0.{cents:02d}", "5") for cents in range(1, 16)]
        body = json.dumps([signed_body(customer, order) for order in orders], separators=(",", ":"))
        assert call(bench, customer, "POST", "/orders", body)[0] == 200


@both
def test_esc_1023(ship: Ship, healthy: bool) -> None:
    """The second page of a list without filters has the rest; the broken build begins anew each time."""
    bench = ship("ESC-1023", healthy)
    market = bench.market()
    customer = bench.customer(market, collateral="100")
    resting(bench, customer, market["yes"], 7)
    first = call(bench, customer, "GET", "/data/orders")[1]
    assert (first["count"], first["next_cursor"]) == (100, "MTAw")
    second = call(bench, customer, "GET", "/data/orders?next_cursor=MTAw")[1]
    assert second == first if not healthy else (second["count"], second["next_cursor"]) == (5, "LTE=")
    path = f"/data/orders?market={market['condition']}&next_cursor=MTAw"
    filtered = call(bench, customer, "GET", path)[1]
    assert (filtered["count"], filtered["next_cursor"]) == (5, "LTE=")
    assert call(bench, customer, "GET", "/data/trades?next_cursor=LTE%3D")[1]["data"] == []


@both
def test_esc_1036(ship: Ship, healthy: bool) -> None:
    """Every listed market's kind is told; the broken build does not find the newest market."""
    bench = ship("ESC-1036", healthy)
    older, newest = bench.market(), bench.market()

    def kind(token: str) -> tuple[int, object]:
        answer = bench.http.get(bench.ready["rest"] + "/neg-risk", params={"token_id": token})
        return answer.status_code, answer.json()

    told = (200, {"neg_risk": False})
    assert kind(older["yes"]) == told
    assert kind(newest["no"]) == (told if healthy else (400, {"error": "Invalid token id"}))
    tick = bench.http.get(bench.ready["rest"] + f"/tick-size/{newest['yes']}")
    assert tick.json() == {"minimum_tick_size": 0.01}
