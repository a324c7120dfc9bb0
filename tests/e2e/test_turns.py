"""One exchange for many workers: what a case does to the exchange itself reaches no case beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from .bench import CONFIG, Bench
from .exchanges import Exchange, exchange

FIXED_BUILD = "2026.11.2"
HEAD = """\
id: ESC-{number}
title: "{title}"
status: open
severity: minor
component: clob
actors: {{alice: trader}}
given:
  - market: {{tick: 0.01}}
    save: market
  - fund: {{alice: {{collateral: 100}}}}
"""
TRADES = """\
steps:
  - id: many
    repeat: 12
    steps:
      - id: placed
        rest: POST /order
        order: {token: "${market.yes}", side: BUY, price: 0.10, size: 5, type: GTC}
        expect: {status: 200, body: {success: true}}
      - id: gone
        rest: DELETE /order
        json: {orderID: "${placed.order_id}"}
        expect: {status: 200}
symptom: {step: placed, shows: {status: 400}}
"""
VERBS = """\
steps:
  - id: verb
    target: {verb}
  - id: refused
    rest: POST /order
    order: {{token: "${{market.yes}}", side: BUY, price: 0.10, size: 5, type: GTC}}
    expect: {{status: {status}}}
  - id: a-while
    wait: 1s
    reason: what it begins lasts, and others are there meanwhile
  - id: still
    rest: POST /order
    order: {{token: "${{market.yes}}", side: BUY, price: 0.10, size: 5, type: GTC}}
    expect: {{status: {status}}}
symptom: {{step: still, shows: {{status: 500}}}}
"""
REACHING = ("pause\n    for: 60s", 503), ("region\n    mode: blocked", 403), ("pause\n    for: 60s", 503)


@pytest.fixture(scope="module")
def there() -> Iterator[Exchange]:
    """An exchange that runs already."""
    with exchange(FIXED_BUILD, "staging") as running:
        yield running


@pytest.fixture
def bench(bench: Bench, there: Exchange) -> Bench:
    """Cases that only trade, among cases that pause the exchange or close a region to it."""
    bench.case.unlink()
    for number in range(3201, 3209):
        text = HEAD.format(number=number, title="Orders are taken") + TRADES
        (bench.root / "cases" / f"ESC-{number}.yaml").write_text(text, encoding="utf-8")
    for number, (verb, status) in zip((3202, 3205, 3208), REACHING, strict=True):
        text = HEAD.format(number=number, title="It is refused") + VERBS.format(verb=verb, status=status)
        (bench.root / "cases" / f"ESC-{number}.yaml").write_text(text, encoding="utf-8")
    text = CONFIG + there.configured("there", "staging", marked="staging")
    (bench.root / "harness.toml").write_text(text, encoding="utf-8")
    return bench


def words(bench: Bench, name: str) -> dict[str, tuple[str, int]]:
    """By item: its word, and how many runs it took."""
    records = json.loads((bench.root / name).read_text(encoding="utf-8"))["records"]
    return {each["item"]: (each["word"], len(each.get("runs", [0]))) for each in records}


def test_verbs_reach_nobody_else(bench: Bench, there: Exchange) -> None:
    """Four workers give the verdicts that one process gives: every case is told as if it were alone, at its
    first run, and the run says what is waited for."""
    one = bench.pytest("--target", "there", "--verdicts", "one.json", "-n", "0")
    four = bench.pytest("--target", "there", "--verdicts", "four.json", "-n", "4")

    assert one.outcomes() == four.outcomes() == {"passed": 8}, one.out + four.out
    assert words(bench, "one.json") == words(bench, "four.json")
    assert set(words(bench, "four.json").values()) == {("verified", 1)}
    assert "has a `target:` verb and runs alone" in four.out
    assert "waits for its turn" not in one.out
