"""The FIX session layer of the gateway, its control API, and the death of its process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.venue.faults import VenueError
from harness.venue.fix.child import AcceptorChild
from harness.venue.fix.sessions import FIXT, FixSession, Kind

from .bench import Bench, Customer, eventually, start_venue, stop_venue
from .fixclient import FixClient

ADDRESS = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"


def test_every_session_has_comp_ids_of_its_own(bench: Bench, buyer: Customer) -> None:
    """CompIDs follow the exchange's pattern and are given out once; the ready line says where to connect."""
    first, copy = FixClient.order_entry(bench, buyer).session, FixClient.drop_copy(bench, buyer).session
    second = FixClient.order_entry(bench, buyer).session
    firm = first["sender"].removesuffix("_PMX_OE")
    assert first["target"] == f"PMX_{firm}_OE"
    assert (copy["sender"], copy["target"]) == (f"{firm}_PMX_DC", f"PMX_{firm}_DC")
    assert (second["sender"], second["target"]) == (f"{firm}_PMX_OE2", f"PMX_{firm}_OE2")
    assert first in bench.control("/fix-sessions")
    ready = bench.ready["fix"]
    assert (ready["host"], ready["port"]) == (first["host"], first["port"])
    assert (ready["begin_string"], ready["appl_ver_id"]) == ("FIXT.1.1", "9")
    assert ready["order_entry"] == {"sender": "{FIRM}_PMX_OE", "target": "PMX_{FIRM}_OE"}


def test_logon_resets_numbers_and_test_requests_are_answered(bench: Bench, buyer: Customer) -> None:
    """With 141=Y both sides start at 1, and the next message of the exchange is 2."""
    client = FixClient.order_entry(bench, buyer)
    for _ in range(2):
        answer = client.log_on()
        assert answer.take(35, 34, 141, 98, 108, 1137) == ("A", "1", "Y", "0", "30", "9")
        client.send("1", (112, "hello"))
        client.expect("0", (34, 2), (112, "hello"))
        client.disconnect()


def test_a_logout_is_answered(bench: Bench, buyer: Customer) -> None:
    """Logout is answered with Logout, and the connection is closed."""
    client = FixClient.drop_copy(bench, buyer)
    client.log_on()
    client.send("5")
    client.expect("5", (34, 2))
    assert client.closed()


def test_a_number_too_low_ends_the_session(bench: Bench, buyer: Customer) -> None:
    """A message below the expected number without PossDupFlag is answered with Logout and a close."""
    client = FixClient.drop_copy(bench, buyer)
    client.log_on()
    client.send("1", (112, "low"), number=1)
    client.expect("5", (58, "MsgSeqNum too low, expecting 2 but received 1"))
    assert client.closed()


def test_a_gap_is_asked_for(bench: Bench, buyer: Customer) -> None:
    """A number too high is answered with a ResendRequest from the first one missing."""
    client = FixClient.drop_copy(bench, buyer)
    client.log_on()
    client.send("1", (112, "high"), number=5)
    client.expect("2", (7, 2), (16, 0))
    client.send("4", (43, "Y"), (123, "Y"), (36, 5), number=2)
    client.number = 5
    client.expect("0", (112, "high"))
    client.ping("on")
    client.disconnect()


def test_garbled_messages_are_ignored(bench: Bench, buyer: Customer) -> None:
    """A message with a wrong checksum is dropped without a trace, and its number is free."""
    client = FixClient.drop_copy(bench, buyer)
    client.log_on()
    client.send_raw(b"8=FIXT.1.1\x019=5\x0135=0\x0110=999\x01")
    client.ping("still here")
    client.disconnect()


def test_a_silent_client_is_asked_and_hung_up_on(bench: Bench, buyer: Customer) -> None:
    """With a heartbeat of a second the exchange sends its own, asks a silent client, and hangs up."""
    client = FixClient.drop_copy(bench, buyer)
    client.connect()
    client.send("A", (98, 0), (108, 1), (141, "Y"), (1137, 9))
    client.number = 1
    client.expect("A", (108, 1))
    kinds = [message[35] for message in client.rest()]
    assert kinds[0] == "0"
    assert "1" in kinds
    assert set(kinds) == {"0", "1"}


def test_sender_sub_id_on_logon_is_refused(bench: Bench, buyer: Customer) -> None:
    """A Logon with tag 50 is logged out with the reason, and a Logon without it is taken after that."""
    client = FixClient.order_entry(bench, buyer)
    client.log_on((50, "trader"))
    client.expect("5", (58, "SenderSubID (50) is not allowed on Logon"))
    client.send("5")
    assert client.closed()
    assert client.log_on()[35] == "A"
    client.ping("welcome")
    client.disconnect()


@pytest.mark.parametrize(
    "change", [{"sender": "NOBODY"}, {"target": "PMX_NOBODY"}, {"begin_string": "FIX.4.2"}]
)
def test_an_unknown_caller_is_hung_up_on(bench: Bench, buyer: Customer, change: dict[str, Any]) -> None:
    """Who is not one of the sessions gets no answer."""
    client = FixClient(FixClient.order_entry(bench, buyer).session | change)
    client.connect()
    client.send("A", (98, 0), (108, 30), (141, "Y"), (1137, 9))
    assert client.closed()


