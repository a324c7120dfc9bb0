"""The profile kalshi: its FIX conventions over the same book, judged by two engines and Node's crypto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.venue.faults import VenueError
from harness.venue.profiles import find_profile, names
from harness.venue.settings import Settings

from .bench import HEALTHY, Bench, Customer, Ship, both, eventually, start_venue, stop_venue
from .engine import ENGINES, Engine
from .fixclient import FixClient
from .signing import logon_fields, new_keys

both_engines = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture(scope="module")
def kalshi() -> Iterator[Bench]:
    """A venue that speaks Kalshi's conventions."""
    process, ready = start_venue(HEALTHY, "--profile", "kalshi")
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return new_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def market(kalshi: Bench) -> dict[str, str]:
    return kalshi.market()


def opened(bench: Bench, customer: Customer, keys: tuple[str, str], *logon: Any) -> dict[str, Any]:
    """A session of a customer, with what its engine needs to sign its Logon."""
    session = FixClient.order_entry(bench, customer, public_key=keys[1]).session
    return {**session, "key": keys[0], "logon": logon}


@both_engines
def test_prices_are_cents_of_yes_and_side_2_buys_no(
    kalshi: Bench, market: dict[str, str], keys: tuple[str, str], engine: str
) -> None:
    """A bid and an ask at 48 cents fill each other, and the asker then holds NO, for 52 cents each."""
    alice, bob = (kalshi.customer(collateral="100") for _ in range(2))
    symbol = market["symbol"]
    with Engine(engine, opened(kalshi, alice, keys)) as one, Engine(engine, opened(kalshi, bob, keys)) as two:
        for client in (one, two):
            logon = client.expect("A", (141, "Y"), (49, "KalshiRT"))
            assert len(logon["56"]) == 36
        one.order("a1", symbol, "10", price="48")
        new = one.expect("8", (150, "0"), (39, "0"), (44, "48"), (54, "1"), (55, symbol), (6, "0"))
        assert not new.keys() & {"1", "48", "167"}
        two.order("b1", symbol, "10", (54, 2), price="48")
        two.expect("8", (150, "0"), (44, "48"), (54, "2"), (55, symbol))
        fill = (150, "F"), (39, "2"), (31, "48"), (32, "10"), (6, "48"), (151, "0")
        traded = one.expect("8", *fill, (54, "1"), (1057, "N"))["880"]
        two.expect("8", *fill, (54, "2"), (1057, "Y"), (880, traded))
    eventually(lambda: kalshi.funds(bob, market)["no"] == "10")
    assert kalshi.funds(bob, market)["collateral"] == "94.8"
    held = kalshi.funds(alice, market)
    assert (held["yes"], held["collateral"]) == ("10", "95.2")


@both_engines
def test_refusals_are_codes(
    kalshi: Bench, market: dict[str, str], keys: tuple[str, str], engine: str
) -> None:
    """Text (58) is Kalshi's code and OrdRejReason (103) its reason; a refused price comes back as it was."""
    alice, symbol = kalshi.customer(collateral="100"), market["symbol"]
    with Engine(engine, opened(kalshi, alice, keys)) as client:
        client.expect("A")

        def refused(text: str, reason: int, *more: tuple[int, Any]) -> None:
            client.expect("8", (150, "8"), (39, "8"), (58, text), (103, reason), (55, symbol), *more)

        client.order("a1", symbol, "1000", price="48")
        refused("INSUFFICIENT_BALANCE", 3, (44, "48"))
        client.order("a2", symbol, "10", price="48")
        order_id = client.expect("8", (150, "0"))["37"]
        client.order("a2", symbol, "10", price="47")
        refused("ORDER_ALREADY_EXISTS", 6, (44, "47"))
        client.order("a3", symbol, "10", (54, 2), (18, 6), price="48")
        refused("POST_ONLY_CROSS", 99, (54, "2"), (44, "48"))
        client.order("a4", symbol, "10", (40, 1), price="48")
        refused("INVALID_ORDER", 11)
        client.order("a5", symbol, "10", price="-1")
        refused("INVALID_ORDER", 11, (44, "-1"))
        client.order("a6", "NOBODY", "10", price="48")
        client.expect("j", (58, "MARKET_NOT_FOUND"), (380, 2))
        client.cancel("a7", "a2", symbol)
        client.expect("8", (150, "4"), (37, order_id), (11, "a7"), (41, "a2"), (44, "48"))
        client.cancel("a8", "a2", symbol)
        client.expect("9", (58, "NOT_FOUND"), (102, 1))


