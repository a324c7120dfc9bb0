"""Every value of a message with the name under which it stands: JSON, a query, headers, FIX, logs of a chain.

Texts are changed where they stand, so that what is not changed keeps every byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from harness.wire import ctf, jsonrpc
from harness.wire.fix import rewriting

_TOKEN: Final = re.compile(
    r'(?:"(?P<name>(?:[^"\\]|\\.)*)"(?P<gap>\s*:\s*))?'
    r'(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))'
)
_KEY_ENDS: Final = re.compile(r"\s*:")
_PARAMETER: Final = re.compile(r"(?P<name>[?&][A-Za-z0-9_.-]+=)(?P<text>[^&]*)")
_TEXTS: Final = ("why", "reason")
_WORD_DIGITS: Final = 64


class Change(Protocol):
    """What becomes of each value; `name` is "" where a value stands under none."""

    def field(self, name: str, value: str) -> str:
        """A value of a JSON field, a header, or a parameter of a query, as it is written there."""

    def fix(self, tag: int, value: str) -> str:
        """A value of a FIX field."""

    def word(self, name: str, value: int) -> int:
        """A number among the arguments of an event of a contract."""

    def block(self, number: int) -> int:
        """The number of a block."""


def changed(data: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """A clue's data with every value changed."""
    told = {key: change.field("", value) if key in _TEXTS else value for key, value in data.items()}
    if "assets" in data:  # of an account that was looked at
        told["assets"] = [change.field("asset_id", asset) for asset in data["assets"]]
    wire = data.get("wire")
    if isinstance(wire, Mapping):
        told["wire"] = _answers(wire, change) if "answers" in wire else _wire(wire, change)
    return told


def json_text(text: str, change: Change) -> str:
    """A text of JSON, or one that is none, with its values changed."""
    if text[:1] not in ("{", "["):
        return change.field("", text)

    held = ""

    def one(found: re.Match[str]) -> str:
        nonlocal held
        name, gap = found["name"], found["gap"]
        if gap is None and found["text"] is not None and _KEY_ENDS.match(text, found.end()):
            held = found["text"]  # of a list or of an object: the values of a list stand under its name
            return found[0]
        before = "" if gap is None else f'"{name}"{gap}'
        under = held if gap is None else name
        if found["text"] is not None:
            return f'{before}"{change.field(under, found["text"])}"'
        return before + change.field(under, found["number"])

    return _TOKEN.sub(one, text)


def _wire(wire: Mapping[str, Any], change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for key, value in wire.items():
        if key == "headers":
            told[key] = {name: change.field(name, str(text)) for name, text in value.items()}
        elif not isinstance(value, str):
            told[key] = value
        elif key in ("body", "text"):
            told[key] = json_text(value, change)
        elif key == "raw":
            told[key] = _fix(value, change)
        elif key in ("target", "url", "base"):
            path, _, _ = value.partition("?")
            query = _PARAMETER.sub(
                lambda found: found["name"] + change.field(found["name"][1:-1], found["text"]),
                value[len(path) :],
            )
            told[key] = change.field("", path) + query
        elif key == "body_base64":
            told["body_omitted"] = "its bytes are no text, and what they say cannot be blurred"
        else:
            told[key] = value
    return _with_length(wire, told)


def _with_length(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The length that headers tell follows the body, where it was right."""
    body, headers = after.get("body"), after.get("headers")
    if isinstance(body, str) and isinstance(headers, dict):
        was, now = (str(len(text.encode())) for text in (before["body"], body))
        for name, value in headers.items():
            if name.lower() == "content-length" and value == was:
                headers[name] = now
    return after


def _fix(raw: str, change: Change) -> str:
    try:
        return rewriting.rewritten(raw, change.fix)
    except ValueError:
        return change.field("", raw)


def _answers(wire: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """A look at a receipt: the head's number, and the receipt or nothing."""
    head, receipt, *rest = wire["answers"]
    result = receipt["result"]
    if rest or not isinstance(result, Mapping):
        return {
            **wire,
            "answers": [_of_look(answer, at, wire, change) for at, answer in enumerate(wire["answers"])],
        }
    number = hex(change.block(jsonrpc.quantity(head["result"])))
    told = {key: _of_receipt(key, value, change) for key, value in result.items()}
    told["logs"] = [_log(log, change) for log in result["logs"]]
    return {**wire, "answers": [{**head, "result": number}, {**receipt, "result": told}]}


def _of_look(answer: Mapping[str, Any], at: int, wire: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """One answer of a look at balances: the block's number first and last, an amount between."""
    number = jsonrpc.quantity(answer["result"])
    if at in (0, len(wire["answers"]) - 1):
        return {**answer, "result": hex(change.block(number))}
    return {**answer, "result": f"0x{change.word('value', number):064x}"}


_PRICED: Final = frozenset({"effectiveGasPrice", "cumulativeGasUsed", "blobGasPrice", "blobGasUsed", "l1Fee"})
"""What of a receipt tells its block, and nobody's case is about."""


def _of_receipt(key: str, value: Any, change: Change) -> Any:
    if key == "blockNumber":
        return hex(change.block(jsonrpc.quantity(value)))
    if key == "blockTimestamp":
        return _timestamp(value, change)
    return "0x0" if key in _PRICED and value is not None else value


def _timestamp(value: Any, change: Change) -> Any:
    if isinstance(value, str) and value.startswith("0x"):
        return hex(int(change.field("timestamp", str(int(value, 16)))))
    return int(change.field("timestamp", str(value)))


def _log(log: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """A log with its numbers changed; one of an event that is not known says nothing any more."""
    told = {key: _of_receipt(key, value, change) for key, value in log.items()}
    told["topics"] = [_topic(topic, change) for topic in log["topics"]]
    if ctf.decode_log(log["topics"], log["data"]) is None:
        told["data"] = "0x"
    else:
        told["data"] = "0x" + _words(log["data"][2:], ctf.data_arguments(log["topics"][0]), change)
    return told


def _topic(topic: str, change: Change) -> str:
    text = change.field("", topic)
    return text if len(text) == len(topic) else topic


def _words(data: str, known: tuple[tuple[str, str], ...], change: Change) -> str:
    words = [int(data[at : at + _WORD_DIGITS], 16) for at in range(0, len(data), _WORD_DIGITS)]
    for place, (name, kind) in enumerate(known):
        if kind != "uint256[]":
            words[place] = change.word(name, words[place])
            continue
        first = words[place] // 32
        for at in range(first + 1, first + 1 + words[first]):
            words[at] = change.word(name, words[at])
    return "".join(f"{word:064x}" for word in words)
