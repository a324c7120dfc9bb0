"""The defects of neg-risk markets, and that the healthy exchange has none of them."""

from __future__ import annotations

from harness.venue.defects.esc_1049 import RETIRED
from harness.venue.spenders import every
from harness.wire.ctf import CONTRACTS_137 as AT

from .bench import Ship, both, eventually
from .onchain import Onchain
from .test_negrisk_trading import allowances, event, refused
from .test_verbs import begin


@both
def test_esc_1134_forgets_the_kind_of_a_resolved_market(ship: Ship, healthy: bool) -> None:
    """With ESC-1134 a redeemable neg-risk position is told as a standard one; before the end it is not."""
    bench = ship("ESC-1134", healthy)
    market = event(bench, 1)[0]
    owner = bench.customer(market, yes="3")
    url = bench.ready["data"] + "/positions"

    def told(redeemable: bool) -> list[bool] | None:
        rows = bench.http.get(url, params={"user": owner.address}).json()
        return next(([row["negativeRisk"]] for row in rows if row["redeemable"] is redeemable), None)

    assert eventually(lambda: told(False)) == [True]
    begin(bench, "resolve", market=market["condition"], outcome="yes")
    assert eventually(lambda: told(True)) == [healthy]


@both
def test_esc_1145_speaks_of_the_exchanges_only(ship: Ship, healthy: bool) -> None:
    """With ESC-1145 the adapter is neither listed nor named; other markets are judged and told rightly."""
    bench = ship("ESC-1145", healthy)
    market, other = event(bench, 1)[0], bench.market()
    trader = bench.customer(market, collateral="10", approve=False)
    chain = Onchain(bench)
    for spender in (AT.neg_risk_exchange, AT.exchange):
        chain.approve(trader.address, AT.collateral, spender)
    named = AT.neg_risk_adapter if healthy else AT.neg_risk_exchange
    assert f"spender: {named}, allowance: 0" in refused(trader, market["yes"], "BUY", 0.5, 10)
    assert (AT.neg_risk_adapter in allowances(trader)) is healthy
    assert trader.order(other["yes"], "BUY", 0.5, 10)["status"] == "live"


@both
def test_esc_1049_asks_for_a_retired_adapter(ship: Ship, healthy: bool) -> None:
    """With ESC-1049 a retired contract must be approved for neg-risk, by both sides; other markets trade."""
    bench = ship("ESC-1049", healthy)
    market, other = event(bench, 1)[0], bench.market()
    trader = bench.customer(market, collateral="10", yes="10")
    sides = (("BUY", 0.4), ("SELL", 0.6))
    assert set(allowances(trader)) == {*every(AT), *(() if healthy else (RETIRED,))}
    assert trader.order(other["yes"], "BUY", 0.4, 10)["status"] == "live"
    if not healthy:
        for side, price in sides:
            assert f"spender: {RETIRED}, allowance: 0" in refused(trader, market["yes"], side, price, 10)
        chain = Onchain(bench)
        chain.approve(trader.address, AT.collateral, RETIRED)
        chain.approve_shares(trader.address, RETIRED)
    for side, price in sides:
        assert trader.order(market["yes"], side, price, 10)["status"] == "live"
