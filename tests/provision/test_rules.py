"""What of a market decides whether a case may have it, by the exchange's own words for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness.provision.rules import (
    MarketRules,
    facts_of,
    has_its_ids,
    is_whole,
    misfit,
    read_rules,
    short_misfit,
)
from harness.wire.ctf import CONTRACTS_137

NOW_S = 1_790_000_000
CONDITION = "0x311d0c4b6671ab54af4970c06fcf58662516f5168997bdda209ec3db5aa6b0c1"
ROW: dict[str, Any] = {
    "enable_order_book": True,
    "active": True,
    "closed": False,
    "archived": False,
    "accepting_orders": True,
    "minimum_order_size": 5,
    "minimum_tick_size": Decimal("0.01"),
    "condition_id": CONDITION,
    "question_id": "0x" + "22" * 32,
    "question": "Will it rain?",
    "market_slug": "will-it-rain",
    "end_date_iso": None,
    "seconds_delay": 0,
    "neg_risk": False,
    "tokens": [
        {"token_id": "76043073756653678226373981964075571318267289248134717369284518995922789326425"},
        {"token_id": "31690934263385727664202099278545688007799199447969475608906331829650099442770"},
    ],
}
"""The published market of wire.md's vectors: its tokens are those of its condition."""


def why_not(wanted: dict[str, Any], **changed: Any) -> str:
    return misfit(wanted, {**ROW, **changed}, MarketRules(), NOW_S)


def test_a_market_of_the_usual_kind() -> None:
    """What a case does not say is as the language says it is."""
    assert why_not({}) == ""
    assert why_not({"tick": Decimal("0.01"), "min_size": Decimal(5), "neg_risk": False}) == ""
    assert short_misfit({}, {}) == ""


@pytest.mark.parametrize(
    ("wanted", "changed", "why"),
    [
        ({}, {"accepting_orders": False}, "takes no orders"),
        ({}, {"active": False}, "takes no orders"),
        ({}, {"closed": True}, "is closed"),
        ({}, {"end_date_iso": "2026-09-21T14:13:19Z"}, "ends within 24 h"),
        ({}, {"end_date_iso": "2026-09-22T14:13:20Z"}, ""),
        ({}, {"end_date_iso": "2020-11-04"}, "ends within 24 h"),
        ({"tick": Decimal("0.001")}, {}, "has another tick than 0.001"),
        ({}, {"minimum_tick_size": Decimal("0.001")}, "has another tick than 0.01"),
        ({}, {"minimum_order_size": 15}, "has another least size than 5"),
        ({}, {"minimum_order_size": 1}, ""),
        ({"min_size": Decimal(15)}, {"minimum_order_size": 5}, "has another least size than 15"),
        ({"neg_risk": True}, {}, "is not of the neg-risk kind"),
        ({}, {"neg_risk": True}, "is of the neg-risk kind"),
        ({"seconds_delay": 3}, {}, "has not a delay of 3 s"),
        ({}, {"seconds_delay": 3}, "has not a delay of 0 s"),
        ({"question": "Will it snow?"}, {}, "has another question"),
        ({"slug": "will-it-rain"}, {}, ""),
    ],
)
def test_why_a_market_does_not_do(wanted: dict[str, Any], changed: dict[str, Any], why: str) -> None:
    """Each of its properties decides by itself, at its bound."""
    assert why_not(wanted, **changed) == why


@pytest.mark.parametrize(
    ("wanted", "short", "why"),
    [
        ({"fee_rate": Decimal("0.05")}, {}, "has not the fee rate 0.05"),
        ({}, {"fd": {"r": Decimal("0.05"), "e": 1}}, "has not the fee rate 0"),
        ({"fee_rate": Decimal("0.05")}, {"fd": {"r": Decimal("0.05"), "e": 1}}, ""),
        (
            {"fee_rate": Decimal("0.05"), "fee_exponent": 2},
            {"fd": {"r": Decimal("0.05"), "e": 1}},
            "has not the fee rate 0.05",
        ),
        ({}, {"itode": True}, "delays takers"),
        ({"taker_delay_ms": 250}, {}, "does not delay takers"),
        ({"taker_delay_ms": 250}, {"itode": True}, ""),
    ],
)
def test_why_its_fee_or_delay_does_not_do(wanted: dict[str, Any], short: dict[str, Any], why: str) -> None:
    """What only the short form tells decides as well."""
    assert short_misfit(wanted, short) == why


def test_facts_of_a_market() -> None:
    """A case may refer to all that the control API tells but the oracle; the symbol is as configured."""
    facts = facts_of(ROW, {"fd": {"r": Decimal("0.05"), "e": 2}}, {"taker_delay_ms": 250}, "PX-{SLUG}")

    assert facts["symbol"] == "PX-WILL-IT-RAIN"
    assert (facts["tick"], facts["min_size"], facts["fee_rate"], facts["fee_exponent"]) == (
        "0.01",
        "5",
        "0.05",
        2,
    )
    assert facts["taker_delay_ms"] == 250
    assert "symbol" not in facts_of(ROW, {}, {})
    assert has_its_ids(facts, CONTRACTS_137)
    assert not has_its_ids({**facts, "neg_risk": True}, CONTRACTS_137)
    assert not has_its_ids({**facts, "condition": "0x12"}, CONTRACTS_137)


@pytest.mark.parametrize("row", [None, [], {}, {**ROW, "tokens": []}, {**ROW, "condition_id": None}])
def test_what_is_no_market(row: object) -> None:
    """An entry without what is read of it is passed over."""
    assert not is_whole(row)
    assert is_whole(ROW)


@pytest.mark.parametrize(
    ("held", "problem"),
    [
        (3, "markets is a table of only, again, ends_after_h, symbol"),
        ({"lost": 1}, "markets is a table of only, again, ends_after_h, symbol"),
        ({"only": ["0x12"]}, "'only' is a list of condition ids"),
        ({"ends_after_h": -1}, "'ends_after_h' is a whole number of hours, not -1"),
        ({"symbol": "ALL"}, "'symbol' is a text with one of {slug}"),
        ({"symbol": "{slug}{other}"}, "'symbol' is a text with one of {slug}"),
        ({"again": "yes"}, "'again' is true or false, not 'yes'"),
    ],
)
def test_rules_that_are_wrong(held: object, problem: str) -> None:
    """What a configuration says wrongly of its markets is told."""
    told: list[str] = []
    read_rules(held, "markets", told.append)

    assert len(told) == 1
    assert problem in told[0]


def test_rules_as_configured() -> None:
    """Each rule is taken as it was said."""
    told: list[str] = []
    held = {"only": [CONDITION], "again": True, "ends_after_h": 2, "symbol": "{slug}"}

    assert read_rules(held, "markets", told.append) == MarketRules((CONDITION,), 2, "{slug}", True)
    assert told == []
