"""What the chain told, changed: logs lost, doubled, or a unit off; balances a unit off."""

from __future__ import annotations

from typing import Any

from .copied import Copy
from .pack import canary

ONE_UP = str.maketrans("0123456789abcdef", "123456789abcdef0")


def fills(copy: Copy, check: str) -> list[list[dict[str, Any]]]:
    """The logs of every look that a check made, where there are some."""
    looks = (each["data"]["wire"]["answers"] for each in copy.events("answer", "chain", check))
    found = [answers[1]["result"] for answers in looks if answers[1]["result"]]
    assert found, f"{copy.case_id} has no logs at {check}"
    return found


def word(data: str, index: int) -> tuple[str, str, str]:
    """The data of a log around one of its words."""
    at = 2 + 64 * index
    return data[:at], data[at : at + 64], data[at + 64 :]


@canary("ESC-1118")
def settlement_missing(copy: Copy) -> None:
    """The chain knows nothing of the fill that REST and the stream tell."""
    for logs in fills(copy, "check:agree"):
        logs.clear()


@canary("ESC-1118")
def settlement_of_another_order(copy: Copy) -> None:
    """The chain tells of a fill, and of another order."""
    for logs in fills(copy, "check:agree"):
        for log in logs:
            log["topics"][1] = "0x" + log["topics"][1][2:].translate(ONE_UP)
    copy.case("sources: [rest, ws, chain]", "sources: [chain, rest]")


@canary("ESC-1118")
def last_digit_on_the_chain(copy: Copy) -> None:
    """The chain settles one unit more than was told."""
    for logs in fills(copy, "check:agree"):
        for log in logs:
            for index in (2, 3):
                before, amount, after = word(log["data"], index)
                log["data"] = f"{before}{int(amount, 16) + 1:064x}{after}"


@canary("ESC-1001")
def settled_twice(copy: Copy) -> None:
    """The same order is filled twice on the chain, in two logs."""
    for logs in fills(copy, "check:one-trade"):
        mine = [log for log in logs if log["topics"][2:] != logs[0]["topics"][2:]] or logs
        copied = [log | {"logIndex": hex(int(log["logIndex"], 16) + 100)} for log in mine]
        logs.extend(copied)


@canary("ESC-1001")
def never_settled(copy: Copy) -> None:
    """No fill is on the chain, so that none is there twice."""
    for each in copy.events("answer", "chain", "check:one-trade"):
        each["data"]["wire"]["answers"][1]["result"] = []


@canary("ESC-1001")
def never_deep_enough(copy: Copy) -> None:
    """The fill lies less deep than is asked for."""
    asked = "key: [$.OrderFilled.orderHash]"
    copy.case(asked, f"confirmations: 256, {asked}")


@canary("ESC-1012", row="ten-at-29")
def last_digit_of_a_balance(copy: Copy) -> None:
    """The wallet holds one unit less than what moved."""
    for each in copy.events("answer", "chain", "check:pays-exactly"):
        answers = each["data"]["wire"]["answers"]
        held = next(a for a in answers[4:7] if len(a["result"]) == 66 and int(a["result"], 16))
        held["result"] = f"0x{int(held['result'], 16) - 1:064x}"
    copy.shorten("pays-exactly", "within: 6s", "buy")


@canary("ESC-1118")
def balance_that_was_not_there(copy: Copy) -> None:
    """The wallet was not funded when it was read."""
    for each in copy.events("answer", "chain", "funded"):
        answers = each["data"]["wire"]["answers"]
        answers[1]["result"] = "0x" + "0" * 64


@canary("ESC-1118")
def node_that_answers_with_an_error(copy: Copy) -> None:
    """The node cannot say what it knows of the fill."""
    for each in copy.events("answer", "chain", "check:agree"):
        each["data"]["wire"]["answers"][1] = {"error": {"code": -32000, "message": "header not found"}}


@canary("ESC-1118")
def looks_swapped(copy: Copy) -> None:
    """The look at the balances is answered with the look at the logs."""
    copy.swap(copy.events("answer", "chain", "funded")[0], copy.events("answer", "chain", "check:agree")[0])
