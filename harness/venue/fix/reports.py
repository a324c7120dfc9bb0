"""ExecutionReport, OrderCancelReject and BusinessMessageReject as the exchange documents them.

Values only: what stands in a report is handed in. Sources: the exchange's FIX pages (execution report,
cancel, reject reasons).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from harness.clock import EPOCH
from harness.venue.engine import Now
from harness.venue.fix.sessions import FIX44
from harness.venue.markets import Market
from harness.venue.money import human, plain
from harness.venue.records import BookOrder, Fill, Trade
from harness.wire.clob import Side

Fields = list[tuple[int, str]]
_TRD_MATCH_ID, _AGGRESSOR, _BUSINESS_REASON = 880, 1057, 380
_LAST_REASON_44: Final = 7

NEW, CANCELED, REJECTED, EXPIRED, TRADE, STATUS = "0", "4", "8", "C", "F", "I"
PARTIALLY_FILLED, FILLED = "1", "2"
NO_ORDER: Final = "NONE"
_SIDES: Final = {Side.BUY: "1", Side.SELL: "2"}
_TIMES_IN_FORCE: Final = {"GTC": "1", "FAK": "3", "FOK": "4", "GTD": "6"}
_PRICE_PLACES: Final = Decimal("0.000001")


@dataclass(slots=True)
class Tally:
    """How much of an order was executed, and for how much, execution by execution."""

    shares: int = 0
    collateral: int = 0

    @property
    def average(self) -> str:
        """The average price; 0 before the first execution."""
        if not self.shares:
            return "0"
        return plain((Decimal(self.collateral) / Decimal(self.shares)).quantize(_PRICE_PLACES))


@dataclass(frozen=True, slots=True)
class Execution:
    """One step of an order's life, as reports tell it."""

    number: int
    exec_type: str
    status: str
    now: Now
    last: tuple[Trade, Fill] | None = None
    text: str = ""

    @property
    def id(self) -> str:
        """ExecID: 13 letters and digits."""
        return f"E{self.number:012d}"


def in_version(begin_string: str, fields: Fields) -> Fields:
    """A message as a session's version has it: what FIX 4.4 lacks of the pages' 5.0 SP2 is left out.

    That is TrdMatchID and AggressorIndicator of a report, and each BusinessRejectReason above 7, which is 0.
    """
    if begin_string != FIX44:
        return fields
    kept = [(tag, value) for tag, value in fields if tag not in (_TRD_MATCH_ID, _AGGRESSOR)]
    return [
        (tag, "0" if tag == _BUSINESS_REASON and int(value) > _LAST_REASON_44 else value)
        for tag, value in kept
    ]


def symbol_of(market: Market, token: int) -> str:
    """How FIX names a token: MARKET-1-YES."""
    return f"{market.symbol}-{market.outcome(token).upper()}"


def timestamp(ms: int) -> str:
    """UTCTimestamp with milliseconds."""
    moment = EPOCH + timedelta(milliseconds=ms)
    return moment.strftime("%Y%m%d-%H:%M:%S.") + f"{ms % 1000:03d}"


def execution_report(
    order: BookOrder, tally: Tally, step: Execution, *, cl_ord_id: str, orig_cl_ord_id: str, day: bool
) -> Fields:
    """An order's report; `cl_ord_id` is empty for an order that did not come over FIX."""
    done = step.status in (FILLED, CANCELED, REJECTED, EXPIRED)
    left = 0 if done else max(order.shares - tally.shares, 0)
    token = order.order.token_id
    fields = [
        (1, order.trader),
        (6, tally.average),
        (11, cl_ord_id),
        (14, human(tally.shares)),
        (17, step.id),
        (22, "8"),
        (37, order.id),
        (38, human(order.shares)),
        (39, step.status),
        (40, "2"),
        (41, orig_cl_ord_id),
        (44, plain(order.price)),
        (48, str(token)),
        (54, _SIDES[order.side]),
        (55, symbol_of(order.market, token)),
        (58, step.text),
        (59, "0" if day else _TIMES_IN_FORCE[order.order_type]),
        (60, timestamp(step.now.ms)),
        (126, timestamp(order.expires_s * 1000) if order.expires_s else ""),
        (150, step.exec_type),
        (151, human(left)),
        (167, "EVENT"),
    ]
    if step.last is not None:
        trade, fill = step.last
        price = plain((Decimal(fill.collateral_of(order)) / Decimal(fill.shares)).quantize(_PRICE_PLACES))
        fields += [(31, price), (32, human(fill.shares)), (880, trade.id)]
        fields.append((1057, "Y" if trade.taker is order else "N"))
    return [(tag, value) for tag, value in fields if value]


def rejected(
    asked: dict[str, str], exec_id: str, now: Now, *, account: str, reason: int, text: str
) -> Fields:
    """The one report of an order that was not accepted: 150=8, 39=8."""
    echo = [(tag, asked[str(tag)]) for tag in (11, 38, 40, 44, 54, 55, 59) if str(tag) in asked]
    return [
        (1, account),
        *echo,
        (6, "0"),
        (14, "0"),
        (17, exec_id),
        (37, NO_ORDER),
        (39, REJECTED),
        (58, text),
        (60, timestamp(now.ms)),
        (103, str(reason)),
        (150, REJECTED),
        (151, "0"),
    ]


def cancel_reject(
    asked: dict[str, str], order_id: str, now: Now, *, answers: str, reason: int, text: str
) -> Fields:
    """OrderCancelReject; `answers` is 1 for a cancel and 2 for a replace."""
    return [
        (11, asked.get("11", "")),
        (37, order_id),
        (39, REJECTED),
        (41, asked.get("41", NO_ORDER)),
        (58, text),
        (60, timestamp(now.ms)),
        (102, str(reason)),
        (434, answers),
    ]


def business_reject(kind: str, asked: dict[str, str], *, reason: int, text: str) -> Fields:
    """BusinessMessageReject of a message that is well-formed and cannot be used."""
    fields = [
        (45, asked.get("34", "")),
        (58, text),
        (372, kind),
        (379, asked.get("11", "")),
        (380, str(reason)),
    ]
    return [(tag, value) for tag, value in fields if value]
