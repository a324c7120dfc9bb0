"""The arguments of a verb, checked with words that say what to send instead. All raise RefusalError 400."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from harness.venue.faults import RefusalError
from harness.venue.markets import Market, Markets

LONGEST_MS: Final = 600_000


def only(body: dict[str, Any], *known: str) -> None:
    """Nothing but the known keys."""
    if unknown := sorted(set(body) - set(known)):
        raise RefusalError(400, f"unknown {', '.join(unknown)}: the keys are {', '.join(known)}")


def text(body: dict[str, Any], name: str) -> str:
    """A text that must be there."""
    value = body.get(name)
    if not isinstance(value, str):
        raise RefusalError(400, f"{name} is {value!r}: send it as a text")
    return value


def listed_market(markets: Markets, body: dict[str, Any]) -> Market:
    """`market`, which must be listed."""
    market = markets.by_condition(text(body, "market"))
    if market is None:
        raise RefusalError(400, "market must be the condition id of a listed market: POST /markets first")
    return market


def choice(body: dict[str, Any], name: str, known: Sequence[str], default: str | None = None) -> str:
    """One of some words."""
    value = body.get(name, default)
    if value not in known:
        raise RefusalError(400, f"{name} is {value!r}: send one of {', '.join(known)}")
    return str(value)


def whole(body: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    """A whole number between two."""
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RefusalError(400, f"{name} is {value!r}: send a whole number between {least} and {most}")
    return value


def duration_ms(body: dict[str, Any], default: int) -> int:
    """`for_ms`, how long it lasts."""
    return whole(body, "for_ms", default, 1, LONGEST_MS)


def switch(body: dict[str, Any], name: str) -> bool:
    """True or false; false where it is left out."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise RefusalError(400, f"{name} is {value!r}: send true or false")
    return value
