"""Other answers that are documented for the same thing: older ones, and those without a situation.

CLOB docs, error codes and changelog; users' reports. What is not turned on here is never said.
"""

from __future__ import annotations

import enum
from typing import Final


class Wording(enum.Enum):
    """What is put otherwise."""

    VERSION = "version"
    """Orders of the first version, as in April and May 2026."""
    BALANCE = "balance"
    """The balance gate, as it was before it told its sums."""
    CROSSING = "crossing"
    """Post-only orders that would match: the error codes have a second text, and do not say for what."""
    REPLY = "reply"
    """A refused POST /order: status 200 and a reply without success, as users report it."""
    WAITING = "waiting"
    """POST /order of what a taker delay holds: answered when the delay is over."""
    HASHES = "hashes"
    """POST /order of what matches: answered when it is sent to the chain, as until 2026-07-24."""
    BROADCAST = "broadcast"
    """A trade that is not sent yet, on REST: MATCHED_NOT_BROADCASTED."""
    ALLOWANCE = "allowance"
    """/balance-allowance: one allowance, the exchange's, as of old."""


OLDER_VERSION: Final = "order_version_mismatch"
OLDER_BALANCE: Final = "not enough balance / allowance"
OTHER_CROSSING: Final = "order {id} crosses the book"
NOT_SENT: Final = "MATCHED_NOT_BROADCASTED"
