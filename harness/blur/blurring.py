"""A ticket's clues with other times, amounts and markets, which fit each other as those of before did.

Everything is drawn from one key that is thrown away. Clues are blurred before a case is drafted of them, so
that case and cassette say the same by construction.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

from harness import exactjson
from harness.blur import markets, sums, times
from harness.blur.wires import changed
from harness.blur.wording import some
from harness.evidence.ticket.alignment import Aligned, Placed
from harness.identities.keyed import KEY_BYTES, Draws
from harness.wire import clob

_LEAST_DAYS: Final = 30
_DAYS: Final = 900
_DAY_MINUTES: Final = 1_440
_MINUTE_US: Final = 60_000_000
_TOLD_US: Final = 946_684_800_000_000
"""A clue of a smaller time (2000-01-01) has an order and no time."""
_MIDDLE_US: Final = 1_300_000_000_000_000
_UNLIMITED: Final = 1 << 128
_YOUNG_BLOCKS: Final = 1_000
"""A chain of fewer blocks is somebody's own: too short to be moved back on."""
_HASH_DIGITS: Final = 40
_ORDER_QTY: Final = 38
_SIZES: Final = ("size or amount", "sizes and amounts")
_MARKETS: Final = ("id or name of a market", "ids and names of markets")


@dataclass(slots=True)
class _Seen:
    """Collects what there is to blur, and changes nothing."""

    known: markets.Markets
    amounts: sums.Amounts = field(default_factory=sums.Amounts)
    blocks: set[int] = field(default_factory=set)

    def field(self, name: str, value: str) -> str:
        plain = _plain(name)
        if _is_amount(plain):
            self.amounts.note(value, base=_is_base(plain))
        else:
            for told in sums.TOLD.finditer(value):
                self.amounts.note(told["number"], base=_told_base(told["number"]))
            self.known.learn(name, value)
        return value

    def fix(self, tag: int, value: str) -> str:
        if tag in sums.TAGS:
            self.amounts.note(value, base=False)
            if tag == _ORDER_QTY and value.replace(".", "", 1).isdecimal():
                self.amounts.note_order(Fraction(value))
        elif tag in markets.TAGS:
            self.known.learn_symbol(value)
        else:
            self.field("", value)
        return value

    def word(self, name: str, value: int) -> int:
        if name in sums.WORDS:
            self.amounts.note(str(value), base=True)
        elif name in ("tokenId", "id", "ids", "conditionId"):
            self.known.learn("market", f"{value:064x}")
        return value

    def block(self, number: int) -> int:
        self.blocks.add(number)
        return number


@dataclass(slots=True)
class Blur:
    """One drawing of a shift, a factor and images; `factor` is None where no amount could be scaled."""

    shift: times.Shift
    factor: Fraction | None
    blocks: int
    known: markets.Markets
    key: bytes
    old_amounts: frozenset[Fraction] = frozenset()
    """Those of before that say by themselves which they are; none where no amount is scaled."""
    old_times: set[str] = field(default_factory=set)

    def field(self, name: str, value: str) -> str:
        """A value under a name, blurred."""
        plain = _plain(name)
        if _is_amount(plain):
            return self._scaled(value, base=_is_base(plain))
        if plain == "hash" and len(value) == _HASH_DIGITS:
            return f"{Draws(self.key, 'book', value).bits(4 * _HASH_DIGITS):0{_HASH_DIGITS}x}"
        if plain in times.TIMES:
            return self._noted(value, self.shift.named(value))
        done, at = [], 0
        for start, end, base in self._amounts_in(plain, value):
            done += [self._text(value[at:start]), self._scaled(value[start:end], base=base)]
            at = end
        return "".join((*done, self._text(value[at:])))

    def _amounts_in(self, plain: str, value: str) -> Iterator[tuple[int, int, bool]]:
        """Where amounts stand in a value: those that a refusal tells, and others that are distinctive."""
        told = [(*found.span("number"), _told_base(found["number"])) for found in sums.TOLD.finditer(value)]
        spots = set() if "price" in plain else set(sums.standing(value, self.old_amounts))
        yield from sorted({(start, end): (start, end, base) for start, end, base in (*spots, *told)}.values())

    def fix(self, tag: int, value: str) -> str:
        """A field of a FIX message, blurred."""
        if tag in sums.TAGS:
            return self._scaled(value, base=False)
        if tag in times.DATE_TAGS:
            return self.shift.date(value)
        if tag in sums.KEPT_TAGS:
            return value
        return self.known.text(value) if tag in markets.TAGS else self.field("", value)

    def word(self, name: str, value: int) -> int:
        """An argument of an event, blurred."""
        if name in sums.WORDS and value < _UNLIMITED:
            return int(self._scaled(str(value), base=True))
        return self.known.number(value)

    def block(self, number: int) -> int:
        """A block's number, as far from every other as before."""
        return number + self.blocks

    def left(self, text: str) -> list[str]:
        """The times and markets of before that stand in a text."""
        return [*sorted(self.old_times & set(times.times_in(text))), *self.known.left(text)]

    def amounts_left(self, texts: Iterable[str]) -> list[str]:
        """The distinctive amounts of before that stand in texts."""
        return [text[start:end] for text in texts for start, end, _ in sums.standing(text, self.old_amounts)]

    def placed(self, each: Placed) -> Placed:
        """A clue on the common clock, blurred."""
        data = _with_hashes(each.clue.data, changed(each.clue.data, self))
        at_us = each.at_us + self.shift.by_us if each.at_us >= _TOLD_US else each.at_us
        return replace(each, at_us=at_us, clue=replace(each.clue, data=data))

    def _text(self, text: str) -> str:
        return self.known.text(self._noted(text, self.shift.text(text)))

    def _noted(self, before: str, after: str) -> str:
        if before != after:
            self.old_times.update(times.times_in(before))
        return after

    def _scaled(self, value: str, *, base: bool) -> str:
        return value if self.factor is None else sums.scaled(value, self.factor, base=base)


