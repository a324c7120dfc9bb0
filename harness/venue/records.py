"""What the exchange remembers: orders, trades, fills. Amounts are base units, prices `Decimal`."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from decimal import Decimal

from harness.venue.markets import Market
from harness.wire.clob import Order, Side


class OrderStatus(enum.StrEnum):
    """Where an order stands; those after EXPIRED are cancels of the exchange's own."""

    LIVE = "LIVE"
    MATCHED = "MATCHED"
    DELAYED = "DELAYED"
    UNMATCHED = "UNMATCHED"
    CANCELED = "CANCELED"
    EXPIRED = "CANCELED_EXPIRED_ORDER"
    MARKET_RESOLVED = "CANCELED_MARKET_RESOLVED"
    INVALID = "INVALID"
    NO_BALANCE = "CANCELED_NOT_ENOUGH_BALANCE"
    NO_MARKET = "CANCELED_MARKET_NOT_FOUND"
    TIMED_OUT = "CANCELED_ORDER_TIMED_OUT"


class TradeStatus(enum.StrEnum):
    """Where a trade's settlement stands: MATCHED, MINED, CONFIRMED; or RETRYING and back, or FAILED."""

    MATCHED = "MATCHED"
    MINED = "MINED"
    CONFIRMED = "CONFIRMED"
    RETRYING = "RETRYING"
    FAILED = "FAILED"


@dataclass(slots=True, eq=False)
class BookOrder:
    """One accepted order. `shares_matched` grows with its fills."""

    id: str
    order: Order
    signature: str
    owner: str
    market: Market
    price: Decimal
    order_type: str
    created_s: int
    trader: str = ""
    """Whose API key it came with: the owner of the wallet that makes it. Its maker, unless told."""
    builder_bps: int = 0
    """What the builder of its code takes of a fill that it takes, in basis points of the pUSD."""
    status: OrderStatus = OrderStatus.LIVE
    shares_matched: int = 0
    trades: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trader = self.trader or self.order.maker

    @property
    def side(self) -> Side:
        """Which way it goes."""
        return self.order.side

    @property
    def shares(self) -> int:
        """How many shares it was for, when it was placed."""
        return self.order.taker_amount if self.side is Side.BUY else self.order.maker_amount

    @property
    def shares_left(self) -> int:
        """How many shares are not matched."""
        return self.shares - self.shares_matched

    @property
    def reserved(self) -> int:
        """What its maker must keep for the rest of it: pUSD at its price for a BUY, shares for a SELL."""
        if self.side is Side.SELL:
            return self.shares_left
        return -(-self.shares_left * self.order.maker_amount // self.order.taker_amount)  # rounded up

    @property
    def expires_s(self) -> int:
        """When it leaves the book; 0 is never. CLOB docs, orders: sixty seconds before the stated time."""
        stated_s = self.order.expiration_s
        return stated_s - 60 if self.order_type == "GTD" and stated_s else 0


@dataclass(frozen=True, slots=True)
class Fill:
    """One maker order's part in a match, at the maker's price; `collateral` is what the maker pays or gets.

    `crossed` says that taker and maker go the same way, of the two tokens: their BUYs mint shares, their
    SELLs merge them, and the taker has the rest of a dollar a share.
    """

    maker: BookOrder
    shares: int
    collateral: int
    crossed: bool = False

    def __post_init__(self) -> None:
        if self.shares <= 0 or self.collateral < 0:
            raise ValueError(f"a fill of {self.shares} shares for {self.collateral} is none")

    @property
    def making(self) -> int:
        """What the maker gives, in base units."""
        return self.collateral if self.maker.side is Side.BUY else self.shares

    @property
    def taker_collateral(self) -> int:
        """What the taker pays or gets."""
        return self.shares - self.collateral if self.crossed else self.collateral

    def collateral_of(self, order: BookOrder) -> int:
        """What one of the two parties pays or gets."""
        return self.collateral if order is self.maker else self.taker_collateral

    @property
    def taker_price(self) -> Decimal:
        """The maker's price as the taker has it."""
        return 1 - self.maker.price if self.crossed else self.maker.price


@dataclass(slots=True, eq=False)
class Trade:
    """One match of a taker order with one or more makers, and its settlement."""

    id: str
    taker: BookOrder
    fills: tuple[Fill, ...]
    matched_ns: int
    updated_s: int
    status: TradeStatus = TradeStatus.MATCHED
    transaction_hash: str = ""
    err_msg: str | None = None
    attempts: int = 0
    mined_block: int = 0

    @property
    def shares(self) -> int:
        return sum(fill.shares for fill in self.fills)

    @property
    def collateral(self) -> int:
        """The pUSD that the taker pays or gets."""
        return sum(fill.taker_collateral for fill in self.fills)

    @property
    def taker_gives(self) -> int:
        """What the taker gives: pUSD for a BUY, shares for a SELL."""
        return self.collateral if self.taker.side is Side.BUY else self.shares

    @property
    def unsettled(self) -> bool:
        """Whether what the parties give is still reserved: matched, and not yet moved on chain."""
        return self.status in (TradeStatus.MATCHED, TradeStatus.RETRYING)

    def traders(self) -> dict[str, BookOrder]:
        """Everyone in it, by the owner's address, with the first of their orders; the taker comes first."""
        found: dict[str, BookOrder] = {}
        for order in (self.taker, *(fill.maker for fill in self.fills)):
            found.setdefault(order.trader, order)
        return found
