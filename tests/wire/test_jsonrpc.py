"""Looks at the chain: what they ask, against eth_abi, and what they read, against web3 on a real node."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils.abi import function_signature_to_4byte_selector
from hypothesis import given
from hypothesis import strategies as st
from venue.bench import Bench, Customer, running_venue
from web3 import Web3

from harness.wire import ctf, jsonrpc
from harness.wire.ctf import CONTRACTS_137, checksum_address

from .oracles import judges

ERC20_ABI = [
    {
        "type": "function",
        "name": name,
        "stateMutability": "view",
        "inputs": [{"type": "address", "name": str(at)} for at in range(count)],
        "outputs": [{"type": "uint256", "name": ""}],
    }
    for name, count in (("balanceOf", 1), ("allowance", 2))
]


def data_of(function: str, *arguments: Any) -> str:
    """What eth_abi makes of a call."""
    kinds = function[function.index("(") + 1 : -1].split(",")
    return "0x" + (function_signature_to_4byte_selector(function) + encode(kinds, arguments)).hex()


@judges("jsonrpc", "balance_call", "allowance_call", "approval_call", oracle="eth_abi")
def test_calls_are_the_abi_s() -> None:
    """For random addresses, ids and blocks each call is what eth_abi encodes, as of the block."""
    draw = random.Random(137)

    def an_address() -> str:
        return checksum_address("0x" + draw.randbytes(20).hex())

    for _ in range(50):
        to, one, two, token_id = an_address(), an_address(), an_address(), draw.getrandbits(256)
        block = hex(draw.randrange(10**8))
        wanted = [
            (jsonrpc.balance_call(to, one, None, block), data_of("balanceOf(address)", one)),
            (
                jsonrpc.balance_call(to, one, token_id, block),
                data_of("balanceOf(address,uint256)", one, token_id),
            ),
            (jsonrpc.allowance_call(to, one, two, block), data_of("allowance(address,address)", one, two)),
            (
                jsonrpc.approval_call(to, one, two, block),
                data_of("isApprovedForAll(address,address)", one, two),
            ),
        ]
        for call, data in wanted:
            assert call == ["eth_call", [{"to": to, "data": data}, block]]
    assert jsonrpc.balance_call(to, one, None)[1][1] == "latest"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A venue, for its chain."""
    with running_venue() as bench:
        yield bench


@pytest.fixture(scope="module")
def market(bench: Bench) -> dict[str, str]:
    return bench.market()


@pytest.fixture(scope="module")
def customer(bench: Bench, market: dict[str, str]) -> Customer:
    return bench.customer(market, collateral="12.5", yes="3")


@pytest.fixture(scope="module")
def web3(bench: Bench) -> Web3:
    return Web3(Web3.HTTPProvider(bench.ready["chain"]))


def look(bench: Bench, calls: list[Any]) -> dict[str, Any]:
    """Make a look, as the chain channel does."""
    batch = [
        {"jsonrpc": "2.0", "id": at, "method": method, "params": params}
        for at, (method, params) in enumerate(calls)
    ]
    rows = sorted(bench.http.post(bench.ready["chain"], json=batch).json(), key=lambda row: row["id"])
    return {"answers": [{key: row[key] for key in ("result", "error") if key in row} for row in rows]}


@judges("jsonrpc", "balance_calls", "words", oracle="web3 on a real node")
def test_numbers_are_what_web3_reads(
    bench: Bench, web3: Web3, market: dict[str, str], customer: Customer
) -> None:
    """Balances, allowances and approvals read in one look are those that web3 reads, as of one block."""
    who, exchange = customer.address, CONTRACTS_137.exchange
    token = web3.eth.contract(address=CONTRACTS_137.collateral, abi=ERC20_ABI)
    calls = [
        jsonrpc.balance_call(CONTRACTS_137.collateral, who, None),
        jsonrpc.balance_call(CONTRACTS_137.ctf, who, int(market["yes"])),
        jsonrpc.allowance_call(CONTRACTS_137.collateral, who, exchange),
        jsonrpc.approval_call(CONTRACTS_137.ctf, who, exchange),
        jsonrpc.approval_call(CONTRACTS_137.ctf, exchange, who),
    ]
    found = None
    while found is None:  # a block may come in between
        found = jsonrpc.words(look(bench, jsonrpc.balance_calls(calls)))

    assert found[0] == token.functions.balanceOf(who).call() == 12_500_000
    assert found[1] == 3_000_000
    assert found[2] == token.functions.allowance(who, exchange).call()
    assert found[3:] == (1, 0)


