"""`harness check-target`: one table says which channels of a target work, and what to do about the rest."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from channels.listening import Listening

from .bench import ROOT, Bench, clean_environment
from .checked import bad, check, configure, read, rows
from .exchanges import Exchange, exchange

BUILD = "2026.11.2"
LATE_S = 600


@pytest.fixture(scope="module")
def staging() -> Iterator[Exchange]:
    """An exchange that says it is staging, whole and well."""
    with exchange(BUILD, "staging") as running:
        yield running


@pytest.fixture(scope="module")
def late() -> Iterator[Exchange]:
    """Another, whose clock and whose chain are ten minutes behind."""
    with exchange(BUILD, "staging", "--clock", str(int(time.time()) - LATE_S)) as running:
        yield running


def test_a_whole_target(bench: Bench, staging: Exchange) -> None:
    """Every channel of a target that is well works, and the table says what was found on each."""
    configure(bench, staging.configured("there", "staging", marked="staging", rtds=staging.ready["rtds"]))
    control = staging.control.control
    before, sessions = control("/markets"), control("/fix-sessions")

    ran = check(bench, "there")

    assert ran.code == 0, ran.out
    first, heads, *_, last = ran.out.splitlines()
    assert (first, heads.split()) == (
        "there: a target of kind staging",
        ["what", "address", "state", "found"],
    )
    assert last == "check-target: 0 – all that is configured works"
    table = read(ran, staging)
    block = table["chain"][2].split()
    assert table == {
        "identity": ("<control> /health environment", "works", "says that it is 'staging'"),
        "build": ("<control> /health build", "works", BUILD),
        "rest": ("<rest>", "works", "tells its time"),
        "clock": ("<rest>", "works", "agrees with this machine's"),
        "wallet (L1)": (
            "<rest>",
            "works",
            "a wallet's signature is taken (400: a new wallet has no API key)",
        ),
        "API key (L2)": ("<rest>", "works", "refuses a key that nobody has (401)"),
        "ws.market": ("<ws>/ws/market", "works", "opens, and answers PING"),
        "ws.user": (
            "<ws>/ws/user",
            "works",
            "opens, and refuses a key that nobody has: 1008 invalid subscription payload",
        ),
        "fix": (
            "<fix>",
            "works",
            "takes connections (drop_copy, order_entry configured)",
        ),
        "fix logon": ("<fix>", "works", "a new session (order_entry) logs on and off again"),
        "chain": ("<chain>", "works", " ".join(["chain", "137,", "block", block[3], block[4], "s", "old"])),
        "contracts": ("<chain>", "works", "code at 12 of 12 addresses"),
        "accounts": (
            "–",
            "not configured",
            "a new wallet is made for every actor, and the control API funds it",
        ),
        "control": ("<control>", "works", f"is well; {len(control('/verbs')['verbs'])} verbs"),
        "data": ("<data>", "works", "answers /positions"),
        "gamma": ("–", "not configured", "–"),
        "relayer": ("–", "not configured", "–"),
        "rtds": ("<rtds>", "works", "opens, and answers PING"),
        "limits": (
            "–",
            "works",
            "20 requests a second; an item: 100 orders, 1000 notional, 20 transactions, 2000 requests; "
            "the run: 2000 orders, 20000 notional, 400 transactions, 40000 requests",
        ),
    }
    assert int(block[4]) < 60
    assert (control("/markets"), len(control("/fix-sessions"))) == (before, len(sessions) + 1)


def test_the_embedded_exchange(bench: Bench) -> None:
    """The embedded exchange is started to be looked at, and all of it works."""
    ran = check(bench, "venue", "--format", "json")

    assert (ran.code, bad(rows(ran))) == (0, {}), ran.out


def test_production_is_looked_at(bench: Bench, staging: Exchange) -> None:
    """Of production as much is tried as only reads; it proves nothing, since nothing is written to it."""
    configure(bench, staging.configured("live", "production", control="", data=""))

    found = rows(ran := check(bench, "live", "--format", "json"))

    assert (ran.code, bad(found)) == (0, {}), ran.out
    assert (found["identity"]["state"], found["identity"]["found"]) == (
        "not configured",
        "nothing is written to it",
    )
    assert found["build"]["found"] == "nothing says at which build it is"
    assert found["ws.market"]["state"] == found["fix"]["state"] == "works"
    assert (found["fix"]["found"][-28:], "fix logon" in found) == ("; no logon, which is a write", False)


def test_channels_that_do_not_answer(bench: Bench, staging: Exchange) -> None:
    """A channel that is closed, one that hangs up, and one that never answers are told apart, each with what
    to do; the others work all the same."""
    with Listening() as slow, Listening() as closed:
        nobody = closed.port
        closed.__exit__()
        text = staging.configured(
            "there",
            "staging",
            marked="staging",
            ws=f"ws://127.0.0.1:{slow.port}",
            data=f"http://127.0.0.1:{nobody}",
        )
        configure(bench, re.sub(r"port = \d+", f"port = {nobody}", text))
        ran = check(bench, "there")

    assert ran.code == 3
    table = read(ran, staging)
    assert {what: row[1] for what, row in table.items() if row[1] not in ("works", "not configured")} == {
        "ws.market": "does not work",
        "ws.user": "does not work",
        "fix": "does not work",
        "data": "does not work",
    }
    assert "T021" in table["ws.market"][2]
    assert "did not open within 5.000 s: the WebSocket handshake had not ended" in table["ws.market"][2]
    assert table["data"][2].startswith("T012 connecting, after 0 bytes of an answer")
    assert table["fix"][2].startswith("T012 no connection")
    then = "→ is it up, and may this machine reach it (network, VPN, list of allowed addresses)?"
    assert table["data"][3] == table["fix"][3] == table["ws.user"][3] == then
    assert "check-target: 3 – could not tell: something that is configured does not work\n" in ran.out


def test_another_environment(bench: Bench, staging: Exchange) -> None:
    """A target that calls itself otherwise is wrongly configured, however well it answers."""
    configure(bench, staging.configured("there", "staging", marked="another"))

    found = rows(ran := check(bench, "there", "--format", "json"))

    assert (ran.code, bad(found)) == (2, {"identity": "is wrong", "fix logon": "not tried"})
    assert found["identity"]["found"] == (
        "says that it is 'staging', and 'another' is expected: no run will write to it"
    )


def test_another_chain(bench: Bench, staging: Exchange) -> None:
    """A node of another chain is told, with both chains; what is signed for the wrong one is refused."""
    text = staging.configured("there", "staging", marked="staging")
    configure(bench, text.replace("chain_id = 137", "chain_id = 80002"))

    found = rows(ran := check(bench, "there", "--format", "json"))

    assert ran.code == 2
    wrong = {"wallet (L1)": "does not work", "chain": "is wrong", "contracts": "is wrong"}
    assert bad(found) == wrong | {"fix logon": "not tried"}
    assert found["chain"]["found"].startswith(
        "T017 the chain's node is of chain 137, and 80002 is expected: nothing that it says counts"
    )
    assert found["wallet (L1)"]["next"] == "is chain_id the exchange's, and this machine's clock right?"


def test_contracts_that_are_not_there(bench: Bench, staging: Exchange) -> None:
    """Where no code stands at a contract's address, the contract and the address are named."""
    nowhere = "0x5a1B8C3F2d4E60718293a4b5c6D7e8F901234567"
    more = f'contracts = {{collateral = "{nowhere.lower()}"}}\n'
    configure(bench, staging.configured("there", "staging", marked="staging", more=more))

    found = rows(ran := check(bench, "there", "--format", "json"))

    assert (ran.code, bad(found)) == (2, {"contracts": "is wrong"})
    assert found["contracts"]["found"].lower() == f"no code at collateral {nowhere.lower()}"


