"""What the exchange can be told to answer otherwise is said in a case, and is over with it."""

from __future__ import annotations

import pytest

from .bench import Bench

BUILD = "2026.11.2"
CASE = """\
id: ESC-{number}
title: "The exchange answers otherwise"
status: fixed
fixed_in: "2026.11.2"
severity: minor
component: clob/orders
actors: {{alice: trader}}
given:
  - market: {{tick: 0.01}}
    save: market
  - fund: {{alice: {{collateral: 100}}}}
steps:
  - id: told
    target: {told}
  - id: answered
    rest: {rest}
    as: alice
{order}
    expect: {expect}
symptom: {{step: answered, shows: {{status: 418}}}}
"""
BUY = '{{token: "${{market.yes}}", side: BUY, price: {price}, size: {size}, type: GTC}}'
TOO_DEAR = "    order: " + BUY.format(price="0.90", size=500)
SMALL = "    order: " + BUY.format(price="0.10", size=1)
FINE = "    order: " + BUY.format(price="0.10", size=5)
TWO = "    orders:\n" + "\n".join("      - " + BUY.format(price=price, size=5) for price in ("0.10", "0.11"))
OVER = "{$contains: Rate limit exceeded for tokenId}"
ANSWERS = {
    "words-of-the-balance": (
        "words\n    of: balance",
        TOO_DEAR,
        '{status: 400, body: {error: "not enough balance / allowance"}}',
    ),
    "words-of-a-refusal": (
        "words\n    of: reply",
        SMALL,
        "{status: 200, body: {success: false, errorMsg: {$contains: lower than the minimum}}}",
    ),
    "the-limit-of-a-token": (
        "limits\n    of: token\n    times: 1",
        TWO,
        f"{{status: 200, body: [{{errorMsg: '', status: live}}, {{status: delayed, errorMsg: {OVER}}}]}}",
    ),
    "a-limit-that-is-kept": (
        "limits\n    of: token\n    times: 2",
        TWO,
        "{status: 200, body: [{errorMsg: '', status: live}, {errorMsg: '', status: live}]}",
    ),
    "a-restart-with-other-words": (
        "restart\n    of: matcher\n    for: 60s\n    error: order manager not ready, please retry",
        FINE,
        '{status: 425, body: {error: "order manager not ready, please retry"}}',
    ),
    "nothing-but-cancels-refused-too": (
        "pause\n    for: 60s\n    mode: disabled",
        FINE,
        "{status: 503, body: {error: {$contains: Trading is currently disabled}}}",
    ),
    "post-only": (
        "pause\n    for: 60s\n    mode: post_only",
        FINE,
        "{status: 503, body: {code: post_only_mode, retry_after_seconds: {$gte: 1}}}",
    ),
    "an-older-refusal": (
        "fail\n    error: invalid nonce",
        FINE,
        "{status: 400, body: {error: invalid nonce}}",
    ),
    "a-failure-elsewhere": (
        "fail\n    error: Internal server error\n    at: GET /data/orders",
        "",
        "{status: 500, body: {error: Internal server error}}",
    ),
    "a-restart-without-a-word": (
        "restart\n    of: matcher\n    for: 60s\n    error: nothing",
        FINE,
        '{status: 425, body: ""}',
    ),
}


@pytest.fixture
def said(bench: Bench) -> Bench:
    """A project with these cases alone."""
    bench.case.unlink()
    for number, (told, order, expect) in enumerate(ANSWERS.values(), 3001):
        rest = {"": "GET /data/orders", TWO: "POST /orders"}.get(order, "POST /order")
        text = CASE.format(number=number, told=told, rest=rest, order=order, expect=expect)
        (bench.root / "cases" / f"ESC-{number}.yaml").write_text(text, encoding="utf-8")
    return bench


def test_other_answers_are_said_in_a_case(said: Bench) -> None:
    """Older words, the limit of a token and what a restart answers are asked for; each ends with its case."""
    ran = said.pytest("--target", "venue", "--build", BUILD)

    assert (ran.code, ran.outcomes()) == (0, {"passed": len(ANSWERS)}), ran.out


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("words", "of"),
        ("words\n    of: nothing", "nothing"),
        ("deny\n    of: settlement", "settlement"),
        ("restart\n    of: matcher\n    error: go away", "go away"),
        ("fail\n    error: invalid nonce\n    at: GET /time", "GET /time"),
        ("pause\n    for: 3s\n    mode: waf", "waf"),
    ],
)
def test_an_answer_that_is_none_is_refused(said: Bench, told: str, text: str) -> None:
    """What the exchange cannot be told is named with its line before anything runs."""
    case = CASE.format(number=3100, told=told, rest="POST /order", order=FINE, expect="{status: 200}")
    (said.root / "cases" / "ESC-3100.yaml").write_text(case, encoding="utf-8")
    ran = said.harness("lint", "cases/ESC-3100.yaml")

    assert ran.code != 0
    assert text in ran.out
