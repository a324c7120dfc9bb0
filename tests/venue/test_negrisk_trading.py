"""Trading in neg-risk markets: listing, approvals, settlement by the neg-risk exchange, resolution."""

from __future__ import annotations

from typing import Any

import pytest
from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams
from py_clob_client_v2.exceptions import PolyApiException

from harness.wire import ctf
from harness.wire.ctf import CONTRACTS_137 as AT

from .bench import Bench, Customer, eventually
from .onchain import Onchain
from .test_verbs import begin

USDC = 1_000_000
CONVERT = "convertPositions(bytes32,uint256,uint256)"


def event(bench: Bench, count: int) -> list[dict[str, Any]]:
    """Markets of one new event."""
    first = bench.control("/markets", {"neg_risk": True})
    joined = {"neg_risk": True, "event": first["neg_risk_market_id"]}
    return [first, *(bench.control("/markets", joined) for _ in range(count - 1))]


@pytest.fixture
def market(bench: Bench) -> dict[str, Any]:
    return event(bench, 1)[0]


def refused(customer: Customer, *order: Any) -> str:
    with pytest.raises(PolyApiException) as caught:
        customer.order(*order)
    return str(caught.value.error_msg["error"])


def allowances(customer: Customer, token: str = "") -> dict[str, str]:
    kind = AssetType.CONDITIONAL if token else AssetType.COLLATERAL
    asked = BalanceAllowanceParams(asset_type=kind, token_id=token or None)
    told: dict[str, str] = customer.client.get_balance_allowance(asked)["allowances"]
    return told


def test_markets_of_one_event_count_up(bench: Bench) -> None:
    """The questions of an event share its id, and what we compute of them is what the chain has."""
    markets = event(bench, 3)
    (event_id,) = {market["neg_risk_market_id"] for market in markets}
    chain = Onchain(bench)
    for index, market in enumerate(markets):
        assert market["question_id"] == ctf.neg_risk_question_id(event_id, index)
        assert market["oracle"] == AT.neg_risk_adapter
        question = bytes.fromhex(market["question_id"][2:])
        for name, outcome in (("yes", True), ("no", False)):
            signature = "getPositionId(bytes32,bool)"
            token = chain.read(AT.neg_risk_adapter, signature, "uint256", question, outcome)
            assert str(token) == market[name]
    shown = bench.http.get(f"{bench.ready['rest']}/markets/{markets[1]['condition']}").json()
    assert (shown["neg_risk"], shown["neg_risk_market_id"]) == (True, event_id)


def test_an_event_must_be_there(bench: Bench) -> None:
    """A market joins an event that has a market, and only a neg-risk one does."""
    for body, words in (
        ({"neg_risk": True, "event": "0x12"}, "name the neg_risk_market_id of a listed market"),
        ({"event": "0x12"}, "means nothing without neg_risk"),
    ):
        answer = bench.http.post(bench.ready["control"] + "/markets", json=body)
        assert (answer.status_code, words in answer.json()["error"]) == (400, True)


def test_a_trade_is_settled_by_the_neg_risk_exchange(bench: Bench, market: dict[str, Any]) -> None:
    """The official client signs for the other exchange, which moves money and shares."""
    seller, buyer = bench.customer(market, yes="10"), bench.customer(market, collateral="10")
    seller.order(market["yes"], "SELL", 0.5, 10)
    trade = buyer.order(market["yes"], "BUY", 0.5, 10)["tradeIDs"][0]
    mined = buyer.until_status(trade, "CONFIRMED")
    sent = bench.rpc("eth_getTransactionByHash", mined["transaction_hash"])
    assert sent["to"] == AT.neg_risk_exchange.lower()
    assert bench.funds(buyer, market)["yes"] == "10"
    assert bench.funds(seller, market)["collateral"] == "5"


def test_every_spender_is_listed(bench: Bench, market: dict[str, Any]) -> None:
    """/balance-allowance names whom markets of all kinds need, for money and for shares."""
    buyer = bench.customer(market, collateral="10")
    wanted = [AT.exchange, AT.neg_risk_exchange, AT.neg_risk_adapter]
    for told in (allowances(buyer), allowances(buyer, market["yes"])):
        assert list(told) == wanted
        assert set(told.values()) == {str((1 << 256) - 1)}


