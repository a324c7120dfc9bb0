"""The wallets that belong to an owner's address, and how an owner signs for one of them.

A customer's funds stand at the owner's own address, or at a contract that a factory places at an address
which follows from the owner alone (CREATE2, EIP-1014). Sources: CLOB docs (contracts, deposit wallets), the
official SDK polymarket-client 0.14.0, Solady's ERC-1967 proxies, ERC-7739 (typed data that a contract signs).
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from eth_hash.auto import keccak

from harness.wire.clob import ORDER_TYPE, Order, domain_separator, order_digest, order_struct_hash
from harness.wire.ctf import checksum_address

KINDS: Final = MappingProxyType({"eoa": 0, "proxy": 1, "safe": 2, "deposit": 3})
"""The kinds of wallet, as the signature type of their orders."""

PROXY_FACTORY: Final = "0xaB45c5A4B0c941a2F231C04C3f49182e1A254052"
PROXY_IMPLEMENTATION: Final = "0x44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f"
SAFE_FACTORY: Final = "0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b"
SAFE_INIT_CODE_HASH: Final = "0x2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf"
DEPOSIT_FACTORY: Final = "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"
DEPOSIT_WALLET: Final = "0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB"
"""The code behind all deposit wallets."""
DEPOSIT_BEACON: Final = "0x7A18EDfe055488A3128f01F563e5B479D92ffc3a"

_ORDER_TYPE_BYTES = ORDER_TYPE.encode()
_TYPED_DATA_SIGN_TYPEHASH = keccak(
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,"
    b"address verifyingContract,bytes32 salt)" + _ORDER_TYPE_BYTES
)


def proxy_wallet(owner: str) -> str:
    """The proxy wallet of an owner (signature type 1: accounts opened by email), as EIP-55 text."""
    code = (
        bytes.fromhex("3d3d606380380380913d393d73")
        + _raw(PROXY_FACTORY)
        + bytes.fromhex("5af4602a57600080fd5b602d8060366000396000f3363d3d373d3d3d363d73")
        + _raw(PROXY_IMPLEMENTATION)
        + bytes.fromhex("5af43d82803e903d91602b57fd5bf352e831dd")
        + _word(b"\x20")
        + _word(b"")
    )
    return _placed(PROXY_FACTORY, keccak(_raw(owner)), keccak(code))


def safe_wallet(owner: str) -> str:
    """The Gnosis Safe of an owner (signature type 2: accounts opened with a wallet), as EIP-55 text."""
    return _placed(SAFE_FACTORY, keccak(_word(_raw(owner))), bytes.fromhex(SAFE_INIT_CODE_HASH[2:]))


def deposit_wallet(owner: str) -> str:
    """The deposit wallet of an owner (signature type 3: accounts since 2026-05-04), as EIP-55 text.

    The beacon proxy that the factory places since 2026-06-29; wallets placed before it stand elsewhere.
    """
    arguments = _word(_raw(DEPOSIT_FACTORY)) + _word(_raw(owner))
    code = (
        (0x6100523D8160233D3973 + (len(arguments) << 56)).to_bytes(10, "big")
        + _raw(DEPOSIT_BEACON)
        + bytes.fromhex("60195155f3363d3d373d3d363d602036600436635c60da")
        + bytes.fromhex("1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c")
        + bytes.fromhex("b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3")
        + arguments
    )
    return _placed(DEPOSIT_FACTORY, keccak(arguments), keccak(code))


def wallet_of(owner: str, kind: str) -> str:
    """The wallet of one of `KINDS`: the owner itself for `eoa`. Raises ValueError for another kind."""
    match kind:
        case "eoa":
            return checksum_address(owner)
        case "proxy":
            return proxy_wallet(owner)
        case "safe":
            return safe_wallet(owner)
        case "deposit":
            return deposit_wallet(owner)
    raise ValueError(f"there is no wallet {kind!r}: name one of {', '.join(KINDS)}")


def order_signature(order: Order, sign: Callable[[bytes], str], *, chain_id: int, exchange: str) -> str:
    """An order's signature as it travels; `sign` is the owner's key: 32 bytes to 65 bytes as 0x text.

    Over the order's own digest. For a deposit wallet (type 3) over ERC-7739's TypedDataSign around the order,
    which names the wallet, and then 317 bytes: the owner's 65, the exchange's domain separator, the hash of
    the order, the order's type, and the type's length in two bytes.
    """
    if order.signature_type != KINDS["deposit"]:
        return sign(order_digest(order, chain_id=chain_id, exchange=exchange))
    domain, contents = domain_separator(chain_id, exchange), order_struct_hash(order)
    wallet = keccak(b"DepositWallet") + keccak(b"1") + chain_id.to_bytes(32, "big")
    wallet += _word(_raw(order.signer)) + _word(b"")
    inner = sign(keccak(b"\x19\x01" + domain + keccak(_TYPED_DATA_SIGN_TYPEHASH + contents + wallet)))
    tail = _ORDER_TYPE_BYTES + len(_ORDER_TYPE_BYTES).to_bytes(2, "big")
    return inner + (domain + contents + tail).hex()


def _raw(address: str) -> bytes:
    return bytes.fromhex(checksum_address(address)[2:])


def _word(raw: bytes) -> bytes:
    return raw.rjust(32, b"\x00")


def _placed(factory: str, salt: bytes, init_code_hash: bytes) -> str:
    digest = keccak(b"\xff" + _raw(factory) + salt + init_code_hash)
    return checksum_address("0x" + digest[-20:].hex())
