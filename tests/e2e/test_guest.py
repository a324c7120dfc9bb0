"""A good guest: what an exchange asks to wait for is waited for, told, and never counted as the product's."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from .bench import CONFIG, QUIET, Bench, clean_environment
from .exchanges import Exchange, exchange

FIXED_BUILD = "2026.11.2"
READS = """\
id: ESC-20{number:02}
title: "The exchange tells no time"
status: open
severity: minor
component: clob
symptom: {{step: time, shows: {{status: 500}}}}
steps:
  - id: many
    repeat: {times}
    steps:
      - id: time
        rest: GET /time
        expect: {{status: 200}}
"""
PLACES = """\
id: ESC-{number}
title: "An order is taken"
status: open
severity: minor
component: clob
actors: {{alice: trader}}
given:
  - market: {{tick: 0.01}}
    save: market
  - fund: {{alice: {{collateral: 100}}}}
{given}
steps:
  - id: first
    rest: POST /order
    order: {{token: "${{market.yes}}", side: BUY, price: 0.10, size: 5, type: GTC}}
    expect: {expect}
finally:
  - rest: DELETE /cancel-all
symptom: {{step: first, shows: {shows}}}
"""
TAKEN = "{status: 200, body: {success: true}}"


def places(bench: Bench, number: int = 2101, given: str = "", **more: str) -> None:
    """A case that places one order; its symptom is a refusal for another reason, unless told."""
    held = {"expect": TAKEN, "shows": "{status: 400}"} | more
    text = PLACES.format(number=number, given=given, **held)
    (bench.root / "cases" / f"ESC-{number}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def running() -> Iterator[Exchange]:
    """An exchange that runs already."""
    with exchange(FIXED_BUILD, "staging") as running:
        yield running


@pytest.fixture
def there(running: Exchange) -> Iterator[Exchange]:
    """The same, as documented again after the test."""
    yield running
    assert running.control.http.delete(f"{running.ready['control']}/verbs").status_code == 200


@pytest.fixture
def bench(bench: Bench, there: Exchange) -> Bench:
    """A project without cases, whose target is that exchange."""
    bench.case.unlink()
    configure(bench, there)
    return bench


def configure(bench: Bench, there: Exchange, limits: str = "") -> None:
    text = CONFIG + there.configured("there", "local")
    text = text.replace('kind = "local"\n', f'kind = "local"\nlimits = {{{limits}}}\n') if limits else text
    (bench.root / "harness.toml").write_text(text, encoding="utf-8")


def records(bench: Bench) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((bench.root / "verdicts.json").read_text())["records"]
    return found


RUN = ("--target", "there", "--verdicts", "verdicts.json")


def test_all_workers_keep_one_pace(bench: Bench, there: Exchange) -> None:
    """Four workers that do nothing but ask stay together within a window that each alone would fill."""
    for number in range(8):
        text = READS.format(number=number, times=75)
        (bench.root / "cases" / f"ESC-20{number:02}.yaml").write_text(text, encoding="utf-8")
    configure(bench, there, "requests_per_second = 50")
    there.control.control("/verbs/limits", {"of": "address", "scale": "0.0556"})  # 500 in ten seconds

    ran = bench.pytest(*RUN, "-n", "4")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 8}), ran.out
    assert "waiting" not in ran.out


def test_what_the_exchange_does_not_take_is_waited_for(bench: Bench, there: Exchange) -> None:
    """A case that a pause refused is told to wait, runs once more when it is over, and says that it did."""
    places(bench)
    there.control.control("/verbs/pause", {"for_ms": 60_000})
    command = [sys.executable, "-m", "pytest", *QUIET, *RUN]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=bench.root, env=clean_environment(), **pipes) as process:  # type: ignore[call-overload]
        line = process.stderr.readline()
        there.control.http.delete(f"{there.ready['control']}/verbs")
        out, _ = process.communicate(timeout=120)

    assert line.startswith("harness: waiting ")
    assert re.search(r"^cases/ESC-2101\.yaml ?\n\.", out, re.MULTILINE), out
    assert " s (at most 30 s): http://127.0.0.1:" in line
    assert "says 503 Trading is currently cancel-only. New orders are not accepted" in line
    assert "(maintenance, since 20" in line
    assert process.returncode == 0, out
    (record,) = records(bench)
    assert record["word"] == "verified"
    assert (
        "; this is its second run, and at its first 'first': the exchange says 503 Trading" in record["why"]
    )
    first, second = record["runs"]
    assert (first["word"], second["word"], second["why"]) == ("inconclusive", "verified", record["why"])
    assert record["started_at"] <= first["started_at"] < second["started_at"]
    assert first["why"].startswith("'first': the exchange says 503 Trading")
    assert bench.harness("gate", "verdicts.json").code == 0
    added = bench.harness("history", "add", "verdicts.json", "--db", "history.sqlite")
    assert "2 of 2 results are new" in added.out
    told = bench.harness("history", "ESC-2101", "--db", "history.sqlite")
    assert "green on the last build; 1 of 2 runs red; flaky on 0 of 1 builds" in told.out


def test_a_wait_can_be_interrupted(bench: Bench, there: Exchange) -> None:
    """Ctrl-C ends a wait at once: the run exits as a signal, and the case is told with what it met."""
    places(bench)
    there.control.control("/verbs/pause", {"for_ms": 60_000})
    command = [sys.executable, "-m", "pytest", *QUIET, *RUN]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=bench.root, env=clean_environment(), **pipes) as process:  # type: ignore[call-overload]
        assert process.stderr.readline().startswith("harness: waiting ")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)

    assert process.returncode == 130, out
    (record,) = records(bench)
    assert (record["word"], record["interrupted"]) == ("inconclusive", True)
    assert "the exchange says 503 Trading is currently cancel-only" in record["why"]


def test_what_lasts_longer_is_inconclusive(bench: Bench, there: Exchange) -> None:
    """Beyond its patience a run does not wait: the case is inconclusive, and the next ones are not begun."""
    configure(bench, there, "wait_s = 1")
    for number in (2101, 2102):
        places(bench, number)
    there.control.control("/verbs/pause", {"for_ms": 120_000, "mode": "disabled"})
    before = len(there.control.control("/markets"))

    ran = bench.pytest(*RUN)

    assert (ran.code, ran.outcomes()) == (1, {"error": 2}), ran.out
    first, second = records(bench)
    assert (first["word"], second["word"]) == ("inconclusive", "inconclusive")
    words = (
        "the exchange says 503 Trading is currently disabled. Check polymarket.com for updates (maintenance)"
    )
    assert first["why"] == f"'first': {words}, it does not say for how long"
    assert (
        " says 503 Trading is currently disabled. Check polymarket.com for updates (maintenance, since 20"
        in (second["why"])
    )
    assert "; it does not say for how long, and is asked again from 20" in second["why"]
    assert second["why"].endswith(": longer than the target's wait_s (1 s), so the case was not begun")
    assert len(there.control.control("/markets")) == before + 1
    assert bench.harness("gate", "verdicts.json").code == 3


def test_a_mode_that_takes_cancels_is_not_over(bench: Bench, there: Exchange) -> None:
    """While cancels are taken and no orders, all cases together wait no longer than the bound: a cancel that
    is taken is no sign that orders are. The exchange's words are told once, and that they have no end."""
    configure(bench, there, "wait_s = 5")
    for number in range(2101, 2106):
        places(bench, number)
    there.control.control("/verbs/pause", {"for_ms": 600_000})

    ran = bench.pytest(*RUN)

    assert (ran.code, ran.outcomes()) == (1, {"error": 5}), ran.out
    held = records(bench)
    since = {found[1] for each in held if (found := re.search(r"since (\S+Z)\)", each["why"]))}
    assert len(since) == 1, ran.out
    first, *others = (each for each in held if "was not begun" not in each["why"])
    assert len(first["runs"]) == 2
    assert first["why"].count("the exchange says 503") == 1
    assert first["why"].endswith("; this is its second run, and so was its first")
    waited = [line for line in ran.out.splitlines() if line.startswith("harness: waiting ")]
    assert len(waited) == 1, ran.out
    assert "it does not say for how long, and is asked again from" in waited[0]
    assert not any("runs" in each for each in others), ran.out  # a slow machine may have begun one more


