"""What a trial says: rows of a table, and the exit code that they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from harness.errors import GuardError, TargetError

WORKS_CODE: Final = 0
WRONG_CODE: Final = 2
SILENT_CODE: Final = 3


class State(StrEnum):
    """How one thing of a target is."""

    WORKS = "works"
    SILENT = "does not work"
    WRONG = "is wrong"  # something is there, and it is not what the configuration says
    UNTRIED = "not tried"  # what it stands on does not work
    ABSENT = "not configured"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was tried, where, how it is, what was found, and what to do next (empty: nothing)."""

    what: str
    address: str
    state: State
    found: str
    next: str = ""


def code_of(rows: Iterable[Row]) -> int:
    """0: all that is configured works; 2: the configuration is wrong; 3: something does not answer."""
    states = {row.state for row in rows}
    if State.WRONG in states:
        return WRONG_CODE
    return SILENT_CODE if states & {State.SILENT, State.UNTRIED} else WORKS_CODE


_OTHERWISE: Final = "is it up, and may this machine reach it (network, VPN, list of allowed addresses)?"
_NEXT: Final = {
    "T002": "is its key the exchange's, chain_id right, and this machine's clock?",
    "T006": "put its address into the configuration, or take out what needs it",
    "T017": "name a node of that chain, or put chain_id right",
    "T018": "is this the address of a JSON-RPC node, with its key?",
    "T022": "is this the address of the exchange's WebSocket?",
    "T023": "is its certificate for this host, and from an authority that browsers know?",
}
_TLS: Final = "TLS"
"""What the text of a failed connection says where it was not agreed on."""


def attempted(what: str, address: str, act: Callable[[], Row], then: str = _OTHERWISE) -> Row:
    """The row of a trial, whatever it comes to: an error of the guard or of the target is a row too.

    `then` is what to do about an error that says itself nothing of it.
    """
    try:
        return act()
    except GuardError as error:
        text = f"{error.code} {error.text}"
        return Row(what, address, State.WRONG, text, "nothing was sent there: put the configuration right")
    except TargetError as error:
        state = State.WRONG if error.code == "T017" else State.SILENT
        told = _NEXT.get("T023" if error.code == "T012" and _TLS in error.text else error.code, then)
        return Row(what, address, state, f"{error.code} {error.text}", told)


def absent(what: str, found: str = "", then: str = "") -> Row:
    """The row of what the target has not."""
    return Row(what, "–", State.ABSENT, found, then)
