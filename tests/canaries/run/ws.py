"""Frames of WebSocket channels that were lost, doubled, changed or put out of order."""

from __future__ import annotations

from .copied import Copy, Message
from .pack import canary

AGREED_US = 20_000
"""Events of two channels that are closer than this count as together (RUNS: the timeline)."""


def level(copy: Copy, **said: str) -> tuple[Message, Message]:
    """The first change of a level that says this, frame and message."""
    for event, message in copy.frames("ws.market", event_type="price_change"):
        if any(said.items() <= each.items() for each in message["price_changes"]):
            return event, message
    raise AssertionError(f"no such change: {said}")


@canary("ESC-1118")
def trade_lost(copy: Copy) -> None:
    """The first word of the fill never came."""
    copy.drop(copy.frame("ws.user", event_type="trade", status="MATCHED")[0])


@canary("ESC-1118")
def trade_twice(copy: Copy) -> None:
    """The fill is told twice, under one id."""
    copy.again(copy.frame("ws.user", event_type="trade", status="MATCHED")[0])
    copy.case("expect: {status: MATCHED", "count: 1\n    quiet: 10ms\n    expect: {status: MATCHED")


@canary("ESC-1064")
def order_told_twice(copy: Copy) -> None:
    """An update of an order comes twice, while nobody waits for it."""
    copy.again(copy.frame("ws.user", event_type="order", type="UPDATE")[0])


@canary("ESC-1064")
def fill_told_again_with_another_size(copy: Copy) -> None:
    """A fill comes again under its id, and is another."""
    copied = copy.again(copy.frame("ws.user", event_type="trade", status="MATCHED")[0], 1_000)
    _, message = copy.frame("ws.user", event_type="trade", status="MATCHED")
    copy.say(copied, message | {"size": "5.1"})
    copy.check("exactly_once: {ws: user, as: alice, where: {event_type: trade}}")


@canary("ESC-1118")
def states_swapped(copy: Copy) -> None:
    """A trade is confirmed before it is mined."""
    mined, _ = copy.frame("ws.user", event_type="trade", status="MINED")
    copy.swap(mined, copy.frame("ws.user", event_type="trade", status="CONFIRMED")[0])


@canary("ESC-1118")
def state_skipped(copy: Copy) -> None:
    """A trade is confirmed, and was never mined."""
    copy.drop(copy.frame("ws.user", event_type="trade", status="MINED")[0])
    copy.case("{maybe: RETRYING}, ", "")


@canary("ESC-1118")
def state_never_reached(copy: Copy) -> None:
    """A trade is mined and never confirmed, on a stream that ends."""
    copy.drop(copy.frame("ws.user", event_type="trade", status="CONFIRMED")[0])


@canary("ESC-1118")
def last_digit_of_a_price(copy: Copy) -> None:
    """The price of the fill is a millionth off."""
    event, message = copy.frame("ws.user", event_type="trade", status="MATCHED")
    copy.say(event, message | {"price": "0.520001"})


@canary("ESC-1064")
def parts_that_do_not_add_up(copy: Copy) -> None:
    """What a trade names as its whole is a millionth more than its orders."""
    event, message = copy.frame("ws.user", event_type="trade", status="MATCHED")
    copy.say(event, message | {"size": "5.000001"})


@canary("ESC-1064")
def one_placement_too_many(copy: Copy) -> None:
    """An order is placed once and told twice, within the silence that was asked for."""
    copy.again(copy.frame("ws.user", event_type="order", type="PLACEMENT")[0], 1_000)


@canary("ESC-1070")
def book_delta_lost(copy: Copy) -> None:
    """One change of a level never came: the book that is built holds an ask too many."""
    lost = level(copy, side="SELL", size="0")[0]
    later = [
        event for event, _ in copy.frames("ws.market", event_type="book") if event["at_us"] > lost["at_us"]
    ]
    copy.drop(lost, *later)  # a later snapshot would mend the book


@canary("ESC-1070")
def best_price_told_wrong(copy: Copy) -> None:
    """A change names another best ask than the book has."""
    event, message = level(copy, side="BUY", price="0.53")
    for each in message["price_changes"]:
        each["best_ask"] = "0.55"
    copy.say(event, message)
    copy.case(", best_ask: {$decimal: 0.54}", "")


@canary("ESC-1070")
def changes_swapped(copy: Copy) -> None:
    """The bid comes before the ask that it took is gone."""
    copy.swap(level(copy, side="SELL", size="0")[0], level(copy, side="BUY", price="0.53")[0])
    book = (
        '  - id: never-crossed\n    book: {ws: market, token: "${market.yes}", rest: true}\n    within: 2s\n'
    )
    copy.case(book, "")


@canary("ESC-1070")
def timestamp_that_goes_back(copy: Copy) -> None:
    """A message is stamped before the one that came before it."""
    event, message = level(copy, side="BUY", price="0.53")
    copy.say(event, message | {"timestamp": str(int(message["timestamp"]) - 5_000)})


@canary("ESC-1054")
def trade_too_old(copy: Copy) -> None:
    """A live trade is stamped with a time two seconds ago."""
    event, message = copy.frame("ws.market", event_type="last_trade_price")
    copy.say(event, message | {"timestamp": str(int(message["timestamp"]) - 2_000)})
    copy.case(", $age: {$lte: 1s}}", "}")


@canary("ESC-1118")
def trade_too_late(copy: Copy) -> None:
    """The fill is told, and only after its deadline."""
    copy.frame("ws.user", event_type="trade", status="MATCHED")[0]["at_us"] += 50_000
    copy.case("within: 2s\n    where", "within: 50ms\n    where")


@canary("ESC-1053", "broken")
def witness_that_was_silent(copy: Copy) -> None:
    """The channel that proves the silence of the other one was silent too."""
    copy.drop(copy.frame("ws.fresh", event_type="price_change")[0])


@canary("ESC-1118")
def stream_that_breaks(copy: Copy) -> None:
    """The connection is cut before the fill is told."""
    [closed] = copy.events("closed", "ws.user")
    event, _ = copy.frame("ws.user", event_type="trade", status="MATCHED")
    closed["at_us"], closed["data"] = event["at_us"] - 1, {"code": 1006, "reason": ""}


def reversed_by(copy: Copy, us: int) -> None:
    """Let the fill be told so much after the order was read, and ask for the other order."""
    read, first = (
        copy.events("answer", "rest", "reads-matched")[-1],
        copy.frame("ws.user", event_type="trade", status="MATCHED")[0],
    )
    later_us = read["at_us"] + us - first["at_us"]
    for event, _ in copy.frames("ws.user", event_type="trade"):
        event["at_us"] += later_us
    trade = "{ws: user, as: alice, where: {event_type: trade, status: MATCHED}}"
    copy.check(f"happens: [{trade}, reads-matched]", "within: 200ms")


@canary("ESC-1118")
def channels_in_the_wrong_order(copy: Copy) -> None:
    """REST reads the match well before the stream tells of it."""
    reversed_by(copy, AGREED_US + 1_000)


@canary("ESC-1118")
def stamps_of_no_message(copy: Copy) -> None:
    """No message says when it was made, so that no stamp goes back."""
    for event, message in copy.frames("ws.user"):
        copy.say(event, {name: said for name, said in message.items() if name != "timestamp"})
    copy.check("sequence: {ws: user, as: alice}")
