"""What the guard knows by heart: reads, writes, names that lead elsewhere; written down again."""

from __future__ import annotations

import pytest

from harness.guard import (
    Effect,
)
from harness.guard.effects import of_intent, of_rest, reroutes

words = str.split

READS = {
    "clob": words("""
    / /ok /time /version /book /midpoint /price /spread /last-trade-price /tick-size /tick-size/1 /neg-risk
    /fee-rate /fee-rate/1 /prices-history /markets /simplified-markets /sampling-markets
    /sampling-simplified-markets /markets/0xab /markets-by-token/1 /clob-markets/a_b-C
    /markets/live-activity/1 /auth/api-keys /auth/derive-api-key /auth/ban-status/closed-only /data/order/0xab
    /data/orders /data/pre-migration-orders /data/trades /builder/trades /fees/builder-fees/1 /order-scoring
    /notifications /balance-allowance /rewards/user /rewards/user/total /rewards/user/percentages
    /rewards/user/markets /rewards/markets/current /rewards/markets/1
    """),
    "data": words("/ /positions /closed-positions /trades /activity /holders /value /oi /live-volume"),
    "gamma": words("""
    /status /markets /markets/1 /markets/slug/a-b /events /events/1 /events/slug/a-b /tags /tags/1 /series
    /series/1 /comments /public-search /sports /teams
    """),
}
POSTED_READS = words(
    "/books /midpoints /prices /spreads /last-trades-prices /batch-prices-history /orders-scoring"
)
WRITES = [
    ("GET", "/balance-allowance/update"),
    *(
        ("POST", path)
        for path in words(
            "/order /orders /auth/api-key /auth/readonly-api-key /auth/builder-api-key /v1/heartbeats"
        )
    ),
    *(
        ("DELETE", path)
        for path in words("""
        /order /orders /cancel-all /cancel-market-orders /auth/api-key /auth/readonly-api-key
        /auth/builder-api-key /notifications
        """)
    ),
]
RPC = words("""
eth_blockNumber eth_call eth_chainId eth_getBalance eth_getBlockByHash eth_getBlockByNumber eth_getCode
eth_getLogs eth_getTransactionByHash eth_getTransactionReceipt
""")
LEADING = words("""
host forwarded x-forwarded-host x-forwarded-server x-host x-original-host x-original-url x-rewrite-url
""")
OVERRIDING = words("x-http-method x-http-method-override x-method-override")


@pytest.mark.parametrize(("host", "path"), [(host, path) for host, paths in READS.items() for path in paths])
def test_each_read_is_known(host: str, path: str) -> None:
    """By GET and HEAD, with a query and without a body; on the hosts that have it only."""
    assert of_rest("GET", path, host) is Effect.READ
    assert of_rest("HEAD", f"{path}?x=1", host) is Effect.READ
    assert of_rest("GET", path, host, has_body=True) is Effect.UNKNOWN
    assert of_rest("GET", path, "relayer") is Effect.UNKNOWN
    assert of_rest("GET", "/x" + path, host) is Effect.UNKNOWN


@pytest.mark.parametrize("path", POSTED_READS)
def test_each_read_with_a_body_is_known(path: str) -> None:
    """By POST, on the exchange's own host."""
    assert of_rest("POST", path, has_body=True) is Effect.READ
    assert of_rest("PUT", path) is Effect.UNKNOWN
    assert of_rest("POST", path, "data") is Effect.UNKNOWN


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_each_write_is_known(method: str, path: str) -> None:
    """By its method, on the exchange's own host; elsewhere nobody knows."""
    assert of_rest(method, path) is Effect.WRITE
    assert of_rest(method, path, "data") is Effect.UNKNOWN


@pytest.mark.parametrize("method", RPC)
def test_each_look_at_the_chain_is_known(method: str) -> None:
    """By its name, and not one with more letters."""
    assert of_intent("chain", {"rpc": [[method, []]]}) is Effect.READ
    assert of_intent("chain", {"rpc": [[method + "s", []]]}) is Effect.UNKNOWN


@pytest.mark.parametrize("name", [*LEADING, *OVERRIDING])
def test_a_header_that_changes_what_is_asked(name: str) -> None:
    """It makes any request unknown, in any case; one that leads to another host is told."""
    assert of_rest("GET", "/time", headers=[name.upper()]) is Effect.UNKNOWN
    assert of_rest("POST", "/order", headers=["accept", name]) is Effect.UNKNOWN
    assert reroutes(["Accept", name.upper()]) == ((name,) if name in LEADING else ())
    assert of_rest("GET", "/time", headers=["accept"]) is Effect.READ


def test_the_headers_that_lead_elsewhere_are_told_in_order() -> None:
    """Sorted, each once."""
    assert reroutes(["X-Host", "HOST", "host", "accept"]) == ("host", "x-host")


def test_what_else_an_intent_does() -> None:
    """Faults of the wire, bodies as they are, and the host that is asked."""
    assert of_intent("rest", {"method": "GET", "path": "/positions"}, host="data") is Effect.READ
    assert of_intent("rest", {"method": "GET", "path": "/time", "raw": ""}) is Effect.UNKNOWN
    assert of_intent("rest", {"method": "GET", "path": "/time", "headers": None}) is Effect.READ
    assert of_intent("rest", {"method": "GET", "path": "/time", "fault": None}) is Effect.READ
    assert of_intent("ws", {"send": {}}) is Effect.UNKNOWN
    assert of_intent("chain", {"rpc": None}) is Effect.READ
    assert of_intent("own", {}) is Effect.UNKNOWN
    assert (Effect.READ.is_read, Effect.WRITE.is_read, Effect.UNKNOWN.is_read) == (True, False, False)
    assert [str(each) for each in Effect] == ["read", "write", "unknown"]
