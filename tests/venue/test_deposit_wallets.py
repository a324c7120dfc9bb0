"""Deposit wallets as contracts: their factory, ERC-1271 with ERC-7739's form, and what is not deployed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_hash.auto import keccak
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.exceptions import PolyApiException

from harness.venue.abi import call_data
from harness.wire import clob, wallets
from harness.wire.clob import Order, Side
from harness.wire.ctf import CONTRACTS_137 as AT

from .bench import Bench
from .onchain import BOTH, ROOT, Onchain, selector
from .test_verbs import begin

MAGIC, NOT_SIGNED = "1626ba7e", "ffffffff"
EXECUTE = "execute(address,uint256,bytes)"
NOT_YOURS = "the order signer address has to be the address of the API KEY"
USDC = 1_000_000


def order_of(wallet: str) -> Order:
    return Order(1, wallet, wallet, 5, 10, 20, Side.BUY, wallets.KINDS["deposit"], 1)


def signature_of(order: Order, key: str, exchange: str = AT.exchange) -> bytes:
    def sign(digest: bytes) -> str:
        return "0x" + bytes(Account.unsafe_sign_hash(digest, key).signature).hex()

    signed = wallets.order_signature(order, sign, chain_id=137, exchange=exchange)
    return bytes.fromhex(signed[2:])


def test_the_factory_places_a_wallet_where_we_say(bench: Bench) -> None:
    """The address that we derive is the one that CREATE2 gives, and the wallet knows its owner."""
    chain, owner = Onchain(bench), bench.customer().address
    wallet = wallets.deposit_wallet(owner)
    assert bench.rpc("eth_getCode", wallet, "latest") == "0x"
    chain.done(bench.customer().address, wallets.DEPOSIT_FACTORY, "deploy(address)", owner)
    assert chain.read(wallet, "owner()", "address") == owner.lower()
    again = chain.refusal(owner, wallets.DEPOSIT_FACTORY, "deploy(address)", owner)
    assert again == selector("DeploymentFailed")


@pytest.mark.parametrize("exchange", [AT.exchange, AT.neg_risk_exchange], ids=["standard", "neg-risk"])
def test_the_wallet_says_what_its_owner_signed(bench: Bench, exchange: str) -> None:
    """isValidSignature answers with the magic for ERC-7739's form of its owner, and for nothing else."""
    chain, owner, thief = Onchain(bench), Account.create(), Account.create()
    bench.control("/fund", {"address": owner.address})
    wallet = wallets.deposit_wallet(owner.address)
    bench.control("/fund", {"address": wallet})
    order = order_of(wallet)
    digest = clob.order_digest(order, chain_id=137, exchange=exchange)

    def said(hash_: bytes, signature: bytes) -> str:
        answer = chain.read(wallet, "isValidSignature(bytes32,bytes)", "bytes4", hash_, signature)
        return bytes(answer).hex()

    wrapped = signature_of(order, owner.key, exchange)
    assert (len(wrapped), said(digest, wrapped)) == (317, MAGIC)
    assert said(keccak(b"another"), wrapped) == NOT_SIGNED
    assert said(digest, signature_of(order, thief.key, exchange)) == NOT_SIGNED
    plain = bytes(Account.unsafe_sign_hash(digest, owner.key).signature)
    assert said(digest, plain) == NOT_SIGNED
    for at in (0, 70, 100, 140, 316):
        spoilt = wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :]
        assert said(digest, spoilt) == NOT_SIGNED, at


def test_an_order_of_a_wallet_that_is_not_deployed_is_refused(bench: Bench, market: dict[str, Any]) -> None:
    """Until somebody deploys it, its orders answer with the documented words, and then they are taken."""
    buyer, chain = bench.customer(), Onchain(bench)
    wallet = wallets.deposit_wallet(buyer.address)
    bench.control("/fund", {"address": wallet, "collateral": "10", "deployed": False})
    client = ClobClient(
        bench.ready["rest"], 137, buyer.key, buyer.client.creds, signature_type=3, funder=wallet
    )
    trader = replace(buyer, client=client)
    with pytest.raises(PolyApiException, match=NOT_YOURS):
        trader.order(market["yes"], "BUY", 0.5, 5)
    chain.done(buyer.address, wallets.DEPOSIT_FACTORY, "deploy(address)", buyer.address)
    bench.control("/fund", {"address": wallet})
    assert trader.order(market["yes"], "BUY", 0.5, 5)["status"] == "live"


def test_a_wallet_that_was_funded_before_its_owner_was_known_is_placed(
    bench: Bench, market: dict[str, Any]
) -> None:
    """The order of the two calls of POST /fund does not matter, also where approvals were set already."""
    owner = Account.create()
    wallet = wallets.deposit_wallet(owner.address)
    bench.control("/fund", {"address": wallet, "market": market["condition"], "yes": "3"})
    assert bench.rpc("eth_getCode", wallet, "latest") == "0x"
    bench.control("/fund", {"address": owner.address})
    assert bench.rpc("eth_getCode", wallet, "latest") != "0x"
    assert Onchain(bench).shares(wallet, market["yes"]) == 3 * USDC


def test_a_wallet_acts_for_its_owner(bench: Bench, market: dict[str, Any]) -> None:
    """Approvals, splits and redemptions of a wallet are its owner's transactions; strangers are refused."""
    owner, chain = bench.customer(), Onchain(bench)
    wallet = wallets.deposit_wallet(owner.address)
    bench.control("/fund", {"address": wallet, "collateral": "10", "approve": False})

    def act(to: str, signature: str, *arguments: Any) -> None:
        data = bytes.fromhex(call_data(signature, arguments)[2:])
        chain.done(owner.address, wallet, EXECUTE, to, 0, data)

    act(AT.collateral, "approve(address,uint256)", AT.adapter, 10 * USDC)
    act(AT.ctf, "setApprovalForAll(address,bool)", AT.adapter, True)
    condition = bytes.fromhex(market["condition"][2:])
    split = "splitPosition(address,bytes32,bytes32,uint256[],uint256)"
    act(AT.adapter, split, AT.collateral, ROOT, condition, BOTH, 4 * USDC)
    assert chain.shares(wallet, market["yes"]) == 4 * USDC
    begin(bench, "resolve", market=market["condition"], outcome="no")
    redeem = "redeemPositions(address,bytes32,bytes32,uint256[])"
    act(AT.adapter, redeem, AT.collateral, ROOT, condition, BOTH)
    assert chain.dollars(AT.collateral, wallet) == 10 * USDC
    stranger = bench.customer().address
    assert chain.refusal(stranger, wallet, EXECUTE, AT.ctf, 0, b"") == selector("OnlyOwner")
    data = bytes.fromhex(call_data("transfer(address,uint256)", (owner.address, 11 * USDC))[2:])
    said = chain.refusal(owner.address, wallet, EXECUTE, AT.collateral, 0, data)
    assert said == selector("TransferAmountExceedsBalance")