def test_a_block_in_between_is_told() -> None:
    """Numbers that were read across two blocks are none."""
    heads = [{"result": "0x1"}, {"result": "0x5"}, {"result": "0x2"}]

    assert jsonrpc.words({"answers": heads}) is None


@judges("jsonrpc", "log_calls", "logs", "head", oracle="web3 on a real node")
def test_logs_are_those_that_web3_finds(bench: Bench, web3: Web3, customer: Customer) -> None:
    """The logs of a look are those that web3 gets for the topic, in the chain's order."""
    before = web3.eth.block_number
    wire = look(bench, jsonrpc.log_calls(["ApprovalForAll", "Transfer"], 0))
    after = web3.eth.block_number

    signatures = ("ApprovalForAll(address,address,bool)", "Transfer(address,address,uint256)")
    topics = [Web3.keccak(text=text) for text in signatures]
    raw = web3.eth.get_logs({"fromBlock": 0, "toBlock": jsonrpc.head(wire), "topics": [topics]})
    expected = [(log["transactionHash"].to_0x_hex(), log["logIndex"], log["blockNumber"]) for log in raw]
    found = jsonrpc.logs(wire)
    assert [(log.transaction, log.index, log.block) for log in found] == expected
    assert [log.address for log in found] == [log["address"] for log in raw]
    assert customer.address in [log.event.args.get("owner") for log in found]
    assert before <= jsonrpc.head(wire) <= after


@judges("jsonrpc", "receipt_calls", "receipt", oracle="web3 on a real node")
def test_receipts_are_what_web3_gets(bench: Bench, web3: Web3, customer: Customer) -> None:
    """A receipt has the status, block, gas and events that web3 gets; one that is not mined has none."""
    wire = look(bench, jsonrpc.log_calls(["ApprovalForAll"], 0))
    name = jsonrpc.logs(wire)[-1].transaction

    found = jsonrpc.receipt(look(bench, jsonrpc.receipt_calls(name)))
    missing = jsonrpc.receipt(look(bench, jsonrpc.receipt_calls("0x" + "11" * 32)))

    expected = web3.eth.get_transaction_receipt(name)
    assert (found["mined"], found["transaction"]) == (True, name)
    assert (found["status"], found["gas_used"]) == (expected["status"], expected["gasUsed"])
    assert (found["block"], found["block_hash"]) == (
        expected["blockNumber"],
        expected["blockHash"].to_0x_hex(),
    )
    assert [event["log_index"] for event in found["events"]] == [log["logIndex"] for log in expected["logs"]]
    told = found["events"][0]["ApprovalForAll"]
    assert (told["owner"], told["approved"]) == (customer.address, True)
    assert told["operator"].lower()[2:] in expected["logs"][0]["topics"][2].hex()
    assert missing == {"mined": False}


def test_confirmations_are_the_blocks_that_web3_counts(bench: Bench, web3: Web3, customer: Customer) -> None:
    """A mined transaction has as many as there are blocks from its own to the head; its logs count alike."""
    name = jsonrpc.logs(look(bench, jsonrpc.log_calls(["ApprovalForAll"], 0)))[-1].transaction
    mined = web3.eth.get_transaction_receipt(name)["blockNumber"]
    before = web3.eth.block_number
    found = jsonrpc.receipt(look(bench, jsonrpc.receipt_calls(name)))["confirmations"]
    assert before - mined + 1 <= found <= web3.eth.block_number - mined + 1
    for deep in (found, found + 1000):
        logs = jsonrpc.logs(look(bench, jsonrpc.log_calls(["ApprovalForAll"], 0)), deep)
        assert (name in [log.transaction for log in logs]) == (deep == found)


@pytest.mark.parametrize(("head", "confirmations"), [(0x10, 1), (0x11, 2), (0x1A, 11), (0x0F, 0), (0, 0)])
def test_a_block_confirms_itself_and_a_head_below_it_confirms_nothing(head: int, confirmations: int) -> None:
    """A log has so many and not one more; it has none where another node's head is below it."""
    wire = {"answers": [{"result": hex(head)}, {"result": [a_log()]}]}
    assert len(jsonrpc.logs(wire, confirmations)) == 1
    assert jsonrpc.logs(wire, confirmations + 1) == ()


@judges("jsonrpc", "failure", oracle="a real node's refusals")
def test_failures_are_the_node_s_words(bench: Bench) -> None:
    """A look that the node refused in part says so in its words; an answered one does not."""
    refused = look(bench, [jsonrpc.HEAD, ["eth_nonsense", []]])

    assert jsonrpc.failure(refused) == "Method not found"
    assert jsonrpc.failure(look(bench, [jsonrpc.HEAD])) is None
    assert jsonrpc.failure({"answers": [{}]}) == "an answer has neither a result nor an error"


