"""Builds, defects, and settlements that fail."""

from __future__ import annotations

import importlib
from dataclasses import fields

import pytest
from py_clob_client_v2.exceptions import PolyApiException

from harness.venue.builds import all_builds, find_build
from harness.venue.faults import VenueError
from harness.venue.parts import Parts
from harness.wire.clob import CONTRACTS_137

from .bench import Bench, eventually

DEFECTS = sorted({defect for build in all_builds() for defect in build.defects})


def mined(bench: Bench, transaction_hash: str) -> dict[str, str]:
    return eventually(lambda: bench.rpc("eth_getTransactionReceipt", transaction_hash))


def test_esc_1118_leaves_a_matched_trade_for_ever(shipping: Bench) -> None:
    """With ESC-1118 the order is matched in full, its transaction reverts, and nobody says so."""
    shipping.control("/build", {"build": "2026.11.1"})
    market = shipping.market()
    seller = shipping.customer(market, yes="10")
    buyer = shipping.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.5, 10)

    reply = buyer.order(market["yes"], "BUY", 0.5, 10)

    assert reply["status"] == "matched"
    assert mined(shipping, reply["transactionsHashes"][0])["status"] == "0x0"
    shipping.in_blocks(5)
    assert buyer.trade(reply["tradeIDs"][0])["status"] == "TRADE_STATUS_MATCHED"
    order = buyer.client.get_order(reply["orderID"])
    assert (order["status"], order["size_matched"]) == ("MATCHED", "10")
    assert shipping.funds(buyer, market) == {
        "address": buyer.address,
        "collateral": "10",
        "yes": "0",
        "no": "0",
    }
    with pytest.raises(PolyApiException, match="balance: 0, order amount: 10000000"):
        buyer.order(market["yes"], "SELL", 0.5, 10)
    with pytest.raises(PolyApiException, match="balance: 10000000, sum of matched orders: 5000000, order am"):
        buyer.order(market["yes"], "BUY", 0.5, 15)


def test_shipping_the_next_build_fixes_it_in_place(shipping: Bench) -> None:
    """After the healthy build is shipped, the same two orders settle."""
    assert shipping.control("/build", {"build": "2026.11.2"}) == {"build": "2026.11.2", "defects": []}
    assert shipping.control("/build") == {"build": "2026.11.2", "defects": []}
    market = shipping.market()
    seller = shipping.customer(market, yes="10")
    buyer = shipping.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.5, 10)
    reply = buyer.order(market["yes"], "BUY", 0.5, 10)
    buyer.until_status(reply["tradeIDs"][0], "CONFIRMED")
    assert shipping.funds(buyer, market)["yes"] == "10"


def test_a_settlement_that_keeps_reverting_fails_and_frees_what_it_held(bench: Bench) -> None:
    """When a maker takes the approval back, the trade ends FAILED and nothing stays reserved."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.5, 10)
    revoke = "0xa22cb465" + CONTRACTS_137.exchange[2:].rjust(64, "0") + "0" * 64
    bench.rpc("anvil_impersonateAccount", seller.address)
    sent = {"from": seller.address, "to": CONTRACTS_137.ctf, "data": revoke, "gas": "0x30000"}
    mined(bench, bench.rpc("eth_sendTransaction", sent))
    bench.rpc("anvil_stopImpersonatingAccount", seller.address)

    reply = buyer.order(market["yes"], "BUY", 0.5, 10)

    trade = buyer.until_status(reply["tradeIDs"][0], "FAILED")
    told = "the settlement transaction reverted: ERC1155: need operator approval for 3rd party transfers."
    assert trade["err_msg"] == told
    assert mined(bench, str(trade["transaction_hash"]))["status"] == "0x0"
    assert bench.funds(buyer, market)["collateral"] == "10"
    assert buyer.order(market["yes"], "BUY", 0.5, 20)["status"] == "live"


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_replaces_exactly_one_part(defect: str) -> None:
    """Each defect is a module named by its case that says so and changes one part of the healthy exchange."""
    module = importlib.import_module("harness.venue.defects." + defect.lower().replace("-", "_"))
    assert defect == module.CASE
    assert defect in (module.__doc__ or "")
    healthy = Parts()
    broken = module.apply(healthy)
    changed = [
        part.name for part in fields(Parts) if getattr(broken, part.name) is not getattr(healthy, part.name)
    ]
    assert len(changed) == 1


def test_an_unknown_build_names_those_there_are() -> None:
    """Asking for a build that does not exist says how many do, and from which to which."""
    with pytest.raises(
        VenueError, match=rf"no build '9': name one of the {len(all_builds())} from 2026\.9\.1 to"
    ):
        find_build("9")
