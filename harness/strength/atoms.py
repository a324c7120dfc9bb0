"""The parts of an event that can be changed one by one, by their path in what a case sees of it.

An atom knows how to write its event with another value: the JSON of a body or a frame, a field of a FIX
message (with 9 and 10 put right), a word of a node's answer. What cannot be written so has no atom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from harness import acts, exactjson
from harness.model import Event, Kind
from harness.wire import http, ws
from harness.wire.fix import codec, written
from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.message import Message
from harness.wire.fix.tags import BEGIN_STRING, BODY_LENGTH, CHECK_SUM, MSG_TYPE

Path = tuple[str | int, ...]


class Gone(Enum):
    """What is written where a part is taken out."""

    GONE = "gone"


GONE: Final = Gone.GONE


@dataclass(frozen=True, slots=True)
class Atom:
    """One part of an event: where, what it is, and its event with another value there.

    `kind` says what values it can hold: `json` any, `status` a whole number, `text` text as it stands in the
    message and `message` its type, `amount` and `name` a 256-bit word of the chain (a number, or an address,
    hash or flag), `log` a list of logs in the place of one, `receipt` null.
    """

    path: Path
    value: Any
    kind: str
    write: Callable[[Any], Event]


def view_of(event: Event) -> Any:
    """What a case sees of an event: a response, the messages of a frame, else what was recorded."""
    wire = event.data.get("wire", {})
    if event.kind is Kind.PUSH:
        return tuple(acts.read_messages(event))
    return http.response_view(wire) if "status" in wire else wire


def at(view: Any, path: Path, default: Any = None) -> Any:
    """The part of a view at a path; `default` where there is none."""
    for part in path:
        try:
            view = view[part]
        except (KeyError, IndexError, TypeError):
            return default
    return view


def atoms_of(event: Event) -> dict[Path, Atom]:
    """Every part of an event that can be changed, by its path in `view_of`."""
    wire = event.data.get("wire", {})
    if event.kind is Kind.PUSH:
        found = _of_fix(event) if "raw" in wire else _of_frame(event)
    elif "status" in wire:
        found = _of_response(event)
    elif "answers" in wire:
        from harness.strength.chain import atoms

        found = atoms(event)
    else:
        found = _json(wire, (), lambda value: _with_wire(event, value))
    return {atom.path: atom for atom in found}


def with_wire(event: Event, wire: Mapping[str, Any]) -> Event:
    """The event with another wire."""
    return replace(event, data={**event.data, "wire": wire})


_with_wire = with_wire


def _of_response(event: Event) -> Iterator[Atom]:
    wire = event.data["wire"]

    def status(value: Any) -> Event:
        return with_wire(event, {**wire, "status": value})

    def body(value: Any) -> Event:
        return with_wire(event, {**wire, "body": exactjson.dumps(value)})

    yield Atom(("status",), wire["status"], "status", status)
    for name, value in wire["headers"].items():

        def header(value: Any, name: str = name) -> Event:
            others = {key: held for key, held in wire["headers"].items() if key != name}
            put = others if value is GONE else {**others, name: str(value)}
            return with_wire(event, {**wire, "headers": put})

        yield Atom(("headers", name), value, "text", header)
    yield from _json(http.body_value(wire), ("body",), body)


def _of_frame(event: Event) -> Iterator[Atom]:
    wire = event.data["wire"]
    if ws.is_keepalive(wire):
        return
    try:
        held = exactjson.loads(wire["text"])
    except ValueError:
        return

    def text(value: Any) -> Event:
        return with_wire(event, {**wire, "text": exactjson.dumps(value)})

    if isinstance(held, list):
        yield from _json(held, (), text)
    else:
        yield from _json([held], (), lambda value: text(value[0]))


def _json(value: Any, path: Path, write: Callable[[Any], Event]) -> Iterator[Atom]:
    """A JSON value and all its parts; an item that is written as GONE is taken out."""
    yield Atom(path, value, "json", write)
    if isinstance(value, Mapping):
        for key, inner in value.items():

            def put(new: Any, key: Any = key) -> Event:
                rest = {name: held for name, held in value.items() if name != key or new is not GONE}
                return write(rest if new is GONE else {**rest, key: new})

            yield from _json(inner, (*path, key), put)
    elif isinstance(value, list):
        for place, inner in enumerate(value):

            def item(new: Any, place: int = place) -> Event:
                return write([*value[:place], *([] if new is GONE else [new]), *value[place + 1 :]])

            yield from _json(inner, (*path, place), item)


def _of_fix(event: Event) -> Iterator[Atom]:
    """The fields of a message; one is where it is by what the view lacks without it."""
    raw = written.read(event.data["wire"]["raw"])
    frame = codec.parse(raw)
    if not isinstance(frame, Message):
        return
    whole = leaves(dictionary_for(frame.begin_string).to_view(frame))
    name = next(iter(dictionary_for(frame.begin_string).to_view(frame)))
    for place, (tag, text) in enumerate(frame.fields):

        def put(value: Any, place: int = place) -> Event:
            return with_wire(event, {**event.data["wire"], "raw": _fix_with(raw, frame, place, value)})

        if tag == MSG_TYPE:
            yield Atom((0, name), text, "message", put)
        if tag in (BEGIN_STRING, BODY_LENGTH, MSG_TYPE, CHECK_SUM):
            continue
        without = codec.parse(written.read(put(GONE).data["wire"]["raw"]))
        if not isinstance(without, Message):
            continue
        left = leaves(dictionary_for(frame.begin_string).to_view(without))
        gone = [path for path in whole if path not in left]
        if len(gone) == 1:
            yield Atom((0, *gone[0]), text, "text", put)


def _fix_with(raw: bytes, frame: Message, place: int, value: Any) -> str:
    fields = list(frame.fields)
    tag = fields[place][0]
    fields[place : place + 1] = [] if value is GONE else [(tag, value)]
    after = b"".join(b"%d=%b\x01" % (name, text.encode("latin-1")) for name, text in fields)
    return written.show(written.reseal(raw, after))


def leaves(view: Any, path: Path = ()) -> dict[Path, Any]:
    """The plain values of a view by their paths."""
    if isinstance(view, Mapping):
        pairs: Any = view.items()
    elif isinstance(view, list | tuple):
        pairs = enumerate(view)
    else:
        return {path: view}
    return {where: value for key, inner in pairs for where, value in leaves(inner, (*path, key)).items()}
