"""A draft without secrets and identities: the sealed evidence, and the case that says the same of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.cassette import Cassette
from harness.clock import iso_utc
from harness.drafting.draft import Draft
from harness.drafting.steps import texts_in
from harness.evidence.keeping import Clean
from harness.identities import Identities
from harness.model import Event
from harness.seal import EVIDENCE, Header

_SEED_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is written: the cassette's bytes and the case's text; and the cassette as it will be read."""

    cassette_bytes: bytes
    cassette: Cassette
    case_text: str


def sealed_draft(
    draft: Draft, case_id: str, path: Path, about: Mapping[str, Any], secrets: Mapping[str, str]
) -> Sealed:
    """Seal a draft's evidence as its `broken` cassette at `path`, by one map for cassette and case.

    `about` tells of the files it was made of. Raises LeakError R001, R020 or R030 where something secret is
    left, or somebody is still named.
    """
    header = header_of(draft, case_id, about)
    clean, identities = Clean(secrets), Identities()
    events = [clean.event(event) for event in draft.events]
    data, cassette = clean.whole(path, header, events, identities)
    renamed = dict(_renamed(draft.events, cassette.events))
    text = draft.text(renamed, lambda part: str(identities.redact(clean.redactor.redact(part))))
    return Sealed(data, cassette, text)


def header_of(draft: Draft, case_id: str, about: Mapping[str, Any]) -> Header:
    """The header of a draft's evidence."""
    return Header(
        case=case_id,
        name="broken",
        origin=EVIDENCE,
        target="customer",
        recorded_at=iso_utc(draft.zero_us),
        started_wall_us=draft.zero_us,
        seed=int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:_SEED_BYTES]),
        inputs={**draft.inputs, EVIDENCE: dict(about)},
    )


def _renamed(events: Sequence[Event], mapped: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Each text that stands whole in what a step meant, with the one that the cassette has in its place."""
    for before, after in zip(events, mapped, strict=True):
        old, new = texts_in(before.data.get("intent")), texts_in(after.data.get("intent"))
        for (_, text), (_, other) in zip(old, new, strict=True):
            if text != other:
                yield text, other
