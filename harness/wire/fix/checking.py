"""What is wrong with a message by the dictionary, as facts (FIX 4.4 volume 2, "Reject":
SessionRejectReason)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .layout import Field, Layout
from .message import Flaw, Message, whole_number

USER_DEFINED_FROM: Final = 5000
"""Tags from here on are agreed between two parties; a dictionary that lacks one says nothing about it."""


def find_flaws(message: Message, fields: Mapping[int, Field], layout: Layout | None) -> tuple[Flaw, ...]:
    """The message's flaws in the order of its fields; required fields that are missing come last."""
    if layout is None:
        return (Flaw("unknown_msg_type", 35, f"no message has the type {message.msg_type!r}"),)
    return tuple(_body(message.fields, fields, layout))


def _body(given: tuple[tuple[int, str], ...], fields: Mapping[int, Field], layout: Layout) -> list[Flaw]:
    flaws: list[Flaw] = []
    seen: set[int] = set()
    at = 0
    while at < len(given):
        tag, text = given[at]
        at += 1
        if tag in seen:
            flaws.append(Flaw("duplicate_tag", tag, f"{tag} stands twice"))
        seen.add(tag)
        flaws += _value(tag, text, fields, layout)
        if tag in layout.groups:
            at = _group(given, at, text, fields, layout.groups[tag], flaws)
    return flaws + _missing(seen, fields, layout)


def _group(
    given: tuple[tuple[int, str], ...],
    at: int,
    count: str,
    fields: Mapping[int, Field],
    layout: Layout,
    flaws: list[Flaw],
) -> int:
    entries = 0
    seen: set[int] = set()
    while at < len(given) and given[at][0] in layout.inside:
        tag, text = given[at]
        at += 1
        if tag == layout.first or not entries:
            if entries:
                flaws += _missing(seen, fields, layout)
            if tag != layout.first:
                flaws.append(
                    Flaw("group_order", tag, f"an entry of {layout.name} starts with {layout.first}")
                )
            entries, seen = entries + 1, set()
        elif tag in seen:
            flaws.append(Flaw("duplicate_tag", tag, f"{tag} stands twice in an entry of {layout.name}"))
        seen.add(tag)
        flaws += _value(tag, text, fields, layout)
        if tag in layout.groups:
            at = _group(given, at, text, fields, layout.groups[tag], flaws)
    if entries:
        flaws += _missing(seen, fields, layout)
    if whole_number(count) != entries:
        flaws.append(Flaw("group_count", layout.tag, f"{layout.name} says {count}, there are {entries}"))
    return at


def _value(tag: int, text: str, fields: Mapping[int, Field], layout: Layout) -> list[Flaw]:
    field = fields.get(tag)
    if tag >= USER_DEFINED_FROM and tag not in layout.inside:
        known = field is None or not text or field.fits(text)
        return [] if known else [Flaw("value_format", tag, f"{tag}={text[:40]!r} has the wrong format")]
    if field is None:
        return [Flaw("unknown_tag", tag, f"no field has the tag {tag}")] if tag else []
    if tag not in layout.inside:
        return [Flaw("tag_not_in_message", tag, f"{layout.name} has no {field.name}")]
    if not text:
        return []
    if not field.fits(text):
        return [Flaw("value_format", tag, f"{field.name}={text[:40]!r} is no {field.kind}")]
    if not field.has_code(text):
        return [Flaw("value_out_of_range", tag, f"{field.name} has no code {text[:40]!r}")]
    return []


def _missing(seen: set[int], fields: Mapping[int, Field], layout: Layout) -> list[Flaw]:
    return [
        Flaw("required_tag_missing", tag, f"{layout.name} lacks {fields[tag].name}")
        for tag in layout.members
        if tag in layout.required and tag not in seen
    ]
