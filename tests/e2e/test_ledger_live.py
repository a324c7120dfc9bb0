"""`ledger` and `reconcile` on a live chain: mints, merges and fees, on both exchange contracts."""

from __future__ import annotations

from pathlib import Path

from .bench import CONFIG, Bench

CASE = """
id: ESC-9901
title: "Two BUYs mint and two SELLs merge, with a fee or without"
status: open
severity: critical
component: clob/settlement
reported: 2026-05-02
source: https://example.com/1
story: >
  What moves a wallet is told by REST and by the chain alike, whichever contract settles it.
actors:
  alice: trader
  bob: maker
examples:
  plain: {fee: 0}
  feed: {fee: 0.05}
given:
  - market: {KIND: true, tick: 0.01, fee_rate: "${fee}"}
    save: market
  - fund: {alice: {collateral: 100}, bob: {collateral: 100, no: 20}}
  - rest: POST /order
    as: bob
    order: {token: "${market.no}", side: BUY, price: 0.48, size: 10, type: GTC}
    expect: {status: 200, body: {success: true, status: live}}
steps:
  - id: mint
    rest: POST /order
    as: alice
    order: {token: "${market.yes}", side: BUY, price: 0.52, size: 10, type: FOK}
    expect: {status: 200, body: {success: true, status: matched}}
  - id: ask
    rest: POST /order
    as: bob
    order: {token: "${market.no}", side: SELL, price: 0.40, size: 10, type: GTC}
    expect: {status: 200, body: {success: true, status: live}}
  - id: minted
    chain: balances
    within: 5s
    expect: {alice: {yes: 10}}
  - id: told                       # the exchange reads the chain by itself, a little later than the case may
    rest: GET /balance-allowance?asset_type=CONDITIONAL&token_id=${market.yes}
    as: alice
    within: 5s
    expect: {status: 200, body: {balance: "10000000"}}
  - id: merge
    rest: POST /order
    as: alice
    order: {token: "${market.yes}", side: SELL, price: 0.60, size: 10, type: FOK}
    expect: {status: 200, body: {success: true, status: matched}}
  - id: final
    chain: events
    within: 5s
    where: {OrderFilled: {orderHash: "${merge.order_id}"}}
    confirmations: 2
    expect: {OrderFilled: {makerAmountFilled: 10000000}}
checks:
  - id: alice-chain
    ledger: {of: alice, since: mint, fills: chain}
    within: 4s
  - id: alice-rest
    ledger: {of: alice, since: mint}
    within: 4s
  - id: bob-rest
    ledger: {of: bob, since: mint}
    within: 4s
  - id: bob-chain
    ledger: {of: bob, since: mint, fills: chain}
    within: 4s
  - id: agree
    reconcile: {order: "${merge.order_id}", fields: [size, price], sources: [rest, chain]}
    within: 4s
symptom:
  check: alice-rest
  shows: {collateral: {gap: 1}}
"""


def test_mints_merges_and_fees_conserve_on_both_exchanges(tmp_path: Path) -> None:
    """Taker's and maker's wallets move by their fills and fees alone, told by REST or by the chain."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    kinds = {"ESC-9901": "neg_risk: false, ", "ESC-9902": "neg_risk: true, "}
    for name, kind in kinds.items():
        text = CASE.strip().replace("ESC-9901", name).replace("KIND: true, ", kind)
        (tmp_path / "cases" / f"{name}-moves.yaml").write_text(text + "\n", encoding="utf-8")
    ran = Bench(tmp_path).pytest("--target", "venue", "--build", "2026.11.2")
    assert ran.outcomes() == {"passed": 4}, ran.out
