"""A run on one stream that is flooded, in a process of its own: what it ended with, and the memory it took.

`python flooded.py ws|fix|raw PORT`: prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from channels.leaves import OPEN_DIAL
from harness.channels.address import FixAddress
from harness.channels.fix import FixDriver
from harness.channels.ws import WsDriver
from harness.clock import RunClock
from harness.errors import TargetError
from harness.model import Kind, Lane, Source
from harness.recorder import LiveWorld
from harness.timeline import Timeline
from harness.world import Driver, Sending, StreamLine, StreamNeed

SOURCE = Source("market")
WATCHED_US = 60_000_000


def memory_kib(name: str) -> int:
    """A figure of this process: VmRSS (now) or VmHWM (at most)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def main(kind: str, port: int) -> None:
    clock = RunClock()

    def driver_for(source: Source, line: StreamLine) -> Driver:
        if kind == "ws":
            return WsDriver(f"ws://127.0.0.1:{port}/", "market", None, line, clock, OPEN_DIAL)
        address = FixAddress("127.0.0.1", port, "CASE", "PEER", "FIXT.1.1")
        return FixDriver(lambda: address, line, clock, OPEN_DIAL, raw=kind == "raw")

    intents = {"ws": {"raw": "hello"}, "fix": {"fix": "logon", "fields": {}}}
    intent = intents.get(kind, {"fix": "raw", "text": "8=FIXT.1.1|35=0|"})
    Path("/proc/self/clear_refs").write_text("5")  # what was most begins anew
    before_kib = memory_kib("VmRSS")
    raised = ""
    with LiveWorld(Timeline(clock), driver_for) as world:
        world.send([Sending(Lane(SOURCE, "it"), intent)])
        try:
            while not any(event.kind is Kind.CLOSED for event in world.observe().events):
                world.gather([StreamNeed(SOURCE)], WATCHED_US)
        except TargetError as error:
            raised = error.code
    events = world.recorded()
    closed = [event.data["reason"] for event in events if event.kind is Kind.CLOSED]
    grown_kib = memory_kib("VmHWM") - before_kib
    print(json.dumps({"grown_kib": grown_kib, "events": len(events), "raised": raised, "closed": closed}))


main(sys.argv[1], int(sys.argv[2]))
