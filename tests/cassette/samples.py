"""The header, events, files and recordings the cassette tests share."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harness.cassette import Header, Recorder, cassette_path
from harness.errors import CassetteDamaged
from harness.lines import parse
from harness.model import By, Event, Kind, Source
from harness.redact import Redactor
from harness.seal import event_line, header_line, sealed, unsealed

REST = Source("rest", "alice")
USER = Source("ws.user", "alice")
NOW = "2026-11-22T09:30:00Z"


def header(**changed: Any) -> Header:
    known = Header(
        case="ESC-1234",
        name="broken",
        origin="venue",
        target="venue",
        build="2026.11.1",
        recorded_at="2026-11-22T08:06:00Z",
        started_wall_us=1_795_334_760_000_000,
        seed=17,
        inputs={"actors": {"alice": {"address": "0x2791bca1f2de4661ed88a30c99a7a9449aa84174"}}},
    )
    return replace(known, **changed)


def events(count: int) -> tuple[Event, ...]:
    made = []
    for number in range(count):
        wire = {
            "status": 200,
            "body": f'{{"size": "{number}.50", "note": "über"}}',
            "elapsed_ms": Decimal("1.50"),
        }
        kind = (Kind.SEND, Kind.ANSWER, Kind.PUSH)[number % 3]
        source = USER if kind is Kind.PUSH else REST
        by = By.PEER if kind is Kind.PUSH else By.CASE
        made.append(
            Event(number, number * 1500, kind, source, "place", index=number // 3, by=by, data={"wire": wire})
        )
    return tuple(made)


def reference(count: int) -> bytes:
    content = header_line(header()) + b"".join(map(event_line, events(count)))
    return sealed(content, count)


def at(tmp_path: Path, data: bytes | None = None) -> Path:
    path = cassette_path(tmp_path / "cassettes", "ESC-1234", "broken")
    if data is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path


def record(path: Path, count: int, redactor: Redactor | None = None) -> Recorder:
    recorder = Recorder(path, header(), redactor or Redactor())
    for event in events(count):
        recorder(event)
    return recorder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(data: bytes) -> str:
    with pytest.raises(CassetteDamaged) as raised:
        parse(unsealed(data, "broken.jsonl"), "broken.jsonl")
    return str(raised.value)


def resealed(*lines: bytes) -> bytes:
    return sealed(b"".join(line + b"\n" for line in lines), len(lines) - 1)
