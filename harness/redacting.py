"""An event without its secrets: as it stands in a journal, a cassette and every report.

A FIX message is redacted field by field, so that its BodyLength and CheckSum can be put right (or kept as
wrong as they were) and a secret with an escaped byte is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    clean = redactor.redact_json(dict(event.data))

    def change(tag: int, value: str) -> str:
        label = _SECRET_TAGS.get(tag)
        return redactor.redact(value) if label is None else redactor.withhold(label, value)

    return replace(event, data=with_fix(event.data, clean, change))


def redacted_events(events: Sequence[Event], redactor: Redactor) -> tuple[Event, ...]:
    """The same events, as they would stand in a cassette."""
    return tuple(redacted_event(event, redactor) for event in events)


def fix_text(data: Mapping[str, Any]) -> str:
    """The written FIX of an event's data; "" where it is no FIX message."""
    wire = data.get("wire")
    text = wire.get("raw") if isinstance(wire, Mapping) else None
    return text if isinstance(text, str) else ""


def with_fix(data: Mapping[str, Any], clean: dict[str, Any], change: rewriting.Change) -> dict[str, Any]:
    """`clean` with the FIX message of `data`, its values changed; unread text stays as `clean` has it."""
    text = fix_text(data)
    if not text:
        return clean
    try:
        written = rewriting.rewritten(text, change)
    except ValueError:
        return clean
    return {**clean, "wire": {**clean["wire"], "raw": written}}
