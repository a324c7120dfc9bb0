"""Plans to judge: a staging exchange elsewhere, an exchange on this machine, and what a run would do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.guard import CompIDs, Effect, Identity, Kind, Operation, Plan, Proofs

HERE = {
    "rest": "http://127.0.0.1:8081",
    "ws": "ws://127.0.0.1:8082",
    "chain": "http://127.0.0.1:8083",
    "control": "http://127.0.0.1:8084",
    "fix": "tcp://127.0.0.1:8085",
}
ELSEWHERE = {
    "rest": "https://clob.staging.test",
    "ws": "wss://ws.staging.test",
    "chain": "https://rpc.test:8545",
}
PRODUCTION = ("https://clob.prod.test", "wss://ws.prod.test")
RESOLVED = {
    "clob.staging.test": ("192.0.2.1", "2001:db8::1"),
    "ws.staging.test": ("192.0.2.2",),
    "rpc.test": ("192.0.2.3",),
    "clob.prod.test": ("198.51.100.1", "2001:db8::99"),
    "ws.prod.test": ("198.51.100.2",),
}
SESSIONS = {
    "order_entry": CompIDs("{FIRM}_PMX_OE", "PMX_{FIRM}_OE"),
    "drop_copy": CompIDs("{FIRM}_PMX_DC", "PMX_{FIRM}_DC"),
    "other.order_entry": CompIDs("{KEY}", "OtherRT", signed_logon=True),
}
OPERATIONS = {
    Effect.READ: Operation("step 'look'", "rest: GET /book", Effect.READ),
    Effect.WRITE: Operation("step 'buy'", "rest: POST /order", Effect.WRITE),
    Effect.UNKNOWN: Operation("step 'odd'", "rest: PATCH /order", Effect.UNKNOWN),
}
PROOFS = Proofs(healthy=True, build="2026.11.2", chain_id=80002, environment="staging")


def plan(kind: Kind = Kind.STAGING, **changed: Any) -> Plan:
    """A plan that is allowed, with what a test changes."""
    made = Plan(
        "there",
        kind,
        (OPERATIONS[Effect.READ],),
        HERE if kind in (Kind.VENUE, Kind.LOCAL) else ELSEWHERE,
        Identity("staging", 80002, "2026.11.2", SESSIONS),
        PRODUCTION,
    )
    return replace(made, **changed)
