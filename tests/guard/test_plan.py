"""What a run would do is read from its case: every operation, and what it does to the other side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.case.read import parse_case, read_case
from harness.guard import Effect, operations_of
from harness.guard.effects import of_intent, of_rest

ROOT = Path(__file__).resolve().parents[2]
HEAD = """
id: ESC-1
title: t
status: open
severity: minor
component: clob
{actors}
steps:
{steps}
symptom: {{step: it, shows: {{status: 500}}}}
"""
ALICE = "actors: {alice: trader}"
IT = "  - id: it\n    rest: GET /time\n    expect: {status: 200}\n"


def told(steps: str, actors: str = ALICE) -> list[str]:
    """The operations of a case with these steps before `it`, but those of actors and of `it`."""
    case = parse_case(HEAD.format(actors=actors, steps=steps + IT), "cases/ESC-1.yaml")
    found = [str(each) for each in operations_of(case)]
    return [each for each in found if not each.startswith(("actor ", "step 'it'"))]


@pytest.mark.parametrize(
    ("step", "operation"),
    [
        ("rest: GET /book?token_id=1", "rest: GET /book?token_id=1 reads"),
        ("rest: GET /data/orders", "rest: GET /data/orders reads"),
        ("rest: POST /books\n    json: [{token_id: '1'}]", "rest: POST /books reads"),
        ("rest: DELETE /cancel-all", "rest: DELETE /cancel-all writes"),
        ("rest: GET /balance-allowance/update", "rest: GET /balance-allowance/update writes"),
        ("rest: GET /new/endpoint", "rest: GET /new/endpoint is not known to only read"),
        ("rest: PATCH /order", "rest: PATCH /order is not known to only read"),
        (
            "rest: GET /book\n    headers: {X-HTTP-Method-Override: DELETE}",
            "rest: GET /book is not known to only read",
        ),
        ("rest: GET /book\n    headers: {host: other}", "rest: GET /book is not known to only read"),
        (
            "rest: GET /time\n    fault: cut",
            "rest: GET /time reads; step 'do': fault: cut is not known to only read",
        ),
    ],
)
def test_requests(step: str, operation: str) -> None:
    """A request is what its method and path are known for; what could change either makes it unknown."""
    expect = f"    expect: {'{$lost}' if 'fault' in step else '{status: 200}'}\n"
    found = told(f"  - id: do\n    {step}\n{expect}")

    assert "; ".join(found) == f"step 'do': {operation}"


def test_every_channel() -> None:
    """Streams are listened to; what is said as it is, every FIX message and every transaction is no read."""
    found = told(
        """
  - {id: listen, ws: market, subscribe: {assets_ids: ['1']}}
  - {id: say, ws: market, send: {odd: 1}}
  - {id: hear, ws: market, within: 1s, expect: {event_type: book}}
  - {id: on, fix: oe, logon: {}}
  - {id: order, fix: oe, send: {OrderCancelRequest: {ClOrdID: x, OrigClOrdID: y, Side: BUY, Symbol: z}}}
  - {id: report, fix: oe, within: 1s, expect: {ExecutionReport: {ClOrdID: x}}}
  - {id: held, chain: balances, expect: {alice: {collateral: 1}}}
  - id: give
    chain: send
    to: collateral
    function: "approve(address,uint256)"
    args: [exchange, 1]
    expect: {accepted: {$hex: 32}}
  - {id: off, target: pause, for: 1s}
  - {id: rest, wait: 1s, reason: no need}