def test_a_clock_that_is_minutes_off(bench: Bench, late: Exchange) -> None:
    """A target whose clock is behind says by how much, and what that does to signatures is seen."""
    configure(bench, late.configured("there", "staging", marked="staging"))

    found = rows(ran := check(bench, "there", "--format", "json"))

    assert ran.code == 3
    assert bad(found) == dict.fromkeys(("clock", "wallet (L1)", "chain"), "does not work")
    (off_s,) = re.findall(r"(\d+) s behind this machine's: what is signed", found["clock"]["found"])
    assert LATE_S - 60 < int(off_s) < LATE_S + 60
    assert found["wallet (L1)"]["found"].startswith("answers 401: ")


def test_the_table_of_the_docs(bench: Bench, late: Exchange) -> None:
    """The table that docs/targets.md shows is what the command prints, but for ports and a second."""
    configure(bench, late.configured("there", "staging", marked="staging"))
    page = (ROOT / "docs" / "targets.md").read_text(encoding="utf-8")
    _, shown = page.split("$ harness check-target there\n")
    *wanted, elided, last = shown[: shown.index("```")].splitlines()

    ran = check(bench, "there")

    def alike(line: str) -> str:
        return re.sub(
            r":\d{4,5}\b", ":PORT", re.sub(r"\b(59|6[0-9])\d s", "600 s", re.sub(" {2,}", "  ", line))
        )

    printed = [alike(line) for line in ran.out.splitlines()]
    assert [alike(line) for line in wanted] == printed[: len(wanted)]
    assert last in printed
    rows = [re.split(r" {2,}", line)[0] for line in printed[len(wanted) : printed.index(last)]]
    assert elided == f"[… {', '.join(filter(None, rows))}]"


