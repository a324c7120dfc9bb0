"""Recordings in a ticket: vcrpy's cassettes, and the evidence that `harness capture` sealed."""

from __future__ import annotations

from typing import Final

from harness.errors import EvidenceError, Place
from harness.evidence.interactions import exchanges_of
from harness.evidence.recorded import read_recorded
from harness.evidence.ticket.clues import REST, Clue, Reading, Stamp, Unread, Zone
from harness.lines import parse
from harness.model import Kind
from harness.seal import EVIDENCE, unsealed

VCRPY: Final = "vcrpy cassette"
OURS: Final = "captured evidence"
_HEAD: Final = 4096
_HAPPENED: Final = frozenset({Kind.SEND, Kind.ANSWER, Kind.LOST})


def is_vcrpy(text: str) -> bool:
    """Whether a text is a cassette of vcrpy's YAML or JSON serializer: it has interactions at its top."""
    head = text[:_HEAD].lstrip()
    return (head.startswith(("interactions:", "version:")) and "interactions:" in text) or (
        head[:1] == "{" and '"interactions"' in head and '"uri"' in text
    )


def read_vcrpy(text: str, path: str) -> Reading:
    """The exchanges of a cassette in its order; vcrpy keeps no times.

    Raises EvidenceError I001 to I003 (the file's fault).
    """
    not_read: list[str] = []
    recorded = read_recorded(text.encode(), path)
    clues: list[Clue] = []
    for pair, (send, answer) in enumerate(exchanges_of(recorded, path, not_read), start=1):
        line = recorded.lines[pair - 1] if pair <= len(recorded.lines) else 1
        place, host = Place(path, line, 1), send["wire"].get("base", "")
        clues.append(Clue(place, Kind.SEND, REST, send, None, pair, host))
        clues.append(Clue(place, Kind.ANSWER, REST, answer, None, pair, host))
    unread = tuple(Unread(Place(path), told, "vcrpy's reader does not know it") for told in not_read)
    return Reading(path, VCRPY, tuple(clues), unread)


def is_ours(text: str) -> bool:
    """Whether a text is a sealed recording of ours."""
    return text.startswith('{"harness":')


def read_ours(text: str, path: str) -> Reading:
    """The exchanges of what `harness capture` kept, at their times; nobody is named in it any more.

    Raises EvidenceError I030 where it is no evidence of a program, CassetteDamaged where the seal does not
    fit.
    """
    cassette = parse(unsealed(text.encode(), path), path)
    header = cassette.header
    if header.name != EVIDENCE:
        told = f"it is the {header.name} recording of {header.case}, and no evidence of a program"
        raise EvidenceError("I030", f"{path}: {told}")
    timed = header.inputs.get(EVIDENCE, {}).get("times") != "order only"
    clues: list[Clue] = []
    for number, event in enumerate(cassette.events, start=2):
        if event.kind in _HAPPENED:
            us = header.started_wall_us + event.at_us
            stamp = Stamp(us, Zone.UTC, 1) if timed else None
            host = str(event.data.get("wire", {}).get("base", ""))
            place = Place(path, number, 1)
            clues.append(Clue(place, event.kind, REST, event.data, stamp, event.index + 1, host))
    return Reading(path, OURS, tuple(clues))
