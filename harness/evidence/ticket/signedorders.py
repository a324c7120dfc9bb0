"""Orders as `py-clob-client-v2` prints them once they are signed, for requests whose body no line tells.

A bot logs what `create_order` gave it; the client itself tells no bodies. The order's type and the API key
are no part of it: the type is what the lines around say, where they say one. Source: the client 1.2.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.textlines import Lines
from harness.model import Kind

_PRINTED: Final = re.compile(r"\bSignedOrder(?:V2)?\((?P<fields>[^()]*\bmakerAmount=[^()]*)\)")
_FIELD: Final = re.compile(
    r"\b(?P<name>\w+)=(?:'(?P<text>[^']*)'|(?P<plain>[0-9]+)"
    r"|<(?P<enum>\w+)\.(?P<word>\w+): (?P<number>[0-9]+)>)"
)
_TYPE: Final = re.compile(r"\b(?:GTC|GTD|FOK|FAK)\b")
_USUAL: Final = "GTC"
_WHAT: Final = "the body of POST /order"


def filled(clues: Sequence[Clue], lines: Lines) -> tuple[list[Clue], list[Unread]]:
    """The clues of one file, each order without a body with that of the order that was printed before it."""
    texts = {lines.place(at).line: lines[at] for at in range(len(lines))}
    printed = {line: shown["fields"] for line, text in texts.items() if (shown := _PRINTED.search(text))}
    if not printed:
        return list(clues), []
    unread: list[Unread] = []
    kept: list[Clue] = []
    before = 0
    ends = sorted(printed)
    for clue in sorted(clues, key=lambda clue: clue.place.line):
        if not _is_order(clue):
            continue
        line = clue.place.line
        at = max((each for each in ends if before < each <= line), default=0)
        if at and "body_omitted" in clue.data["wire"]:
            until = min((each for each in ends if each > line), default=max(texts) + 1)
            said = {
                kind for number in texts if before < number < until for kind in _TYPE.findall(texts[number])
            }
            kind = said.pop() if len(said) == 1 else _USUAL
            wire = {name: value for name, value in clue.data["wire"].items() if name != "body_omitted"}
            body = json.dumps({"order": _order(printed[at]), "owner": "", "orderType": kind})
            kept.append(replace(clue, data={**clue.data, "wire": {**wire, "body": body}}))
            unread.append(
                Unread(clue.place, _WHAT, f"taken from line {at}, a signed order; its type as {kind}")
            )
        before = line
    found = {clue.pair: clue for clue in kept}
    return [found.get(clue.pair, clue) if _is_order(clue) else clue for clue in clues], unread


def _is_order(clue: Clue) -> bool:
    wire = clue.data.get("wire", {})
    told = (wire.get("method"), str(wire.get("target", "")).partition("?")[0])
    return clue.channel == REST and clue.kind is Kind.SEND and told == ("POST", "/order")


def _order(fields: str) -> dict[str, Any]:
    """A signed order as its body has it: a side by its name, a kind of signature by its number."""
    order: dict[str, Any] = {}
    for found in _FIELD.finditer(fields):
        name = found["name"]
        if found["enum"]:
            order[name] = found["word"] if name == "side" else int(found["number"])
        else:
            order[name] = found["text"] if found["text"] is not None else int(found["plain"])
    if str(order.get("salt", "")).isdecimal():
        order["salt"] = int(order["salt"])
    return order
