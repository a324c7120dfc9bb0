"""POST /reset: a fresh exchange on the same ports, whatever was before."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from .bench import HEALTHY, Bench, eventually, said, start_venue, stop_venue
from .fixclient import FixClient


@pytest.fixture(scope="module")
def own() -> Iterator[Bench]:
    """A venue that nobody else uses."""
    process, ready = start_venue(HEALTHY)
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


def reset(bench: Bench) -> None:
    assert bench.control("/reset", {}) == {"reset": True}


def test_nothing_of_before_is_left(own: Bench) -> None:
    """Keys, markets, money, blocks, a shipped build and a freeze are gone; the ports are the same."""
    reset(own)
    market = own.market()
    maker = own.customer(market, yes="10")
    maker.order(market["yes"], "SELL", 0.5, 10)
    own.control("/build", {"build": "2026.11.1"})
    own.control("/verbs/freeze", {"for_ms": 600_000})
    own.control("/verbs/mine", {"blocks": 200})

    reset(own)

    assert own.control("/markets") == []
    assert own.control("/build")["build"] == HEALTHY
    assert own.control("/health")["block"] < 10
    assert own.http.get(f"{own.ready['rest']}/book?token_id={market['yes']}").status_code == 404
    with pytest.raises(Exception, match="401"):
        maker.client.get_open_orders()
    own.in_blocks(2)
    again = own.market()
    assert again == market, "markets are numbered from one again"
    assert own.funds(maker, again) == {"address": maker.address, "collateral": "0", "yes": "0", "no": "0"}


def test_a_fresh_exchange_trades_and_settles(own: Bench) -> None:
    """After a reset the whole way goes: keys, money, a match, its settlement, the position."""
    for _ in range(2):
        reset(own)
        market = own.market()
        maker, taker = own.customer(market, yes="10"), own.customer(market, collateral="10")
        maker.order(market["yes"], "SELL", 0.5, 10)
        trade = taker.order(market["yes"], "BUY", 0.5, 10)["tradeIDs"][0]
        taker.until_status(trade, "CONFIRMED")
        positions = own.http.get(f"{own.ready['data']}/positions?user={taker.address}").json()
        assert [row["size"] for row in positions] == [10]


def test_connections_are_closed(own: Bench) -> None:
    """WebSockets are closed with 1001, FIX with a Logout; both can connect to the fresh exchange."""
    market = own.market()
    customer = own.customer(market, collateral="10")
    first = own.control("/health")["fix"]["pids"]
    with own.socket("market") as socket, FixClient.drop_copy(own, customer) as client:
        said(socket, {"type": "market", "assets_ids": [market["yes"]]})
        reset(own)
        assert client.rest()[-1][35] == "5"
        for _ in socket:
            pass
        assert socket.close_code == 1001
    market = own.market()
    customer = own.customer(market, collateral="10")
    with FixClient.drop_copy(own, customer) as client:
        assert client.session["sender"] == "FIRM1_PMX_DC", "CompIDs begin again, in another process"
        customer.order(market["yes"], "BUY", 0.5, 10)
        client.expect("8", (150, "0"))
    eventually(lambda: own.control("/health")["fix"]["pids"] not in ([], first) or None)


def test_an_acceptor_without_sessions_stays(own: Bench) -> None:
    """The acceptor's process is kept where no session was opened: a reset costs no start of quickfix."""
    reset(own)
    kept = eventually(lambda: own.control("/health")["fix"]["pids"])
    for _ in range(3):
        reset(own)
    assert own.control("/health")["fix"]["pids"] == kept


def test_a_reset_in_the_middle_of_things(own: Bench) -> None:
    """Orders and money that come meanwhile are answered or refused; nothing ends, what follows is whole."""
    reset(own)
    market = own.market()
    customer = own.customer(market, collateral="1000")
    over, trouble = threading.Event(), []

    def ask() -> None:
        with httpx.Client() as http:
            while not over.is_set():
                body = {"address": customer.address, "collateral": "1"}
                answer = http.post(own.ready["control"] + "/fund", json=body)
                if answer.status_code not in (200, 500):
                    trouble.append(answer.text)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for _ in range(20):
        reset(own)
    over.set()
    for thread in asking:
        thread.join()
    assert trouble == []
    reset(own)
    market = own.market()
    assert own.funds(own.customer(market, collateral="7"), market)["collateral"] == "7"
