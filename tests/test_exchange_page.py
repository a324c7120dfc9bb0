"""docs/exchange.md: what it shows was recorded, and what it has a case write reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness import exactjson
from harness.acts.showing import read_messages
from harness.case.read import parse_case
from harness.model import Event, Kind, Source
from harness.wire import http, jsonrpc

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"<!-- from: ([^\n]+) -->\n```json\n(.*?)```", PAGE, re.DOTALL)
GIVEN, *STEPS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEADER = """\
id: ESC-1234
title: "The steps of the page"
status: open
severity: normal
component: docs/exchange
actors: {alice: trader, bob: maker}
channels: {data: {kind: rest, host: data}}
symptom: {step: buy, shows: {status: 500}}
"""


def shape(value: Any) -> Any:
    """A value's keys and JSON types: ids among the keys are one key, a list is the set of what is in it."""
    if isinstance(value, dict):
        return {"0x" if key.startswith("0x") else key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        found = [shape(each) for each in value]
        return [each for at, each in enumerate(found) if each not in found[:at]]
    return "number" if type(value) in (int, Decimal) else type(value).__name__


def fits(shown: Any, seen: Any) -> bool:
    """Whether two shapes are one; a shown list may be empty, whatever was seen in it."""
    if isinstance(shown, dict) and isinstance(seen, dict):
        return shown.keys() == seen.keys() and all(fits(shown[key], seen[key]) for key in shown)
    if isinstance(shown, list) and isinstance(seen, list):
        return all(any(fits(a, b) for b in seen) for a in shown)
    return bool(shown == seen)


def chain_views(wire: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a case sees of an answer of the chain, by its kind."""
    if "accepted" in wire:
        yield "chain send", wire
    result = wire["answers"][1].get("result") if len(wire.get("answers", ())) == 2 else None
    if isinstance(result, dict):
        yield "chain receipt", jsonrpc.receipt(wire)
    elif isinstance(result, list):
        for log in jsonrpc.logs(wire):
            yield f"chain {log.event.name}", log.view()


def views(lines: list[str]) -> Iterator[tuple[str, Any]]:
    """What a case sees of every answer and message of a cassette, by its kind."""
    asked: dict[Any, str] = {}
    for line in lines[1:-1]:
        row = exactjson.loads(line)
        wire, channel = row.get("data", {}).get("wire", {}), row["on"].partition(".")[0]
        lane = row["on"], row.get("as"), row.get("step"), row.get("round"), row.get("index")
        if row["kind"] == "send" and channel == "rest":
            path = re.sub("0x.*", "", wire["target"].partition("?")[0])
            asked[lane] = f"rest {wire['method']} {path}"
        elif row["kind"] == "answer" and channel == "rest":
            view = http.response_view(wire)
            yield f"{asked[lane]} {view['status']}", {"status": view["status"], "body": view["body"]}
        elif row["kind"] == "answer" and channel == "target":
            yield from ((f"given {name}", value) for name, value in wire.items())
        elif row["kind"] == "answer" and channel == "chain":
            yield from chain_views(wire)
        elif row["kind"] == "push":
            event = Event(row["n"], row["at_us"], Kind.PUSH, Source(row["on"]), data=row["data"])
            for message in read_messages(event):
                if isinstance(message, str):  # a plain text, such as INVALID OPERATION
                    continue
                name = message.get("event_type") or next(iter(message))
                yield f"{channel} {name}", message


@cache
def recorded() -> dict[str, list[Any]]:
    """The shapes of everything that was recorded, by kind."""
    found: dict[str, list[Any]] = {}
    for path in sorted((ROOT / "cassettes").rglob("*.jsonl")):
        for kind, view in views(path.read_text(encoding="utf-8").splitlines()):
            known, seen = found.setdefault(kind, []), shape(view)
            if seen not in known:
                known.append(seen)
    return found


def test_every_answer_on_the_page_says_where_it_is_from() -> None:
    """No block of JSON is without the kind of event that it is compared with."""
    assert len(SHOWN) == PAGE.count("```json") > 20


@pytest.mark.parametrize(("kind", "block"), SHOWN, ids=[f"{kind}-{at}" for at, (kind, _) in enumerate(SHOWN)])
def test_what_the_page_shows_was_recorded(kind: str, block: str) -> None:
    """Keys and JSON types of an answer or message are those of one that was recorded."""
    assert any(fits(shape(exactjson.loads(block)), each) for each in recorded()[kind]), recorded()[kind]


def test_the_steps_of_the_page_read() -> None:
    """The page's blocks of YAML, one after another, are a case without a problem."""
    text = HEADER + "given:\n" + GIVEN + "steps:\n" + "\n".join(STEPS)
    assert parse_case(text, "cases/ESC-1234-page.yaml").steps
