"""The target channel: markets, funds and verbs of the venue, and what a target cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from venue.bench import Bench

from harness import exactjson
from harness.accounts import Account, Wallet
from harness.channels.target import TargetDriver
from harness.clock import RunClock
from harness.errors import TargetError
from harness.wire.ctf import CONTRACTS_137, collection_id, condition_id, position_id

from .leaves import OPEN_DIAL
from .notes import Notes
from .webpeer import Answer, WebPeer


@contextmanager
def driver_of(url: str, **accounts: Account) -> Iterator[TargetDriver]:
    driver = TargetDriver(url, accounts, CONTRACTS_137, dial=OPEN_DIAL, clock=RunClock())
    yield driver
    driver.close()


def answer(driver: TargetDriver, intent: dict[str, Any]) -> Any:
    """What an intent is answered."""
    notes = Notes()
    driver.send(intent, notes)
    sent, answered = notes.told
    assert sent.wire == {"control": sorted(intent)}
    return answered.wire


def an_account(kind: str = "eoa") -> Account:
    return Account("alice", Wallet.create(), "key", "secret", "pass", kind)


def test_one_market(bench: Bench) -> None:
    """A market is provided with the ids that its condition has."""
    with driver_of(bench.ready["control"]) as driver:
        market = answer(driver, {"market": {"tick": Decimal("0.001")}})["market"]

    assert (market["tick"], market["condition"]) == (
        "0.001",
        condition_id(market["oracle"], market["question_id"]),
    )


def test_several_markets(bench: Bench) -> None:
    """With a count so many markets are provided, each of its own condition and with its own ids."""
    with driver_of(bench.ready["control"]) as driver:
        markets = answer(driver, {"market": {"tick": Decimal("0.01"), "count": 3}})["markets"]

    assert len({market["condition"] for market in markets}) == 3
    for market in markets:
        token = position_id(CONTRACTS_137.usdce, collection_id(market["condition"], 1))
        assert market["yes"] == str(token)


def test_a_market_with_foreign_ids_is_refused() -> None:
    """A venue whose market has not the ids of its condition provides nothing."""
    facts = {"oracle": "0x" + "11" * 20, "question_id": "0x" + "22" * 32, "condition": "0x" + "33" * 32}
    body = exactjson.dumps({**facts, "yes": "1", "no": "2"}).encode()
    told = pytest.raises(TargetError, match="has not the ids of its condition")
    with WebPeer({"POST /markets": Answer(200, body)}) as peer, driver_of(peer.url) as driver, told as caught:
        answer(driver, {"market": {"count": 2}})

    assert caught.value.code == "T003"


def test_funds_and_approvals(bench: Bench, market: dict[str, str]) -> None:
    """An actor is given what is asked for."""
    alice = an_account()
    with driver_of(bench.ready["control"], alice=alice) as driver:
        intent = {"fund": {"alice": {"collateral": 5, "yes": Decimal("2.5")}}, "market": market["condition"]}
        funded = answer(driver, intent)["funded"]

    assert funded["alice"]["address"] == alice.wallet.address
    assert (funded["alice"]["collateral"], funded["alice"]["yes"]) == ("5", "2.5")


@pytest.mark.parametrize("more", [{}, {"approve": False}])
def test_who_is_funded_and_how(more: dict[str, Any]) -> None:
    """Funds go to the wallet that the actor trades from, gas to its key; approvals are sent through."""
    alice = an_account("safe")
    with WebPeer() as peer, driver_of(peer.url, alice=alice) as driver:
        answer(driver, {"fund": {"alice": {"collateral": 5}}, **more})

    assert [exactjson.loads(asked.body) for asked in peer.asked] == [
        {"address": alice.wallet.address, "approve": False},
        {"address": alice.funder, "collateral": "5", **more},
    ]
    assert alice.funder != alice.wallet.address


def test_the_key_of_a_contract_wallet_has_gas(bench: Bench) -> None:
    """The key behind a contract wallet can send transactions, and owns nothing else."""
    alice = an_account("safe")
    with driver_of(bench.ready["control"], alice=alice) as driver:
        answer(driver, {"fund": {"alice": {"collateral": 5}}})

    assert int(bench.rpc("eth_getBalance", alice.wallet.address, "latest"), 16) > 0
    assert bench.control("/fund", {"address": alice.wallet.address, "approve": False})["collateral"] == "0"


def test_only_actors_are_funded(bench: Bench) -> None:
    """A holder who is nobody is refused."""
    with (
        driver_of(bench.ready["control"]) as driver,
        pytest.raises(TargetError, match="nobody is called 'bob'"),
    ):
        answer(driver, {"fund": {"bob": {"collateral": 1}}})


def test_a_verb_begins(bench: Bench) -> None:
    """A verb of the venue is answered when it has begun, and has its effect."""
    before = int(bench.rpc("eth_blockNumber"), 16)
    with driver_of(bench.ready["control"]) as driver:
        assert answer(driver, {"target": "mine", "blocks": 5}) == {"begun": "mine"}

    assert int(bench.rpc("eth_blockNumber"), 16) >= before + 5


def test_arguments_go_through_as_json() -> None:
    """Arguments are posted as they are: numbers whole, decimals as text, which is exact."""
    listed, begun = Answer(200, b'{"verbs":["tick","pause"]}'), Answer(200, b'{"begun":"tick"}')
    answers = {"GET /verbs": listed, "POST /verbs/tick": begun}
    with WebPeer(answers) as peer, driver_of(peer.url) as driver:
        answer(driver, {"target": "tick", "market": "0x1", "tick": Decimal("0.001"), "for_ms": 300})

    posted = [asked.body for asked in peer.asked if asked.method == "POST"]
    assert [exactjson.loads(body) for body in posted] == [{"market": "0x1", "tick": "0.001", "for_ms": 300}]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"GET /verbs": Answer(404, b"nothing")}, "it can nothing of the kind"),
        ({"GET /verbs": Answer(200, b'{"verbs":["mine"]}')}, "it can mine"),
        (
            {"GET /verbs": Answer(200, b'{"verbs":["restart"]}'), "POST /verbs/restart": Answer(404)},
            "although it lists it",
        ),
    ],
)
def test_what_a_target_cannot_do_makes_it_the_environment_s(answers: dict[str, Answer], told: str) -> None:
    """A target without the verb says so: the case is inconclusive there."""
    refusal = pytest.raises(TargetError, match=f"this target cannot restart.*{told}")
    with WebPeer(answers) as peer, driver_of(peer.url) as driver, refusal as caught:
        answer(driver, {"target": "restart", "of": "fix"})

    assert caught.value.code == "T006"


def test_a_verb_that_is_refused_tells_why(bench: Bench) -> None:
    """What the venue says to wrong arguments reaches the reader."""
    told = pytest.raises(TargetError, match="blocks")
    with driver_of(bench.ready["control"]) as driver, told as caught:
        answer(driver, {"target": "mine", "blocks": "many"})

    assert caught.value.code == "T003"


def test_closing_ends_what_was_begun() -> None:
    """A halt that a case began does not reach the next case; a driver that began nothing ends nothing."""
    with WebPeer() as peer, driver_of(peer.url, alice=an_account()) as driver:
        answer(driver, {"fund": {"alice": {"collateral": 5}}})
    assert [asked.method for asked in peer.asked] == ["POST"]

    listed = Answer(200, b'{"verbs":["pause"]}')
    begun = Answer(200, b'{"begun":"pause"}')
    with WebPeer({"GET /verbs": listed, "POST /verbs/pause": begun}) as peer:
        with driver_of(peer.url) as driver:
            answer(driver, {"target": "pause", "for_ms": 60_000})
        assert (peer.asked[-1].method, peer.asked[-1].target) == ("DELETE", "/verbs")
