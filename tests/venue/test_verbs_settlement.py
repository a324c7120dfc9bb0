"""The verbs that make settlements fail: the error is the chain's, the status is on the trade."""

from __future__ import annotations

from typing import Any

import pytest
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError

from harness.venue.reasons import SELECTORS, reason_of
from harness.venue.spoiling import ERRORS

from .bench import Bench
from .test_verbs import begin
from .test_verbs_chain import Deal

REVERTED = "the settlement transaction reverted"


def replayed(bench: Bench, transaction_hash: str) -> Exception:
    """What web3 raises where it makes a mined transaction's call again, as of the block before."""
    w3 = Web3(Web3.HTTPProvider(bench.ready["chain"]))
    sent: Any = w3.eth.get_transaction(transaction_hash)  # type: ignore[arg-type]
    call = {"from": sent["from"], "to": sent["to"], "data": sent["input"], "gas": sent["gas"]}
    with pytest.raises((ContractLogicError, Web3RPCError)) as caught:
        w3.eth.call(call, sent["blockNumber"] - 1)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("error", list(ERRORS))
def test_settlements_fail_with_the_documented_error_that_was_asked_for(troubled: Bench, error: str) -> None:
    """The receipt has status 0, the replayed call the error's selector, and the failed trade its name."""
    deal = Deal(troubled)
    begin(troubled, "revert", times=3, error=error)
    deal.strike()
    trade = deal.buyer.until_status(deal.trade_id, "FAILED")
    assert trade["err_msg"] == f"{REVERTED}: {error}"
    assert deal.receipt is not None
    assert deal.receipt["status"] == "0x0"
    refused = replayed(troubled, trade["transaction_hash"])
    assert isinstance(refused, ContractCustomError)
    assert SELECTORS[str(refused.data)] == error
    assert deal.shares() == ("10", "0")


@pytest.mark.parametrize("gas", [60_000, 90_000])
def test_a_settlement_runs_out_of_gas(troubled: Bench, gas: int) -> None:
    """It fails with an empty reason, be it the exchange or a token that ran out; the trade names it."""
    deal = Deal(troubled)
    begin(troubled, "revert", times=3, gas=gas)
    deal.strike()
    trade = deal.buyer.until_status(deal.trade_id, "FAILED")
    assert trade["err_msg"].startswith(f"{REVERTED}: out of gas")
    assert deal.receipt is not None
    assert (deal.receipt["status"], deal.receipt["logs"]) == ("0x0", [])
    assert getattr(replayed(troubled, trade["transaction_hash"]), "data", None) in (None, "0x")
    assert deal.shares() == ("10", "0")


def test_what_was_to_fail_is_sent_well_once_the_verbs_end(troubled: Bench) -> None:
    """DELETE /verbs takes back what was not used; the next trade settles."""
    begin(troubled, "revert", times=100, gas=60_000)
    assert troubled.http.delete(troubled.ready["control"] + "/verbs").json() == {"ended": True}
    deal = Deal(troubled)
    deal.strike()
    deal.until("TRADE_STATUS_CONFIRMED")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({"output": "0xe2cc6ad6", "error": "execution reverted"}, "MakingGtRemaining"),
        ({"output": "0x12345678", "error": "execution reverted"}, "0x12345678"),
        ({"output": "0x08c379a0" + f"{32:064x}{2:064x}" + b"no".hex().ljust(64, "0")}, "no"),
        ({"output": "0x08c379a0" + "ff" * 4}, "0x08c379a0"),
        ({"error": "execution reverted"}, ""),
        ({"output": "0x", "error": "out of gas"}, "out of gas"),
        ({"error": "execution reverted", "calls": [{"error": "out of gas"}, {"type": "CALL"}]}, "out of gas"),
    ],
)
def test_a_frame_tells_why_it_reverted(frame: dict[str, str], reason: str) -> None:
    """A documented error by its name, a text as it is, an unknown one by its selector, none as none."""
    assert reason_of(frame) == reason
