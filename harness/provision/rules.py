"""Which markets a case may have on an exchange that makes none: what fits, and why another does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from harness.clock import EPOCH
from harness.pool.values import Entry
from harness.wire import ctf
from harness.wire.ctf import Contracts

ENDS_AFTER_H: Final = 24
"""A market that ends sooner may be closed, or paused over its outcome, in the middle of a case."""
_DEFAULTS: Final[Mapping[str, Any]] = {
    "tick": "0.01",
    "min_size": "5",
    "neg_risk": False,
    "fee_rate": "0",
    "fee_exponent": 1,
    "taker_delay_ms": 0,
    "seconds_delay": 0,
}
"""What a market of a case is where the case does not say (the language's reference, `market`)."""


@dataclass(frozen=True, slots=True)
class MarketRules:
    """Which markets of a target cases may trade: `only` these conditions, where any are named, and none that
    ends within so many hours. `symbol` is how its FIX gateway calls a market: `{slug}`, `{SLUG}` (in
    capitals), `{question}` and `{condition}` stand for the market's. `again`: they may be markets in
    which the case's accounts have traded before."""

    only: tuple[str, ...] = ()
    ends_after_h: int = ENDS_AFTER_H
    symbol: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Supply:
    """What a target without a control API has for a case: which markets it may trade in, and the account
    that money comes from. `who` is told to others that wait for the same market; `untold` is what the case
    refers to and no REST API tells (wishes)."""

    who: str = ""
    untold: tuple[str, ...] = ()
    rules: MarketRules = MarketRules()
    treasury: Entry | None = None


_CONDITION: Final = re.compile("0x[0-9a-fA-F]{64}")
_KEYS: Final = ("only", "again", "ends_after_h", "symbol")
_NAMED: Final = ("slug", "SLUG", "question", "condition")


def read_rules(held: Any, what: str, wrong: Callable[[str], None]) -> MarketRules:
    """What a table `markets` says; `wrong` is told all that is not right of it."""
    if not isinstance(held, Mapping) or not set(held) <= set(_KEYS):
        wrong(f"{what} is a table of {', '.join(_KEYS)}")
        return MarketRules()
    only, hours = held.get("only", []), held.get("ends_after_h", ENDS_AFTER_H)
    if not isinstance(only, list) or not all(
        isinstance(each, str) and _CONDITION.fullmatch(each) for each in only
    ):
        wrong(f"{what}: 'only' is a list of condition ids, each 0x and 64 hex digits")
        only = []
    if type(hours) is not int or hours < 0:
        wrong(f"{what}: 'ends_after_h' is a whole number of hours, not {hours!r}")
        hours = ENDS_AFTER_H
    symbol = held.get("symbol", "")
    if not isinstance(symbol, str) or not _is_a_pattern(symbol):
        wrong(
            f"{what}: 'symbol' is a text with one of {', '.join('{' + each + '}' for each in _NAMED)} in it"
        )
        symbol = ""
    again = held.get("again", False)
    if type(again) is not bool:
        wrong(f"{what}: 'again' is true or false, not {again!r}")
    return MarketRules(tuple(only), hours, symbol, again is True)


def _is_a_pattern(text: str) -> bool:
    left = re.sub("|".join("{" + each + "}" for each in _NAMED), "", text)
    return (not text or left != text) and not set(left) & set("{}")


def misfit(wanted: Mapping[str, Any], row: Mapping[str, Any], rules: MarketRules, now_s: int) -> str:
    """Why a market of GET /markets is not what a case wants, in a few words; "" where it may be.

    `wanted` is what the case says of it, `row` the market in full.
    """
    asked = {**_DEFAULTS, **wanted}
    if not (row.get("active") and row.get("accepting_orders") and row.get("enable_order_book")):
        return "takes no orders"
    if row.get("closed") or row.get("archived"):
        return "is closed"
    ends_s = _ends_s(row)
    if ends_s is not None and ends_s < now_s + rules.ends_after_h * 3600:
        return f"ends within {rules.ends_after_h} h"
    if _number(row.get("minimum_tick_size")) != _number(asked["tick"]):
        return f"has another tick than {asked['tick']}"
    least, want = _number(row.get("minimum_order_size")), _number(asked["min_size"])
    if least is None or want is None or (least != want if "min_size" in wanted else least > want):
        return f"has another least size than {asked['min_size']}"
    if row.get("neg_risk") is not asked["neg_risk"]:
        return "is not of the neg-risk kind" if asked["neg_risk"] else "is of the neg-risk kind"
    if row.get("seconds_delay") != asked["seconds_delay"]:
        return f"has not a delay of {asked['seconds_delay']} s"
    for name, key in (("question", "question"), ("slug", "market_slug")):
        if name in wanted and row.get(key) != wanted[name]:
            return f"has another {name}"
    return ""


def short_misfit(wanted: Mapping[str, Any], short: Mapping[str, Any]) -> str:
    """The same of what GET /clob-markets/{condition} tells beside: the fee and the taker's delay."""
    asked = {**_DEFAULTS, **wanted}
    fee = _fee(short)
    rate, exponent = _number(fee.get("r", 0)), fee.get("e", 1)
    if rate != _number(asked["fee_rate"]) or (rate and exponent != asked["fee_exponent"]):
        return f"has not the fee rate {asked['fee_rate']}"
    if bool(short.get("itode")) is not bool(asked["taker_delay_ms"]):
        return "delays takers" if short.get("itode") else "does not delay takers"
    return ""


def facts_of(
    row: Mapping[str, Any], short: Mapping[str, Any], wanted: Mapping[str, Any], symbol: str = ""
) -> dict[str, Any]:
    """What a case may refer to of a market; its FIX symbol is not told, but made as `MarketRules` say. Its
    oracle is not told either."""
    fee = _fee(short)
    yes, no = (str(token.get("token_id")) for token in row["tokens"])
    named = {"slug": row.get("market_slug") or "", "question": row.get("question") or ""}
    named |= {"SLUG": named["slug"].upper(), "condition": row["condition_id"]}
    called = {"symbol": symbol.format(**named)} if symbol else {}
    return {
        **called,
        "condition": row["condition_id"],
        "question_id": row["question_id"],
        "yes": yes,
        "no": no,
        "tick": str(row["minimum_tick_size"]),
        "min_size": str(row["minimum_order_size"]),
        "question": row.get("question", ""),
        "slug": row.get("market_slug", ""),
        "neg_risk": row["neg_risk"],
        "neg_risk_market_id": row.get("neg_risk_market_id") or "",
        "fee_rate": str(fee.get("r", 0)),
        "fee_exponent": fee.get("e", 0),
        "taker_delay_ms": wanted.get("taker_delay_ms", 0),
        "seconds_delay": row["seconds_delay"],
    }


def is_whole(row: Any) -> bool:
    """Whether an entry of a list of markets has what is read of it."""
    if not isinstance(row, Mapping) or not isinstance(row.get("tokens"), list) or len(row["tokens"]) != 2:
        return False
    texts = all(isinstance(row.get(key), str) for key in ("condition_id", "question_id"))
    return texts and all(isinstance(each, Mapping) and each.get("token_id") for each in row["tokens"])


def has_its_ids(facts: Mapping[str, Any], contracts: Contracts) -> bool:
    """Whether a market's tokens are those of its condition, by our own reckoning."""
    backing = contracts.wrapped if facts["neg_risk"] else contracts.usdce
    try:
        tokens = [ctf.position_id(backing, ctf.collection_id(facts["condition"], each)) for each in (1, 2)]
    except ValueError:
        return False
    return [facts["yes"], facts["no"]] == [str(token) for token in tokens]


def _fee(short: Mapping[str, Any]) -> Mapping[str, Any]:
    fee = short.get("fd")
    return fee if isinstance(fee, Mapping) else {}


def _ends_s(row: Mapping[str, Any]) -> int | None:
    """When a market ends, in unix seconds; None where it does not say."""
    text = row.get("end_date_iso")
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(seconds=1)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str | int | Decimal) else None
    except InvalidOperation:
        return None
