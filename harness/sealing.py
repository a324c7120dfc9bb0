"""A clean recording becomes bytes: counted, sealed and looked through once more. Values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.lines import parse
from harness.redact import Hit, LeakError, Redactor
from harness.redacting import split_secrets
from harness.seal import Cassette, Header, header_line, sealed

if TYPE_CHECKING:
    from harness.identities import Identities


def sealed_clean(
    path: Path,
    header: Header,
    lines: Sequence[bytes],
    redactor: Redactor,
    identities: Identities | None = None,
) -> tuple[bytes, Cassette]:
    """The bytes of a cassette of these redacted event lines, and the cassette as it will be read.

    Raises LeakError R001 where a secret stands in it that the redactor knows by now, or that looks like one;
    R020 where one of the `identities` does that were replaced, in an encoding that is not; R030 where a
    secret is split over two messages of a stream.
    """
    header = redacted_header(header, redactor)
    body = b"".join(lines)
    replaced = {label: count for label, count in header.redaction.items() if label.startswith("identity.")}
    counted = {**replaced, **redactor.manifest((header_line(header) + body).decode())}
    content = header_line(replace(header, redaction=dict(sorted(counted.items())))) + body
    data = sealed(content, len(lines))
    text = data.decode()
    _refuse("R001", path, redactor.find(text), "Register it before the first message that holds it")
    if identities is not None:
        _refuse("R020", path, identities.find(text), "Have it sent plain, or leave out the message")
    cassette = parse(content, str(path))
    for split in split_secrets(cassette.events, redactor):
        found = f"{split.label} is split over the event lines {split.first + 2} and {split.second + 2}"
        raise _refused("R030", path, found, "Have it sent in one message")
    return data, cassette


def redacted_header(header: Header, redactor: Redactor) -> Header:
    """The header without secrets."""
    return replace(header, inputs=redactor.redact_json(dict(header.inputs)))


def _refuse(code: str, path: Path, hits: Sequence[Hit], advice: str) -> None:
    if not hits:
        return
    hit = hits[0]
    where = "the header" if hit.line == 1 else f"event line {hit.line}"
    more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
    raise _refused(code, path, f"{where} holds {hit.label} ({hit.form}){more}", advice)


def _refused(code: str, path: Path, found: str, advice: str) -> LeakError:
    text = f"{path} was not sealed and its recording was destroyed: {found}. {advice}, and record again"
    return LeakError(code, text)
