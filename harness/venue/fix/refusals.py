"""The exchange's refusals in FIX's words: OrdRejReason (103) and Text (58).

The FIX pages give texts of their own for what REST says otherwise; a refusal without one keeps REST's.
"""

from __future__ import annotations

import re
from typing import Final

from harness.venue.money import human
from harness.wire.clob import Side

CATCH_ALL: Final = 0
EXCHANGE_CLOSED: Final = 2
INCORRECT_QUANTITY: Final = 13
SUSPENDED: Final = "Book is SUSPENDED"
_HALTED: Final = ("service not ready", "order manager not ready", "Trading is currently", "post-only mode")
_CLOSED: Final = re.compile(r"the orderbook \d+ does not exist")
_BALANCE: Final = re.compile(
    r"balance is not enough -> balance: (\d+).*order amount(?: \(inc\. fees\))?: (\d+)$"
)
_SIZE: Final = re.compile(r"Size \(([\d.]+)\) lower than the minimum: (\d+)")
_NOTIONAL: Final = re.compile(r"marketable BUY order \(\$([\d.]+)\), min size: \$(\d+)")


def rejection(text: str, side: Side) -> tuple[int, str]:
    """Reason and text of an order's rejection."""
    if found := _BALANCE.search(text):
        unit = "USD" if side is Side.BUY else "shares"
        return CATCH_ALL, f"{human(int(found[1]))} {unit} available, requested {human(int(found[2]))}"
    if found := _SIZE.search(text):
        return CATCH_ALL, f"Low order size limit is {found[2]}, given {found[1]}"
    if found := _NOTIONAL.search(text):
        return CATCH_ALL, f"Low total notional size limit is {found[2]}, given {found[1]}"
    if text.startswith("invalid post-only order: order crosses") or text.endswith("crosses the book"):
        return CATCH_ALL, "Order may participate but not initiate in the market"
    if not text or text.startswith(_HALTED):
        return EXCHANGE_CLOSED, SUSPENDED
    if _CLOSED.match(text):
        return EXCHANGE_CLOSED, "Book is CLOSED"
    if text.startswith("invalid amounts"):
        return INCORRECT_QUANTITY, text
    return CATCH_ALL, text


def off_tick(text: str) -> bool:
    """Whether a refusal is about the price grid, which FIX answers with a BusinessMessageReject."""
    return "breaks minimum tick size rule" in text
