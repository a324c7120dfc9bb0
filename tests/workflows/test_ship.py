"""Two ships through the workflow's own steps, with all that may go wrong in one: what is said of it is right.

One exchange is stopped and the next build started in its place. While the second ship is judged, a defect is
back, the WebSocket host is down, and one of three machines is killed in the middle; then a machine is lost.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from e2e.exchanges import exchange
from e2e.relays import relay

from harness.report.ledger import verdicts

from .runner import Ended, Runner
from .stage import BUG, MENDED, PROJECT, WITH_BUG, Stage

SHARDS: Final = 3
KILLED: Final = 2
HEAD: Final = """\
id: {id}
title: "{title}"
status: fixed
fixed_in: "2026.9.1"
severity: normal
component: {component}
actors: {{alice: trader}}
given:
  - market: {{tick: 0.01}}
    save: market
  - fund: {{alice: {{collateral: 100}}}}
steps:
"""
ORDER: Final = 'order: {token: "${market.yes}", side: BUY, price: 0.40, size: 10, type: '
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "undated": (
        "clob/orders",
        "  - id: undated\n"
        "    rest: POST /order\n"
        f'    {ORDER}GTD, expiration: "${{now+600s:s}}"}}\n'
        "    set: {expiration: 0}\n"
        "    expect: {status: 400, body: {error: {$contains: expiration}}}\n"
        "symptom: {step: undated, shows: {status: 200, body: {success: true, status: live}}}\n",
    ),
    "hears": (
        "user-channel",
        '  - {id: listen, ws: user, subscribe: {markets: ["${market.condition}"]}}\n'
        f"  - {{id: buy, rest: POST /order, {ORDER}GTC}}, expect: {{status: 200}}}}\n"
        "  - {id: heard, ws: user, within: 20s, where: {event_type: order, type: PLACEMENT}}\n"
        "symptom: {step: heard, shows: {$nothing}, witness: listen}\n",
    ),
    "places": (
        "clob/orders",
        f"  - {{id: buy, rest: POST /order, {ORDER}GTC}}, expect: {{status: 200, body: {{status: live}}}}}}\n"
        "symptom: {step: buy, shows: {status: 500}}\n",
    ),
}
"""What each kind of case is about: an order that build WITH_BUG takes, the user channel, REST alone."""
AFTER: Final = "finally:\n  - {rest: DELETE /cancel-all, as: alice}\n"
KILLER: Final = """
import os, signal

finished = []

def pytest_runtest_logfinish(nodeid):
    finished.append(nodeid)
    if os.environ.get("SHARD") == "{killed}/{of}" and len(finished) == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@dataclass(frozen=True, slots=True)
class Ship:
    """What came of judging one build: the runner, its jobs, and the merged verdicts by case."""

    runner: Runner
    jobs: dict[str, Ended]

    @property
    def code(self) -> str:
        """What the gate said."""
        return self.jobs["judge"].outputs["code"]

    @property
    def printed(self) -> str:
        """Everything that its jobs printed."""
        return "\n".join(f"== {name}: {one.result} {one.code}\n{one.out}" for name, one in self.jobs.items())

    @property
    def judged(self) -> Path:
        """The artefact with what was decided."""
        return self.runner.temp / "artefacts" / "staging"

    def records(self) -> dict[str, Any]:
        """The merged verdicts."""
        held = json.loads((self.judged / "verdicts.json").read_text("utf-8"))
        assert [each["item"] for each in held["records"]] == held["plan"]["items"]
        return {each["item"]: each for each in held["records"]}

    def shares(self) -> dict[int, list[str]]:
        """The cases of each machine, whatever it left of its verdicts."""
        folders = (self.runner.temp / "artefacts" / f"shard-{at}" / f"{at}" for at in range(1, SHARDS + 1))
        held = (verdicts(each / "verdicts.json")["plan"]["shard"] for each in folders)
        return {each["number"]: each["share"] for each in held}


def _cases(stage: Stage, count: int) -> dict[str, str]:
    """Lay out so many cases, of ten one that the bug breaks and three that hear; the kind of each by id."""
    kinds = {}
    for number in range(count):
        case = f"ESC-{5001 + number}"
        kind = kinds[case] = ("undated", "hears", "hears", "hears", *["places"] * 6)[number % 10]
        component, steps = KINDS[kind]
        text = HEAD.format(id=case, title=f"{kind}, for the {number}th time", component=component)
        (stage.root / "cases" / f"{case}.yaml").write_text(text + steps + AFTER, encoding="utf-8")
    return kinds


def _shipped(stage: Stage, build: str, *, ws: bool) -> Ship:
    """Start the build as staging, with its WebSocket host up or down, and have the workflow judge it."""
    with exchange(build, "staging") as running, relay(running.ready["ws"]) as (led, url):
        configured = running.configured("staging", "staging", marked="staging", ws=url)
        text = PROJECT.partition("[tool.harness.targets.staging]")[0]
        text += configured.replace("[targets.", "[tool.harness.targets.")
        (stage.root / "pyproject.toml").write_text(text, encoding="utf-8")
        if not ws:
            led.down()
        inputs = {"target": "staging", "build": build, "shards": str(SHARDS)}
        github = {"event_name": "workflow_dispatch", "run_id": build, "run_attempt": "1"}
        return Ship(*stage.run("staging.yml", inputs=inputs, github=github))


