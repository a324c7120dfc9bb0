"""The command `harness strength`: which cases, how far each has come, and what comes of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from harness import exactjson
from harness.case.values import Case, Row, Status
from harness.cassette import cassette_path, read
from harness.choosing import chosen_cases
from harness.clock import RunClock
from harness.errors import HarnessError
from harness.files import write_atomically
from harness.project import root_of

if TYPE_CHECKING:
    from harness.strength import Strength

WEAK: Final = 1
STOPPED: Final = 130


@dataclass(frozen=True, slots=True)
class Measured:
    """One recording's strength and how long it took, in microseconds."""

    strength: Strength
    took_us: int


def run(chosen: argparse.Namespace, out: TextIO | None = None, progress: TextIO | None = None) -> int:
    """Measure the cases; 0 where each notices enough, 1 where one does not, 130 where it was stopped.

    Raises HarnessError U020 to U023 (the caller's fault), and what reading cases and recordings raises.
    """
    from harness.report.strength import summary, told

    out = out or sys.stdout
    bar = progress or (sys.stderr if sys.stderr and sys.stderr.isatty() else None)
    if chosen.most is not None and chosen.most < 1:
        raise HarnessError("U022", f"--most is a number of mutants from 1 on, not {chosen.most}")
    if not Decimal(0) <= chosen.at_least <= Decimal(100):
        raise HarnessError("U022", f"--at-least is a percentage from 0 to 100, not {chosen.at_least}")
    root = root_of(Path.cwd() / "cases") or Path.cwd()
    done: list[Measured] = []
    stopped = False
    try:
        for case in chosen_cases(root, chosen.ids, every=chosen.all, command="strength"):
            if chosen.all and case.status is Status.OPEN:
                continue  # it has no fixed recording yet
            for row in case.rows or (None,):
                _measure(root, case, row, chosen, done, bar)
                if chosen.all:
                    print(summary(done[-1].strength, done[-1].took_us), file=out)
                if not chosen.all or done[-1].strength.survivors:
                    lines = list(told(done[-1].strength, done[-1].took_us))
                    print("\n".join(lines[chosen.all :]), file=out)
    except KeyboardInterrupt:
        stopped = True
        if done:
            print("\n".join(told(done[-1].strength, done[-1].took_us)), file=out)
    return _ended(chosen, done, out, stopped=stopped)


def _ended(chosen: argparse.Namespace, done: Sequence[Measured], out: TextIO, *, stopped: bool) -> int:
    from harness.report.strength import as_json, total

    if len(done) > 1:
        print(total([each.strength for each in done], sum(each.took_us for each in done)), file=out)
    if chosen.json is not None:
        records = [as_json(each.strength, each.took_us) for each in done]
        write_atomically(chosen.json, (exactjson.dumps(records) + "\n").encode())
    weak = [m.strength.name for m in done if (m.strength.percent or Decimal(0)) < chosen.at_least]
    if weak:
        print(f"weaker than {chosen.at_least} %: {', '.join(weak)}", file=out)
    if stopped:
        print("stopped: what is told is what was measured", file=out)
        return STOPPED
    return WEAK if weak else 0


def _measure(
    root: Path,
    case: Case,
    row: Row | None,
    chosen: argparse.Namespace,
    done: list[Measured],
    bar: TextIO | None,
) -> None:
    """Measure one recording; what was measured stands in `done` however it ends."""
    from harness.strength import Strength

    name = row.name if row is not None else ""
    cassette = read(cassette_path(root / "cassettes", case.id, "fixed", name), case.id, name)
    clock = RunClock()
    strength = Strength.of(case, cassette, row, most=chosen.most, besides=chosen.others)
    whole = len(strength.drawn) + len(strength.besides)
    try:
        for at, _ in enumerate(strength.judging(), 1):
            if bar is not None:
                bar.write(f"\r{strength.name} {at} of {whole}\x1b[K")
    finally:
        if bar is not None:
            bar.write("\r\x1b[K")
        done.append(Measured(strength, clock.now_us()))
