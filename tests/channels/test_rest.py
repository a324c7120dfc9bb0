"""The rest channel against a server that keeps what it is asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from coincurve import PrivateKey
from py_clob_client_v2.clob_types import OrderArgs
from py_clob_client_v2.order_utils.model.order_data_v2 import order_to_json_v2
from venue.bench import DEADLINE_S, Bench, Customer, eventually

from harness.accounts import Account, Wallet
from harness.channels.rest import RestDriver
from harness.clock import RunClock
from harness.errors import CaseError, TargetError
from harness.wire.clob import l2_headers
from harness.wire.ctf import CONTRACTS_137

from .hostileweb import ANSWERS, HostileWeb, Say, closing, resetting
from .leaves import OPEN_DIAL
from .notes import Note, Notes
from .webpeer import Answer, Asked, WebPeer

SIGNING = ("poly_address", "poly_signature", "poly_timestamp", "poly_api_key", "poly_passphrase")


@contextmanager
def asking(url: str, account: Account | None = None) -> Iterator[Callable[[dict[str, Any]], list[Note]]]:
    """A driver, as a function from an intent to what was reported of it."""
    driver = RestDriver(
        url,
        account,
        dial=OPEN_DIAL,
        chain_id=137,
        contracts=CONTRACTS_137,
        clock=RunClock(),
        register=lambda _, __: None,
    )

    def ask(intent: dict[str, Any]) -> list[Note]:
        notes = Notes()
        driver.send(intent, notes)
        return notes.told

    try:
        yield ask
    finally:
        driver.close()


@pytest.fixture
def peer() -> Iterator[WebPeer]:
    with WebPeer() as peer:
        yield peer


@pytest.fixture
def alice() -> Account:
    return Account("alice", Wallet.create(), "key-of-alice", "c2VjcmV0LW9mLWFsaWNl", "pass-of-alice")


def seen_by(peer: WebPeer, account: Account | None, intent: dict[str, Any]) -> Asked:
    with asking(peer.url, account) as ask:
        ask({"method": "POST", "path": "/order", **intent})
    return peer.asked[-1]


def test_a_json_body_has_a_content_type_and_the_actor_s_headers(peer: WebPeer, alice: Account) -> None:
    """JSON goes out compactly, with its content type, and signed as the actor's."""
    seen = seen_by(peer, alice, {"json": {"a": [1, "é"]}})

    assert (seen.body, seen.headers["content-type"]) == ('{"a":[1,"é"]}'.encode(), "application/json")
    assert set(SIGNING) <= set(seen.headers)


def test_a_raw_body_is_as_it_is(peer: WebPeer, alice: Account) -> None:
    """A raw body goes out as UTF-8 without a content type, signed over these very bytes."""
    seen = seen_by(peer, alice, {"raw": '{"broken": é'})

    assert seen.body == '{"broken": é'.encode()
    assert "content-type" not in seen.headers
    expected = l2_headers(
        address=alice.wallet.address,
        api_key=alice.api_key,
        secret=alice.secret,
        passphrase=alice.passphrase,
        timestamp_s=int(seen.headers["poly_timestamp"]),
        method="POST",
        path="/order",
        body='{"broken": é',
    )
    assert {name.lower(): value for name, value in expected.items()}.items() <= seen.headers.items()


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ({"Content-Type": "text/plain"}, {"content-type": "text/plain"}),
        ({"POLY_SIGNATURE": "forged"}, {"poly_signature": "forged"}),
        ({"poly_timestamp": 12}, {"poly_timestamp": "12"}),
        ({"Poly_Signature": None}, {"poly_signature": None}),
        ({"User-Agent": None, "X-More": "1"}, {"user-agent": None, "x-more": "1"}),
    ],
)
def test_a_header_of_the_case_replaces_ours(
    peer: WebPeer, alice: Account, headers: dict[str, Any], shown: dict[str, str | None]
) -> None:
    """A header that the case names, in any case, is the case's, and null leaves it out."""
    seen = seen_by(peer, alice, {"json": {}, "headers": headers})

    assert {name: seen.headers.get(name) for name in shown} == shown
    assert {*SIGNING, "content-type"} - set(shown) <= set(seen.headers)


def test_nobody_s_request_is_not_signed(peer: WebPeer) -> None:
    """A request of nobody, or to a host where nobody signs, has no credentials."""
    assert not set(SIGNING) & set(seen_by(peer, None, {"json": {}}).headers)


def test_head_has_no_body() -> None:
    """HEAD is asked, and its answer is a status and headers without a body."""
    with WebPeer({"HEAD /book": Answer(404, b"not read")}) as peer, asking(peer.url) as ask:
        _, answer = ask({"method": "HEAD", "path": "/book"})

    assert (answer.wire["status"], answer.wire["headers"]["content-length"]) == (404, "8")
    assert "body" not in answer.wire


def test_an_answer_that_is_no_json_stays_text() -> None:
    """An HTML error page comes as its text."""
    page = Answer(502, b"<html>Bad Gateway</html>", {"content-type": "text/html"})
    with WebPeer({"GET /book": page}) as peer, asking(peer.url) as ask:
        sent, answer = ask({"method": "GET", "path": "/book", "params": {"token_id": "1"}})

    assert sent.wire["target"] == "/book?token_id=1"
    assert (answer.wire["status"], answer.wire["body"]) == (502, "<html>Bad Gateway</html>")


