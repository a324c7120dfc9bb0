"""References: `${name.path}` in a text of a case, resolved by pure look-up; they cannot compute.

    ${buy.order_id}  ${market[0].yes}  ${round[*].trade}  ${now+120s}  ${now:fix.3}  ${uid}  ${each}

A reference that is the whole value keeps the value's type; inside text it becomes text. `$${` stands
for a literal `${`. Paths walk mappings and lists only, never attributes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias

from harness import limits
from harness.errors import CaseError, Place, Problem


class Star(Enum):
    """The part `[*]`: every item of a list. There is one, `STAR`."""

    STAR = "*"


STAR: Final = Star.STAR
Part: TypeAlias = str | int | Star

NOW: Final = "now"
FORMATS: Final = ("s", "ms", "ns", "iso", "fix.0", "fix.3", "fix.6", "fix.9")

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PART: Final = re.compile(rf"\.([A-Za-z0-9_$-]+)|\[(\*|[0-9]{{1,{limits.REFERENCE_DIGITS}}})\]")
_NOW: Final = re.compile(r"now(?:([+-])([^:+-]*))?(?::(.*))?")
DURATION: Final = re.compile(rf"([0-9]{{1,{limits.REFERENCE_DIGITS}}})(?:\.([0-9]{{1,6}}))?(ms|s|m|h|d)")
_UNITS_US: Final = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_EXPECTED_DURATION: Final = "a time such as 250ms, 5s, 1.5s, 2m, 1h or 1d"


class MissingPartError(LookupError):
    """A path leads nowhere in the value; the text says which part is missing and what is there.

    Whose fault it is, is the caller's to say: a step's answer may lack a field (the product's fault),
    or the author may have misspelt it.
    """


@dataclass(frozen=True, slots=True)
class Reference:
    """One look-up: a root name and a path. `shift_us` (microseconds) and `format` go with `now` only."""

    root: str
    path: tuple[Part, ...] = ()
    shift_us: int = 0
    format: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.root):
            raise ValueError(f"{self.root!r} is no name")
        if self.root != NOW and (self.shift_us or self.format):
            raise ValueError("only now has a shift and a format")
        if self.format is not None and self.format not in FORMATS:
            raise ValueError(f"{self.format!r} is no format of now")

    def __str__(self) -> str:
        shift = f"{self.shift_us:+d}us" if self.shift_us else ""
        return (
            "${" + self.root + path_text(self.path) + shift + (f":{self.format}" if self.format else "") + "}"
        )


Lookup: TypeAlias = Callable[[Reference], Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with at least one reference; `text` is how it stands in the file."""

    parts: tuple[str | Reference, ...]
    text: str
    place: Place

    def __post_init__(self) -> None:
        if not any(isinstance(part, Reference) for part in self.parts):
            raise ValueError("a template needs a reference")

    def __str__(self) -> str:
        return self.text

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references, in the text's order."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def names(self) -> tuple[str, ...]:
        """The root names in use, each once, in the text's order."""
        return tuple(dict.fromkeys(reference.root for reference in self.references))

    @property
    def whole(self) -> Reference | None:
        """The reference, if it is the whole value."""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, Reference) else None

    def resolve(self, lookup: Lookup) -> Any:
        """Give the value: the reference's own, with its type, or the text with all references filled in.

        What `lookup` raises passes through. Raises CaseError (the author's fault) where a list, a
        mapping or null would stand inside text (R006), or the text passes its limit (R007).
        """
        if self.whole is not None:
            return lookup(self.whole)
        texts: list[str] = []
        size = 0
        for part in self.parts:
            texts.append(part if isinstance(part, str) else self._text_of(part, lookup(part)))
            size += len(texts[-1].encode("utf-8", "surrogatepass"))
            if size > limits.REFERENCE_TEXT_BYTES:
                most = limits.REFERENCE_TEXT_BYTES
                told = f"{self.text[:80]} becomes longer than {most} bytes"
                raise CaseError([Problem(self.place, "R007", told)])
        return "".join(texts)

    def _text_of(self, reference: Reference, value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int) and value.bit_length() < 4_096:
            return str(value)
        if isinstance(value, Decimal) and value.is_finite():
            return format(value, "f") if abs(value.adjusted()) < 1_000 else str(value)
        told = f"{reference} is {_kind(value)}: only text, numbers, true and false can stand inside text"
        raise CaseError([Problem(self.place, "R006", told)])


