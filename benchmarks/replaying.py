"""Whole runs of pytest that replay many cases, beside Tavern on a live server of this machine.

    python benchmarks/replaying.py [NUMBER]

1. Cases of three REST steps (one proof each): cold (no cache of pytest's), warm, and with Allure. Tavern runs
   as many tests of the same three requests and expectations against a server that answers the same bytes.
2. Cases of ten steps over REST, WebSocket, FIX and the chain, both proofs: items a second.
"""

from __future__ import annotations

import shutil
import sys

from figures import Figure, told
from laid import PEERS, PYTEST, QUIET, copies, project, recorded, timed
from serving import serving

NUMBER = 1_000
FOLD, WARM_FOLD, ALLURE_FOLD = 5, 8, 1.5
ITEMS_A_SECOND = 200

TAVERN = """
test_name: {name}
stages:
  - name: time
    request: {{url: "{url}/time", method: GET}}
    response: {{status_code: 200}}
  - name: book
    request: {{url: "{url}/book?token_id=1", method: GET}}
    response:
      status_code: 200
      strict: false
      json: {{bids: [], asks: [], tick_size: "0.01", neg_risk: false}}
  - name: unknown
    request: {{url: "{url}/book?token_id=12345", method: GET}}
    response: {{status_code: 404}}
"""


def three_reads(number: int) -> list[Figure]:
    """Cases of three REST steps."""
    with project() as folder:
        copies(folder, *recorded(folder, "reads", {"broken": "2026.11.2"}), number)
        cold, warm = timed(folder, *QUIET), timed(folder, *QUIET)
        allure = timed(folder, *PYTEST, "-p", "no:hypothesispytest", "--alluredir", "allure")
        with serving() as url:
            theirs = folder / "tavern"
            theirs.mkdir()
            for each in range(number):
                text = TAVERN.format(name=f"case-{each}", url=url)
                (theirs / f"test_{each}.tavern.yaml").write_text(text, encoding="utf-8")
            peer = timed(theirs, str(PEERS), "-m", "pytest", "-q", "-p", "no:cassetter")
    what = f"{number:,} cases of three REST steps, replayed"
    tavern = f"Tavern, live on loopback: {peer.wall_s:.1f} s"
    return [
        _fold(f"{what}, cold", cold.wall_s, peer.wall_s, FOLD, tavern),
        _fold(f"{what}, warm", warm.wall_s, peer.wall_s, WARM_FOLD, tavern),
        Figure(
            f"{what}, with Allure",
            f"≤ {ALLURE_FOLD} × without",
            f"{allure.wall_s:.2f} s: {allure.wall_s / warm.wall_s:.2f} ×",
            f"ours without: {warm.wall_s:.2f} s",
            allure.wall_s <= ALLURE_FOLD * warm.wall_s,
        ),
    ]


def _fold(what: str, ours_s: float, peer_s: float, asked: int, tavern: str) -> Figure:
    fold = peer_s / ours_s
    return Figure(what, f"≥ {asked} × faster", f"{ours_s:.2f} s: {fold:.1f} ×", tavern, fold >= asked)


def four_channels(number: int) -> list[Figure]:
    """Cases of ten steps over four channels, both proofs."""
    with project() as folder:
        builds = {"broken": "2026.11.1", "fixed": "2026.11.2"}
        copies(folder, *recorded(folder, "four-channels", builds), number)
        shutil.rmtree(folder / ".pytest_cache", ignore_errors=True)
        took = timed(folder, *QUIET)
    rate = 2 * number / took.wall_s
    return [
        Figure(
            f"{number:,} cases of ten steps over four channels, both proofs",
            f"≥ {ITEMS_A_SECOND} items/s",
            f"{took.wall_s:.1f} s: {rate:.0f} items/s",
            "none can",
            rate >= ITEMS_A_SECOND,
        )
    ]


def main(number: int) -> None:
    """Print the figures of both."""
    told(three_reads(number))
    told(four_channels(number))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER)
