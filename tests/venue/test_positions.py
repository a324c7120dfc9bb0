"""The data host: it lists what the chain's branch says, and its defects do not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from eth_abi.abi import encode

from harness import exactjson
from harness.wire.clob import CONTRACTS_137

from .bench import Bench, Customer, eventually
from .test_verbs import begin
from .test_verbs_chain import CONFIRMED, Deal, frozen, positions, positions_size

HEALTHY = "2026.11.2"


def redeem(bench: Bench, holder: Customer, market: dict[str, str]) -> str:
    """The holder calls redeemPositions for both outcomes; returns the hash of the mined transaction."""
    condition = bytes.fromhex(market["condition"][2:])
    kinds = ["address", "bytes32", "bytes32", "uint256[]"]
    data = "0x01b7037c" + encode(kinds, [CONTRACTS_137.usdce, bytes(32), condition, [1, 2]]).hex()
    bench.rpc("anvil_impersonateAccount", holder.address)
    sent = {"from": holder.address, "to": CONTRACTS_137.ctf, "data": data, "gas": "0x50000"}
    name: str = bench.rpc("eth_sendTransaction", sent)
    bench.rpc("anvil_stopImpersonatingAccount", holder.address)
    begin(bench, "mine", blocks=1)
    assert bench.rpc("eth_getTransactionReceipt", name)["status"] == "0x1"
    return name


def usdce(bench: Bench, holder: Customer) -> int:
    data = "0x70a08231" + holder.address[2:].rjust(64, "0")
    return int(bench.rpc("eth_call", {"to": CONTRACTS_137.usdce, "data": data}, "latest"), 16)


def only(bench: Bench, holder: Customer) -> dict[str, Any]:
    """The holder's one position."""
    rows = eventually(lambda: positions(bench, holder))
    assert len(rows) == 1
    return rows[0]


def test_a_position_says_what_it_is(troubled: Bench) -> None:
    """A position names its market, token and outcome; sizes are exact numbers of shares."""
    market = troubled.market()
    holder = troubled.customer(market, no="12.345678")
    eventually(lambda: positions(troubled, holder) or None)
    url = troubled.ready["data"] + "/positions"
    answer = exactjson.loads(troubled.http.get(url, params={"user": holder.address}).content)
    assert answer == [
        {
            "proxyWallet": holder.address.lower(),
            "asset": market["no"],
            "conditionId": market["condition"],
            "size": Decimal("12.345678"),
            "currentValue": Decimal("6.172839"),
            "curPrice": Decimal("0.5"),
            "redeemable": False,
            "mergeable": False,
            "title": market["symbol"],
            "slug": market["symbol"].lower(),
            "outcome": "No",
            "outcomeIndex": 1,
            "oppositeOutcome": "Yes",
            "oppositeAsset": market["yes"],
            "negativeRisk": False,
        }
    ]


def test_positions_can_be_asked_for_by_market(troubled: Bench) -> None:
    """`market` lists those of one condition; both outcomes of it can be merged."""
    first, second = troubled.market(), troubled.market()
    holder = troubled.customer(first, yes="5")
    troubled.control(
        "/fund", {"address": holder.address, "market": second["condition"], "yes": "7", "no": "8"}
    )
    eventually(lambda: len(positions(troubled, holder)) == 3 or None)
    query = {"user": holder.address, "market": second["condition"]}
    rows = troubled.http.get(troubled.ready["data"] + "/positions", params=query).json()
    assert sorted((row["outcome"], row["size"], row["mergeable"]) for row in rows) == [
        ("No", 8, True),
        ("Yes", 7, True),
    ]


@pytest.mark.parametrize(
    ("query", "text"),
    [({}, "required query param 'user' not provided"), ({"user": "0x12"}, "an address must have 20 bytes")],
)
def test_a_question_without_an_address_is_refused(troubled: Bench, query: dict[str, str], text: str) -> None:
    """A missing or malformed user answers 400."""
    answer = troubled.http.get(troubled.ready["data"] + "/positions", params=query)
    assert answer.status_code == 400
    assert text in answer.json()["error"]


