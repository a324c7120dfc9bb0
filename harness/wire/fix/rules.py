"""The session's rules as values: who we are, how long we wait, and what a flaw is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from .dictionary import Dictionary

SECOND_US: Final = 1_000_000


class State(StrEnum):
    """Where a session stands.

    DOWN ─connected→ CONNECTED ─logon→ LOGON_SENT ─Logon→ ACTIVE ─logout→ LOGOUT_SENT ─Logout→ OVER
    An acceptor goes from CONNECTED to ACTIVE by the peer's Logon; the peer's Logout leads from ACTIVE to
    LOGOUT_ANSWERED, where the peer has to close; every broken rule that ends the session leads to OVER.
    `disconnected` leads from anywhere to DOWN.
    """

    DOWN = "down"  # no connection
    CONNECTED = "connected"  # a connection, no Logon yet
    LOGON_SENT = "logon sent"  # our Logon waits for theirs
    ACTIVE = "active"
    LOGOUT_SENT = "logout sent"  # our Logout waits for theirs; messages are still taken
    LOGOUT_ANSWERED = "logout answered"  # they began, we answered: closing is theirs
    OVER = "over"  # nothing more is sent; the socket should be closed


@dataclass(frozen=True, slots=True)
class Config:
    """Who speaks to whom, and by which rules. Times in microseconds unless their name says otherwise.

    `epoch_us` is the Unix time, in microseconds, of the moment that callers call 0: SendingTime is
    `epoch_us + now_us`. `logon_fields` go into every Logon of ours (553 and 554, 95 and 96, venue tags).
    `dictionary`, where given, is held against every message, and its flaws are answered with Rejects; without
    it only what the codec finds is. `sending_time_tolerance_us` is None where their clock does not matter.
    """

    begin_string: str
    sender: str
    target: str
    initiator: bool = True
    heart_bt_int_s: int = 30
    reset_on_logon: bool = False
    default_appl_ver_id: str = "9"
    logon_fields: tuple[tuple[int, str], ...] = ()
    raw: bool = False
    dictionary: Dictionary | None = None
    epoch_us: int = 0
    # The FIX specification gives 2 minutes as the customary bound; Kalshi's gateway documents 120 s too.
    sending_time_tolerance_us: int | None = 120 * SECOND_US
    # QuickFIX's and QuickFIX/J's defaults: LogonTimeout=10, LogoutTimeout=2.
    logon_timeout_us: int = 10 * SECOND_US
    logout_timeout_us: int = 2 * SECOND_US

    def __post_init__(self) -> None:
        if self.begin_string not in ("FIX.4.4", "FIXT.1.1"):
            raise ValueError(f"a session speaks FIX.4.4 or FIXT.1.1, not {self.begin_string!r}")
        if not self.sender or not self.target:
            raise ValueError("a session has a sender and a target")
        if self.heart_bt_int_s < 0 or self.logon_timeout_us <= 0 or self.logout_timeout_us <= 0:
            raise ValueError("a session's intervals are not negative")


# "Some reasonable transmission time" in the specification's words; QuickFIX, QuickFIX/J and philadelphia all
# take 20 %. Silence of 1.2 intervals asks with a TestRequest, silence of 2.4 ends the session.
SILENCE_TENTHS: Final = 12
TIMEOUT_TENTHS: Final = 24

REJECT_REASON: Final = MappingProxyType(
    {
        "no_equals": 0,
        "tag_number": 0,
        "required_tag_missing": 1,
        "length_without_data": 1,
        "data_without_length": 1,
        "tag_not_in_message": 2,
        "unknown_tag": 3,
        "empty_value": 4,
        "value_out_of_range": 5,
        "value_format": 6,
        "data_length": 6,
        "unknown_msg_type": 11,
        "duplicate_tag": 13,
        "group_order": 15,
        "group_count": 16,
    }
)
"""What a flaw is rejected with (373). A flaw that is not here, `non_ascii`, is put up with: the
specification asks for ASCII, and venues that send UTF-8 names in 58 are many."""

VALUE_INCORRECT: Final = 5
COMP_ID_PROBLEM: Final = 9
SENDING_TIME_PROBLEM: Final = 10
TAG_MISSING: Final = 1
FORMAT_INCORRECT: Final = 6
