"""An event without its secrets: as it stands in a journal, a cassette and every report.

A FIX message is redacted field by field, so that its BodyLength and CheckSum can be put right (or kept as
wrong as they were) and a secret with an escaped byte is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.model import Event, Kind, Source
from harness.redact import Redactor
from harness.wire.fix import rewriting

_SECRET_TAGS: Final = {
    89: "signature",
    91: "secureData",
    96: "rawData",
    554: "password",
    925: "newPassword",
    1402: "encryptedPassword",
    1404: "encryptedNewPassword",
}
"""FIX fields that hold a secret whatever their value (FIX 5.0 SP2; RawData carries logon signatures)."""
_MESSAGES: Final = ("text", "raw", "body")


def redacted_event(event: Event, redactor: Redactor) -> Event:
    """The same event without secrets."""

    def change(tag: int, value: str) -> str:
        label = _SECRET_TAGS.get(tag)
        return redactor.redact(value) if label is None else redactor.withhold(label, value)

    return replace(event, data=changed_data(event.data, redactor.redact_json, change))


def redacted_events(events: Sequence[Event], redactor: Redactor) -> tuple[Event, ...]:
    """The same events, as they would stand in a cassette; what holds a part of a split secret is withheld."""
    clean = [redacted_event(event, redactor) for event in events]
    for split in split_secrets(clean, redactor):
        for place in (split.first, split.second):
            clean[place] = _withheld(clean[place], split.label, redactor)
    return tuple(clean)


@dataclass(frozen=True, slots=True)
class Split:
    """A registered secret that begins at the end of one message and ends in the next of that stream."""

    first: int
    second: int
    label: str


def split_secrets(events: Sequence[Event], redactor: Redactor) -> Iterator[Split]:
    """Every secret that is split over two messages of one stream that follow each other, by their places."""
    last: dict[tuple[Source, Kind], int] = {}
    for place, event in enumerate(events):
        text = _said(event)
        if not text:
            continue
        before = last.get((event.source, event.kind))
        if before is not None and (label := redactor.across(_said(events[before]), text)):
            yield Split(before, place, label)
        last[(event.source, event.kind)] = place


def _said(event: Event) -> str:
    """What a message of a stream says, as it is written; "" where it is none."""
    wire = event.data.get("wire")
    texts = (wire.get(name) for name in _MESSAGES) if isinstance(wire, Mapping) else ()
    return next((text for text in texts if isinstance(text, str)), "")


def _withheld(event: Event, label: str, redactor: Redactor) -> Event:
    wire = {
        name: redactor.withhold(label, text) if name in _MESSAGES and isinstance(text, str) else text
        for name, text in event.data["wire"].items()
    }
    return replace(event, data={**event.data, "wire": wire})


def fix_text(data: Mapping[str, Any]) -> str:
    """The written FIX of an event's data; "" where it is no FIX message."""
    wire = data.get("wire")
    text = wire.get("raw") if isinstance(wire, Mapping) else None
    return text if isinstance(text, str) else ""


def changed_data(
    data: Mapping[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]], change_fix: rewriting.Change
) -> dict[str, Any]:
    """An event's data changed as JSON, but for a FIX message, which is changed field by field."""
    text = fix_text(data)
    try:
        written = rewriting.rewritten(text, change_fix)
    except ValueError:  # no written FIX: a text like any other
        written = ""
    if not written:
        return change(dict(data))
    clean = change({**data, "wire": {**data["wire"], "raw": ""}})
    return {**clean, "wire": {**clean["wire"], "raw": written}}
