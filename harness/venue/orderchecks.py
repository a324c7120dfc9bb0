"""What an order must satisfy before it reaches the book, in the exchange's words (CLOB docs, orders)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from harness.venue.faults import RefusalError
from harness.venue.markets import Market
from harness.venue.money import plain
from harness.venue.wordings import OTHER_CROSSING, Wording
from harness.wire.clob import BASE_UNITS, ORDER_TYPES, PostedOrder, Side

_RATIO = Context(prec=16, rounding=ROUND_HALF_EVEN)
_BUY_MAKER_DECIMALS = {"0.1": 4, "0.01": 4, "0.005": 5, "0.001": 5, "0.0025": 6, "0.0001": 6}
_GTD_AHEAD_S = 180
_MARKET_BUY_CUT = BASE_UNITS // 100  # clients round a market BUY's shares to 4 decimals, some to 2
_CENT = BASE_UNITS // 100
_MARKETABLE_MINIMUM = 1 * BASE_UNITS


FIRST_VERSION: Final = "invalid order version, please use the latest clob-client"
CROSSING: Final = "invalid post-only order: order crosses book"


def is_first_version(body: Any) -> bool:
    """Whether an order's body is of the protocol's first version: with a nonce and a fee rate."""
    order = body.get("order") if isinstance(body, dict) else None
    return isinstance(order, dict) and {"nonce", "feeRateBps"} <= set(order) and "timestamp" not in order


def check_kind(posted: PostedOrder) -> None:
    """The order type is one there is, and goes with post-only."""
    if posted.order_type not in ORDER_TYPES or not posted.order.maker_amount or not posted.order.taker_amount:
        raise RefusalError(400, "Invalid order payload")
    if posted.post_only and posted.order_type not in ("GTC", "GTD"):
        raise RefusalError(400, "invalid post-only order: only GTC and GTD order types are allowed")


def check_expiration(posted: PostedOrder, now_s: int) -> None:
    """A GTD order states a time far enough ahead; no other order states one."""
    expiration = posted.order.expiration_s
    if (expiration < now_s + _GTD_AHEAD_S) if posted.order_type == "GTD" else expiration != 0:
        raise RefusalError(400, "invalid expiration")


def check_price(posted: PostedOrder, order_id: str, market: Market) -> Decimal:
    """The amounts' precision, the tick grid and the least size; returns the limit price."""
    order, immediate = posted.order, posted.order_type in ("FOK", "FAK")
    if order.side is Side.BUY:
        decimals = 2 if immediate else _BUY_MAKER_DECIMALS[str(market.tick)]
        taker_decimals = 4 if immediate else 2
        if _decimals(order.maker_amount) > decimals or _decimals(order.taker_amount) > taker_decimals:
            kind = "market buy" if immediate else "buy"
            raise RefusalError(
                400,
                f"invalid amounts, the {kind} orders maker amount supports a max accuracy of "
                f"{decimals} decimals, taker amount a max of {taker_decimals} decimals",
            )
    buying = order.side is Side.BUY
    collateral, shares = (
        (order.maker_amount, order.taker_amount) if buying else (order.taker_amount, order.maker_amount)
    )
    price = _on_grid(collateral, shares, market.tick, _MARKET_BUY_CUT if immediate and buying else 0)
    if price is None and not buying:
        _check_product(collateral, shares, market.tick)
    if price is None or not market.tick <= price <= 1 - market.tick:
        raw = plain(_RATIO.divide(Decimal(collateral), Decimal(shares)))
        raise RefusalError(
            400, f"order {order_id} is invalid. Price ({raw}) breaks minimum tick size rule: {market.tick}"
        )
    if not immediate and shares < market.min_size:
        size, least = plain(Decimal(shares) / BASE_UNITS), market.min_size // BASE_UNITS
        raise RefusalError(
            400,
            f"order {order_id} is invalid. Size ({size}) lower than the minimum: {least}",
        )
    return price


def _check_product(collateral: int, shares: int, tick: Decimal) -> None:
    """A SELL whose proceeds were cut to cents is told what they should be (the typo is the exchange's)."""
    price = (Decimal(collateral) / Decimal(shares) / tick).to_integral_value(ROUND_HALF_EVEN) * tick
    should = price * shares
    if 0 < should - collateral < _CENT and collateral % _CENT == 0:
        size, due, given = (plain(Decimal(row) / BASE_UNITS) for row in (Decimal(shares), should, collateral))
        raise RefusalError(
            400,
            f"invalid amounts, the taker amount for a ${plain(price)} order of size {size} should be '{due}' "
            f"but the value submited is '{given}'. Please check if you are using the latest version of the "
            "'clob-client' library",
        )


def _on_grid(collateral: int, shares: int, tick: Decimal, cut: int) -> Decimal | None:
    """The grid price of an amount pair; a market BUY's shares may be off by less than `cut` base units.

    Its price is the tick at or below what the amounts imply, so that it never pays more: with the shares cut
    that is the price it was built for, with the shares rounded up the tick below, which misses the ask
    (PUB-012).
    """
    ratio = Decimal(collateral) / Decimal(shares)
    price = (ratio / tick).to_integral_value(ROUND_HALF_EVEN) * tick
    if abs(price * shares - collateral) > price * cut:
        return None
    return price if price * shares <= collateral else price - tick


def check_marketable(
    posted: PostedOrder, order_id: str, crosses: bool, wordings: Collection[Wording] = ()
) -> None:
    """An order that would match at once may not be post-only, and a BUY is worth a dollar or more."""
    if posted.post_only and crosses:
        other = OTHER_CROSSING.format(id=order_id)
        raise RefusalError(400, other if Wording.CROSSING in wordings else CROSSING)
    immediate = posted.order_type in ("FOK", "FAK")
    order = posted.order
    if order.side is Side.BUY and (immediate or crosses) and order.maker_amount < _MARKETABLE_MINIMUM:
        worth = plain(Decimal(order.maker_amount) / BASE_UNITS)
        raise RefusalError(400, f"invalid amount for a marketable BUY order (${worth}), min size: $1")


def _decimals(amount: int) -> int:
    text = f"{amount % BASE_UNITS:06d}".rstrip("0")
    return len(text)
