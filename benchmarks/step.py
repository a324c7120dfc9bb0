"""What a runner adds to one REST step, live on loopback: ours and Tavern's, milliseconds.

    python benchmarks/step.py [NUMBER]

A case (a test of Tavern's) reads a book NUMBER times; from the time that pytest takes are taken the time for
one read instead, and what a bare httpx client needs for the same requests.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import httpx
from figures import Figure, told
from laid import PEERS, QUIET, project, scenario, timed
from serving import serving

from harness.embedded import Venue

NUMBER, MOST_MS = 500, 1.0

HEAD = "test_name: steps\nstages:\n"
STAGE = """  - name: book
    request: {{url: "{url}/book?token_id=1", method: GET}}
    response:
      status_code: 200
      strict: false
      json: {{bids: [], asks: [], tick_size: "0.01", neg_risk: false}}
"""


def bare(url: str, number: int) -> float:
    """Seconds that a plain client needs for so many reads."""
    with httpx.Client(trust_env=False) as client:
        started = time.perf_counter()
        for _ in range(number):
            client.get(url)
        return time.perf_counter() - started


def ours(number: int) -> float:
    """What a step of ours adds to its request, in milliseconds."""
    took = []
    for rounds in (1, number):
        with project() as folder:
            scenario(folder, "many-reads", repeat__10=f"repeat: {rounds}")
            live = timed(folder, *QUIET, "--target", "venue", "--build", "2026.11.2", ends=(0, 1))
            took.append(live.wall_s)
    with Venue("2026.11.2") as venue:
        market = httpx.post(f"{venue.endpoints.control}/markets", json={"tick": "0.01"}).json()
        took.append(bare(f"{venue.endpoints.rest}/book?token_id={market['yes']}", number))
    return (took[1] - took[0] - took[2]) / (number - 1) * 1_000


def theirs(number: int) -> float:
    """The same of Tavern."""
    with serving() as url, project() as folder:
        took = [_tavern(folder, url, stages) for stages in (1, number)]
        took.append(bare(f"{url}/book?token_id=1", number))
    return (took[1] - took[0] - took[2]) / (number - 1) * 1_000


def _tavern(folder: Path, url: str, stages: int) -> float:
    text = HEAD + STAGE.format(url=url) * stages
    (folder / "test_steps.tavern.yaml").write_text(text, encoding="utf-8")
    return timed(folder, str(PEERS), "-m", "pytest", "-q", "-p", "no:cassetter").wall_s


def main(number: int) -> None:
    """Print one line."""
    ms = ours(number)
    peer = f"Tavern {theirs(number):.1f} ms"
    told([Figure("a runner step, overhead", f"≤ {MOST_MS:g} ms", f"{ms:.2f} ms", peer, ms <= MOST_MS)])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER)