def test_a_redeemed_position_is_gone_and_a_dropped_redemption_brings_it_back(troubled: Bench) -> None:
    """A resolved position is redeemable until it is redeemed, once on the branch that counts."""
    market = troubled.market()
    holder = troubled.customer(market, yes="10")
    assert only(troubled, holder)["redeemable"] is False
    begin(troubled, "resolve", market=market["condition"], outcome="yes")
    eventually(lambda: only(troubled, holder)["redeemable"])
    assert (only(troubled, holder)["size"], only(troubled, holder)["curPrice"]) == (10, 1)
    with frozen(troubled):
        redeem(troubled, holder, market)
        eventually(lambda: positions(troubled, holder) == [] or None)
        assert usdce(troubled, holder) == 10_000_000
        begin(troubled, "reorg", depth=1)
        begin(troubled, "mine", blocks=1)
        assert (positions(troubled, holder), usdce(troubled, holder)) == ([], 10_000_000)
        begin(troubled, "reorg", depth=2, drop=True)
        assert usdce(troubled, holder) == 0
        row = only(troubled, holder)
        assert (row["size"], row["redeemable"]) == (10, True)
        redeem(troubled, holder, market)
        eventually(lambda: positions(troubled, holder) == [] or None)
    assert usdce(troubled, holder) == 10_000_000


def test_a_lost_position_is_redeemable_for_nothing(troubled: Bench) -> None:
    """The losing outcome of a resolved market is listed at price 0 until it is redeemed."""
    market = troubled.market()
    holder = troubled.customer(market, yes="10")
    begin(troubled, "resolve", market=market["condition"], outcome="no")
    eventually(lambda: positions(troubled, holder) and only(troubled, holder)["redeemable"])
    assert (only(troubled, holder)["curPrice"], only(troubled, holder)["currentValue"]) == (0, 0)
    redeem(troubled, holder, market)
    eventually(lambda: positions(troubled, holder) == [] or None)
    assert usdce(troubled, holder) == 0


@pytest.mark.parametrize(("build", "listed"), [("2026.9.20", 20), (HEALTHY, 10)])
def test_esc_1149_counts_the_orphaned_transfer_too(shipping: Bench, build: str, listed: int) -> None:
    """With ESC-1149 a bought position has twice its size after a reorg; balanceOf says what is true."""
    shipping.control("/build", {"build": build})
    deal = Deal(shipping)
    with frozen(shipping):
        deal.strike()
        deal.sent()
        begin(shipping, "mine", blocks=3)
        deal.until(CONFIRMED)
        begin(shipping, "reorg", depth=3)
    eventually(lambda: positions_size(shipping, deal.buyer) == listed or None)
    assert deal.shares() == ("0", "10")


@pytest.mark.parametrize(("build", "left"), [("2026.9.21", [(10, True)]), (HEALTHY, [])])
def test_esc_1144_goes_on_listing_what_was_redeemed(
    shipping: Bench, build: str, left: list[tuple[int, bool]]
) -> None:
    """With ESC-1144 a redeemed position is still there to redeem, with its size."""
    shipping.control("/build", {"build": build})
    market = shipping.market()
    holder = shipping.customer(market, yes="10")
    begin(shipping, "resolve", market=market["condition"], outcome="yes")
    eventually(lambda: positions(shipping, holder) and only(shipping, holder)["redeemable"])
    redeem(shipping, holder, market)
    later = shipping.customer(market, yes="1")
    eventually(lambda: positions(shipping, later) or None)
    assert [(row["size"], row["redeemable"]) for row in positions(shipping, holder)] == left
    assert shipping.funds(holder, market)["yes"] == "0"
    assert usdce(shipping, holder) == 10_000_000


@pytest.mark.parametrize(("build", "still_listed"), [("2026.9.22", False), (HEALTHY, True)])
def test_esc_1105_lists_no_open_order_after_a_restart(
    shipping: Bench, build: str, still_listed: bool
) -> None:
    """With ESC-1105 an open order is off the list after a restart of the WebSockets, and still matches."""
    shipping.control("/build", {"build": build})
    deal = Deal(shipping)
    placed = [row["id"] for row in deal.seller.client.get_open_orders()]
    assert len(placed) == 1
    begin(shipping, "restart", of="ws")
    assert [row["id"] for row in deal.seller.client.get_open_orders()] == (placed if still_listed else [])
    assert deal.seller.client.get_order(placed[0])["status"] == "LIVE"
    deal.strike()
    deal.until(CONFIRMED)
    assert deal.shares() == ("0", "10")
