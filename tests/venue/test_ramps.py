"""The ways between dollars, pUSD and positions: the ramps and the adapter of standard markets."""

from __future__ import annotations

import pytest
from py_clob_client_v2.exceptions import PolyApiException

from harness import exactjson
from harness.venue.install import ARTEFACTS
from harness.wire.ctf import CONTRACTS_137 as AT

from .bench import Bench
from .onchain import BOTH, ROOT, Onchain, selector, topics, words
from .test_verbs import begin

WRAPPED = "0xc00a5c84859ae82a7f5e6a2773283fb525335d5b3195f61174aa1ecc7e15dd84"
UNWRAPPED = "0x18b42b684d0b621cc609f4d888916e5ed9e934a476259ec1c11ec116f2b9aa7f"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
REDEMPTION = "0x2682012a4a4f1973119f1c9b90745d1bd91fa2bab387344f044cb3586864d18d"
WRAP, UNWRAP = "wrap(address,address,uint256)", "unwrap(address,address,uint256)"
SPLIT = "splitPosition(address,bytes32,bytes32,uint256[],uint256)"
MERGE = "mergePositions(address,bytes32,bytes32,uint256[],uint256)"
REDEEM = "redeemPositions(address,bytes32,bytes32,uint256[])"
USDC = 1_000_000


@pytest.fixture
def chain(bench: Bench) -> Onchain:
    return Onchain(bench)


def condition_of(market: dict[str, str]) -> bytes:
    return bytes.fromhex(market["condition"][2:])


def given(chain: Onchain, owner: str, token: str, amount: int) -> None:
    """Make dollars for an address, as their minter."""
    minter = chain.read(token, "minter()", "address")
    chain.done(minter, token, "mint(address,uint256)", owner, amount)


def test_the_selectors_are_the_real_ones() -> None:
    """Ramps and adapter are called as the real ones are."""
    made = exactjson.loads(ARTEFACTS.read_bytes())
    assert made["CollateralOnramp"]["selectors"][WRAP] == "62355638"
    assert made["CollateralOfframp"]["selectors"][UNWRAP] == "8cc7104f"
    adapter = made["CtfCollateralAdapter"]["selectors"]
    assert (adapter[SPLIT], adapter[MERGE], adapter[REDEEM]) == ("72ce4275", "9e7212ad", "01b7037c")


@pytest.mark.parametrize("asset", [AT.usdce, AT.usdc], ids=["usdce", "usdc"])
def test_dollars_become_collateral_and_back(bench: Bench, chain: Onchain, asset: str) -> None:
    """wrap and unwrap change either dollar one to one, and say so in the documented events."""
    owner = bench.customer().address
    given(chain, owner, asset, 7 * USDC)
    supply, kept = chain.read(AT.collateral, "totalSupply()", "uint256"), chain.dollars(asset, AT.collateral)
    chain.approve(owner, asset, AT.onramp)
    wrapped = chain.done(owner, AT.onramp, WRAP, asset, owner, 5 * USDC)
    assert (chain.dollars(asset, owner), chain.dollars(AT.collateral, owner)) == (2 * USDC, 5 * USDC)
    assert topics(wrapped, AT.collateral) == [TRANSFER, WRAPPED]
    assert topics(wrapped, asset) == [TRANSFER]
    _, caller, named, to = (int(topic, 16) for topic in wrapped["logs"][-1]["topics"])
    assert (caller, named, to) == (int(AT.onramp, 16), int(asset, 16), int(owner, 16))
    assert words(wrapped["logs"][-1]) == [5 * USDC]
    chain.approve(owner, AT.collateral, AT.offramp)
    unwrapped = chain.done(owner, AT.offramp, UNWRAP, asset, owner, 3 * USDC)
    assert (chain.dollars(asset, owner), chain.dollars(AT.collateral, owner)) == (5 * USDC, 2 * USDC)
    assert UNWRAPPED in topics(unwrapped, AT.collateral)
    assert chain.read(AT.collateral, "totalSupply()", "uint256") == supply + 2 * USDC
    assert chain.dollars(asset, AT.collateral) == kept + 2 * USDC


def test_a_ramp_refuses_with_a_reason(bench: Bench, chain: Onchain) -> None:
    """Another asset, no approval and a stranger's call of the token itself revert with their selectors."""
    owner = bench.customer().address
    assert chain.refusal(owner, AT.onramp, WRAP, AT.collateral, owner, 1) == selector("InvalidAsset")
    assert chain.refusal(owner, AT.offramp, UNWRAP, AT.ctf, owner, 1) == selector("InvalidAsset")
    short = selector("TransferAmountExceedsAllowance")
    assert chain.refusal(owner, AT.onramp, WRAP, AT.usdce, owner, 1) == short
    assert chain.refusal(owner, AT.offramp, UNWRAP, AT.usdce, owner, 1) == short
    for signature in (WRAP, UNWRAP):
        assert chain.refusal(owner, AT.collateral, signature, AT.usdce, owner, 1) == selector("Unauthorized")
    receipt = chain.send(owner, AT.onramp, WRAP, AT.usdce, owner, 1)
    assert (receipt["status"], receipt["logs"]) == ("0x0", [])


