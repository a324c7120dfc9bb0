"""A node's JSON-RPC: of the chain that is expected, at any time, or nothing that it says counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from harness.accounts import Account, Wallet
from harness.budget import Tally
from harness.channels.chain import ChainDriver
from harness.channels.dial import Dial
from harness.channels.node import Node, NodeLostError, NodeRefusedError
from harness.clock import ManualClock, RunClock
from harness.errors import TargetError
from harness.guard import Caps, Limits
from harness.patience import Patience
from harness.wire.ctf import CONTRACTS_137

from .leaves import OPEN_DIAL, permit_for
from .nodepeer import NodePeer
from .notes import Notes

HEAD = {"rpc": [["eth_blockNumber", []]]}
BALANCE = {
    "call": {
        "to": CONTRACTS_137.collateral,
        "function": "balanceOf(address)",
        "args": ["0x" + "11" * 20],
        "returns": ["uint256"],
    }
}
APPROVE = {
    "transaction": {
        "to": CONTRACTS_137.ctf,
        "function": "setApprovalForAll(address,bool)",
        "args": [CONTRACTS_137.usdce, True],
    }
}
WORD = "0x" + f"{5:064x}"
RESULTS = {"eth_blockNumber": "0x10", "eth_call": WORD, "eth_getTransactionCount": "0x0"}


@pytest.fixture
def peer() -> Iterator[NodePeer]:
    with NodePeer(dict(RESULTS)) as peer:
        yield peer


@pytest.fixture
def node(peer: NodePeer) -> Iterator[Node]:
    with closing(Node(peer.url, OPEN_DIAL, RunClock(), 137)) as node:
        yield node


@pytest.fixture
def driver(peer: NodePeer) -> Iterator[ChainDriver]:
    account = Account("alice", Wallet.create(), "key", "secret", "pass")
    made = ChainDriver(
        peer.url, account, dial=OPEN_DIAL, chain_id=137, clock=RunClock(), register=lambda label, value: None
    )
    with closing(made):
        yield made


def test_the_chain_is_proven_before_the_first_read_and_with_every_one(peer: NodePeer, node: Node) -> None:
    """Its id is asked alone first, and then in every batch; nobody sees it in the answers."""
    answers = [node.look([("eth_blockNumber", ())]) for _ in range(2)]

    assert answers == [[{"result": "0x10"}]] * 2
    assert peer.batches == [
        ["eth_chainId"],
        ["eth_chainId", "eth_blockNumber"],
        ["eth_chainId", "eth_blockNumber"],
    ]


@pytest.mark.parametrize("intent", [HEAD, BALANCE, APPROVE], ids=["look", "call", "transaction"])
@pytest.mark.parametrize("chain_id", ["0x1", "0x13882", None, 137, "137", "", {"id": "0x89"}])
def test_a_node_of_another_chain_is_refused_before_anything_is_read(
    peer: NodePeer, driver: ChainDriver, intent: dict[str, Any], chain_id: Any
) -> None:
    """A wrong id, or one that is none, ends the run as the environment's trouble; no read has gone out."""
    peer.chain_id = chain_id
    notes = Notes()
    with pytest.raises(TargetError) as caught:
        driver.send(intent, notes)

    assert caught.value.code == "T017"
    assert "137 is expected: nothing that it says counts" in caught.value.text
    assert notes.told == []
    assert peer.batches == [["eth_chainId"]]


@pytest.mark.parametrize("intent", [HEAD, BALANCE, APPROVE], ids=["look", "call", "transaction"])
@pytest.mark.parametrize("reconnects", [False, True])
def test_a_node_that_becomes_one_of_another_chain_is_refused(
    peer: NodePeer, driver: ChainDriver, intent: dict[str, Any], reconnects: bool
) -> None:
    """A proxy that switches networks is noticed with the next read, on a new connection as on the same."""
    if reconnects:
        peer.headers["connection"] = "close"
    notes = Notes()
    driver.send(HEAD, notes)
    peer.chain_id = "0x1"
    with pytest.raises(TargetError, match="has become one of chain 1") as caught:
        driver.send(intent, notes)

    assert caught.value.code == "T017"
    assert [note.what for note in notes.told][:2] == ["sent", "answered"]
    assert "answered" not in [note.what for note in notes.told][2:]
    assert not any("eth_sendRawTransaction" in batch for batch in peer.batches)


