"""What a job spends, over all of its processes; what the exchange asked it to wait for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from harness.budget import FIRST_US, LONGEST_US, Tally
from harness.cell import SharedCell
from harness.clock import ManualClock
from harness.errors import GuardError
from harness.guard import Caps, Limits, Spent
from harness.notnow import NotNow, Why

NONE = Caps()
ONE = Spent(requests=1)
BUSY = NotNow(Why.LIMIT, "429 Too Many Requests", 7_000_000)
CLOSED = NotNow(Why.MODE, "503 Trading is currently disabled")
SENDS = """
import sys, threading
from pathlib import Path
from harness.budget import Tally
from harness.cell import SharedCell
from harness.clock import MachineClock
from harness.guard import Caps, Limits, Spent
class Clock(MachineClock):
    def now_us(self):
        self.last_us = super().now_us()
        return self.last_us
clock = Clock()
tally = Tally(Limits(Caps(), Caps(), 40), clock, SharedCell(Path(sys.argv[1])))
spent = Spent()
for _ in range(int(sys.argv[2])):
    spent, wait_us = tally.spend(spent, Spent(requests=1))
    print(clock.last_us + wait_us, flush=True)
    threading.Event().wait(wait_us / 1_000_000)
"""


def tallies(path: Path, limits: Limits, clock: ManualClock, count: int) -> list[Tally]:
    """As many processes of one job, each with a file of its own open."""
    return [Tally(limits, clock, SharedCell(path), lambda most: 0) for _ in range(count)]


def test_processes_stay_within_the_run_s_caps_together(tmp_path: Path) -> None:
    """What one process spent another cannot: any of them may spend all of it."""
    limits = Limits(NONE, Caps(orders=5, notional=Decimal("2.5")))
    first, second = tallies(tmp_path / "cell", limits, ManualClock(), 2)
    order = Spent(1, Decimal("0.5"), 0, 1)
    for tally in (first, first, first, second):
        tally.spend(Spent(), order)
    second.spend(Spent(), order)

    for tally in (first, second):
        with pytest.raises(GuardError, match="G020 the run would come to 6 orders, and its cap is 5"):
            tally.spend(Spent(), order)


def test_processes_keep_one_pace(tmp_path: Path) -> None:
    """All together begin so many requests in a second; the next waits until the oldest is a second old."""
    clock = ManualClock()
    limits = Limits(NONE, NONE, 4)
    held = tallies(tmp_path / "cell", limits, clock, 3)
    waits = [held[number % 3].spend(Spent(), ONE)[1] for number in range(6)]
    clock.advance(400_000)

    assert waits == [0, 0, 0, 0, 1_000_000, 1_000_000]
    assert held[0].free_in_us() == 600_000
    assert held[1].free_in_us() == 600_000
    assert held[2].spend(Spent(), ONE)[1] == 600_000


def test_a_pace_of_thousands(tmp_path: Path) -> None:
    """Where more requests a second are allowed than are kept, a part of them is counted over a part of it."""
    (tally,) = tallies(tmp_path / "cell", Limits(NONE, NONE, 5_000), ManualClock(), 1)
    waits = {tally.spend(Spent(), ONE)[1] for _ in range(1_001)}

    assert waits == {0, 200_000}


def test_four_processes_never_pass_the_pace(tmp_path: Path) -> None:
    """Real processes, one of which is killed: in no second begin more requests than the target allows."""
    path = str(tmp_path / "cell")
    command = [sys.executable, "-c", SENDS, path]
    doomed = subprocess.Popen([*command, "100000"], stdout=subprocess.PIPE, text=True)
    others = [subprocess.Popen([*command, "30"], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert doomed.stdout is not None
    lines = [doomed.stdout.readline() for _ in range(10)]
    os.kill(doomed.pid, signal.SIGKILL)
    lines += doomed.communicate(timeout=60)[0].splitlines()
    for other in others:
        lines += other.communicate(timeout=60)[0].splitlines()
        assert other.returncode == 0

    turns = sorted(map(int, lines))
    assert len(turns) >= 100
    assert max(sum(at <= each < at + 1_000_000 for each in turns) for at in turns) == 40


def test_what_the_exchange_asks_is_known_to_all(tmp_path: Path) -> None:
    """A wait that one process was asked for holds for the others, from its first moment on."""
    clock = ManualClock()
    first, second = tallies(tmp_path / "cell", Limits(NONE, NONE), clock, 2)
    clock.advance(1_000_000)
    first.hold("https://x", BUSY)
    clock.advance(5_000_000)
    second.hold("https://x", BUSY)
    held = first.held("https://x")

    assert held is not None
    assert (held.since_us, held.until_us, held.times) == (1_000_000, 13_000_000, 2)
    assert held.words == "429 Too Many Requests"
    second.take_again("https://x")
    assert first.held("https://x") is None
    assert first.wall_us(held.since_us) == clock.started_wall_us + 1_000_000


def test_where_it_does_not_say_the_wait_doubles(tmp_path: Path) -> None:
    """Two seconds at first, then twice as long, up to a minute; and everybody a part longer, by chance."""
    clock = ManualClock()
    (tally,) = tallies(tmp_path / "cell", Limits(NONE, NONE), clock, 1)
    waits = []
    for _ in range(8):
        clock.advance(60_000_000)
        waits.append(tally.hold("https://x", CLOSED).until_us - clock.now_us())
    assert waits == [min(FIRST_US * 2**number, LONGEST_US) for number in range(8)]

    late = Tally(Limits(NONE, NONE), clock, chance=lambda most: most - 1)
    assert late.hold("https://x", BUSY).until_us - clock.now_us() == 7_000_000 + 7_000_000 // 4


def test_another_time_begins_anew(tmp_path: Path) -> None:
    """A refusal long after the last one is of another time: its patience is whole, its first wait short."""
    clock = ManualClock()
    (tally,) = tallies(tmp_path / "cell", Limits(NONE, NONE), clock, 1)
    first = tally.hold("https://x", CLOSED)
    clock.advance(first.until_us + LONGEST_US)
    assert tally.hold("https://x", CLOSED).times == 2
    clock.advance(2 * FIRST_US + LONGEST_US + 1)
    last = tally.hold("https://x", CLOSED)

    assert (last.times, last.since_us, last.until_us - last.since_us) == (1, clock.now_us(), FIRST_US)


def test_only_so_much_is_remembered(tmp_path: Path) -> None:
    """A target with more hosts than anybody has costs no more room."""
    (tally,) = tallies(tmp_path / "cell", Limits(NONE, NONE), ManualClock(), 1)
    for number in range(70):
        tally.hold(f"https://host{number}", CLOSED)

    assert tally.held("https://host5") is None
    assert tally.held("https://host6") is not None
