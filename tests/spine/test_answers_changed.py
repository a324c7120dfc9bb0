"""A venue whose answers have another shape than the case knows: the path is named, and nothing passes."""

from __future__ import annotations

from typing import Any

import pytest

from .stage import Peers, live

KNOWN = {"success": True, "order": {"status": "live", "size": "5", "fees": [{"rate": 10}]}}
BODY = """steps:
  - id: buy
    rest: POST /order
    as: alice
    json: {size: 5}
    expect:
      status: 200
      body: {success: true, order: {$only: {status: live, size: "5", fees: [{rate: 10}]}}}
"""


def told(body: Any) -> tuple[bool, list[str]]:
    """Whether a live run holds on a venue that answers so, and the differences that it names."""
    came, _ = live(BODY, Peers().answers("/order", body))
    finding = came.findings["buy"]
    return finding.holds, [str(each) for each in finding.differences]


def test_the_answer_that_the_case_knows_holds() -> None:
    """Unchanged, nothing is named."""
    assert told(KNOWN) == (True, [])


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({**KNOWN, "order": {"status": "live", "fees": [{"rate": 10}]}}, "order.size"),
        ({**KNOWN, "order": {**KNOWN["order"], "size": 5}}, "order.size"),
        ({**KNOWN, "order": {**KNOWN["order"], "fees": [{"rate": "10"}]}}, "order.fees[0].rate"),
        ({**KNOWN, "order": {**KNOWN["order"], "fees": {"rate": 10}}}, "order.fees"),
        ({**KNOWN, "order": {**KNOWN["order"], "maker": True}}, "order"),
        ({**KNOWN, "order": None}, "order"),
        ({"order": KNOWN["order"]}, "success"),
    ],
    ids=["removed", "retyped", "retyped inside", "another container", "added", "null", "removed at the top"],
)
def test_a_changed_answer_is_a_finding_with_its_path(changed: Any, path: str) -> None:
    """A field that is gone, has another type, or came where only known ones may, is named by its path."""
    holds, differences = told(changed)
    assert not holds
    assert any(each.startswith(f"body.{path}") for each in differences), differences
