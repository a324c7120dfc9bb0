"""Live on the embedded venue, over real sockets and a real EVM: verdicts, recording, what is left."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .bench import QUIET, Bench, clean_environment

BROKEN_BUILD, FIXED_BUILD = "2026.11.1", "2026.11.2"
SIGNATURE = re.compile(r"(?i)0x[0-9a-f]{128}(1b|1c)(?![0-9a-f])")


def test_both_builds(bench: Bench) -> None:
    """The build with the defect is still broken (xfailed), the one that mends it holds (passed)."""
    broken = bench.pytest("--target", "venue", "--build", BROKEN_BUILD, "--verdicts", "broken.json")
    fixed = bench.pytest("--target", "venue", "--build", FIXED_BUILD, "--verdicts", "fixed.json")

    assert (broken.code, broken.outcomes()) == (0, {"xfailed": 1})
    assert (fixed.code, fixed.outcomes()) == (0, {"passed": 1})
    words = [
        json.loads((bench.root / name).read_text())["records"][0] for name in ("broken.json", "fixed.json")
    ]
    assert [(each["word"], each["build"]) for each in words] == [
        ("still-broken", BROKEN_BUILD),
        ("holds", FIXED_BUILD),
    ]
    assert words[0]["proofs"] == {"broken": "venue", "fixed": "venue"}
    assert bench.harness("gate", "broken.json", "fixed.json").code == 0


def test_regression_fails_the_run(bench: Bench) -> None:
    """Where the bug is back on a build that should hold, the run is red: regressed, exit 1, gate 1."""
    bench.edit_case(f'fixed_in: "{FIXED_BUILD}"', f'fixed_in: "{BROKEN_BUILD}"')

    ran = bench.pytest("--target", "venue", "--build", BROKEN_BUILD, "--verdicts", "verdicts.json")

    assert (ran.code, ran.outcomes()) == (1, {"failed": 1})
    assert f"regressed on venue {BROKEN_BUILD}: shows the symptom at 'agree'" in ran.out
    assert f"again: pytest -k ESC-1118 --target venue --build {BROKEN_BUILD}" in ran.out
    gate = bench.harness("gate", "verdicts.json")
    assert (gate.code, "gate: 1 – the product: ESC-1118 regressed" in gate.out) == (1, True)


def test_recording_from_nothing(bench: Bench) -> None:
    """Both cassettes can be recorded afresh, hold no signature, and prove the case at once."""
    for name in ("broken", "fixed"):
        bench.cassette(name).unlink()

    for name, build in (("broken", BROKEN_BUILD), ("fixed", FIXED_BUILD)):
        ran = bench.pytest("--target", "venue", "--build", build, "--record", name)
        assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out

    replayed = bench.pytest()
    assert (replayed.code, replayed.outcomes()) == (0, {"passed": 2})
    for name in ("broken", "fixed"):
        assert not SIGNATURE.search(bench.cassette(name).read_text(encoding="utf-8"))
    assert not list(bench.root.rglob(".*"))


def test_only_what_shows_the_symptom_is_sealed(bench: Bench) -> None:
    """Recording broken on a build without the bug seals nothing, keeps the old file, and says what it saw."""
    before = bench.cassette("broken").read_bytes()

    ran = bench.pytest("--target", "venue", "--build", FIXED_BUILD, "--record", "broken")

    assert (ran.code, ran.outcomes()) == (1, {"failed": 1})
    assert "not recorded: broken does not show the symptom: 'agree' holds" in ran.out
    assert "stays as it was" in ran.out
    assert bench.cassette("broken").read_bytes() == before


def test_given_that_fails_is_nobodys_bug(bench: Bench) -> None:
    """Trouble in `given` is inconclusive: an error, not a failure, and the gate cannot tell."""
    bench.edit_case(
        "- fund: {alice: {collateral: 100}, bob: {yes: 50}}", "- fund: {alice: {collateral: 100}}"
    )

    ran = bench.pytest("--target", "venue", "--build", FIXED_BUILD, "--verdicts", "verdicts.json")

    assert (ran.code, ran.outcomes()) == (1, {"error": 1})
    assert "inconclusive on venue 2026.11.2: T005 given 'given.3': the answer differs" in ran.out
    assert bench.harness("gate", "verdicts.json").code == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--record", "broken"), "U001 --record is for a live target: add --target venue"),
        (("--target", "stagin"), "U002 there is no target 'stagin': known are replay, venue"),
        (
            ("--target", "venue", "--build", "1.0"),
            "U003 the venue has no build '1.0': it has ",
        ),
    ],
)
def test_options_that_contradict(bench: Bench, arguments: tuple[str, ...], told: str) -> None:
    """Options that contradict each other are refused before anything runs, with what would be right."""
    ran = bench.pytest(*arguments)

    assert (ran.code, told in ran.out) == (4, True), ran.out


def test_that_the_exchange_starts_is_told(bench: Bench) -> None:
    """Who looks on with -v is told why the first case waits, and no other case is said to."""
    bench.add("ESC-1001")

    ran = bench.pytest("-v", "--target", "venue", "-k", "ESC-1001 or ESC-1118")

    lines = ran.out.splitlines()
    told = [at for at, line in enumerate(lines) if "the embedded exchange starts: the case waits …" in line]
    assert (ran.code, len(told)) == (0, 1), ran.out
    assert told[0] < min(at for at, line in enumerate(lines) if line.startswith("  given.1 "))


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_an_id_that_no_case_has(bench: Bench, workers: tuple[str, ...]) -> None:
    """A misspelt id is told with the one that was meant; a run of nothing stays pytest's 5."""
    ran = bench.pytest("-k", "ESC-1181", *workers)

    assert ran.code == 5, ran.out
    assert f"there is no case ESC-1181 in {bench.root}: did you mean ESC-1118?" in ran.out


