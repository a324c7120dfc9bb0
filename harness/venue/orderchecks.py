"""What an order must satisfy before it reaches the book, in the exchange's words (CLOB docs, orders)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_hash.auto import keccak

from harness.venue.faults import RefusalError
from harness.venue.markets import Market
from harness.venue.money import plain
from harness.wire.clob import BASE_UNITS, ORDER_TYPES, PostedOrder, Side

_RATIO = Context(prec=16, rounding=ROUND_HALF_EVEN)
_BUY_MAKER_DECIMALS = {"0.1": 4, "0.01": 4, "0.005": 5, "0.001": 5, "0.0025": 6, "0.0001": 6}
_GTD_AHEAD_S = 180
_MARKETABLE_MINIMUM = 1 * BASE_UNITS
_FIELDS = {
    "salt": "uint256",
    "maker": "address",
    "signer": "address",
    "tokenId": "uint256",
    "makerAmount": "uint256",
    "takerAmount": "uint256",
    "side": "uint8",
    "signatureType": "uint8",
    "timestamp": "uint256",
    "metadata": "bytes32",
    "builder": "bytes32",
}


def typed_data(posted: PostedOrder, chain_id: int, exchange: str) -> dict[str, object]:
    """The order as EIP-712 typed data, for eth_account to hash: the venue does not trust our own hash."""
    order = posted.order
    return {
        "primaryType": "Order",
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Order": [{"name": name, "type": kind} for name, kind in _FIELDS.items()],
        },
        "domain": {
            "name": "Polymarket CTF Exchange",
            "version": "2",
            "chainId": chain_id,
            "verifyingContract": exchange,
        },
        "message": {
            "salt": order.salt,
            "maker": order.maker,
            "signer": order.signer,
            "tokenId": order.token_id,
            "makerAmount": order.maker_amount,
            "takerAmount": order.taker_amount,
            "side": int(order.side),
            "signatureType": order.signature_type,
            "timestamp": order.timestamp_ms,
            "metadata": bytes.fromhex(order.metadata[2:]),
            "builder": bytes.fromhex(order.builder[2:]),
        },
    }


def check_parties(posted: PostedOrder, api_key: str, address: str) -> None:
    """The order is the API key's own, and of a kind that this venue settles."""
    if posted.owner != api_key:
        raise RefusalError(400, "the order owner has to be the owner of the API KEY")
    order = posted.order
    if order.signer != address:
        raise RefusalError(400, "the order signer address has to be the address of the API KEY")
    if order.signature_type != 0 or order.maker != order.signer:
        # this venue has no wallets but keys: the documented words for a kind that is not allowed
        raise RefusalError(400, "maker address not allowed, please use the deposit wallet flow")


def check_signature(posted: PostedOrder, chain_id: int, exchange: str) -> str:
    """The order is signed by its signer; returns its id, as eth_account hashes it."""
    message = encode_typed_data(full_message=typed_data(posted, chain_id, exchange))
    try:
        signature = bytes.fromhex(posted.signature.removeprefix("0x"))
        signer = Account.recover_message(message, signature=signature)
    except Exception:  # whatever eth_account and its curve library raise for a malformed signature
        raise RefusalError(400, "invalid signature") from None
    if len(signature) != 65 or signature[64] not in (27, 28) or signer != posted.order.signer:
        raise RefusalError(400, "invalid signature")
    return "0x" + _digest(message).hex()


def _digest(message: SignableMessage) -> bytes:
    return keccak(b"\x19" + message.version + message.header + message.body)


def check_kind(posted: PostedOrder, now_s: int) -> None:
    """Order type, post-only and expiration go together."""
    if posted.order_type not in ORDER_TYPES or not posted.order.maker_amount or not posted.order.taker_amount:
        raise RefusalError(400, "Invalid order payload")
    if posted.post_only and posted.order_type not in ("GTC", "GTD"):
        raise RefusalError(400, "invalid post-only order: only GTC and GTD order types are allowed")
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
    price = _on_grid(collateral, shares, market.tick, 100 if immediate and buying else 0)
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


def _on_grid(collateral: int, shares: int, tick: Decimal, rounding: int) -> Decimal | None:
    """The grid price of an amount pair; a market BUY's shares were cut to `rounding` base units."""
    ratio = Decimal(collateral) / Decimal(shares)
    price = (ratio / tick).to_integral_value(ROUND_HALF_EVEN) * tick
    off_by = abs(price * shares - collateral)
    return price if off_by <= price * rounding else None


def check_marketable(posted: PostedOrder, crosses: bool) -> None:
    """An order that would match at once may not be post-only, and a BUY is worth a dollar or more."""
    if posted.post_only and crosses:
        raise RefusalError(400, "invalid post-only order: order crosses book")
    immediate = posted.order_type in ("FOK", "FAK")
    order = posted.order
    if order.side is Side.BUY and (immediate or crosses) and order.maker_amount < _MARKETABLE_MINIMUM:
        worth = plain(Decimal(order.maker_amount) / BASE_UNITS)
        raise RefusalError(400, f"invalid amount for a marketable BUY order (${worth}), min size: $1")


def _decimals(amount: int) -> int:
    text = f"{amount % BASE_UNITS:06d}".rstrip("0")
    return len(text)
