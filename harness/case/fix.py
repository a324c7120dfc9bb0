"""Reading FIX: its verbs, its channels, and expectations in the dictionary's words."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any, Final

from harness.case.form import Form
from harness.case.values import Action, FixChannel, FixSay, Listen
from harness.strictyaml import Mapping, Node, Scalar, Sequence
from harness.wire.fix.dictionary import Dictionary, dictionary_for
from harness.wire.fix.names import DictionaryError

FIX_VERBS: Final = ("logon", "logout", "send", "raw", "set", "disconnect")
PROFILES: Final = ("order_entry", "drop_copy")
VERSIONS: Final = ("FIXT.1.1", "FIX.4.4")
ENGINES: Final = ("own", "quickfix")
_CHANNEL_KEYS: Final = ("kind", "as", "profile", "version", "raw", "engine")
_VALUE_MATCHERS: Final = ("$in", "$not", "$gt", "$gte", "$lt", "$lte")


def fix_action(form: Form) -> tuple[str, Action] | None:
    """The action of a `fix:` step, or that it waits."""
    name = form.text("fix")
    if name is None:
        return None
    verbs = [verb for verb in FIX_VERBS if verb in form]
    if len(verbs) > 1:
        form.problem(
            form.place, "C007", f"a fix step does one of {', '.join(FIX_VERBS)}, not {len(verbs)} of them"
        )
        return None
    if not verbs:
        return f"fix.{name}", Listen()
    verb = verbs[0]
    body = form.filled(verb)
    problem = _wrong_body(verb, body)
    if problem is not None:
        form.problem(form.place_of(verb), "C028", problem)
        return None
    return f"fix.{name}", FixSay(verb, body)


def _wrong_body(verb: str, body: Any) -> str | None:
    """What is wrong with what a verb says; names are looked up now, values when they are sent."""
    dictionary = dictionary_for(VERSIONS[0])
    if verb == "send":
        if not isinstance(body, MappingOf) or len(body) != 1:
            return "'send' is one message by its name, such as {NewOrderSingle: {ClOrdID: \"1\"}}"
        [(name, fields)] = body.items()
        return _wrong_names(dictionary, name, fields)
    if verb == "logon":
        return _wrong_names(dictionary, "Logon", body or {})
    if verb == "raw" and not isinstance(body, str) and not hasattr(body, "resolve"):
        return "'raw' is a message as text, such as 8=FIXT.1.1|35=0|…; 9 and 10 may be left out"
    if verb == "set" and (not isinstance(body, MappingOf) or not body or set(body) - {"next_out", "next_in"}):
        return "'set' moves next_out, next_in or both, such as {next_out: 5}"
    if verb == "logout" and body is not None and not isinstance(body, MappingOf):
        return "'logout' takes {} or {Text: why}"
    return None


def _wrong_names(dictionary: Dictionary, name: str, fields: Any) -> str | None:
    if not isinstance(fields, MappingOf):
        return f"{name} is a mapping of fields"
    try:
        dictionary.msg_type(name)
        for field in fields:
            dictionary.field_tag(field)
    except DictionaryError as error:
        return str(error)
    return None


def fix_expectation(form: Form, node: Node) -> Node:
    """An expectation on FIX messages with enum codes as names, so that names and codes both match."""
    dictionary = dictionary_for(VERSIONS[0])
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


def fix_channels(form: Form, actors: tuple[str, ...]) -> tuple[FixChannel, ...]:
    """The `channels:` of a case."""
    node = form.node("channels")
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        form.problem(node.place, "C002", "'channels' maps names to {kind: fix, …}")
        return ()
    channels = []
    for key, value in node.entries:
        one = Form(value, form.problems, f"the channel {key.text!r}", _CHANNEL_KEYS)
        one.choice("kind", ("fix",))
        one.required("kind", "what it is: fix")
        actor = one.text("as") or ""
        if actor and actor not in actors:
            one.problem(
                one.place_of("as"), "C008", f"nobody is called {actor!r}; actors are {', '.join(actors)}"
            )
        profile = one.choice("profile", PROFILES) or PROFILES[0]
        version = one.choice("version", VERSIONS) or VERSIONS[0]
        engine = one.choice("engine", ENGINES) or ENGINES[0]
        raw = one.flag("raw")
        if raw and engine == "quickfix":
            one.problem(one.place_of("raw"), "C028", "a quickfix engine is never raw: leave out one of them")
        channels.append(FixChannel(key.text, profile, actor, version, raw, engine))
    return tuple(channels)
