"""The node as customers reach it: passed on as it is, or behind, or denying what it took."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from web3 import HTTPProvider, Web3
from web3.exceptions import Web3RPCError
from websockets.sync.client import connect

from .bench import DEADLINE_S, Bench, eventually
from .test_verbs import begin

SINK = "0x" + "77" * 20
UNDERPRICED = "replacement transaction underpriced"


@pytest.fixture
def moody(troubled: Bench) -> Iterator[Bench]:
    """A venue whose node is itself again after the test."""
    troubled.rpc("evm_mine")  # nothing waits for a block that another test sent
    yield troubled
    assert troubled.http.delete(troubled.ready["control"] + "/verbs").json() == {"ended": True}


def asked(bench: Bench, method: str, *params: Any) -> dict[str, Any]:
    """The reply to one call, an error too."""
    body = {"jsonrpc": "2.0", "id": "seven", "method": method, "params": list(params)}
    reply: dict[str, Any] = bench.http.post(bench.ready["chain"], json=body).json()
    assert reply["id"] == "seven"
    return reply


def payment(bench: Bench, wei: int) -> tuple[str, str, str]:
    """A signed payment of a fresh account to SINK: who, its hash, and what is sent."""
    account = Account.create()
    bench.rpc("anvil_setBalance", account.address, hex(10**18))
    signed = account.sign_transaction(
        {"to": SINK, "value": wei, "gas": 21_000, "gasPrice": 10**11, "nonce": 0, "chainId": 137}
    )
    return account.address, signed.hash.to_0x_hex(), signed.raw_transaction.to_0x_hex()


def paid(bench: Bench, at: str = "latest") -> int:
    return int(asked(bench, "eth_getBalance", SINK, at)["result"], 16)


def test_calls_batches_and_errors_are_passed_on(bench: Bench) -> None:
    """Ids, batches, an unknown method, what is no JSON and a preflight are answered as the node does."""
    chain = bench.ready["chain"]
    assert asked(bench, "eth_chainId")["result"] == hex(137)
    assert asked(bench, "eth_nonsense")["error"]["code"] == -32601
    batch = [{"jsonrpc": "2.0", "id": row, "method": "eth_chainId"} for row in (3, "b")]
    assert [(row["id"], row["result"]) for row in bench.http.post(chain, json=batch).json()] == [
        (3, "0x89"),
        ("b", "0x89"),
    ]
    broken = bench.http.post(chain, content=b"{", headers={"content-type": "application/json"})
    assert broken.json()["error"]["code"] == -32600
    preflight = {"origin": "https://app.example", "access-control-request-method": "POST"}
    allowed = bench.http.request("OPTIONS", chain, headers=preflight)
    assert allowed.headers["access-control-allow-origin"] == "*"
    assert bench.http.post(chain + "/other", json=batch).status_code == 404


def test_a_body_may_be_compressed_both_ways(bench: Bench) -> None:
    """A large answer to a client that takes gzip is read by it, and so is one to a client that takes none."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_getCode", "params": [SINK, "latest"]}
    for accepted in ("gzip", "identity"):
        answer = bench.http.post(bench.ready["chain"], json=body, headers={"accept-encoding": accepted})
        assert answer.json()["result"] == "0x"


def test_the_node_answers_on_a_websocket(moody: Bench) -> None:
    """Calls and subscriptions go over a WebSocket, and a lag holds there, too."""
    with connect(moody.ready["chain"].replace("http", "ws"), open_timeout=DEADLINE_S) as socket:

        def call(method: str, *params: Any) -> Any:
            socket.send(json.dumps({"jsonrpc": "2.0", "id": 5, "method": method, "params": list(params)}))
            return json.loads(socket.recv(DEADLINE_S))["result"]

        assert call("eth_chainId") == "0x89"
        begin(moody, "freeze", for_ms=60_000)
        begin(moody, "mine", blocks=5)
        head = int(call("eth_blockNumber"), 16)
        begin(moody, "lag", depth=4, for_ms=60_000)
        assert int(call("eth_blockNumber"), 16) == head - 4
        moody.http.delete(moody.ready["control"] + "/verbs")
        call("eth_subscribe", "newHeads")
        begin(moody, "mine", blocks=1)
        assert json.loads(socket.recv(DEADLINE_S))["method"] == "eth_subscription"


def test_a_node_behind_knows_nothing_of_the_newest_blocks(moody: Bench) -> None:
    """Head, state, blocks, logs, receipts and transactions are as of so many blocks ago."""
    begin(moody, "freeze", for_ms=60_000)
    begin(moody, "mine", blocks=8)
    payer, name, raw = payment(moody, 5)
    before = paid(moody)
    assert asked(moody, "eth_sendRawTransaction", raw)["result"] == name
    begin(moody, "mine", blocks=1)
    newest = asked(moody, "eth_getBlockByNumber", "latest", False)["result"]
    begin(moody, "lag", depth=3, for_ms=60_000)

    head = int(newest["number"], 16) - 3
    for tag in ("latest", "pending", "safe", "finalized"):
        assert paid(moody, tag) == before
        assert int(asked(moody, "eth_getBlockByNumber", tag, False)["result"]["number"], 16) == head
    assert int(asked(moody, "eth_blockNumber")["result"], 16) == head
    assert asked(moody, "eth_getTransactionCount", payer)["result"] == "0x0"
    assert asked(moody, "eth_getTransactionReceipt", name)["result"] is None
    assert asked(moody, "eth_getTransactionByHash", name)["result"]["blockNumber"] is None
    assert asked(moody, "eth_getBlockByHash", newest["hash"], False)["result"] is None
    assert asked(moody, "eth_getBlockByNumber", newest["number"], False)["result"] is None
    for named in (newest["number"], {"blockNumber": newest["number"]}, {"blockHash": newest["hash"]}):
        refused = asked(moody, "eth_getBalance", SINK, named)
        assert refused["error"] == {"code": -32000, "message": "header not found"}
    assert asked(moody, "eth_call", {"to": SINK}, {"blockNumber": hex(head)})["result"] == "0x"
    assert asked(moody, "eth_getLogs", {"blockHash": newest["hash"]})["error"]["message"] == "unknown block"
    assert asked(moody, "eth_getLogs", {"fromBlock": newest["number"]})["result"] == []
    both_ways = asked(moody, "eth_getLogs", {"fromBlock": hex(head), "toBlock": newest["number"]})
    assert both_ways["result"] == []
    batch = [{"jsonrpc": "2.0", "id": row, "method": "eth_blockNumber"} for row in (1, 2)]
    heads = moody.http.post(moody.ready["chain"], json=batch).json()
    assert [(row["id"], int(row["result"], 16)) for row in heads] == [(1, head), (2, head)]

    begin(moody, "mine", blocks=3)  # it goes on, as far behind
    assert paid(moody) == before + 5
    assert asked(moody, "eth_getTransactionReceipt", name)["result"]["status"] == "0x1"


