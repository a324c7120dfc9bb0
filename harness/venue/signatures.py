"""Whose an order is: its parties, and that its maker's owner signed it (EIP-712, ERC-7739).

Hashed by eth_account alone, so that the venue shares no mistake with the harness.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_hash.auto import keccak

from harness.venue.faults import RefusalError
from harness.wire.clob import PostedOrder

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
_ORDER_TYPE = f"Order({','.join(f'{kind} {name}' for name, kind in _FIELDS.items())})".encode()
_WALLET_FIELDS = {
    "contents": "Order",
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}
_DEPOSIT_WALLET = 3


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


def check_parties(posted: PostedOrder, api_key: str, wallets: Sequence[str]) -> None:
    """The order is the API key's own; `wallets` are those of the key's owner by signature type."""
    if posted.owner != api_key:
        raise RefusalError(400, "the order owner has to be the owner of the API KEY")
    order = posted.order
    if order.signature_type >= len(wallets):
        raise RefusalError(400, "Invalid order payload")
    wallet = wallets[order.signature_type]
    if order.signer != (wallet if order.signature_type == _DEPOSIT_WALLET else wallets[0]):
        raise RefusalError(400, "the order signer address has to be the address of the API KEY")
    if order.maker != wallet:
        # the documented words for a maker and a kind that do not go together
        raise RefusalError(400, "maker address not allowed, please use the deposit wallet flow")


def check_signature(posted: PostedOrder, chain_id: int, exchange: str, owner: str) -> str:
    """The order is signed by its maker's owner; returns its id, as eth_account hashes it."""
    message = encode_typed_data(full_message=typed_data(posted, chain_id, exchange))
    signed, tail = message, b""
    if posted.order.signature_type == _DEPOSIT_WALLET:
        signed = encode_typed_data(full_message=_for_wallet(posted, chain_id, exchange))
        tail = message.header + message.body + _ORDER_TYPE + len(_ORDER_TYPE).to_bytes(2, "big")
    try:
        signature = bytes.fromhex(posted.signature.removeprefix("0x"))
        signer = Account.recover_message(signed, signature=signature[:65])
    except Exception:  # whatever eth_account and its curve library raise for a malformed signature
        raise RefusalError(400, "invalid signature") from None
    if signature[65:] != tail or signature[64] not in (27, 28) or signer != owner:
        raise RefusalError(400, "invalid signature")
    return "0x" + _digest(message).hex()


def _for_wallet(posted: PostedOrder, chain_id: int, exchange: str) -> dict[str, object]:
    """What the owner of a deposit wallet signs: the order inside ERC-7739's TypedDataSign."""
    data: dict[str, Any] = typed_data(posted, chain_id, exchange)
    return {
        **data,
        "primaryType": "TypedDataSign",
        "types": {
            **data["types"],
            "TypedDataSign": [{"name": name, "type": kind} for name, kind in _WALLET_FIELDS.items()],
        },
        "message": {
            "contents": data["message"],
            "name": "DepositWallet",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": posted.order.signer,
            "salt": bytes(32),
        },
    }


def _digest(message: SignableMessage) -> bytes:
    return keccak(b"\x19" + message.version + message.header + message.body)