def test_a_node_without_an_id_is_refused(peer: NodePeer, node: Node) -> None:
    """A node that does not tell its chain is none that anything can be read from."""
    peer.say = lambda rows: [{**peer.row(row), "error": "no", "result": None} for row in rows]
    with pytest.raises(TargetError, match="answers eth_chainId with") as caught:
        node.prove()

    assert caught.value.code == "T017"


def test_answers_are_told_apart_by_their_ids(peer: NodePeer, node: Node) -> None:
    """A batch may be answered in any order."""
    peer.say = lambda rows: [peer.row(row) for row in rows][::-1]

    assert node.look([("eth_blockNumber", ()), ("eth_call", ())]) == [{"result": "0x10"}, {"result": WORD}]


@pytest.mark.parametrize(
    ("say", "told"),
    [
        (lambda rows: rows[:-1], "a batch of 2 calls with"),
        (lambda rows: [*rows, rows[-1]], "a batch of 2 calls with"),
        (lambda rows: [rows[0], {**rows[1], "id": 99}], "a batch of 2 calls with"),
        (lambda rows: [rows[0], {**rows[1], "id": None}], "a batch of 2 calls with"),
        (lambda rows: [rows[0], {**rows[1], "id": [1]}], "a batch of 2 calls with"),
        (lambda rows: [rows[0], rows[0]], "a batch of 2 calls with"),
        (lambda rows: [rows[0], 7], "a batch of 2 calls with"),
        (
            lambda rows: {"jsonrpc": "2.0", "error": {"message": "batch too large"}, "id": None},
            "batch too large",
        ),
        (lambda rows: "soon", "a batch of 2 calls with"),
        (lambda rows: None, "a batch of 2 calls with"),
    ],
)
def test_a_batch_that_is_answered_otherwise_is_lost(peer: NodePeer, node: Node, say: Any, told: str) -> None:
    """Too few, too many, foreign or no answers: none of them counts, and it is told what came."""
    node.prove()
    peer.say = lambda rows: say([peer.row(row) for row in rows])
    with pytest.raises(NodeLostError, match=f"T018 the node answers .*{told}"):
        node.look([("eth_blockNumber", ())])


def test_a_status_that_is_no_200_is_lost(peer: NodePeer, node: Node) -> None:
    """A node that fails says so."""
    node.prove()
    peer.status = 500
    with pytest.raises(NodeLostError, match="T018 the node answers a batch with 500 and"):
        node.look([("eth_blockNumber", ())])


def test_a_node_that_has_had_enough_of_us(peer: NodePeer, node: Node) -> None:
    """Its 429 is nobody's bug; without patience it is told at once."""
    node.prove()
    peer.status, peer.headers = 429, {"Retry-After": "9"}
    with pytest.raises(TargetError, match=r"T030 the chain's node says 429 .*\(too many requests\)"):
        node.look([("eth_blockNumber", ())])


