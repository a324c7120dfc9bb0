"""Trying a target's channels one by one: what is asked, and what each answer comes to."""

from __future__ import annotations

import socket
import threading
from dataclasses import asdict
from time import time
from typing import Any

import pytest

from harness import admission
from harness.guard import Effect, of_intent
from harness.targets import Marker, Said
from harness.trying.rows import Row, State, code_of
from harness.trying.trials import TRIALS
from harness.wire.ctf import CONTRACTS_137

from .listening import Listening
from .nodepeer import NodePeer
from .trials import REFUSED, exchange, one, places, tried
from .webpeer import Answer, WebPeer
from .wspeer import Peer


def head(age_s: int = 0) -> dict[str, str]:
    return {"number": hex(7), "timestamp": hex(int(time()) - age_s)}


def test_nothing_but_reads_is_asked() -> None:
    """Whatever a target has, it is asked with GET and with reads of its node, and with nothing else."""
    health = Answer(200, b'{"ok": true, "build": "2026.11.2", "environment": "x", "verbs": []}')
    answers = {"/health": health, "/verbs": health}
    with (
        exchange(**answers) as peer,
        NodePeer({"eth_getBlockByNumber": head(), "eth_getCode": "0x60"}) as node,
    ):
        url = peer.url
        at = places(
            rest=url,
            control=url,
            data=url,
            gamma=url,
            relayer=url,
            chain=node.url,
            marker=Marker(Said("control", "/health", "environment"), "x"),
        )
        rows = [row for name in TRIALS for row in tried(name, at)]

    assert code_of(rows) == 0, rows
    assert {each.method for each in peer.asked} == {"GET"}
    assert {each.body for each in peer.asked} == {b""}
    read = {"/health", "/verbs"}  # the control API's own
    asked = {each.target.partition("?")[0] for each in peer.asked} - read
    hosts = {"/positions": "data", "/status": "gamma"}
    effects = [
        of_intent("rest", {"method": "GET", "path": path}, host=hosts.get(path, "clob")) for path in asked
    ]
    assert effects == [Effect.READ] * len(asked)
    calls = [[method, []] for batch in node.batches for method in batch]
    assert of_intent("chain", {"rpc": calls}) is Effect.READ


@pytest.mark.parametrize(
    ("path", "answer", "state", "found", "then"),
    [
        ("/auth/derive-api-key", Answer(200), State.WORKS, "is taken (200", ""),
        ("/auth/derive-api-key", REFUSED, State.SILENT, "answers 401: ", "is chain_id the exchange's"),
        ("/auth/derive-api-key", Answer(403, b"no"), State.SILENT, "answers 403: no", "may this machine ask"),
        ("/auth/derive-api-key", Answer(429), State.SILENT, "answers 429", "it is asked too often"),
        (
            "/auth/api-keys",
            Answer(200),
            State.WRONG,
            "takes an API key that nobody has",
            "is this the exchange",
        ),
        ("/auth/api-keys", Answer(403, b"no"), State.SILENT, "answers 403: no", "may this machine ask"),
        ("/auth/api-keys", Answer(404), State.SILENT, "answers 404", ""),
    ],
)
def test_what_is_signed(path: str, answer: Answer, state: State, found: str, then: str) -> None:
    """A signature is taken where it is judged and no key is found; whatever else comes is told as it came."""
    with exchange(**{path: answer}) as peer:
        rows = {row.what: row for row in tried("rest", places(rest=peer.url))}

    row = rows["wallet (L1)" if "derive" in path else "API key (L2)"]
    assert (row.state, found in row.found, then in row.next) == (state, True, True), row


def test_what_stands_on_rest_is_not_tried_without_it() -> None:
    """Where REST does not answer, nothing that stands on it is tried: one thing is wrong, not four."""
    with exchange(**{"/time": Answer(503, b"later")}) as peer:
        rows = tried("rest", places(rest=peer.url))

    assert [row.state for row in rows] == [State.SILENT, *[State.UNTRIED] * 3]
    assert "answers 503: later" in rows[0].found
    assert code_of(rows[1:]) == 3


def test_without_a_chain_nothing_is_signed() -> None:
    """A target that names no chain has no id to sign for: that is told, and is no trouble of the target's."""
    with exchange() as peer:
        rows = {row.what: row for row in tried("rest", places(rest=peer.url, chain_id=0))}

    assert rows["wallet (L1)"].state is rows["API key (L2)"].state is State.ABSENT
    assert rows["wallet (L1)"].next == "name a `chain` and its `chain_id`"