@judges("jsonrpc", "quantity", oracle="web3's to_int, and eth_abi")
@given(st.integers(0, 2**256 - 1))
def test_numbers_are_exact(number: int) -> None:
    """A quantity, and a word, of any size that a contract knows is the integer that others read of it."""
    word = "0x" + encode(["uint256"], [number]).hex()

    assert jsonrpc.quantity(hex(number)) == Web3.to_int(hexstr=hex(number)) == number
    assert jsonrpc.quantity(word) == decode(["uint256"], bytes.fromhex(word[2:]))[0] == number


@pytest.mark.parametrize(
    "result", [None, 5, "5", "0x", "0x_1", "0x1_0", " 0x1", "-0x1", "0xg", "0x" + "0" * 65, True, ["0x1"]]
)
def test_what_is_no_number_is_not_made_one(result: Any) -> None:
    """Python reads numbers in more texts than JSON-RPC writes; two words are not one."""
    with pytest.raises(ValueError, match="is no number of at most 256 bits"):
        jsonrpc.quantity(result)


NAMES = "topics data logIndex blockNumber transactionHash address status gasUsed logs removed"
FIELDS = st.sampled_from(NAMES.split())
PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
ANYTHING = st.recursive(
    PLAIN | st.sampled_from(["0x", "0x1", "0x" + "00" * 32, ctf.topic0("Transfer")]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=12,
)


@given(ANYTHING, ANYTHING)
def test_a_node_may_answer_anything(first: Any, second: Any) -> None:
    """Whatever a node answers is read, or is one of the errors that its readers expect."""
    wire = {"answers": [{"result": first}, {"result": second}, {"result": first}]}
    for read in (jsonrpc.logs, jsonrpc.receipt, jsonrpc.words, jsonrpc.head):
        with contextlib.suppress(*jsonrpc.UNREADABLE):
            read(wire)
    told = jsonrpc.failure(wire)
    assert told is None or isinstance(told, str)


def a_log(**other: Any) -> dict[str, Any]:
    """A transfer of five, as a node tells of it."""
    holder = "0x" + "11".rjust(64, "0")
    return {
        "address": CONTRACTS_137.collateral,
        "topics": [ctf.topic0("Transfer"), holder, holder],
        "data": "0x" + f"{5:064x}",
        "transactionHash": "0x" + "22" * 32,
        "logIndex": "0x0",
        "blockNumber": "0x10",
        **other,
    }


def test_a_log_of_an_abandoned_block_is_none() -> None:
    """What a node marks as removed has not happened."""
    told = [a_log(removed=True), a_log(removed=False, logIndex="0x1")]
    wire = {"answers": [{"result": "0x10"}, {"result": told}]}

    assert [log.index for log in jsonrpc.logs(wire)] == [1]


@pytest.mark.parametrize("missing", [{"blockNumber": None}, {"logIndex": None}, {"data": None}])
def test_a_log_of_no_block_cannot_be_read(missing: dict[str, Any]) -> None:
    """A log that stands nowhere yet, or holds nothing, is no log, and nothing is read of the look."""
    with pytest.raises(jsonrpc.UNREADABLE):
        jsonrpc.logs({"answers": [{"result": "0x10"}, {"result": [a_log(**missing)]}]})


@pytest.mark.parametrize("missing", ["status", "blockNumber", "blockHash", "gasUsed", "logs"])
def test_a_receipt_of_no_block_cannot_be_read(missing: str) -> None:
    """A receipt without its block or status shows nothing; none at all is a transaction that is not mined."""
    raw = {"status": "0x1", "blockNumber": "0x10", "transactionHash": "0x22", "gasUsed": "0x5208", "logs": []}
    raw["blockHash"] = "0x33"
    look = [{"result": "0x10"}, {"result": raw}]
    assert jsonrpc.receipt({"answers": look})["block"] == 16
    assert jsonrpc.receipt({"answers": [look[0], {"result": None}]}) == {"mined": False}
    with pytest.raises(jsonrpc.UNREADABLE):
        jsonrpc.receipt({"answers": [look[0], {"result": {key: raw[key] for key in raw if key != missing}}]})


@pytest.mark.parametrize("head", [None, "", "0x", 16, {"number": "0x10"}])
def test_a_look_without_a_head_is_a_failure(head: Any) -> None:
    """A look whose head is no number shows nothing."""
    wire = {"answers": [{"result": head}, {"result": []}]}

    assert jsonrpc.failure(wire) == "the head's number is none"
