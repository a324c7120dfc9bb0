"""The JSON Schema (draft 2020-12) of a case, made from the tables of its words: for editors.

It refuses what can be told without reading the whole case: unknown and missing keys, values of the wrong
kind, unknown matchers. References, ids and FIX names are `harness lint`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from harness import exactjson
from harness.case.additions import NOTHING_ADDED, Additions, word_of
from harness.case.groups import REPEAT, ROUNDS, TOGETHER
from harness.case.kinds import StepKind
from harness.case.manners import COMMON
from harness.case.read import HEADER
from harness.case.rules import COMMON as OF_CHECKS
from harness.case.rules import RULES
from harness.case.words import Word
from harness.matchers.words import MATCHERS, PLAIN_KEY
from harness.references import DURATION
from harness.strictyaml import load, plain

Schema = dict[str, Any]

_REFERS: Final = r"\$\{"
_TEXT: Final[Schema] = {"type": "string"}
_PATH: Final[Schema] = {"type": "string", "pattern": r"^\$"}
_TERM: Final[Schema] = {"type": ["number", "string"], "pattern": r"^\$"}
_KINDS: Final[Mapping[str, Schema]] = {
    "text": _TEXT,
    "flag": {"type": "boolean"},
    "count": {"type": "integer", "minimum": 1},
    "number": {"type": ["number", "string"], "pattern": rf"^-?[0-9]+(\.[0-9]+)?$|{_REFERS}"},
    "duration": {"type": "string", "pattern": f"^(?:{DURATION.pattern})$"},
    "date": {"type": ["string", "integer"], "minimum": 2000, "maximum": 2100},
    "share": _TEXT,
    "rounds": {"type": ["integer", "array"], "minimum": 1, "maximum": ROUNDS, "minItems": 1},
    "texts": {"type": "array", "items": _TEXT},
    "bounds": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    "paths": {"type": "array", "items": _PATH},
    "term": _TERM,
    "terms": {"anyOf": [_TERM, {"type": "array", "items": _TERM, "minItems": 1}]},
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
    "checks": {"type": "array", "items": {"$ref": "#/$defs/check"}},
    "expectation": {"$ref": "#/$defs/expectation"},
    "fields": {"type": ["object", "string"], "pattern": _REFERS},
    "saves": {"type": "object", "additionalProperties": _PATH},
    "any": {},
}


def case_schema(additions: Additions = NOTHING_ADDED) -> Schema:
    """The schema of a case file, with what a project added to the language."""
    kinds = additions.kinds()
    steps = {f"step-{name}": _step(kind) for name, kind in kinds.items()}
    checks = {
        **{name: kind.word for name, kind in RULES.items()},
        **{name: word_of(added) for name, added in additions.checks.items() if name not in RULES},
    }
    top = _object(HEADER)
    properties: Schema = top["properties"]
    properties["steps"] |= {"minItems": 1, "items": {"$ref": "#/$defs/named-step"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A case of the harness",
        "description": "A case. docs/cases.md is the guide, docs/case-reference.md has every word.",
        **top,
        "$defs": {
            "step": {"oneOf": [*map(_ref, steps), *map(_ref, _groups("step"))]},
            "named-step": {
                "required": ["id"],
                "oneOf": [*map(_ref, steps), *map(_ref, _groups("named-step"))],
            },
            **steps,
            **_groups("step"),
            **_groups("named-step"),
            "check": {"oneOf": [_ref(f"check-{name}") for name in checks]},
            **{
                f"check-{name}": _object((*OF_CHECKS, replace(word, required=True)))
                for name, word in checks.items()
            },
            "expectation": _expectation(),
        },
    }


def schema_text(additions: Additions = NOTHING_ADDED) -> str:
    """The schema as it stands in `harness/case.schema.json`."""
    return "\n".join(_lines(case_schema(additions), "", "", "")) + "\n"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _groups(member: str) -> Mapping[str, Schema]:
    """The groups, whose members are steps, with names or without."""
    found: dict[str, Schema] = {}
    for words, key, least in ((REPEAT, "steps", 1), (TOGETHER, "together", 2)):
        group = _object(words)
        group["properties"][key] |= {"minItems": least, "items": _ref(member)}
        found[f"{member}-{'repeat' if words is REPEAT else 'together'}"] = group
    return found


def _step(kind: StepKind) -> Schema:
    words = {word.name: word for word in (*COMMON, *kind.words, replace(kind.word, required=True))}
    found = _object(words.values())
    rules: list[Schema] = []
    for verb in kind.verbs:
        key = kind.word.name
        needed = [word.name for word in kind.words if word.required and word.name in verb.words]
        others = [word.name for word in kind.words if word.name not in verb.words]
        then: Schema = {"properties": dict.fromkeys(others, False)}
        rules.append(
            {"if": {"properties": {key: {"const": verb.name}}}, "then": {**then, "required": needed}}
        )
    if kind.rivals:
        ways: list[Schema] = [{"required": [rival]} for rival in kind.rivals]
        rules.append({"oneOf": [*ways, {"not": {"anyOf": ways}}]})
    if kind.verbs:
        found["required"] = [kind.word.name]
    return {**found, "allOf": rules} if rules else found


def _object(words: Iterable[Word]) -> Schema:
    """A mapping of these words and no others."""
    listed = tuple(words)
    choices: dict[str, list[Schema]] = {}
    for word in listed:
        if word.choice:
            choices.setdefault(word.choice, []).append({"required": [word.name]})
    found: Schema = {
        "type": "object",
        "properties": {word.name: _value(word) for word in listed},
        "required": [word.name for word in listed if word.required],
        "additionalProperties": False,
    }
    return {**found, "allOf": [{"oneOf": ways} for ways in choices.values()]} if choices else found


def _value(word: Word) -> Schema:
    """What stands behind a key."""
    told: Schema = {"description": word.doc} if word.doc else {}
    if word.example and "…" not in word.example:
        told["examples"] = [example_of(word.example)]
    return {**told, **_shape(word)}


def _shape(word: Word) -> Schema:
    if word.kind in ("mapping", "named", "list"):
        return _nested(word)
    if word.options:
        enum: Schema = {"enum": list(word.options)}
        return {"anyOf": [enum, {"type": "string", "pattern": _REFERS}]} if word.kind == "any" else enum
    if word.pattern:
        return {"type": "string", "pattern": f"^(?:{word.pattern})$"}
    return {"anyOf": [_TEXT, _KINDS[word.kind]]} if word.short else dict(_KINDS[word.kind])


def _nested(word: Word) -> Schema:
    if word.kind == "list" and word.inner is None:
        return {"type": "array", "items": {"enum": list(word.options)}} if word.options else {"type": "array"}
    inner: Any = {} if word.inner is None else _object(word.inner)
    if word.inner is not None and word.short and word.kind != "mapping":
        inner = {"anyOf": [_TEXT, inner]}
    if word.kind == "list":
        return {"type": "array", "items": inner}
    if word.kind == "named":
        return {"type": "object", "additionalProperties": inner or {"type": "object"}}
    shape: Schema = inner or {"type": "object"}
    other = ["string"] if word.short else ["null"] if word.bare else []
    return {"anyOf": [shape, *({"type": each} for each in other)]} if other else shape


def _expectation() -> Schema:
    """Any value; in its mappings, keys that begin with `$` are matchers."""
    return {
        "if": {"type": "object"},
        "then": {
            "properties": {
                matcher.word: {
                    "description": f"{matcher.holds} Takes {matcher.takes}.",
                    **_ref("expectation"),
                }
                for matcher in MATCHERS
            },
            "propertyNames": {"anyOf": [{"enum": [each.word for each in MATCHERS]}, {"pattern": PLAIN_KEY}]},
            "additionalProperties": _ref("expectation"),
        },
        "else": {"if": {"type": "array"}, "then": {"items": _ref("expectation")}},
    }


def example_of(text: str) -> Any:
    """An example's value. Raises CaseError where it is no YAML (ours)."""
    return plain(load(f"example: {text}\n", "the words of the language"))["example"]


def _lines(value: Any, before: str, indent: str, after: str) -> Iterable[str]:
    """A JSON value over several lines, short lists and mappings on one."""
    short = exactjson.dumps(value)
    if not isinstance(value, dict | list) or len(short) + len(indent) + len(before) <= 100:
        yield indent + before + short + after
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield indent + before + opening
    items = (
        [(f"{exactjson.dumps(key)}: ", inner) for key, inner in value.items()]
        if isinstance(value, dict)
        else [("", inner) for inner in value]
    )
    for at, (key, inner) in enumerate(items):
        yield from _lines(inner, key, indent + "  ", "," if at < len(items) - 1 else "")
    yield indent + closing + after
