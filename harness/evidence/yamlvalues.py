"""What the values and tags of a recording's YAML stand for: plain values, and never an object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from harness import limits

STANDARD: Final = "tag:yaml.org,2002:"
_CONSTANTS: Final[Mapping[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "false": False,
}
_INTEGER: Final = re.compile(rf"[-+]?(?:0|[1-9][0-9]{{0,{limits.YAML_INT_DIGITS - 1}}})")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,40}\.[0-9]{0,40}(?:[eE][-+]?[0-9]{1,3})?")


def typed(raw: str) -> Any:
    if raw in _CONSTANTS:
        return _CONSTANTS[raw]
    if _INTEGER.fullmatch(raw):
        return int(raw)
    return Decimal(raw) if _DECIMAL.fullmatch(raw) else raw


def tagged(tag: str) -> str:
    shown = tag.replace(STANDARD, "!!")[:60]
    return f"{shown} is a tag that is not read: nothing in a recording is ever made into an object"


def _same(value: Any) -> Any:
    return value


def _file(value: Any) -> Any:
    """What an opened file held: vcrpy keeps it as the state of a BytesIO, content first."""
    state = value.get("state")
    return state[0] if isinstance(state, list) and state else b""


def _chunks(value: Any) -> Any:
    """What an iterator gave: vcrpy keeps it as the list that it went over."""
    args = value.get("args")
    return args[0] if isinstance(args, list) and args else []


COLLECTIONS: Final[tuple[Mapping[str, Callable[[Any], Any]], Mapping[str, Callable[[Any], Any]]]] = (
    {"seq": _same, "python/tuple": _same},
    {
        "map": _same,
        "python/object/new:_io.BytesIO": _file,
        "python/object/apply:builtins.iter": _chunks,
    },
)
