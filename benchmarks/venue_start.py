"""How long a venue takes to start, to begin anew, and to stop: each median of so many.

    python benchmarks/venue_start.py [TIMES]

Start is from the command to the ready line; the acceptor of quickfix starts behind it. `import` is the part
of it that Python takes to load the libraries. A reset is POST /reset, answered.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

COMMAND = [sys.executable, "-m", "harness.venue", "--build", "2026.11.2", "--exit-with-stdin"]


def ask(url: str, body: Any = None) -> Any:
    """A JSON request."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data)) as answer:
        return json.loads(answer.read())


def took_ms(work: Callable[[], object]) -> float:
    """How long it took."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def main(times: int) -> None:
    """Start, reset and stop again and again; print a line for each."""
    figures: dict[str, list[float]] = {"import": [], "start": [], "reset": [], "stop": []}
    imports = partial(subprocess.run, [sys.executable, "-c", "import harness.venue.house"], check=True)
    for _ in range(times):
        figures["import"].append(took_ms(imports))
        begun = time.perf_counter()
        with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as venue:
            assert venue.stdin is not None
            assert venue.stdout is not None
            ready = json.loads(venue.stdout.readline())
            figures["start"].append((time.perf_counter() - begun) * 1000)
            reset = partial(ask, ready["control"] + "/reset", {})
            figures["reset"] += [took_ms(reset) for _ in range(5)]
            venue.stdin.close()
            figures["stop"].append(took_ms(venue.wait))
    for name, found in figures.items():
        print(
            f"{name:7} {statistics.median(found):7.1f} ms (median of {len(found)}; {max(found):.1f} at most)"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
