"""Checks over what streams deliver: exactly_once, flows, book."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness.checks.flows import stamp_in
from harness.matchers import LOST, NOTHING, Differs, Extra

from .checks_bodies import MARKET, OE, bought, fix_came, judged
from .story import FACTS, ORDER, Story, filled, trade


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

    def test_with_confirmations_only_what_lies_so_deep_is_counted(self) -> None:
        """A log that is taken back before that is none; one that is deep enough in one look is."""
        rule = "exactly_once: {chain: events, where: {OrderFilled: {side: 0}}, confirmations: 3, count: 1}"
        gone, log = filled(0, 1_600_000, 5_000_000), filled(0, 2_600_000, 5_000_000)
        story = bought()
        for second in range(1, 8):
            story.at(1000 * second + 10).look("check:c", 8 + second, *([gone] if second < 3 else [log]))
        found = judged(rule, story)
        assert (found.holds, found.text) == (True, "1 effect in 1 event, each once")
        assert not judged(rule.replace("confirmations: 3, ", ""), story).holds

    def test_without_enough_confirmations_nothing_is_shown(self) -> None:
        """What lies less deep by the deadline than is asked for has not happened."""
        rule = "exactly_once: {chain: events, where: {OrderFilled: {side: 0}}, confirmations: 7}"
        story = bought()
        for second in range(1, 8):
            story.at(1000 * second + 10).look("check:c", 9 + second // 2, filled(0, 2_600_000, 5_000_000))
        found = judged(rule, story)
        assert (found.holds, found.text) == (False, "not shown: nothing came on chain with 7 confirmations")

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
