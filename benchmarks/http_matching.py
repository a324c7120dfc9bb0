"""HTTP interactions a second, matched and checked from a cassette in one process; vcrpy's and cassetter's.

    python benchmarks/http_matching.py

Ours is one case whose group of rounds reads a book and compares five fields of it, recorded on the embedded
exchange with 10 to 10,000 rounds; the time is from the cassette's bytes to the proof. The peers replay 1,000
reads that each recorded itself, and compare one field.
"""

from __future__ import annotations

import subprocess
import time

from figures import Figure, told
from laid import PEERS, ROOT, project, recorded
from serving import serving

from harness.case.read import read_case
from harness.proving import prove
from harness.verdict import Proof

SIZES = (10, 100, 1_000, 10_000)
LEAST, PEER_SIZE, ROUNDS = 5_000, 1_000, 3
FLAT = 2


def ours(size: int) -> float:
    """Interactions a second of a cassette of so many, the best of some rounds."""
    with project() as folder:
        case_id, _ = recorded(folder, "many-reads", {"broken": "2026.11.2"}, repeat__10=f"repeat: {size}")
        case = read_case(folder / "cases" / f"{case_id}.yaml")
        best = 0.0
        for _ in range(ROUNDS):
            started = time.perf_counter()
            outcome = prove(case, "broken", folder / "cassettes")
            best = max(best, (size + 1) / (time.perf_counter() - started))
            if outcome.judgement.word is not Proof.PROVEN:
                raise SystemExit(f"not proven: {outcome.judgement.why}")
    return best


def theirs(library: str) -> float:
    """Interactions a second of a peer."""
    with serving() as url:
        script = str(ROOT / "benchmarks" / "peers" / "http_replay.py")
        command = [str(PEERS), script, library, url, str(PEER_SIZE)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{library} ended with {ran.returncode}:\n{ran.stderr}")
    return PEER_SIZE / float(ran.stdout)


def main() -> None:
    """Print ours at each size, beside the peers'."""
    rates = {size: ours(size) for size in SIZES}
    peers = ", ".join(f"{name} {theirs(name):,.0f}/s at {PEER_SIZE:,}" for name in ("vcrpy", "cassetter"))
    shown = ", ".join(f"{rate:,.0f}/s of {size:,}" for size, rate in rates.items())
    large = {size: rate for size, rate in rates.items() if size > SIZES[0]}
    is_flat = max(large.values()) <= FLAT * min(large.values())
    told(
        [
            Figure(
                "HTTP interactions matched and checked, one process",
                f"≥ {LEAST:,}/s, flat",
                shown,
                peers,
                min(large.values()) >= LEAST and is_flat,
            )
        ]
    )


if __name__ == "__main__":
    main()
