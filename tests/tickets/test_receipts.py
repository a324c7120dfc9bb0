"""Transactions that a ticket names, looked up on a real chain: `harness new --rpc`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.bench import Bench as Project
from eth_account import Account
from venue.bench import HEALTHY, Bench, Customer, eventually, running_venue
from venue.onchain import Onchain

from harness.case.read import read_case
from harness.cassette import read
from harness.cli import main
from harness.evidence.ticket.hashes import named_in
from harness.evidence.ticket.receipts import look_up
from harness.evidence.ticket.textlines import Lines
from harness.model import Kind
from harness.proving import prove
from harness.verdict import Proof
from harness.wire import jsonrpc
from harness.wire.ctf import CONTRACTS_137

from .drafted import shown

TRANSFER = "0xa9059cbb"
UNKNOWN = "0x" + "5e" * 32


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A healthy venue with its chain."""
    with running_venue() as bench:
        yield bench


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without cases, with an empty ticket."""
    (tmp_path / "harness.toml").touch()
    (tmp_path / "ticket").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sent(bench: Bench, customer: Customer, amount: int, *, wait: bool = True) -> tuple[str, str, str]:
    """A transfer of collateral to somebody: its hash, its raw bytes, to whom."""
    to = Account.create().address
    signed = Account.from_key(customer.key).sign_transaction(
        {
            "to": bench.ready["contracts"]["collateral"],
            "data": TRANSFER + to[2:].rjust(64, "0") + f"{amount:064x}",
            "value": 0,
            "nonce": int(bench.rpc("eth_getTransactionCount", customer.address, "latest"), 16),
            "gas": 200_000,
            "chainId": 137,
            "maxFeePerGas": 10**11,
            "maxPriorityFeePerGas": 10**9,
        }
    )
    raw = "0x" + bytes(signed.raw_transaction).hex()
    name = bench.rpc("eth_sendRawTransaction", raw)
    eventually(lambda: bench.rpc("eth_getTransactionReceipt", name))
    return name, raw, to


def new(bench: Bench, *more: str) -> int:
    """Draft the ticket with the venue's node to ask."""
    return main(["new", "ESC-1234", "--from", "ticket", "--rpc", bench.ready["chain"], *more])


def case_text() -> str:
    """The drafted case."""
    return Path("cases/ESC-1234.yaml").read_text()


