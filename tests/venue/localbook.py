"""A book as a client builds it from the market channel: `book` replaces it, `price_change` sets a level."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Levels = dict[Decimal, Decimal]


class LocalBook:
    """One token's levels, by side, and the hash that was told last."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.sides: dict[str, Levels] = {"BUY": {}, "SELL": {}}
        self.hash = ""

    def take(self, event: dict[str, Any]) -> None:
        """Take in one message of the channel; trades and other tokens change nothing."""
        if event["event_type"] == "book" and event["asset_id"] == self._token:
            self.sides, self.hash = levels_of(event), event["hash"]
        for change in event.get("price_changes", ()):
            if change["asset_id"] == self._token:
                self._set(change)

    def _set(self, change: dict[str, str]) -> None:
        side, price, size = self.sides[change["side"]], Decimal(change["price"]), Decimal(change["size"])
        self.hash = change["hash"]
        if size:
            side[price] = size
        else:
            side.pop(price, None)

    @property
    def best(self) -> tuple[Decimal, Decimal]:
        """Best bid and ask; an empty side is 0 and 1, as on the wire."""
        bids, asks = self.sides["BUY"], self.sides["SELL"]
        return max(bids, default=Decimal(0)), min(asks, default=Decimal(1))

    @property
    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
        bid, ask = self.best
        return bid >= ask


def levels_of(book: dict[str, Any]) -> dict[str, Levels]:
    """A `book` message or GET /book as levels by side."""
    return {
        side: {Decimal(row["price"]): Decimal(row["size"]) for row in book[key]}
        for side, key in (("BUY", "bids"), ("SELL", "asks"))
    }


def told_best(event: dict[str, Any], token: str) -> tuple[Decimal, Decimal]:
    """The best prices that a price_change tells with its last change of a token."""
    last = [change for change in event["price_changes"] if change["asset_id"] == token][-1]
    return Decimal(last["best_bid"]), Decimal(last["best_ask"])
