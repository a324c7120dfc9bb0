"""What an address has promised: its open orders and its matches that have not settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from harness.venue.faults import RefusalError
from harness.venue.fees import pays_on_top
from harness.venue.records import BookOrder, Trade
from harness.venue.wordings import OLDER_BALANCE, Wording
from harness.wire.clob import Side

_SHORT = "not enough balance / allowance: the balance is not enough -> balance: {balance}"


class Holds:
    """What the balance gate counts beside open orders: the seam for defects."""

    def matched(self, trades: Iterable[Trade], orders: Iterable[BookOrder], wanted: BookOrder) -> int:
        """What the address gives of the same asset in matches that are not settled, in base units."""
        total = 0
        for trade in trades:
            if trade.unsettled:
                if same_purse(trade.taker, wanted):
                    total += trade.taker_gives + pays_on_top(trade)
                total += sum(fill.making for fill in trade.fills if same_purse(fill.maker, wanted))
        return total


def same_purse(row: BookOrder, wanted: BookOrder) -> bool:
    """Whether an order gives the same asset of the same address."""
    if row.order.maker != wanted.order.maker or row.side is not wanted.side:
        return False
    return wanted.side is Side.BUY or row.order.token_id == wanted.order.token_id


def require_funds(
    given: int,
    *,
    balance: int,
    allowance: int,
    active: int,
    matched: int,
    spender: str,
    fee: int = 0,
    wordings: Collection[Wording] = (),
) -> None:
    """Refuse an order that its maker could not pay (CLOB docs, error codes: the gate with its sums)."""
    amount = given + fee
    short = balance < amount + active + matched or allowance < amount
    if short and Wording.BALANCE in wordings:
        raise RefusalError(400, OLDER_BALANCE)
    if balance < amount + active + matched:
        text = _SHORT.format(balance=balance)
        if active:
            text += f", sum of active orders: {active}"
        if matched:
            text += f", sum of matched orders: {matched}"
        text += (
            f", order amount (inc. fees): {amount}"
            if active or matched or fee
            else f", order amount: {amount}"
        )
        raise RefusalError(400, text)
    if allowance < amount:
        raise RefusalError(
            400,
            "not enough balance / allowance: the allowance is not enough -> "
            f"spender: {spender}, allowance: {allowance}, order amount: {amount}",
        )
