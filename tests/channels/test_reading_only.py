"""A case that only reads: nothing is signed, whatever keys there are."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from harness.accounts import Account, Wallet
from harness.channels import chain
from harness.channels.chain import ChainDriver
from harness.channels.rest import RestDriver
from harness.clock import RunClock
from harness.wire.ctf import CONTRACTS_137

from .leaves import OPEN_DIAL
from .nodepeer import NodePeer
from .notes import Notes
from .test_node import APPROVE, BALANCE, HEAD, RESULTS
from .webpeer import WebPeer


class Signed(Exception):
    """Somebody signed."""


@pytest.fixture
def alice(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account whose key must not be used."""

    def sign(*_: Any) -> Any:
        raise Signed

    monkeypatch.setattr(Wallet, "sign", sign)
    monkeypatch.setattr(chain, "_eth_account", sign)
    return Account("alice", Wallet.create(), "key-of-alice", "c2VjcmV0LW9mLWFsaWNl", "pass-of-alice")


def test_reading_a_chain_makes_no_signer(alice: Account) -> None:
    """Looks and calls of an actor with a key construct no signer; a transaction needs one."""
    registered: list[str] = []
    with NodePeer({**RESULTS, "eth_getBlockByNumber": {"baseFeePerGas": "0x1"}}) as peer:
        driver = ChainDriver(
            peer.url,
            alice,
            dial=OPEN_DIAL,
            chain_id=137,
            clock=RunClock(),
            register=lambda label, _: registered.append(label),
        )
        notes = Notes()
        with closing(driver):
            driver.send(HEAD, notes)
            driver.send(BALANCE, notes)
            with pytest.raises(Signed):
                driver.send(APPROVE, notes)

    assert [note.what for note in notes.told] == ["sent", "answered"] * 2
    assert registered == []


@pytest.mark.parametrize("intent", [{"method": "GET"}, {"method": "DELETE", "json": {"orderID": "0x1"}}])
@pytest.mark.parametrize("auth", [{}, {"auth": "none"}])
def test_requests_are_signed_by_the_key_only_where_orders_are(
    alice: Account, intent: dict[str, Any], auth: dict[str, Any]
) -> None:
    """A request goes out with the API's secret, or nobody's; the key signs orders and what says `wallet`."""
    with WebPeer() as peer:
        driver = RestDriver(
            peer.url,
            alice,
            dial=OPEN_DIAL,
            chain_id=137,
            contracts=CONTRACTS_137,
            clock=RunClock(),
            register=lambda label, value: None,
        )
        notes = Notes()
        with closing(driver):
            driver.send({"path": "/data/orders", **intent, **auth}, notes)
            with pytest.raises(Signed):
                driver.send({"method": "GET", "path": "/auth/derive-api-key", "auth": "wallet"}, notes)

    assert [note.what for note in notes.told] == ["sent", "answered"]
