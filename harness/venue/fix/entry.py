"""A NewOrderSingle as the signed order that the book takes.

The exchange behind this gateway keeps its customers' funds; here the venue is handed the account's key with
its first order-entry session, keeps it in memory as long as it runs, and signs with eth_account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation

from eth_account import Account
from eth_account.messages import encode_typed_data

from harness.venue.engine import Now
from harness.venue.fix.sessions import FixSession
from harness.venue.markets import Market, Markets
from harness.venue.signatures import typed_data
from harness.wire.clob import BASE_UNITS, Order, PostedOrder, Side

_TYPES = {"0": "GTC", "1": "GTC", "3": "FAK", "4": "FOK", "6": "GTD"}  # DAY rests: it is not purged
_POST_ONLY = "6"
_EXACT = Context(prec=100)  # two amounts of at most 30 digits are multiplied
_LEAVES_EARLY_S = 60  # an order leaves the book so long before the time that is signed


class InstrumentError(Exception):
    """No such symbol is listed: BusinessMessageReject 380=2."""


class UnusableError(Exception):
    """The message asks for what the exchange does not do; the text says what. `reason` is OrdRejReason."""

    def __init__(self, reason: int, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


@dataclass(frozen=True, slots=True)
class Instrument:
    """One outcome of one market."""

    market: Market
    token: int


def instrument(markets: Markets, symbol: str) -> Instrument:
    """What Symbol names. Raises InstrumentError."""
    for market in markets:
        for token in (market.yes, market.no):
            if symbol == f"{market.symbol}-{market.outcome(token).upper()}":
                return Instrument(market, token)
    raise InstrumentError(f"Instrument Unavailable: {symbol}")


@dataclass(frozen=True, slots=True)
class Entry:
    """How an order came in over FIX."""

    session: FixSession
    cl_ord_id: str
    day: bool


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The cancel that is being carried out: who asked, and as what."""

    session: FixSession
    cl_ord_id: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs an account's orders with its key."""

    key: str
    address: str
    chain_id: int

    def sign(self, posted: PostedOrder, exchange: str) -> tuple[PostedOrder, str]:
        """The order with its signature in an exchange contract's domain, and its id."""
        message = encode_typed_data(full_message=typed_data(posted, self.chain_id, exchange))
        signed = Account.sign_message(message, self.key)
        signature = "0x" + bytes(signed.signature).hex()
        return replace(posted, signature=signature), "0x" + bytes(signed.message_hash).hex()


def unsigned(
    asked: dict[str, str], at: Instrument, address: str, owner: str, salt: int, now: Now
) -> PostedOrder:
    """The order that a NewOrderSingle asks for. Raises UnusableError."""
    if asked["40"] != "2":
        raise UnusableError(11, f"Unsupported OrdType {asked['40']}: only limit orders are taken")
    order_type = _TYPES.get(asked.get("59", "0"))
    if order_type is None:
        raise UnusableError(11, f"Unsupported TimeInForce {asked['59']}")
    if asked["54"] not in ("1", "2"):
        raise UnusableError(11, f"Unsupported Side {asked['54']}")
    instructions = asked.get("18", "").split()
    if wrong := [each for each in instructions if each != _POST_ONLY]:
        raise UnusableError(11, f"Unsupported ExecInst {wrong[0]}")
    side = Side.BUY if asked["54"] == "1" else Side.SELL
    shares = _base_units(asked["38"], "OrderQty", 13)
    paid = _EXACT.multiply(_amount(asked["44"], "Price", 0), Decimal(shares))
    if paid != int(paid):
        raise UnusableError(13, f"Price {asked['44']} times OrderQty {asked['38']} does not fit 6 decimals")
    gives, gets = (int(paid), shares) if side is Side.BUY else (shares, int(paid))
    expires_s = _expiry(asked) + _LEAVES_EARLY_S if order_type == "GTD" else 0
    order = Order(salt, address, address, at.token, gives, gets, side, 0, now.ms, expiration_s=expires_s)
    return PostedOrder(order, "", owner, order_type, _POST_ONLY in instructions, False)


def is_day(asked: dict[str, str]) -> bool:
    """Whether an order was sent as DAY, the default."""
    return asked.get("59", "0") == "0"


def _amount(text: str, name: str, reason: int) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise UnusableError(reason, f"{name} {text} is not a number") from None
    if not value.is_finite() or value <= 0 or len(text) > 30:
        raise UnusableError(reason, f"{name} {text} is not a positive amount")
    return value


def _base_units(text: str, name: str, reason: int) -> int:
    units = _EXACT.multiply(_amount(text, name, reason), Decimal(BASE_UNITS))
    if units != int(units):
        raise UnusableError(reason, f"{name} {text} does not fit 6 decimals")
    return int(units)


def _expiry(asked: dict[str, str]) -> int:
    text = asked.get("126", "")
    try:
        moment = datetime.strptime(text.partition(".")[0], "%Y%m%d-%H:%M:%S")
    except ValueError:
        raise UnusableError(0, "ExpireTime (126) is required with TimeInForce 6") from None
    return int(moment.replace(tzinfo=UTC).timestamp())
