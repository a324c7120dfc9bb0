"""What a FIX session says happened, in order. Every frame that arrives is in exactly one of `Received`,
`Queued`, `Refused` and `Ignored`, at the moment it arrives; a queued message comes once more, as `Received`
with `queued`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.model import By

from .message import Flaw, Garbled, Message


class Fault(StrEnum):
    """Whose fault the end of a session is."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Received:
    """A message in its turn. `admin`: the session layer's own; else it is for the application.

    `poss_dup`: 43=Y and its number had been seen already, so that the application has it; such a message is
    given for the record. `flaws`: what is wrong with it and was put up with.
    """

    message: Message
    admin: bool
    poss_dup: bool = False
    queued: bool = False
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that came before its turn: it waits for the gap before it to be filled."""

    message: Message


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that breaks a rule, theirs. `code` names the rule; `reason` is the SessionRejectReason (373)
    where we answered with a Reject, None where the rule asks for a Logout or for nothing."""

    message: Message
    code: str
    text: str
    reason: int | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Bytes that are no message: FIX passes them over, the sequence numbers show the loss."""

    garbled: Garbled


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes to write to the socket now: `by` the session itself, or by the case."""

    raw: bytes
    message: Message
    by: By


@dataclass(frozen=True, slots=True)
class LoggedOn:
    """Both sides have logged on. `heart_bt_int_s` is what holds, `reset` whether numbers began at 1."""

    heart_bt_int_s: int
    reset: bool


@dataclass(frozen=True, slots=True)
class GapDetected:
    """Their number is too high: `first` to `last` are missing. `asked` is whether a ResendRequest went
    out."""

    first: int
    last: int
    asked: bool


@dataclass(frozen=True, slots=True)
class GapFilled:
    """Nothing is missing any more; `next_in` is the number expected next."""

    next_in: int


@dataclass(frozen=True, slots=True)
class SequenceMoved:
    """A SequenceReset or a Logon with 141=Y moved the number that we expect next."""

    was: int
    now: int
    reset: bool


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The session is over in good order: `by` says who began it, `text` is the peer's reason."""

    by: By
    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The session is over because a rule was broken or an answer did not come. `code` is stable."""

    fault: Fault
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket now, after what was sent."""


Event = (
    Received
    | Queued
    | Refused
    | Ignored
    | Sent
    | LoggedOn
    | GapDetected
    | GapFilled
    | SequenceMoved
    | LoggedOut
    | Failed
    | Close
)