def parse(text: str, place: Place) -> str | Template:
    """Read a text's references; a text without any stays text, with `$${` turned into `${`.

    Raises CaseError (the author's fault) with every bad reference of the text: R001 not closed, R002
    not a name and a path, R003 a bad shift or format, R004 nested, R005 too many parts.
    """
    parts: list[str | Reference] = []
    problems: list[Problem] = []
    literal: list[str] = []
    at = 0
    while True:
        found = text.find("${", at)
        if found < 0:
            literal.append(text[at:])
            break
        if found > at and text[found - 1] == "$":
            literal += [text[at : found - 1], "${"]
            at = found + 2
            continue
        literal.append(text[at:found])
        end = text.find("}", found)
        if end < 0:
            told = f"{text[found : found + 40]} is never closed: write a }}, or $${{ for a literal ${{"
            problems.append(Problem(place, "R001", told))
            break
        try:
            reference = _reference(text[found + 2 : end])
        except _BadReferenceError as error:
            problems.append(Problem(place, error.code, error.told))
        else:
            if any(literal):
                parts.append("".join(literal))
            parts.append(reference)
            literal = []
        at = end + 1
    if problems:
        raise CaseError(problems[: limits.YAML_PROBLEMS])
    if any(literal) or not parts:
        parts.append("".join(literal))
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return Template(tuple(parts), text, place)


class _BadReferenceError(Exception):
    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code, self.told = code, told


def _reference(inside: str) -> Reference:
    shown = "${" + inside[:60] + "}"
    if "${" in inside:
        raise _BadReferenceError("R004", f"{shown}: a reference cannot hold another")
    if inside != NOW and re.match(r"now[+:-]", inside):
        return _now(inside, shown)
    name = _NAME.match(inside)
    if name is None:
        raise _BadReferenceError("R002", f"{shown}: a reference is a name and a path, as ${{buy.order_id}}")
    path: list[Part] = []
    at = name.end()
    while at < len(inside):
        part = _PART.match(inside, at)
        if part is None:
            told = (
                f"{shown}: expected .name, [0] or [*] at {inside[at : at + 20]!r}; references do not compute"
            )
            raise _BadReferenceError("R002", told)
        if len(path) == limits.REFERENCE_PARTS:
            raise _BadReferenceError("R005", f"{shown}: more than {limits.REFERENCE_PARTS} parts")
        path.append(part[1] if part[1] else STAR if part[2] == "*" else int(part[2]))
        at = part.end()
    if path and name[0] == NOW:
        raise _BadReferenceError("R002", f"{shown}: now has no parts; a format is ${{now:ms}}")
    return Reference(name[0], tuple(path))


def _now(inside: str, shown: str) -> Reference:
    match = _NOW.fullmatch(inside)
    if match is None:
        raise _BadReferenceError("R003", f"{shown}: now takes one shift and one format, as ${{now+120s:ms}}")
    shift = 0
    if match[1]:
        try:
            shift = duration_us(match[2])
        except ValueError as error:
            raise _BadReferenceError("R003", f"{shown}: {error}") from None
    if match[3] is not None and match[3] not in FORMATS:
        told = f"{shown}: a format is one of {', '.join(FORMATS)}"
        raise _BadReferenceError("R003", told)
    return Reference(NOW, (), -shift if match[1] == "-" else shift, match[3])


def duration_us(text: object) -> int:
    """Turn `250ms`, `5s`, `1.5s`, `2m`, `1h` or `1d` into microseconds, exactly.

    Raises ValueError (the author's fault) whose text says what is expected.
    """
    match = DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"expected {_EXPECTED_DURATION}, found {str(text)[:40]!r}")
    unit_us = _UNITS_US[match[3]]
    part_us, rest = divmod(int((match[2] or "").ljust(6, "0")) * unit_us, 1_000_000)
    if rest:
        raise ValueError(f"expected a time of whole microseconds, found {text!r}")
    return int(match[1]) * unit_us + part_us


def path_text(path: tuple[Part, ...]) -> str:
    """Write a path as it stands in a reference: `.fill[0].price`."""
    return "".join(
        f".{part}" if isinstance(part, str) else "[*]" if isinstance(part, Star) else f"[{part}]"
        for part in path
    )


def dig(value: Any, path: tuple[Part, ...], name: str = "") -> Any:
    """Walk mappings and lists along the path; `[*]` gives a list with the rest of the path from each item.

    `name` is what the value is called in the text of the error. Raises MissingPartError.
    """
    for at, part in enumerate(path):
        here = (name + path_text(path[:at])).removeprefix(".") or "the value"
        if isinstance(part, str):
            if not isinstance(value, Mapping):
                raise MissingPartError(f"{here} is {_kind(value)}: it has no {part!r}")
            if part not in value:
                raise MissingPartError(f"{here} has no {part!r}; {_there_is(value)}")
            value = value[part]
            continue
        if not isinstance(value, list | tuple):
            raise MissingPartError(f"{here} is {_kind(value)}, not a list: it has no {path_text((part,))}")
        if isinstance(part, Star):
            rest = path[at + 1 :]
            return [dig(item, rest, f"{here}[{index}]") for index, item in enumerate(value)]
        if part >= len(value):
            raise MissingPartError(f"{here} has no [{part}]; it has {len(value)} items")
        value = value[part]
    return value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | Decimal):
        return "a number"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"


def _there_is(value: Mapping[Any, Any]) -> str:
    names = [str(key)[:40] for key in value]
    if not names:
        return "it is empty"
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return "there is: " + ", ".join(names[:12]) + more