@dataclass(frozen=True, slots=True)
class Blurred:
    """Blurred clues, with what blurred them, and what was done and could not be done, in words."""

    aligned: Aligned
    blur: Blur
    told: tuple[str, ...]


def blurred(aligned: Aligned, key: bytes | None = None) -> Blurred:
    """Blur a ticket's clues; `key` is for tests, otherwise it is random and known to nobody."""
    key = secrets.token_bytes(KEY_BYTES) if key is None else key
    seen = _Seen(markets.Markets(key))
    for each in aligned.placed:
        changed(each.clue.data, seen)
        for shares, cash in _orders(each.clue.data):
            seen.amounts.note_order(shares, cash)
    factor = sums.factor_of(seen.amounts, Draws(key, "factor", "").below)
    known = sums.distinctive(seen.amounts.values) if factor is not None else frozenset()
    blur = Blur(_shift(aligned, key), factor, blocks_moved(seen.blocks, key), seen.known, key, known)
    placed = tuple(blur.placed(each) for each in aligned.placed)
    return Blurred(replace(aligned, placed=placed), blur, tuple(_told(seen, blur)))


def _shift(aligned: Aligned, key: bytes) -> times.Shift:
    told = [each.at_us for each in aligned.placed if each.at_us >= _TOLD_US]
    draws = Draws(key, "shift", "")
    minutes = (_LEAST_DAYS + draws.below(_DAYS)) * _DAY_MINUTES + draws.below(_DAY_MINUTES)
    back = not told or min(told) > _MIDDLE_US
    by_us = (-minutes if back else minutes) * _MINUTE_US
    return times.Shift(by_us, min(told, default=0), max(told, default=0))


def blocks_moved(seen: set[int], key: bytes) -> int:
    """By how many blocks all are moved, never by none: back on a long chain, forward on a short one."""
    least, draws = min(seen, default=0), Draws(key, "blocks", "")
    if least > _YOUNG_BLOCKS:
        return -1 - draws.below(least - 1)
    return 1 + draws.below(_YOUNG_BLOCKS)


def _told(seen: _Seen, blur: Blur) -> Iterator[str]:
    yield "all times moved by one number of days and minutes"
    yield from (f"{told} replaced" for told in some(blur.known.count, *_MARKETS))
    count = len(seen.amounts.values)
    if blur.factor is not None:
        done = "multiplied by one factor; prices stay, and so do their ratios"
        yield from (f"{told} {done}" for told in some(count, *_SIZES))
        if blur.factor >= min(seen.amounts.cash_ceilings, default=blur.factor + 1):
            yield "an order that was under 1 of cash is above it now"
    elif count:
        why = "no factor keeps digits and minimums"
        yield from (f"not blurred: {told}: {why}" for told in some(count, *_SIZES))
    if seen.blocks:
        yield "not blurred: the gas of transactions, and the places of logs in their blocks"


def _orders(data: Mapping[str, Any]) -> Iterator[tuple[Fraction, Fraction]]:
    """The shares and the cash of each order that is sent."""
    wire = data.get("wire")
    body = _json(wire.get("body", "")) if isinstance(wire, Mapping) else None
    for each in body if isinstance(body, list) else [body]:
        try:
            order = clob.parse_order(each).order
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        cash, shares = order.maker_amount, order.taker_amount
        if order.side is not clob.Side.BUY:
            cash, shares = shares, cash
        yield Fraction(shares, 10**6), Fraction(cash, 10**6)


def _with_hashes(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """A book's hash is of its levels: where it was right, it is right after."""
    old, new = before.get("wire"), after.get("wire")
    for name in ("body", "text"):
        text = old.get(name) if isinstance(old, Mapping) else None
        if isinstance(text, str) and '"hash"' in text and isinstance(new, dict):
            was, now = _books(_json(text)), _books(_json(new[name]))
            for book, other in zip(was, now, strict=False):
                if _hash(book) == book["hash"] and (hashed := _hash(other)):
                    new[name] = new[name].replace(other["hash"], hashed)
    return after


def _books(value: Any) -> list[Mapping[str, Any]]:
    rows = value if isinstance(value, list) else [value]
    return [row for row in rows if isinstance(row, Mapping) and "bids" in row and "hash" in row]


def _hash(book: Mapping[str, Any]) -> str:
    try:
        return clob.book_hash(book)
    except (KeyError, TypeError):
        return ""


def _json(text: Any) -> Any:
    try:
        return exactjson.loads(text) if isinstance(text, str) and text[:1] in ("{", "[") else None
    except ValueError:
        return None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _is_amount(plain: str) -> bool:
    return plain in sums.AMOUNTS or plain.startswith("0x")


def _is_base(plain: str) -> bool:
    return plain in sums.BASE or plain.startswith("0x")


def _told_base(number: str) -> bool:
    """Whether a number that a refusal tells is in base units: it tells those whole, and they are large."""
    return "." not in number and len(number) > len("9999")