def test_missed_reports_are_resent(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """What happened while a client was away is resent on request, as a possible duplicate, in order."""
    client = FixClient.drop_copy(bench, buyer)
    client.log_on()
    client.disconnect()
    order_id = buyer.order(market["yes"], "BUY", 0.5, 10)["orderID"]
    buyer.client.cancel_orders([order_id])
    assert client.log_on(reset=False)[34] == "4"
    client.send("2", (7, 2), (16, 0))
    client.expect("8", (34, 2), (43, "Y"), (150, "0"), (37, order_id))
    client.expect("8", (34, 3), (43, "Y"), (150, "4"), (37, order_id))
    client.expect("4", (34, 4), (43, "Y"), (123, "Y"), (36, 5))
    client.ping("level")
    client.disconnect()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "send an address and a kind, order_entry or drop_copy"),
        ({"kind": "market_data"}, "order_entry or drop_copy"),
        ({"kind": "order_entry"}, "needs private_key"),
        ({"kind": "order_entry", "private_key": "0x12"}, "needs private_key"),
        ({"kind": "order_entry", "private_key": "0x" + "11" * 32}, "private_key is not the key of"),
        ({"kind": "drop_copy", "private_key": "0x12"}, "leave private_key out"),
        ({"kind": "drop_copy", "begin_string": "FIX.4.2"}, "is not one of FIXT.1.1, FIX.4.4"),
        ({"kind": "drop_copy", "password": "x"}, "unknown password: the keys are"),
    ],
)
def test_a_bad_session_request_says_what_to_do(
    bench: Bench, buyer: Customer, body: dict[str, str], text: str
) -> None:
    """Each bad request answers 400 with the reason."""
    answer = bench.http.post(bench.ready["control"] + "/fix-sessions", json={"address": buyer.address} | body)
    assert answer.status_code == 400
    assert text in answer.json()["error"]


def started_again(bench: Bench, before: dict[str, Any]) -> bool | None:
    """Whether the acceptor died since and is back; until the venue sees it, a client is turned away."""
    fix = bench.control("/health")["fix"]
    return True if fix["restarts"] > before["restarts"] and fix["state"] == "up" else None


def test_the_death_of_the_acceptor_costs_its_connections_only(
    bench: Bench, market: dict[str, str], buyer: Customer
) -> None:
    """After kill -9 REST goes on, the port stays, and what happened meanwhile is resent to a client."""
    client = FixClient.drop_copy(bench, buyer)
    client.log_on()
    before = bench.control("/health")["fix"]
    assert before["state"] == "up"

    os.kill(before["pids"][0], signal.SIGKILL)

    assert client.closed()
    order_id = buyer.order(market["yes"], "BUY", 0.5, 10)["orderID"]
    eventually(lambda: started_again(bench, before))
    assert client.log_on(reset=False)[34] == "3"
    client.send("2", (7, 2), (16, 0))
    client.expect("8", (34, 2), (43, "Y"), (150, "0"), (37, order_id))
    client.expect("4", (36, 4))
    client.ping("again")
    after = bench.control("/health")["fix"]
    assert after["state"] == "up"
    assert after["pids"] != before["pids"]
    assert after["restarts"] == before["restarts"] + 1
    client.disconnect()


def test_an_acceptor_that_cannot_live_is_given_up(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A process that dies at once, again and again, is reported as down with its reason."""
    session = FixSession(ADDRESS, Kind.DROP_COPY, "A", "B", FIXT)
    monkeypatch.setattr("sys.executable", "/bin/false")

    async def scenario() -> dict[str, Any]:
        child = AcceptorChild()
        await child.start()
        with pytest.raises(VenueError, match="did not open A: its acceptor died 5 times"):
            await child.open(session, {})
        await child.stop()
        return child.view()

    assert asyncio.run(scenario())["state"] == "down"
    assert "the FIX gateway is down: its acceptor died 5 times" in capfd.readouterr().err


def test_a_venue_that_stops_logs_its_clients_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the venue is told to stop, a connected client gets a Logout, and no file is left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process, ready = start_venue("2026.11.2")
    bench = Bench(ready)
    client = FixClient.drop_copy(bench, bench.customer(bench.market()))
    client.log_on()
    bench.http.close()

    assert stop_venue(process) == 0

    client.expect("5", (58, "the exchange is closing"))
    assert client.closed()
    assert list(tmp_path.iterdir()) == []


def gone(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return not state.stdout.strip() or state.stdout.startswith("Z")


def test_nothing_is_left_when_the_venue_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under SIGKILL of the venue the acceptor ends by itself and takes its files along."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process, ready = start_venue("2026.11.2")
    bench = Bench(ready)
    fix = eventually(lambda: (found := bench.control("/health")["fix"])["state"] == "up" and found)
    FixClient.drop_copy(bench, bench.customer(bench.market()))
    assert list(tmp_path.iterdir())
    bench.http.close()

    process.kill()
    process.wait()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()

    eventually(lambda: gone(fix["pids"][0]))
    eventually(lambda: not list(tmp_path.iterdir()))


def test_without_quickfix_the_rest_of_the_venue_runs(tmp_path: Path) -> None:
    """Where quickfix is not installed the ready line has no FIX, and stderr and the control API say why."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['quickfix'] = None\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    process, ready = start_venue("2026.11.2", env=environment, stderr=subprocess.PIPE)
    bench = Bench(ready)
    reason = "the FIX gateway is off, because quickfix is not installed: pip install quickfix-ssl"
    assert ready["fix"] is None
    assert bench.control("/health")["fix"] is None
    assert bench.control("/fix-sessions") == []
    body = {"address": ADDRESS, "kind": "drop_copy"}
    answer = bench.http.post(ready["control"] + "/fix-sessions", json=body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    bench.http.close()
    assert process.stderr is not None
    assert stop_venue(process) == 0
    assert reason in process.stderr.read()
    process.stderr.close()
