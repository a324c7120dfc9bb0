"""Addresses that a ticket names, looked at on a real chain: `harness new --rpc`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from e2e.bench import Bench as Project
from eth_account import Account
from venue.bench import HEALTHY, Bench, Customer, eventually, running_venue

from harness.cassette import read
from harness.cli import main
from harness.model import Kind
from harness.wire.ctf import CONTRACTS_137
from tickets.test_receipts import answered, sent


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A healthy venue with its chain."""
    with running_venue() as bench:
        yield bench


def new(bench: Bench, *more: str) -> int:
    """Draft the ticket with the venue's node to ask."""
    return main(["new", "ESC-1234", "--from", "ticket", "--rpc", bench.ready["chain"], *more])


def case_text() -> str:
    """The drafted case."""
    return Path("cases/ESC-1234.yaml").read_text()


def written() -> str:
    """All that was written, in small letters."""
    return (case_text() + Path("cassettes/ESC-1234/broken.jsonl").read_text()).lower()


def mail(text: str) -> None:
    """The ticket's mail."""
    Path("ticket/mail.txt").write_text(text)


def failing(bench: Bench) -> tuple[Customer, str]:
    """A customer of 5 dollars, and a transfer of hers that failed."""
    customer = bench.customer(collateral="5")
    return customer, sent(bench, customer, 10**12)[0]


