"""Names, types and repeating groups of FIX messages: numbers on the wire, names in cases.

A *view* is a message for people: `{"ExecutionReport": {"ClOrdID": "c1", "ExecType": "NEW", "LeavesQty":
Decimal("5"), "NoPartyIDs": [{"PartyID": "ACME", ...}]}}`. Counts and sequence numbers are int; prices,
quantities and amounts Decimal; flags bool; codes the names that the dictionary gives them; times and all else
text. A value that does not fit its type, a code without a name and a tag without a name stay text as it came;
a tag without a name is its number (`"5001"`). BeginString, BodyLength, MsgType and CheckSum are not in a
view.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

from .checking import find_flaws
from .codec import Value, value_text
from .layout import Field, Layout, read_fields, read_layouts
from .message import Flaw, Message
from .names import DictionaryError, nearest, tag_of
from .reading import groups_of, read_body
from .tags import LENGTH_OF_DATA

Fields = list[tuple[int, str]]
View = dict[str, dict[str, Any]]

_SHOWN_CODES: Final = 9


class Dictionary:
    """What one version of FIX calls things. Get one from `dictionary_for`."""

    def __init__(self, fields: Mapping[int, Field], layouts: Mapping[str, Layout]) -> None:
        self._fields = dict(fields)
        self._layouts = dict(layouts)
        self._readers = {tag: (field.name, field.read) for tag, field in fields.items()}
        self._groups = {each: groups_of(layout, self._readers) for each, layout in layouts.items()}
        self._by_name = {field.name: field for field in fields.values()}
        self._types = {layout.name: layout for layout in layouts.values()}

    def extended(self, lines: str) -> Dictionary:
        """The same dictionary with custom fields (`5001 VenueNote STRING A=FIRST B=SECOND`, one a line),
        which any message may carry. Raises ValueError for a line that is none or a tag or name that is
        taken."""
        new = read_fields(lines)
        for field in new:
            if field.tag in self._fields or field.name in self._by_name:
                raise ValueError(f"{field.tag} {field.name} is in the dictionary already")
        return Dictionary(self._fields | {field.tag: field for field in new}, self._layouts)

    def field_name(self, tag: int) -> str:
        """The field's name, or its number as text where the dictionary has none."""
        field = self._fields.get(tag)
        return field.name if field else str(tag)

    def field_tag(self, name: str) -> int:
        """The tag of a field's name (or of its number as text). Raises DictionaryError with the nearest
        name."""
        return tag_of(name) or self._field(name).tag

    def message_name(self, msg_type: str) -> str:
        """The message's name, or its MsgType where the dictionary has none."""
        layout = self._layouts.get(msg_type)
        return layout.name if layout else msg_type

    def msg_type(self, name: str) -> str:
        """The MsgType of a message's name; a MsgType that is not in the dictionary is written `35=UMS`.

        Raises DictionaryError with the nearest name."""
        layout = self._types.get(name)
        if layout:
            return layout.msg_type
        if name.startswith("35=") and len(name) > 3:
            return name[3:]
        raise DictionaryError(
            "unknown_message", f"no FIX message is called {name!r}", nearest(name, self._types)
        )

    def to_view(self, message: Message) -> View:
        """The message by names. Never raises: what does not fit the dictionary stays as text."""
        msg_type = message.msg_type
        layout = self._layouts.get(msg_type)
        name = layout.name if layout else f"35={msg_type}"
        return {name: read_body(message.tags, message.values, self._readers, self._groups.get(msg_type, {}))}

    def flaws(self, message: Message) -> tuple[Flaw, ...]:
        """What is wrong with a message by this dictionary: the sender's fault. Codec flaws are not
        repeated."""
        return find_flaws(message, self._fields, self._layouts.get(message.msg_type))

    def from_view(self, view: Mapping[str, Any]) -> tuple[str, Fields]:
        """MsgType and fields of a view, in the order of the view; group entries in the dictionary's order.

        Enum names and codes are both taken; a field given by its number is written as it stands. Length
        fields of data are put in. Raises DictionaryError (the case author's fault).
        """
        if len(view) != 1:
            raise DictionaryError("wrong_type", "a FIX message is one name with its fields")
        [(name, body)] = view.items()
        msg_type = self.msg_type(name)
        layout = self._layouts.get(msg_type)
        return msg_type, self._write(name, _mapping(name, body), layout.groups if layout else {})

    def value(self, name: str, given: Any) -> Any:
        """A field's value as a view has it, from a code, a name, a number or text: `value("Side", "1")` is
        `"BUY"`.

        Raises DictionaryError where the field can never hold it (the case author's fault)."""
        if tag_of(name):
            return given
        field = self._field(name)
        return field.read(self._text(field, given))

    def canonical(self, expectation: Any) -> Any:
        """An expectation on a message with every plain value as views have it; matchers stay matchers, and
        their plain arguments are put right too (`{$in: [1, SELL]}`). Raises DictionaryError."""
        if not isinstance(expectation, Mapping):
            return expectation
        found: dict[str, Any] = {}
        for name, body in expectation.items():
            if name.startswith("$"):
                found[name] = (
                    [self.canonical(one) for one in body] if isinstance(body, list) else self.canonical(body)
                )
            else:
                self.msg_type(name)
                found[name] = self._canonical_body(body)
        return found

    def _canonical_body(self, body: Any) -> Any:
        if not isinstance(body, Mapping):
            return body
        return {
            name: self._canonical_body(given) if name.startswith("$") else self._canonical_value(name, given)
            for name, given in body.items()
        }

    def _canonical_value(self, name: str, given: Any) -> Any:
        if not tag_of(name):
            self._field(name)
        if isinstance(given, Mapping):
            if any(key.startswith("$") for key in given):
                return {key: self._canonical_argument(key, name, part) for key, part in given.items()}
            return self._canonical_body(given)
        if isinstance(given, list):
            return [self._canonical_body(entry) for entry in given]
        return self.value(name, given)

    def _canonical_argument(self, matcher: str, name: str, given: Any) -> Any:
        if matcher in ("$in", "$either") and isinstance(given, list):
            return [self._canonical_value(name, one) for one in given]
        if matcher in ("$not", "$gt", "$gte", "$lt", "$lte"):
            return self._canonical_value(name, given)
        if matcher in ("$each", "$some", "$unordered", "$only"):
            parts = given if isinstance(given, list) else [given]
            known = [self._canonical_body(part) for part in parts]
            return known if isinstance(given, list) else known[0]
        return given

    def _field(self, name: str) -> Field:
        field = self._by_name.get(name)
        if field is None:
            raise DictionaryError(
                "unknown_field", f"no FIX field is called {name!r}", nearest(name, self._by_name)
            )
        return field

    def _text(self, field: Field, given: Any) -> str:
        if isinstance(given, bytes):
            return given.decode("latin-1")
        if not isinstance(given, str | int | Decimal):
            raise DictionaryError("wrong_type", f"{field.name} cannot be {given!r}")
        text = field.code(given)
        if text is None:
            near = nearest(given, field.codes.values()) if isinstance(given, str) else None
            told = f"{field.name} ({field.kind}) cannot be {given!r}"
            if field.codes and near is None:
                told += f"; it is one of {', '.join(list(field.codes.values())[:_SHOWN_CODES])}"
            raise DictionaryError("unknown_code" if field.codes else "wrong_type", told, near)
        return text

    def _write(self, where: str, body: Mapping[str, Any], groups: Mapping[int, Layout]) -> Fields:
        fields: Fields = []
        for name, given in body.items():
            tag = tag_of(name)
            if tag:
                fields.append((tag, value_text(_plain(name, given)).encode().decode("latin-1")))
                continue
            field = self._field(name)
            if field.tag in groups:
                fields += self._write_group(name, given, groups[field.tag])
                continue
            if field.kind == "NUMINGROUP":
                raise DictionaryError("not_in_message", f"{where} has no group {name}")
            text = (
                self._text(field, given).encode().decode("latin-1")
                if isinstance(given, str)
                else self._text(field, given)
            )
            length = LENGTH_OF_DATA.get(field.tag)
            if length and (not fields or fields[-1][0] != length):
                fields.append((length, str(len(text))))
            fields.append((field.tag, text))
        return fields

    def _write_group(self, name: str, given: Any, layout: Layout) -> Fields:
        if not isinstance(given, list):
            raise DictionaryError("wrong_type", f"{name} is a list of entries")
        fields: Fields = [(layout.tag, str(len(given)))]
        for entry in given:
            body = _mapping(name, entry)
            for key in body:
                if not tag_of(key) and self._field(key).tag not in layout.inside:
                    names = [self.field_name(tag) for tag in layout.members]
                    raise DictionaryError("not_in_message", f"{name} has no field {key}", nearest(key, names))
            ordered = {n: body[n] for n in (self.field_name(tag) for tag in layout.members) if n in body}
            fields += self._write(
                name, ordered | {n: body[n] for n in body if n not in ordered}, layout.groups
            )
        return fields


@cache
def dictionary_for(begin_string: str) -> Dictionary:
    """The dictionary of `FIX.4.4`, or of `FIXT.1.1` (with FIX 5.0 SP2).

    Raises ValueError for another BeginString (the caller's fault)."""
    versions = {"FIX.4.4": "4", "FIXT.1.1": "5"}
    if begin_string not in versions:
        raise ValueError(f"no dictionary for {begin_string!r}: there are {' and '.join(versions)}")
    fields, layouts = read_layouts(versions[begin_string])
    return Dictionary(fields, layouts)


def _mapping(name: str, body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise DictionaryError("wrong_type", f"{name} is a mapping of fields, not {body!r}")
    return body


def _plain(name: str, given: Any) -> Value:
    if isinstance(given, str | int | Decimal):
        return given
    raise DictionaryError("wrong_type", f"{name} cannot be {given!r}")
