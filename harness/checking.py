"""`harness check-target`: every channel of a target is tried, and one table says what works."""

from __future__ import annotations

import argparse
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness import exactjson
from harness.clock import Clock, DatedClock, RunClock
from harness.errors import HarnessError, TargetError
from harness.guard import Caps, Origin
from harness.project import root_of
from harness.redact import Redactor
from harness.report.plain import one_line
from harness.site import REPLAY, Site
from harness.trying.rows import SILENT_CODE, Row, State, code_of

if TYPE_CHECKING:
    from harness.trying.places import Places
    from harness.trying.trials import Trial

TRIAL_S: Final = 20
"""What every trial is given: the longest, three HTTP exchanges of five seconds, ends before."""
TOLD_EVERY_S: Final = 3
_HEADS: Final = ("what", "address", "state", "found")


def run(options: argparse.Namespace) -> int:
    """Try the target that the options name; the exit code, as the command's help tells it.

    Raises HarnessError U002, U040 (the caller's fault), CaseError T010.
    """
    try:
        return _checked(options)
    except TargetError as error:  # the embedded exchange does not start
        print(f"harness: {error}", file=sys.stderr)
        return SILENT_CODE


def _checked(options: argparse.Namespace) -> int:
    with _places(options.name) as places:
        rows = [_clean(row, places.redactor) for row in tried(places)]
        rows.append(_costs(places))
        code, target = code_of(rows), places.target
        if options.format == "json":
            told = [{key: str(getattr(row, key)) for key in Row.__slots__} for row in rows]
            found = {"target": target.name, "kind": str(target.kind), "code": code, "rows": told}
            print(exactjson.dumps(found))
            return code
        print(f"{target.name}: a target of kind {target.kind}")
        for line in _table(rows):
            print(line)
        print(f"check-target: {code} – {_MEANS[code]}")
        return code


_MEANS: Final = {
    0: "all that is configured works",
    2: "the configuration is wrong: something is there, and it is not what was meant",
    3: "could not tell: something that is configured does not work",
}


@contextmanager
def _places(name: str) -> Iterator[Places]:
    """The target's channels; the embedded exchange runs as long as they are looked at.

    Raises HarnessError U002, U040 (the caller's fault), CaseError T010, TargetError T004.
    """
    from harness.trying.places import Places

    if name == REPLAY:
        raise HarnessError("U002", "replay opens nothing: name a target that is configured")
    root = root_of(Path.cwd() / "cases") or Path.cwd()
    site, redactor = Site.of(root, name, None, Origin.FLAG, None), Redactor()
    try:
        live = site.live(root / "cassettes", None, redactor)
        live.target.register(redactor.register)
        machine, start_s = RunClock(), live.target.beginning.clock_s
        clock: Clock = machine if start_s is None else DatedClock(machine, start_s * 1_000_000)
        yield Places(live.target, live.endpoints, live.production, redactor, clock)
    finally:
        site.close()


def tried(places: Places) -> list[Row]:
    """The rows of every trial, in the table's order: all go on at once, and end within their time."""
    from harness.trying.trials import TRIALS

    done: queue.Queue[tuple[str, list[Row] | BaseException]] = queue.Queue()
    for name, trial in TRIALS.items():
        threading.Thread(target=_try, args=(name, trial, places, done), name=name, daemon=True).start()
    came: dict[str, list[Row]] = {}
    clock, told_us = RunClock(), 0
    while missing := [name for name in TRIALS if name not in came]:
        try:
            name, rows = done.get(timeout=1)
        except queue.Empty:
            if clock.now_us() >= TRIAL_S * 1_000_000:
                late = f"it did not end within {TRIAL_S} s"
                came |= {name: [Row(name, "–", State.SILENT, late, "is it reachable?")] for name in missing}
                break
            if clock.now_us() >= told_us + TOLD_EVERY_S * 1_000_000:
                told_us = clock.now_us()
                print(f"{told_us // 1_000_000} s: waiting for {', '.join(missing)}", file=sys.stderr)
            continue
        if isinstance(rows, BaseException):
            raise rows
        came[name] = rows
    return [row for name in TRIALS for row in came[name]]


def _try(name: str, trial: Trial, places: Places, done: queue.Queue[Any]) -> None:
    try:
        done.put((name, list(trial(places))))
    except BaseException as error:  # ours: what a target does wrong is a row
        done.put((name, error))


def _costs(places: Places) -> Row:
    limits = places.target.limits
    pace = limits.requests_per_second
    told = f"{pace} requests a second; " if pace else ""
    text = f"{told}an item: {_caps(limits.item)}; the run: {_caps(limits.run)}"
    return Row("limits", "–", State.WORKS, text)


def _caps(caps: Caps) -> str:
    held = {name: getattr(caps, name) for name in ("orders", "notional", "transactions", "requests")}
    return ", ".join(f"{value} {name}" for name, value in held.items() if value is not None) or "no cap"


def _clean(row: Row, redactor: Redactor) -> Row:
    return Row(
        row.what,
        row.address,
        row.state,
        one_line(redactor.redact(row.found)),
        one_line(redactor.redact(row.next)),
    )


def _table(rows: list[Row]) -> Iterator[str]:
    """A line a row, widest columns last; below it what to do, where there is something to do."""
    cells = [_HEADS, *((row.what, row.address, str(row.state), row.found or "–") for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(_HEADS) - 1)]
    for line, row in zip(cells, [None, *rows], strict=True):
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]])
        if row is not None and row.next:
            yield " " * (sum(widths) + 2 * len(widths)) + f"→ {row.next}"
