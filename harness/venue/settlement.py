"""Brings matches onto the chain and follows each to its end.

A trade goes MATCHED, MINED, CONFIRMED (two blocks later); a reverted transaction makes it RETRYING and is
sent again with more gas, and after the last attempt it is FAILED and nothing is promised any more.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, Final

from harness.venue.chain import MATCH_ORDERS, Call, Chain
from harness.venue.engine import Engine, Now
from harness.venue.faults import VenueError
from harness.venue.records import BookOrder, Trade, TradeStatus

CONFIRMATIONS: Final = 2
ATTEMPTS: Final = 3
_GAS: Final = 500_000  # seen: 105,000 for a match and 73,000 more for each maker
_GAS_A_MAKER: Final = 150_000
_GAS_STEP: Final = 2


class Outcome(enum.Enum):
    """What a receipt means for a trade."""

    SETTLED = enum.auto()
    REVERTED = enum.auto()
    OVERLOOKED = enum.auto()


class Settlement:
    """How a match becomes a transaction and how its receipt is read: the seam for defects."""

    def taker_fill_amount(self, trade: Trade) -> int:
        """The most that the taker gives, in base units."""
        return trade.taker_gives

    def outcome(self, receipt: dict[str, Any]) -> Outcome:
        """What the receipt means."""
        return Outcome.SETTLED if receipt["status"] == "0x1" else Outcome.REVERTED


class Settler:
    """Sends and follows the settlements of all trades; `tick` is called again and again."""

    def __init__(self, chain: Chain, engine: Engine, settlement: Callable[[], Settlement]) -> None:
        self._chain = chain
        self._engine = engine
        self._settlement = settlement
        self._unsent: list[Trade] = []
        self._sent: list[Trade] = []
        self._mined: list[Trade] = []
        self.processed_block = 0

    def settle(self, trade: Trade) -> None:
        """Take a new match on."""
        self._unsent.append(trade)

    async def tick(self, now: Callable[[], Now]) -> None:
        """Send what is unsent and, block by block, apply what the newest blocks say."""
        unsent, self._unsent = self._unsent, []
        for trade in unsent:
            await self._send(trade, now)
        newest = await self._chain.block_number()
        if newest <= self.processed_block:
            return
        read = [(trade, await self._chain.receipt(trade.transaction_hash)) for trade in self._sent]
        # nothing below waits: balances as of `processed_block` and reservations change in one step
        for trade, receipt in read:
            if receipt is not None and int(receipt["blockNumber"], 16) <= newest:
                self._sent.remove(trade)
                self._apply(trade, receipt, now())
        self.processed_block = newest
        for trade in list(self._mined):
            if newest - trade.mined_block >= CONFIRMATIONS:
                self._mined.remove(trade)
                self._move(trade, TradeStatus.CONFIRMED, now())

    def _apply(self, trade: Trade, receipt: dict[str, Any], now: Now) -> None:
        outcome = self._settlement().outcome(receipt)
        if outcome is Outcome.SETTLED:
            trade.mined_block = int(receipt["blockNumber"], 16)
            self._mined.append(trade)
            self._move(trade, TradeStatus.MINED, now)
        elif outcome is Outcome.REVERTED:
            self._again(trade, "the settlement transaction reverted", now)

    def _again(self, trade: Trade, reason: str, now: Now) -> None:
        if trade.attempts < ATTEMPTS:
            self._unsent.append(trade)
            self._move(trade, TradeStatus.RETRYING, now)
        else:
            trade.err_msg = reason
            self._move(trade, TradeStatus.FAILED, now)

    def _move(self, trade: Trade, status: TradeStatus, now: Now) -> None:
        trade.status = status
        self._engine.trade_changed(trade, now)

    async def _send(self, trade: Trade, now: Callable[[], Now]) -> None:
        gas = (_GAS + _GAS_A_MAKER * len(trade.fills)) * _GAS_STEP**trade.attempts
        trade.attempts += 1
        try:
            trade.transaction_hash = await self._chain.send(self._call(trade), gas)
        except VenueError as error:
            self._again(trade, str(error), now())
        else:
            self._sent.append(trade)

    def _call(self, trade: Trade) -> Call:
        fills = trade.fills
        arguments = (
            _raw(trade.taker.market.condition),
            order_tuple(trade.taker),
            [order_tuple(fill.maker) for fill in fills],
            self._settlement().taker_fill_amount(trade),
            [fill.making for fill in fills],
            0,
            [0 for _ in fills],
        )
        return Call(self._chain.operator, self._chain.contracts.exchange, MATCH_ORDERS, arguments)


def order_tuple(row: BookOrder) -> tuple[Any, ...]:
    """An order as the contract takes it."""
    order = row.order
    return (
        order.salt,
        order.maker,
        order.signer,
        order.token_id,
        order.maker_amount,
        order.taker_amount,
        int(order.side),
        order.signature_type,
        order.timestamp_ms,
        _raw(order.metadata),
        _raw(order.builder),
        _raw(row.signature),
    )


def _raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
