"""The verbs: restarts, resolutions and tick changes, as customers see them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from py_clob_client_v2.clob_types import OrderArgs
from py_clob_client_v2.exceptions import PolyApiException
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from harness.wire.clob import CONTRACTS_137, Side

from .bench import DEADLINE_S, Bench, Customer, eventually, read_until, start_venue, stop_venue
from .desk import make, post


def begin(bench: Bench, verb: str, **body: Any) -> None:
    assert bench.control(f"/verbs/{verb}", body) == {"begun": verb}


def refused(do: Callable[[], Any]) -> tuple[int, Any]:
    """Status and body of a request that is not answered with 200."""
    with pytest.raises(PolyApiException) as caught:
        do()
    return caught.value.status_code, caught.value.error_msg


@contextlib.contextmanager
def subscribed(
    bench: Bench, customer: Customer, market: dict[str, str]
) -> Iterator[tuple[ClientConnection, ClientConnection]]:
    """The market channel of YES and the user channel, each with its subscription taken."""
    with bench.socket("market") as prices, bench.socket("user") as own:
        prices.send(json.dumps({"type": "market", "assets_ids": [market["yes"]]}))
        own.send(json.dumps({"type": "user", "auth": customer.auth()}))
        own.send("PING")
        assert json.loads(prices.recv(DEADLINE_S))[0]["event_type"] == "book"
        assert own.recv(DEADLINE_S) == "PONG"
        yield prices, own


def test_the_verbs_are_listed(troubled: Bench) -> None:
    """GET /verbs names all of them."""
    names = (
        "restart pause resolve tick delay revert reorg mine freeze void lag deny game limits account region "
        "unready fail words"
    )
    assert troubled.control("/verbs") == {"verbs": names.split()}


@pytest.mark.parametrize(
    ("verb", "body", "text"),
    [
        ("explode", {}, "there is no verb 'explode': the verbs are restart, pause"),
        ("restart", [], "send a JSON object with the verb's arguments"),
        ("restart", {}, "of is None: send one of fix, ws, matcher"),
        ("restart", {"of": "ws", "for_ms": 5}, "unknown for_ms: the keys are of"),
        ("pause", {"for_ms": 0}, "for_ms is 0: send a whole number between 1 and 600000"),
        ("pause", {"for_ms": True}, "for_ms is True: send a whole number"),
        ("pause", {"mode": "off"}, "mode is 'off': send one of cancel_only, disabled"),
        ("resolve", {"market": "0x12", "outcome": "yes"}, "the condition id of a listed market"),
        ("resolve", {"outcome": "maybe"}, "outcome is 'maybe': send one of yes, no"),
        ("tick", {"market": 5, "tick": "0.1"}, "market is 5: send it as a text"),
        ("delay", {"for_ms": 5}, "of is None: send one of settlement"),
        ("revert", {"times": 1.5}, "times is Decimal('1.5'): send a whole number between 1 and 100"),
        (
            "revert",
            {"error": "Unlucky"},
            "error is 'Unlucky': send one of MakingGtRemaining, InvalidSignature",
        ),
        ("revert", {"gas": 59_999}, "gas is 59999: send a whole number between 60000 and 30000000"),
        ("revert", {"gas": 90_000, "error": "NotCrossing"}, "send an error or a gas limit, not both"),
        ("reorg", {"depth": 65}, "depth is 65: send a whole number between 1 and 64"),
        ("reorg", {"drop": "no"}, "drop is 'no': send true or false"),
        ("mine", {"blocks": 0}, "blocks is 0: send a whole number between 1 and 256"),
        ("freeze", {"ms": 5}, "unknown ms: the keys are for_ms"),
    ],
)
def test_a_bad_argument_says_what_to_do(troubled: Bench, verb: str, body: Any, text: str) -> None:
    """A bad argument answers 400 with the reason and what to send."""
    answer = troubled.http.post(f"{troubled.ready['control']}/verbs/{verb}", json=body)
    assert answer.status_code == 400
    assert text in answer.json()["error"]


def test_the_acceptor_is_killed_and_comes_back(troubled: Bench) -> None:
    """After `restart of fix` another process serves FIX."""
    before = eventually(lambda: _up(troubled))
    begin(troubled, "restart", of="fix")
    after = eventually(lambda: (now := _up(troubled)) and now["pids"] != before["pids"] and now)
    assert after["restarts"] == before["restarts"] + 1


def _up(bench: Bench) -> dict[str, Any] | None:
    fix: dict[str, Any] = bench.control("/health")["fix"]
    return fix if fix["state"] == "up" and fix["pids"] else None


def test_a_restart_of_the_websockets_closes_all_and_keeps_orders(troubled: Bench) -> None:
    """Both channels are closed with 1012; orders stay, and a new connection is served."""
    market = troubled.market()
    maker = troubled.customer(market, collateral="10")
    placed = maker.order(market["yes"], "BUY", 0.5, 10)
    with subscribed(troubled, maker, market) as sockets:
        begin(troubled, "restart", of="ws")
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(DEADLINE_S)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1012, "service restart")
    assert [row["id"] for row in maker.client.get_open_orders()] == [placed["orderID"]]
    with subscribed(troubled, maker, market) as (_, own):
        maker.client.cancel_all()
        assert read_until(own, lambda row: row["event_type"] == "order")[-1]["type"] == "CANCELLATION"


@pytest.mark.parametrize("outcome", ["yes", "no"])
def test_a_resolved_market_is_closed_on_chain_and_off(troubled: Bench, outcome: str) -> None:
    """The contract pays the outcome; live orders are cancelled, new ones refused, REST names the winner."""
    market = troubled.market()
    maker = troubled.customer(market, collateral="20")
    placed = maker.order(market["yes"], "BUY", 0.5, 10)["orderID"]
    signed = maker.client.create_order(OrderArgs(token_id=market["no"], price=0.4, size=10, side="BUY"))
    with subscribed(troubled, maker, market) as (prices, own):
        begin(troubled, "resolve", market=market["condition"], outcome=outcome)
        event = read_until(own, lambda row: row["event_type"] == "order")[-1]
        assert (event["type"], event["status"]) == ("CANCELLATION", "CANCELED_MARKET_RESOLVED")
        assert read_until(prices, lambda row: row["event_type"] == "price_change")
    full = troubled.http.get(f"{troubled.ready['rest']}/markets/{market['condition']}").json()
    assert (full["closed"], full["accepting_orders"], full["enable_order_book"]) == (True, False, False)
    winners = {row["outcome"].lower(): (row["winner"], row["price"]) for row in full["tokens"]}
    loser = {"yes": "no", "no": "yes"}[outcome]
    assert winners == {outcome: (True, 1), loser: (False, 0)}
    assert maker.client.get_order(placed)["status"] == "CANCELED_MARKET_RESOLVED"
    gone = {"error": f"the orderbook {market['no']} does not exist"}
    assert refused(lambda: maker.client.post_order(signed)) == (400, gone)
    assert _numerators(troubled, market) == ([1, 0] if outcome == "yes" else [0, 1])
    again = {"market": market["condition"], "outcome": outcome}
    answer = troubled.http.post(f"{troubled.ready['control']}/verbs/resolve", json=again)
    assert (answer.status_code, "is resolved already" in answer.text) == (400, True)


def _numerators(bench: Bench, market: dict[str, str]) -> list[int]:
    found = []
    for slot in range(2):  # payoutNumerators(bytes32,uint256)
        data = "0x0504c814" + market["condition"][2:] + f"{slot:064x}"
        found.append(int(bench.rpc("eth_call", {"to": CONTRACTS_137.ctf, "data": data}, "latest"), 16))
    return found


def test_a_tick_change_is_told_and_holds(troubled: Bench) -> None:
    """REST and the market channel tell the new tick, orders off it are refused, and resting ones stay."""
    market = troubled.market("0.001")
    maker = troubled.customer(market, collateral="20")
    fine = maker.order(market["yes"], "BUY", 0.123, 10)["orderID"]
    args = OrderArgs(token_id=market["yes"], price=0.234, size=10, side="BUY")
    off, on = (maker.client.create_order(each) for each in (args, OrderArgs(**{**vars(args), "price": 0.23})))
    with subscribed(troubled, maker, market) as (prices, _):
        begin(troubled, "tick", market=market["condition"], tick="0.01")
        event = read_until(prices, lambda row: row["event_type"] == "tick_size_change")[-1]
    assert (event["old_tick_size"], event["new_tick_size"]) == ("0.001", "0.01")
    assert (event["market"], event["asset_id"]) == (market["condition"], market["yes"])
    told = troubled.http.get(f"{troubled.ready['rest']}/tick-size", params={"token_id": market["no"]})
    assert told.json() == {"minimum_tick_size": 0.01}
    status, body = refused(lambda: maker.client.post_order(off))
    assert (status, "breaks minimum tick size rule: 0.01" in body["error"]) == (400, True)
    assert maker.client.post_order(on)["status"] == "live"
    assert maker.client.get_order(fine)["status"] == "LIVE"
    answer = troubled.http.post(
        f"{troubled.ready['control']}/verbs/tick", json={"market": market["condition"], "tick": "0.01"}
    )
    assert (answer.status_code, "is 0.01 already" in answer.text) == (400, True)


def test_what_goes_on_ends_with_the_venue() -> None:
    """A venue that is frozen, paused and in a restart stops as cleanly as any other."""
    process, ready = start_venue("2026.11.2")
    bench = Bench(ready)
    for verb, body in (
        ("freeze", {"for_ms": 600_000}),
        ("pause", {"for_ms": 600_000}),
        ("delay", {"of": "settlement", "for_ms": 600_000}),
        ("restart", {"of": "matcher", "for_ms": 600_000}),
        ("restart", {"of": "ws"}),
        ("restart", {"of": "fix"}),
    ):
        begin(bench, verb, **body)
    bench.http.close()
    assert stop_venue(process) == 0


def test_what_lasts_can_be_ended(troubled: Bench) -> None:
    """DELETE /verbs ends halts, a freeze, a delay and the reverts that did not come yet."""
    market = troubled.market()
    seller, buyer = troubled.customer(market, yes="10"), troubled.customer(market, collateral="10")
    begin(troubled, "freeze", for_ms=600_000)
    begin(troubled, "delay", of="settlement", for_ms=600_000)
    begin(troubled, "revert", times=100)
    seller.order(market["yes"], "SELL", 0.5, 10)
    taker = make(buyer, market["yes"], Side.BUY, "0.5", "5")  # the client would wait 30 s for a hash
    held_back = post(troubled, buyer, taker)[1]["tradeIDs"][0]
    begin(troubled, "pause", for_ms=600_000)
    begin(troubled, "restart", of="matcher", for_ms=600_000, post_only_ms=60_000)
    assert refused(lambda: buyer.order(market["yes"], "BUY", 0.5, 5))[0] == 425

    answer = troubled.http.delete(troubled.ready["control"] + "/verbs")

    assert (answer.status_code, answer.json()) == (200, {"ended": True})
    reply = buyer.order(market["yes"], "BUY", 0.5, 5)
    for trade in (held_back, reply["tradeIDs"][0]):
        buyer.until_status(trade, "CONFIRMED")
