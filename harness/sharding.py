"""One run on many machines: which cases each of them takes, and how their verdicts become one file again.

Where a case goes depends on its id and on the committed `durations.json` alone, never on the other
cases or on what else was selected: machines agree without talking, and a new case moves no other.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.case.read import CASE_ID
from harness.errors import HarnessError
from harness.files import read_whole

FORMAT: Final = 1
MOST: Final = 1_000
_SPELLING: Final = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` parts of a run, counted from 1; `placed` says where each case of known duration goes."""

    number: int
    of: int
    placed: Mapping[str, int]

    @classmethod
    def parse(cls, text: str, durations: Mapping[str, int]) -> Shard:
        """Read `3/16`. Raises HarnessError U080 where it is spelt otherwise (the caller's fault)."""
        spelt = _SPELLING.fullmatch(text)
        number, of = (int(each) for each in spelt.groups()) if spelt else (0, 0)
        if not 1 <= number <= of <= MOST:
            said = f"--shard {text!r} is none: say which one of how many, from 1/{MOST} to {MOST}/{MOST}"
            raise HarnessError("U080", f"{said}, such as --shard 3/16")
        return cls(number, of, balanced(durations, of))

    def takes(self, case_id: str) -> bool:
        """Whether a case is of this shard."""
        at = self.placed.get(case_id)
        return (by_hash(case_id, self.of) if at is None else at) == self.number

    def plan(self, cases: Iterable[str], asked: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in the verdicts: every shard's cases, this one's, what was asked for, their digest."""
        ids = sorted(set(cases))
        share = [each for each in ids if self.takes(each)]
        placed = sorted(self.placed.items())
        told = exactjson.canonical([ids, self.of, dict(asked), placed]).encode()
        digest = f"sha256:{hashlib.sha256(told).hexdigest()}"
        numbers = {"number": self.number, "of": self.of}
        return {**numbers, **asked, "cases": ids, "share": share, "digest": digest}


def by_hash(case_id: str, of: int) -> int:
    """Where a case goes whose duration nobody knows."""
    return int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:8]) % of + 1


def balanced(durations: Mapping[str, int], of: int) -> dict[str, int]:
    """Where cases of known duration go: the longest first, each to the shard with the least to do."""
    loads = [(0, number) for number in range(1, of + 1)]
    placed: dict[str, int] = {}
    for case_id, took_ms in sorted(durations.items(), key=lambda each: (-each[1], each[0])):
        load, number = heapq.heappop(loads)
        placed[case_id] = number
        heapq.heappush(loads, (load + took_ms + 1, number))  # one for what every case costs
    return placed


def read_durations(path: Path) -> dict[str, int]:
    """Milliseconds by case id; none where there is no file. Raises HarnessError U081 where it is none."""
    try:
        held = exactjson.loads(read_whole(path))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise HarnessError("U081", f"{path} is not JSON: {error}. {_MAKE}") from None
    match held:
        case {"durations": 1, "milliseconds": dict() as took, **rest} if not rest:
            if all(CASE_ID.fullmatch(name) and type(ms) is int and ms >= 0 for name, ms in took.items()):
                return took
    raise HarnessError("U081", f"{path} does not say milliseconds by case id. {_MAKE}")


_MAKE: Final = "Make it with: harness durations verdicts.json"


def durations_of(documents: Iterable[Mapping[str, Any]], before: Mapping[str, int]) -> bytes:
    """The durations file of what was judged; what was not keeps what it had."""
    took: dict[str, int] = {}
    for each in (each for one in documents for each in one["records"]):
        if CASE_ID.fullmatch(each.get("id") or "") and each.get("took_ms") is not None:
            took[each["id"]] = took.get(each["id"], 0) + each["took_ms"]
    lines = ",\n".join(f'  "{name}": {ms}' for name, ms in sorted({**before, **took}.items()))
    return f'{{"durations": {FORMAT}, "milliseconds": {{\n{lines}\n}}}}\n'.encode()


def case_id_of(path: Path) -> str:
    """The id that a case's file is named by; a file that is named otherwise is wrong, goes by its stem."""
    found = CASE_ID.match(path.stem)
    return found[0] if found else path.stem


def case_files(places: Iterable[Path], passed_over: Sequence[str]) -> Iterator[Path]:
    """The files that may hold cases, as pytest comes by them; no file is opened."""
    for place in places:
        if place.is_file():
            yield place
        for folder, folders, names in os.walk(place):
            folders[:] = [each for each in folders if not any(fnmatch(each, one) for one in passed_over)]
            yield from (Path(folder, name) for name in names if name.endswith((".yaml", ".yml")))
