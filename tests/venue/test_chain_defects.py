"""Defects in how the exchange deals with the chain."""

from __future__ import annotations

from .bench import Bench, Ship, both, eventually

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
