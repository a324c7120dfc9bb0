"""`book`: a local book from snapshots and deltas, and every way in which it can be wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.checks.localbook import LocalBook
from harness.finding import Finding
from harness.matchers import NOTHING, Differs
from harness.wire import clob

from .checks_bodies import MARKET, bought, judged
from .story import ALICE, Story


def told(*messages: tuple[int, Any]) -> Story:
    story = bought()
    for at, message in messages:
        story.at(at).push(message)
    return story


MAKERS = {
    "maker_orders": [
        {"order_id": "m1", "matched_amount": "2", "price": "0.5"},
        {"order_id": "m2", "matched_amount": "3", "price": "0.6"},
    ]
}


def snapshot(bids: dict[str, str], asks: dict[str, str], token: str = "7") -> dict[str, Any]:
    """A `book` message with its own hash, best levels last."""
    view: dict[str, Any] = {
        "event_type": "book",
        "market": "0x1",
        "asset_id": token,
        "timestamp": "1760000000000",
        "hash": "",
        "bids": [{"price": p, "size": s} for p, s in bids.items()],
        "asks": [{"price": p, "size": s} for p, s in asks.items()],
        "min_order_size": "5",
        "tick_size": "0.01",
        "neg_risk": False,
        "last_trade_price": "",
    }
    return view | {"hash": clob.book_hash(view)}


def delta(side: str, price: str, size: str, bid: str, ask: str, token: str = "7") -> dict[str, Any]:
    one = {"asset_id": token, "price": price, "size": size, "side": side, "best_bid": bid, "best_ask": ask}
    return {"event_type": "price_change", "price_changes": [one], "timestamp": "1760000000001"}


START = snapshot({"0.4": "10", "0.41": "5"}, {"0.45": "7", "0.44": "2"})


class TestBook:
    """A book built from the channel is never crossed, is told right, and agrees with REST."""

    RULE = 'book: {ws: market, token: "7"}'
    REST = 'book: {ws: market, token: "7", rest: true}'

    def built(self, *messages: Any) -> Story:
        story = Story().at(900).opened(MARKET)
        for at, message in enumerate((START, *messages)):
            story.at(1100 + at * 100).push(message, source=MARKET)
        return story

    def reads(self, story: Story, *answers: tuple[int, dict[str, Any]]) -> Finding:
        source = ALICE.__class__("rest")
        for at, body in answers:
            intent = {"method": "GET", "path": "/book", "params": {"token_id": "7"}}
            story.at(at).send("check:c", intent, source).at(at + 10).answer("check:c", body, source)
        return judged(self.REST, story)

    def test_a_book_that_is_told_right_holds(self) -> None:
        """Deltas, removals and other tokens' words."""
        story = self.built(
            delta("BUY", "0.42", "1", "0.42", "0.44"),
            delta("SELL", "0.44", "0", "0.42", "0.45"),
            delta("BUY", "0.9", "1", "0.9", "1", token="8"),
            snapshot({"0.1": "1"}, {}),
            delta("BUY", "0.1", "0", "0", "1"),
        )
        found = judged(self.RULE, story)
        assert (found.holds, found.text) == (
            True,
            "the book was right after each of 5 frames; 2 hashes were checked",
        )
        assert judged(self.RULE, story, within=None).holds

    @pytest.mark.parametrize(
        ("message", "text", "shown"),
        [
            (
                delta("BUY", "0.46", "1", "0.46", "0.44"),
                "the book is crossed: bid 0.46, ask 0.44",
                {"crossed": {"bid": Decimal("0.46"), "ask": Decimal("0.44")}},
            ),
            (
                delta("SELL", "0.41", "1", "0.41", "0.41"),
                "the book is locked: bid 0.41, ask 0.41",
                {"crossed": {"bid": Decimal("0.41"), "ask": Decimal("0.41")}},
            ),
            (
                delta("BUY", "0.3", "1", "0.42", "0.44"),
                "best_bid is told as 0.42, and the book's own is 0.41",
                {"best_bid": {"told": Decimal("0.42"), "book": Decimal("0.41")}},
            ),
            (
                START | {"hash": "00"},
                f"the snapshot's hash is 00, and its own fields give {START['hash']}",
                {"hash": "00", "computed": START["hash"]},
            ),
            (
                snapshot({"0.4": "10"}, {}) | {"bids": [{"price": "0.4", "size": "11"}]},
                None,
                None,
            ),
        ],
    )
    def test_each_fault_is_named(self, message: Any, text: str | None, shown: Any) -> None:
        """Crossed, locked, a wrong best price, a hash that does not fit."""
        found = judged(self.RULE, self.built(message))
        assert (found.holds, found.at_us) == (False, 1_200_000)
        if text is not None:
            assert (found.text, found.shown) == (f"ws.market at 1.200 s: {text}", shown)

    @pytest.mark.parametrize(
        "message",
        [START | {"bids": ["x"]}, START | {"asks": [None]}, START | {"bids": {}}, START | {"asks": 1}],
    )
    def test_a_snapshot_of_another_shape_is_a_finding(self, message: Any) -> None:
        """What is no level cannot be read, and the check says so."""
        found = judged(self.RULE, self.built(message))
        assert (found.holds, found.at_us) == (False, 1_200_000)
        assert "the snapshot cannot be read" in found.text

    @pytest.mark.parametrize("changes", [None, 1, "x", {}])
    def test_changes_of_another_shape_change_nothing(self, changes: Any) -> None:
        """What lists no changes is none."""
        found = judged(self.RULE, self.built({"event_type": "price_change", "price_changes": changes}))
        assert found.holds

    def test_a_lost_delta_is_found_by_the_best_price_after_it(self) -> None:
        """The removal of the best ask never came."""
        found = judged(self.RULE, self.built(delta("BUY", "0.42", "1", "0.42", "0.45")))
        assert found.shown == {"best_ask": {"told": Decimal("0.45"), "book": Decimal("0.44")}}

    def test_one_without_a_snapshot_is_not_shown(self) -> None:
        """Deltas alone make no book."""
        story = (
            Story().at(900).opened(MARKET).at(1100).push(delta("BUY", "0.1", "1", "0.1", "1"), source=MARKET)
        )
        assert judged(self.RULE, story).shown is NOTHING

    def test_it_agrees_with_rest_as_of_the_time_of_the_read(self) -> None:
        """The first equal answer decides, its levels in any order."""
        found = self.reads(self.built(), (2000, START | {"bids": START["bids"][::-1]}))
        assert (found.holds, found.text) == (True, "the book equals GET /book at 2.010 s")

    def test_levels_that_differ_from_rest_are_listed(self) -> None:
        """A level that only one side has is the gap."""
        other = snapshot({"0.4": "10", "0.41": "6"}, {"0.45": "7"})
        found = self.reads(self.built(), *((at, other) for at in range(2000, 8000, 1000)))
        assert not found.holds
        assert found.text.split("\n")[1:] == [
            "  BUY 0.41: 5 on ws.market, 6 in GET /book at 5.010 s",
            "  SELL 0.44: 2 on ws.market, 0 in GET /book at 5.010 s",
        ]
        assert found.shown == Differs(
            {
                "ws": {"BUY 0.41": Decimal(5), "SELL 0.44": Decimal(2)},
                "rest": {"BUY 0.41": Decimal(6), "SELL 0.44": Decimal(0)},
            }
        )

    def test_every_connection_agrees_with_rest(self) -> None:
        """One of two that is behind is named, though the other is right."""
        behind = MARKET.__class__("ws.market", "bob")
        story = self.built().at(950).opened(behind)
        story.at(1150).push(snapshot({"0.4": "10"}, {"0.45": "7"}), source=behind)
        found = self.reads(story, *((at, START) for at in range(2000, 8000, 1000)))
        assert not found.holds
        assert "BUY 0.41: 0 on ws.market(bob), 5 in GET /book at 5.010 s" in found.text

    def test_only_its_own_reads_are_compared(self) -> None:
        """What a step read of the book is no answer to the check."""
        story, source = self.built(), ALICE.__class__("rest")
        intent = {"method": "GET", "path": "/book", "params": {"token_id": "7"}}
        story.at(1900).send("look", intent, source).at(1950).answer("look", START, source)
        other = snapshot({"0.4": "10"}, {"0.45": "7"})
        assert not self.reads(story, *((at, other) for at in range(2000, 8000, 1000))).holds

    @given(st.lists(st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(1, 99), st.integers(0, 9))))
    def test_the_local_book_is_what_the_levels_say(self, changes: list[tuple[str, int, int]]) -> None:
        """Whatever deltas come, each level is the last total that was told of it."""
        book = LocalBook("7")
        list(book.take(iter([snapshot({}, {})]), 0))
        model: dict[tuple[str, Decimal], Decimal] = {}
        for at, (side, cents, size) in enumerate(changes):
            price = Decimal(cents) / 100
            list(book.take(iter([delta(side, str(price), str(size), "", "")]), at))
            model[side, price] = Decimal(size)
        kept = {key: size for key, size in model.items() if size}
        assert book.sides is not None
        assert {(s, p): size for s, levels in book.sides.items() for p, size in levels.items()} == kept
