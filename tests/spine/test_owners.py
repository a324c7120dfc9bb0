"""Whose an order is: reads of a check are signed as the actor whose order it looks at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.checks.owners import owner_of
from harness.model import Source

from .checks_bodies import fix_came
from .story import ALICE, ORDER, OTHER_ORDER, Story

BOB_FIX = Source("fix.oe", "bob")
BOB_USER = Source("ws.user", "bob")
REPORT = "35=8|34=2|37={}|150=0|"


def batch(story: Story) -> Story:
    ids = {"order_id": OTHER_ORDER, "order_ids": [OTHER_ORDER, ORDER]}
    return story.send("ladder", {"method": "POST"}, Source("rest", "bob"), ids)


TOLD: dict[str, tuple[Callable[[Story], Story], str]] = {
    "one of a batch": (batch, "bob"),
    "entered over FIX": (lambda story: fix_came(story, 10, REPORT.format(ORDER), BOB_FIX), "bob"),
    "told on the user channel": (
        lambda story: story.push({"event_type": "order", "id": ORDER}, source=BOB_USER),
        "bob",
    ),
    "another order's report": (lambda story: fix_came(story, 10, REPORT.format(OTHER_ORDER), BOB_FIX), ""),
}


@pytest.mark.parametrize(("tell", "owner"), TOLD.values(), ids=TOLD)
def test_an_order_is_its_senders_or_whose_channel_tells_of_it(
    tell: Callable[[Story], Story], owner: str
) -> None:
    """An order of a batch is its sender's, and one that was entered over FIX is whose session reports it."""
    story = Story().at(1).send("other", {"method": "POST"}, ALICE, {"order_id": OTHER_ORDER})
    assert owner_of(ORDER, tell(story).events) == owner


def test_who_signed_it_comes_before_who_is_told() -> None:
    """A report on another's session does not take an order away from who posted it."""
    story = fix_came(Story().at(1), 1, REPORT.format(ORDER), BOB_FIX)
    story.send("mine", {"method": "POST"}, ALICE, {"order_id": ORDER})
    assert owner_of(ORDER, story.events) == "alice"