@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("missing", [AT.neg_risk_exchange, AT.neg_risk_adapter], ids=["exchange", "adapter"])
def test_exchange_and_adapter_must_be_approved(
    bench: Bench, market: dict[str, Any], side: str, missing: str
) -> None:
    """With only one of the two an order is refused, and the text names the other; with both it is taken."""
    trader = bench.customer(market, collateral="10", yes="10", approve=False)
    chain = Onchain(bench)

    def approve(spender: str) -> None:
        if side == "BUY":
            chain.approve(trader.address, AT.collateral, spender)
        else:
            chain.approve_shares(trader.address, spender)

    order = (market["yes"], side, 0.5, 10)
    for spender in {AT.exchange, AT.neg_risk_exchange, AT.neg_risk_adapter} - {missing}:
        approve(spender)
    assert f"the allowance is not enough -> spender: {missing}, allowance: 0" in refused(trader, *order)
    approve(missing)
    assert trader.order(*order)["status"] == "live"


def test_a_standard_market_needs_its_exchange_only(bench: Bench) -> None:
    """The neg-risk contracts need no approval for the other markets."""
    market = bench.market()
    trader = bench.customer(market, collateral="10", approve=False)
    chain = Onchain(bench)
    for spender in (AT.neg_risk_exchange, AT.neg_risk_adapter):
        chain.approve(trader.address, AT.collateral, spender)
    assert f"spender: {AT.exchange}, allowance: 0" in refused(trader, market["yes"], "BUY", 0.5, 10)
    chain.approve(trader.address, AT.collateral, AT.exchange)
    assert trader.order(market["yes"], "BUY", 0.5, 10)["status"] == "live"


def test_no_is_converted_and_sold_as_yes(bench: Bench) -> None:
    """What a conversion gives can be traded at once: the balance gate reads the chain."""
    first, second = event(bench, 2)
    owner = bench.customer(first, no="10")
    chain, event_id = Onchain(bench), bytes.fromhex(first["neg_risk_market_id"][2:])
    chain.approve_shares(owner.address, AT.neg_risk_collateral_adapter)
    chain.done(owner.address, AT.neg_risk_collateral_adapter, CONVERT, event_id, 0b01, 10 * USDC)
    assert chain.shares(owner.address, second["yes"]) == 10 * USDC
    bench.in_blocks(1)
    assert owner.order(second["yes"], "SELL", 0.5, 10)["status"] == "live"


def test_one_market_of_an_event_ends_with_yes(bench: Bench) -> None:
    """The adapter reports each market; a second yes is refused before the chain would."""
    first, second = event(bench, 2)
    owner = bench.customer(second, no="4")
    begin(bench, "resolve", market=first["condition"], outcome="yes")
    body = {"market": second["condition"], "outcome": "yes"}
    answer = bench.http.post(bench.ready["control"] + "/verbs/resolve", json=body)
    assert (answer.status_code, "can only end as no" in answer.json()["error"]) == (400, True)
    begin(bench, "resolve", market=second["condition"], outcome="no")
    chain = Onchain(bench)
    chain.approve_shares(owner.address, AT.neg_risk_adapter)
    redeem = "redeemPositions(bytes32,uint256[])"
    condition = bytes.fromhex(second["condition"][2:])
    chain.done(owner.address, AT.neg_risk_adapter, redeem, condition, [0, 4 * USDC])
    assert chain.dollars(AT.usdce, owner.address) == 4 * USDC


def test_positions_say_that_they_are_neg_risk(bench: Bench, market: dict[str, Any]) -> None:
    """The data host lists positions of neg-risk markets as such."""
    owner = bench.customer(market, yes="3")
    url = bench.ready["data"] + "/positions"
    rows = eventually(lambda: bench.http.get(url, params={"user": owner.address}).json())
    assert [(row["asset"], row["negativeRisk"]) for row in rows] == [(market["yes"], True)]


def test_buyers_of_both_outcomes_mint_and_sellers_merge(bench: Bench, market: dict[str, Any]) -> None:
    """The neg-risk exchange splits and merges through its own adapter, and keeps nothing."""
    first, second = (bench.customer(market, collateral="10") for _ in range(2))
    chain = Onchain(bench)
    for side, price in (("BUY", 0.4), ("SELL", 0.6)):
        first.order(market["yes"], side, price, 10)
        trade = second.order(market["no"], side, round(1 - price, 1), 10)["tradeIDs"][0]
        second.until_status(trade, "CONFIRMED")
        held = 10 * USDC if side == "BUY" else 0
        assert chain.shares(first.address, market["yes"]) == held
        assert chain.shares(second.address, market["no"]) == held
    assert chain.dollars(AT.collateral, first.address) == 12 * USDC
    assert chain.dollars(AT.collateral, second.address) == 8 * USDC
    assert chain.dollars(AT.collateral, AT.neg_risk_exchange) == 0
