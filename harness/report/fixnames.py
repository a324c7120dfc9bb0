"""FIX for readers: a message's fields with their names, and the message in a few words. It judges nothing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from harness.wire.fix.dictionary import Dictionary

SOH: Final = "\x01"
_VERSIONS: Final = ("FIX.4.4", "FIXT.1.1")
_ID_CHARS: Final = 12
_TAG_DIGITS: Final = 9


def fields(raw: str) -> tuple[tuple[str, str], ...]:
    """Tags and values in order; what is no `tag=value` stands under an empty tag. Without SOH, `|` is one."""
    split = [part.partition("=") for part in raw.split(SOH if SOH in raw else "|") if part]
    return tuple((tag, value) if joint else ("", tag) for tag, joint, value in split)


def table(raw: str) -> str:
    """One line a field: its name, its tag, its value, and what a coded value means."""
    held = fields(raw)
    names = _dictionary(held)
    lines = []
    for tag, value in held:
        meaning = _meaning(names, tag, value)
        told = f"{value} ({meaning})" if meaning else value
        lines.append(f"  {_name(names, tag):<22} {tag:>5} = {told}")
    return "\n".join(lines)


def gist(raw: str) -> str:
    """The message in a few words: its type, what an order has become, whose order, and its text."""
    held = fields(raw)
    first = dict(reversed(held))
    names = _dictionary(held)
    kind = first.get("35", "")
    words = [names.message_name(kind) if kind else "garbled"]
    if "39" in first:
        words.append(_meaning(names, "39", first["39"]) or f"39={first['39']}")
    if "58" in first:
        words.append(f"– {first['58']}")
    order = first.get("11", "")
    short = order if len(order) <= _ID_CHARS else f"{order[:5]}…{order[-4:]}"
    return " ".join([*words, f"for {short}"] if order else words)


def _dictionary(held: tuple[tuple[str, str], ...]) -> Dictionary:
    said = dict(held).get("8", "")
    return _dictionary_of(said if said in _VERSIONS else _VERSIONS[1])


@cache
def _dictionary_of(version: str) -> Dictionary:
    from harness.wire.fix.dictionary import dictionary_for  # a run without FIX does not load it

    return dictionary_for(version)


def _name(names: Dictionary, tag: str) -> str:
    known = tag.isascii() and tag.isdigit() and len(tag) <= _TAG_DIGITS
    name = names.field_name(int(tag)) if known else "?"
    return "?" if name == tag else name


def _meaning(names: Dictionary, tag: str, value: str) -> str:
    """The word for a coded value; nothing where the value speaks for itself or fits no code."""
    if tag == "35":
        word = names.message_name(value)
        return word if word != value else ""
    name = _name(names, tag)
    if name == "?":
        return ""
    try:
        meant = names.value(name, value)
    except ValueError:
        return ""
    return meant if isinstance(meant, str) and meant != value else ""
