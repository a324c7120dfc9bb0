"""Reading fields into a view: what a dictionary says of each tag, laid out to be looked up once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .layout import Layout
from .tags import BEGIN_STRING, BODY_LENGTH, CHECK_SUM, MSG_TYPE

Read = Callable[[str], Any]
_FRAMING: Final = frozenset({BEGIN_STRING, BODY_LENGTH, MSG_TYPE, CHECK_SUM})


@dataclass(frozen=True, slots=True)
class Group:
    """A repeating group: its name, the tag that starts an entry, and of each member name and reader, or the
    group that it counts."""

    name: str
    first: int
    members: Mapping[int, tuple[str, Read, Group | None]]


Groups = Mapping[int, Group]
_MANY: Final = 4
"""So many entries pay for looking whether they are alike."""


def groups_of(layout: Layout, readers: Mapping[int, tuple[str, Read]]) -> dict[int, Group]:
    """The groups of a message or a group by their counting tags; `readers` has each tag's name and reader."""
    found = {}
    for tag, inner in layout.groups.items():
        inside = groups_of(inner, readers)
        members = {
            each: (*readers[each], None) if each not in inside else (inside[each].name, str, inside[each])
            for each in inner.members
        }
        found[tag] = Group(inner.name, inner.first, members)
    return found


def read_body(
    tags: tuple[int, ...],
    values: tuple[str, ...],
    readers: Mapping[int, tuple[str, Read]],
    groups: Groups,
) -> dict[str, Any]:
    """The fields by names; a tag without a name is its number, and of a tag that comes twice the first
    counts."""
    body: dict[str, Any] = {}
    at, end = 0, len(tags)
    while at < end:
        tag = tags[at]
        if tag in groups:
            group = groups[tag]
            at = _read_group(tags, values, at + 1, group, body.setdefault(group.name, []))
            continue
        if tag in readers:
            name, read = readers[tag]
            if name not in body and tag not in _FRAMING:
                body[name] = read(values[at])
        else:
            body.setdefault(str(tag), values[at])
        at += 1
    return body


def _read_group(
    tags: tuple[int, ...], values: tuple[str, ...], at: int, group: Group, entries: list[dict[str, Any]]
) -> int:
    """Read entries for as long as fields are the group's; its first field starts the next entry."""
    members, first = group.members, group.first
    begin, end = at, len(tags)
    at = _read_alike(tags, values, begin, group, entries)
    entry = entries[-1] if at > begin else None
    while at < end:
        tag = tags[at]
        member = members.get(tag)
        if member is None:
            break
        if entry is None or tag == first:
            entries.append(entry := {})
        name, read, inner = member
        if inner is not None:
            at = _read_group(tags, values, at + 1, inner, entry.setdefault(name, []))
            continue
        if name not in entry:
            entry[name] = read(values[at])
        at += 1
    return at


def _read_alike(
    tags: tuple[int, ...], values: tuple[str, ...], at: int, group: Group, entries: list[dict[str, Any]]
) -> int:
    """Read entries that have the same plain fields, as the levels of a book have, by columns.

    What comes behind them, or in their place, is for whoever reads field by field.
    """
    following = tags[at + 1 : at + 1 + len(group.members)]
    if group.first not in following or tags[at] != group.first:
        return at
    size = following.index(group.first) + 1
    shape = tags[at : at + size]
    end = at + size
    while tags[end : end + size] == shape:
        end += size
    if end < at + _MANY * size:
        return at
    held = [group.members.get(tag) for tag in shape]
    plain = [(name, read) for name, read, inner in filter(None, held) if inner is None]
    if len(dict(plain)) != size:
        return at
    alike: list[dict[str, Any]] = [{} for _ in range(at, end, size)]
    for place, (name, read) in enumerate(plain, at):
        for entry, value in zip(alike, map(read, values[place:end:size]), strict=True):
            entry[name] = value
    entries += alike
    return end
