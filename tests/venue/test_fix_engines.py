"""The gateway judged by two FIX engines that are not ours: QuickFIX and FIXcore, as customers run them.

QuickFIX checks every message of the exchange against its dictionary; FIXcore checks those of applications
against its own, and acts on those of the session. `JUDGED` says which types each of them was shown.
"""

from __future__ import annotations

from typing import Any

import pytest

from .bench import Bench, Customer, eventually
from .engine import ENGINES, Engine
from .fixclient import FixClient

VERSIONS = ("FIXT.1.1", "FIX.4.4")
JUDGED = {"A", "0", "1", "2", "3", "4", "5", "8", "9", "j"}
"""Logon, Heartbeat, TestRequest, ResendRequest, Reject, SequenceReset, Logout; ExecutionReport,
OrderCancelReject, BusinessMessageReject."""

pytestmark = [pytest.mark.parametrize("version", VERSIONS), pytest.mark.parametrize("engine", ENGINES)]


@pytest.fixture
def yes(market: dict[str, str]) -> str:
    return f"{market['symbol']}-YES"


def entry_of(bench: Bench, customer: Customer, version: str) -> dict[str, Any]:
    return FixClient.order_entry(bench, customer, begin_string=version).session


def test_every_message_of_the_exchange_is_taken(
    bench: Bench, market: dict[str, str], buyer: Customer, yes: str, engine: str, version: str
) -> None:
    """An engine logs on, trades, is refused, misses reports and gets them, is asked for its own, logs out."""
    seller = bench.customer(market, yes="100")
    with Engine(engine, entry_of(bench, buyer, version), reset=False) as client:
        client.expect("A", (98, 0), (108, 30), (34, 1))

        client.order("c1", yes, "10")
        order_id = client.expect("8", (150, "0"), (39, "0"), (11, "c1"), (14, "0"), (151, "10"))["37"]
        seller.order(market["yes"], "SELL", 0.5, 6)
        client.expect(
            "8", (150, "F"), (39, "1"), (31, "0.5"), (32, "6"), (14, "6"), (151, "4"), (37, order_id)
        )
        client.order("c2", yes, "1000")
        assert client.expect("8", (150, "8"), (39, "8"), (103, 0))["58"].endswith("available, requested 500")
        client.send("H", (50, "trader"), (37, order_id), (55, yes), (54, 1))
        client.expect("8", (150, "I"), (39, "1"), (37, order_id))
        client.order("c3", "NOBODY-YES", "10")
        client.expect("j", (380, 2), (372, "D"), (379, "c3"))
        client.order("c4", yes, "10", (44, "0.505"))
        client.expect("j", (380, 18 if version == "FIXT.1.1" else 0), (372, "D"), (379, "c4"))
        client.send("D", (50, "trader"), (11, "c5"), (55, yes), (54, 1), (40, 2), (44, "0.5"))
        client.expect("3", (372, "D"), (371, 38), (373, 1))

        assert client.settled("there?") == set()

        client.send("logout")
        client.expect("5")
        client.until("logout")
        buyer.client.cancel_orders([order_id])
        client.send("logon")
        client.expect("A")
        client.expect("8", (43, "Y"), (150, "4"), (39, "4"), (37, order_id))
        assert client.settled("level") <= {"4"}

        client.send("skip")
        client.send("1", (112, "not answered, as it is filled over"))
        client.expect("2", (16, 0))
        client.settled("even")
        client.cancel("c6", "c1", yes)
        client.expect("9", (11, "c6"), (41, "c1"), (102, 1), (434, 1), (39, 8), (58, "Unknown order"))
        said = [kind for kind, _ in client.said]
        assert (said.count("2"), said.count("4")) == (1, 1)  # it asked for one gap, and filled one

        client.send("logout")
        client.expect("5")
        client.until("logout")
    assert JUDGED - {"1", "4"} <= client.took <= JUDGED


def test_heartbeats_go_both_ways(bench: Bench, buyer: Customer, engine: str, version: str) -> None:
    """With HeartBtInt 1 an engine hears a heartbeat without asking, and says one."""
    with Engine(engine, entry_of(bench, buyer, version), heartbeat_s=1) as client:
        client.expect("A", (108, 1), (141, "Y"))
        for _ in range(2):
            client.expect("0")
        assert "0" in {kind for kind, _ in client.said}


def test_drop_copy_is_taken(
    bench: Bench, market: dict[str, str], buyer: Customer, yes: str, engine: str, version: str
) -> None:
    """An engine on a drop-copy session takes the reports of REST and FIX orders, and may enter none."""
    seller = bench.customer(market, yes="100")
    session = FixClient.drop_copy(bench, buyer, begin_string=version).session
    with Engine(engine, session) as copy:
        copy.expect("A")
        order_id = buyer.order(market["yes"], "BUY", 0.5, 10)["orderID"]
        copy.expect("8", (150, "0"), (37, order_id), (11, ""))
        seller.order(market["yes"], "SELL", 0.5, 6)
        copy.expect("8", (150, "F"), (37, order_id), (32, "6"))
        buyer.client.cancel_orders([order_id])
        copy.expect("8", (150, "4"), (37, order_id), (151, "0"))
        copy.order("c1", yes, "5")
        copy.expect("j", (380, 6), (372, "D"))
        eventually(lambda: bench.funds(buyer, market)["yes"] == "6")
