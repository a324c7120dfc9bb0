"""`engine: quickfix`: the real engine on the case's side, against the venue's gateway over real sockets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from e2e.bench import CONFIG
from e2e.bench import Bench as Project
from venue.bench import Bench, Customer, eventually

from harness import exactjson
from harness.channels.fix import FixAddress
from harness.errors import CaseError, TargetError

from .seat import TOTAL, Seat


def test_the_engine_logs_on_and_the_case_is_said_to_have(seat: Seat) -> None:
    """A logon opens a connection; its Logon is the case's, the reply is marked as the session's."""
    reply = seat.log_on(**TOTAL)

    opened, sent, pushed = seat.told
    assert (opened.what, sent.what, pushed) == ("opened", "sent", reply)
    assert sent.kind == "Logon"
    assert sent.fields["ResetSeqNumFlag"] is True
    assert (reply.by, reply.fields["MsgSeqNum"]) == ("session", 1)


def test_an_order_and_its_fill(seat: Seat, bench: Bench, market: dict[str, str], customer: Customer) -> None:
    """An order with a group goes out whole; its reports come as the exchange's, and no Reject is said."""
    seat.log_on(**TOTAL)
    parties = [{"PartyID": "A", "PartyRole": "CLIENT_ID"}, {"PartyID": "B", "PartyRole": "EXECUTING_FIRM"}]

    (sent,) = seat.order(market, "o1", NoPartyIDs=parties)
    accepted = seat.wait("pushed", "ExecutionReport", ExecType="NEW")
    bench.customer(market, yes="10").order(market["yes"], "SELL", 0.4, 5)
    filled = seat.wait("pushed", "ExecutionReport", ExecType="TRADE")
    seat.ask("all there")

    assert sent.fields["NoPartyIDs"] == parties
    assert (accepted.by, accepted.fields["ClOrdID"], filled.fields["CumQty"]) == ("peer", "o1", Decimal(5))
    assert not [told for told in seat.told if told.what == "said"]


def test_a_logout_is_the_case_s_and_ends_the_connection(seat: Seat) -> None:
    """A logout goes out with its text, is answered, and closes; what is sent afterwards is lost."""
    seat.log_on(**TOTAL)

    (sent,) = seat.do("logout", text="that is all")
    closed = seat.wait("closed")
    late = seat.do("send", message={"TestRequest": {"TestReqID": "late"}})

    assert (sent.kind, sent.fields["Text"]) == ("Logout", "that is all")
    assert seat.wait("pushed", "Logout").by == "session"
    assert closed.text == "we closed the connection"
    assert [(told.what, told.text) for told in late] == [("sent", ""), ("lost", "there is no FIX connection")]


def test_a_case_that_just_sends_is_logged_on_first(seat: Seat, market: dict[str, str]) -> None:
    """A first send without a logon has the session say one; the message is the case's."""
    reports = seat.order(market, "o1")

    assert [(told.what, told.kind) for told in reports] == [
        ("opened", ""),
        ("said", "Logon"),
        ("pushed", "Logon"),
        ("sent", "NewOrderSingle"),
    ]


def test_numbers_moved_are_the_engine_s(seat: Seat) -> None:
    """A number moved out shows at the exchange as a gap, which the engine fills by itself."""
    seat.log_on(**TOTAL)

    assert [(told.what, told.text) for told in seat.do("set", next_out=7)] == [("sent", "")]
    seat.do("send", message={"TestRequest": {"TestReqID": "gap"}})

    asked = seat.wait("pushed", "ResendRequest")
    filled = seat.wait("said", "SequenceReset")
    assert (asked.fields["BeginSeqNo"], asked.by) == (2, "session")
    assert (filled.fields["GapFillFlag"], filled.fields["NewSeqNo"]) == (True, 8)


def test_a_session_that_went_down_resumes_with_its_numbers(
    seat: Seat, bench: Bench, market: dict[str, str]
) -> None:
    """After a disconnect the numbers go on, and the engine asks for the reports that it missed."""
    seat.log_on(**TOTAL)
    seat.order(market, "o1")
    seat.wait("pushed", "ExecutionReport", ExecType="NEW")

    down = seat.do("disconnect")
    bench.customer(market, yes="10").order(market["yes"], "SELL", 0.4, 5)
    before = len(seat.told)
    seat.log_on()
    missed = seat.wait("pushed", "ExecutionReport", ExecType="TRADE")

    assert {(told.what, told.text) for told in down} == {("sent", ""), ("closed", "we closed the connection")}
    assert seat.wait("sent", "Logon", after=before).fields["MsgSeqNum"] == 3
    assert seat.wait("said", "ResendRequest", after=before).fields["BeginSeqNo"] == 3
    assert missed.fields["PossDupFlag"] is True


