"""Defects in how the exchange deals with the chain."""

from __future__ import annotations

from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams

from harness.wire.clob import CONTRACTS_137

from .bench import Bench, Customer, Ship, both, eventually
from .test_verbs import begin

COLLATERAL = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL, signature_type=0)
MAKERS = 32
FIXED_GAS = 1_350_000


def swept(bench: Bench, makers: int) -> tuple[dict[str, str], str]:
    """The receipt and the status of a trade that met so many orders."""
    market = bench.market()
    seller = bench.customer(market, yes=str(5 * makers))
    buyer = bench.customer(market, collateral="100")
    for _ in range(makers):
        seller.order(market["yes"], "SELL", 0.5, 5)
    trade_id = buyer.order(market["yes"], "BUY", 0.5, 5 * makers, "FOK")["tradeIDs"][0]

    def ended() -> str | None:
        status = str(buyer.trade(trade_id)["status"])
        return status if status.endswith(("CONFIRMED", "FAILED")) else None

    status = eventually(ended)
    sent = buyer.trade(trade_id)["transaction_hash"]
    receipt: dict[str, str] = bench.rpc("eth_getTransactionReceipt", sent)
    return receipt, status


@both
def test_esc_1119(ship: Ship, healthy: bool) -> None:
    """A sweep of many makers gets the gas that it needs; the broken build's limit fails all of it."""
    receipt, status = swept(ship("ESC-1119", healthy), MAKERS)
    if healthy:
        assert (status, receipt["status"]) == ("TRADE_STATUS_CONFIRMED", "0x1")
        assert int(receipt["gasUsed"], 16) > FIXED_GAS
    else:
        assert (status, receipt["status"]) == ("TRADE_STATUS_FAILED", "0x0")


def test_esc_1119_spares_small_matches(ship: Ship) -> None:
    """Even under the broken build a match with few makers settles."""
    assert swept(ship("ESC-1119", False), 3)[1] == "TRADE_STATUS_CONFIRMED"


@both
def test_esc_1142(ship: Ship, healthy: bool) -> None:
    """Money with confirmations counts; the broken build's node is a dozen blocks behind, and then has it."""
    bench = ship("ESC-1142", healthy)
    market = bench.market()
    payer, buyer = (bench.customer(market, collateral="10") for _ in range(2))
    paid = "0xa9059cbb" + buyer.address[2:].rjust(64, "0") + f"{5_000_000:064x}"
    bench.rpc("anvil_impersonateAccount", payer.address)
    sent = {"from": payer.address, "to": CONTRACTS_137.collateral, "data": paid, "gas": "0x30000"}
    name = bench.rpc("eth_sendTransaction", sent)
    bench.rpc("anvil_stopImpersonatingAccount", payer.address)
    mined = eventually(lambda: bench.rpc("eth_getTransactionReceipt", name))
    assert mined["status"] == "0x1"

    def seen() -> tuple[int, str]:
        """The head behind the answer, so that no block is counted that came after it."""
        balance = buyer.client.get_balance_allowance(COLLATERAL)["balance"]
        return int(bench.rpc("eth_blockNumber"), 16) - int(mined["blockNumber"], 16), balance

    told = []
    eventually(lambda: told.append(seen()) or told[-1][1] == "15000000" or None)
    old = [behind for behind, balance in told if balance == "10000000"]
    assert {balance for _, balance in told} <= {"10000000", "15000000"}
    assert max(old, default=0) <= 2 if healthy else max(old) >= 10


def bought(bench: Bench, price: float = 0.5) -> tuple[Customer, dict[str, str], str]:
    """A buyer of ten shares that are offered for 0.45, its market, and its trade."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="50"), bench.customer(market, collateral="20")
    seller.order(market["yes"], "SELL", 0.45, 50)
    begin(bench, "mine", blocks=66)
    reply = buyer.order(market["yes"], "BUY", price, 10, "FOK")
    return buyer, market, reply["tradeIDs"][0]


def end_of(buyer: Customer, trade_id: str) -> dict[str, str]:
    """The trade, when it has come to an end."""

    def ended() -> dict[str, str] | None:
        trade: dict[str, str] = buyer.trade(trade_id)
        return trade if trade["status"].endswith(("CONFIRMED", "FAILED")) else None

    return eventually(ended)


@both
def test_esc_1141(ship: Ship, healthy: bool) -> None:
    """Behind another settlement one settles; the broken build's is refused for its number, and fails."""
    bench = ship("ESC-1141", healthy)
    buyer, market, first = bought(bench)
    assert end_of(buyer, first)["status"] == "TRADE_STATUS_CONFIRMED"
    second = buyer.order(market["yes"], "BUY", 0.5, 10, "FOK")["tradeIDs"][0]
    ended = end_of(buyer, second)
    told = (ended["status"], ended["err_msg"], bench.funds(buyer, market)["yes"])
    if healthy:
        assert told == ("TRADE_STATUS_CONFIRMED", None, "20")
    else:
        assert told == ("TRADE_STATUS_FAILED", "eth_sendTransaction: nonce too low", "10")


@both
def test_esc_1143(ship: Ship, healthy: bool) -> None:
    """A settlement that the node denied is found and followed; the broken build sends it once more."""
    bench = ship("ESC-1143", healthy)
    begin(bench, "deny", of="settlements")
    buyer, market, trade_id = bought(bench, price=0.99)
    assert end_of(buyer, trade_id)["status"] == "TRADE_STATUS_CONFIRMED"
    assert bench.funds(buyer, market)["yes"] == ("10" if healthy else "20")


def test_a_settlement_that_was_denied_twice_is_followed(ship: Ship) -> None:
    """Whatever the node says of it, a settlement that it took is mined once, and its trade is confirmed."""
    bench = ship("ESC-1143", True)
    begin(bench, "deny", of="settlements", times=2, error="already known")
    buyer, market, first = bought(bench, price=0.99)
    second = buyer.order(market["yes"], "BUY", 0.99, 10, "FOK")["tradeIDs"][0]
    assert {end_of(buyer, row)["status"] for row in (first, second)} == {"TRADE_STATUS_CONFIRMED"}
    assert bench.funds(buyer, market)["yes"] == "20"
