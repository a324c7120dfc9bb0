"""Checks over what streams deliver: exactly_once, flows, book."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.checks.flows import stamp_in
from harness.checks.localbook import LocalBook
from harness.finding import Finding
from harness.matchers import LOST, NOTHING, Differs, Extra
from harness.wire import clob

from .checks_bodies import MARKET, OE, bought, fix_came, judged
from .story import ALICE, FACTS, ORDER, Story, filled, trade


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


class TestExactlyOnce:
    """One effect per key, however often delivered."""

    RULE = "exactly_once: {ws: user, where: {event_type: trade}}"

    def test_each_order_of_a_trade_is_one_effect_at_each_status(self) -> None:
        """The same id for several fills, and for several statuses, is no repetition."""
        found = judged(
            self.RULE, told((1200, trade() | MAKERS), (1300, trade("MINED") | MAKERS), (1400, {"a": 1}))
        )
        assert (found.holds, found.text) == (True, "6 effects in 2 events, each once")

    def test_one_that_comes_twice_is_named_with_its_key_and_times(self) -> None:
        """A WebSocket marks no message as repeated, so a second one is a second effect."""
        found = judged(self.RULE, told((1200, trade()), (1400, trade()), (1500, trade())))
        assert (found.holds, found.at_us, found.shown) == (False, 1_400_000, Extra(2))
        assert found.text == (
            f"trade t1, status MATCHED, order {ORDER} came at 1.200 s and again at 1.400 s: 3 effects of one"
        )

    def test_the_same_key_with_other_content_is_a_finding_of_its_own(self) -> None:
        """What changed between the two is told."""
        other = trade(size="6")
        found = judged(self.RULE, told((1200, trade()), (1400, other)))
        assert found.shown == Differs({"first": trade(), "again": other})
        assert found.text.endswith("came at 1.200 s and again at 1.400 s with other content: size 5, then 6")

    def test_a_key_of_the_cases_own(self) -> None:
        """Two answers with one order id, counted by a path."""
        rule = "exactly_once: {rest: all, key: [$.body.orderID], count: 1}"
        found = judged(rule, bought())
        assert (
            found.text
            == "what came on rest(alice) at 1.000 s has no key: the event.body has no 'orderID'; it is empty"
        )
        one = bought().at(1100).read("again", {"method": "POST"}, {"orderID": "x"})
        rule = (
            "exactly_once: {rest: all, where: {body: {orderID: {$present}}}, key: [$.body.orderID], count: 1}"
        )
        assert judged(rule, one, cause_ms=1_300).holds
        two = one.at(1200).read("more", {"method": "POST"}, {"orderID": "x"})
        assert judged(rule, two, cause_ms=1_300).shown == Extra(1)

    def test_a_count_of_keys(self) -> None:
        """Each once, and too many or too few of them."""
        story = told((1200, trade()), (1300, trade() | {"id": "t2"}))
        assert judged(self.RULE.replace("}}", "}, count: 2}"), story).holds
        assert judged(self.RULE.replace("}}", "}, count: 1}"), story).shown == Extra(1)
        assert judged(self.RULE.replace("}}", "}, count: 3}"), story).shown == {"keys": 2}

    def test_that_selected_nothing_fails(self) -> None:
        """Nothing is green for nothing."""
        assert judged(self.RULE, told()).shown is NOTHING

    @pytest.mark.parametrize(
        ("again", "holds"),
        [("43=Y|", True), ("97=Y|", True), ("", False), ("43=Y|31=0.6|", False)],
    )
    def test_a_fix_report_delivered_again_says_so(self, again: str, holds: bool) -> None:
        """PossDup and PossResend repeat a delivery; unflagged, or at another price, it is an effect."""
        story = Story().at(900).opened(OE)
        for at, more in ((1100, ""), (1200, again)):
            price = "" if "31=" in more else "31=0.5|"
            fix_came(story, at, f"35=8|34={at}|{more}17=e1|37=o|150=F|32=5|{price}54=1|")
        rule = "exactly_once: {fix: oe, as: alice, where: {ExecutionReport: {ExecType: TRADE}}}"
        assert judged(rule, story).holds is holds

    def test_reports_that_are_no_fills_are_counted_by_a_key(self) -> None:
        """What is known of FIX are its fills; an order that was accepted is told from others by a path."""
        story = fix_came(Story().at(900).opened(OE), 1100, "35=8|34=2|17=e1|37=o|150=0|")
        rule = "exactly_once: {fix: oe, as: alice, where: {ExecutionReport: {ExecType: NEW}}, count: 1}"
        found = judged(rule, story)
        assert (found.holds, found.text) == (
            False,
            "not shown: 1 event of fix.oe(alice), and no fill in them to count: 'key' says what else tells "
            "one effect from another, such as [$.ExecutionReport.ExecID]",
        )
        assert judged(rule.replace("count", "key: [$.ExecutionReport.ExecID], count"), story).holds

    def test_a_log_that_changes_between_looks_is_found(self) -> None:
        """A reorganised chain gives the same place another content; the same log seen again is nothing."""
        rule = "exactly_once: {chain: events, where: {OrderFilled: {side: 0}}}"
        log = filled(0, 2_600_000, 5_000_000)
        story = bought()
        for second in range(1, 8):
            moved = log | {"blockNumber": "0xa"} if second > 3 else log
            story.at(1000 * second + 10).look("check:c", 8 + second, moved)
        assert isinstance(judged(rule, story).shown, Differs)
        still = bought()
        for second in range(1, 8):
            still.at(1000 * second + 10).look("check:c", 8 + second, log)
        assert judged(rule, still).holds


class TestFlows:
    """A stream that should speak does."""

    def speaking(self, *at_ms: int) -> Story:
        story = Story().at(1000).opened(MARKET)
        for at in at_ms:
            story.at(at).push({"timestamp": str(FACTS.started_wall_us // 1000 + at)}, source=MARKET)
        return story

    def test_silence_is_measured_between_messages_and_to_the_deadline(self) -> None:
        """The longest silence of the window is told, and counts from the opening."""
        rule = "flows: {ws: market, gap: 2s}"
        found = judged(rule, self.speaking(2000, 3500, 5000))
        assert (found.holds, found.shown) == (True, {"gap_s": Decimal("1.5")})
        found = judged(rule, self.speaking(2000, 4500, 5000))
        assert (found.holds, found.shown) == (False, {"gap_s": Decimal("2.5")})
        assert found.text == (
            "ws.market was silent for 2.500 s, from 2.000 s to 4.500 s; at most 2.000 s is right"
        )
        assert judged(rule, self.speaking(2000, 3000)).shown == {"gap_s": Decimal(3)}
        assert judged(rule, self.speaking()).shown == {"gap_s": Decimal(5)}

    def test_keepalives_are_no_speech(self) -> None:
        """A connection that only answers PONG is silent."""
        story = self.speaking(1500)
        for at in range(2000, 6000, 500):
            story.at(at).pong(MARKET)
        assert judged("flows: {ws: market, gap: 2s}", story).shown == {"gap_s": Decimal("4.5")}

    def test_with_a_witness_only_silence_that_it_contradicts_counts(self) -> None:
        """While the witness says nothing, a silent stream is no fault; and a dead witness shows nothing."""
        rule = "flows: {ws: market, gap: 2s, witness: {rest: all}}"
        quiet = self.speaking(1100)
        assert judged(rule, quiet).shown is LOST
        spoken = quiet.at(1050).read("seen", {"method": "GET"}, {})
        assert judged(rule, spoken).holds
        assert not judged(rule, spoken.at(3000).read("seen", {"method": "GET"}, {})).holds

    def test_counts_and_ages(self) -> None:
        """How many came, and how old each was when it came."""
        story = self.speaking(1500, 2000)
        assert judged("flows: {ws: market, count: 2}", story).holds
        found = judged("flows: {ws: market, count: {$gte: 3}}", story)
        assert (found.holds, found.shown) == (False, {"count": 2})
        assert judged("flows: {ws: market, age: 1s}", story).holds
        stale = {"timestamp": str(FACTS.started_wall_us // 1000 + 500)}
        found = judged("flows: {ws: market, age: 1s}", story.at(3000).push(stale, source=MARKET))
        assert (found.holds, found.shown, found.seen) == (False, {"age_s": Decimal("2.5")}, stale)
        found = judged("flows: {ws: market, age: 1s}", self.speaking(1500).push({"a": 1}, source=MARKET))
        assert found.text.endswith("has no 'timestamp' that can be read")

    def test_a_timestamp_of_whole_seconds_is_as_young_as_it_can_be(self) -> None:
        """What was written in seconds happened somewhere in its second; FIX says SendingTime."""
        second = {"timestamp": str(FACTS.started_wall_us // 1_000_000)}
        rule = "flows: {ws: market, age: 1s}"
        assert judged(rule, self.speaking().at(1990).push(second, source=MARKET)).holds
        assert not judged(rule, self.speaking().at(2010).push(second, source=MARKET)).holds
        stamp = stamp_in({"Heartbeat": {"SendingTime": "20251009-08:53:20.000"}})
        assert stamp is not None
        assert stamp.ns == 1_760_000_000 * 10**9

    @pytest.mark.parametrize("said", ["soon", "", True, None, [1], "17600000"])
    def test_what_is_no_timestamp_is_none(self, said: Any) -> None:
        """A message without a time that can be read has none."""
        assert stamp_in({"timestamp": said}) is None


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