def test_what_an_outage_hid_is_told_by_the_next_run(bench: Bench, there: Exchange) -> None:
    """What a halt left inconclusive ends, run again by `--lf` into the same file, as what that run shows."""
    configure(bench, there, "wait_s = 1")
    places(bench)
    there.control.control("/verbs/pause", {"for_ms": 120_000})
    run = (sys.executable, "-m", "pytest", "-p", "no:randomly", *RUN)
    assert bench.run(*run).code == 1
    assert [each["word"] for each in records(bench)] == ["inconclusive"]
    assert there.control.http.delete(f"{there.ready['control']}/verbs").status_code == 200

    again = bench.run(*run, "--lf")

    assert (again.code, again.outcomes()) == (0, {"passed": 1}), again.out
    (record,) = records(bench)
    assert (record["word"], [each["word"] for each in record["runs"]]) == (
        "verified",
        ["inconclusive", "verified"],
    )
    assert bench.harness("gate", "verdicts.json").code == 0


@pytest.mark.parametrize(
    ("expect", "shows", "word"),
    [
        (TAKEN, "{status: 503}", "still-broken"),
        ("{status: 503}", "{status: 200}", "verified"),
        ("{status: 425}", "{status: 200}", "inconclusive"),
    ],
    ids=["the symptom", "expected", "another one"],
)
def test_what_a_case_asks_about_is_evidence(
    bench: Bench, there: Exchange, expect: str, shows: str, word: str
) -> None:
    """A refusal that the case expects, or that is its symptom, is judged as what it is, at once."""
    configure(bench, there, "wait_s = 1")
    places(bench, expect=expect, shows=shows)
    there.control.control("/verbs/pause", {"for_ms": 120_000})

    ran = bench.pytest(*RUN)

    assert [each["word"] for each in records(bench)] == [word], ran.out
    assert "waiting" not in ran.out


