"""FIX messages that are wrong on purpose: live on the venue, and replayed."""

from __future__ import annotations

import pytest
from venue.bench import Bench

from harness.targets import Endpoints
from harness.wire.fix.codec import parse
from harness.wire.fix.message import Garbled, Message
from harness.wire.fix.written import read

from .played import played

CASE = """\
steps:
  - {id: on, as: alice, fix: oe, logon: {ResetSeqNumFlag: true}}
  - {id: written, as: alice, fix: oe, raw: "8=FIXT.1.1|35=1|112=by-hand|"}
  - {id: it, as: alice, fix: oe, within: 5s, where: {Heartbeat: {TestReqID: by-hand}}}
  - {id: asked, as: alice, fix: oe, send: {TestRequest: {TestReqID: twice}}}
  - {id: again, as: alice, fix: oe, raw: "${asked.sent}"}
  - {id: both, as: alice, fix: oe, within: 5s, where: {Heartbeat: {TestReqID: twice}}, count: 2, quiet: 1s}
  - id: garbled
    as: alice
    fix: oe
    send: {TestRequest: {TestReqID: never-read}}
    tamper: {CheckSum: "01"}
  - {id: next, as: alice, fix: oe, send: {TestRequest: {TestReqID: read}}}
  - {id: missed, as: alice, fix: oe, within: 5s, where: {ResendRequest: {BeginSeqNo: 5}}}
checks:
  - id: never-answered
    never: {fix: oe, as: alice, where: {Heartbeat: {TestReqID: never-read}}}
    within: 1s
"""


@pytest.fixture
def endpoints(bench: Bench) -> Endpoints:
    return Endpoints.from_json(bench.ready)


def test_messages_by_hand_again_and_garbled(endpoints: Endpoints) -> None:
    """The venue reads what is written without CompIDs, and one message twice; it ignores what is garbled."""
    found = played(endpoints, CASE, symptom="symptom: {step: it, shows: {$closed}}\n")

    assert [(f.subject, f.text) for f in found.run.findings.values() if not f.holds] == []
    (garbled,), (asked,), (again,) = (
        [parse(read(wire["raw"])) for wire in found.sent(step)] for step in ("garbled", "asked", "again")
    )
    assert isinstance(garbled, Garbled)
    assert isinstance(asked, Message)
    assert isinstance(again, Message)
    assert (again.seq_num, again.get(112)) == ((asked.seq_num or 0) + 1, "twice")
