"""A vcrpy cassette as evidence: read within limits, redacted, sealed."""

from __future__ import annotations

from pathlib import Path

from harness.clock import RunClock, iso_utc
from harness.errors import EvidenceError
from harness.evidence.exchanges import timeless
from harness.evidence.interactions import exchanges_of
from harness.evidence.keeping import Clean, evidence_header, write_evidence
from harness.evidence.recorded import read_recorded
from harness.files import read_whole

BY: str = "vcrpy"


def import_vcr(source: Path, path: Path, clean: Clean) -> tuple[int, list[str]]:
    """Write the exchanges of a vcrpy cassette as evidence to `path`; gives how many, and what was not read.

    vcrpy keeps no times: all events stand at 0 in their order, watched up to 0, so that nothing can be said
    of how long anything took or of what did not come. Raises EvidenceError I001, I002, I003 (the file's
    fault), I004 (there is no such file), I011, I012 (evidence stands there), LeakError, FileError.
    """
    try:
        data = read_whole(source)
    except FileNotFoundError:
        raise EvidenceError("I004", f"{source}: there is no such file") from None
    not_read: list[str] = []
    exchanges = list(exchanges_of(read_recorded(data, str(source)), str(source), not_read))
    now_us = RunClock().started_wall_us
    header = evidence_header(
        path,
        BY,
        iso_utc(now_us),
        now_us,
        **{"from": source.name, "times": "order only", "not_read": not_read},
    )
    write_evidence(path, header, timeless(exchanges), clean)
    return len(exchanges), not_read
