"""The verdicts of many runs in one SQLite file: since which build, how often, how flaky, where.

The tables are for everybody's SQL and are told in docs/machines.md; a change is a new `user_version`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.errors import HarnessError
from harness.report.retries import runs_of
from harness.report.words import BLAMED, UNSURE, WRONG, is_red

_OURS: Final = 0x48524E53
"""`application_id`: whose file it is."""
_VERSION: Final = 2
_WAIT_S: Final = 30.0
_SCHEMA: Final = """
CREATE TABLE runs (
    run TEXT PRIMARY KEY, harness TEXT NOT NULL, started_at TEXT,
    planned INTEGER NOT NULL, judged INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE results (
    result TEXT PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (run), item TEXT NOT NULL,
    case_id TEXT NOT NULL, row TEXT, target TEXT NOT NULL, build TEXT, word TEXT NOT NULL,
    red INTEGER NOT NULL, at TEXT, why TEXT, started_at TEXT, took_ms INTEGER, component TEXT, bug_class TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX results_by_case ON results (case_id, started_at);
CREATE VIEW builds AS
    SELECT case_id, item, target, build, min(started_at) AS first_at, max(started_at) AS last_at,
           count(*) AS runs, sum(red) AS reds, group_concat(DISTINCT word) AS words,
           min(red) = 0 AND sum(red AND word <> 'inconclusive') > 0 AS flaky
    FROM results WHERE target <> 'replay' AND started_at IS NOT NULL GROUP BY item, target, build;
CREATE VIEW patterns AS
    SELECT component, bug_class, count(DISTINCT case_id) AS cases, count(*) AS runs, sum(red) AS reds,
           count(DISTINCT CASE WHEN red THEN case_id END) AS red_cases
    FROM results WHERE target <> 'replay' GROUP BY component, bug_class;
"""


@contextmanager
def opened(path: Path, *, make: bool) -> Iterator[sqlite3.Connection]:
    """The ledger in a file, made where there is none and `make` says so; one transaction, kept at its end.

    Raises HarnessError V010 where the file is no ledger, is damaged, or is busy for too long.
    """
    if not make and not path.is_file():
        raise HarnessError("V010", f"{path} is not there: harness history add verdicts.json --db {path}")
    try:
        where = f"{path.resolve().as_uri()}?mode={'rwc' if make else 'ro'}"
        with closing(sqlite3.connect(where, timeout=_WAIT_S, isolation_level=None, uri=True)) as held:
            held.execute("PRAGMA foreign_keys = ON")
            held.execute("BEGIN IMMEDIATE" if make else "BEGIN")
            _check(held, path, make=make)
            if make and (told := held.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise sqlite3.DatabaseError(told)
            yield held
            held.execute("COMMIT")
    except sqlite3.Error as error:
        told = f"{path} cannot be used: {error}. Nothing was added; take a copy that is whole"
        raise HarnessError("V010", told) from None


def _check(held: sqlite3.Connection, path: Path, *, make: bool) -> None:
    whose, version = (
        held.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if (whose, version) == (_OURS, _VERSION):
        return
    if whose == _OURS:
        raise HarnessError("V010", f"{path} is of another version ({version}, this is {_VERSION})")
    if not make or held.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] or whose or version:
        raise HarnessError("V010", f"{path} is somebody else's database: name another file with --db")
    for statement in _SCHEMA.split(";\n"):
        held.execute(statement)
    held.execute(f"PRAGMA application_id = {_OURS}")
    held.execute(f"PRAGMA user_version = {_VERSION}")


def add(held: sqlite3.Connection, document: Mapping[str, Any], kinds: Mapping[str, tuple[str, str]]) -> int:
    """Add a run's results; how many were new. What was told before, in whatever file, is passed over.

    `kinds` is the component and bug class of cases, by id.
    """
    records = document["records"]
    run = _digest(records)
    started = min((each["started_at"] for each in records if each.get("started_at")), default=None)
    values = (run, str(document.get("harness")), started, len(document["plan"]["items"]), len(records))
    held.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?)", values)
    asked = f"INSERT OR IGNORE INTO results VALUES ({', '.join('?' * 15)})"
    told = (one for each in records for one in runs_of(each))
    return sum(held.execute(asked, _line(run, each, kinds)).rowcount for each in told)


def _line(run: str, each: Mapping[str, Any], kinds: Mapping[str, tuple[str, str]]) -> tuple[Any, ...]:
    case_id = each.get("id") or each["item"].partition("[")[0]
    told = (each.get("row"), each.get("target") or "", each.get("build"), each["word"], int(is_red(each)))
    when = (each.get("at"), each.get("why"), each.get("started_at"), each.get("took_ms"))
    result = _digest(each if each.get("started_at") else [run, each])
    return (result, run, each["item"], case_id, *told, *when, *kinds.get(case_id, (None, None)))


def _digest(value: Any) -> str:
    return hashlib.sha256(exactjson.canonical(value).encode()).hexdigest()[:32]


def of_case(held: sqlite3.Connection, case_id: str) -> Iterator[str]:
    """What is known of a case: its builds in order of time, since when it is red, how often, how flaky."""
    rows = held.execute(
        "SELECT item, target, build, first_at, last_at, runs, reds, words, flaky FROM builds"
        " WHERE case_id = ? ORDER BY item, target, first_at",
        (case_id,),
    ).fetchall()
    by_item: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        by_item.setdefault(row[:2], []).append(row[2:])
    for (item, target), builds in by_item.items():
        yield f"{item} on {target}: {_summary(builds)}"
        for build, first, last, runs, reds, words, flaky in builds:
            mark = "  flaky" if flaky else ""
            yield f"  {build or '–':<14} {first} … {last}  {reds} of {runs} red  {words}{mark}"


def _summary(builds: list[Any]) -> str:
    runs, reds = sum(each[3] for each in builds), sum(each[4] for each in builds)
    flaky = sum(each[6] for each in builds)
    told = [(build, state) for build, *_, words, _ in builds if (state := _state(words)) is not None]
    since = None
    for build, is_bad in reversed(told):
        if not is_bad:
            break
        since = build or "an unnamed build"
    red = f"red since {since}" if since else "green on the last build" if told else "told on no build"
    return f"{red}; {reds} of {runs} runs red; flaky on {flaky} of {len(builds)} builds"


def _state(words: str) -> bool | None:
    """Whether a case was red on a build, by its words there; None where the environment alone was."""
    held = set(words.split(","))
    return bool(held & (BLAMED | WRONG)) if held - UNSURE else None


def flaky(held: sqlite3.Connection) -> list[str]:
    """Every item that was red and green on one build, with how often."""
    rows = held.execute(
        "SELECT item, target, build, reds, runs FROM builds WHERE flaky ORDER BY item, target, first_at"
    )
    return [
        f"{item} on {target} {build or '–'}: {reds} of {runs} red" for item, target, build, reds, runs in rows
    ]


def patterns(held: sqlite3.Connection) -> Iterable[tuple[Any, ...]]:
    """Component, bug class, cases, red cases, runs, red runs: the reddest first."""
    asked = "SELECT component, bug_class, cases, red_cases, runs, reds FROM patterns"
    return held.execute(f"{asked} ORDER BY reds DESC, component, bug_class").fetchall()