def test_a_wallet(bench: Bench, ticket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wallet that a mail names is an account, is given what the chain held for it, and a step checks it."""
    customer, failed = failing(bench)
    mail(f"My wallet {customer.address}, my transfer {failed}.\n")
    assert new(bench) == 0
    said = capsys.readouterr().err
    assert re.search(
        rf"address: {customer.address.lower()} \(mail.txt:1:11\): a wallet \(no code\); at block [0-9]+, "
        r"20\S+Z, it held 5 of collateral; in blocks [0-9]+ to [0-9]+ nothing of ours tells of it",
        said,
    ), said
    assert "proven: red for the stated reason at 'reverted'" in said
    assert "  - fund: {alice: {collateral: 5}}" in case_text()
    assert re.search(
        r"  # guessed: what the chain held before all this.*\n  # guessed: that the address .*\n"
        r"  - id: held\n    chain: balances\n    expect: \{alice: \{collateral: 5\}\}\n",
        case_text(),
    ), case_text()
    assert customer.address[2:].lower() not in written()
    assert failed[2:] not in written()


def test_pinned_before_it(bench: Bench, ticket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An account is looked at as it was before the evidence, and its events are of the evidence's blocks."""
    customer = bench.customer(collateral="5")
    paid, _, _ = sent(bench, customer, 3_000_000)
    failed, _, _ = sent(bench, customer, 10**12)
    mail(f"{paid} went well, {failed} did not. {customer.address}\n")
    assert new(bench) == 0
    said = capsys.readouterr().err
    assert "it held 5 of collateral; in blocks" in said
    assert re.search(rf"ERC-20 3000000 of {CONTRACTS_137.collateral} from \S+ to \S+ in {paid}", said)
    assert 'Transfer: {from: "${alice.address}"' in case_text()
    events = read(Path("cassettes/ESC-1234/broken.jsonl")).events
    (held,) = (event for event in events if (event.step, event.kind) == ("held", Kind.ANSWER))
    block = int(bench.rpc("eth_getTransactionReceipt", paid)["blockNumber"], 16)
    assert [int(answer["result"], 16) for answer in held.data["wire"]["answers"]] == [
        block - 1,
        5_000_000,
        block - 1,
    ]


def test_it_runs_live(bench: Bench, ticket: Path) -> None:
    """The draft of an account runs live: it is given what the chain held, and the step finds just that."""
    customer, failed = failing(bench)
    mail(f"{customer.address} {failed}\n")
    assert new(bench) == 0
    send = "  - id: moved\n    chain: send\n    as: alice\n    to: collateral\n"
    send += f'    function: transfer(address,uint256)\n    args: ["0x{"5e" * 20}", 1000000000000]\n'
    text = re.sub(r'transaction: "0x[0-9a-f]+"', 'transaction: "${moved.transaction}"', case_text())
    Path("cases/ESC-1234.yaml").write_text(text.replace("\nsteps:\n", f"{send}\nsteps:\n"))
    Path("harness.toml").write_text('[targets.venue]\nkind = "venue"\n')
    live = Project(ticket.parent).pytest("--target", "venue", "--build", HEALTHY, "-k", "ESC-1234", "-v")
    assert "shows the symptom at 'reverted'" in live.out, live.out
    assert re.search(r"held +as expected", live.out), live.out


def test_who_is_known_by_requests(bench: Bench, ticket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An account that requests name is looked at by the time of the first of them, with its shares."""
    market = bench.control("/markets", {"tick": "0.01"})
    customer = bench.customer(market, collateral="12.5", yes="7")
    block = bench.rpc("eth_getBlockByNumber", "latest", False)
    at = datetime.fromtimestamp(int(block["timestamp"], 16), UTC) + timedelta(seconds=1)
    late = int(at.timestamp()) + 1
    eventually(
        lambda: int(bench.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) >= late or None
    )
    trade = {"id": "1", "market": market["condition"], "asset_id": market["yes"], "outcome": "Yes"}
    entries = [
        answered(f"{at:%Y-%m-%dT%H:%M:%SZ}", "/data/trades", {"data": [trade]}, customer.address),
        answered(f"{at:%Y-%m-%dT%H:%M:%SZ}", "/data/orders", {"error": "boom"}, customer.address),
    ]
    entries[1]["response"]["status"] = 500
    Path("ticket/a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    assert new(bench) == 0
    assert "expect: {alice: {collateral: 12.5, yes: 7}}" in case_text()
    assert "  - fund: {alice: {collateral: 12.5, yes: 7}}" in case_text()
    assert "that the address which the ticket names" not in case_text()
    assert "7 of token" in capsys.readouterr().err


def deployed(bench: Bench) -> str:
    """A contract of nobody's that we know, of one byte of code."""
    customer = bench.customer(collateral="1")
    signed = Account.from_key(customer.key).sign_transaction(
        {
            "data": "0x6001600c60003960016000f300",
            "value": 0,
            "nonce": int(bench.rpc("eth_getTransactionCount", customer.address, "latest"), 16),
            "gas": 200_000,
            "chainId": 137,
            "maxFeePerGas": 10**11,
            "maxPriorityFeePerGas": 10**9,
        }
    )
    name = bench.rpc("eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex())
    address: str = eventually(lambda: bench.rpc("eth_getTransactionReceipt", name))["contractAddress"]
    return address


def test_contracts(bench: Bench, ticket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A contract of the exchange's is called by its name; another one, and nobody's account, are told so."""
    factory = deployed(bench)
    nobody = Account.create().address.lower()
    mail(f"{CONTRACTS_137.ctf} {nobody} {factory}\n")
    assert new(bench) == 2
    said = capsys.readouterr().err
    assert f"address: {CONTRACTS_137.ctf.lower()} (mail.txt:1:1): the exchange's contract 'ctf'" in said
    assert re.search(rf"{nobody} \(.*\): a wallet \(no code\); at block [0-9]+, \S+, it held nothing", said)
    assert re.search(rf"{factory.lower()} \(.*\): a contract, 1 byte of code; at block", said)
    assert "I032" in said


def test_blurred(bench: Bench, ticket: Path) -> None:
    """Blurred, what an account held is another amount at another block, in the step and in what is given."""
    customer = bench.customer(collateral="12.34")
    failed, _, _ = sent(bench, customer, 10**12)
    mail(f"{customer.address} {failed}\n")
    assert new(bench, "--blur") == 0
    told = re.search(r"fund: \{alice: \{collateral: ([0-9.]+)\}\}", case_text())
    assert told is not None
    assert float(told[1]) > 12.34
    assert f"expect: {{alice: {{collateral: {told[1]}}}}}" in case_text()
    assert "12340000" not in written()


def test_without_a_node(ticket: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a node the addresses of the texts are listed, with what looks them up."""
    address = Account.create().address
    mail(f"it is {address}\n")
    assert main(["new", "ESC-1234", "--from", "ticket"]) == 2
    said = capsys.readouterr().err
    assert f"address: {address.lower()} (mail.txt:1:7)\n" in said
    assert "--rpc URL looks them up" in said
