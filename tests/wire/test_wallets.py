"""Derived wallets and their orders' signatures against the official SDK, the official client and vectors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from hypothesis import given
from py_clob_client_v2.order_utils.exchange_order_builder_v2 import ExchangeOrderBuilderV2
from py_clob_client_v2.signer import Signer

from harness.wire import clob, wallets
from harness.wire.clob import Order

from .oracles import judges
from .test_clob import EXCHANGE, KEY, NEG_RISK, VECTOR, WALLET, orders, theirs

# derive_*_wallet_address of polymarket-client 0.14.0, run once: it cannot be installed beside eth-abi 6
DERIVED = {
    WALLET: (
        "0x6Cd089333445c89b55B7693c6009DCc229613738",
        "0x75F00B003FBBBA193FABEB06284c3187a4C1232E",
        "0x8154deDBDAAA46c07453E47b5b6C0Ff60B8542b9",
    ),
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266": (
        "0x365f0CA36Ae1f641E02fE3B7743673da42A13A70",
        "0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6E47",
        "0xBc0fF067b7740Eff76C1ca93c875Ba6B890d6B50",
    ),
    "0x2222222222222222222222222222222222222222": (
        "0xef707d8347212b0ccCE8ec8B5CAc514b0531A67d",
        "0x48b6E483e9C3A8F3fC1D29c5d584e15482c7153a",
        "0xd04b053044B5dBAaEdd60a84Ed14Cc32fA4990d8",
    ),
    "0x6e0c80c90ea6c15917308F820Eac91Ce2724B5b5": (
        "0x410afd66773504329B0D4733ac407914a0840Da8",
        "0x6d8c4e9aDF5748Af82Dabe2C6225207770d6B4fa",
        "0x1b7F973F23Fb032A1f553625a9BE25059843cd04",
    ),
}


@judges(
    "wallets", "proxy_wallet", "safe_wallet", "deposit_wallet", "wallet_of", oracle="polymarket-client 0.14.0"
)
@pytest.mark.parametrize("owner", sorted(DERIVED))
@pytest.mark.parametrize("write", [str, str.lower], ids=["checksummed", "lower"])
def test_wallets_are_where_the_official_sdk_derives_them(owner: str, write: type[str]) -> None:
    """A wallet's address follows from its owner's, however that is written."""
    given_as = write(owner)
    derive = (wallets.proxy_wallet, wallets.safe_wallet, wallets.deposit_wallet)
    assert tuple(of(given_as) for of in derive) == DERIVED[owner]
    assert [wallets.wallet_of(given_as, kind) for kind in wallets.KINDS] == [owner, *DERIVED[owner]]


def test_an_unknown_kind_of_wallet_is_named() -> None:
    """A kind that does not exist is refused with those that do."""
    with pytest.raises(ValueError, match="no wallet 'paper': name one of eoa, proxy, safe, deposit"):
        wallets.wallet_of(WALLET, "paper")


def sign(digest: bytes) -> str:
    return "0x" + Account.unsafe_sign_hash(digest, KEY).signature.hex()


@judges("wallets", "order_signature", oracle="the official client's builder")
@judges("clob", "domain_separator", "order_struct_hash", oracle="the official client's wrapped signature")
@given(orders)
def test_an_orders_signature_is_the_official_clients(order: Order) -> None:
    """For any order of any kind of wallet, the signature has the official client's bytes."""
    for kind in wallets.KINDS.values():
        typed = replace(order, signature_type=kind)
        builder = ExchangeOrderBuilderV2(EXCHANGE, 137, Signer(KEY, 137))
        expected = builder.build_order_signature(builder.build_order_typed_data(theirs(typed)))
        assert wallets.order_signature(typed, sign, chain_id=137, exchange=EXCHANGE) == expected


@judges("clob", "domain_separator", oracle="published vectors")
@judges("wallets", "order_signature", oracle="published vectors")
def test_the_signatures_of_the_vectors() -> None:
    """The published domain separators and the signature for a deposit wallet come out."""
    separators = [clob.domain_separator(137, exchange).hex() for exchange in (EXCHANGE, NEG_RISK)]
    assert separators == [
        "3264e159346253e26a64e00b69032db0e7d32f94628de3e6eecb50304d7af3d2",
        "9b858f53327b0bd13af8ec14cfb35234fb9eb7b0504d1a4e61f433840d30e81a",
    ]
    wallet = "0x" + "22" * 20
    order = replace(VECTOR, maker=wallet, signer=wallet, signature_type=3)
    signature = wallets.order_signature(order, sign, chain_id=137, exchange=EXCHANGE)
    assert signature == (
        "0xa8b51b86a7ce50332f9dbfd44e6dcf1229141159b6b9fc23369c17b5721e7f4a"
        "7e12f0acef0220c27ff4aa0eccde4908ca4f620e3cb722df5d0043d5a3e8a1cd1b"
        + separators[0]
        + clob.order_struct_hash(order).hex()
        + clob.ORDER_TYPE.encode().hex()
        + "00ba"
    )
    assert len(bytes.fromhex(signature[2:])) == 317
