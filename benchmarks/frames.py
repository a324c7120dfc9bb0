"""WebSocket frames a second through matchers, from a cassette's bytes to its proof; and over loopback.

    python benchmarks/frames.py [NUMBER]

A case waits for one message on the market channel; its recording (made on the embedded exchange) gets NUMBER
further copies of the channel's own `book` frame before that message, sealed again: `where` looks at each.
The peer receives as many of the same frame over loopback and reads its JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from figures import Figure, told
from laid import PEERS, ROOT, project, recorded

from harness.case.read import read_case
from harness.proving import prove
from harness.seal import sealed
from harness.verdict import Proof

NUMBER, ROUNDS, LEAST = 20_000, 3, 20_000


def crowded(cassette: Path, number: int) -> str:
    """Put copies of the first frame behind the order's answer; the frame's text."""
    lines = [json.loads(line) for line in cassette.read_text(encoding="utf-8").splitlines()[:-1]]
    frame = next(line for line in lines if line.get("kind") == "push")
    at = next(i for i, line in enumerate(lines) if line.get("kind") == "answer" and line.get("step") == "bid")
    copies = [{**frame, "at_us": lines[at]["at_us"]} for _ in range(number)]
    lines[at + 1 : at + 1] = copies
    for n, line in enumerate(lines[1:]):
        line["n"] = n
    content = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    cassette.write_bytes(sealed(content.encode(), len(lines) - 1))
    text: str = frame["data"]["wire"]["text"]
    return text


def ours(number: int) -> tuple[float, str]:
    """Frames a second, the best of some rounds; and the frame."""
    with project() as folder:
        case_id, _ = recorded(folder, "frames", {"broken": "2026.11.2"})
        frame = crowded(folder / "cassettes" / case_id / "broken.jsonl", number)
        case = read_case(folder / "cases" / f"{case_id}.yaml")
        best = 0.0
        for _ in range(ROUNDS):
            started = time.perf_counter()
            outcome = prove(case, "broken", folder / "cassettes")
            best = max(best, number / (time.perf_counter() - started))
            if outcome.judgement.word is not Proof.PROVEN:
                raise SystemExit(f"not proven: {outcome.judgement.why}")
    return best, frame


def theirs(number: int, frame: str) -> float:
    """Frames a second of the peer."""
    script = str(ROOT / "benchmarks" / "peers" / "ws_frames.py")
    ran = subprocess.run(
        [str(PEERS), script, str(number)], input=frame, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(f"the peer ended with {ran.returncode}:\n{ran.stderr}")
    return number / float(ran.stdout)


def main(number: int) -> None:
    """Print one line."""
    rate, frame = ours(number)
    peer = f"websockets on loopback, JSON read: {theirs(number, frame):,.0f}/s"
    what = f"WebSocket frames of {len(frame)} bytes through matchers"
    told([Figure(what, f"≥ {LEAST:,}/s", f"{rate:,.0f}/s", peer, rate >= LEAST)])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER)
