"""Lists of markets, what is told of one, and its live activity, over REST."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from harness import exactjson
from harness.venue.pages import page
from harness.venue.rest_markets import PAGE

from .bench import Bench

FULL = {
    "enable_order_book": bool,
    "active": bool,
    "closed": bool,
    "archived": bool,
    "accepting_orders": bool,
    "accepting_order_timestamp": (str, type(None)),
    "minimum_order_size": (int, Decimal),
    "minimum_tick_size": Decimal,
    "condition_id": str,
    "question_id": str,
    "question": str,
    "description": str,
    "market_slug": str,
    "end_date_iso": (str, type(None)),
    "game_start_time": (str, type(None)),
    "seconds_delay": int,
    "fpmm": str,
    "maker_base_fee": int,
    "taker_base_fee": int,
    "notifications_enabled": bool,
    "neg_risk": bool,
    "neg_risk_market_id": str,
    "neg_risk_request_id": str,
    "icon": str,
    "image": str,
    "rewards": dict,
    "is_50_50_outcome": bool,
    "tokens": list,
    "tags": list,
}
SIMPLIFIED = {"condition_id", "rewards", "tokens", "active", "closed", "archived", "accepting_orders"}
LISTS = ("/markets", "/simplified-markets", "/sampling-markets", "/sampling-simplified-markets")


def read(bench: Bench, path: str) -> tuple[int, Any]:
    answer = bench.http.get(bench.ready["rest"] + path)
    return answer.status_code, exactjson.loads(answer.content)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_markets_is_pages_that_end(bench: Bench, market: dict[str, str], path: str) -> None:
    """Each list is a page with its cursor, the last one's is `LTE=`; a market has that list's keys."""
    status, first = read(bench, path)
    assert (status, first["limit"], first["next_cursor"]) == (200, PAGE, "LTE=")
    assert first["count"] == len(first["data"])
    (found,) = [row for row in first["data"] if row["condition_id"] == market["condition"]]
    assert set(found) == (SIMPLIFIED if "simplified" in path else set(FULL))
    assert [(row["token_id"], row["outcome"], row["winner"]) for row in found["tokens"]] == [
        (market["yes"], "Yes", False),
        (market["no"], "No", False),
    ]
    assert read(bench, path + "?next_cursor=MA==") == (200, first)


def test_a_full_market_has_every_field_with_its_type(bench: Bench, market: dict[str, str]) -> None:
    """GET /markets/{condition} answers all fields of the exchange's schema, and none else."""
    _, found = read(bench, f"/markets/{market['condition']}")
    assert set(found) == set(FULL)
    assert [key for key, kind in FULL.items() if not isinstance(found[key], kind)] == []  # type: ignore[arg-type]


def test_a_resolved_market_is_no_sample(troubled: Bench) -> None:
    """A market that is over is in the lists of all markets, closed, and not in the sampling ones."""
    market = troubled.market()
    troubled.control("/verbs/resolve", {"market": market["condition"], "outcome": "yes"})
    seen = {}
    for path in LISTS:
        rows = read(troubled, path)[1]["data"]
        seen[path] = [row["closed"] for row in rows if row["condition_id"] == market["condition"]]
    assert seen == dict(zip(LISTS, ([True], [True], [], []), strict=True))


@pytest.mark.parametrize(
    ("cursor", "text"),
    [("LTE=", "next item should be greater than or equal to 0"), ("x", "invalid next_cursor")],
)
def test_a_cursor_that_asks_for_no_page(bench: Bench, cursor: str, text: str) -> None:
    """The last cursor cannot be asked for, and neither can one that is none."""
    assert read(bench, f"/markets?next_cursor={cursor}") == (400, {"error": text})


def test_pages_visit_every_row_once_and_end() -> None:
    """A walk along the cursors sees each row once, in order, and ends with `LTE=`, after a full page, too."""
    for total in (0, 1, 3, 4, 6, 7):
        seen, start = [], 0
        for _ in range(10):
            found = page(range(total), start, 3)
            seen += found["data"]
            start = int(base64.b64decode(found["next_cursor"]))
            if start < 0:
                break
        assert (seen, start) == (list(range(total)), -1)


def test_a_page_beyond_the_rows_is_empty_and_the_last() -> None:
    """A cursor past the end, as big as it may be, and the last cursor itself end a walk."""
    for start in (3, 10**30, -1):
        assert page([1, 2, 3], start, 3) == {"limit": 3, "count": 0, "next_cursor": "LTE=", "data": []}


def test_live_activity_tells_each_fill(bench: Bench) -> None:
    """A market's activity is its fills, the newest first, with the taker's side at each maker's price."""
    market = bench.market()
    path = f"/markets/live-activity/{market['condition']}"
    assert read(bench, path) == (200, [])
    seller = bench.customer(market, yes="20")
    buyer = bench.customer(market, collateral="20")
    for price in (0.4, 0.41):
        seller.order(market["yes"], "SELL", price, 5)
    reply = buyer.order(market["yes"], "BUY", 0.41, 10)

    status, rows = read(bench, path)

    assert status == 200
    assert [(row["side"], row["price"], row["size"]) for row in rows] == [
        ("BUY", "0.41", "5"),
        ("BUY", "0.4", "5"),
    ]
    assert rows[0]["market"] == {
        "condition_id": market["condition"],
        "asset_id": market["yes"],
        "question": market["symbol"],
        "icon": "",
        "slug": market["symbol"].lower(),
    }
    assert rows[0]["user"]["address"] == buyer.address
    assert rows[0]["transaction_hash"] == buyer.trade(reply["tradeIDs"][0])["transaction_hash"]
    assert (rows[0]["event_type"], rows[0]["outcome"], rows[0]["outcome_index"]) == ("trade", "Yes", 0)
    assert rows[0]["timestamp"] == buyer.trade(reply["tradeIDs"][0])["match_time"]


@pytest.mark.parametrize(
    "path", ["/tick-size/{}", "/fee-rate/{}", "/tick-size?token_id={}", "/neg-risk?token_id={}"]
)
def test_what_a_token_is_traded_by(bench: Bench, market: dict[str, str], path: str) -> None:
    """Tick, fee and kind are told of each of a market's tokens, in the path and in the query."""
    told = {
        "tick": {"minimum_tick_size": Decimal("0.01")},
        "fee-": {"base_fee": 0},
        "neg-": {"neg_risk": False},
    }
    for token in (market["yes"], market["no"]):
        assert read(bench, path.format(token)) == (200, told[path[1:5]])
    assert read(bench, path.format("0x1")) == (400, {"error": "Invalid token id"})
    unknown = "fee rate not found for market" if "fee" in path else "market not found"
    assert read(bench, path.format(5)) == (404, {"error": unknown})
