"""What of a sealed draft a stranger could still look up on a public chain or in public lists of trades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from harness.blur import sums
from harness.blur.markets import TITLES
from harness.blur.wires import changed
from harness.blur.wording import some
from harness.identities.places import place
from harness.model import Event, Kind

_TRADES: Final = frozenset({"matchtime", "transacttime"})


class _Counts:
    """Counts what stands where, and changes nothing."""

    def __init__(self) -> None:
        self.trades: set[str] = set()
        self.amounts: set[str] = set()
        self.markets: set[str] = set()
        self.blocks: set[int] = set()

    def field(self, name: str, value: str) -> str:
        plain = name.lower().replace("_", "").replace("-", "")
        if plain in _TRADES and value:
            self.trades.add(value)
        elif plain in sums.AMOUNTS and value.strip("0."):
            self.amounts.add(value)
        elif (place(name) == "market" and len(value) >= 60) or plain in TITLES:
            self.markets.add(value)
        return value

    def fix(self, tag: int, value: str) -> str:
        if tag == 60:
            self.trades.add(value)
        elif tag in sums.TAGS and value.strip("0."):
            self.amounts.add(value)
        elif tag in (48, 55):
            self.markets.add(value)
        return value

    def word(self, name: str, value: int) -> int:
        if name in sums.WORDS:
            self.amounts.add(str(value))
        return value

    def block(self, number: int) -> int:
        self.blocks.add(number)
        return number


def lookups(events: Iterable[Event], is_blurred: bool) -> list[str]:
    """One or two lines on what could be looked up; `is_blurred`: these are other ones."""
    counts = _Counts()
    orders = 0
    for event in events:
        orders += event.kind is Kind.SEND and _is_order(event.data.get("wire"))
        changed(event.data, counts)
    told = [
        *some(len(counts.trades), "time of a trade, to the second", "times of trades, to the second"),
        *some(orders, "order with its price", "orders with their prices"),
        *some(len(counts.amounts), "size or amount", "sizes and amounts"),
        *some(len(counts.markets), "id or name of a market", "ids and names of markets"),
        *some(len(counts.blocks), "block's number", "blocks' numbers"),
    ]
    if not told:
        return []
    if is_blurred:
        return ["a stranger could still see: prices, differences of times, ratios of amounts"]
    return [
        f"a stranger could still look up: {', '.join(told)}",
        "a time with an odd amount often names one trade: --blur shifts and replaces them",
    ]


def _is_order(wire: Any) -> bool:
    if not isinstance(wire, Mapping):
        return False
    return '"makerAmount"' in str(wire.get("body", "")) or "|35=D|" in str(wire.get("raw", ""))
