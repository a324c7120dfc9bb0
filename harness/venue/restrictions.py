"""What the exchange refuses for a while, and in which words: accounts, regions, failures.

CLOB docs, error codes.
"""

from __future__ import annotations

import enum
from typing import Final

from harness.venue.failures import Failures
from harness.venue.faults import RefusalError
from harness.venue.records import BookOrder
from harness.venue.wordings import Wording
from harness.wire.clob import Side

_BANNED: Final = "'{address}' address banned"
_CLOSED_ONLY: Final = "'{address}' address in closed only mode"
_DEPOSIT_ONLY: Final = "maker address not allowed, please use the deposit wallet flow"
_RESTRICTED: Final = (
    "Trading restricted in your region, please refer to available regions - "
    "https://docs.polymarket.com/developers/CLOB/geoblock"
)
_DEPOSIT_WALLET: Final = 3


class Standing(enum.Enum):
    """What an account may still do."""

    CLOSED_ONLY = "closed_only"
    """It may sell what it has."""
    BANNED = "banned"
    """It may cancel."""
    DEPOSIT_ONLY = "deposit_only"
    """It may trade from a deposit wallet, as accounts of newcomers do."""


class Region(enum.Enum):
    """How order entry is blocked where the customer is."""

    BLOCKED = "blocked"
    """By the exchange, in JSON."""
    WAF = "waf"
    """By the edge in front of it, with a page."""


class Restrictions:
    """What is in force; nothing, unless told."""

    def __init__(self) -> None:
        self.lift()

    def lift(self) -> None:
        """Nothing is restricted any more."""
        self.region: Region | None = None
        self.failures = Failures()
        self.wordings: set[Wording] = set()
        self._standings: dict[str, Standing] = {}

    def put(self, address: str, standing: Standing) -> None:
        """Restrict an account, by the address of its key or of its wallet (EIP-55's mixed case)."""
        self._standings[address] = standing

    def closed_only(self, address: str) -> bool:
        """Whether an address may only sell."""
        return self._standings.get(address) is Standing.CLOSED_ONLY

    def require_region(self) -> None:
        """Refuse order entry from a restricted region. Raises RefusalError 403."""
        if self.region is Region.BLOCKED:
            raise RefusalError(403, _RESTRICTED)

    def require_order(self, order: BookOrder) -> None:
        """Refuse what its account may not order. Raises RefusalError 400."""
        for address in (order.trader, order.order.maker) if self._standings else ():
            match self._standings.get(address):
                case Standing.BANNED:
                    raise RefusalError(400, _BANNED.format(address=address))
                case Standing.CLOSED_ONLY if order.side is Side.BUY:
                    raise RefusalError(400, _CLOSED_ONLY.format(address=address))
                case Standing.DEPOSIT_ONLY if order.order.signature_type != _DEPOSIT_WALLET:
                    raise RefusalError(400, _DEPOSIT_ONLY)
