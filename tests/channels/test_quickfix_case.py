"""A case on `engine: quickfix`, as its author meets it: read, recorded on the venue, replayed without it."""

from __future__ import annotations

import re
from pathlib import Path

from e2e.bench import CONFIG
from e2e.bench import Bench as Project

from .seat import without_quickfix

CASE = """\
id: ESC-2087
title: "A real engine is not told of the fill that it missed"
status: fixed
fixed_in: "2026.11.1"
severity: critical
component: fix/session
defect: ESC-1087
story: The session of a stock QuickFIX goes down; after the next logon it asks for what it missed.

actors:
  alice: trader
  bob: taker

channels:
  eng: {kind: fix, as: alice, profile: order_entry, engine: quickfix}

given:
  - market: {tick: 0.01}
    save: market
  - fund: {alice: {yes: 50}, bob: {collateral: 100}}

steps:
  - id: logon
    fix: eng
    logon: {ResetSeqNumFlag: true}

  - id: order
    fix: eng
    send:
      NewOrderSingle:
        SenderSubID: alice
        ClOrdID: "${uid}"
        Symbol: "${market.symbol}-YES"
        Side: SELL
        OrdType: LIMIT
        OrderQty: 5
        Price: 0.52
        TimeInForce: GOOD_TILL_CANCEL
        TransactTime: "${now:fix.3}"

  - id: accepted
    fix: eng
    within: 2s
    where: {ExecutionReport: {ClOrdID: "${order.ClOrdID}"}}
    expect: {ExecutionReport: {ExecType: NEW, OrdStatus: NEW, LeavesQty: 5}}

  - id: down
    fix: eng
    disconnect:

  - id: fills
    rest: POST /order
    as: bob
    order: {token: "${market.yes}", side: BUY, price: 0.52, size: 5, type: FOK}
    expect: {status: 200, body: {success: true, status: matched}}

  - id: back
    fix: eng
    logon: {}

  - id: reported
    fix: eng
    within: 2s
    where: {ExecutionReport: {ClOrdID: "${order.ClOrdID}", ExecType: TRADE}}
    expect: {ExecutionReport: {OrdStatus: FILLED, CumQty: 5, LeavesQty: 0, PossDupFlag: true}}

symptom:
  step: reported
  shows: {$nothing}
  seen: {SequenceReset: {GapFillFlag: true}}
  witness: back
"""


def test_a_whole_case_is_recorded_and_replays_without_quickfix(tmp_path: Path) -> None:
    """A case on the real engine is recorded on the venue; its replay never imports the engine."""
    project = Project(tmp_path)
    (tmp_path / "cases").mkdir()
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "cases" / "ESC-2087-engine.yaml").write_text(CASE, encoding="utf-8")

    live = project.pytest("--target", "venue", "--build", "2026.11.2", "--record", "fixed")
    bare = {"PYTHONPATH": str(without_quickfix(tmp_path / "bare"))}
    replayed = project.pytest("-k", "fixed", env=bare)

    assert live.outcomes() == {"passed": 1}, live.out
    assert "holds" in live.out
    assert replayed.outcomes()["passed"] == 1, replayed.out
    assert re.search(r"ESC-2087\[fixed\] .*proven", replayed.out), replayed.out


WRONG = {
    "ESC-2087": ("{kind: fix, as: alice, engine: quickfx}", "did you mean 'quickfix'?"),
    "ESC-2088": (
        "{kind: fix, as: alice, engine: quickfix, raw: true}",
        "a quickfix engine is never raw",
    ),
    "ESC-2089": (
        "{kind: fix, as: alice, engine: quickfix, exchange: kalshi}",
        "the target's own conventions",
    ),
    "ESC-2090": (
        "{kind: rest, host: data, exchange: kalshi}",
        "a host follow the target's own conventions",
    ),
    "ESC-2091": ("{kind: fix, as: alice, exchange: kalshy}", "did you mean 'kalshi'?"),
}


def test_a_wrong_channel_is_refused_when_read(tmp_path: Path) -> None:
    """An engine or exchange that is not there, or cannot go together, is an error before anything runs."""
    project = Project(tmp_path)
    (tmp_path / "cases").mkdir()
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    for case_id, (channel, _) in WRONG.items():
        text = CASE.replace("{kind: fix, as: alice, profile: order_entry, engine: quickfix}", channel)
        text = text.replace("ESC-2087", case_id)
        (tmp_path / "cases" / f"{case_id}-engine.yaml").write_text(text, encoding="utf-8")

    ran = project.harness("lint")

    assert ran.code == 2
    lines = ran.out.splitlines()
    for case_id, (_, told) in WRONG.items():
        assert any(f"{case_id}-engine.yaml" in line and told in line for line in lines), (case_id, ran.out)