def test_an_engine_that_was_hung_up_on_waits_for_the_case(seat: Seat) -> None:
    """The exchange hangs up on a number too low; the engine stays down until the case logs on again."""
    seat.log_on(**TOTAL)
    seat.ask("one")
    seat.do("set", next_out=1)
    seat.do("send", message={"TestRequest": {"TestReqID": "low"}})
    seat.wait("closed")
    assert "MsgSeqNum too low" in seat.wait("pushed", "Logout").fields["Text"]

    before = len(seat.told)
    assert seat.do("send", message={"TestRequest": {"TestReqID": "down"}})[-1].what == "lost"
    seat.log_on(**TOTAL)

    assert [told.what for told in seat.told[before:]].count("opened") == 1
    assert seat.ask("two").fields["MsgSeqNum"] == 2


def test_fix_4_4(bench: Bench, customer: Customer, market: dict[str, str]) -> None:
    """A FIX 4.4 session works with its one dictionary."""
    seat = Seat.of(bench, customer, begin_string="FIX.4.4")

    seat.log_on(**TOTAL)
    seat.order(market, "o1")

    report = seat.wait("pushed", "ExecutionReport", ExecType="NEW")
    assert report.text.startswith("8=FIX.4.4|")
    seat.driver.close()
    assert [told.kind for told in seat.told if told.what == "said"] == ["Logout"]
    seat.assert_gone()


def test_fields_of_the_case_s_own_logon(seat: Seat) -> None:
    """What the case puts on its Logon goes out, in the header where it belongs there."""
    seat.do("logon", fields={**TOTAL, "HeartBtInt": 5, "Username": "zoë", "TargetSubID": "desk"})

    fields = seat.wait("sent", "Logon").fields
    assert (fields["HeartBtInt"], fields["TargetSubID"]) == (5, "desk")
    assert "553=zo\\xc3\\xab|" in seat.wait("sent", "Logon").text
    assert seat.wait("pushed", "Logon").fields["HeartBtInt"] == 5


@pytest.mark.parametrize(
    ("verb", "more", "told"),
    [
        ("raw", {"text": "8=FIXT.1.1|35=0|"}, "writes its own bytes"),
        ("send", {"message": {"TestRequest": {"MsgSeqNum": 9}}}, r"writes MsgSeqNum \(34\) itself"),
        ("send", {"message": {"TestRequest": {"112": ""}}}, "a value is not empty"),
        ("logon", {"fields": {"SenderCompID": "ME"}}, r"writes SenderCompID \(49\) itself"),
    ],
)
def test_what_an_engine_never_does_is_the_author_s(
    seat: Seat, verb: str, more: dict[str, Any], told: str
) -> None:
    """Asking the engine for what it never does is an error of the case, not a finding about the product."""
    if verb == "send":
        seat.log_on(**TOTAL)

    with pytest.raises(CaseError, match=told) as caught:
        seat.do(verb, **more)

    assert caught.value.code == "C028"


def test_heartbeats_are_agreed_once(seat: Seat) -> None:
    """quickfix takes its heartbeat interval when it is made; another one later is refused."""
    seat.log_on(HeartBtInt=20)
    seat.do("disconnect")

    with pytest.raises(CaseError, match="takes HeartBtInt"):
        seat.do("logon", fields={"HeartBtInt": 21})


def test_a_crash_between_steps_is_a_closed_connection(seat: Seat) -> None:
    """After kill -9 of the engine its connection is closed with the reason; later steps are lost at once."""
    seat.log_on(**TOTAL)
    assert seat.driver.pid is not None

    os.kill(seat.driver.pid, signal.SIGKILL)

    died = "the quickfix engine's process died (SIGKILL)"
    assert seat.wait("closed").text == died
    for verb in ("send", "logon", "logout"):
        reports = seat.do(verb, message={"TestRequest": {"TestReqID": "x"}})
        assert [(told.what, told.text) for told in reports] == [("sent", ""), ("lost", died)]


def test_a_crash_in_the_middle_of_a_send_loses_it(seat: Seat) -> None:
    """A send that the engine died over is lost with the same reason, and the step does not wait longer."""
    seat.log_on(**TOTAL)
    pid = seat.driver.pid
    assert pid is not None
    before = len(seat.told)
    os.kill(pid, signal.SIGSTOP)
    message = {"message": {"TestRequest": {"TestReqID": "x"}}}
    step = threading.Thread(target=seat.do, args=("send",), kwargs=message)
    step.start()

    os.kill(pid, signal.SIGKILL)
    step.join(5)

    assert not step.is_alive()
    assert sorted(told.what for told in seat.told[before:])[-2:] == ["lost", "sent"]
    assert (
        seat.wait("lost").text == seat.wait("closed").text == "the quickfix engine's process died (SIGKILL)"
    )


def test_a_gateway_that_is_not_there_is_the_environment_s(unused_port: int) -> None:
    """Where nobody listens, the first logon is a TargetError with the address."""
    seat = Seat(FixAddress("127.0.0.1", unused_port, "A", "B", "FIXT.1.1"))

    with pytest.raises(TargetError, match=f"127.0.0.1:{unused_port} does not open") as caught:
        seat.do("logon")

    assert (caught.value.code, seat.told) == ("T001", [])
    seat.driver.close()
    seat.assert_gone()


