"""`ledger … reserved: true`: what a refusal says is held back is what is open and unsettled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness.matchers import LOST

from .ledgers import (
    BOUGHT,
    HELD_BACK,
    YES,
    looked,
)
from .story import FACTS, Story

OPEN = {
    "id": "o1",
    "status": "LIVE",
    "side": "BUY",
    "asset_id": YES,
    "price": "0.52",
    "original_size": "10",
    "size_matched": "2.5",
}
SETTLED = BOUGHT.told(last_update=str(FACTS.started_wall_us // 1_000_000 - 5))
SETTLING = BOUGHT.told(last_update=str(FACTS.started_wall_us // 1_000_000 + 5))


@pytest.mark.parametrize(
    ("sums", "orders", "trade"),
    [
        ("balance: 0, order amount: 5", [], SETTLED),
        ("balance: 9, sum of active orders: 3900000, order amount (inc. fees): 5", [OPEN], SETTLED),
        ("balance: 9, sum of matched orders: 2600000, order amount (inc. fees): 5", [], SETTLING),
        ("balance: 9, order amount: 5", [OPEN | {"status": "CANCELED"}, OPEN | {"side": "SELL"}], SETTLED),
    ],
)
def test_what_is_held_back_is_what_is_open_and_unsettled(
    sums: str, orders: list[dict[str, Any]], trade: dict[str, Any]
) -> None:
    """The sums of a refusal are those of the open orders of its asset, and of trades not settled by then."""
    found = looked(BOUGHT.moved, told=[trade], rule=HELD_BACK, refused=sums, orders=orders)
    assert found.holds, found.text


@pytest.mark.parametrize(
    ("sums", "orders", "text", "shown"),
    [
        (
            "balance: 6761230, sum of matched orders: 4855820, order amount (inc. fees): 4855820",
            [],
            "4.85582 for matched orders, and its trades give 0: 4.85582 too much",
            {"trades": {"told": Decimal("4.85582"), "expected": Decimal(0)}},
        ),
        (
            "balance: 9, sum of active orders: 1, order amount (inc. fees): 5",
            [OPEN],
            "0.000001 for active orders, and its orders give 3.9: 3.899999 too little",
            {"orders": {"told": Decimal("0.000001"), "expected": Decimal("3.9")}},
        ),
    ],
)
def test_what_is_held_back_for_nothing_is_named(
    sums: str, orders: list[dict[str, Any]], text: str, shown: dict[str, Any]
) -> None:
    """A reservation that no order and no unsettled trade explains, or that lacks one, with the gap."""
    found = looked(BOUGHT.moved, told=[SETTLED], rule=HELD_BACK, refused=sums, orders=orders)
    assert (found.holds, found.shown) == (False, {"reserved": shown})
    assert found.text == f"at 1.020 s the exchange held back {text}"


def test_what_is_held_back_is_not_shown_without_a_refusal_that_still_stands() -> None:
    """Nothing else tells the sums, and orders that were changed since are other orders."""
    assert looked(BOUGHT.moved, told=[SETTLED], rule=HELD_BACK).shown is LOST
    assert looked(BOUGHT.moved, told=[SETTLED], rule=HELD_BACK, refused="duplicate").shown is LOST
    story = Story().at(500).listening()
    story.at(1030).read("more", {"method": "POST", "path": "/order"}, {})
    found = looked(
        BOUGHT.moved, told=[SETTLED], rule=HELD_BACK, refused="balance: 0, order amount: 5", before=story
    )
    assert found.text == "not shown: step 'more' may have changed the orders after the refusal"
