"""`harness check-target` as a user runs it, and its table and its JSON as values."""

from __future__ import annotations

import json
import re
import sys

from .bench import CONFIG, Bench, Ran
from .exchanges import Exchange


def configure(bench: Bench, text: str) -> None:
    (bench.root / "harness.toml").write_text(CONFIG + text, encoding="utf-8")


def check(bench: Bench, *arguments: str, **env: str) -> Ran:
    return bench.run(sys.executable, "-m", "harness", "check-target", *arguments, env=env)


def read(ran: Ran, running: Exchange) -> dict[str, tuple[str, ...]]:
    """The table by its first column: address (ours by its channel's name), state, found, and what to do."""
    names = {url: f"<{name}>" for name, url in running.ready.items() if str(url).startswith(("http", "ws"))}
    names[f"tcp://{running.ready['fix']['host']}:{running.ready['fix']['port']}"] = "<fix>"
    table: dict[str, tuple[str, ...]] = {}
    last = ""
    for line in ran.out.splitlines()[2:]:
        if line.startswith("check-target:"):
            return table
        if line.lstrip().startswith("→"):
            table[last] = (*table[last], line.strip())
            continue
        last, address, *more = re.split(r" {2,}", line.strip())
        for url in sorted(names, key=len, reverse=True):
            address = address.replace(url, names[url])
        table[last] = (address, *more)
    raise AssertionError(f"the table has no last line: {ran.out}")


def rows(ran: Ran) -> dict[str, dict[str, str]]:
    return {each["what"]: each for each in json.loads(ran.out)["rows"]}


def bad(found: dict[str, dict[str, str]]) -> dict[str, str]:
    """What is not as it should be, and how it is."""
    return {
        what: row["state"] for what, row in found.items() if row["state"] not in ("works", "not configured")
    }
