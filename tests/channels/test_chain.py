"""The chain channel on the venue's node: looks, calls of contracts, and an actor's transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from venue.bench import Bench, eventually

from harness.accounts import Account, Wallet
from harness.channels.chain import GAS_WHERE_IT_REVERTS, ChainDriver
from harness.channels.contracts import call_data, read_values
from harness.clock import RunClock
from harness.errors import CaseError, TargetError
from harness.wire import jsonrpc
from harness.wire.ctf import CONTRACTS_137

from .leaves import OPEN_DIAL
from .nodepeer import NodePeer
from .notes import Note, Notes

APPROVE = {
    "to": CONTRACTS_137.ctf,
    "function": "setApprovalForAll(address,bool)",
    "args": [CONTRACTS_137.usdce, True],
}
BALANCE = {"to": CONTRACTS_137.collateral, "function": "balanceOf(address)", "returns": ["uint256"]}


class Desk:
    """A funded account, its driver, and the secrets that were registered."""

    def __init__(self, url: str, account: Account | None) -> None:
        self.secrets: list[tuple[str, str]] = []
        self.account = account
        self.driver = ChainDriver(
            url,
            account,
            dial=OPEN_DIAL,
            chain_id=137,
            clock=RunClock(),
            register=lambda label, value: self.secrets.append((label, value)),
        )

    def ask(self, intent: dict[str, Any]) -> list[Note]:
        notes = Notes()
        self.driver.send(intent, notes)
        return notes.told

    def answer(self, intent: dict[str, Any]) -> Any:
        return self.ask(intent)[-1].wire

    def receipt(self, transaction: str) -> dict[str, Any]:
        """The receipt, as soon as it is mined."""

        def mined() -> dict[str, Any] | None:
            view = jsonrpc.receipt(self.answer({"rpc": jsonrpc.receipt_calls(transaction)}))
            return view if view["mined"] else None

        return eventually(mined)


@pytest.fixture
def desk(bench: Bench) -> Iterator[Desk]:
    """Alice with five dollars, and gas."""
    account = Account("alice", Wallet.create(), "key", "secret", "pass")
    bench.control("/fund", {"address": account.wallet.address, "collateral": "5"})
    desk = Desk(bench.ready["chain"], account)
    yield desk
    desk.driver.close()


def address_of(desk: Desk) -> str:
    assert desk.account is not None
    return desk.account.wallet.address


def test_a_look_is_a_batch(desk: Desk) -> None:
    """A look's calls are answered in their order."""
    sent, answered = desk.ask({"rpc": [["eth_blockNumber", []], ["eth_chainId", []], ["eth_nonsense", []]]})

    assert sent.wire == {"calls": 3}
    assert [sorted(row) for row in answered.wire["answers"]] == [["result"], ["result"], ["error"]]
    assert answered.wire["answers"][1]["result"] == hex(137)


def test_a_call_of_a_contract(desk: Desk) -> None:
    """A function is read as of a block: the bytes and the values come back."""
    answer = desk.answer({"call": {**BALANCE, "args": [address_of(desk)]}})

    assert answer["values"] == [5_000_000]
    assert int(answer["result"], 16) == 5_000_000
    assert answer["block"] > 0
    assert "error" not in answer


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"function": "nonsense()", "args": [], "returns": ["uint256"]}, "revert"),
        (
            {"function": "balanceOf(address)", "args": ["0x" + "11" * 20], "returns": ["string"]},
            "holds no string",
        ),
    ],
)
def test_a_call_that_is_refused_is_an_answer(desk: Desk, call: dict[str, Any], told: str) -> None:
    """A function that is not there, or answers something else, is told as an error of the answer."""
    answer = desk.answer({"call": {"to": CONTRACTS_137.collateral, **call}})

    assert told in answer["error"]["message"]
    assert "values" not in answer


def test_where_there_is_no_contract_there_are_no_values(desk: Desk) -> None:
    """A call to an address without code answers nothing, which holds no number."""
    answer = desk.answer({"call": {**BALANCE, "to": "0x" + "11" * 20, "args": [address_of(desk)]}})

    assert answer["result"] == "0x"
    assert "holds no uint256" in answer["error"]["message"]


def test_a_transaction_is_signed_sent_and_mined(desk: Desk) -> None:
    """A transaction goes out signed by the actor, its hash known beforehand, and does its work."""
    sent, answered = desk.ask({"transaction": {**APPROVE, "value_wei": 0}})
    receipt = desk.receipt(answered.wire["accepted"])

    assert sent.derived == {"transaction": answered.wire["accepted"]}
    assert receipt["status"] == 1
    assert receipt["events"][0]["ApprovalForAll"] == {
        "owner": address_of(desk),
        "operator": CONTRACTS_137.usdce,
        "approved": True,
    }
    assert sent.wire["transaction"]["from"] == address_of(desk)


def test_the_raw_transaction_is_a_secret(desk: Desk) -> None:
    """What could be sent again by anybody is registered before it is reported."""
    sent, _ = desk.ask({"transaction": APPROVE})

    assert desk.secrets == [("alice.transaction", sent.wire["eth_sendRawTransaction"].removeprefix("0x"))]


