"""Trying a FIX gateway: what is said to it, by whose session, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.accounts import Wallet
from harness.guard import CompIDs, Kind
from harness.opening import NOBODY
from harness.pool.leasing import leased
from harness.pool.values import Entry, FixedSession, Pool
from harness.redact import Secret
from harness.trying.places import Places
from harness.trying.rows import Row, State
from harness.trying.trials import TRIALS

from .gateways import SENDER, TARGET, Answer, gateway, hangs_up, is_silent, logs_on, refuses
from .trials import exchange, places

WALLET = Wallet.create()
POOL = Pool(
    (
        Entry(
            "maker-1",
            Secret(WALLET.key.to_hex()),
            WALLET.address,
            sessions={"order_entry": FixedSession(SENDER, TARGET)},
        ),
    )
)


@contextmanager
def there(
    answer: Answer, otherwise: Answer = refuses, pool: Pool = POOL
) -> Iterator[tuple[Places, list[str]]]:
    """A target on this machine with such a gateway, and who came to it."""
    with gateway({SENDER: answer}, otherwise) as (endpoints, came), exchange() as rest:
        at = places(rest=rest.url, fix=endpoints.fix, sessions=endpoints.sessions)
        yield replace(at, target=replace(at.target, pool=pool)), came


def rows(at: Places) -> dict[str, Row]:
    return {row.what: row for row in TRIALS["fix"](at)}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Locks of this test's own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.parametrize(
    ("answer", "state", "found", "then"),
    [
        (logs_on, State.WORKS, "logs on and off again", ""),
        (refuses, State.SILENT, "answers a Logon with a Logout: who are you?", "are the CompIDs"),
        (hangs_up, State.SILENT, "takes a connection, and hangs up at a Logon", "is the engine"),
        (is_silent, State.SILENT, "no engine behind it answers a Logon", "is the engine"),
    ],
)
def test_the_session_of_an_account(answer: Answer, state: State, found: str, then: str) -> None:
    """An account's own session is logged on and off again; what comes instead is told with what to do."""
    with there(answer) as (at, came):
        row = rows(at)["fix logon"]

    assert (row.state, came) == (state, [SENDER])
    assert row.found.startswith("maker-1 (order_entry) ")
    assert row.found.endswith(found)
    assert row.next.startswith(then)


def test_an_account_that_a_run_has_is_left_alone() -> None:
    """A session whose account is in use is not logged on to: a second Logon could end the run's."""
    with there(logs_on) as (at, came), leased(POOL, [("alice", "", "eoa")], "a run", lambda text: None):
        row = rows(at)["fix logon"]

    assert (row.state, came) == (State.UNTRIED, [])
    assert row.next == "try again when no run has it"


@pytest.mark.parametrize(
    ("otherwise", "state", "found"),
    [
        (refuses, State.WORKS, "is refused"),
        (hangs_up, State.WORKS, "is refused"),
        (is_silent, State.SILENT, "is not answered within 5 s"),
    ],
)
def test_nobody_s_logon(otherwise: Answer, state: State, found: str) -> None:
    """Without a session at hand a firm that nobody has says the Logon, and only silence speaks against it."""
    with there(logs_on, otherwise, Pool()) as (at, came):
        row = rows(at)["fix logon"]

    assert (row.state, came) == (state, [f"{NOBODY}_OE"])
    assert row.found.endswith(found)


def test_names_that_tell_no_firm() -> None:
    """Where no name is nobody's, no Logon is said, and the row says what would help."""
    with there(logs_on, pool=Pool()) as (at, came):
        fixed = {"order_entry": CompIDs(SENDER, TARGET)}
        row = rows(replace(at, endpoints=replace(at.endpoints, sessions=fixed)))["fix logon"]

    assert (row.state, came) == (State.ABSENT, [])
    assert "`fix`" in row.next


def test_production_hears_nothing() -> None:
    """On production no Logon is said, whatever accounts are there."""
    with there(logs_on) as (at, came):
        found = rows(replace(at, target=replace(at.target, kind=Kind.PRODUCTION)))

    assert (list(found), came) == (["fix"], [])
    assert found["fix"].found.endswith("no logon, which is a write")


def test_a_target_that_does_not_prove_itself() -> None:
    """Where a run would not begin, no Logon is said, and why is told."""
    with there(logs_on) as (at, came):
        row = rows(replace(at, endpoints=replace(at.endpoints, rest="http://127.0.0.1:1")))["fix logon"]

    assert (row.state, came) == (State.UNTRIED, [])
    assert "T001" in row.found