@pytest.mark.parametrize(
    ("data", "wait_us"),
    [({"rate": {"backoff_seconds": 3}}, 3_000_000), ({"see": "https://docs"}, 2_000_000), (None, 2_000_000)],
)
def test_a_node_s_limit_is_waited_out(data: Any, wait_us: int) -> None:
    """A batch in which a call met the node's limit has done nothing: it is asked again when the node says."""
    clock, waited = ManualClock(), list[int]()
    refusals = [{"code": -32005, "message": "daily request count exceeded", "data": data}]

    def pause(us: int) -> None:
        waited.append(us)
        clock.advance(us)

    tally = Tally(Limits(Caps(), Caps()), clock, chance=lambda most: 0)
    with NodePeer({"eth_blockNumber": "0x5"}) as peer:
        dial = Dial(permit_for(chain=peer.url), Patience(tally, pause=pause))
        node = Node(peer.url, dial, clock, 137)
        node.prove()
        peer.say = lambda rows: [
            peer.row(rows[0]),
            {"id": rows[1]["id"], "error": refusals.pop()} if refusals else peer.row(rows[1]),
        ]
        assert node.number("eth_blockNumber") == 5
        assert waited == [wait_us]

        refusals += [{"code": -32005, "message": "daily request count exceeded"}] * 9
        with pytest.raises(TargetError, match="T030 the chain's node says -32005 daily request count exc"):
            node.number("eth_blockNumber")
        node.close()
    assert sum(waited[1:]) <= 30_000_000


@pytest.mark.parametrize(
    ("result", "told"),
    [(None, "null"), (16, "16"), ("16", "16"), ("0xzz", "0xzz"), ({"a": 1}, '{"a":1}'), ("", "")],
)
def test_a_number_that_is_none_is_lost(peer: NodePeer, node: Node, result: Any, told: str) -> None:
    """What is no quantity is no number, whatever Python would make of it."""
    peer.results["eth_blockNumber"] = result
    with pytest.raises(NodeLostError, match=f"T018 the node answers eth_blockNumber with {told}"):
        node.number("eth_blockNumber")


@pytest.mark.parametrize("number", [0, 1, 2**53 + 1, 2**64, 2**255, 2**256 - 1])
def test_numbers_are_exact(peer: NodePeer, node: Node, number: int) -> None:
    """A quantity of any size is the integer that it says."""
    peer.results["eth_gasPrice"] = hex(number)

    assert node.number("eth_gasPrice") == number


def test_an_error_is_the_nodes_answer(node: Node) -> None:
    """An error of a call is raised as the node said it."""
    with pytest.raises(NodeRefusedError) as caught:
        node.ask("eth_nonsense")

    assert caught.value.error == {"code": -32601, "message": "no eth_nonsense here"}


def test_neither_result_nor_error_is_lost(peer: NodePeer, node: Node) -> None:
    """A row without either answers nothing."""
    node.prove()
    peer.say = lambda rows: [peer.row(rows[0]), {"id": rows[1]["id"]}]
    with pytest.raises(NodeLostError, match="eth_call with neither a result nor an error"):
        node.ask("eth_call")


@pytest.mark.parametrize("head", [None, "0x10", {"baseFeePerGas": 7}, []])
def test_a_head_that_is_none_loses_the_transaction(peer: NodePeer, driver: ChainDriver, head: Any) -> None:
    """A transaction whose fees cannot be reckoned is not sent."""
    peer.results["eth_getBlockByNumber"] = head
    notes = Notes()
    driver.send(HEAD, notes)
    driver.send(APPROVE, notes)

    assert [note.what for note in notes.told] == ["sent", "answered", "sent", "lost"]
    assert notes.told[-1].wire == "T018 the node answers eth_getBlockByNumber with no block"


@pytest.mark.parametrize("result", [None, 5, "5", ["0x"]])
def test_a_call_s_answer_that_is_no_data_is_lost(peer: NodePeer, driver: ChainDriver, result: Any) -> None:
    """What is no 0x text holds no values."""
    peer.results["eth_call"] = result
    notes = Notes()
    driver.send(HEAD, notes)
    driver.send(BALANCE, notes)

    assert notes.told[-1].what == "lost"


def test_the_key_in_a_node_s_address_is_not_told(peer: NodePeer) -> None:
    """A path and a query may hold a provider's key: the place is told without them."""
    peer.status = 500
    with closing(Node(f"{peer.url}/v3/hunter2?k=hunter3", OPEN_DIAL, RunClock(), 137)) as node:
        with pytest.raises(NodeLostError) as caught:
            node.prove()
        assert peer.asked[0].target == "/v3/hunter2?k=hunter3"

    assert "hunter" not in str(caught.value)
