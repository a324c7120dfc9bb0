"""An event without its secrets: as it stands in a journal, a cassette and every report.

A FIX message is redacted field by field, so that its BodyLength and CheckSum can be put right (or kept as
wrong as they were) and a secret with an escaped byte is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from harness.model import Event
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


def redacted_event(event: Event, redactor: Redactor) -> Event:
    """The same event without secrets."""

    def change(tag: int, value: str) -> str:
        label = _SECRET_TAGS.get(tag)
        return redactor.redact(value) if label is None else redactor.withhold(label, value)

    return replace(event, data=changed_data(event.data, redactor.redact_json, change))


def redacted_events(events: Sequence[Event], redactor: Redactor) -> tuple[Event, ...]:
    """The same events, as they would stand in a cassette."""
    return tuple(redacted_event(event, redactor) for event in events)


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
