"""How markets look on the wire: full, simplified, in short keys; and live activity (CLOB docs, markets)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from harness.venue.engine import Engine
from harness.venue.markets import OUTCOMES, Market
from harness.venue.money import human, plain
from harness.venue.records import Fill, Trade
from harness.wire.clob import BASE_UNITS

_SIMPLIFIED: Final = (
    "condition_id",
    "rewards",
    "tokens",
    "active",
    "closed",
    "archived",
    "accepting_orders",
)


def full_market(market: Market, engine: Engine) -> dict[str, Any]:
    """A market as GET /markets/{condition} answers it."""
    tokens = []
    for token, outcome in zip((market.yes, market.no), OUTCOMES, strict=True):
        last = engine.book(token).last_price
        price = Decimal("0.5") if last is None else last
        won = token == market.winner
        if market.resolved:
            price = Decimal(won)
        tokens.append({"token_id": str(token), "outcome": outcome, "price": price, "winner": won})
    return {
        "enable_order_book": not market.resolved,
        "active": True,
        "closed": market.resolved,
        "archived": False,
        "accepting_orders": market.takes_orders,
        "accepting_order_timestamp": None,
        "minimum_order_size": market.min_size // BASE_UNITS,
        "minimum_tick_size": market.tick,
        "condition_id": market.condition,
        "question_id": market.question_id,
        "question": market.question,
        "description": "",
        "market_slug": market.slug,
        "end_date_iso": None,
        "game_start_time": None,
        "seconds_delay": market.seconds_delay,
        "fpmm": "",
        "maker_base_fee": 0,
        "taker_base_fee": market.taker_bps,
        "notifications_enabled": False,
        "neg_risk": market.neg_risk,
        "neg_risk_market_id": "" if market.event is None else market.event.id,
        "neg_risk_request_id": market.question_id if market.neg_risk else "",
        "icon": "",
        "image": "",
        "rewards": {"rates": None, "min_size": 0, "max_spread": 0},
        "is_50_50_outcome": False,
        "tokens": tokens,
        "tags": [],
    }


def simplified_market(market: Market, engine: Engine) -> dict[str, Any]:
    """A market as the simplified lists show it: a few keys of the full one."""
    full = full_market(market, engine)
    return {key: full[key] for key in _SIMPLIFIED}


def clob_market(market: Market) -> dict[str, Any]:
    """A market as GET /clob-markets/{condition} answers it: in short keys."""
    view: dict[str, Any] = {
        "c": market.condition,
        "t": [{"t": str(token), "o": market.outcome(token)} for token in (market.yes, market.no)],
        "mts": market.tick,
        "mos": market.min_size // BASE_UNITS,
        "ao": market.takes_orders,
        "aot": None,
        "gst": None,
        "mbf": 0,
        "tbf": market.taker_bps,
        "sd": market.seconds_delay,
        "cbos": False,
        "rfqe": False,
        "ibce": False,
        "oas": 0,
        "r": None,
    }
    if market.fee is not None:
        view["fd"] = {"r": market.fee.rate, "e": market.fee.exponent, "to": market.fee.taker_only}
    flags = {"nr": market.neg_risk, "itode": market.delay_ms > 0}
    return view | {name: True for name, said in flags.items() if said}  # left out when false


def activity(trade: Trade, fill: Fill) -> dict[str, Any]:
    """One fill as GET /markets/live-activity shows it: what the taker did at one maker's price."""
    taker, token = trade.taker, trade.taker.order.token_id
    market = taker.market
    return {
        "event_type": "trade",
        "market": {
            "condition_id": market.condition,
            "asset_id": str(token),
            "question": market.question,
            "icon": "",
            "slug": market.slug,
        },
        "user": {
            "address": taker.order.maker,
            "username": "",
            "profile_picture": "",
            "optimized_profile_picture": "",
            "pseudonym": "",
        },
        "side": taker.side.name,
        "size": human(fill.shares),
        "fee_rate_bps": str(market.taker_bps),
        "price": plain(fill.taker_price),
        "outcome": market.outcome(token),
        "outcome_index": 0 if token == market.yes else 1,
        "transaction_hash": trade.transaction_hash,
        "timestamp": str(trade.matched_ns // 1_000_000_000),
    }