@pytest.mark.parametrize(
    ("said", "state", "found"),
    [
        (b'{"env": "staging"}', State.WORKS, "says that it is 'staging'"),
        (b'{"env": "live"}', State.WRONG, "says that it is 'live', and 'staging' is expected"),
        (b"{}", State.WRONG, "says that it is None, and 'staging' is expected"),
    ],
)
def test_who_it_is(said: bytes, state: State, found: str) -> None:
    """A target says which environment it is where its configuration says so, or it is not what was meant."""
    with WebPeer({"GET /env": Answer(200, said)}) as peer:
        row = one("identity", places(rest=peer.url, marker=Marker(Said("rest", "/env", "env"), "staging")))

    assert (row.state, row.found.startswith(found)) == (state, True), row


def test_a_build_that_the_list_does_not_know() -> None:
    """A build that is not in the target's list works, and it is told that nothing is earlier than it."""
    with WebPeer({"GET /about": Answer(200, b"ok", {"X-Build": "thaw"})}) as peer:
        said = Said("rest", "/about", "", "x-build")
        row = one("build", places(rest=peer.url, build=said, builds=("harvest", "frost")))

    assert row == Row(
        "build",
        f"{peer.url} /about header x-build",
        State.WORKS,
        "thaw, which is not in `builds`",
        "add 'thaw' to `builds` where it belongs",
    )


@pytest.mark.parametrize(
    ("block", "state", "found"),
    [
        (5, State.WORKS, "chain 137, block 7, "),
        (300, State.SILENT, "s behind this machine's clock"),
        (-300, State.SILENT, "s ahead of this machine's clock"),
        (None, State.SILENT, "T018 the node answers eth_getBlockByNumber without a block"),
        ({"number": "7"}, State.SILENT, "T018 the node's newest block has no number or no time"),
    ],
)
def test_a_node_s_newest_block(block: Any, state: State, found: str) -> None:
    """The newest block tells whether a node is in step with its chain; a number here is its age."""
    with NodePeer({"eth_getBlockByNumber": head(block) if isinstance(block, int) else block}) as node:
        row = one("chain", places(rest="http://127.0.0.1:1", chain=node.url))

    assert (row.state, found in row.found) == (state, True), row