def test_members_of_a_group_are_on_the_wire_at_once() -> None:
    """Requests of several threads do not wait for each other: the server has all before it answers any."""
    with WebPeer(together=3) as peer, asking(peer.url) as ask:
        threads = [threading.Thread(target=ask, args=({"method": "GET", "path": f"/{n}"},)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(asked.target for asked in peer.asked) == ["/0", "/1", "/2"]


@pytest.mark.parametrize("body", [{"json": {"a": 1}}, {"raw": "x"}, {}])
def test_a_cut_resets_the_connection_after_the_request(body: dict[str, Any]) -> None:
    """With the fault `cut` the server reads the whole request and then a reset, and the answer is lost."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE_S)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with asking(url) as ask:
            sent, lost = ask({"method": "POST", "path": "/order", **body, "fault": "cut"})
        held, _ = listener.accept()
        with held:
            held.settimeout(DEADLINE_S)
            read = to_the_reset(held)

    head, _, content = read.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /order HTTP/1.1")
    assert content.decode() == sent.wire.get("body", "")
    assert (sent.wire["fault"], lost.what, lost.wire) == ("cut", "lost", "we cut the connection")


def to_the_reset(held: socket.socket) -> bytes:
    """What came before the connection was reset; an orderly end is a failure."""
    read = b""
    while True:
        try:
            data = held.recv(65_536)
        except ConnectionResetError:
            return read
        assert data, "the connection was ended in order"
        read += data


def test_an_order_whose_answer_was_cut_is_placed(
    bench: Bench, market: dict[str, str], customer: Customer
) -> None:
    """The exchange takes an order whose answer nobody waited for: the customer finds it afterwards."""
    terms = OrderArgs(token_id=market["yes"], price=0.4, size=5, side="BUY")
    body = order_to_json_v2(customer.client.create_order(terms), customer.client.creds.api_key, "GTC")
    wallet = Wallet(PrivateKey(bytes.fromhex(customer.key[2:])))
    creds = customer.client.creds
    account = Account("alice", wallet, creds.api_key, creds.api_secret, creds.api_passphrase)

    with asking(bench.ready["rest"], account) as ask:
        told = ask({"method": "POST", "path": "/order", "json": body, "fault": "cut"})

    assert [note.what for note in told] == ["sent", "lost"]
    assert eventually(customer.client.get_open_orders)[0]["price"] == "0.4"


@pytest.mark.parametrize(
    "intent",
    [
        {"method": "GET", "path": "/x", "headers": {"X-A": "line\r\nbreak"}},
        {"method": "GET", "path": "/x", "headers": {"X-A": "é"}},
        {"method": "POST", "path": "/x", "raw": "abc", "headers": {"Content-Length": "9"}},
        {"method": "GET", "path": "/x\n"},
    ],
)
def test_what_is_no_http_is_the_author_s(peer: WebPeer, intent: dict[str, Any]) -> None:
    """A request that HTTP cannot hold is an error of the case, and nothing is said of the target."""
    with asking(peer.url) as ask, pytest.raises(CaseError, match="cannot be sent as HTTP") as caught:
        ask(intent)

    assert caught.value.code == "C024"


@pytest.mark.parametrize("fault", [{}, {"fault": "cut"}])
def test_a_host_that_is_not_there_is_the_environment_s(unused_port: int, fault: dict[str, str]) -> None:
    """Where nobody has ever answered, the first request is a TargetError."""
    url = f"http://127.0.0.1:{unused_port}"
    with asking(url) as ask, pytest.raises(TargetError, match="does not answer") as caught:
        ask({"method": "GET", "path": "/ok", **fault})

    assert caught.value.code == "T001"


@pytest.mark.parametrize("ending", [closing(), resetting(), closing(b"HTTP/1.1 20")])
def test_a_write_whose_answer_is_lost_is_told_and_not_sent_again(ending: Say) -> None:
    """An order may have been taken: it went out once, and the case is told that its answer is lost."""
    with HostileWeb(ending) as server, asking(server.url) as ask:
        ask({"method": "GET", "path": "/ok"})
        sent, lost = ask({"method": "POST", "path": "/order", "json": {"size": 5}})

    assert (sent.what, lost.what) == ("sent", "lost")
    assert lost.wire.startswith("T013 ")
    assert lost.wire.endswith("whether the request was carried out is not known, and it is not sent again")
    assert [request.split(b" ")[0] for request in server.asked] == [b"GET", b"POST"]


@pytest.mark.parametrize("name", sorted(name for name, (code, _) in ANSWERS.items() if code))
def test_a_hostile_host_is_the_environment_s_before_it_ever_answered(name: str) -> None:
    """An answer that is refused is no answer: the target does not answer, and why is told."""
    code, say = ANSWERS[name]
    told = pytest.raises(TargetError, match=f"does not answer: {code} ")
    with HostileWeb(say) as server, asking(server.url) as ask, told as caught:
        ask({"method": "GET", "path": "/x"})

    assert caught.value.code == "T001"
