"""The images of one cassette's identities, by kind, counted as they are given; what is no identity stays."""

from __future__ import annotations

from collections import Counter
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from harness.identities import shapes, tokens
from harness.identities.keyed import KeyedMap
from harness.identities.known import UUID_DIGITS, Known, digits_of, email_key, is_name, kind_of
from harness.identities.public import aligned
from harness.identities.spelling import as_spelled

_FULL_IPV6_CHARS: Final = 39


class Images:
    """What stands for each identity of a cassette, spelled as it was."""

    def __init__(self, known: Known, key: bytes | None) -> None:
        self._known = known
        self._map = KeyedMap(key)
        self._numbers: set[int] = set()
        self._spellings: dict[tuple[str, str], str] = {}
        self.counts: Counter[str] = Counter()

    def name(self, value: str) -> str:
        """A name in place of a name; what a field of a name holds otherwise stays."""
        if not is_name(value) or self._known.is_kept_name(value) or self._map.is_image("name", value):
            return value
        self.counts["name"] += 1
        return self._map.image("name", value, partial(shapes.name, value), self._known.is_free_name)

    def is_bytes(self, digits: str) -> bool:
        """Whether these lower-case digits are an image of bytes."""
        return self._map.is_image("bytes", digits)

    def bytes(self, value: str) -> str:
        """Other bytes in place of a hex text (`0x…`) that is not zero."""
        digits = value[2:]
        lower = digits.lower()
        if not tokens.BYTES.fullmatch(value) or not lower.strip("0") or self.is_bytes(lower):
            return value
        self.counts["bytes"] += 1
        image = self._map.image("bytes", lower, partial(shapes.digits, lower), lambda new: True)
        return value[:2] + self.spelled(digits, image)

    def number(self, number: int) -> int | None:
        """The image of an address or a hash; None where it is none, or an image already."""
        kind = kind_of(number)
        if not self._known.is_identity(number) or self._map.is_image(kind, number):
            return None
        self.counts[kind] += 1
        shape = shapes.address if kind == "address" else shapes.word
        image = self._map.image(kind, number, partial(shape, number), self._known.is_free)
        self._numbers.add(image)
        return image

    def digits(self, digits: str, number: int, *, padded: bool = True) -> str:
        """The hex digits of a number's image, as those of the number are spelled; as many where `padded`."""
        held, shift = aligned(number)
        image = self.number(held)
        return digits if image is None else self.spelled(digits, f"{image << shift:0{len(digits) * padded}x}")

    def uuid(self, text: str) -> str:
        """A UUID in place of a UUID, with hyphens or without."""
        number = tokens.uuid_number(text)
        if not self._known.is_identity_uuid(number) or self._map.is_image("uuid", number):
            return text
        self.counts["uuid"] += 1
        uuids = self._known.uuids
        image = self._map.image("uuid", number, partial(shapes.uuid, number), lambda uuid: uuid not in uuids)
        new = f"{image:0{UUID_DIGITS}x}"
        if "-" in text:
            new = "-".join((new[:8], new[8:12], new[12:16], new[16:20], new[20:]))
        return self.spelled(text, new)

    def email(self, text: str) -> str:
        """An email in place of an email."""
        key = email_key(text)
        if self._known.is_kept_text(key) or self._map.is_image("email", key):
            return text
        self.counts["email"] += 1
        emails = self._known.emails
        image = self._map.image("email", key, partial(shapes.email, key), lambda email: email not in emails)
        spelled = self.spelled(text.replace("%40", "@"), image)
        return spelled.replace("@", "%40") if "%40" in text else spelled

    def ip(self, text: str) -> str:
        """An IP address in place of an IP address."""
        held = tokens.ip_number(text)
        if held is None or self._known.is_kept_text(text) or self._map.is_image(*held):
            return text
        kind, number = held
        self.counts["ip"] += 1
        shape = shapes.ipv4 if kind == "ipv4" else shapes.ipv6
        image = self._map.image(kind, number, partial(shape, number), lambda new: True)
        if kind == "ipv4":
            return str(IPv4Address(image))
        written = IPv6Address(image)
        return self.spelled(text, written.exploded if len(text) == _FULL_IPV6_CHARS else str(written))

    def cut(self, start: str, end: str) -> tuple[str, str]:
        """The ends of a hash that was cut for people: those of its image, of any where nobody knows it."""

        def fits(number: int) -> bool:
            whole = f"{number:0{digits_of(number)}x}"
            return whole.startswith(start.lower()) and whole.endswith(end.lower())

        for number in filter(fits, self._known.originals()):
            image = f"{self.number(number) or number:0{digits_of(number)}x}"
            last = image[len(image) - len(end) :]
            return self.spelled(start, image[: len(start)]), self.spelled(end, last)
        if any(map(fits, self._numbers)) or any(map(fits, self._known.everybodys())):
            return start, end
        both = self.bytes(f"0x{start}{end}")[2:]
        return both[: len(start)], both[len(start) :]

    def spelled(self, value: str, image: str) -> str:
        """The image as its value is spelled; remembered, since EIP-55 costs a hash and values come often."""
        spelled = self._spellings.get((value, image))
        if spelled is None:
            spelled = self._spellings[value, image] = as_spelled(value, image)
        return spelled
