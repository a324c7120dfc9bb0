"""A live run that is interrupted takes back what it placed, says what is left, and exits as a signal."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from harness.cleaning import UNKNOWN, UNREPORTED

from .bench import CONFIG, QUIET, Bench, Ran, clean_environment
from .exchanges import Exchange, exchange

PLACES = """\
id: ESC-2002
title: "Orders rest"
status: open
severity: minor
component: clob/orders
actors: {alice: trader, bob: maker}
given:
  - market: {tick: 0.01}
    save: market
  - fund: {alice: {collateral: 1000}, bob: {yes: 1000}}
steps:
  - id: on
    fix: oe
    as: bob
    logon: {}
  - id: ladder
    repeat: 60
    steps:
      - id: bid
        rest: POST /order
        as: alice
        order: {token: "${market.yes}", side: BUY, price: 0.10, size: 10, type: GTC}
        expect: {status: 200, body: {success: true}}
      - id: offer
        fix: oe
        as: bob
        send:
          NewOrderSingle: {ClOrdID: "${uid}", SenderSubID: desk, Symbol: "${market.symbol}-YES", Side: SELL,
                           OrdType: LIMIT, OrderQty: 5, Price: 0.90, TimeInForce: GOOD_TILL_CANCEL,
                           TransactTime: "${now:fix.3}"}
      - id: taken
        fix: oe
        as: bob
        within: 5s
        where: {ExecutionReport: {ClOrdID: "${offer.ClOrdID}"}}
        expect: {ExecutionReport: {ExecType: NEW}}
      - id: both
        together:
          - id: one
            rest: POST /order
            as: alice
            order: {token: "${market.yes}", side: BUY, price: 0.11, size: 10, type: GTC}
            expect: {status: 200}
          - id: two
            rest: POST /order
            as: bob
            order: {token: "${market.yes}", side: SELL, price: 0.91, size: 5, type: GTC}
            expect: {status: 200}
  - id: slow
    wait: 100s
    reason: it is interrupted
  - id: it
    rest: GET /time
    expect: {status: 200}
