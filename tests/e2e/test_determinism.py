"""The whole corpus replayed: nowhere a socket, and every time the same bytes of timeline and verdict."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .bench import CONFIG, ROOT, Bench, clean_environment

REPLAYS = """
import gc, hashlib, os, random, sys, time
from pathlib import Path

from harness import exactjson
from harness.case.read import read_case
from harness.cassette import cassette_path, read
from harness.proving import prove
from harness.seal import NAMES

root, seed, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
proofs = []
for path in sorted((root / "cases").rglob("ESC-*.yaml")):
    case = read_case(path)
    for row in case.rows or (None,):
        for name in NAMES:
            if cassette_path(root / "cassettes", case.id, name, row.name if row else "").exists():
                proofs.append((case, row, name))
zones = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "XYZ-14"]
for turn in range(rounds):
    random.Random(seed * 1000 + turn).shuffle(proofs)
    for number, (case, row, name) in enumerate(proofs):
        os.environ["TZ"] = zones[number % len(zones)]
        time.tzset()
        outcome = prove(case, name, root / "cassettes", row=row)
        lines = "".join(exactjson.dumps(event.as_json()) + chr(10) for event in outcome.timeline)
        told = f"{outcome.judgement!r}{outcome.run!r}{outcome.unused!r}{lines}".replace(str(root), "")
        print(outcome.item, outcome.judgement.word, hashlib.sha256(told.encode()).hexdigest())
"""
PLACES = ["C", "C.UTF-8", "tr_TR.UTF-8", "de_DE.UTF-8", "POSIX"]


def replayed(bench: Bench, seed: int, rounds: int = 1) -> list[tuple[str, str, str]]:
    """Every proof replayed so often, shuffled, in a process with another seed, locale and folder."""
    folder = bench.root / f"from {seed}"
    folder.mkdir()
    env = {
        "PYTHONHASHSEED": str(seed * 7919 % 4_294_967_295),
        "LC_ALL": PLACES[seed % len(PLACES)],
        "PYTHONUTF8": str(seed % 2),
    }
    command = [sys.executable, "-c", REPLAYS, str(bench.root), str(seed), str(rounds)]
    done = subprocess.run(
        command, cwd=folder, env=clean_environment() | env, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return [tuple(line.rsplit(" ", 2)) for line in done.stdout.splitlines()]  # type: ignore[misc]


@pytest.fixture
def corpus(tmp_path: Path) -> Bench:
    """All cases and cassettes of the project."""
    for folder in ("cases", "cassettes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    return Bench(tmp_path)


def held(told: list[tuple[str, str, str]]) -> int:
    """How many replays there were; every proof holds, and is the same each time."""
    digests: dict[str, set[str]] = {}
    for item, word, digest in told:
        assert word == "proven", item
        digests.setdefault(item, set()).add(digest)
    assert {item: len(seen) for item, seen in digests.items() if len(seen) != 1} == {}
    assert len(digests) > 90
    return len(told)


@pytest.mark.parametrize("repeats", [2, pytest.param(10, marks=pytest.mark.soak)])
def test_the_corpus_replays_to_the_same_bytes(corpus: Bench, repeats: int) -> None:
    """Shuffled, under other hash seeds, zones, locales and folders, all that comes is the same bytes."""
    told = [each for seed in range(repeats) for each in replayed(corpus, seed)]
    print(f"{held(told)} replays in {repeats} processes, 0 differ")


@pytest.mark.soak
def test_ten_thousand_shuffled_replays_do_not_flake(corpus: Bench) -> None:
    """Ten thousand replays, shuffled, four processes at a time: none differs and none is red."""
    with ThreadPoolExecutor(4) as pool:
        told = [each for some in pool.map(lambda seed: replayed(corpus, seed, 14), range(8)) for each in some]
    count = held(told)
    print(f"{count} replays, four processes at a time, 0 differ")
    assert count >= 10_000


def test_the_corpus_needs_no_network(corpus: Bench) -> None:
    """Every proof of the project passes where there is no network interface, and nothing asks to connect."""
    namespace = ("unshare", "-rn") if corpus.run("unshare", "-rn", "true").code == 0 else ()
    trace = ("strace", "-f", "-qq", "-o", "trace", "-e", "trace=connect,sendto,bind", "--seccomp-bpf")
    if shutil.which("strace") is None:
        trace = ()
    assert namespace or trace
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")

    ran = corpus.run(*namespace, *trace, *command)

    assert ran.code == 0, ran.out
    assert set(ran.outcomes()) == {"passed"}
    assert ran.outcomes()["passed"] > 90
    if trace:
        calls = [line for line in (corpus.root / "trace").read_text().splitlines() if "(" in line]
        assert calls == []
        print(f"{ran.outcomes()['passed']} proofs, 0 calls of connect, sendto or bind")
