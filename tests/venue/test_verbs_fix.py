"""The verbs as FIX clients see them."""

from __future__ import annotations

from .bench import Bench, eventually
from .fixclient import FixClient
from .test_verbs import begin


def test_a_paused_exchange_takes_no_fix_order_and_no_cancel(troubled: Bench) -> None:
    """While trading is disabled an order is rejected with 103=2, a cancel with 102=2; after it both go."""
    market = troubled.market()
    customer = troubled.customer(market, collateral="20")
    yes = f"{market['symbol']}-YES"
    with FixClient.order_entry(troubled, customer) as entry:
        entry.order("c1", yes, 1, "0.5", "10")
        entry.expect("8", (150, "0"), (11, "c1"))
        begin(troubled, "pause", mode="disabled", for_ms=2000)
        entry.order("c2", yes, 1, "0.5", "10")
        assert entry.expect("8", (150, "8"), (11, "c2")).take(103, 58) == ("2", "Book is SUSPENDED")
        entry.cancel("c3", "c1", yes)
        assert entry.expect("9", (11, "c3")).take(102, 58) == ("2", "Book is SUSPENDED")
        eventually(lambda: _over(troubled) or None)
        entry.cancel("c5", "c1", yes)
        entry.expect("8", (150, "4"), (11, "c5"))
        entry.order("c4", yes, 1, "0.5", "10")
        entry.expect("8", (150, "0"), (11, "c4"))


def _over(bench: Bench) -> bool:
    """Whether a cancel is judged again: without a key it is refused as such, and not for the pause."""
    return bench.http.request("DELETE", bench.ready["rest"] + "/cancel-all").status_code != 503


def test_a_resolved_market_ends_fix_orders_and_takes_no_more(troubled: Bench) -> None:
    """The end of an open order is reported as 150=4, and another order is rejected with 103=2."""
    market = troubled.market()
    customer = troubled.customer(market, collateral="20")
    yes = f"{market['symbol']}-YES"
    with FixClient.order_entry(troubled, customer) as entry:
        entry.order("c1", yes, 1, "0.5", "10")
        entry.expect("8", (150, "0"), (11, "c1"))
        begin(troubled, "resolve", market=market["condition"], outcome="no")
        entry.expect("8", (150, "4"), (39, "4"), (11, "c1"))
        entry.send("H", (50, "trader"), (11, "c1"), (55, yes))
        entry.expect("8", (150, "I"), (39, "4"))
        entry.order("c2", yes, 1, "0.5", "10")
        assert entry.expect("8", (150, "8"), (11, "c2")).take(103, 58) == ("2", "Book is CLOSED")