def test_a_transaction_that_will_fail_is_sent_all_the_same(desk: Desk) -> None:
    """What reverts is mined with status 0: the node's forecast does not keep it back."""
    move = {"to": CONTRACTS_137.collateral, "function": "transfer(address,uint256)"}
    sent, answered = desk.ask({"transaction": {**move, "args": [CONTRACTS_137.ctf, 6_000_000]}})

    assert desk.receipt(answered.wire["accepted"])["status"] == 0
    assert sent.wire["transaction"]["gas"] == GAS_WHERE_IT_REVERTS


def test_what_the_node_refuses_is_an_answer(bench: Bench) -> None:
    """An account without gas gets the node's words, not an environment trouble."""
    desk = Desk(bench.ready["chain"], Account("poor", Wallet.create(), "key", "secret", "pass"))

    sent, answered = desk.ask({"transaction": APPROVE})

    assert "nsufficient funds" in answered.wire["error"]["message"]
    assert sent.derived is not None
    desk.driver.close()


def test_transactions_of_two_threads_have_numbers_of_their_own(desk: Desk) -> None:
    """Two transactions at one barrier are both accepted and mined, one after the other."""
    barrier, notes = threading.Barrier(2), [Notes(), Notes()]

    def send(at: int) -> None:
        barrier.wait()
        args = [CONTRACTS_137.usdce, bool(at)]
        desk.driver.send({"transaction": {**APPROVE, "args": args}}, notes[at])

    threads = [threading.Thread(target=send, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    first, second = sorted(each.told[0].wire["transaction"]["nonce"] for each in notes)
    assert second == first + 1
    assert [desk.receipt(each.told[1].wire["accepted"])["status"] for each in notes] == [1, 1]


def test_nobody_s_transaction_is_refused(bench: Bench) -> None:
    """A transaction needs an actor; a read does not."""
    desk = Desk(bench.ready["chain"], None)

    assert desk.answer({"call": {**BALANCE, "args": [CONTRACTS_137.ctf]}})["values"] == [0]
    with pytest.raises(TargetError, match="say whose it is") as caught:
        desk.ask({"transaction": APPROVE})
    assert caught.value.code == "T003"
    desk.driver.close()


def test_a_node_that_is_not_there_is_the_environment_s(unused_port: int) -> None:
    """Where no node answers, the first intent is a TargetError, whichever it is."""
    account = Account("alice", Wallet.create(), "key", "secret", "pass")
    for intent in ({"rpc": [["eth_blockNumber", []]]}, {"call": {**BALANCE, "args": ["0x" + "11" * 20]}}):
        desk = Desk(f"http://127.0.0.1:{unused_port}", account)
        with pytest.raises(TargetError, match="node does not answer") as caught:
            desk.ask(intent)
        assert caught.value.code == "T001"


@pytest.mark.parametrize(
    "intent",
    [
        {"rpc": [["eth_chainId", []]]},
        {"call": {**BALANCE, "args": ["0x" + "11" * 20]}},
        {"transaction": APPROVE},
    ],
)
def test_a_node_that_went_away_loses_what_it_is_asked(intent: dict[str, Any]) -> None:
    """A node that has answered once and no longer does loses the intent: that is no trouble of opening."""
    with NodePeer() as node:
        node.headers["connection"] = "close"
        desk = Desk(node.url, Account("alice", Wallet.create(), "key", "secret", "pass"))
        assert desk.answer({"rpc": [["eth_chainId", []]]}) == {"answers": [{"result": "0x89"}]}

    with closing(desk.driver):
        assert [note.what for note in desk.ask(intent)] == ["sent", "lost"]


@pytest.mark.parametrize(
    ("function", "args", "told"),
    [
        ("f(uint8)", [256], "bits"),
        ("f(uint8)", [], "it takes 1, and 0 are given"),
        ("f(uint8", [1], "Parse error"),
        ("not a name(uint8)", [1], "it is no name"),
        ("f(address)", ["0x12"], "an address must have 20 bytes"),
        ("f(bytes32)", ["0x12"], "has 1 bytes, and a bytes32 has 32"),
        ("f(uint256[])", ["12"], "is no list"),
        ("f(bool)", ["x"], "cannot be encoded"),
    ],
)
def test_arguments_that_do_not_fit_are_the_author_s(
    desk: Desk, function: str, args: list[Any], told: str
) -> None:
    """What the function does not take is an error of the case that names the function and what is wrong."""
    with pytest.raises(CaseError, match=told) as caught:
        desk.ask({"call": {"to": CONTRACTS_137.ctf, "function": function, "args": args, "returns": []}})

    assert caught.value.code == "C024"
    assert f"{function} does not take" in caught.value.text


def test_values_of_every_kind() -> None:
    """Integers, bools, texts, bytes, addresses, lists and tuples go in as JSON and come out as JSON."""
    owner = CONTRACTS_137.ctf
    kinds = "uint256,int8,bool,string,bytes,bytes4,address[],(uint8,address)"
    values = [2**255, -3, True, "é", "0xaa", "0x01020304", [owner, owner.lower()], [7, owner]]

    data = call_data(f"f({kinds})", values)

    read = read_values([*kinds.split(",")[:7], "(uint8,address)"], "0x" + data[10:])
    assert read == [*values[:6], [owner, owner], [7, owner]]
    assert call_data("f(uint256,uint256)", ["12", "0x0c"])[10:74] == call_data("f(uint256)", [12])[10:]
