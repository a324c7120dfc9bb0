"""`harness capture`: a program's HTTP, or a vcrpy cassette, as evidence."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from harness.checks.choosing import counted
from harness.errors import HarnessError
from harness.evidence import capture, imported, keeping
from harness.model import Kind
from harness.redact import MIN_SECRET_CHARS
from harness.redact.places import is_secret_name
from harness.seal import Cassette

FOLDER: Final = Path("evidence")


def run(options: argparse.Namespace) -> int:
    """Run the command: the program's own exit code, or 0."""
    ways = [bool(options.program), options.from_vcr is not None, options.unfinished is not None]
    if ways.count(True) != 1:
        raise HarnessError("U050", "name one thing to capture: -- PROGRAM …, --from-vcr or --unfinished")
    if options.unfinished is not None:
        return _told(options.unfinished, keeping.finish(options.unfinished))
    clean = keeping.Clean(dict(secrets_of(options.secret_env, os.environ)))
    if options.from_vcr is not None:
        return _import(options.from_vcr, options.output or _default(options.from_vcr.stem), clean)
    path = options.output or _default(capture.named(options.program))
    came = capture.capture(options.program, path, clean)
    for each in came.unseen:
        _say(f"not captured: {each}")
    if came.evidence is None:
        _say(f"the program sent no HTTP that could be seen, so there is no {path}")
    else:
        _told(path, came.evidence)
    return came.exit_code


def _default(stem: str) -> Path:
    return FOLDER / f"{stem}.jsonl"


def secrets_of(names: list[str], environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The values to look for: of the variables that are named, and of those whose name says secret."""
    for name in names:
        value = environment.get(name, "")
        if len(value.strip()) < MIN_SECRET_CHARS:
            found = f"shorter than {MIN_SECRET_CHARS} characters" if value else "not set"
            raise HarnessError("U051", f"--secret-env {name}: the variable is {found}; name the one that is")
        yield name.lstrip("_"), value
    for name, value in environment.items():
        if name not in names and is_secret_name(name) and len(value.strip()) >= MIN_SECRET_CHARS:
            yield name.lstrip("_"), value


def _import(source: Path, path: Path, clean: keeping.Clean) -> int:
    exchanges, not_read = imported.import_vcr(source, path, clean)
    for each in not_read:
        _say(f"not read: {each}")
    held = counted(exchanges, "exchange")
    _say(f"{path}: {held}; vcrpy keeps no times, so they have an order and nothing more")
    return 0


def _told(path: Path, evidence: Cassette) -> int:
    kinds = [event.kind for event in evidence.events]
    lost = kinds.count(Kind.LOST)
    told = counted(kinds.count(Kind.SEND), "exchange") + (f", {lost} without an answer" if lost else "")
    hidden = ", ".join(f"{label} {count}×" for label, count in evidence.header.redaction.items())
    _say(f"{path}: {told}; redacted: {hidden or 'nothing'}")
    return 0


def _say(text: str) -> None:
    print(f"harness: {text}", file=sys.stderr)