def test_a_folder_that_is_no_project(bench: Bench) -> None:
    """An option of ours beside cases, without a configuration, is told what is missing; with an empty one
    every proof is replayed."""
    (bench.root / "harness.toml").unlink()

    ran = bench.pytest("--target", "venue")

    assert ran.code == 4, ran.out
    assert "U033 --target is an option of the escalation harness, and" in ran.out
    assert "neither a harness.toml nor a [tool.harness] in its pyproject.toml" in ran.out
    (bench.root / "harness.toml").touch()
    again = bench.pytest()
    assert (again.code, again.outcomes()) == (0, {"passed": 2}), again.out


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_nothing_is_left_behind(bench: Bench, how: signal.Signals, code: int) -> None:
    """Interrupted or killed in the middle of a live run, no venue and no EVM stays; no cassette changes."""
    before = bench.cassette("broken").read_bytes()
    mark = f"harness-mark-{bench.root.name}"
    command = [sys.executable, "-m", "pytest", *QUIET, "--target", "venue", "--build", BROKEN_BUILD]
    run = subprocess.Popen(
        [*command, "--record", "broken"],
        cwd=bench.root,
        env={**clean_environment(), "HARNESS_TEST_MARK": mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal = bench.root / "cassettes" / "ESC-1118" / ".broken.jsonl.journal"
    until(lambda: journal.exists() and b'"buy"' in journal.read_bytes(), "the run to reach its buy")
    assert len(processes(mark)) >= 3

    run.send_signal(how)

    assert run.wait(30) == code
    until(lambda: not processes(mark), "the venue and its EVM to end")
    assert bench.cassette("broken").read_bytes() == before


def processes(mark: str) -> list[int]:
    """Every process that carries the mark in its environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parts[2]))
        except OSError:
            continue
    return found


def until(holds: object, what: str, limit_s: int = 60) -> None:
    """Poll until something holds; fails with what was waited for."""
    assert callable(holds)
    ends = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < ends, f"waited {limit_s} s for {what}"
        time.sleep(0.02)
