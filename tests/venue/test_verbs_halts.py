"""Verbs that halt the exchange: a matcher's restart, post-only, pauses; their ranks and their ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from py_clob_client_v2.clob_types import OrderArgs, OrderPayload
from py_clob_client_v2.exceptions import PolyApiException

from harness.venue.faults import RefusalError
from harness.venue.halts import Halts, Mode, Phase

from .bench import Bench, eventually
from .test_verbs import begin, refused

CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
DISABLED = "Trading is currently disabled. Check polymarket.com for updates"


def test_while_the_matcher_restarts_orders_and_cancels_are_too_early(troubled: Bench) -> None:
    """Orders and cancels answer 425; books and orders are there after it, and trade."""
    market = troubled.market()
    maker = troubled.customer(market, collateral="10")
    taker = troubled.customer(market, yes="10")
    placed = maker.order(market["yes"], "BUY", 0.5, 10)
    signed = taker.client.create_order(OrderArgs(token_id=market["yes"], price=0.5, size=10, side="SELL"))
    begin(troubled, "restart", of="matcher", for_ms=2500)
    early = 425, {"error": "service not ready"}
    assert refused(lambda: taker.client.post_order(signed)) == early
    assert refused(lambda: maker.client.cancel_order(OrderPayload(orderID=placed["orderID"]))) == early
    assert maker.client.get_order(placed["orderID"])["status"] == "LIVE"
    reply = eventually(lambda: _accepted(lambda: taker.client.post_order(signed)))
    assert reply["status"] == "matched"


def _accepted(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except PolyApiException:
        return None


def test_after_a_restart_only_post_only_orders_are_taken_for_as_long_as_asked(troubled: Bench) -> None:
    """In post-only mode another order answers 503 with its code and Retry-After; a post-only one rests."""
    market = troubled.market()
    maker = troubled.customer(market, collateral="20")
    args = [OrderArgs(token_id=market["yes"], price=0.5, size=size, side="BUY") for size in (5, 6)]
    plain, post_only = (maker.client.create_order(each) for each in args)
    begin(troubled, "restart", of="matcher", for_ms=1, post_only_ms=2500)
    status, body = eventually(lambda: _other_than(425, lambda: maker.client.post_order(plain)))
    assert (status, body["code"]) == (503, "post_only_mode")
    assert body["error"] == "post-only mode: only post-only orders and cancels are allowed"
    assert 1 <= body["retry_after_seconds"] <= 3
    assert maker.client.post_order(post_only, post_only=True)["status"] == "live"
    assert eventually(lambda: _accepted(lambda: maker.client.post_order(plain)))["status"] == "live"


def _other_than(status: int, do: Callable[[], Any]) -> tuple[int, Any] | None:
    found = refused(do)
    return None if found[0] == status else found


def test_post_only_mode_comes_without_a_restart(troubled: Bench) -> None:
    """A pause may refuse orders that are not post-only and take those that are, with when it ends."""
    market = troubled.market()
    customer = troubled.customer(market, collateral="10")
    begin(troubled, "pause", mode="post_only", for_ms=60_000)
    status, body = refused(lambda: customer.order(market["yes"], "BUY", 0.5, 5))
    assert (status, body["code"]) == (503, "post_only_mode")
    assert 1 <= body["retry_after_seconds"] <= 60
    assert customer.order(market["yes"], "BUY", 0.5, 5, post_only=True)["status"] == "live"
    assert troubled.http.delete(troubled.ready["control"] + "/verbs").json() == {"ended": True}
    assert customer.order(market["yes"], "BUY", 0.5, 5)["status"] == "live"


@pytest.mark.parametrize(
    ("mode", "text", "cancels"), [("cancel_only", CANCEL_ONLY, True), ("disabled", DISABLED, False)]
)
def test_a_pause_refuses_orders_and_ends_by_itself(
    troubled: Bench, mode: str, text: str, cancels: bool
) -> None:
    """Orders answer 503 with the mode's words; cancels are taken in cancel-only mode alone."""
    market = troubled.market()
    maker = troubled.customer(market, collateral="20")
    placed = maker.order(market["yes"], "BUY", 0.5, 10)["orderID"]
    signed = maker.client.create_order(OrderArgs(token_id=market["yes"], price=0.4, size=10, side="BUY"))
    begin(troubled, "pause", mode=mode, for_ms=2500)
    assert refused(lambda: maker.client.post_order(signed)) == (503, {"error": text})
    if cancels:
        assert maker.client.cancel_order(OrderPayload(orderID=placed))["canceled"] == [placed]
    else:
        assert refused(lambda: maker.client.cancel_order(OrderPayload(orderID=placed))) == (
            503,
            {"error": text},
        )
    assert eventually(lambda: _accepted(lambda: maker.client.post_order(signed)))["status"] == "live"


def test_halts_are_ranked_and_timed() -> None:
    """A phase counts from its start until its end, and a restart counts before a mode."""
    halts = Halts()
    halts.begin(Phase(Mode.CANCEL_ONLY, 10, 40))
    halts.begin(Phase(Mode.RESTARTING, 20, 30))
    halts.require_orders(9, post_only=False)
    halts.require_cancels(10)
    for now_ns, status in ((10, 503), (20, 425), (29, 425), (30, 503), (39, 503)):
        with pytest.raises(RefusalError) as refusal:
            halts.require_orders(now_ns, post_only=True)
        assert refusal.value.status == status
    halts.require_orders(40, post_only=False)


def test_a_phase_has_an_end_after_its_start() -> None:
    """A phase that is over when it begins is a mistake."""
    with pytest.raises(ValueError, match="is none"):
        Phase(Mode.DISABLED, 5, 5)
