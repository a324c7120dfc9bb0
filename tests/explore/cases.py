"""A case with varied inputs, for the tests of exploring."""

from __future__ import annotations

from harness.case.read import parse_case
from harness.case.values import Case
from harness.errors import CaseError

VARY = """\
  price: {on_tick: market, between: [0.01, 0.99], example: 0.52}
  size: {between: [5, 100], example: 10}
  side: {one_of: [BUY, SELL], example: BUY}
"""
TEXT = """\
# Kept: a remark at the head.
id: ESC-1
title: "A cross is missed"   # and one behind
status: fixed
fixed_in: "2026.9.2"  # goes with its line
severity: minor
component: clob/matching
actors: {alice: trader}
vary:
%s
given:
  - market: {tick: 0.01}
    save: market

steps:
  - id: first
    rest: POST /order
    order: {token: "${market.yes}", side: "${side}", price: "${price}", size: "${size}", type: GTC}
    expect: {status: 200}
  - id: second
    rest: POST /order
    order: {token: "${market.no}", side: BUY, price: 0.4, size: 5, type: GTC}
    expect: {status: 200}
  - id: third
    rest: GET /data/orders
    params: {market: "${market.condition}"}
    expect: {status: 200}

symptom:
  step: first
  shows: {status: 400}
"""


def text(vary: str = VARY) -> str:
    """The case with these varied inputs; those of `VARY` that are not among them are written out."""
    said = TEXT % vary.rstrip("\n")
    for name, value in (("price", "0.52"), ("size", "10"), ("side", "BUY")):
        if f"  {name}:" not in vary:
            said = said.replace(f'"${{{name}}}"', value)
    return said


def case(vary: str = VARY) -> Case:
    """The same, read."""
    return parse_case(text(vary), "cases/ESC-1.yaml")


def wrong(said: str) -> list[str]:
    """What reading a case says is wrong with it, a line each."""
    try:
        parse_case(said, "cases/ESC-1.yaml")
    except CaseError as error:
        return [str(problem) for problem in error.problems]
    return []
