"""Other words that are documented for a refusal: older ones, and those without a situation of their own.

CLOB docs, error codes; users' reports. What is not turned on here is never said.
"""

from __future__ import annotations

import enum
from typing import Final


class Wording(enum.Enum):
    """Which refusal is put otherwise."""

    VERSION = "version"
    """Orders of the first version, as in April and May 2026."""
    BALANCE = "balance"
    """The balance gate, as it was before it told its sums."""
    CROSSING = "crossing"
    """Post-only orders that would match: the error codes have a second text, and do not say for what."""
    REPLY = "reply"
    """A refused POST /order: status 200 and a reply without success, as users report it."""


OLDER_VERSION: Final = "order_version_mismatch"
OLDER_BALANCE: Final = "not enough balance / allowance"
OTHER_CROSSING: Final = "order {id} crosses the book"
