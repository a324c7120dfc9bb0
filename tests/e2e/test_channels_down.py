"""A channel that is down is the environment's, whenever that is; one that is up and was cut the product's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .bench import CONFIG, QUIET, Bench, clean_environment
from .exchanges import Exchange, exchange
from .relays import relay
from .test_live import until

BUILD = "2026.11.2"
HEARS = """\
id: ESC-3000
title: "Somebody who listens and never trades"
status: open
severity: minor
component: user-channel
actors: {alice: trader}
given:
  - market: {tick: 0.01}
    save: market
steps:
  - {id: listen, ws: user, as: alice, subscribe: {markets: ["${market.condition}"]}}
  - {id: came, ws: user, as: alice, within: 20s, where: {event_type: trade}}
symptom: {step: came, shows: {$nothing}, witness: listen}
"""
LOGS_ON = """\
id: ESC-3000
title: "A session that waits"
status: open
severity: minor
component: fix/session
actors: {alice: trader}
steps:
  - {id: logon, fix: oe, logon: {ResetSeqNumFlag: true}}
  - {id: came, fix: oe, within: 20s, where: {ExecutionReport: {$present}}}
symptom: {step: came, shows: {$nothing}, witness: logon}
"""
READS = """\
id: ESC-3000
title: "Somebody who reads a balance that stays"
status: open
severity: minor
component: chain
actors: {alice: trader}
given:
  - market: {tick: 0.01}
    save: market
  - fund: {alice: {collateral: 100}}
steps:
  - {id: reads, chain: balances, within: 4s, expect: {alice: {collateral: 100}}}
  - {id: came, chain: balances, within: 6s, expect: {alice: {collateral: 7}}}
symptom: {step: came, shows: {alice: {collateral: 100}}, witness: reads}
"""
ASKS = """\
id: ESC-3005
title: "Somebody who only asks"
status: open
severity: minor
component: clob
steps:
  - {id: asks, rest: GET /time, expect: {status: 200}}
symptom: {step: asks, shows: {status: 500}}
"""
CASES = {"ws": HEARS, "fix": LOGS_ON, "chain": READS}


@pytest.fixture(scope="module")
def running() -> Iterator[Exchange]:
    """An exchange on its own, of which a test takes a channel away."""
    with exchange(BUILD, "staging") as held:
        yield held


def through(running: Exchange, channel: str) -> tuple[Any, Callable[[str], str]]:
    """A relay before one channel, and the configuration that leads through it."""
    gateway = running.ready["fix"]
    url = f"tcp://{gateway['host']}:{gateway['port']}" if channel == "fix" else running.ready[channel]

    def configured(led: str) -> str:
        if channel == "fix":
            told = running.configured("there", "local", marked="staging")
            return told.replace(f"port = {gateway['port']}", f"port = {led.rpartition(':')[2]}")
        return running.configured("there", "local", marked="staging", **{channel: led})

    return relay(url), configured


def records(bench: Bench) -> dict[str, dict[str, Any]]:
    held = json.loads((bench.root / "v.json").read_text())
    return {each["item"]: each for each in held["records"]}


@pytest.fixture
def waiting(bench: Bench) -> Bench:
    """A project without a case."""
    bench.case.unlink()
    return bench


@pytest.mark.parametrize("channel", sorted(CASES))
def test_a_channel_that_was_down_before(waiting: Bench, running: Exchange, channel: str) -> None:
    """Nothing of a case is carried out where a channel that it uses is down; one that does not use it runs,
    but for the chain, by which a target proves who it is."""
    (waiting.root / "cases" / "ESC-3000.yaml").write_text(CASES[channel], encoding="utf-8")
    (waiting.root / "cases" / "ESC-3005.yaml").write_text(ASKS, encoding="utf-8")
    opened, configured = through(running, channel)
    with opened as (led, url):
        (waiting.root / "harness.toml").write_text(CONFIG + configured(url), encoding="utf-8")
        led.down()
        ran = waiting.pytest("--target", "there", "--verdicts", "v.json")

    asks = records(waiting).pop("ESC-3005")
    (case,) = (each for name, each in records(waiting).items() if name != "ESC-3005")
    assert (case["word"], case["code"], case["at"]) == ("inconclusive", "T001", None), ran.out
    assert asks["word"] == ("inconclusive" if channel == "chain" else "verified"), ran.out


@pytest.mark.parametrize("gone", [True, False], ids=["down", "cut"])
@pytest.mark.parametrize("channel", ["ws", "chain"])
def test_a_channel_that_goes_down_meanwhile(
    waiting: Bench, running: Exchange, channel: str, gone: bool
) -> None:
    """A connection that is lost is the product's while its channel is up, and the environment's where it is
    down: `inconclusive`, an error, and never `changed`."""
    (waiting.root / "cases" / "ESC-3000.yaml").write_text(CASES[channel], encoding="utf-8")
    opened, configured = through(running, channel)
    with opened as (led, url):
        (waiting.root / "harness.toml").write_text(CONFIG + configured(url), encoding="utf-8")
        told = waiting.root / "told.txt"
        code = _run_and(waiting, told, led.down if gone else led.cut)

    (case,) = records(waiting).values()
    out = told.read_text(encoding="utf-8")
    assert code == int(gone or channel == "ws"), out
    if gone:
        assert (case["word"], case["code"]) == ("inconclusive", "T001"), out
        assert case["why"].startswith("the target went down during the run: "), out
    elif channel == "chain":  # read anew at each look: nothing is lost with a connection
        assert case["word"] == "still-broken", out
    else:
        assert case["word"] == "changed", out


def _run_and(bench: Bench, told: Path, act: Callable[[], None]) -> int:
    """Run the case, and do something to its channel as soon as its last step waits: what leads there was
    answered, and the first answer of a channel is not what is cut."""
    command = [sys.executable, "-m", "pytest", *QUIET, "-v", "--target", "there", "--verdicts", "v.json"]
    waits = re.compile("came +waits")
    with told.open("w", encoding="utf-8") as output:
        run = subprocess.Popen(
            command, cwd=bench.root, env=clean_environment(), stdout=output, stderr=subprocess.STDOUT
        )
        until(lambda: waits.search(told.read_text(encoding="utf-8")) or run.poll() is not None, "it to wait")
        act()
        return run.wait(60)