symptom: {step: it, shows: {status: 500}}
"""
WAITED, REFUSED = "reason: it is interrupted", "expect: {status: 200}"
STARTED = "  on "
SPREAD_MS = 1_200
"""The run places its orders within this time; then it waits."""


@pytest.fixture(scope="module")
def there() -> Iterator[Exchange]:
    """An exchange that outlives the runs against it."""
    with exchange("2026.11.2", "staging") as running:
        yield running


def prepare(bench: Bench, there: Exchange, case: str, limits: str) -> None:
    """Lay the case out, and the exchange as a target with these limits."""
    for path in (bench.root / "cases").iterdir():
        path.unlink()
    (bench.root / "cases" / "ESC-2002.yaml").write_text(case, encoding="utf-8")
    text = CONFIG + there.configured("there", "staging", marked="staging")
    (bench.root / "harness.toml").write_text(text + limits, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Interrupted:
    """How a run ended, and how long that took."""

    code: int
    took_s: float
    record: dict[str, Any]
    out: str


def interrupt(
    bench: Bench,
    there: Exchange,
    *signals: tuple[int, signal.Signals],
    meanwhile: tuple[int, Callable[[], None]] | None = None,
) -> Interrupted:
    """Start the run, and signal it so many milliseconds after it began to place its orders.

    `meanwhile` is done before that, after so many.
    """
    prepare(bench, there, PLACES, GENEROUS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        *QUIET,
        "-v",
        "-s",
        "--target",
        "there",
        "--verdicts",
        "v.json",
    ]
    run = subprocess.Popen(
        command,
        cwd=bench.root,
        env={**clean_environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    with run:
        assert run.stdout is not None
        for line in run.stdout:
            said.append(line)
            if line.startswith(STARTED):
                break
        reader = threading.Thread(target=lambda: said.extend(run.stdout or ()))
        reader.start()
        began = time.monotonic()
        if meanwhile is not None:
            threading.Event().wait(meanwhile[0] / 1_000)
            meanwhile[1]()
        for after_ms, number in signals:
            threading.Event().wait(max(0, began + after_ms / 1_000 - time.monotonic()))
            signalled = time.monotonic()
            run.send_signal(number)
        code = run.wait(60)
        took_s = time.monotonic() - signalled
        reader.join()
    out = "".join(said)
    assert (bench.root / "v.json").exists(), out
    (record,) = json.loads((bench.root / "v.json").read_text())["records"] or [{}]
    return Interrupted(code, took_s, record, out)


GENEROUS = """
[targets.there.limits]
requests_per_second = 10000
item = {orders = 1000, notional = "100000"}
"""
SEED = 3


def instants(count: int) -> list[tuple[int, signal.Signals]]:
    """Moments and signals, the same in every run."""
    rng = random.Random(SEED)
    return [(rng.randrange(SPREAD_MS), rng.choice([signal.SIGINT, signal.SIGTERM])) for _ in range(count)]


@pytest.mark.parametrize(("after_ms", "number"), instants(2))
def test_what_was_placed_is_taken_back(
    bench: Bench, there: Exchange, after_ms: int, number: signal.Signals
) -> None:
    """At any moment: nothing rests in the exchange's own book, every order is told with what became of it,
    and FIX sessions are logged out."""
    taken_back(interrupt(bench, there, (after_ms, number)), there, number)


@pytest.mark.soak
def test_at_a_hundred_moments(bench: Bench, there: Exchange) -> None:
    """The same at a hundred moments, each within five seconds of the signal."""
    slowest = 0.0
    for after_ms, number in instants(100):
        ended = interrupt(bench, there, (after_ms, number))
        taken_back(ended, there, number)
        slowest = max(slowest, ended.took_s)
    print(f"the slowest of 100 ended {slowest:.2f} s after its signal")
    assert slowest <= 5


@pytest.mark.parametrize("times", [1, 2])
def test_an_exchange_that_hangs(bench: Bench, times: int) -> None:
    """Where the exchange says nothing any more, cleaning up gives up after a while, and at a second Ctrl-C at
    once: every order that may be left is told, and the run ends."""
    with exchange("2026.11.2", "staging") as hanging:
        pause = (400, lambda: os.kill(hanging.pid, signal.SIGSTOP))
        presses = [(600, signal.SIGINT), (900, signal.SIGINT)][:times]
        try:
            ended = interrupt(bench, hanging, *presses, meanwhile=pause)
        finally:
            os.kill(hanging.pid, signal.SIGCONT)

    assert ended.code == 130, ended.out
    why = "was skipped" if times == 2 else "was not done in 3 s"
    assert f"the orders of alice may be open: cleaning up {why}" in ended.record["left"], ended.record
    assert any(each.endswith("of alice: may be open: nobody looked") for each in ended.record["left"])
    assert "left on the target" in ended.out


def test_a_run_that_fails_takes_back_what_it_placed(bench: Bench, there: Exchange) -> None:
    """A case that fails in the middle leaves nothing on the book, and its failure says what became of it."""
    ran = run(bench, there, PLACES.replace("wait: 100s", "rest: GET /nothing").replace(WAITED, REFUSED))

    assert (ran.code, ran.outcomes()) == (1, {"failed": 1}), ran.out
    assert there.open_orders() == []
    assert "of alice: cancelled" in ran.out
    assert "placed: and " in ran.out


def test_a_loop_that_has_run_away_stops_at_its_cap(bench: Bench, there: Exchange) -> None:
    """At the cap nothing more is placed; what was placed is told and taken back, and it is nobody's bug."""
    limits = GENEROUS.replace("orders = 1000", "orders = 50")

    ran = run(bench, there, PLACES, limits)

    assert (ran.code, ran.outcomes()) == (1, {"error": 1}), ran.out
    assert "the item would come to 51 orders, and its cap is 50: nothing more is sent" in ran.out
    assert "placed so far: 0x" in ran.out
    assert there.open_orders() == []


def run(bench: Bench, there: Exchange, case: str, limits: str = "") -> Ran:
    """A run on the exchange that ends by itself."""
    prepare(bench, there, case, limits or GENEROUS)
    return bench.pytest("--target", "there")


def taken_back(ended: Interrupted, there: Exchange, number: signal.Signals) -> None:
    assert ended.code == 128 + number, ended.out
    assert there.open_orders() == [], ended.out
    record = ended.record
    why = "interrupted: " + ("Ctrl-C" if number is signal.SIGINT else "SIGTERM")
    assert (record["word"], record["why"], record["interrupted"]) == ("inconclusive", why, True)
    states = [each.rpartition(": ")[2] for each in record["placed"]]
    assert set(states) <= {"cancelled", "logged out", UNKNOWN, UNREPORTED}, record["placed"]
    assert states.count(UNKNOWN) == len(record["left"]) <= 2, "only what had been about to go out"
    assert "FIX session fix.oe(bob): logged out" in record["placed"]
