"""A venue that begins anew before every case: nothing is left of the one before, and a seed says the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from .bench import CONFIG, Bench

FRESH: Final = CONFIG + "fresh = true\n"
AGAIN: Final = CONFIG + "seed = 7\nclock = 2026-01-01T00:00:00Z\n"
START_US: Final = 1_767_225_600_000_000
CASE: Final = """\
id: {id}
title: "An order rests, and nobody had one before"
status: open
severity: minor
component: clob/orders
actors: {{alice: trader}}
steps:
  - id: markets
    rest: GET /markets
    expect: {{status: 200, body: {{count: 0, data: []}}}}
  - id: made
    market: {{tick: 0.01}}
    save: market
  - id: book
    rest: GET /book
    params: {{token_id: "${{market.yes}}"}}
    expect: {{status: 200, body: {{bids: [], asks: []}}}}
  - id: funds
    fund: {{alice: {{collateral: 100}}}}
  - id: entry
    fix: oe
    as: alice
    logon: {{ResetSeqNumFlag: false}}
  - id: stream
    ws: market
    subscribe: {{assets_ids: ["${{market.yes}}"]}}
  - id: rests
    rest: POST /order
    as: alice
    order: {{token: "${{market.yes}}", side: BUY, price: 0.4, size: 10, type: GTC}}
    expect: {{status: 200, body: {{status: live}}}}
symptom:
  step: rests
  shows: {{status: 400}}
"""
CHANGING: Final = (
    "timestamp",
    "match_time",
    "match_time_nano",
    "last_update",
    "created_at",
    "transaction_hash",
)
"""What a seed has no say in: moments, to the millisecond, and the hashes of what holds one."""


def two_cases(bench: Bench, config: str) -> None:
    """The project has the case above twice, and this configuration."""
    bench.case.unlink()
    for name in ("ESC-2001", "ESC-2002"):
        (bench.root / "cases" / f"{name}-rests.yaml").write_text(CASE.format(id=name), encoding="utf-8")
    (bench.root / "harness.toml").write_text(config, encoding="utf-8")


def test_a_case_sees_nothing_of_the_one_before(bench: Bench) -> None:
    """Before each of two cases there is no market, no order and no FIX number; each opens its sockets."""
    two_cases(bench, FRESH)

    ran = bench.pytest("--target", "venue")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2}), ran.out


def test_a_case_sees_the_one_before_unless_told(bench: Bench) -> None:
    """On a venue that begins once for the run, the second case finds the first one's market."""
    two_cases(bench, CONFIG)

    ran = bench.pytest("--target", "venue")

    assert (ran.code, ran.outcomes()) == (1, {"passed": 1, "failed": 1}), ran.out
    assert re.search(r"ESC-2002 +venue .* changed +markets", ran.out), ran.out


class Recording:
    """A cassette: its header and its events, with the accounts by their names."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        self.header: dict[str, Any] = json.loads(text.partition("\n")[0])
        for name, facts in self.header["inputs"]["actors"].items():
            for fact in ("address", "proxy", "safe", "deposit_wallet"):
                text = re.sub(facts[fact][2:], f"{name}.{fact}", text, flags=re.IGNORECASE)
        self.events = [event for line in text.splitlines()[1:] if "kind" in (event := json.loads(line))]

    def told(self, kind: str, on: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        """The first event of that kind of each step on these channels, by the step, without what changes.

        A check asks again and again, and how far a trade is settled when it first does is no seed's matter.
        """
        seen = set()
        for event in self.events:
            step = event.get("step", "")
            polled = kind == "answer" and step.startswith("check:")
            if event["kind"] == kind and event["on"] in on and step not in seen and not polled:
                seen.add(step)
                yield step, masked(event["data"], self.orders)

    @property
    def orders(self) -> list[str]:
        """The ids of the orders that the case sent, in that order."""
        return [each for event in self.events for each in event.get("data", {}).get("derived", {}).values()]


def masked(value: Any, orders: list[str]) -> Any:
    """A value without what no seed decides: moments, and the hashes that they lead to."""
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key not in CHANGING}
        return {key: masked(each, orders) for key, each in kept.items() if key != "POLY_TIMESTAMP"}
    if isinstance(value, list):
        return [masked(each, orders) for each in value]
    if isinstance(value, str) and value.startswith(("{", "[")):
        return masked(json.loads(value), orders)
    if isinstance(value, str):
        for number, order in enumerate(orders):
            value = value.replace(order, f"order {number}")
    return value


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, Recording]:
    """ESC-1118 recorded twice with one seed and one clock: behind a case that has FIX sessions, and alone."""
    bench = Bench.make(tmp_path_factory.mktemp("recorded"))
    bench.add("ESC-1111")
    (bench.root / "harness.toml").write_text(AGAIN, encoding="utf-8")
    made = []
    for chosen in ("ESC-1111 or ESC-1118", "ESC-1118"):
        ran = bench.pytest("--target", "venue", "-k", chosen, "--record", "fixed")
        assert (ran.code, ran.outcomes()) == (0, {"passed": chosen.count("ESC")}), ran.out
        made.append(Recording(bench.cassette("fixed")))
        replayed = bench.pytest("-k", "ESC-1118")
        assert (replayed.code, replayed.outcomes()) == (0, {"passed": 2}), replayed.out
    return made[0], made[1]


def test_the_same_recording_again(recordings: tuple[Recording, Recording]) -> None:
    """What was sent and what came back are alike, step by step: salts, markets, ids of trades and keys."""
    first, second = recordings

    rest = dict(first.told("answer", ("rest",)))
    assert rest["buy"]["wire"]["body"]["status"] == "matched"
    for kind, channels in (("send", ("target", "rest", "ws.user")), ("answer", ("target", "rest"))):
        told = dict(first.told(kind, channels))
        assert len(told) > 3
        assert told == dict(second.told(kind, channels))
    streamed = [
        [masked(each["data"], recording.orders) for each in recording.events if each["kind"] == "push"]
        for recording in recordings
    ]
    assert len(streamed[0]) > 3
    assert streamed[0] == streamed[1]


def test_its_time_starts_where_it_was_told(recordings: tuple[Recording, Recording]) -> None:
    """Both runs start at the clock's moment and by the venue's time, and both say the seed; FIX has held."""
    for recording in recordings:
        header = recording.header
        assert (header["seed"], header["started_wall_us"]) == (7, START_US)
        assert header["inputs"]["skew_us"] == 0
        assert not header["recorded_at"].startswith("2026-01-01T00:0")
        dates = re.findall(r'"date": "([^"]+) \d\d:\d\d:\d\d GMT"', json.dumps(recording.events))
        assert set(dates) == {"Thu, 01 Jan 2026"}


def test_accounts_are_never_drawn_from_the_seed(recordings: tuple[Recording, Recording]) -> None:
    """Keys come from the system's randomness: a number in a cassette must not tell anybody's key."""
    first, second = (recording.header["inputs"]["actors"] for recording in recordings)

    assert first.keys() == second.keys()
    for name in first:
        assert first[name]["address"] != second[name]["address"]
