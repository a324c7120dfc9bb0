"""The words of a node's answers: amounts, names and logs, changed one by one, in every look that has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from harness.model import Event
from harness.strength.atoms import GONE, Atom, Path, with_wire
from harness.wire import ctf, jsonrpc

_WORD: Final = 64
_LIMIT: Final = 1 << 256

Write = Callable[[Any], Event]
Edit = Callable[[int], Mapping[str, Any]]
"""A log with another number in one of its words."""


def atoms(event: Event) -> Iterator[Atom]:
    """Every word of a look: `("words", answer)`, `("logs", place, event, argument)`, and of a receipt
    `("receipt", "status")` and its events."""
    wire = event.data["wire"]
    for place, answer in enumerate(wire["answers"]):
        held = answer.get("result")

        def put(value: Any, place: int = place) -> Event:
            answers = list(wire["answers"])
            answers[place] = {**answers[place], "result": value}
            return with_wire(event, {**wire, "answers": answers})

        if isinstance(held, str) and held.startswith("0x") and len(held) > 2:

            def word(value: int, held: str = held, put: Write = put) -> Event:
                return put(_hex(value, len(held) - 2))

            yield Atom(("words", place), int(held, 16), "amount", word)
        elif isinstance(held, list):
            yield from _of_logs(held, ("logs",), put)
        elif isinstance(held, Mapping) and "logs" in held:

            def status(value: int, held: Mapping[str, Any] = held, put: Write = put) -> Event:
                return put({**held, "status": hex(value)})

            def logs(value: Any, held: Mapping[str, Any] = held, put: Write = put) -> Event:
                return put({**held, "logs": value})

            yield Atom(("receipt",), held, "receipt", put)
            yield Atom(("receipt", "status"), int(held["status"], 16), "name", status)
            yield from _of_logs(held["logs"], ("receipt", "events"), logs)


def decoded(logs: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], ctf.DecodedEvent]]:
    """The raw logs that we can decode, in the chain's order, as a case sees them."""
    both = [(raw, ctf.decode_log(raw["topics"], raw["data"])) for raw in logs]
    known = [(raw, event) for raw, event in both if event is not None]
    return sorted(known, key=lambda each: (int(each[0]["blockNumber"], 16), int(each[0]["logIndex"], 16)))


def logs_of(event: Event) -> Iterator[tuple[int, jsonrpc.Log]]:
    """The logs of a look, each with its place, as the checks read them."""
    found: list[Any] = []
    for answer in event.data["wire"]["answers"]:
        found += answer["result"] if isinstance(answer.get("result"), list) else []
    told = [raw for raw, _ in decoded(found)]
    yield from enumerate(jsonrpc.logs({"answers": [{}, {"result": told}]}))


def _of_logs(logs: list[Any], path: Path, write: Write) -> Iterator[Atom]:
    for at, (raw, event) in enumerate(decoded(logs)):
        place = logs.index(raw)

        def put(new: Any, place: int = place) -> Event:
            return write([*logs[:place], *([] if new is GONE else new), *logs[place + 1 :]])

        yield Atom((*path, at), raw, "log", put)
        for number, edited in _words(raw):

            def word(value: int, edited: Edit = edited, put: Write = put) -> Event:
                return put([edited(value)])

            argument = _argument(event, edited(number ^ 1))
            if argument is not None:
                kind = "amount" if isinstance(event.args[argument], int | list) else "name"
                yield Atom((*path, at, event.name, argument), number, kind, word)


def _words(raw: Mapping[str, Any]) -> Iterator[tuple[int, Edit]]:
    """The words of a log: its topics behind the first, and its data."""
    for place, topic in enumerate(raw["topics"]):
        if not place:
            continue

        def topics(value: int, place: int = place) -> Mapping[str, Any]:
            told = list(raw["topics"])
            told[place] = _hex(value, _WORD)
            return {**raw, "topics": told}

        yield int(topic, 16), topics
    data = raw["data"].removeprefix("0x")
    for start in range(0, len(data) - _WORD + 1, _WORD):

        def body(value: int, start: int = start) -> Mapping[str, Any]:
            return {**raw, "data": "0x" + data[:start] + _hex(value, _WORD)[2:] + data[start + _WORD :]}

        yield int(data[start : start + _WORD], 16), body


def _argument(event: ctf.DecodedEvent, raw: Mapping[str, Any]) -> str | None:
    """The one argument that a changed word changes; None where the log can no longer be read."""
    try:
        other = ctf.decode_log(raw["topics"], raw["data"])
    except ValueError:
        return None
    if other is None or other.name != event.name:
        return None
    apart = [name for name, value in event.args.items() if other.args[name] != value]
    return apart[0] if len(apart) == 1 else None


def _hex(value: int, digits: int) -> str:
    return "0x" + format(value % _LIMIT, "x").rjust(digits, "0")


def everywhere(events: Sequence[Event], event: Event, changed: Event) -> Iterator[Event]:
    """The events, but for the changed one, in which a log stands that was changed, with it changed alike."""
    before, after = _raw_logs(event), _raw_logs(changed)
    first = _alike(before, after)
    if len(after) > len(before):  # one more stands behind the log that it is like
        first -= 1
    last = min(_alike(before[::-1], after[::-1]), len(before) - first - 1)
    old, new = before[first], after[first : len(after) - last]
    for other in events:
        if other.number != event.number and old in _raw_logs(other):
            yield _with_logs(other, old, new)


def _alike(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many items two lists have in common from their start."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _raw_logs(event: Event) -> list[Any]:
    """The logs of a look, and those of a receipt."""
    found: list[Any] = []
    for answer in event.data.get("wire", {}).get("answers", ()):
        held = answer.get("result")
        held = held.get("logs") if isinstance(held, Mapping) else held
        found += held if isinstance(held, list) else []
    return found


def _with_logs(event: Event, old: Any, new: list[Any]) -> Event:
    def put(logs: list[Any]) -> list[Any]:
        return [each for log in logs for each in (new if log == old else [log])]

    answers = []
    for answer in event.data["wire"]["answers"]:
        held = answer.get("result")
        if isinstance(held, Mapping) and "logs" in held:
            held = {**held, "logs": put(held["logs"])}
        elif isinstance(held, list):
            held = put(held)
        answers.append({**answer, "result": held} if "result" in answer else answer)
    return with_wire(event, {**event.data["wire"], "answers": answers})
