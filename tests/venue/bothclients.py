"""What both official clients read alike: a method's name in Python, and its arguments in either language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from py_clob_client_v2.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    BuilderTradeParams,
    OpenOrderParams,
    OrderScoringParams,
    OrdersScoringParams,
    PricesHistoryParams,
    TradeParams,
)

BUILDER = "0x" + "5a" * 32


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to read: a market in which a trade was confirmed and an order rests."""

    condition: str
    yes: str
    no: str
    order_id: str
    trade_id: str


Args = Callable[[Scene], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Read:
    """One method. `ts` are the arguments in TypeScript, where they differ from those in Python."""

    method: str
    python: Args = lambda scene: ()
    ts: Args | None = None

    def camel(self) -> str:
        """The method's name in TypeScript."""
        head, *rest = self.method.split("_")
        return head + "".join(word.capitalize() for word in rest)

    def in_ts(self, scene: Scene) -> tuple[Any, ...]:
        return (self.ts or self.python)(scene)


def _token(scene: Scene) -> tuple[Any, ...]:
    return (scene.yes,)


def _condition(scene: Scene) -> tuple[Any, ...]:
    return (scene.condition,)


def _day(_: Scene) -> tuple[Any, ...]:
    return ("2026-01-01",)


def _rows(scene: Scene) -> tuple[Any, ...]:
    return ([{"token_id": scene.yes, "side": "BUY"}, {"token_id": scene.no, "side": "SELL"}],)


def _params(scene: Scene) -> tuple[Any, ...]:
    return ([BookParams(scene.yes, "BUY"), BookParams(scene.no, "SELL")],)


_ON_LISTS = ("get_order_books", "get_midpoints", "get_prices", "get_spreads", "get_last_trades_prices")
_ON_A_TOKEN = (
    "get_order_book",
    "get_tick_size",
    "get_neg_risk",
    "get_fee_rate_bps",
    "get_fee_exponent",
    "get_midpoint",
    "get_spread",
    "get_last_trade_price",
)
_ON_A_CONDITION = (
    "get_market",
    "get_clob_market_info",
    "get_market_trades_events",
    "get_raw_rewards_for_market",
)
_ON_NOTHING = (
    "get_ok",
    "get_version",
    "get_markets",
    "get_simplified_markets",
    "get_sampling_markets",
    "get_sampling_simplified_markets",
    "get_current_rewards",
    "get_reward_percentages",
    "get_closed_only_mode",
    "get_open_orders",
    "get_pre_migration_orders",
    "get_trades",
    "get_trades_paginated",
    "get_notifications",
    "get_api_keys",
    "get_readonly_api_keys",
    "get_builder_api_keys",
)
_ON_A_DAY = (
    "get_earnings_for_user_for_day",
    "get_total_earnings_for_user_for_day",
    "get_user_earnings_and_markets_config",
)

READS = (
    *(Read(name) for name in _ON_NOTHING),
    *(Read(name, _token) for name in _ON_A_TOKEN),
    *(Read(name, _condition) for name in _ON_A_CONDITION),
    *(Read(name, _day) for name in _ON_A_DAY),
    *(Read(name, _params, _rows) for name in _ON_LISTS),
    Read("get_price", lambda scene: (scene.yes, "BUY")),
    Read("get_price", lambda scene: (scene.yes, "SELL")),
    Read("get_order", lambda scene: (scene.order_id,)),
    Read(
        "get_open_orders",
        lambda scene: (OpenOrderParams(market=scene.condition, asset_id=scene.yes),),
        lambda scene: ({"market": scene.condition, "asset_id": scene.yes},),
    ),
    Read(
        "get_trades",
        lambda scene: (TradeParams(id=scene.trade_id, after=1),),
        lambda scene: ({"id": scene.trade_id, "after": "1"},),
    ),
    Read(
        "get_builder_trades",
        lambda scene: (BuilderTradeParams(BUILDER, market=scene.condition),),
        lambda scene: ({"builder_code": BUILDER, "market": scene.condition},),
    ),
    Read(
        "get_prices_history",
        lambda scene: (PricesHistoryParams(market=scene.yes, interval="1d", fidelity=5),),
        lambda scene: ({"market": scene.yes, "interval": "1d", "fidelity": 5},),
    ),
    Read(
        "get_balance_allowance",
        lambda scene: (BalanceAllowanceParams(AssetType.COLLATERAL),),
        lambda scene: ({"asset_type": "COLLATERAL"},),
    ),
    Read(
        "get_balance_allowance",
        lambda scene: (BalanceAllowanceParams(AssetType.CONDITIONAL, scene.yes),),
        lambda scene: ({"asset_type": "CONDITIONAL", "token_id": scene.yes},),
    ),
    Read(
        "update_balance_allowance",
        lambda scene: (BalanceAllowanceParams(AssetType.COLLATERAL),),
        lambda scene: ({"asset_type": "COLLATERAL"},),
    ),
    Read(
        "is_order_scoring",
        lambda scene: (OrderScoringParams(scene.order_id),),
        lambda scene: ({"order_id": scene.order_id},),
    ),
    Read(
        "are_orders_scoring",
        lambda scene: (OrdersScoringParams([scene.order_id]),),
        lambda scene: ({"orderIds": [scene.order_id]},),
    ),
    Read("calculate_market_price", lambda scene: (scene.yes, "BUY", 2)),
)
"""Every read with the same answer in both; what a page, a list or an object is of, is the test's to say."""
