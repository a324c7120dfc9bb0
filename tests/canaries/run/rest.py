"""Answers over REST that came otherwise than they were recorded."""

from __future__ import annotations

from .copied import Copy
from .pack import canary


@canary("ESC-1118")
def answer_refused(copy: Copy) -> None:
    """The order is answered with a status that nobody expects."""
    copy.events("answer", "rest", "buy")[0]["data"]["wire"]["status"] = 202


@canary("ESC-1118")
def answer_lost(copy: Copy) -> None:
    """The answer to the order is not in the recording."""
    copy.drop(*copy.events("answer", "rest", "buy"))


@canary("ESC-1118")
def answer_twice(copy: Copy) -> None:
    """The order is answered twice."""
    copy.again(copy.events("answer", "rest", "buy")[0])


@canary("ESC-1118")
def answers_swapped(copy: Copy) -> None:
    """The order is answered with what the read was answered."""
    copy.swap(copy.events("answer", "rest", "buy")[0], copy.events("answer", "rest", "reads-matched")[0])


@canary("ESC-1118")
def matched_size_of_six(copy: Copy) -> None:
    """One digit of what was read while it was waited for is another."""
    [read] = copy.events("answer", "rest", "reads-matched")
    copy.answer(read, copy.body(read) | {"size_matched": "6"})


@canary("ESC-1118")
def last_digit_of_a_trade(copy: Copy) -> None:
    """REST tells a fill that is a millionth larger than the chain's."""
    for told in copy.events("answer", "rest", "check:agree"):
        body = copy.body(told)
        body["data"][0]["size"] = "5.000001"
        copy.answer(told, body)


@canary("ESC-1012", row="ten-at-29")
def more_pages_under_never(copy: Copy) -> None:
    """What never comes may stand on the page that was not read."""
    for told in copy.events("answer", "rest", "filled"):
        copy.answer(told, copy.body(told) | {"next_cursor": "MQ=="})
    copy.check(
        "never: {rest: all, as: alice, where: {body: {data: {$some: {price: {$decimal: {$gt: 0.9}}}}}}}"
    )


@canary("ESC-1012", row="ten-at-29")
def more_pages_under_not(copy: Copy) -> None:
    """What is not there may stand on the page that was not read."""
    for told in copy.events("answer", "rest", "filled"):
        copy.answer(told, copy.body(told) | {"next_cursor": "MQ=="})
    copy.case('    where: {taker_order_id: "${buy.order_id}"}\n', "")
    copy.case(
        'expect: {size: {$decimal: "${shares}"}, price: {$decimal: "${ask}"}}',
        "expect: {body: {data: {$not: {$some: {price: {$decimal: 0.99}}}}}}",
    )


@canary("ESC-1118")
def each_of_an_empty_list(copy: Copy) -> None:
    """Every entry of a list without entries is as expected."""
    [read] = copy.events("answer", "rest", "reads-matched")
    copy.answer(read, copy.body(read) | {"associate_trades": []})
    copy.case('status: MATCHED, size_matched: "5"', "associate_trades: {$each: {$uuid}}")


@canary("ESC-1118")
def any_order_of_an_empty_list(copy: Copy) -> None:
    """A list without entries holds every entry in any order."""
    [read] = copy.events("answer", "rest", "reads-matched")
    copy.answer(read, copy.body(read) | {"associate_trades": []})
    copy.case('status: MATCHED, size_matched: "5"', "associate_trades: {$unordered: [{$uuid}]}")


@canary("ESC-1012", row="ten-at-29")
def fill_not_told_to_the_ledger(copy: Copy) -> None:
    """The tokens moved, and no trade says why."""
    for told in copy.events("answer", "rest", "check:pays-exactly"):
        copy.answer(told, copy.body(told) | {"data": [], "count": 0})
    copy.shorten("pays-exactly", "within: 6s", "buy")


@canary("ESC-1012", row="ten-at-29")
def fill_told_twice_to_the_ledger(copy: Copy) -> None:
    """One fill stands in two trades."""
    for told in copy.events("answer", "rest", "check:pays-exactly"):
        body = copy.body(told)
        body["data"].append(body["data"][0] | {"id": "00000000-0000-4000-8000-000000000000"})
        copy.answer(told, body)
    copy.shorten("pays-exactly", "within: 6s", "buy")


@canary("ESC-1012", row="ten-at-29")
def last_digit_of_a_fill_in_the_ledger(copy: Copy) -> None:
    """A fill is told a millionth smaller than it was."""
    for told in copy.events("answer", "rest", "check:pays-exactly"):
        body = copy.body(told)
        body["data"][0]["size"] = "34.482701"
        copy.answer(told, body)
    copy.shorten("pays-exactly", "within: 6s", "buy")


@canary("ESC-1070")
def book_told_with_another_size(copy: Copy) -> None:
    """The book that REST tells holds one digit more than the one that was built."""
    for told in copy.events("answer", "rest", "check:never-crossed"):
        body = copy.body(told)
        body["bids"][-1]["size"] = "7"
        copy.answer(told, body)
