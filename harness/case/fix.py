"""Reading FIX: what its verbs take, and expectations in the dictionary's words."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from decimal import Decimal
from typing import Any, Final

from harness.case.form import Form
from harness.strictyaml import Mapping, Node, Scalar, Sequence
from harness.wire.fix import written
from harness.wire.fix.dictionary import Dictionary, dictionary_for
from harness.wire.fix.names import DictionaryError

FIX_VERBS: Final = ("logon", "logout", "send", "raw", "set", "disconnect")
VERSION: Final = "FIXT.1.1"
ALWAYS: Final = (
    *("BeginString", "BodyLength", "MsgType", "SenderCompID", "TargetCompID", "MsgSeqNum"),
    *("SendingTime", "CheckSum"),
)
"""The fields that every message has without naming them."""
_VALUE_MATCHERS: Final = ("$in", "$not", "$gt", "$gte", "$lt", "$lte")


def wrong_body(verb: str, body: Any) -> str | None:
    """What is wrong with what a verb says; what refers to something is looked up when it is sent."""
    dictionary = dictionary_for(VERSION)
    if verb == "send":
        if not isinstance(body, MappingOf) or len(body) != 1:
            return "'send' is one message by its name, such as {NewOrderSingle: {ClOrdID: \"1\"}}"
        [(name, fields)] = body.items()
        return _wrong_names(dictionary, name, fields)
    if verb == "logon":
        return _wrong_names(dictionary, "Logon", body or {})
    if verb == "raw" and not isinstance(body, str) and not hasattr(body, "resolve"):
        return "'raw' is a message as text, such as 8=FIXT.1.1|35=0|…; 9 and 10 may be left out"
    if verb == "raw" and isinstance(body, str):
        return unwritten(body)
    if verb == "set" and (not isinstance(body, MappingOf) or not body or set(body) - {"next_out", "next_in"}):
        return "'set' moves next_out, next_in or both, such as {next_out: 5}"
    if verb == "logout" and body is not None and not isinstance(body, MappingOf):
        return "'logout' takes {} or {Text: why}"
    return None


def unwritten(text: str) -> str | None:
    """Why a text is no written FIX message; None where it is one, however wrong."""
    try:
        written.seal(text)
    except ValueError as error:
        return str(error)
    return None


def wrong_tamper(message: MappingOf[str, Any], changed: MappingOf[str, Any]) -> Iterator[str]:
    """What is wrong with the fields that are replaced in a message once it is sealed."""
    dictionary = dictionary_for(VERSION)
    [fields] = message.values()
    there = {dictionary.field_tag(name) for name in (*ALWAYS, *fields)}
    for name in changed:
        try:
            if dictionary.field_tag(name) not in there:
                yield f"'tamper' replaces what is there, and the message has no {name}: say it under 'send'"
        except DictionaryError as error:
            yield str(error)


def _wrong_names(dictionary: Dictionary, name: str, fields: Any) -> str | None:
    if not isinstance(fields, MappingOf):
        return f"{name} is a mapping of fields"
    try:
        dictionary.msg_type(name)
        for field, given in fields.items():
            dictionary.field_tag(field)
            known = isinstance(given, str | int | Decimal) and "${" not in str(given)
            if known:  # a reference is looked up when it is sent
                dictionary.value(field, given)
    except (DictionaryError, ValueError) as error:
        return str(error)
    return None


def fix_expectation(form: Form, node: Node) -> Node:
    """An expectation on FIX messages with enum codes as names, so that names and codes both match."""
    dictionary = dictionary_for(VERSION)
    if not isinstance(node, Mapping):
        return node
    entries: list[tuple[Any, Node]] = []
    for key, body in node.entries:
        if key.text.startswith("$"):
            entries.append((key, _ways(form, body)))
            continue
        try:
            dictionary.msg_type(key.text)
        except DictionaryError as error:
            form.problem(key.place, "C028", str(error))
        entries.append((key, _body(form, dictionary, body)))
    return Mapping(tuple(entries), node.place)


def _ways(form: Form, node: Node) -> Node:
    """What stands under a matcher of whole messages, such as `$either`: messages again."""
    if isinstance(node, Sequence):
        return Sequence(tuple(fix_expectation(form, item) for item in node.items), node.place)
    return node


def _body(form: Form, dictionary: Dictionary, node: Node) -> Node:
    if isinstance(node, Sequence):
        return Sequence(tuple(_body(form, dictionary, item) for item in node.items), node.place)
    if not isinstance(node, Mapping):
        return node
    entries: list[tuple[Any, Node]] = []
    for key, value in node.entries:
        if key.text.startswith("$") or key.text.isdigit():
            entries.append((key, _body(form, dictionary, value)))
            continue
        try:
            dictionary.field_tag(key.text)
        except DictionaryError as error:
            form.problem(key.place, "C028", str(error))
            entries.append((key, value))
            continue
        entries.append((key, _value(form, dictionary, key.text, value)))
    return Mapping(tuple(entries), node.place)


def _value(form: Form, dictionary: Dictionary, field: str, node: Node) -> Node:
    if isinstance(node, Sequence):
        return Sequence(tuple(_body(form, dictionary, item) for item in node.items), node.place)
    if isinstance(node, Mapping):
        return Mapping(
            tuple(
                (key, _argument(form, dictionary, field, value) if key.text in _VALUE_MATCHERS else value)
                for key, value in node.entries
            ),
            node.place,
        )
    if node.value is None or (isinstance(node.value, str) and "${" in node.value):
        return node
    try:
        return Scalar(dictionary.value(field, node.value), node.raw, node.plain, node.place)
    except (DictionaryError, ValueError) as error:
        form.problem(node.place, "C028", str(error))
        return node


def _argument(form: Form, dictionary: Dictionary, field: str, node: Node) -> Node:
    if isinstance(node, Sequence):
        return Sequence(tuple(_value(form, dictionary, field, item) for item in node.items), node.place)
    return _value(form, dictionary, field, node)
