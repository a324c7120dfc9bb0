"""What one step would do, for every kind of action: its words, its effect, and the hosts it may lead to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness import guard
from harness.case.actions import Fund, Market, Own, RestCall
from harness.case.read import parse_case
from harness.case.values import Case
from harness.guard import Effect, Identity, Kind, operations_of

from .plans import HERE, PROOFS, plan

CASE = """
id: ESC-1
title: t
status: open
severity: minor
component: clob
actors: {alice: trader}
steps:
  - {id: first, rest: GET /time, expect: {status: 200}}
  - id: it
    rest: GET /time
    expect: {status: 200}
symptom: {step: it, shows: {status: 500}}
"""


def case_of(call: str = "GET /time", more: str = "") -> Case:
    return parse_case(CASE.replace("    rest: GET /time\n", f"    rest: {call}\n{more}"), "cases/ESC-1.yaml")


def told(case: Case) -> str:
    return "; ".join(str(each) for each in operations_of(case) if each.where == "step 'it'")


def doing(action: Any) -> Case:
    case = case_of()
    return replace(case, parts=(case.steps[0], replace(case.steps[1], action=action)))


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        (Own("look", {}, True), "step 'it': the project's own step 'look' reads"),
        (Own("move", {}, False), "step 'it': the project's own step 'move' is not known to only read"),
        (Fund({}), "step 'it': target: fund writes"),
        (Market({}), "step 'it': target: market writes"),
        (RestCall("POST", "/order", order={}), "step 'it': rest: POST /order writes"),
        (RestCall("POST", "/books"), "step 'it': rest: POST /books reads"),
        (RestCall("GET", "/time", order={}), "step 'it': rest: GET /time is not known to only read"),
        (RestCall("GET", "/time", orders=({},)), "step 'it': rest: GET /time is not known to only read"),
        (RestCall("GET", "/time", json={}), "step 'it': rest: GET /time is not known to only read"),
        (RestCall("GET", "/time", raw=""), "step 'it': rest: GET /time is not known to only read"),
        (RestCall("GET", "/time", headers={}), "step 'it': rest: GET /time reads"),
    ],
)
def test_an_action_is_told(action: Any, operation: str) -> None:
    """By what it is, and for a request by each of the bodies that it may have."""
    assert told(doing(action)) == operation


def test_references_are_judged_before_they_are_known() -> None:
    """A reference in a path is one segment of it; headers that are one could say anything."""
    assert told(case_of("GET /data/order/${first.got.at}")) == (
        "step 'it': rest: GET /data/order/${first.got.at} reads"
    )
    assert (
        told(case_of("GET /${first.got.at}"))
        == "step 'it': rest: GET /${first.got.at} is not known to only read"
    )
    assert told(case_of("GET /time", "    headers: ${first.got.at}\n")) == (
        "step 'it': rest: GET /time with ${first.got.at} as headers is not known to only read"
    )


def test_what_leads_elsewhere_is_kept_with_the_operation() -> None:
    """The names of its headers that do, and no other."""
    led = operations_of(doing(RestCall("GET", "/time", headers={"Host": "x", "accept": "y"})))
    assert [each.reroutes for each in led] == [(), (), ("host",)]
    assert led[2].effect is Effect.UNKNOWN


def test_a_node_of_this_machine_may_imitate_a_main_net_by_a_name() -> None:
    """Its name leads to loopback, and only staging is refused a chain where money is real."""
    urls = {**HERE, "chain": "http://node.test:8545"}
    made = plan(Kind.LOCAL, urls=urls, identity=Identity("staging", 137, "2026.11.2"))
    asked = guard.inquiry(made, {"node.test": ("127.0.0.1",)})
    assert guard.permit(asked, replace(PROOFS, chain_id=137)).plan == made
