"""Verdicts of the parts of a run, made those of one run; what no part judged is *inconclusive: not run*."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

from harness.errors import HarnessError
from harness.report.records import document, lost

_ALIKE: Final = ("of", "target", "build", "k", "m", "digest")
_SHARD: Final = {*_ALIKE, "number", "cases", "share"}


def merged(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One document of those of a run's shards, by their files' names; what one machine would have left.

    Raises HarnessError V002 where they are not of one run, V003 where two speak of the same (the caller's
    fault).
    """
    shards = {name: _shard(name, held) for name, held in parts.items()}
    (first, one), *others = shards.items()
    for name, other in others:
        for what in _ALIKE:
            if one[what] != other[what]:
                told = f"{first} and {name} are not of one run: {what} is {one[what]!r} and {other[what]!r}"
                raise HarnessError("V002", f"{told}. Merge the shards of one commit, target and build")
    versions = {str(held.get("harness")) for held in parts.values()}
    if len(versions) > 1:
        raise HarnessError("V002", f"not of one run: harness {', '.join(sorted(versions))}")
    for (left, a), (right, b) in combinations(shards.items(), 2):
        both = set(a["share"]) & set(b["share"])
        if a["number"] == b["number"] or both:
            raise HarnessError("V003", f"{left} and {right} are both of shard {a['number']}/{a['of']}")
    records = [record for held in parts.values() for record in held["records"]]
    records += [each for name, held in parts.items() for each in _not_run(shards[name], held)]
    records += _of_lost(list(shards.values()))
    return document(records, [each["item"] for each in records])


def _shard(name: str, held: Mapping[str, Any]) -> Mapping[str, Any]:
    shard = held["plan"].get("shard")
    if not isinstance(shard, dict) or shard.keys() != _SHARD or not _is_sound(shard):
        raise HarnessError("V002", f"{name} is not of a part of a run: run it with pytest --shard 1/2")
    planned, share = set(held["plan"]["items"]), set(shard["share"])
    judged = [each["item"] for each in held["records"]]
    strange = {each for each in judged if each not in planned} | {
        each for each in planned if each.partition("[")[0] not in share
    }
    if strange or len(judged) != len(set(judged)):
        told = ", ".join(sorted(strange)) or "an item twice"
        raise HarnessError("V003", f"{name} was changed by hand: its shard's plan does not have {told}")
    return shard


def _is_sound(shard: Mapping[str, Any]) -> bool:
    """Whether its numbers are numbers and its ids texts, of which its share is a part."""
    numbers, ids = (shard["number"], shard["of"]), (shard["cases"], shard["share"])
    return (
        all(type(each) is int for each in numbers)
        and 1 <= shard["number"] <= shard["of"]
        and all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in ids)
        and set(shard["share"]) <= set(shard["cases"])
    )


def _not_run(shard: Mapping[str, Any], held: Mapping[str, Any]) -> list[dict[str, Any]]:
    judged = {each["item"] for each in held["records"]}
    why = f"not run: shard {shard['number']}/{shard['of']} ended before it"
    return [
        lost(item, shard["target"], shard["build"], why)
        for item in held["plan"]["items"]
        if item not in judged
    ]


def _of_lost(shards: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A record for each case of shards that left nothing, which may have been left out by -k."""
    one = shards[0]
    taken = {each for shard in shards for each in shard["share"]}
    there = {shard["number"] for shard in shards}
    gone = ", ".join(f"{at}/{one['of']}" for at in range(1, one["of"] + 1) if at not in there)
    chosen = " (-k or -m may have left it out: only that shard knew)" if one["k"] or one["m"] else ""
    why = f"not run: no verdicts came of shard {gone}{chosen}"
    return [lost(case, one["target"], one["build"], why) for case in one["cases"] if case not in taken]