@pytest.mark.parametrize(("empty", "state"), [("ctf", State.WRONG), ("onramp", State.WORKS)])
def test_contracts_without_code(empty: str, state: State) -> None:
    """A contract that cases name must be there; of any other it is told that it is not."""
    address = asdict(CONTRACTS_137)[empty]
    with NodePeer() as node:
        rows = iter(asdict(CONTRACTS_137).values())

        def say(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
            answers = [node.row(calls[0])]
            for call in calls[1:]:
                code = "0x" if next(rows) == address else "0x6080"
                answers.append({"jsonrpc": "2.0", "id": call["id"], "result": code})
            return answers

        at = places(rest="http://127.0.0.1:1", chain=node.url)
        node.say = lambda calls: say(calls) if len(calls) > 1 else [node.row(calls[0])]
        row = one("contracts", at)

    assert row.state is state
    assert empty in row.found
    assert (address in row.found) == (state is State.WRONG)


def test_a_control_api_that_is_not_well() -> None:
    """A target that says it is not well does not work, whatever else it answers."""
    with WebPeer({"GET /health": Answer(200, b'{"ok": false}')}) as peer:
        row = one("control", places(rest=peer.url, control=peer.url))

    assert (row.state, row.found) == (State.SILENT, "says that it is not well: no run will begin")


@pytest.mark.parametrize("channel", ["data", "gamma"])
def test_another_host_that_is_not_what_it_should_be(channel: str) -> None:
    """A host that does not know the path that it should answers so, and is not taken for the API."""
    with WebPeer() as peer:
        peer.answer_to = lambda _: Answer(404)  # type: ignore[method-assign]
        row = one(channel, places(rest=peer.url, **{channel: peer.url}))

    assert (row.state, row.next) == (State.SILENT, f"is this the address of the {channel} API?")
    assert row.found.startswith("answers 404 to GET /")


def test_a_gateway_that_hangs_up() -> None:
    """A gateway that takes a connection only to end it does not work; nothing was said to it."""
    with Listening() as gateway:
        came: list[bytes] = []

        def hang_up() -> None:
            held = gateway.take()
            held.shutdown(socket.SHUT_WR)
            came.append(held.recv(64))

        answering = threading.Thread(target=hang_up)
        answering.start()
        row = one("fix", places(rest="http://127.0.0.1:1", fix=f"tcp://127.0.0.1:{gateway.port}"))
        answering.join()

    assert (row.state, row.found) == (State.SILENT, "T013 takes a connection and ends it at once")
    assert came == [b""]


def test_a_host_whose_tls_is_none() -> None:
    """A place that is to speak TLS and does not is told as such, with what to look at."""
    with WebPeer() as peer:
        row = one("relayer", places(rest=peer.url, relayer=peer.url.replace("http:", "https:")))

    assert (row.state, row.found.startswith("T023 TLS failed: ")) == (State.SILENT, True), row
    assert row.next.startswith("is its certificate for this host")


@pytest.mark.parametrize(
    ("end", "found"),
    [(1008, "opens, and ends: 1008 not you"), (0, "opens, and does not answer PING within 5 s")],
)
def test_a_stream_that_does_not_talk(end: int, found: str) -> None:
    """A WebSocket that opens, and then says nothing or ends, is no stream of the exchange's."""
    with Peer() as peer:
        heard: list[str] = []

        def serve() -> None:
            peer.accept()
            heard.extend(peer.read() for _ in range(2))
            if end:
                peer.close(end, "not you")
            while heard[-1][:5] not in ("close", "end", "reset"):
                heard.append(peer.read())

        answering = threading.Thread(target=serve)
        answering.start()
        row = one("ws.market", places(rest="http://127.0.0.1:1", ws=peer.url.removesuffix("/ws/market")))
        answering.join()

    assert (row.state, row.found) == (State.SILENT, found)
    assert heard[:2] == ['{"type":"market","assets_ids":[],"custom_feature_enabled":true}', "PING"]
    assert peer.paths == ["/ws/market"]


def test_a_name_is_told_with_where_it_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a channel is a name, the row says to which addresses it led; one that leads nowhere is told."""
    with exchange() as peer:
        port = peer.url.rpartition(":")[2]
        there = {"exchange.test": ("127.0.0.1",), "nowhere.test": ()}
        monkeypatch.setattr(admission, "looked_up", lambda names: {name: there[name] for name in names})
        first = tried("rest", places(rest=f"http://exchange.test:{port}"))[0]
        lost = tried("rest", places(rest=f"http://nowhere.test:{port}"))[0]

    assert (first.state, first.found) == (
        State.WORKS,
        "exchange.test leads to 127.0.0.1; tells its time",
    )
    assert lost.state is State.SILENT
    assert lost.found.startswith("T001 nowhere.test, of target 'there', is not known here: is the name right")


def test_a_place_that_the_guard_refuses_is_not_connected_to() -> None:
    """What is called local and is elsewhere is wrong, and nothing goes there."""
    row = one("data", places(rest="http://127.0.0.1:1", data="http://192.0.2.7:80"))

    assert (row.state, row.found[:4]) == (State.WRONG, "G009")
    assert row.next == "nothing was sent there: put the configuration right"
    assert code_of([row]) == 2


def test_the_path_of_a_secret_address_is_not_shown() -> None:
    """An address that the environment gave is shown without its path, with its variable's name."""
    secret = "https://rpc.example/v2/hunter2hunter2"
    at = places({"chain": "THE_NODE", "rest": "THE_REST"}, rest="https://c.example", chain=secret)

    assert at.shown("chain") == "https://rpc.example/… (env:THE_NODE)"
    assert at.shown("rest") == "https://c.example (env:THE_REST)"


def test_what_rows_come_to() -> None:
    """What is wrong outweighs what is silent; what is not configured is neither."""
    rows = {state: Row("x", "y", state, "z") for state in State}

    assert code_of([rows[State.WORKS], rows[State.ABSENT]]) == 0
    assert code_of([rows[State.WORKS], rows[State.UNTRIED]]) == 3
    assert code_of([rows[State.WORKS], rows[State.SILENT]]) == 3
    assert code_of(rows.values()) == 2