def test_a_node_that_is_behind(bench: Bench, staging: Exchange, late: Exchange) -> None:
    """A node whose newest block is minutes old is told, where everything else is in time."""
    configure(bench, staging.configured("there", "staging", marked="staging", chain=late.ready["chain"]))

    found = rows(ran := check(bench, "there", "--format", "json"))

    assert (ran.code, bad(found)) == (3, {"chain": "does not work"})
    assert re.search(
        r"chain 137, block \d+ of \S+Z: \d{3} s behind this machine's clock", found["chain"]["found"]
    )


def test_staging_that_leads_to_production(bench: Bench, staging: Exchange) -> None:
    """An address that is production's is refused before anything is sent there, and only that one."""
    live = f'[targets.live]\nkind = "production"\nrest = "{staging.ready["data"]}"\n'
    configure(bench, staging.configured("there", "staging", marked="staging") + live)

    found = rows(ran := check(bench, "there", "--format", "json"))

    assert (ran.code, bad(found)) == (2, {"data": "is wrong", "fix logon": "not tried"})
    assert found["data"]["found"].startswith(
        "G010 target 'there' is configured as staging, and its data is at"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("stagign", "there is no target 'stagign': known are replay, venue; harness.toml alone is read"),
        ("replay", "replay opens nothing"),
    ],
)
def test_a_target_that_is_none(bench: Bench, name: str, expected: str) -> None:
    """What is no target is the caller's mistake."""
    ran = check(bench, name)

    assert (ran.code, "U002" in ran.out, expected in ran.out) == (2, True, True), ran.out


def test_a_place_that_answers_and_says_nothing_is_told_as_one(bench: Bench, staging: Exchange) -> None:
    """Where the place of the environment's name answers 404, it says that the place may be wrong."""
    text = staging.configured("there", "staging", marked="staging")
    configure(bench, text.replace('path = "/health"', 'path = "/healthy"'))

    found = rows(ran := check(bench, "there", "--format", "json"))

    assert (ran.code, bad(found)) == (3, {"identity": "does not work", "fix logon": "not tried"})
    assert "answers 404" in found["identity"]["found"]
    assert "`path` or `host` (rest, unless told) of the target's `environment`" in found["identity"]["next"]


def test_a_wait_is_told_and_can_be_ended(bench: Bench, staging: Exchange) -> None:
    """While a channel keeps it waiting it says for what; Ctrl-C ends it at once, with 130."""
    with Listening() as slow:
        text = staging.configured("there", "staging", marked="staging", ws=f"ws://127.0.0.1:{slow.port}")
        configure(bench, text)
        command = [sys.executable, "-m", "harness", "check-target", "there"]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=bench.root, env=clean_environment(), **pipes) as running:
            assert running.stderr is not None
            told = running.stderr.readline()
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)

    assert re.fullmatch(r"\d+ s: waiting for ws\.market, ws\.user\n", told), told
    assert (running.returncode, out, err) == (130, "", "harness: stopped\n")
