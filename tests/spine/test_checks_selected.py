"""Checks over selected events: always, never, adds_up, happens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.checks import prepared
from harness.checks.addsup import sum_of
from harness.intents import Inputs
from harness.matchers import LOST, NOTHING, Closed, Late
from harness.model import Source
from harness.scope import Scope
from harness.world import StreamNeed

from .checks_bodies import STEPS, Watched, bought, judged, read
from .story import CHAIN_FACTS, ORDER, Story, filled, trade

TRADES = "ws: user, where: {event_type: trade}"


def told(*messages: tuple[int, Any], until: int = 20_000) -> Story:
    """A purchase, and what the user channel told when."""
    story = bought()
    for at, message in messages:
        story.at(at).push(message)
    return story


def legs(*amounts: str, size: str = "5", **more: Any) -> dict[str, Any]:
    return trade(size=size, **more) | {
        "maker_orders": [
            {"order_id": f"m{n}", "matched_amount": amount, "price": "0.5"}
            for n, amount in enumerate(amounts)
        ]
    }


class TestAlways:
    """Every selected event is as expected."""

    RULE = f"always: {{{TRADES}, expect: {{price: '0.52'}}}}"

    def test_holds_where_all_are(self) -> None:
        """It holds at the end of the window, and says how many it saw."""
        found = judged(self.RULE, told((1200, trade()), (1300, {"event_type": "order"}), (1400, trade())))
        assert (found.holds, found.text) == (True, "2 of 2 on ws.user(alice) are as expected")
        assert found.at_us == 6_000_000

    def test_names_the_first_that_is_not(self) -> None:
        """The first event that differs is shown, with how it differs, at its own time."""
        wrong = trade(price="0.53")
        found = judged(self.RULE, told((1200, trade()), (1400, wrong), (1500, trade(price="0.9"))))
        assert (found.holds, found.at_us, found.shown) == (False, 1_400_000, wrong)
        assert str(found.differences[0]) == ('price: expected "0.52", found "0.53": they differ')

    @pytest.mark.parametrize(
        ("messages", "text", "shown"),
        [
            ([(1200, {"event_type": "order"})], "none of 1 events of ws.user(alice) was selected", NOTHING),
            ([], "nothing came on ws.user(alice)", NOTHING),
        ],
    )
    def test_that_selected_nothing_fails(
        self, messages: list[tuple[int, Any]], text: str, shown: Any
    ) -> None:
        """Nothing is green for nothing; the keepalive tells a silent channel from a dead one."""
        found = judged(self.RULE, told(*messages))
        assert (found.holds, found.text, found.shown) == (False, f"not shown: {text}", shown)

    def test_of_a_channel_that_nobody_opened_is_lost(self) -> None:
        """Silence of what was never heard is no silence."""
        found = judged("always: {ws: market, expect: {price: '1'}}", told())
        assert found.shown is LOST

    def test_without_within_judges_what_came_until_its_mark(self) -> None:
        """What comes after the mark is not looked at."""
        story = told((1200, trade()), (9000, trade(price="0.9")))
        assert judged(self.RULE, story, within=None, until_ms=8000).holds
        assert not judged(self.RULE, story, within=None, until_ms=9000).holds

    def test_after_a_step_looks_only_at_what_came_since(self) -> None:
        """With `after`, the window's cause bounds what is looked at."""
        story = told((900, trade(price="0.9")), (1200, trade()))
        assert judged(self.RULE, story, more="after: buy\n").holds
        assert not judged(self.RULE, story).holds

    def test_of_rest_answers(self) -> None:
        """The answers of every REST step are events, too; those of checks are not."""
        story = told().at(1500).read("check:other", {"method": "GET", "path": "/x"}, {"no": 1}, 500)
        found = judged("always: {rest: all, expect: {status: 200}}", story)
        assert (found.holds, found.text) == (True, "1 of 1 on rest(alice) are as expected")


