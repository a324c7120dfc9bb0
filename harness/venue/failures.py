"""With what the exchange fails, though nothing is wrong with a request, for as often as it was told to.

CLOB docs, error codes. An order fails when it is judged to be all right; any other request when its
signature is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.venue.faults import RefusalError

ORDERS: Final = "POST /order"
"""Where orders fail: alone, in a batch, and over FIX."""
_READS: Final = ("GET /data/order/{id}", "GET /data/orders", "GET /data/trades", "GET /last-trade-price")


_DISCREPANCY: Final = (
    "the price of the taker's order has a discrepancy greater than allowed with the worst maker order"
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A documented text: its status, and the endpoints that it is documented for."""

    status: int
    at: tuple[str, ...] = (ORDERS,)
    waiting: bool = False
    """Whether only an order that a taker delay would hold fails so."""


FAILURES: Final[Mapping[str, Failure]] = {
    "order timed out": Failure(500),
    "could not insert order": Failure(500),
    "could not run the execution": Failure(500),
    "there are no matching orders": Failure(500),
    "FOK orders are filled or killed": Failure(500),
    "the trade contains rounding issues": Failure(500),
    _DISCREPANCY: Failure(500),
    "Internal server error": Failure(500, (ORDERS, *_READS)),
    # an order has no nonce any more, and none is cancelled on chain
    "invalid nonce": Failure(400),
    "order canceled in the CTF exchange contract": Failure(400),
    "order match delayed due to market conditions": Failure(400, waiting=True),
    "error delaying the order": Failure(400, waiting=True),
    "error getting the orderbook": Failure(500, ("GET /book",)),
    "Could not retrieve API keys": Failure(500, ("GET /auth/api-keys",)),
    "Could not delete API key": Failure(500, ("DELETE /auth/api-key",)),
    "could not create builder api key": Failure(500, ("POST /auth/builder-api-key",)),
    "could not get builder api keys": Failure(500, ("GET /auth/builder-api-key",)),
    "could not fetch builder trades": Failure(500, ("GET /builder/trades",)),
}


class Failures:
    """What fails next; nothing, unless told."""

    def __init__(self) -> None:
        self._text, self._at, self._left = "", "", 0

    def begin(self, text: str, at: str, times: int) -> None:
        """Let an endpoint fail so many times with a text of FAILURES. Another failure is over."""
        self._text, self._at, self._left = text, at, times

    def require_order(self, *, waits: bool) -> None:
        """Refuse an order that is all right, where orders fail. Raises RefusalError."""
        if not FAILURES.get(self._text, Failure(500)).waiting or waits:
            self.require(ORDERS)

    def require(self, at: str) -> None:
        """Refuse a request at an endpoint, where it fails. Raises RefusalError."""
        if self._left and self._at == at:
            self._left -= 1
            raise RefusalError(FAILURES[self._text].status, self._text)
