"""Mutation testing from the command line: a sample within a time, or all of it."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import hypothesis  # noqa: F401  loaded once, for all children
import msgspec  # noqa: F401
import yaml  # noqa: F401

from .modules import GROUPS, ROOT, Group
from .mutants import WORD, Mutant, mutants
from .running import LEAST_S, Base, Child, Source, against, base_of, begin, finished

KNOWN = ROOT / "tests" / "mutation" / "survivors.toml"


@dataclass(slots=True)
class Score:
    """One group so far."""

    group: Group
    sources: list[Source]
    left: list[tuple[Source, Mutant]]
    total: int
    killed: int = 0
    known: int = 0
    survivors: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.killed + self.known + len(self.survivors)

    @property
    def percent(self) -> float:
        counted = self.killed + len(self.survivors)
        return 100.0 * self.killed / counted if counted else 100.0


@dataclass(slots=True)
class Run:
    """The whole run: what is known of every test file, and who noticed most so far."""

    jobs: int
    ends_at: float
    bases: dict[str, Base] = field(default_factory=dict)
    noticed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def covering(self, group: Group, source: Source, mutant: Mutant) -> list[str]:
        """The test files that run a mutant's function: first who notices most, then who is fast."""
        covering = [
            name
            for name in group.test_files()
            if name in self.bases and _runs(self.bases[name].lines.get(str(source.path), set()), mutant)
        ]
        return sorted(covering, key=lambda name: (-self.noticed[source.name, name], self.bases[name].seconds))


def _runs(functions: set[int], mutant: Mutant) -> bool:
    """Whether a mutant's function is called; what stands in none is run by whoever loads the module."""
    return mutant.function in functions if mutant.function else bool(functions)


def main(argv: Sequence[str] | None = None) -> int:
    """Run and tell; 1 where a group is below the bar."""
    options = _options().parse_args(argv)
    names = options.groups or list(GROUPS)
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    known = _known()
    scores = {name: _score(GROUPS[name], options) for name in names}
    run = Run(options.jobs, time.monotonic() + options.seconds if options.seconds else float("inf"))
    for name in dict.fromkeys(test for score in scores.values() for test in score.group.test_files()):
        _base(run, name, [source for score in scores.values() for source in score.sources])
    _judge(run, scores, known)
    weak = 0
    for name, score in scores.items():
        weak += score.percent < (score.group.at_least if options.at_least is None else options.at_least)
        print(
            f"{name}: {score.percent:.1f} % of {score.killed + len(score.survivors)} mutants noticed, "
            f"{len(score.survivors)} not; {score.known} more are known to change nothing; "
            f"{score.tried} of {score.total} tried"
        )
        for line in sorted(score.survivors):
            print(f"  {line}")
    return 1 if weak else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/mutation", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; default all")
    parser.add_argument("--seconds", type=int, default=0, help="stop after this time; default: all mutants")
    parser.add_argument("--most", type=int, default=0, help="at most so many mutants a group")
    parser.add_argument("--seed", type=int, default=1, help="which mutants a sample has")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once")
    parser.add_argument(
        "--at-least", type=float, help="exit code 1 below this; default: each group's own bar"
    )
    parser.add_argument("--tables", action="store_true", help="also every word of a module's tables")
    parser.add_argument("--only", default="", help="only modules whose path has this in it")
    return parser


def _score(group: Group, options: argparse.Namespace) -> Score:
    paths = [path for path in group.paths() if options.only in str(path)]
    sources = [Source.of(path) for path in paths]
    every = [(s, m) for s in sources for m in mutants(s.path.read_text(encoding="utf-8"))]
    if not options.tables:
        every = [(source, mutant) for source, mutant in every if mutant.operator != WORD]
    drawn = random.Random(options.seed).sample(every, len(every))
    return Score(group, sources, drawn[: options.most or None], len(every))


def _known() -> dict[tuple[str, str, str, str], str]:
    """The survivors that change nothing, each with its reason."""
    with KNOWN.open("rb") as file:
        entries = tomllib.load(file).get("mutant", [])
    return {(e["module"], e["operator"], e["before"], e["after"]): e["reason"] for e in entries}


def _base(run: Run, name: str, sources: Sequence[Source]) -> None:
    child, code, took_s = finished([begin(name, base_of(name, sources), 600.0)])
    if code != 0:
        told = child.said.decode()[:400]
        raise SystemExit(f"{name} does not pass without a mutant (exit code {code}): mend it first. {told}")
    lines = {path: set(seen) for path, seen in json.loads(child.said).items()}
    run.bases[name] = Base(took_s, lines)


def _judge(run: Run, scores: dict[str, Score], known: dict[tuple[str, str, str, str], str]) -> None:
    """Try the mutants, a group after the other in turns, until none is left or the time is up."""
    working: list[Child] = []
    turns = [name for name, score in scores.items() for _ in score.left]
    order = sorted(range(len(turns)), key=lambda at: _turn(turns, at))
    pending = [turns[at] for at in order]
    while pending or working:
        if time.monotonic() >= run.ends_at:
            pending.clear()
        while pending and len(working) < run.jobs:
            name = pending.pop(0)
            source, mutant = scores[name].left.pop()
            tests = run.covering(scores[name].group, source, mutant)
            if not tests:
                _count(scores[name], source, mutant, known, noticed=False, why="no test runs it")
                continue
            limit_s = max(LEAST_S, 5 * sum(run.bases[test].seconds for test in tests))
            job = name, source, mutant, tests
            working.append(begin(job, against(source, mutant.index, tests), limit_s))
        if not working:
            continue
        child, code, _ = finished(working)
        name, source, mutant, tests = child.job
        _count(scores[name], source, mutant, known, noticed=code != 0)
        if code:
            run.noticed[source.name, tests[0]] += 1


def _turn(turns: Sequence[str], at: int) -> tuple[int, str]:
    before: defaultdict[str, int] = defaultdict(int)
    for name in turns[: at + 1]:
        before[name] += 1
    return before[turns[at]], turns[at]


def _count(
    score: Score,
    source: Source,
    mutant: Mutant,
    known: dict[tuple[str, str, str, str], str],
    *,
    noticed: bool,
    why: str = "",
) -> None:
    where = source.path.relative_to(ROOT).as_posix()
    if noticed:
        score.killed += 1
    elif (where, mutant.operator, mutant.before, mutant.after) in known:
        score.known += 1
    else:
        score.survivors.append(f"{where}:{mutant}" + (f" ({why})" if why else ""))


if __name__ == "__main__":
    sys.exit(main())