class TestNever:
    """No event is selected, while the source lived."""

    RULE = "never: {ws: user, where: {event_type: trade}}"

    def test_holds_where_a_keepalive_shows_life(self) -> None:
        """Silence counts where something, if only a keepalive, came in the window."""
        assert judged(self.RULE, bought().at(2000).pong()).holds

    def test_what_comes_is_shown_at_once(self) -> None:
        """The event that should not come decides, at its own time."""
        found = judged(self.RULE, bought().at(2000).push(trade()))
        assert (found.holds, found.at_us, found.shown) == (False, 2_000_000, trade())
        assert found.text == "came on ws.user(alice) at 2.000 s, and should not"

    def test_without_a_sign_of_life_is_not_shown(self) -> None:
        """The keepalive of before the window proves nothing."""
        found = judged(self.RULE, bought())
        assert (found.holds, found.shown) == (False, LOST)
        assert found.text.startswith("not shown: ws.user(alice) gave no sign of life")

    def test_with_a_witness_stands_on_it(self) -> None:
        """A step whose answer came in the window proves that the exchange was alive."""
        rule = "never: {ws: user, where: {event_type: trade}, witness: buy}"
        assert judged(rule, bought()).holds
        silent = (
            "never: {ws: user, where: {event_type: trade}, witness: {ws: user, where: {event_type: order}}}"
        )
        found = judged(silent, bought().at(2000).pong())
        assert (found.holds, found.shown) == (False, LOST)

    def test_on_a_connection_that_was_closed_is_not_shown(self) -> None:
        """What was closed within the window could not have told."""
        found = judged(self.RULE, bought().at(2000).pong().at(3000).closed(1011, "gone"))
        assert (found.holds, found.shown) == (False, Closed(1011, "gone"))

    def test_on_the_chain_needs_a_head_that_moves(self) -> None:
        """Looks that show no log count where the chain went on, and not where it stood or went back."""
        rule = f'never: {{chain: events, where: {{OrderFilled: {{orderHash: "{ORDER}"}}}}}}'
        for heads, holds in ((1, True), (0, False), (-1, False)):
            story = bought()
            for second in range(1, 8):
                story.at(1000 * second + 10).look("check:c", 8 + heads * second)
            assert judged(rule, story).holds is holds
        story = bought()
        for second in range(1, 8):
            logs = () if second < 3 else (filled(0, 2_600_000, 5_000_000),)
            story.at(1000 * second + 10).look("check:c", 8 + second, *logs)
        found = judged(rule, story)
        assert (found.holds, found.at_us) == (False, 3_010_000)


class TestAddsUp:
    """The parts of every selected event sum to its total."""

    RULE = f"adds_up: {{{TRADES}, parts: '$.maker_orders[*].matched_amount', total: $.size}}"

    def test_exactly(self) -> None:
        """Texts of decimals are summed exactly, whatever their digits."""
        assert judged(self.RULE, told((1200, legs("0.1", "0.2", "4.7")))).holds

    @pytest.mark.parametrize(
        ("amounts", "text"),
        [
            (("2", "2.9"), "2 + 2.9 = 4.9, not 5: 0.1 too little"),
            (("2", "2", "2"), "2 + 2 + 2 = 6, not 5: 1 too much"),
        ],
    )
    def test_says_what_is_missing(self, amounts: tuple[str, ...], text: str) -> None:
        """The event that does not add up is shown with the sum, the total and the gap."""
        message = legs(*amounts)
        found = judged(self.RULE, told((1100, legs("5")), (1200, message)))
        assert (found.holds, found.at_us, found.shown) == (False, 1_200_000, message)
        assert found.text == f"what came on ws.user(alice) at 1.200 s does not add up: {text}"

    @pytest.mark.parametrize("total", ["5", "0"])
    def test_a_sum_of_nothing_is_no_sum(self, total: str) -> None:
        """An event without parts fails, whatever its total: nothing green for nothing."""
        message = {**legs(), "size": total}
        found = judged(self.RULE, told((1100, message)))
        assert (found.holds, found.shown) == (False, message)
        assert found.text == (
            "what came on ws.user(alice) at 1.100 s has no parts to sum: "
            "$.maker_orders[*].matched_amount is empty"
        )

    @pytest.mark.parametrize("size", [None, "five", True, {}])
    def test_a_total_that_is_no_number_is_told(self, size: Any) -> None:
        """What cannot be summed fails, and says why."""
        found = judged(self.RULE, told((1200, legs("5") | {"size": size})))
        assert not found.holds
        assert "cannot be summed: size is" in found.text

    def test_a_part_that_is_not_there_is_told(self) -> None:
        """A path that leads nowhere in an event is the event's fault."""
        found = judged(self.RULE, told((1200, trade())))
        assert "the event has no 'maker_orders'" in found.text

    def test_numbers_may_stand_for_themselves(self) -> None:
        """The prices of two legs and a literal total."""
        rule = f"adds_up: {{{TRADES}, parts: [$.price, 0.48], total: 1}}"
        assert judged(rule, told((1200, trade()))).holds

    def test_that_selected_nothing_fails(self) -> None:
        """Nothing is green for nothing."""
        assert judged(self.RULE, told()).shown is NOTHING

    @given(st.lists(st.decimals(-(10**9), 10**9, places=6), max_size=12))
    def test_sums_are_exact(self, parts: list[Decimal]) -> None:
        """The sum is that of whole base units."""
        assert sum_of(parts) * 10**6 == sum(int(part.scaleb(6)) for part in parts)