def test_collateral_is_backed(bench: Bench, chain: Onchain) -> None:
    """What POST /fund gives can be taken out as USDC.e again."""
    owner = bench.customer(collateral="12.5").address
    chain.approve(owner, AT.collateral, AT.offramp)
    chain.done(owner, AT.offramp, UNWRAP, AT.usdce, owner, 12_500_000)
    assert chain.dollars(AT.usdce, owner) == 12_500_000


def test_the_adapter_splits_and_merges_for_collateral(
    bench: Bench, market: dict[str, str], chain: Onchain
) -> None:
    """pUSD becomes as many shares of both outcomes, and they become pUSD; the adapter keeps nothing."""
    owner, condition = bench.customer(market, collateral="10").address, condition_of(market)
    chain.approve(owner, AT.collateral, AT.adapter)
    chain.approve_shares(owner, AT.adapter)
    chain.done(owner, AT.adapter, SPLIT, AT.collateral, ROOT, condition, BOTH, 6 * USDC)
    assert [chain.shares(owner, market[name]) for name in ("yes", "no")] == [6 * USDC] * 2
    assert chain.dollars(AT.collateral, owner) == 4 * USDC
    chain.done(owner, AT.adapter, MERGE, AT.collateral, ROOT, condition, BOTH, 2 * USDC)
    assert [chain.shares(owner, market[name]) for name in ("yes", "no")] == [4 * USDC] * 2
    assert chain.dollars(AT.collateral, owner) == 6 * USDC
    assert chain.dollars(AT.usdce, owner) == chain.dollars(AT.usdce, AT.adapter) == 0
    assert chain.dollars(AT.collateral, AT.adapter) == 0


def test_the_exchange_may_split_and_merge_through_the_adapter(bench: Bench, chain: Onchain) -> None:
    """The exchange's own money and shares are the adapter's to take, as after its deployment."""
    allowed = chain.read(AT.collateral, "allowance(address,address)", "uint256", AT.exchange, AT.adapter)
    assert allowed == (1 << 256) - 1
    approved = "isApprovedForAll(address,address)"
    assert chain.read(AT.ctf, approved, "bool", AT.exchange, AT.adapter)


@pytest.mark.parametrize(("outcome", "paid"), [("yes", 3 * USDC), ("no", 5 * USDC)])
def test_the_adapter_redeems_all_of_both_outcomes(
    bench: Bench, market: dict[str, str], chain: Onchain, outcome: str, paid: int
) -> None:
    """Whatever index sets are named, the whole of both outcomes goes and the winning one is paid in pUSD."""
    owner, condition = bench.customer(market, yes="3", no="5").address, condition_of(market)
    chain.approve_shares(owner, AT.adapter)
    begin(bench, "resolve", market=market["condition"], outcome=outcome)
    chain.done(owner, AT.adapter, REDEEM, AT.collateral, ROOT, condition, [2])
    assert [chain.shares(owner, market[name]) for name in ("yes", "no")] == [0, 0]
    assert chain.dollars(AT.collateral, owner) == paid
    again = chain.done(owner, AT.adapter, REDEEM, AT.collateral, ROOT, condition, BOTH)
    assert WRAPPED in topics(again, AT.collateral)
    assert chain.dollars(AT.collateral, owner) == paid


def test_redeeming_for_the_wrong_collateral_does_nothing(
    bench: Bench, market: dict[str, str], chain: Onchain
) -> None:
    """ConditionalTokens' own redeemPositions with pUSD succeeds, pays nothing and burns nothing."""
    owner = bench.customer(market, yes="3").address
    begin(bench, "resolve", market=market["condition"], outcome="yes")
    receipt = chain.done(owner, AT.ctf, REDEEM, AT.collateral, ROOT, condition_of(market), BOTH)
    (redemption,) = receipt["logs"]
    assert (redemption["topics"][0], words(redemption)[2]) == (REDEMPTION, 0)
    assert chain.shares(owner, market["yes"]) == 3 * USDC
    assert chain.dollars(AT.collateral, owner) == chain.dollars(AT.usdce, owner) == 0


def test_a_condition_without_an_answer_cannot_be_redeemed(
    bench: Bench, market: dict[str, str], chain: Onchain
) -> None:
    """The real contract's own words travel through the adapter."""
    owner = bench.customer(market, yes="3").address
    chain.approve_shares(owner, AT.adapter)
    said = chain.refusal(owner, AT.adapter, REDEEM, AT.collateral, ROOT, condition_of(market), BOTH)
    assert b"result for condition not received yet" in bytes.fromhex(said[2:])


def test_dollars_trade_only_when_they_are_wrapped(
    bench: Bench, market: dict[str, str], chain: Onchain
) -> None:
    """USDC.e that was sent to a trader is no balance; as soon as it is wrapped an order can count on it."""
    trader = bench.customer()
    given(chain, trader.address, AT.usdce, 10 * USDC)
    bench.in_blocks(1)
    with pytest.raises(PolyApiException, match="the balance is not enough -> balance: 0"):
        trader.order(market["yes"], "BUY", 0.5, 10)
    chain.approve(trader.address, AT.usdce, AT.onramp)
    chain.done(trader.address, AT.onramp, WRAP, AT.usdce, trader.address, 10 * USDC)
    bench.in_blocks(1)
    assert trader.order(market["yes"], "BUY", 0.5, 10)["status"] == "live"
