"""Replaying a sealed recording: what it comes to, and when it cannot be replayed at all."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from harness.case.read import read_case
from harness.case.values import Case
from harness.cassette import read
from harness.errors import CaseError, CassetteDamaged, CassetteStale
from harness.proving import replay
from harness.seal import Cassette, Header

from .story import FACTS, Story, case, run

ROOT = Path(__file__).parents[2]
BUY = "  - {id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}\n"
ASK = "  - {id: ask, rest: GET /time, expect: {status: 200}}\n"


def cassette(story: Story, inputs: object = None) -> Cassette:
    header = Header(
        case="ESC-1",
        name="broken",
        origin="venue",
        target="venue",
        recorded_at="2026-11-22T08:06:00Z",
        started_wall_us=FACTS.started_wall_us,
        seed=FACTS.seed,
        inputs=FACTS.as_inputs() if inputs is None else {},
    )
    return Cassette(header, tuple(story.events))


def asked(status: int = 200) -> Story:
    story = Story().at(100).posted("buy", {}, status).at(200).step("ask")
    return story.read("ask", {"method": "GET", "path": "/time"}, {}).end("ask")


def test_a_step_taken_out_of_the_case_makes_its_recording_stale() -> None:
    """Every recorded lane of a step is used or named, unless a step failed before."""
    with pytest.raises(CassetteStale) as caught:
        replay(case("steps:\n" + BUY), cassette(asked()))
    assert str(caught.value) == (
        "K004 the case no longer sends what was recorded: step 'ask' on rest(alice). Record again."
    )
    failing = replay(case("steps:\n" + BUY), cassette(asked(400)))
    assert failing.run.failed_step == "buy"
    assert failing.unused == ("step 'ask' on rest(alice): 1 of 1 recorded sends unused",)


def test_a_failing_check_excuses_no_step_that_was_taken_out() -> None:
    """Only a failing step ends what is demanded: all steps were carried out here, and one is missing."""
    check = "checks:\n  - {id: settles, lifecycle: {trade: t, states: [MATCHED]}, within: 1s}\n"
    with pytest.raises(CassetteStale, match="no longer sends"):
        replay(case("steps:\n" + BUY + check), cassette(asked()))


def test_a_header_without_inputs_is_damage() -> None:
    """What a replay reads instead of making must be there."""
    with pytest.raises(CassetteDamaged, match="the cassette broken of ESC-1 lacks an input: 'chain'"):
        replay(case("steps:\n" + BUY + ASK), cassette(asked(), inputs=0))


ORDERS = [
    ("token", Decimal("1.5"), "1.5 is no whole number"),
    ("price", "x", "'x' is no number"),
    ("price", None, "None is no number"),
    ("size", True, "True is no number"),
    ("expiration", "soon", "invalid literal"),
]


@pytest.mark.parametrize(("key", "value", "found"), ORDERS)
def test_an_order_that_cannot_be_built_is_the_authors(key: str, value: object, found: str) -> None:
    """The place of the step, and what is wrong with which value; nothing is cut off or guessed."""
    terms = {"token": "7", "side": "BUY", "price": "0.5", "size": "5", "type": "GTC", key: '"${odd}"'}
    order = ", ".join(f"{name}: {held}" for name, held in terms.items())
    table = "examples: {one: {odd: 1}}\n"
    body = f"{table}steps:\n  - {{id: buy, rest: POST /order, order: {{{order}}}, expect: {{status: 200}}}}\n"
    with pytest.raises(CaseError) as caught:
        run(body, [], values={"odd": value})
    assert str(caught.value).startswith("cases/ESC-1.yaml:9:5: C024 the order cannot be built: ")
    assert found in str(caught.value)


@pytest.fixture(scope="module")
def escalation() -> Case:
    """The first escalation of the suite."""
    return read_case(ROOT / "cases" / "ESC-1118-matched-never-settled.yaml", "cases/ESC-1118.yaml")


@pytest.mark.parametrize("name", ["broken", "fixed"])
def test_a_replay_is_the_same_in_every_process(escalation: Case, name: str) -> None:
    """Hash seed, time zone and locale change no byte of the timeline."""
    played = replay(escalation, read(ROOT / "cassettes" / "ESC-1118" / f"{name}.jsonl"))
    told = repr((played.run, [event.as_json() for event in played.timeline], played.unused))
    script = (
        "import sys, hashlib; from pathlib import Path; from harness.case.read import read_case;"
        "from harness.cassette import read; from harness.proving import replay;"
        "c, k = sys.argv[1:]; p = replay(read_case(Path(c), 'cases/ESC-1118.yaml'), read(Path(k)));"
        "t = repr((p.run, [e.as_json() for e in p.timeline], p.unused));"
        "sys.stdout.buffer.write(t.encode())"
    )
    paths = (
        ROOT / "cases" / "ESC-1118-matched-never-settled.yaml",
        ROOT / "cassettes" / "ESC-1118" / f"{name}.jsonl",
    )
    other = {**os.environ, "PYTHONHASHSEED": "99", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}
    again = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)], env=other, capture_output=True, check=True, cwd=ROOT
    )
    assert again.stdout.decode() == told
