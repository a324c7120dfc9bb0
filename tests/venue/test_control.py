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
