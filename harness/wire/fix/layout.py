"""Fields and layouts as values: read once from the tables in `fields` and `layouts`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from .codec import value_text
from .fields import FIELDS, VENUE_FIELDS
from .layouts import BLOCKS, GROUPS, HEADER, MESSAGES, TRAILER

INTEGERS: Final = frozenset({"INT", "SEQNUM", "LENGTH", "NUMINGROUP"})
DECIMALS: Final = frozenset({"PRICE", "QTY", "AMT"})
LISTS: Final = frozenset({"MULTIPLECHARVALUE", "MULTIPLESTRINGVALUE"})
TEXTS: Final = frozenset(
    {
        "STRING",
        "CHAR",
        "CURRENCY",
        "EXCHANGE",
        "DATA",
        "UTCTIMESTAMP",
        "UTCTIMEONLY",
        "UTCDATEONLY",
        "LOCALMKTDATE",
    }
)
KINDS: Final = INTEGERS | DECIMALS | LISTS | TEXTS | {"BOOLEAN"}

# FIX numbers: an optional minus, digits, at most one point; no plus, no exponent, no blank (FIX 4.4 volume
# 1).
_INTEGER = re.compile(r"-?[0-9]{1,40}")
_DECIMAL = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_NUMBER_CHARACTERS: Final = 80
_FORMATS: Final = {
    "UTCTIMESTAMP": re.compile(r"[0-9]{8}-[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\.[0-9]{1,12})?"),
    "UTCTIMEONLY": re.compile(r"[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\.[0-9]{1,12})?"),
    "UTCDATEONLY": re.compile(r"[0-9]{8}"),
    "LOCALMKTDATE": re.compile(r"[0-9]{8}"),
    "CHAR": re.compile(r".", re.S),
    "BOOLEAN": re.compile(r"[YN]"),
    "CURRENCY": re.compile(r"[A-Za-z0-9]{3,}"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its tag, name, type, and the names of its codes (empty where any value goes).

    `read` turns wire text (one character a byte) into the view's value; it never fails: text that does not
    fit the type is given back as text.
    """

    tag: int
    name: str
    kind: str
    codes: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[str], Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.tag < 1 or self.kind not in KINDS or not self.name.isidentifier():
            raise ValueError(f"no field: {self.tag} {self.name} {self.kind}")
        if len(set(self.codes.values())) != len(self.codes):
            raise ValueError(f"two codes of {self.name} have one name")
        object.__setattr__(self, "read", _reader(self))

    def fits(self, text: str) -> bool:
        """Whether wire text has the form of the field's type; codes are not looked at."""
        if self.kind in INTEGERS:
            return _INTEGER.fullmatch(text) is not None
        if self.kind in DECIMALS:
            return _DECIMAL.fullmatch(text) is not None and len(text) <= _NUMBER_CHARACTERS
        form = _FORMATS.get(self.kind)
        return form is None or form.fullmatch(text) is not None

    def has_code(self, text: str) -> bool:
        """Whether wire text is one of the field's codes (each of them, in a list); true where it has none."""
        if not self.codes:
            return True
        return all(code in self.codes for code in (text.split(" ") if self.kind in LISTS else [text]))

    def code(self, given: str | int | Decimal | bool) -> str | None:
        """Wire text for a name, a code, a number or text; None where the field cannot hold it."""
        if isinstance(given, bool):
            return value_text(given) if self.kind == "BOOLEAN" else None
        if isinstance(given, Decimal) and self.kind in INTEGERS and given == given.to_integral_value():
            given = int(given)
        try:
            text = value_text(given)
        except ValueError:
            return None
        if self.codes:
            by_name = {name: code for code, name in self.codes.items()}
            parts = text.split(" ") if self.kind in LISTS else [text]
            found = [by_name.get(part, part) for part in parts]
            return " ".join(found) if all(code in self.codes for code in found) else None
        return text if text and self.fits(text) else None