@pytest.mark.parametrize("count", [30, pytest.param(300, marks=pytest.mark.soak)])
def test_two_ships_and_all_that_goes_wrong(count: int, tmp_path: Path) -> None:
    """A ship that is well, then one with a bug back, a channel down and a machine killed, then one lost."""
    stage = Stage.with_cases(tmp_path, BUG)
    stage.edit(BUG, 'fixed_in: "2026.9.4"', f'fixed_in: "{WITH_BUG}"')
    kinds = {BUG: "hears", **_cases(stage, count)}  # the escalation itself listens before it orders

    well = _shipped(stage, MENDED, ws=True)

    assert (well.code, well.jobs["judge"].result) == ("0", "success"), well.printed
    assert {each["word"] for each in well.records().values()} == {"holds"}
    assert set(well.records()) == set(kinds)
    assert sorted(case for share in well.shares().values() for case in share) == sorted(kinds)
    assert well.runner.summary.startswith("## Ship\n")
    assert f"**{count + 1} judged, 0 red, 0 never ran**" in well.runner.summary

    after = len(well.shares()[KILLED]) // 2
    (stage.root / "conftest.py").write_text(
        KILLER.format(killed=KILLED, of=SHARDS, after=after), encoding="utf-8"
    )
    bad = _shipped(stage, WITH_BUG, ws=False)

    _is_told_right(bad, kinds, after, well.shares()[KILLED])

    lost = 3
    shares = well.shares()
    shutil.rmtree(well.runner.temp / "artefacts" / f"shard-{lost}")
    code, summary = _judged(stage, well, tmp_path / "again")
    assert code == 3, summary
    assert summary.startswith("## Could not tell\n")
    assert f"1 of {SHARDS} runs left no verdicts" in summary
    assert all(f"`{case}`" in summary for case in shares[lost])


def _is_told_right(ship: Ship, kinds: Mapping[str, str], after: int, killed: list[str]) -> None:
    """Every verdict, the exit codes, the summary and JUnit of the ship in which everything goes wrong."""
    records = ship.records()
    assert set(records) == set(kinds), ship.printed
    not_run = {case for case in killed if records[case]["why"].startswith("not run: ")}
    assert len(not_run) == len(killed) - after
    assert all(
        records[case]["why"] == f"not run: shard {KILLED}/{SHARDS} ended before it" for case in not_run
    )
    expected = {"undated": "regressed", "hears": "inconclusive", "places": "holds"}
    told = {case: each["word"] for case, each in records.items()}
    wanted = {case: "inconclusive" if case in not_run else expected[kind] for case, kind in kinds.items()}
    assert told == wanted, ship.printed
    down = [case for case, kind in kinds.items() if kind == "hears" and case not in not_run]
    assert all(records[case]["code"] == "T001" for case in down)
    assert all("the WebSocket host does not answer" in records[case]["why"] for case in down)

    shard = ship.jobs["shard"]
    assert (shard.result, shard.code) == (
        "failure",
        137,
    )  # the machine that was killed; the others' reds are verdicts
    assert (ship.code, ship.jobs["judge"].result, ship.jobs["judge"].code) == ("1", "failure", 1)
    assert "Traceback" not in ship.printed
    summary = ship.runner.summary
    back = sorted(case for case, word in told.items() if word == "regressed")
    assert back
    checked, _, summary = summary.partition("## Do not ship: the product\n\n- 1")
    assert checked.startswith("## Not all of staging works\n")  # and the cases that do without it are judged
    assert re.search(r"^ws\.market .* does not work", checked, re.MULTILINE)
    assert summary.startswith(f" – the product: {back[0]} regressed")
    assert f"{len(down)} of {len(kinds) - len(not_run)} fail alike: an outage" in summary
    assert summary.count("**One finding**") == 1
    assert (
        f"**{len(kinds)} judged, {len(kinds) - Counter(told.values())['holds']} red, 0 never ran**" in summary
    )
    suite = ElementTree.parse(ship.judged / "junit.xml").find("testsuite")
    assert suite is not None
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    words = Counter(told.values())
    assert counts == [str(len(kinds)), str(words["regressed"]), str(words["inconclusive"]), "0"]
    assert sorted(each.get("name") or "" for each in suite) == sorted(kinds)


def _judged(stage: Stage, ship: Ship, out: Path) -> tuple[int, str]:
    """Have the workflow's own last step decide over what is left of a ship's artefacts."""
    folders = [
        str(each / each.name.rpartition("-")[2])
        for each in sorted(ship.runner.temp.glob("artefacts/shard-*"))
    ]
    done = subprocess.run(
        ["bash", str(stage.root / "scripts" / "ci"), "judge", *folders],
        env={"PATH": "/usr/bin:/bin", "OUT": str(out), "EXPECTED": str(SHARDS)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, (out / "summary.md").read_text("utf-8")
