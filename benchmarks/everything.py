"""Every benchmark in one run, as one table: ours beside its peer, and what is asked.

    python benchmarks/everything.py [-o TABLE.md] [NAME ...]

`make benchmarks` makes the peers' environment first. Each part is a process of its own; takes a quarter of an
hour on two cores, more where they are shared: ratios are what to read then.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from figures import Figure, machine, table
from laid import PEERS, ROOT

PARTS = ("collect", "replaying", "http_matching", "frames", "fix_codec", "step", "flakes")


def figures_of(name: str) -> list[Figure]:
    """What a part found. Raises SystemExit where it does not run to its end."""
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py")]
    ran = subprocess.run(
        command, env={**os.environ, "FIGURES": "json"}, stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(f"benchmarks/{name}.py ended with {ran.returncode}")
    return [Figure.from_json(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def main() -> None:
    """Run the parts, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("-o", dest="file", type=Path, help="write the table to a file, too")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(PARTS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}: name some of {', '.join(PARTS)}")
    if not PEERS.exists():
        parser.error("the peers are not installed: make benchmarks")
    found: list[Figure] = []
    before = machine()
    for name in asked.names or PARTS:
        print(f"{name} …", file=sys.stderr, flush=True)
        started = time.monotonic()
        found += figures_of(name)
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    text = f"{before} at the start; {machine()} at the end.\n\n{table(found)}"
    print(text)
    if asked.file is not None:
        asked.file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
