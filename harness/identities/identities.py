"""The identities of one cassette, replaced: the same value alike in every channel, spelling and encoding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from harness import exactjson
from harness.identities import layouts, tokens
from harness.identities.images import Images
from harness.identities.known import ADDRESS_DIGITS, UUID_DIGITS, WORD_DIGITS, Known
from harness.identities.places import NAME_TAGS, PUBLIC_TAGS, place
from harness.identities.public import is_random
from harness.identities.remaining import remaining
from harness.redact import Hit

_DEPTH: Final = 1_000
"""How deep a value may be that we made ourselves: Python's own limit, at which it was written."""
_HEX_TEXT: Final = re.compile("3078((?:3[0-9]|[46][1-6])+)")
"""Hex of the text `0x…`, as a revert's reason holds it."""


class Identities:
    """The keyed map of one cassette. It lives in memory only, and what it replaced cannot be found again.

    Two passes: `learn` all that the cassette holds, then replace. A text that is replaced before all was
    learnt takes a market's id for a hash, or misses a name. Replacing twice is replacing once.
    """

    def __init__(self, public: Iterable[str] = (), *, key: bytes | None = None) -> None:
        """`public`: texts whose addresses, hashes and names stay (a case's literals, a target's contracts).

        `key` is for tests; otherwise it is random and known to nobody.
        """
        self._known = Known()
        self._images = Images(self._known, key)
        for text in public:
            self._known.keep(text)

    def keep(self, text: str) -> None:
        """Let what stands in this text be public."""
        self._known.keep(text)

    def learn(self, value: Any) -> None:
        """Note what a JSON value shows, texts of JSON inside it too."""
        self._known.learn(value if isinstance(value, str) else exactjson.dumps(value))

    def learn_fix(self, tag: int, value: str) -> None:
        """Note what a field of a FIX message shows."""
        if tag in NAME_TAGS:
            self._known.learn_name(value)
        if tag in PUBLIC_TAGS:
            self._known.keep(value)

    def redact_json(self, value: Any) -> Any:
        """The JSON value with its identities replaced: same keys, lists, numbers, lengths of hex."""
        text = exactjson.dumps(value)
        clean = self.redact(text)
        if clean == text:
            return value
        read = exactjson.loads(clean, depth=_DEPTH)
        try:
            return _as_typed(value, read)
        except RecursionError:  # nested too deeply to walk
            return read

    def redact_fix(self, tag: int, value: str) -> str:
        """The value of a FIX field (0: of what is no field) with its identities replaced."""
        return self.redact(self._images.name(value) if tag in NAME_TAGS else value)

    def redact(self, text: str) -> str:
        """The text with its identities replaced, as long as before where the formats allow."""
        return tokens.undisguised(self._redact(text), self._redact)

    def find(self, text: str) -> list[Hit]:
        """Every identity that still stands in the text, in encodings that are not replaced too."""
        return remaining(text, self._known)

    def manifest(self) -> dict[str, int]:
        """How many values were replaced, by label: `identity.address`, `identity.hash` and so on."""
        counts = self._images.counts
        return {f"identity.{kind}": counts[kind] for kind in sorted(counts)}

    def forget_counts(self) -> None:
        """Count from nothing again: what was replaced so far is replaced once more."""
        self._images.counts.clear()

    def _redact(self, text: str) -> str:
        if '"' in text:
            text = tokens.FIELD.sub(self._field, text)
        if "=" in text:
            text = tokens.QUERY.sub(self._query, text)
        text = tokens.HEX.sub(self._hex, text)
        text = tokens.changed(text, tokens.uuids(text), self._images.uuid)
        text = tokens.changed(text, tokens.emails(text), self._images.email)
        if "." in text:
            text = tokens.IPV4.sub(self._ipv4, text)
        if ":" in text:
            text = tokens.IPV6.sub(lambda found: self._images.ip(found[0]), text)
        naming = self._known.naming()
        if naming is not None:
            text = naming.sub(lambda found: self._images.name(found[0]), text)
        return tokens.CUT.sub(self._cut, text) if "0x" in text else text

    def _field(self, found: re.Match[str]) -> str:
        """A field of a JSON text: what its name says of its value, and then what stands inside."""
        value = found["text"] if found["text"] is not None else found["number"]
        if value is None:
            return found[0]
        new = self._at_place(place(found["name"]), value)
        if '"' in value:
            new = tokens.FIELD.sub(self._field, value)
        return found[0] if new == value else found["before"] + new + (found["closing"] or "")

    def _query(self, found: re.Match[str]) -> str:
        return f"{found[1]}={self._at_place(place(found[1]), found[2])}"

    def _at_place(self, kind: str, value: str) -> str:
        if kind == "name":
            return self._images.name(value)
        return self._images.bytes(value) if kind == "bytes" else value

    def _ipv4(self, found: re.Match[str]) -> str:
        return found[0] if tokens.is_version(found.string, found.start()) else self._images.ip(found[0])

    def _cut(self, found: re.Match[str]) -> str:
        start, end = self._images.cut(found[2], found[4])
        return found[1] + start + found[3] + end

    def _hex(self, found: re.Match[str]) -> str:
        run = found[0]
        if run[1] in "xX":
            return run[:2] + self._prefixed(run[2:])
        if run.isdecimal():
            return self._decimal(run)
        beside = found.string[found.start() - 1 : found.start()] + found.string[found.end() : found.end() + 1]
        return self._value(run, by_look=not any(map(str.isalnum, beside))) or self._inside(run)

    def _prefixed(self, digits: str) -> str:
        """Digits behind 0x: one value, a number without its leading zeros, or a call."""
        if self._images.is_bytes(digits.lower()):
            return digits
        if len(digits) > WORD_DIGITS:
            return self._call(digits)
        if (whole := self._value(digits, by_look=True)) is not None:
            return whole
        number = int(digits, 16)
        looks = len(digits) > ADDRESS_DIGITS and is_random(number)
        if looks or self._known.is_known(number):
            return self._images.digits(digits, number, padded=False)
        cut = self._known.starting(digits.lower())
        return self._inside(digits) if cut is None else self._images.cut(digits, "")[0]

    def _decimal(self, run: str) -> str:
        number = int(run)
        if self._known.is_known(number):
            image = self._images.number(number)
            return run if image is None else str(image)
        return self._value(run, by_look=False) or run

    def _value(self, digits: str, *, by_look: bool) -> str | None:
        """The digits of one address, hash or UUID replaced; None where they are none."""
        number = int(digits, 16)
        if len(digits) in (ADDRESS_DIGITS, WORD_DIGITS):
            looks = by_look and (len(digits) == ADDRESS_DIGITS or is_random(number))
            if looks or self._known.is_known(number):
                return self._images.digits(digits, number)
        elif len(digits) == UUID_DIGITS and number in self._known.uuids:
            return self._images.uuid(digits)
        return None

    def _inside(self, digits: str, step: int = 1) -> str:
        """A run that is not one value: known identities wherever they start."""
        for start, stop, number in reversed(list(self._known.spans(digits.lower(), step))):
            digits = digits[:start] + self._images.digits(digits[start:stop], number) + digits[stop:]
        return digits

    def _call(self, digits: str) -> str:
        """Calls and logs: known identities at any byte, then every whole word that looks like one."""
        held = self._inside(digits, step=2)
        for start in layouts.word_starts(digits.lower()):
            stop = start + WORD_DIGITS
            if held[start:stop] == digits[start:stop]:
                number = int(digits[start:stop], 16)
                if is_random(number):
                    held = held[:start] + self._images.digits(digits[start:stop], number) + held[stop:]
        if "3078" in held:
            held = _HEX_TEXT.sub(self._hex_text, held)
        return held

    def _hex_text(self, found: re.Match[str]) -> str:
        text = bytes.fromhex(found[0]).decode("ascii")
        clean = self._redact(text)
        return found[0] if clean == text else clean.encode().hex()


def _as_typed(value: Any, clean: Any) -> Any:
    """The replaced value with every other number as it was: JSON reads Decimal(100) back as an integer."""
    if isinstance(clean, dict):
        return {
            name: _as_typed(before, after)
            for before, (name, after) in zip(value.values(), clean.items(), strict=True)
        }
    if isinstance(clean, list):
        return [_as_typed(before, after) for before, after in zip(value, clean, strict=True)]
    return value if value == clean else clean
