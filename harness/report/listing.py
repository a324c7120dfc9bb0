"""A cassette for people: its header in words, then a line an event."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from harness.finding import ending, seconds
from harness.model import Event, Kind
from harness.report.plain import one_line
from harness.seal import Cassette

_ARROWS: Final = {
    Kind.SEND: "→",
    Kind.ANSWER: "←",
    Kind.LOST: "✗",
    Kind.PUSH: "←",
    Kind.OPEN: "○",
    Kind.CLOSED: "●",
}


def listing(cassette: Cassette, *, finished: bool = True) -> Iterator[str]:
    """The lines of a cassette: number, time, source, step, and what it was."""
    header = cassette.header
    if not finished:
        yield "UNFINISHED: this recording was cut short; what came after these events was not kept."
    yield f"{header.case} {header.name}: {header.origin} recording of {header.target} {header.build}".rstrip()
    version = header.as_json()["harness"]
    yield f"recorded {header.recorded_at}, {len(cassette.events)} events, format {version}"
    for when in header.edited:
        yield f"edited by hand {when}"
    hidden = ", ".join(f"{label} {count}×" for label, count in sorted(header.redaction.items()))
    yield f"redacted: {hidden or 'nothing'}"
    yield ""
    for event in cassette.events:
        arrow = _ARROWS.get(event.kind, "·")
        yield one_line(
            f"{event.number:>4} {event.at_s:>8} s  "
            f"{event.source!s:<16} {event.step:<16} {arrow} {said(event)}"
        )


def said(event: Event) -> str:
    """What one event was, on one line."""
    teller = _TELLERS.get(event.kind)
    return f"{event.kind}" if teller is None else teller(event.data)


def _send(data: Mapping[str, Any]) -> str:
    intent = data.get("intent", data.get("wire", {}))
    if "target" in intent:  # evidence: what went out is all that is known
        url = f"{intent.get('base', '')}{intent['target']}"
        return f"{intent['method']} {url} {intent.get('body', '')}".rstrip()
    if "method" in intent:
        return f"{intent['method']} {intent.get('path', '')} {one_line(intent.get('json', ''))}".rstrip()
    if "rpc" in intent:
        return ", ".join(method for method, _ in intent["rpc"])
    return one_line(intent)


def _came(data: Mapping[str, Any]) -> str:
    wire = data.get("wire", {})
    if "status" in wire:
        return f"{wire['status']} {wire.get('body', '')}".rstrip()
    return str(wire.get("text", one_line(wire)))


_TELLERS: Final[Mapping[Kind, Callable[[Mapping[str, Any]], str]]] = {
    Kind.SEND: _send,
    Kind.ANSWER: _came,
    Kind.PUSH: _came,
    Kind.LOST: lambda data: f"no answer: {data.get('why', '')}",
    Kind.CLOSED: lambda data: f"closed ({ending(data.get('code'), data.get('reason', ''))})",
    Kind.HORIZON: lambda data: f"watched until {seconds(data.get('until_us', 0))}",
}
