"""What is known of one cassette: which values are identities, and which are everybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.identities import layouts, tokens
from harness.identities.places import is_telling, place
from harness.identities.public import LOOPBACK, PUBLIC_NUMBERS, aligned, is_random
from harness.identities.shapes import ADDRESS_BITS, LEAST_ADDRESS

ADDRESS_DIGITS: Final = 40
WORD_DIGITS: Final = 64
UUID_DIGITS: Final = 32
_PREFIX_DIGITS: Final = 8
_NO_UUIDS: Final = frozenset({0, (1 << 128) - 1})
_PIECES: Final = re.compile(r"[^\s|=\"',;:/?&()\[\]{}]+")
_HASHED: Final = re.compile(r"0[xX][0-9a-fA-F]{64}|[0-9]{60,78}")


class Known:
    """Numbers (addresses, hashes), UUIDs, emails, IP addresses and names, by whether they are identities.

    Constants are public first of all; then what a field of an order or transaction holds is an identity; then
    a fact of a market is public; then what looks like an identity is one.
    """

    def __init__(self) -> None:
        self._kept: set[int] = set(PUBLIC_NUMBERS)
        self._placed: set[int] = set()
        self._public: set[int] = set()
        self._bytes: set[str] = set()
        self.kept_texts: set[str] = set(LOOPBACK)
        self.numbers: set[int] = set()
        self.uuids: set[int] = set()
        self.emails: set[str] = set()
        self.names: set[str] = set()
        self._by_start: dict[str, list[str]] | None = None
        self._naming: re.Pattern[str] | None = None

    def keep(self, text: str) -> None:
        """Whatever identity stands in this text is public: a case's literal, a target's contract."""
        self.kept_texts.add(text)
        self.kept_texts.update(piece.lower() for piece in _PIECES.findall(text))
        self.kept_texts.update(_PIECES.findall(text))
        for found in tokens.HEX.finditer(text):
            self._kept.add(int(found[0], 16))
            if found[0].isdecimal():
                self._kept.add(int(found[0]))
        self._kept.update(tokens.uuid_number(text[start:end]) for start, end in tokens.uuids(text))
        self._changed()

    def learn(self, text: str) -> None:
        """Note all that a text shows: by its fields, by calls and logs, and by its look."""
        self._public.update(layouts.public_of_logs(text))
        self._learn_fields(text)
        for named, value in tokens.QUERY.findall(text):
            self._learn_field(named, value)
        for value in tokens.MARKET_PATH.findall(text):
            self._public.add(int(value, 16))
        plain = tokens.undisguised(text)
        for found in tokens.HEX.finditer(plain):
            if found[0] not in self._bytes:
                self._learn_hex(found[0])
        self.uuids.update(tokens.uuid_number(plain[start:end]) for start, end in tokens.uuids(plain))
        self.emails.update(email_key(plain[start:end]) for start, end in tokens.emails(plain))
        self._changed()

    def learn_name(self, name: str) -> None:
        """Note that this text names a customer."""
        if is_name(name) and not self.is_kept_name(name):
            self.names.add(name)
            self._changed()

    def is_identity(self, number: int) -> bool:
        """Whether an address or hash that looks like one is one."""
        if number < LEAST_ADDRESS or number in self._kept:
            return False
        return number in self._placed or number not in self._public

    def is_identity_uuid(self, number: int) -> bool:
        """Whether a UUID is one."""
        return number not in self._kept and number not in _NO_UUIDS

    def is_known(self, number: int) -> bool:
        """Whether a number was seen as an address or hash somewhere, and is an identity."""
        return number in self.numbers and self.is_identity(number)

    def is_kept_text(self, text: str) -> bool:
        """Whether an email or IP address is public."""
        return text.lower() in self.kept_texts

    def is_kept_name(self, name: str) -> bool:
        """Whether a name is public."""
        return name in self.kept_texts

    def spans(self, digits: str, step: int) -> Iterator[tuple[int, int, int]]:
        """Start, end and number of every known identity in lower-case hex digits, looked for every `step`."""
        index = self._index()
        at, last = 0, len(digits) - ADDRESS_DIGITS
        while at <= last:
            for held in index.get(digits[at : at + _PREFIX_DIGITS], ()):
                if digits.startswith(held, at):
                    yield at, at + len(held), int(held, 16)
                    at += len(held) - step
                    break
            at += step

    def starting(self, digits: str) -> int | None:
        """A known identity that starts with these lower-case digits: what is left of it where it was cut."""
        held = (one for one in self._index().get(digits[:_PREFIX_DIGITS], ()) if one.startswith(digits))
        first = next(held, None)
        return None if first is None else int(first, 16)

    def naming(self) -> re.Pattern[str] | None:
        """A pattern of the names that are replaced in any text; None where there are none."""
        if self._naming is None:
            telling = sorted(filter(is_telling, self.names), key=lambda name: (-len(name), name))
            if telling:
                either = "|".join(map(re.escape, telling))
                self._naming = re.compile(rf"(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])")
        return self._naming

    def is_free_name(self, name: str) -> bool:
        """Whether a name can be an image: nobody's here, and nothing but a name."""
        return is_name(name) and name not in self.names and not self.is_kept_name(name)

    def originals(self) -> Iterator[int]:
        """Every address and hash that is an identity."""
        return filter(self.is_identity, self.numbers)

    def everybodys(self) -> Iterator[int]:
        """Every number that is public."""
        yield from self._kept
        yield from self._public - self._placed

    def is_free(self, number: int) -> bool:
        """Whether a number can be an image: nothing else that stands in the cassette."""
        return number not in self.numbers and self.is_identity(number)

    def _changed(self) -> None:
        self._by_start = self._naming = None

    def _index(self) -> dict[str, list[str]]:
        """The digits of every known identity by their first ones; hashes before addresses."""
        if self._by_start is None:
            self._by_start = {}
            for number in sorted(self.originals(), reverse=True):
                digits = f"{number:0{digits_of(number)}x}"
                self._by_start.setdefault(digits[:_PREFIX_DIGITS], []).append(digits)
        return self._by_start

    def _learn_fields(self, text: str) -> None:
        for found in tokens.FIELD.finditer(text):
            value = found["text"]
            self._learn_field(found["name"], found["items"] or found["number"] or value or "")
            if value and '"' in value:
                self._learn_fields(value)

    def _learn_field(self, named: str, value: str) -> None:
        kind = place(named)
        if kind == "market":
            self._public.update(map(_number, _HASHED.findall(value)))
        elif kind in ("hash", "book"):
            self._placed.update(map(_number, _HASHED.findall(value)))
            if kind == "book" and len(value) == ADDRESS_DIGITS and tokens.HEX.fullmatch(value):
                self._public.add(int(value, 16))
        elif kind == "name":
            self.learn_name(value)
        elif kind == "bytes":
            self._bytes.add(value)

    def _learn_hex(self, run: str) -> None:
        prefixed = run[1] in "xX"
        digits = run[2:].lower() if prefixed else run.lower()
        if len(digits) in (ADDRESS_DIGITS, WORD_DIGITS):
            if prefixed or not digits.isdecimal():
                number = int(digits, 16)
                if len(digits) == ADDRESS_DIGITS or is_random(number):
                    self.numbers.add(aligned(number)[0])
        elif prefixed and len(digits) > WORD_DIGITS:
            self._public.update(layouts.public_of_call(digits))
            for start in layouts.word_starts(digits):
                word, _ = aligned(int(digits[start : start + WORD_DIGITS], 16))
                if word >> ADDRESS_BITS == 0 and is_random(word):
                    self.numbers.add(word)


def kind_of(number: int) -> str:
    """`address` or `hash`."""
    return "address" if number >> ADDRESS_BITS == 0 else "hash"


def digits_of(number: int) -> int:
    """How many hex digits an address or a hash has."""
    return ADDRESS_DIGITS if number >> ADDRESS_BITS == 0 else WORD_DIGITS


def is_name(value: str) -> bool:
    """Whether the value of a name's field is a name: no placeholder, address, UUID or email, not empty."""
    if not value or "«" in value or value[0] in "[{" or value.startswith(("0x", "0X")):
        return False
    spans = (*tokens.uuids(value), *tokens.emails(value))
    return not spans and tokens.HEX.search(value) is None and tokens.ip_number(value) is None


def email_key(text: str) -> str:
    """What makes two emails the same one."""
    return text.lower().replace("%40", "@")


def _number(text: str) -> int:
    return int(text, 16) if text[:2] in ("0x", "0X") else int(text)
