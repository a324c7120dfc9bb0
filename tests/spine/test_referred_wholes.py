"""Whole values by reference: mappings of a request, lists of `$in`, and the wallet of a row's actor."""

from __future__ import annotations

from typing import Any

import pytest

from harness.case import lint
from harness.case.channels import Actor
from harness.case.read import parse_case

from .stage import Peers, same
from .story import HEADER, SYMPTOM, case, problems

ROWS = """examples:
  all: {filter: {limit: 5, status: live}, body: {size: 5}, states: [live, matched], text: plain}
  one: {filter: {limit: 1, status: live}, body: {size: 1}, states: [live], text: plain}
"""
STEPS = """steps:
  - {id: buy, rest: POST /order, json: "${body}", headers: "${filter}", expect: {status: 200}}
  - {id: it, rest: GET /data/orders, params: "${%s}", expect: {body: {status: {$in: "${%s}"}}}}
"""


def came(params: str, states: str, row: int = 0) -> tuple[Any, list[Any]]:
    """The finding of a read, and what was sent."""
    read = case(ROWS + STEPS % (params, states))
    peers = Peers().answers("/order", {}).answers("/data/orders", {"status": "matched"})
    found = same(read, peers, values=read.rows[row].values).findings["it"]
    return found, [intent for _, intent in peers.sent]


def test_a_column_may_be_a_mapping_or_a_list() -> None:
    """`params`, `headers` and `json` are the row's mapping, and `$in` takes one of the row's list."""
    found, (post, get) = came("filter", "states")
    other, _ = came("filter", "states", row=1)

    assert (post["json"], post["headers"]) == ({"size": 5}, {"limit": 5, "status": "live"})
    assert get["params"] == {"limit": 5, "status": "live"}
    assert (found.holds, other.holds) == (True, False)
    assert [str(each) for each in other.differences] == [
        'body.status: expected {$in: ${states}}, found "matched": they differ',
    ]


@pytest.mark.parametrize(
    ("params", "states", "text"),
    [
        ("text", "states", "cannot be built: 'params' is a mapping, and ${text} gives \"plain\""),
        ("filter", "text", 'cannot be built: $in takes a list of one or more plain values; found "plain"'),
    ],
)
def test_a_reference_to_something_else_is_a_finding(params: str, states: str, text: str) -> None:
    """What is no mapping, or no list, fails the step that needs one."""
    found, _ = came(params, states)

    assert (found.holds, found.text) == (False, text)


def test_text_around_a_reference_is_no_mapping() -> None:
    """Only a reference that is the whole value can be a mapping."""
    steps = "steps:\n  - {id: buy, rest: GET /time, params: 'a ${now}', expect: {status: 200}}\n"
    found = problems(HEADER + steps + SYMPTOM % "buy")

    assert [text.split(": ", 1)[1] for text in found] == [
        "C002 'params' is a mapping of names to values, or one reference to such a mapping"
    ]


WALLETS = """actors: {alice: {role: trader, wallet: "${kind}"}}
examples:
  plain: {kind: eoa}
  safe: {kind: safe}
"""
NO_ACTORS = HEADER.replace("actors: {alice: trader}\n", "")
STEP = "steps:\n  - {id: buy, rest: GET /time, expect: {status: 200}}\n"


def test_a_row_gives_an_actor_its_wallet() -> None:
    """The wallet of an actor is the column's value in each row, and the column is in use."""
    read = parse_case(NO_ACTORS + WALLETS + STEP + SYMPTOM % "buy", "cases/ESC-1.yaml")
    (alice,) = read.cast.actors

    assert [alice.wallet_in(row.values) for row in read.rows] == ["eoa", "safe"]
    assert Actor("bob", "trader", "proxy").wallet_in({}) == "proxy"
    assert lint.warnings(read) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("safe}", "metamask}"),
        ('"${kind}"', '"${kid}"'),
        ('"${kind}"', '"a ${kind}"'),
        ("{kind: eoa}", "{kind: 5}"),
    ],
)
def test_a_column_of_wallets_holds_wallets(old: str, new: str) -> None:
    """Another reference than one to a column of kinds of wallets is an error of the case."""
    found = problems(NO_ACTORS + WALLETS.replace(old, new) + STEP + SYMPTOM % "buy")

    assert [text.split(": ", 1)[1] for text in found] == [
        "C067 the wallet of 'alice' is eoa, proxy, safe, deposit, or a column of 'examples' with these"
    ]
