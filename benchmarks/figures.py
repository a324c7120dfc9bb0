"""What a benchmark found, beside its peer and what the design asks; and the table of them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, ours and the peer's figure in words, and whether what is asked is met.

    `holds` is None where nothing is asked.
    """

    what: str
    asked: str
    ours: str
    peer: str
    holds: bool | None

    def as_json(self) -> str:
        """The line as one JSON object."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> Figure:
        """Read what `as_json` wrote."""
        return cls(**json.loads(text))

    @property
    def verdict(self) -> str:
        """The last column."""
        return "–" if self.holds is None else "holds" if self.holds else "**missed**"


def told(figures: Iterable[Figure]) -> None:
    """Print each as a line for people, or as JSON for the run of all of them."""
    for figure in figures:
        if os.environ.get("FIGURES") == "json":
            print(figure.as_json(), flush=True)
        else:
            print(f"{figure.what}: {figure.ours}; {figure.peer} (asked: {figure.asked}: {figure.verdict})")


def table(figures: Iterable[Figure]) -> str:
    """All lines as a Markdown table."""
    rows = [
        f"| {each.what} | {each.asked} | {each.ours} | {each.peer} | {each.verdict} |" for each in figures
    ]
    return "\n".join(["| what | asked | ours | peer | |", "|---|---|---|---|---|", *rows]) + "\n"


def machine() -> str:
    """The machine and how busy it is, in words."""
    load = os.getloadavg()[0]
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}, load {load:.1f}"
