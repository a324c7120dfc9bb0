"""Brings matches onto the chain and follows each to its end.

A trade goes MATCHED, MINED, CONFIRMED (two blocks later); a reverted transaction makes it RETRYING and is
sent again with more gas, and after the last attempt it is FAILED and nothing is promised any more. A
transaction that a reorganisation of the chain took away makes it RETRYING, too (user channel: trade).
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from harness.venue.chain import MATCH_ORDERS, Call, Chain, Head
from harness.venue.engine import Engine, Now
from harness.venue.faults import VenueError
from harness.venue.fees import fee_of
from harness.venue.records import BookOrder, Trade, TradeStatus
from harness.venue.spenders import exchange_of
from harness.venue.spoiling import Spoil

CONFIRMATIONS: Final = 2
ATTEMPTS: Final = 3
DEEPEST_REORG: Final = 256  # a trade that lies deeper is looked at no more
_GAS: Final = 500_000  # seen: 105,000 for a match and 73,000 more for each maker
_GAS_A_MAKER: Final = 150_000
_GAS_A_MINT: Final = 600_000  # of one maker, and of a merge
_GAS_STEP: Final = 2
REVERTED: Final = "the settlement transaction reverted"
_REASON: Final = "reason"


class Outcome(enum.Enum):
    """What a receipt means for a trade."""

    SETTLED = enum.auto()
    REVERTED = enum.auto()
    OVERLOOKED = enum.auto()


class _Place(enum.Enum):
    """Where a transaction without a receipt is."""

    WAITING = enum.auto()
    GONE = enum.auto()


class Settlement:
    """How a match becomes a transaction and how its receipt is read: the seam for defects."""

    def taker_fill_amount(self, trade: Trade) -> int:
        """The most that the taker gives, in base units."""
        return trade.taker_gives

    def gas_limit(self, trade: Trade) -> int:
        """How much gas its next attempt may use: enough for all its makers, and more each time."""
        limit: int = _gas_of(trade) * _GAS_STEP**trade.attempts
        return limit

    async def submit(self, chain: Chain, call: Call, gas: int, before: str) -> str:
        """Hand it to the node; returns its hash. `before` is the attempt's before this one.

        An error of the node says nothing about the transaction: it is looked for, and nothing is sent again
        that was taken. Raises VenueError where it was not.
        """
        async with chain.sending:
            try:
                return await submitted(chain, call, gas)
            except VenueError:
                found = await chain.last_sent(call)
                if found is None or found == before:
                    raise
                return found

    def outcome(self, receipt: dict[str, Any]) -> Outcome:
        """What the receipt means."""
        return Outcome.SETTLED if receipt["status"] == "0x1" else Outcome.REVERTED


class Settler:
    """Sends and follows the settlements of all trades; `tick` is called again and again.

    What it has seen mined it reads again whenever the chain has another branch, and what is not there any
    more it sends again, also where the trade was confirmed before.
    """

    def __init__(self, chain: Chain, engine: Engine, settlement: Callable[[], Settlement]) -> None:
        self._chain = chain
        self._engine = engine
        self._settlement = settlement
        self._unsent: list[Trade] = []
        self._held: list[Trade] = []
        self._held_until_ns = 0
        self._spoils: deque[Spoil] = deque()
        self._sent: list[Trade] = []
        self._mined: list[Trade] = []
        self._confirmed: list[Trade] = []
        self.processed_block = 0
        self.processed_hash = ""

    def settle(self, trade: Trade) -> None:
        """Take a new match on; while settlements are held back it waits for their end."""
        (self._held if trade.matched_ns < self._held_until_ns else self._unsent).append(trade)

    def hold_until(self, until_ns: int) -> None:
        """Send the matches made from now on only at that moment."""
        self._held_until_ns = until_ns

    def make_revert(self, spoil: Spoil, times: int) -> None:
        """Have that many settlements from now on fail on chain in one way, whichever they are."""
        self._spoils.extend([spoil] * times)

    def let_go(self) -> None:
        """Hold nothing back any more, and spoil nothing that was not sent yet."""
        self._held_until_ns = 0
        self._spoils.clear()

    async def tick(self, now: Callable[[], Now]) -> None:
        """Send what is unsent and, block by block, apply what the newest blocks say."""
        if now().ns >= self._held_until_ns:
            self._unsent, self._held = self._unsent + self._held, []
        unsent, self._unsent = self._unsent, []
        for trade in unsent:
            await self._send(trade, now)
        head = await self._chain.head()
        if head.hash == self.processed_hash:
            return
        followed = list(self._sent)
        if not await self._goes_on(head):
            followed += [*self._mined, *self._confirmed]
        read = [(trade, await self._look(trade)) for trade in followed]
        # nothing below waits: balances as of `processed_block` and reservations change in one step
        for trade, look in read:
            if isinstance(look, _Place):
                self._misplaced(trade, look, now())
            elif int(look["blockNumber"], 16) <= head.number:
                self._apply(trade, look, now())
        self.processed_block, self.processed_hash = head.number, head.hash
        for trade in [row for row in self._mined if head.number - row.mined_block >= CONFIRMATIONS]:
            self._mined.remove(trade)
            self._confirmed.append(trade)
            self._move(trade, TradeStatus.CONFIRMED, now())
        self._confirmed = [row for row in self._confirmed if head.number - row.mined_block <= DEEPEST_REORG]

    async def _goes_on(self, head: Head) -> bool:
        """Whether the newest block stands on the one that was processed last."""
        if head.number == self.processed_block + 1:
            return head.parent == self.processed_hash
        if not self.processed_hash or head.number <= self.processed_block:
            return not self.processed_hash
        return await self._chain.block_hash(self.processed_block) == self.processed_hash

    async def _look(self, trade: Trade) -> dict[str, Any] | _Place:
        receipt = await self._chain.receipt(trade.transaction_hash)
        if receipt is not None and receipt["status"] != "0x1":
            return {**receipt, _REASON: await self._chain.revert_reason(trade.transaction_hash)}
        if receipt is not None:
            return receipt
        return _Place.WAITING if await self._chain.knows(trade.transaction_hash) else _Place.GONE

    def _apply(self, trade: Trade, receipt: dict[str, Any], now: Now) -> None:
        outcome = self._settlement().outcome(receipt)
        if outcome is Outcome.SETTLED:
            trade.mined_block = int(receipt["blockNumber"], 16)
            if trade in self._sent:
                self._sent.remove(trade)
                self._mined.append(trade)
                self._move(trade, TradeStatus.MINED, now)
            return
        self._forget(trade)
        if outcome is Outcome.REVERTED:
            self._again(trade, ": ".join(filter(None, (REVERTED, receipt[_REASON]))), now)

    def _misplaced(self, trade: Trade, place: _Place, now: Now) -> None:
        """It is in no block (any more): a reorganisation is nobody's attempt, so none is counted."""
        was_mined = trade not in self._sent
        if place is _Place.GONE:
            self._forget(trade)
            trade.attempts -= 1
            trade.transaction_hash = ""  # there is none until it is sent again
            self._unsent.append(trade)
        elif was_mined:
            self._forget(trade)
            self._sent.append(trade)
        if was_mined or place is _Place.GONE:
            self._move(trade, TradeStatus.RETRYING, now)

    def _forget(self, trade: Trade) -> None:
        for rows in (self._sent, self._mined, self._confirmed):
            if trade in rows:
                rows.remove(trade)

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
        call, gas = self._call(trade), self._settlement().gas_limit(trade)
        trade.attempts += 1
        if self._spoils:
            call, gas = self._spoils.popleft().spoilt(call, gas)
        try:
            trade.transaction_hash = await self._settlement().submit(
                self._chain, call, gas, trade.transaction_hash
            )
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
            fee_of(trade),
            [0 for _ in fills],
        )
        at = exchange_of(trade.taker.market, self._chain.contracts)
        return Call(self._chain.operator, at, MATCH_ORDERS, arguments)


async def submitted(chain: Chain, call: Call, gas: int, nonce: int | None = None) -> str:
    """A settlement's hash, as the exchange's node tells it. Raises VenueError where it says an error."""
    sent = await chain.submit(call, gas, nonce)
    if (text := chain.moods.settlements.next()) is not None:
        raise VenueError(f"eth_sendTransaction: {text}")
    return sent


def _gas_of(trade: Trade) -> int:
    return _GAS + sum(_GAS_A_MINT if fill.crossed else _GAS_A_MAKER for fill in trade.fills)


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
