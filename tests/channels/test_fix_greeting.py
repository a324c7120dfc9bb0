"""Whether the engine behind a FIX gateway's port answers, and what a run that ended badly makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from spine.story import case
from venue.bench import Bench, Customer

from harness.accounts import Account, Wallet
from harness.case.values import Case
from harness.channels.dial import Dial
from harness.channels.fixgreeting import greeted
from harness.clock import RunClock
from harness.guard import CompIDs
from harness.opening import NOBODY
from harness.pool.values import FixedSession
from harness.probing import engine_down
from harness.targets import Endpoints

from .gateways import SENDER, TARGET, Answer, gateway, hangs_up, is_silent, logs_on, refuses
from .leaves import OPEN_DIAL, permit_for
from .seat import Seat

USES_FIX: Case = case(
    "steps:\n  - {id: it, fix: oe, as: alice, logon: {ResetSeqNumFlag: true}}\n"
    "symptom: {step: it, shows: {$lost}}\n"
)
ALICE = Account("alice", Wallet.create(), "key", "secret", "passphrase").with_sessions(
    {"order_entry": FixedSession(SENDER, TARGET)}
)


def down(endpoints: Endpoints) -> str | None:
    dial = Dial(permit_for(endpoints))
    return engine_down(USES_FIX, {"alice": ALICE}, endpoints, dial, lambda name, value: None, answer_s=1)


def test_a_real_engine_is_logged_on_to_and_off_again(bench: Bench, customer: Customer) -> None:
    """A session of the venue's QuickFIX is greeted twice: each Logon and Logout is answered."""
    seat = Seat.of(bench, customer)
    for _ in range(2):
        found = greeted(seat.address, OPEN_DIAL, RunClock(), 10)
        assert (found.answered, found.logged_on, str(found)) == (True, True, "logs on and off again")


@pytest.mark.parametrize("answer", [logs_on, refuses])
def test_an_engine_that_answers_is_there(answer: Answer) -> None:
    """A Logon, or a Logout that refuses: nobody else is asked, and what the run saw is the product's."""
    with gateway({SENDER: answer}) as (endpoints, came):
        assert (down(endpoints), came) == (None, [SENDER])


@pytest.mark.parametrize("answer", [hangs_up, is_silent])
@pytest.mark.parametrize("otherwise", [hangs_up, refuses])
def test_one_session_s_trouble_is_the_product_s(answer: Answer, otherwise: Answer) -> None:
    """An account's own session that gets no answer excuses nothing where a Logon of nobody is heard."""
    with gateway({SENDER: answer}, otherwise) as (endpoints, came):
        assert (down(endpoints), came) == (None, [SENDER, f"{NOBODY}_OE"])


@pytest.mark.parametrize("answer", [hangs_up, is_silent])
def test_an_engine_that_answers_nobody_is_gone(answer: Answer) -> None:
    """Where a Logon of nobody is met with silence, too, the engine is gone, and it is told by its name."""
    with gateway({SENDER: answer}, is_silent) as (endpoints, came):
        told = down(endpoints)
    assert came == [SENDER, f"{NOBODY}_OE"]
    assert (
        told
        == {
            hangs_up: "the FIX gateway takes a connection, and hangs up at a Logon",
            is_silent: "the FIX gateway takes a connection, and no engine behind it answers a Logon",
        }[answer]
    )


def test_where_names_tell_no_firm_nobody_is_asked() -> None:
    """Without a name for nobody, one session's silence excuses nothing."""
    with gateway({}, is_silent) as (endpoints, came):
        fixed = replace(endpoints, sessions={"order_entry": CompIDs(SENDER, TARGET)})
        assert (down(fixed), came) == (None, [SENDER])
