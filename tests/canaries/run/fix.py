"""FIX messages that were lost, doubled, changed or put out of order."""

from __future__ import annotations

from .copied import Copy
from .pack import canary


@canary("ESC-1099")
def number_gap(copy: Copy) -> None:
    """A message carries the number behind the one that is due, and that one never comes."""
    copy.field(copy.fix("fix.oe", "8", "150=4"), 34, "4")


@canary("ESC-1099")
def number_again(copy: Copy) -> None:
    """A message comes again under its number and does not say so."""
    copy.again(copy.fix("fix.oe", "8", "150=0"))


@canary("ESC-1099")
def report_lost(copy: Copy) -> None:
    """The report that the order was taken never came."""
    copy.drop(copy.fix("fix.oe", "8", "150=0"))


@canary("ESC-1099")
def reports_swapped(copy: Copy) -> None:
    """The order is cancelled before it was taken."""
    copy.swap(copy.fix("fix.oe", "8", "150=0"), copy.fix("fix.oe", "8", "150=4"))


@canary("ESC-1099")
def one_digit_of_a_quantity(copy: Copy) -> None:
    """The cancel report says that one was filled, where no step looks."""
    copy.field(copy.fix("fix.oe", "8", "150=4"), 14, "1")


@canary("ESC-1099")
def field_lost(copy: Copy) -> None:
    """The cancel report does not name the order that it cancels."""
    copy.field(copy.fix("fix.oe", "8", "150=4"), 41, None)


@canary("ESC-1111")
def last_digit_of_a_fill_over_fix(copy: Copy) -> None:
    """The drop copy tells a fill at a price that is a millionth off."""
    copy.field(copy.fix("fix.dc", "8", "150=F"), 31, "0.520001")


@canary("ESC-1111")
def fill_lost_on_the_drop_copy(copy: Copy) -> None:
    """The drop copy never tells of the fill."""
    copy.shorten("agree", "within: 4s", "cancel")
    copy.drop(*(e for e in copy.events("push", "fix.dc") if "|150=F|" in e["data"]["wire"]["raw"]))
    copy.drop(*(e for e in copy.events("push", "fix.oe") if "|150=F|" in e["data"]["wire"]["raw"]))


@canary("ESC-1087")
def repeated_without_saying_so(copy: Copy) -> None:
    """What is sent again after a logon does not say that it may have come before."""
    copy.field(copy.fix("fix.oe", "8", "150=F"), 43, "N")


@canary("ESC-1093")
def silence_without_a_keepalive(copy: Copy) -> None:
    """Nothing comes on a session that gives no sign of life."""
    copy.drop(copy.fix("fix.oe", "0"))
    copy.case('where: {Heartbeat: {TestReqID: "${ask.TestReqID}"}}\n    expect: {Heartbeat: {MsgSeqNum: 2}}',
              "never: {Logout: {$present}}")  # fmt: skip
    copy.case("within: 2s", "within: 5ms")


@canary("ESC-1093")
def number_of_one_again(copy: Copy) -> None:
    """The first message after the reset has number 1 again: what the customer saw, called fixed."""
    copy.field(copy.fix("fix.oe", "0"), 34, "1")


@canary("ESC-1101")
def session_that_ends(copy: Copy) -> None:
    """The session is logged out where it should be kept."""
    event = copy.fix("fix.oe", "0")
    copy.field(event, 35, "5")


@canary("ESC-1099")
def nothing_without_a_keepalive(copy: Copy) -> None:
    """That nothing comes is expected of a session that gives no sign of life."""
    copy.drop(copy.fix("fix.oe", "8", "150=4"))
    start, end = (
        copy.text.index("    within: 2s\n    where: {ExecutionReport: {ExecType"),
        copy.text.index("checks:"),
    )
    copy.text = f"{copy.text[:start]}    within: 6ms\n    expect: {{$nothing}}\n\n{copy.text[end:]}"
    copy.case(
        "shows: {ExecutionReport: {ExecType: CANCELED, OrigClOrdID: {$absent}}}",
        "shows: {Logout: {$present}}",
    )
