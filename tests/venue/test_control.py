"""The control API: bad requests say what is wrong and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from harness.wire import ctf
from harness.wire.clob import CONTRACTS_137

from .bench import Bench

ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"


def test_a_listed_market_is_what_the_chain_says(bench: Bench) -> None:
    """A market's ids follow from its oracle and question, and its condition is prepared on chain."""
    market = bench.market("0.001")
    assert ctf.condition_id(market["oracle"], market["question_id"]) == market["condition"]
    for index_set, name in ((1, "yes"), (2, "no")):
        collection = ctf.collection_id(market["condition"], index_set)
        assert str(ctf.position_id(CONTRACTS_137.usdce, collection)) == market[name]
    slots = {"to": CONTRACTS_137.ctf, "data": "0xd42dc0c2" + market["condition"][2:]}
    assert int(bench.rpc("eth_call", slots, "latest"), 16) == 2
    assert market in bench.control("/markets")


def test_a_market_tells_its_kind(bench: Bench) -> None:
    """What POST /markets was told of a market's kind stands in every answer about it."""
    kind = {"fee_rate": "0.05", "fee_exponent": 2, "taker_delay_ms": 250, "seconds_delay": 3}
    told = {"min_size": "15", "question": "Will it rain?", "slug": "will-it-rain"}
    market = bench.market(**kind, **told)
    assert {name: market[name] for name in (*kind, *told)} == kind | told
    assert market["neg_risk"] is False
    rest, token = bench.ready["rest"], market["yes"]
    short = bench.http.get(f"{rest}/clob-markets/{market['condition']}").json()
    assert short["fd"] == {"r": 0.05, "e": 2, "to": True}
    assert (short["mos"], short["sd"], short["itode"], short["mbf"], short["tbf"]) == (15, 3, True, 0, 500)
    assert "nr" not in short
    assert bench.http.get(f"{rest}/fee-rate", params={"token_id": token}).json() == {"base_fee": 500}
    assert bench.http.get(f"{rest}/neg-risk", params={"token_id": token}).json() == {"neg_risk": False}
    full = bench.http.get(f"{rest}/markets/{market['condition']}").json()
    assert (full["question"], full["market_slug"], full["seconds_delay"]) == (*list(told.values())[1:], 3)
    assert (full["taker_base_fee"], full["minimum_order_size"], full["neg_risk"]) == (500, 15, False)


def test_a_plain_market_tells_no_kind(bench: Bench) -> None:
    """Fee details, delays and the neg-risk flag are left out where a market has none."""
    short = bench.http.get(f"{bench.ready['rest']}/clob-markets/{bench.market()['condition']}").json()
    assert not {"fd", "itode", "nr"} & set(short)
    assert (short["sd"], short["tbf"]) == (0, 0)


def test_health(bench: Bench) -> None:
    """Health names the build."""
    health = bench.control("/health")
    assert (health["ok"], health["build"]) == (True, "2026.11.2")


def test_funding_adds_up(bench: Bench) -> None:
    """Money and shares are added to what an address has."""
    market = bench.market()
    body = {"address": ADDRESS, "market": market["condition"], "yes": "50.25"}
    bench.control("/fund", body)
    assert bench.control("/fund", body | {"no": "1"})["yes"] == "100.5"


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/build", {"build": "9"}, "there is no build '9': name one of"),
        ("/build", [], "send a JSON object with build"),
        ("/markets", {"tick": "0.02"}, "is not one of 0.1, 0.01"),
        ("/markets", {"tack": "0.01"}, "unknown tack: the keys are tick"),
        ("/markets", {"neg_risk": "yes"}, "neg_risk is true or false, not 'yes'"),
        ("/markets", {"neg_risk": 1}, "neg_risk is true or false"),
        ("/markets", {"fee_rate": "much"}, "fee_rate is a decimal number such as 0.05, not 'much'"),
        ("/markets", {"fee_rate": "2"}, "a fee rate of 2: it is above 0 and at most 0.1"),
        ("/markets", {"fee_exponent": 2}, "fee_exponent means nothing without a fee_rate"),
        ("/markets", {"fee_rate": "0.1", "fee_exponent": 9}, "a whole number from 1 to 8"),
        ("/markets", {"taker_delay_ms": "250"}, "taker_delay_ms is a whole number, not '250'"),
        ("/markets", {"taker_delay_ms": 60_001}, "delay_ms is 60001: it is from 0 to 60000"),
        ("/markets", {"min_size": "2.5"}, "min_size is a whole number of shares"),
        ("/markets", {"question": 5}, "question is a text"),
        ("/fund", {}, "an address must be"),
        ("/fund", {"address": ADDRESS, "collateral": 5}, "5 is not an amount: write it as a text"),
        ("/fund", {"address": ADDRESS, "collateral": "0.0000001"}, "at most 6 decimals"),
        ("/fund", {"address": ADDRESS, "yes": "5"}, "POST /markets first"),
        ("/fund", {"address": ADDRESS, "market": "0x12"}, "POST /markets first"),
    ],
)
def test_a_bad_request_says_what_to_do(bench: Bench, path: str, body: Any, text: str) -> None:
    """Each bad request answers 400 with the reason."""
    answer = bench.http.post(bench.ready["control"] + path, json=body)
    assert answer.status_code == 400
    assert text in answer.json()["error"]