@dataclass(frozen=True, slots=True)
class Layout:
    """A message or a repeating group: its members in order, which are required, which are groups.

    `tag` is the counting field of a group, 0 for a message; `first` is the field that starts an entry.
    """

    name: str
    tag: int
    msg_type: str
    members: tuple[int, ...]
    required: frozenset[int]
    groups: Mapping[int, Layout]
    inside: frozenset[int] = field(init=False, compare=False, repr=False)
    """The members as a set, for the many questions whether a tag is one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "inside", frozenset(self.members))
        if not self.required <= self.inside or not set(self.groups) <= self.inside:
            raise ValueError(f"{self.name}: what is required or a group is a member")

    @property
    def first(self) -> int:
        """The field that starts each entry of a group."""
        return self.members[0]


def _people_text(text: str) -> str:
    """Wire text for people: UTF-8 where the bytes are UTF-8, else one character a byte."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return text


class _Codes(dict[str, Any]):
    """Codes to names; a code without a name is its own."""

    def __missing__(self, code: str) -> str:
        return code


# Prices and quantities of a stream repeat: a remembered number costs a tenth of a new one, and neither kind
# of number can be changed. The sizes bound the memory; they hold a book of some thousand levels.
@lru_cache(maxsize=8192)
def _decimal(text: str) -> Decimal | str:
    return Decimal(text) if len(text) <= _NUMBER_CHARACTERS and _DECIMAL.fullmatch(text) else text


@lru_cache(maxsize=8192)
def _integer(text: str) -> int | str:
    return int(text) if _INTEGER.fullmatch(text) else text


def _reader(of: Field) -> Callable[[str], Any]:
    if of.kind == "BOOLEAN":
        return _Codes({"Y": True, "N": False}).__getitem__
    if of.codes and of.kind in LISTS:
        return lambda text: " ".join(of.codes.get(code, code) for code in text.split(" "))
    if of.codes:
        return _Codes(of.codes).__getitem__
    if of.kind in INTEGERS:
        return _integer
    if of.kind in DECIMALS:
        return _decimal
    return _people_text


def read_fields(lines: str) -> tuple[Field, ...]:
    """Read `tag name type code=name …` lines. Raises ValueError for a line that is none."""
    found = []
    for line in lines.strip().splitlines():
        words = line.split()
        if len(words) < 3 or not words[0].isdecimal():
            raise ValueError(f"no field: {line!r}")
        codes = dict(word.split("=", 1) for word in words[3:])
        found.append(Field(int(words[0]), words[1], words[2], codes))
    return tuple(found)


def read_layouts(version: str) -> tuple[dict[int, Field], dict[str, Layout]]:
    """Fields by tag and messages by MsgType, of version `4` (FIX 4.4) or `5` (FIXT 1.1 with FIX 5.0 SP2)."""
    fields = {one.tag: one for one in read_fields(FIELDS) + read_fields(VENUE_FIELDS)}
    tags = {one.name: one.tag for one in fields.values()}
    layouts = {}
    for head, body in MESSAGES.items():
        name, msg_type = head.split()
        layouts[msg_type] = _layout(name, msg_type, f"{HEADER} {body} {TRAILER}", version, tags)
    return fields, layouts


_WORD: Final = re.compile(r"(\*|\+)?(\w+?)(!)?(?:@([45]))?")


def _layout(name: str, msg_type: str, words: str, version: str, tags: Mapping[str, int]) -> Layout:
    members: list[int] = []
    required: set[int] = set()
    groups: dict[int, Layout] = {}
    for mark, word, must in _words(words, version):
        tag = tags[word]
        members.append(tag)
        if must:
            required.add(tag)
        if mark == "*":
            body = GROUPS.get(f"{word}/{msg_type}") or GROUPS[word]
            groups[tag] = _layout(word, msg_type, body, version, tags)
    return Layout(name, tags.get(name, 0), msg_type, tuple(members), frozenset(required), groups)


def _words(words: str, version: str) -> list[tuple[str, str, str]]:
    found = []
    for word in words.split():
        match = _WORD.fullmatch(word)
        if match is None:
            raise ValueError(f"no word of a layout: {word!r}")
        mark, name, must, only = match.groups(default="")
        if only in ("", version):
            found += _words(BLOCKS[name], version) if mark == "+" else [(mark, name, must)]
    return found
