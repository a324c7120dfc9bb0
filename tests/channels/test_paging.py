"""`pages: all` on the venue, whose pages hold a hundred entries."""

from __future__ import annotations

import pytest
from venue.bench import Bench

from harness.targets import Endpoints

from .played import played

CASE = """\
given:
  - {market: {tick: 0.01}, save: market}
  - fund: {alice: {collateral: 10}}
steps:
  - id: many
    repeat: 103
    steps:
      - id: order
        rest: POST /order
        as: alice
        order: {token: "${market.yes}", side: BUY, price: 0.01, size: 5, type: GTC}
        expect: {status: 200}
  - id: it
    rest: GET /data/orders
    as: alice
    params: {market: "${market.condition}"}
    pages: all
    expect: {status: 200, body: {data: {$length: 103, $some: {id: "${many[102].order.order_id}"}}}}
  - id: watched
    rest: GET /data/orders
    as: alice
    pages: all
    within: 1s
    never: {status: CANCELED}
"""


@pytest.fixture
def endpoints(bench: Bench) -> Endpoints:
    return Endpoints.from_json(bench.ready)


def test_a_long_list_is_read_to_its_end(endpoints: Endpoints) -> None:
    """All of 103 orders are shown as one list, of two pages, and the same when it is replayed."""
    found = played(endpoints, CASE)

    assert [(f.subject, f.text) for f in found.run.findings.values() if not f.holds] == []
    assert len(found.sent("it")) == 2
    assert len(found.sent("watched")) % 2 == 0