def test_a_transaction_that_failed(bench: Bench, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mail with nothing but a hash becomes a case that is proven: the transaction should have succeeded."""
    customer = bench.customer(collateral="5")
    name, _, to = sent(bench, customer, 10**12)
    Path("ticket/mail.txt").write_text(f"My transfer {name} never arrived!\n")
    assert new(bench) == 0
    said = capsys.readouterr().err
    assert re.search(rf"{shown(name)} \(mail.txt:1:13\): block \d+, 20\S+Z, status 0, reverted: ", said)
    assert "proven: red for the stated reason at 'reverted'" in said
    assert "expect: {mined: true, status: 1}" in case_text()
    written = case_text() + Path("cassettes/ESC-1234/broken.jsonl").read_text()
    for whose in (name[2:], customer.address[2:], to[2:]):
        assert whose.lower() not in written.lower()


def test_a_transaction_that_failed_live(bench: Bench, project: Path) -> None:
    """The draft of it runs live as it stands, where its send is put before it: nobody has to add a wait."""
    customer = bench.customer(collateral="5")
    name, _, _ = sent(bench, customer, 10**12)
    Path("ticket/mail.txt").write_text(f"My transfer {name} never arrived!\n")
    assert new(bench) == 0
    assert "    within: 10s  # guessed: time for some blocks\n" in case_text()
    text = re.sub(r'transaction: "0x[0-9a-f]+"', 'transaction: "${moved.transaction}"', case_text())
    given, steps = text.split("\nsteps:\n")
    to = f'args: ["0x{"5e" * 20}", 1000000000000]'
    send = "  - fund: {alice: {collateral: 5}}\n"
    send += f"  - id: moved\n    chain: send\n    as: alice\n    to: collateral\n    {to}\n"
    send += "    function: transfer(address,uint256)\n"
    Path("cases/ESC-1234.yaml").write_text(
        f"{given}\nactors:\n  alice: trader\n\ngiven:\n{send}\nsteps:\n{steps}"
    )
    Path("harness.toml").write_text('[targets.venue]\nkind = "venue"\n')
    live = Project(project).pytest("--target", "venue", "--build", HEALTHY, "-k", "ESC-1234")
    assert "shows the symptom at 'reverted'" in live.out, live.out
    assert "still-broken" in live.out
    assert Project(project).pytest("-k", "ESC-1234").outcomes() == {"passed": 1}


def answered(at: str, target: str, body: Any, address: str) -> dict[str, Any]:
    """One exchange of a HAR."""
    return {
        "startedDateTime": at,
        "time": 20,
        "request": {
            "method": "GET",
            "url": f"https://clob.example.com{target}",
            "headers": [{"name": "POLY_ADDRESS", "value": address}],
        },
        "response": {"status": 200, "headers": [], "content": {"size": 9, "text": json.dumps(body)}},
    }


def test_a_hash_from_an_answer(bench: Bench, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A transaction that an answer named is referred to, stands behind it, and shows whose it was."""
    customer = bench.customer(collateral="5")
    name, _, _ = sent(bench, customer, 2_000_000)
    failed, _, _ = sent(bench, customer, 10**12)
    trade = {"id": "8c1f4b3e-0000-4000-8000-000000000001", "status": "CONFIRMED", "transaction_hash": name}
    entries = [answered("2199-01-01T00:00:00Z", "/data/trades", {"data": [trade]}, customer.address)]
    Path("ticket/a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    Path("ticket/mail.txt").write_text(f"And {failed} failed.\n")
    assert new(bench, "--symptom", "settled", "--dry-run") == 0
    out, said = capsys.readouterr()
    assert re.search(r"trades\n.*save: \{transaction_hash: .*transaction_hash.*\}", out, re.S)
    assert 'transaction: "${transaction_hash}"' in out
    assert 'events: {$some: {Transfer: {from: "${alice.address}", value: 2000000}}}' in out
    assert "ERC-20 2000000 of 0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB from" in said


def test_an_approval(bench: Bench, project: Path) -> None:
    """Whom an approval of somebody unknown is for is told where that is a contract of the exchange's."""
    owner, chain = Account.create().address, Onchain(bench)
    bench.control("/fund", {"address": owner, "collateral": "1", "approve": False})
    signature = "approve(address,uint256)"
    hers, other = (
        chain.done(owner, CONTRACTS_137.collateral, signature, spender, 7)["transactionHash"]
        for spender in (CONTRACTS_137.exchange, Account.create().address)
    )
    Path("ticket/mail.txt").write_text(f"I approved {hers} and {other}.\n")
    assert new(bench, "--symptom", "settled-2") == 1
    told = f'{{$some: {{Approval: {{spender: "{CONTRACTS_137.exchange}", value: 7}}}}}}'
    assert told in case_text()
    assert case_text().count("Approval") == 1


def test_the_times_of_blocks(bench: Bench, project: Path) -> None:
    """A receipt stands at the time of its block, and the node was asked as a case asks it."""
    customer = bench.customer(collateral="5")
    name, _, _ = sent(bench, customer, 10**12)
    Path("ticket/mail.txt").write_text(name)
    assert new(bench) == 0
    cassette = read(Path("cassettes/ESC-1234/broken.jsonl"))
    receipt = bench.rpc("eth_getTransactionReceipt", name)
    block = bench.rpc("eth_getBlockByHash", receipt["blockHash"], False)
    assert cassette.header.started_wall_us == int(block["timestamp"], 16) * 1_000_000
    send, answer = (event for event in cassette.events if event.source.channel == "chain" and event.data)
    assert [method for method, _ in send.data["intent"]["rpc"]] == [
        "eth_blockNumber",
        "eth_getTransactionReceipt",
    ]
    assert answer.data["wire"]["answers"][1]["result"]["status"] == "0x0"
    assert prove(read_case(Path("cases/ESC-1234.yaml")), "broken", Path("cassettes")).judgement.word is (
        Proof.PROVEN
    )


def test_a_raw_transaction(bench: Bench, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A raw transaction in a text is looked up by its hash, and its bytes are nowhere kept."""
    name, raw, _ = sent(bench, bench.customer(collateral="5"), 10**12)
    Path("ticket/mail.txt").write_text(f"I sent {raw} by hand\n")
    assert new(bench) == 0
    assert f"{shown(name)} (mail.txt:1:8): block" in capsys.readouterr().err
    written = case_text() + Path("cassettes/ESC-1234/broken.jsonl").read_text()
    assert raw[10:60] not in written


def test_what_is_no_transaction(bench: Bench, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An order's id that a message explains is not asked; a hash that the node does not know is told so."""
    order = "0x" + "7a" * 32
    entries = [answered("2026-03-02T14:05:01Z", f"/data/order/{order}", {"id": order, "status": "LIVE"}, "")]
    Path("ticket/a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    Path("ticket/mail.txt").write_text(f"{order}\n{UNKNOWN}\n")
    new(bench, "--dry-run")
    said = capsys.readouterr().err
    assert f"hash: {shown(order)} (mail.txt:1:1): an order's id" in said
    assert f"hash: {shown(UNKNOWN)} (mail.txt:2:1): no transaction of chain 137" in said


def test_without_a_node(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a node the hashes are listed, with what looks them up."""
    Path("ticket/mail.txt").write_text(f"{UNKNOWN}\n")
    assert main(["new", "ESC-1234", "--from", "ticket"]) == 2
    said = capsys.readouterr().err
    assert f"hash: {shown(UNKNOWN)} (mail.txt:1:1)\n" in said
    assert "--rpc URL looks them up" in said


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--rpc", "localhost:8545"], "U063"),
        (["--rpc", "env:NO_SUCH_VARIABLE"], "U063"),
        (["--target", "nowhere"], "U063"),
        (["--rpc", "http://127.0.0.1:9"], "I035"),
    ],
)
def test_no_node(project: Path, options: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A node that cannot be asked ends the command before anything is written."""
    Path("ticket/mail.txt").write_text(f"{UNKNOWN}\n")
    assert main(["new", "ESC-1234", "--from", "ticket", *options]) == 2
    assert code in capsys.readouterr().err
    assert not Path("cases").exists()


def test_another_chain(bench: Bench, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a node of another chain says counts for nothing."""
    Path("ticket/mail.txt").write_text(f"{UNKNOWN}\n")
    assert new(bench, "--chain-id", "80002") == 2
    assert "T017" in capsys.readouterr().err


def test_a_target_is_only_read(bench: Bench, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A production target's node may be asked: it is a read."""
    Path("harness.toml").write_text(
        '[targets.live]\nkind = "production"\nrest = "https://clob.example"\n'
        f'chain = "{bench.ready["chain"]}"\nchain_id = 137\n'
    )
    name, _, _ = sent(bench, bench.customer(collateral="5"), 10**12)
    Path("ticket/mail.txt").write_text(name)
    assert main(["new", "ESC-1234", "--from", "ticket", "--target", "live"]) == 0
    assert "status 0" in capsys.readouterr().err


def test_a_receipt_blurred(bench: Bench, project: Path) -> None:
    """Blurred, a receipt has another time, other amounts and another block, and the case is proven."""
    customer = bench.customer(collateral="5")
    name, _, _ = sent(bench, customer, 2_340_000)
    failed, _, _ = sent(bench, customer, 10**12)
    trade = {"id": "8c1f4b3e-0000-4000-8000-000000000001", "status": "CONFIRMED", "transaction_hash": name}
    entries = [answered("2026-03-02T14:05:01Z", "/data/trades", {"data": [trade]}, customer.address)]
    Path("ticket/a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    Path("ticket/mail.txt").write_text(f"And {failed} failed.\n")
    assert new(bench, "--blur") == 0
    receipt = bench.rpc("eth_getTransactionReceipt", name)
    (answer, _) = (
        event.data["wire"]["answers"][1]["result"]
        for event in read(Path("cassettes/ESC-1234/broken.jsonl")).events
        if event.source.channel == "chain" and event.kind is Kind.ANSWER and event.step != "held"
    )
    (told,) = (log.event.args["value"] for log in _decoded(answer["logs"]))
    assert told > 2_340_000
    assert f"value: {told}" in case_text()
    assert answer["blockNumber"] != receipt["blockNumber"]
    written = case_text() + Path("cassettes/ESC-1234/broken.jsonl").read_text()
    assert str(int(receipt["logs"][0]["blockTimestamp"], 16)) not in written
    assert receipt["logs"][0]["blockTimestamp"] not in written


def _decoded(logs: list[dict[str, Any]]) -> tuple[jsonrpc.Log, ...]:
    return jsonrpc.logs({"answers": [{"result": "0x0"}, {"result": logs}]})


def test_out_of_gas() -> None:
    """A transaction that used all of its gas says so."""
    receipt = {"status": "0x0", "blockNumber": "0x2", "blockHash": "0xb", "gasUsed": "0x5208", "logs": []}
    receipt["transactionHash"] = UNKNOWN
    answers = iter(
        [
            [{"result": "0x9"}, {"result": receipt}, {"result": {"gas": "0x5208"}}],
            [{"result": {"number": "0x2", "timestamp": "0x6b02e556"}}],
        ]
    )
    named = named_in(Lines("mail.txt", [UNKNOWN]), 0)
    (told,) = look_up(named, lambda calls: next(answers), 137).told
    assert told.endswith("block 2, 2026-11-22T12:51:34Z, status 0, reverted: it used all of its gas")
