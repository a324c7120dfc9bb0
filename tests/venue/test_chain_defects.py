"""Defects in how the exchange deals with the chain."""

from __future__ import annotations

from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams

from harness.wire.clob import CONTRACTS_137

from .bench import Bench, Ship, both, eventually

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