"""
    )

    assert found == [
        "step 'listen': ws.market: subscribe reads",
        "step 'say': ws.market: send is not known to only read",
        "step 'hear': ws.market: listen reads",
        "step 'on': fix.oe(alice): logon writes",
        "step 'order': fix.oe(alice): send writes",
        "step 'report': fix.oe(alice): listen reads",
        "step 'held': chain: look reads",
        "step 'give': chain: send approve(address,uint256) writes",
        "step 'off': target: pause writes",
    ]


def test_every_account_is_leased_with_a_write() -> None:
    """An actor is an account, and an account is had by a write, whether a step uses it or not."""
    case = parse_case(HEAD.format(actors=ALICE, steps=IT), "cases/ESC-1.yaml")

    assert [str(each) for each in operations_of(case)] == [
        "actor 'alice': an account is leased, with POST /auth/api-key writes",
        "step 'it': rest: GET /time reads",
    ]
    alone = parse_case(HEAD.format(actors="", steps=IT), "cases/ESC-1.yaml")
    assert [each.effect for each in operations_of(alone)] == [Effect.READ]


@pytest.mark.parametrize("path", sorted((ROOT / "cases").rglob("*.yaml")), ids=lambda path: path.stem[:8])
def test_every_case_of_ours_is_known(path: Path) -> None:
    """No request of our own cases is missing in the tables but what is meant to be odd, and each writes."""
    operations = operations_of(read_case(path))

    unknown = [str(each) for each in operations if each.effect is Effect.UNKNOWN]
    assert [each for each in unknown if " rest: " in each] == []
    assert any(each.effect is Effect.WRITE for each in operations)


@pytest.mark.parametrize(
    ("path", "host", "effect"),
    [
        ("/book", "clob", Effect.READ),
        ("/book?token_id=1", "clob", Effect.READ),
        ("/data/order/0xab", "clob", Effect.READ),
        ("/data/order/", "clob", Effect.UNKNOWN),
        ("/data/order/0xab/cancel", "clob", Effect.UNKNOWN),
        ("/data/order/..%2f..%2fcancel", "clob", Effect.UNKNOWN),
        ("/data/order/../../order", "clob", Effect.UNKNOWN),
        ("//evil.test/book", "clob", Effect.UNKNOWN),
        ("/book/", "clob", Effect.UNKNOWN),
        ("/BOOK", "clob", Effect.UNKNOWN),
        ("/book\n", "clob", Effect.UNKNOWN),
        ("/book;x=1", "clob", Effect.UNKNOWN),
        ("http://evil.test/book", "clob", Effect.UNKNOWN),
        ("/positions", "data", Effect.READ),
        ("/positions", "clob", Effect.UNKNOWN),
        ("/book", "data", Effect.UNKNOWN),
        ("/markets", "gamma", Effect.READ),
        ("/transaction", "relayer", Effect.UNKNOWN),
    ],
)
def test_paths_are_known_exactly(path: str, host: str, effect: Effect) -> None:
    """A path that is nearly a known one is unknown, and each host knows its own."""
    assert of_rest("GET", path, host) is effect
    assert of_rest("HEAD", path, host) is effect
    assert not of_rest("POST", path, host).is_read
    assert not of_rest("get", path, host).is_read
    assert not of_rest("GET", path, host, has_body=True).is_read


@pytest.mark.parametrize(
    ("channel", "intent", "effect"),
    [
        ("rest", {"method": "GET", "path": "/time"}, Effect.READ),
        ("rest", {"method": "GET", "path": "/time", "json": {}}, Effect.UNKNOWN),
        ("rest", {"method": "GET", "path": "/time", "headers": {"HOST": "x"}}, Effect.UNKNOWN),
        ("rest", {"method": "GET", "path": "/time", "fault": "cut"}, Effect.UNKNOWN),
        ("rest", {"method": "POST", "path": "/order", "json": {}}, Effect.WRITE),
        ("ws.user", {"subscribe": {}}, Effect.READ),
        ("ws.user", {"unsubscribe": {}}, Effect.READ),
        ("ws.user", {"close": {}}, Effect.READ),
        ("ws.user", {"raw": "x"}, Effect.UNKNOWN),
        ("ws.user", {"fault": "over"}, Effect.READ),
        ("ws.user", {"fault": "half_open"}, Effect.UNKNOWN),
        ("fix.oe", {"fix": "logon", "fields": {}}, Effect.WRITE),
        ("fix.dc", {"fix": "set", "next_out": 3}, Effect.WRITE),
        ("chain", {"rpc": [["eth_call", []], ["eth_getLogs", []]]}, Effect.READ),
        ("chain", {"rpc": [["eth_call", []], ["evm_mine", []]]}, Effect.UNKNOWN),
        ("chain", {"call": {}}, Effect.READ),
        ("chain", {"transaction": {}}, Effect.WRITE),
        ("target", {"fund": {}}, Effect.WRITE),
        ("own.deposit", {"own": "deposit", "arguments": {}}, Effect.UNKNOWN),
    ],
)
def test_what_is_about_to_go_out(channel: str, intent: dict[str, Any], effect: Effect) -> None:
    """An intent is judged by the same tables as the step that it came from."""
    assert of_intent(channel, intent) is effect


def test_an_own_step_reads_where_it_says_so() -> None:
    """A step of the project's own is unknown unless it declares that it only looks."""
    assert of_intent("own.look", {}, reads=True) is Effect.READ