class TestHappens:
    """The first event of each selection comes in this order."""

    RULE = f"happens: [buy, {{{TRADES}}}, {{ws: user, where: {{type: UPDATE}}}}]"
    UPDATE: ClassVar = {"event_type": "order", "type": "UPDATE", "status": "MATCHED"}

    def test_in_order(self) -> None:
        """It holds when the last of them is there."""
        found = judged(self.RULE, told((1200, trade()), (1400, self.UPDATE)))
        assert (found.holds, found.at_us) == (True, 1_400_000)
        assert found.text == ("step 'buy' at 1.000 s → ws.user(alice) at 1.200 s → ws.user(alice) at 1.400 s")

    def test_swapped_on_one_connection_is_told_however_close(self) -> None:
        """On one connection the numbers decide, even within one millisecond."""
        found = judged(self.RULE, told((1200, self.UPDATE), (1200, trade())))
        assert (found.holds, found.shown, found.seen) == (False, self.UPDATE, trade())
        assert found.text == (
            "ws.user(alice) came at 1.200 s, 0.000 s before ws.user(alice) at 1.200 s, and should follow it"
        )

    @pytest.mark.parametrize(("apart", "holds"), [(19, True), (20, False), (500, False)])
    def test_across_connections_what_is_close_is_together(self, apart: int, holds: bool) -> None:
        """Closer than 20 ms on two channels is neither before nor after."""
        story = told((1000 - apart, trade()))
        assert judged(f"happens: [buy, {{{TRADES}}}]", story).holds is holds

    def test_one_that_never_comes_is_named(self) -> None:
        """The table of what came, and what did not, at the deadline."""
        found = judged(self.RULE, told((1200, trade())))
        assert (found.holds, found.shown, found.seen) == (False, NOTHING, trade())
        assert found.text == (
            "step 'buy' at 1.000 s → ws.user(alice) at 1.200 s → ws.user(alice) not yet: "
            "ws.user(alice) did not come within 5.000 s"
        )

    def test_the_last_one_late_is_late(self) -> None:
        """In order and after the deadline is late, by so much."""
        found = judged(self.RULE, told((1200, trade()), (6500, self.UPDATE)))
        assert (found.holds, found.shown) == (False, Late(500_000))

    def test_the_chain_counts_by_when_it_was_seen(self) -> None:
        """A log that was seen before the stream told of the trade is early."""
        rule = f'happens: [{{{TRADES}}}, {{chain: events, where: {{OrderFilled: {{orderHash: "{ORDER}"}}}}}}]'
        log = filled(0, 2_600_000, 5_000_000)
        story = bought().at(1200).push(trade()).at(2000).look("check:c", 9, log)
        assert judged(rule, story).holds
        story = bought().at(1100).look("check:c", 9, log).at(1200).push(trade()).at(9000).look("check:c", 10)
        found = judged(rule, story)
        assert (found.holds, found.at_us) == (False, 1_200_000)
        assert found.text.startswith("chain came at 1.100 s, 0.100 s before ws.user(alice)")

    def test_a_step_that_waited_is_the_event_it_took(self) -> None:
        """A wait's own message stands for it, wherever it came."""
        story = told((1200, self.UPDATE), (1300, trade()))
        values = {"listen": {"got": trade()}}
        rule = "happens: [{ws: user, where: {type: UPDATE}}, listen]"
        found = judged(rule, story, values=values, cause_ms=1_300)
        assert (found.holds, found.at_us) == (True, 1_300_000)


def test_every_actors_channel_is_meant_where_none_is_named() -> None:
    """A public channel is nobody's; a selection of it is of every connection."""
    source = Source("ws.market", "alice")
    story = Story().at(1).opened(source).at(1500).push({"price": "1"}, source=source)
    assert judged("always: {ws: market, expect: {price: '1'}}", story).holds


def test_a_never_asks_each_stream_for_one_sign_of_life() -> None:
    """The need is the same at every look: a new one each time would ask again and again."""
    check, problems = read("id: c\nwithin: 5s\nnever: {ws: user, where: {event_type: trade}}\n")
    assert check is not None
    assert problems == []
    events = bought().events
    look = Scope(Inputs(1), 0).at("check:c", 0, 0)
    judge = prepared(check, look, Watched(events, 1_000_000), CHAIN_FACTS, STEPS)
    [need] = judge.needs
    assert isinstance(need, StreamNeed)
    assert need.alive
    assert judge.needs[0] is need