def test_a_lag_ends(moody: Bench) -> None:
    """A node that lags is itself again when its time is over; it takes what is sent meanwhile."""
    begin(moody, "lag", depth=64, for_ms=60_000)
    _, name, raw = payment(moody, 1)
    assert asked(moody, "eth_sendRawTransaction", raw)["result"] == name
    begin(moody, "mine", blocks=1)
    assert asked(moody, "eth_getTransactionReceipt", name)["result"] is None
    begin(moody, "lag", depth=64, for_ms=1)
    receipt = eventually(lambda: asked(moody, "eth_getTransactionReceipt", name)["result"])
    assert receipt["status"] == "0x1"


def test_web3_reads_through_a_lag(moody: Bench) -> None:
    """What web3 reads after a receipt is of before it while the node lags, and right from then on."""
    w3 = Web3(HTTPProvider(moody.ready["chain"]))
    payer, _, raw = payment(moody, 1)
    receipt: Any = w3.eth.wait_for_transaction_receipt(w3.eth.send_raw_transaction(raw), DEADLINE_S)  # type: ignore[arg-type]
    begin(moody, "freeze", for_ms=60_000)
    begin(moody, "lag", depth=64, for_ms=60_000)
    assert w3.eth.get_transaction_count(payer) == 0  # type: ignore[arg-type]
    begin(moody, "mine", blocks=64)
    assert w3.eth.block_number >= receipt["blockNumber"]
    assert w3.eth.get_transaction_count(payer) == 1  # type: ignore[arg-type]


def test_viem_reads_and_follows(bench: Bench) -> None:
    """viem, unmodified, reads in a batch, follows blocks over a WebSocket, and is told what is no method."""
    reader = Path(__file__).with_name("nodereader.mjs")
    ran = subprocess.run(
        ["node", str(reader), bench.ready["chain"]],
        capture_output=True,
        text=True,
        timeout=6 * DEADLINE_S,
        check=True,
    )
    read = json.loads(ran.stdout)
    assert (read["chain"], read["unknown"]) == (137, -32601)
    assert read["next"] > read["block"] > 0


def test_an_error_of_a_submission_is_ambiguous(moody: Bench) -> None:
    """The node takes a transaction and says it did not, as often as told; its value moves, and moves once."""
    begin(moody, "deny", of="sends", times=1)
    before = paid(moody)
    w3 = Web3(HTTPProvider(moody.ready["chain"]))
    payer, name, raw = payment(moody, 7)
    with pytest.raises(Web3RPCError, match=UNDERPRICED):
        w3.eth.send_raw_transaction(raw)  # type: ignore[arg-type]
    receipt: Any = w3.eth.wait_for_transaction_receipt(name, DEADLINE_S)  # type: ignore[arg-type]
    assert receipt["status"] == 1
    assert "error" in asked(moody, "eth_sendRawTransaction", raw)  # its own words: the number is used up
    assert (paid(moody), w3.eth.get_transaction_count(payer)) == (before + 7, 1)  # type: ignore[arg-type]
    _, other, more = payment(moody, 1)
    assert asked(moody, "eth_sendRawTransaction", more)["result"] == other


def test_a_transaction_that_is_refused_is_not_denied(moody: Bench) -> None:
    """What the node really refuses keeps its own words, and counts for none of the denials."""
    begin(moody, "deny", of="sends", times=1, error="already known")
    refused = asked(moody, "eth_sendRawTransaction", "0x00")["error"]["message"]
    assert refused != "already known"
    _, _, raw = payment(moody, 1)
    assert asked(moody, "eth_sendRawTransaction", raw)["error"]["message"] == "already known"


@pytest.mark.parametrize(
    ("verb", "body", "text"),
    [
        ("lag", {"depth": 65}, "depth is 65: send a whole number between 1 and 64"),
        ("lag", {"times": 1}, "unknown times: the keys are depth, for_ms"),
        ("deny", {}, "of is None: send one of sends, settlements"),
        (
            "deny",
            {"of": "sends", "error": "no"},
            "error is 'no': send one of replacement transaction underpriced",
        ),
        ("deny", {"of": "settlements", "for_ms": 5}, "unknown for_ms: the keys are of, error, times"),
    ],
)
def test_a_mood_that_is_none_is_refused(troubled: Bench, verb: str, body: dict[str, Any], text: str) -> None:
    """A bad argument is refused with what to send instead."""
    refused = troubled.http.post(f"{troubled.ready['control']}/verbs/{verb}", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith(text)
