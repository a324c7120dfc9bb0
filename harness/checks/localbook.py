"""A token's book as a client builds it: `book` replaces it, `price_change` sets a level to its new total.

Source: CLOB docs, market channel; the hash is that of GET /book. An empty side is told as bid 0, ask 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from harness.matchers.numbers import decimal_of
from harness.wire import clob

Levels = dict[Decimal, Decimal]
Wrong = tuple[str, Any]
"""What is wrong, in words, and what a symptom sees of it."""

_EMPTY: Final = (Decimal(0), Decimal(1))
_SIDES: Final = (("BUY", "bids"), ("SELL", "asks"))


@dataclass(slots=True)
class LocalBook:
    """The levels of one token by side, unknown (None) until the first snapshot."""

    token: str
    sides: dict[str, Levels] | None = None
    snapshots: int = 0
    hashes: int = 0
    frames: list[tuple[int, dict[str, Levels]]] = field(default_factory=list)

    def take(self, messages: Iterator[Mapping[str, Any]], at_us: int) -> Iterator[Wrong]:
        """Take in one frame; gives what is wrong after it."""
        changed = False
        for message in messages:
            kind = message.get("event_type")
            if kind == "book" and str(message.get("asset_id")) == self.token:
                changed = True
                self.snapshots += 1
                yield from self._snapshot(message)
            elif kind == "price_change" and self.sides is not None:
                told = message.get("price_changes")
                changes = [c for c in told if self._is_mine(c)] if isinstance(told, list) else []
                changed = changed or bool(changes)
                yield from self._changes(changes)
            elif kind == "best_bid_ask" and self._is_mine(message) and self.sides is not None:
                yield from self._best_is(message)
        if changed and self.sides is not None:
            self.frames.append((at_us, {side: dict(levels) for side, levels in self.sides.items()}))
            yield from self._crossed()

    def between(self, first_us: int, last_us: int) -> list[dict[str, Levels]]:
        """The books that stood at some moment between two stamps."""
        before = [sides for at_us, sides in self.frames if at_us <= first_us]
        inside = [sides for at_us, sides in self.frames if first_us < at_us <= last_us]
        return [*before[-1:], *inside]

    def _is_mine(self, message: Any) -> bool:
        return isinstance(message, Mapping) and str(message.get("asset_id")) == self.token

    def _snapshot(self, message: Mapping[str, Any]) -> Iterator[Wrong]:
        try:
            self.sides = levels_of(message)
        except ValueError as error:
            yield f"the snapshot cannot be read: {error}", dict(message)
            return
        told = message.get("hash")
        try:
            computed = clob.book_hash(message)
        except (KeyError, TypeError):
            return  # a snapshot without the fields that the hash covers cannot be checked
        self.hashes += 1
        if told != computed:
            yield (
                f"the snapshot's hash is {told}, and its own fields give {computed}",
                {
                    "hash": told,
                    "computed": computed,
                },
            )

    def _changes(self, changes: list[Mapping[str, Any]]) -> Iterator[Wrong]:
        assert self.sides is not None  # the caller looks
        for change in changes:
            price, size = decimal_of(change.get("price")), decimal_of(change.get("size"))
            side = self.sides.get(str(change.get("side")))
            if price is None or size is None or side is None:
                yield f"a price_change cannot be read: {dict(change)}", dict(change)
            elif size:
                side[Decimal(price)] = Decimal(size)
            else:
                side.pop(Decimal(price), None)
        if changes:
            yield from self._best_is(changes[-1])

    def _best_is(self, told: Mapping[str, Any]) -> Iterator[Wrong]:
        """Compare the best prices that a message tells with the book's own."""
        for key, own in zip(("best_bid", "best_ask"), self.best(), strict=True):
            said = decimal_of(told.get(key))
            if said is not None and Decimal(said) != own:
                shown = {key: {"told": Decimal(said), "book": own}}
                yield f"{key} is told as {said}, and the book's own is {own:f}", shown

    def best(self) -> tuple[Decimal, Decimal]:
        """Best bid and ask; 0 and 1 where a side is empty."""
        sides = self.sides or {"BUY": {}, "SELL": {}}
        return max(sides["BUY"], default=_EMPTY[0]), min(sides["SELL"], default=_EMPTY[1])

    def _crossed(self) -> Iterator[Wrong]:
        bid, ask = self.best()
        if self.sides is not None and self.sides["BUY"] and self.sides["SELL"] and bid >= ask:
            word = "locked" if bid == ask else "crossed"
            yield f"the book is {word}: bid {bid:f}, ask {ask:f}", {"crossed": {"bid": bid, "ask": ask}}


def levels_of(book: Mapping[str, Any]) -> dict[str, Levels]:
    """A snapshot, or GET /book, as levels by side. Raises ValueError where it is none (the exchange's)."""
    found: dict[str, Levels] = {}
    for side, key in _SIDES:
        rows = book.get(key)
        if not isinstance(rows, list):
            raise ValueError(f"it has no {key}")
        levels = found.setdefault(side, {})
        for row in rows:
            told = row if isinstance(row, Mapping) else {}
            price, size = (decimal_of(told.get(name)) for name in ("price", "size"))
            if price is None or size is None:
                raise ValueError(f"a level of its {key} is {row!r}")
            if Decimal(price) in levels:
                raise ValueError(f"its {key} hold the price {price} twice")
            levels[Decimal(price)] = Decimal(size)
    return found


def top(sides: Mapping[str, Levels], depth: int | None) -> dict[str, list[tuple[Decimal, Decimal]]]:
    """The best levels of each side, the best first; all of them without `depth`."""
    return {side: sorted(sides[side].items(), reverse=side == "BUY")[:depth] for side, _ in _SIDES}