@both_engines
def test_a_logon_may_ask_for_dollars_and_for_cancels(
    kalshi: Bench, market: dict[str, str], keys: tuple[str, str], engine: str
) -> None:
    """With 21005=Y prices are dollars; with 8013=Y a logout takes the session's orders off the book."""
    alice, symbol = kalshi.customer(collateral="100"), market["symbol"]
    with Engine(engine, opened(kalshi, alice, keys, (21005, "Y"), (8013, "Y")), reset=False) as client:
        client.expect("A")
        client.order("a1", symbol, "10", (54, 2), price="0.48")
        order_id = client.expect("8", (150, "0"), (54, "2"), (44, "0.48"))["37"]
        client.send("logout")
        client.expect("5")
        client.until("logout")
        client.send("logon")
        client.expect("A")
        client.expect("8", (43, "Y"), (150, "4"), (37, order_id), (44, "0.48"), (41, ""))


def refused(kalshi: Bench, keys: tuple[str, str], *, heartbeat: int = 30, forged: bool = False) -> str:
    """What the Logout says that answers a Logon without a signature, or with one over another time."""
    session = FixClient.order_entry(kalshi, kalshi.customer(), public_key=keys[1]).session
    client = FixClient(session)
    client.connect()
    signed = {"52": "20261128-12:00:00.000", "35": "A", "34": "1", "49": session["sender"], "56": "KalshiRT"}
    signature = logon_fields({"key": keys[0], "logon": ()}, signed) if forged else []
    client.send("A", (98, 0), (108, heartbeat), (141, "Y"), (1137, 9), *signature)
    text = client.expect("5")[58]
    assert client.closed()
    return text


def test_a_logon_that_is_not_signed_is_answered_with_a_logout(kalshi: Bench, keys: tuple[str, str]) -> None:
    """No signature, one over another SendingTime, or a heartbeat of 3 s: Logout with the reason."""
    assert refused(kalshi, keys) == "RawData (96) is not this key's signature"
    assert refused(kalshi, keys, forged=True) == "RawData (96) is not this key's signature"
    assert refused(kalshi, keys, heartbeat=3) == "HeartBtInt (108) must be more than 3"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"kind": "drop_copy"}, "this profile has no drop_copy session, but order_entry"),
        ({"kind": "order_entry", "begin_string": "FIX.4.4"}, "begin_string 'FIX.4.4' is not one of FIXT.1.1"),
        ({"kind": "order_entry", "public_key": "none"}, "send public_key, an RSA key of 2048 bits or more"),
    ],
)
def test_a_session_that_the_profile_has_not_is_refused(
    kalshi: Bench, body: dict[str, str], text: str
) -> None:
    """The control API says what is wrong, and what there is."""
    customer = kalshi.customer()
    key = {} if body["kind"] == "drop_copy" else {"private_key": customer.key}
    url = kalshi.ready["control"] + "/fix-sessions"
    answer = kalshi.http.post(url, json={"address": customer.address, **key, **body})
    assert answer.status_code == 400
    assert text in answer.json()["error"]


@both_engines
def test_a_session_may_cancel_its_day_orders_when_it_ends(bench: Bench, engine: str) -> None:
    """Opened with cancel_on_disconnect, the first exchange cancels DAY orders and keeps GTC ones."""
    market = bench.market()
    customer = bench.customer(collateral="100")
    session = FixClient.order_entry(bench, customer, cancel_on_disconnect=True).session
    yes = f"{market['symbol']}-YES"
    with Engine(engine, session) as client:
        client.expect("A")
        client.order("c1", yes, "10", (59, 0))
        client.expect("8", (150, "0"), (59, "0"))
        client.order("c2", yes, "10", (59, 1))
        kept = client.expect("8", (150, "0"), (59, "1"))["37"]
    eventually(lambda: [row["id"] for row in customer.client.get_open_orders()] == [kept])


@both
def test_esc_1043(ship: Ship, healthy: bool, keys: tuple[str, str]) -> None:
    """On a session that asked for dollars a price is 0.48; the broken build gives a whole number, 0."""
    bench = ship("ESC-1043", healthy)
    symbol, customer = bench.market()["symbol"], bench.customer(collateral="100")
    for logon, asked, shown in (
        ((21005, "Y"), "0.48", "0.48" if healthy else "0"),
        ((21005, "N"), "48", "48"),
    ):
        session = FixClient.order_entry(bench, customer, public_key=keys[1], profile="kalshi").session
        with Engine("fixcore", {**session, "key": keys[0], "logon": [logon]}) as client:
            client.expect("A")
            client.order(f"a{asked}", symbol, "10", price=asked)
            client.expect("8", (150, "0"), (44, shown))


def test_profiles_are_found_by_name() -> None:
    """An unknown name is refused with those there are; every one that is there reads."""
    assert names() == ["kalshi", "polymarket"]
    assert [find_profile(name).name for name in names()] == names()
    with pytest.raises(VenueError, match="there is no profile 'nyse': name one of kalshi, polymarket"):
        find_profile("nyse")
    assert Settings(build=HEALTHY).profile == "polymarket"