def test_without_quickfix_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unused_port: int
) -> None:
    """Where quickfix is not installed, the first step is a TargetError that names the extra."""
    monkeypatch.setenv("PYTHONPATH", str(_without_quickfix(tmp_path)))
    seat = Seat(FixAddress("127.0.0.1", unused_port, "A", "B", "FIXT.1.1"))

    for _ in range(2):
        with pytest.raises(TargetError, match=r"pip install 'escalation-harness\[fix\]'") as caught:
            seat.do("logon")
        assert caught.value.code == "T006"

    seat.driver.close()


def test_the_process_stamps_with_the_machine_s_clock(unused_port: int) -> None:
    """Every line of the engine's process has the machine's monotonic clock; it ends with its stdin."""
    commands = [
        {"do": "open", "begin_string": "FIXT.1.1", "sender": "A", "target": "B"},
        {"do": "logon", "host": "127.0.0.1", "port": unused_port, "fields": [], "reset": True, "by": "case"},
        {"do": "disconnect"},
    ]
    before_ns = time.monotonic_ns()

    ran = _engine("\n".join(map(exactjson.dumps, commands)) + "\n")

    events = [exactjson.loads(line) for line in ran.stdout.splitlines()]
    assert [event["event"] for event in events] == ["unreachable", "done"]
    assert before_ns < events[0]["at_ns"] <= events[1]["at_ns"] < time.monotonic_ns()
    assert (ran.returncode, ran.stderr) == (0, "")


def test_dictionaries_are_trimmed_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first use trims quickfix's dictionaries into the cache folder; the next leaves them alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    commands = [
        {"do": "open", "begin_string": "FIXT.1.1", "sender": "A", "target": "B"},
        {"do": "set", "next_out": 2},
    ]
    stdin = "\n".join(map(exactjson.dumps, commands)) + "\n"

    _engine(stdin)
    kept = {path.name: path.stat() for path in tmp_path.rglob("*.xml")}
    _engine(stdin)

    assert sorted(name.partition("-")[0] for name in kept) == ["FIX50SP2", "FIXT11"]
    assert all(stat.st_size < 250_000 for stat in kept.values())
    assert {path.name: path.stat() for path in tmp_path.rglob("*.xml")} == kept


def test_the_process_does_not_outlive_the_run(bench: Bench, customer: Customer) -> None:
    """When the run is killed, the engine's process ends by itself."""
    address = Seat.of(bench, customer).address
    script = (
        "import sys\nfrom channels.seat import Seat\nfrom harness.channels.fix import FixAddress\n"
        f"seat = Seat({address!r})\nseat.log_on()\nprint(seat.driver.pid, flush=True)\nsys.stdin.read()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        assert os.path.exists(f"/proc/{pid}")

        run.kill()

        eventually(lambda: not os.path.exists(f"/proc/{pid}"))


def test_a_whole_case_is_recorded_and_replays_without_quickfix(tmp_path: Path) -> None:
    """A case on the real engine is recorded on the venue; its replay never imports the engine."""
    project = Project(tmp_path)
    (tmp_path / "cases").mkdir()
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "cases" / "ESC-2087-engine.yaml").write_text(CASE, encoding="utf-8")

    live = project.pytest("--target", "venue", "--build", "2026.11.2", "--record", "fixed")
    bare = {"PYTHONPATH": str(_without_quickfix(tmp_path / "bare"))}
    replayed = project.pytest("-k", "fixed", env=bare)

    assert live.outcomes() == {"passed": 1}, live.out
    assert "holds" in live.out
    assert replayed.outcomes()["passed"] == 1, replayed.out
    assert "ESC-2087[fixed]  proven" in replayed.out, replayed.out


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        ("{kind: fix, as: alice, engine: quickfx}", "did you mean 'quickfix'?"),
        ("{kind: fix, as: alice, engine: quickfix, raw: true}", "a quickfix engine is never raw"),
    ],
)
def test_a_wrong_channel_is_refused_when_read(tmp_path: Path, channel: str, told: str) -> None:
    """An engine that there is not, and one that should be raw, are errors before anything runs."""
    project = Project(tmp_path)
    (tmp_path / "cases").mkdir()
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    text = CASE.replace("{kind: fix, as: alice, profile: order_entry, engine: quickfix}", channel)
    (tmp_path / "cases" / "ESC-2087-engine.yaml").write_text(text, encoding="utf-8")

    ran = project.harness("lint")

    assert ran.code == 2
    assert told in ran.out


def _engine(stdin: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness.channels.fixengine"]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=20, check=True)


def _without_quickfix(folder: Path) -> Path:
    """A folder for PYTHONPATH under which `import quickfix` fails."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['quickfix'] = None\n")
    return folder


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
