"""Cases whose text was changed, on cassettes that were not: the check has nothing to see, or cannot know."""

from __future__ import annotations

from .copied import Copy
from .pack import canary

TRADES = "{ws: user, as: alice, where: {event_type: trade, status: FAILED}"


@canary("ESC-1118")
def always_of_nothing(copy: Copy) -> None:
    """No event is of this kind, so that every one of them is as expected."""
    copy.check(f"always: {TRADES}, expect: {{side: BUY}}}}")


@canary("ESC-1118")
def sum_of_nothing(copy: Copy) -> None:
    """Nothing came on this channel, so that all of it adds up."""
    copy.check('adds_up: {ws: market, parts: "$.maker_orders[*].matched_amount", total: $.size}')


@canary("ESC-1118")
def once_of_nothing(copy: Copy) -> None:
    """Nothing came on a session that was never opened, so that nothing came twice."""
    copy.check("exactly_once: {fix: oe, as: alice}")


@canary("ESC-1118")
def age_of_nothing(copy: Copy) -> None:
    """Nothing came to somebody who never listened, so that nothing is too old."""
    copy.check("flows: {ws: user, as: bob, age: 1s}")


@canary("ESC-1118")
def silence_of_nothing(copy: Copy) -> None:
    """No event is of this kind, and the silence that is allowed is longer than the run."""
    copy.check(f"flows: {TRADES}, gap: 60s}}")


@canary("ESC-1118")
def order_of_nothing(copy: Copy) -> None:
    """The second of two events never comes, so that it never comes first."""
    copy.check(f"happens: [filled, {TRADES}}}]", "within: 100ms")


@canary("ESC-1118")
def numbers_of_nothing(copy: Copy) -> None:
    """A session that was never opened has no wrong number."""
    copy.check("sequence: {fix: oe, as: alice}")


@canary("ESC-1118")
def book_of_nothing(copy: Copy) -> None:
    """A book of a channel that was never opened is never crossed."""
    copy.check('book: {ws: market, token: "${market.yes}"}')


@canary("ESC-1118")
def never_on_a_closed_channel(copy: Copy) -> None:
    """Nothing comes on a channel that was never opened."""
    copy.check("never: {ws: market, where: {event_type: book}}")


@canary("ESC-1118")
def never_with_a_silent_witness(copy: Copy) -> None:
    """The witness of a silence said nothing itself."""
    copy.check("never: {rest: all, where: {status: 500}, witness: {ws: user, where: {status: FAILED}}}")


@canary("ESC-1118")
def source_without_a_fact(copy: Copy) -> None:
    """Two sources agree, and the third was never asked."""
    copy.case("sources: [rest, ws, chain]", "sources: [rest, ws, fix]")


@canary("ESC-1118")
def states_of_another_trade(copy: Copy) -> None:
    """Nobody tells of this trade, so that it takes no wrong turn."""
    copy.case('trade: "${trade}"', "trade: 34eb3964-0000-0000-0000-000000000000")
    copy.case("within: 4s\n  - id: agree", "within: 100ms\n  - id: agree")


@canary("ESC-1118")
def window_beyond_the_horizon(copy: Copy) -> None:
    """What was watched for seconds says nothing of a minute."""
    copy.case('within: 2s\n    where: {event_type: trade, taker_order_id: "${buy.order_id}"}',
              "within: 60s\n    never: {event_type: trade, status: FAILED}")  # fmt: skip
    copy.case(
        '\n    expect: {status: MATCHED, side: BUY, size: "5", price: "0.52"}\n    save: {trade: $.id}', ""
    )
    copy.check("always: {ws: user, as: alice, where: {event_type: trade}, expect: {side: BUY}}")


@canary("ESC-1118")
def count_beyond_the_horizon(copy: Copy) -> None:
    """A fourth one may come in the silence that was not watched."""
    copy.case('where: {event_type: trade, taker_order_id: "${buy.order_id}"}',
              "count: 3\n    where: {event_type: trade}")  # fmt: skip
    copy.case('expect: {status: MATCHED, side: BUY, size: "5", price: "0.52"}', "expect: {side: BUY}")


@canary("ESC-1118")
def changed_price(copy: Copy) -> None:
    """The case asks for another price than the one that was recorded."""
    copy.case("side: BUY, price: 0.52", "side: BUY, price: 0.53")


@canary("ESC-1118")
def changed_path(copy: Copy) -> None:
    """The case reads something else than what was recorded."""
    copy.case("rest: GET /data/order/${buy.order_id}", "rest: GET /data/orders")


@canary("ESC-1093")
def changed_flag(copy: Copy) -> None:
    """The case logs on in another way than was recorded."""
    copy.case("{ResetSeqNumFlag: true}", "{ResetSeqNumFlag: false}")


@canary("ESC-1118")
def step_taken_away(copy: Copy) -> None:
    """The case no longer does what was recorded."""
    start = copy.text.index("  - id: reads-matched")
    copy.text = copy.text[:start] + copy.text[copy.text.index("checks:") :]


@canary("ESC-1118")
def step_added(copy: Copy) -> None:
    """The case does something that was never recorded."""
    added = "  - id: balance\n    rest: GET /balance-allowance\n    as: alice\n    expect: {status: 200}\n"
    copy.case("\nchecks:", f"\n{added}\nchecks:")


@canary("ESC-1001")
def fault_taken_away(copy: Copy) -> None:
    """The answer that was dropped on purpose is asked for."""
    copy.case("    fault: drop response\n    expect: {$lost}", "    expect: {status: 200}")


@canary("ESC-1118", "broken")
def witness_that_fails(copy: Copy) -> None:
    """What is to prove that the channel was alive fails itself."""
    copy.case("witness: funded", "witness: settles")


@canary("ESC-1118", "broken")
def symptom_of_another_kind(copy: Copy) -> None:
    """The check fails, and shows something else than the customer saw."""
    copy.case("chain: {$nothing}", "chain: {size: 4, price: 0.52}")


@canary("ESC-1118", "broken")
def symptom_at_a_step_that_passes(copy: Copy) -> None:
    """The recording is red, and not where the symptom says."""
    start = copy.text.index("symptom:")
    copy.text = copy.text[:start] + "symptom:\n  step: buy\n  shows: {status: 400}\n"


@canary("ESC-1118")
def last_digit_expected(copy: Copy) -> None:
    """The case expects a balance that is a millionth off."""
    copy.case("bob: {yes: 50}}\n\n", "bob: {yes: 50.000001}}\n\n")


@canary("ESC-1118")
def silence_too_long(copy: Copy) -> None:
    """The stream spoke, and not as often as it should."""
    copy.check("flows: {ws: user, as: alice, gap: 2ms}")


@canary("ESC-1118")
def one_effect_too_few(copy: Copy) -> None:
    """Each fill came once, and one of them not at all."""
    copy.check(
        "exactly_once: {ws: user, as: alice, where: {event_type: trade}, key: [$.id, $.status], count: 2}"
    )


@canary("ESC-1118")
def at_most_five_of_nothing(copy: Copy) -> None:
    """On a channel that was never opened, no more than five messages came."""
    copy.check("flows: {ws: second, count: {$lte: 5}}")
    copy.case("given:", "channels:\n  second: {kind: ws, stream: market}\n\ngiven:")