def test_what_a_case_has_begun_is_its_own(bench: Bench) -> None:
    """Where the case itself has begun a halt, a refusal is the product's: nothing is excused."""
    places(bench, given="  - target: pause\n    for: 60s")

    ran = bench.pytest(*RUN)

    assert (ran.code, ran.outcomes()) == (1, {"failed": 1}), ran.out
    assert [each["word"] for each in records(bench)] == ["changed"]
    assert "waiting" not in ran.out


def test_what_is_given_is_tried_again(bench: Bench) -> None:
    """A step of `given` that a restart refuses is sent again when it is over, and so is its replay."""
    given = """\
  - target: restart
    of: matcher
    for: 1500ms
  - id: before
    rest: POST /order
    order: {token: "${market.yes}", side: BUY, price: 0.20, size: 5, type: GTC}
    expect: {status: 200}"""
    places(bench, given=given, shows="{status: 200}", expect="{status: 400}")

    recorded = bench.pytest("--target", "there", "--record", "broken")

    assert "harness: 'before' waits " in recorded.out
    assert " s: the exchange says 425 service not ready (a restart)" in recorded.out
    replayed = bench.pytest()

    assert recorded.code == 0, recorded.out
    assert (replayed.code, replayed.outcomes()) == (0, {"passed": 1}), replayed.out
    lines = (bench.root / "cassettes" / "ESC-2101" / "broken.jsonl").read_text().splitlines()
    answers = [json.loads(line) for line in lines if '"kind":"answer"' in line and '"before"' in line]
    assert [each["data"]["wire"]["status"] for each in answers] == [425, 200]
