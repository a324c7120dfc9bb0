"""vcrpy on our cassettes: the HTTP part of any is replayed, nothing goes out, nothing is written over."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException as NotRecorded

from harness.cassette import read
from harness.errors import CassetteDamaged, EvidenceError
from harness.evidence.exchanges import answered
from harness.evidence.vcrpy import register
from harness.model import Event, Kind
from harness.redact import LeakError

from .httpserver import Served

ROOT = Path(__file__).resolve().parents[2] / "cassettes"
HOST = "https://clob.example.com"
EVERY = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.jsonl"))


def tape(base_url: Any = HOST, **more: Any) -> vcr.VCR:
    made = vcr.VCR()
    register(made, base_url, **more)
    return made


@contextmanager
def refused_at_the_end(context: Any, error: type[Exception], code: str) -> Iterator[None]:
    """The cassette is not written. vcrpy then leaves its patches where they are: they are taken away here."""
    with pytest.raises(error, match=code), context:
        yield
    context._CassetteContextDecorator__finish.close()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every connection that is tried, and refused."""
    tried: list[Any] = []

    def refuse(_: socket.socket, address: Any) -> None:
        tried.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    yield tried
    assert tried == []


def test_a_cassette_of_a_case_answers_every_client(no_network: list[Any]) -> None:
    """requests, httpx and aiohttp are answered from a case's cassette, with nothing but its HTTP part."""
    with tape().use_cassette(ROOT / "ESC-1118" / "broken.jsonl") as cassette:
        paths = [request.path for request in cassette.requests]
        first = cassette.responses[0]["body"]["string"]
        method, url = cassette.requests[0].method, cassette.requests[0].uri
        assert requests.request(method, url, timeout=1).content == first
        cassette.rewind()
        assert httpx.request(method, url).content == first
        cassette.rewind()

        async def ask() -> bytes:
            async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
                return await answer.read()

        assert asyncio.run(ask()) == first

    assert "/order" in paths
    assert not [path for path in paths if "rpc" in path]


@pytest.mark.parametrize("path", EVERY)
def test_every_cassette_is_read_whole(path: str) -> None:
    """vcrpy gets each exchange of each committed cassette that had an answer: in order, with its body."""
    bases = {"rest": HOST, "rest.data": "https://data.example.com", "rest.web": "https://web.example.com"}
    cassette = read(ROOT / path)
    asked = [event for event in cassette.events if event.kind is Kind.SEND and "method" in event.data["wire"]]
    kept = [event for event in cassette.events if event.source.channel in bases]
    lost = [event for event in kept if event.kind is Kind.LOST]
    withheld = [event for event in kept if event.data.get("delivered") is False]
    untold = [event for event in kept if "body_omitted" in _wire_of_answer(event)]
    held = list(answered(cassette.events))

    with tape(bases).use_cassette(ROOT / path) as replayed:
        assert [request.method for request in replayed.requests] == [each.request["method"] for each in held]
        assert [request.uri for request in replayed.requests] == [
            each.request.get("base", bases[each.channel]) + each.request["target"] for each in held
        ]
        assert [response["body"]["string"].decode() for response in replayed.responses] == [
            each.response.get("body", "") for each in held
        ]
    assert len(held) == len(asked) - len(lost) - len(withheld) - len(untold)


def _wire_of_answer(event: Event) -> Mapping[str, Any]:
    wire: Mapping[str, Any] = event.data.get("wire", {}) if event.kind is Kind.ANSWER else {}
    return wire


def test_polls_come_in_their_order(no_network: list[Any]) -> None:
    """A request that was recorded several times is answered as often, in order, and then no more."""
    path = ROOT / "ESC-1111" / "broken.jsonl"
    held = list(answered(read(path).events))
    by_url: dict[str, list[str]] = {}
    for each in held:
        if each.request["method"] == "GET":
            by_url.setdefault(HOST + each.request["target"], []).append(each.response["body"])
    url, bodies = max(by_url.items(), key=lambda item: len(set(item[1])))
    assert (len(bodies), len(set(bodies))) == (33, 3)

    with tape().use_cassette(path):
        assert [requests.get(url, timeout=1).text for _ in bodies] == bodies
        with pytest.raises(NotRecorded):
            requests.get(url, timeout=1)


def test_a_host_is_asked_for(no_network: list[Any]) -> None:
    """A cassette holds paths; without a host it is said how to name one."""
    with (
        pytest.raises(EvidenceError, match=r"I010.*base_url"),
        tape("").use_cassette(ROOT / "ESC-1118" / "broken.jsonl"),
    ):
        pytest.fail("nothing can be replayed")


def test_placeholders_match_any_text_as_long(tmp_path: Path, served: Served) -> None:
    """A secret in path, query or body is a placeholder in the cassette, and matches what was there."""
    path = tmp_path / "evidence.jsonl"
    secrets = {"key": "k3y-0123456789", "id": "user/0001"}
    url = f"{served.url}/of/user%2F0001?api_key=k3y-0123456789&a=1"
    with tape(secrets=secrets).use_cassette(path, record_mode="once"):
        requests.post(url, json={"key": "k3y-0123456789", "n": 1}, timeout=5)
    text = path.read_text()
    assert "k3y-0123456789" not in text
    assert "user%2F0001" not in text

    strict = {"match_on": ["harness", "harness_body"]}
    with tape().use_cassette(path, **strict):
        again = requests.post(url, json={"key": "k3y-0123456789", "n": 1}, timeout=5)
        assert again.status_code == 200
    for wrong in (
        {"url": url.replace("a=1", "a=2"), "json": {"key": "k3y-0123456789", "n": 1}},
        {"url": url, "json": {"key": "k3y-0123456789", "n": 2}},
        {"url": url, "json": {"key": "longer than it was", "n": 1}},
    ):
        with tape().use_cassette(path, **strict), pytest.raises(NotRecorded):
            requests.post(wrong["url"], json=wrong["json"], timeout=5)


def test_order_of_parameters_does_not_matter_but_their_number_does(tmp_path: Path, served: Served) -> None:
    """`a=1&b=2` is `b=2&a=1`, and not `a=1&a=1&b=2`."""
    path = tmp_path / "evidence.jsonl"
    with tape().use_cassette(path, record_mode="once"):
        requests.get(f"{served.url}/q?a=1&b=2", timeout=5)
    with tape().use_cassette(path):
        requests.get(f"{served.url}/q?b=2&a=1", timeout=5)
    for query in ("a=1", "a=1&a=1&b=2", "a=1&b=3", "a=1&a=1"):
        with tape().use_cassette(path), pytest.raises(NotRecorded):
            requests.get(f"{served.url}/q?{query}", timeout=5)

    twice = tmp_path / "twice.jsonl"
    with tape().use_cassette(twice, record_mode="once"):
        requests.get(f"{served.url}/q?a=1&a=1", timeout=5)
    with tape().use_cassette(twice), pytest.raises(NotRecorded):
        requests.get(f"{served.url}/q?a=1&b=2", timeout=5)


def test_calls_of_json_rpc_are_told_apart(tmp_path: Path, served: Served) -> None:
    """Calls to one URL are answered each with its own answer, in any order, whatever their ids."""
    path = tmp_path / "evidence.jsonl"

    def call(number: int, method: str, *params: str) -> str:
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        return requests.post(f"{served.url}/rpc", json=body, timeout=5).text

    with tape().use_cassette(path, record_mode="once"):
        chain, block = call(0, "eth_chainId"), call(1, "eth_getBlockByNumber", "0x1")
    with tape().use_cassette(path):
        assert call(0, "eth_getBlockByNumber", "0x1") == block
        assert call(1, "eth_chainId") == chain
    with tape().use_cassette(path), pytest.raises(NotRecorded):
        call(1, "eth_getBlockByNumber", "0x2")


def test_what_vcrpy_records_is_sealed_evidence(tmp_path: Path, served: Served) -> None:
    """A recording is a cassette of ours: sealed, private, redacted, with an order and no times."""
    path = tmp_path / "deep" / "evidence.jsonl"
    with tape().use_cassette(path, record_mode="once"):
        requests.get(f"{served.url}/one", headers={"X-Api-Key": "0123456789abcdef"}, timeout=5)
        httpx.post(f"{served.url}/two", json={"password": "0123456789abcdef"})

    cassette = read(path)
    assert cassette.header.origin == "evidence"
    assert cassette.header.inputs["evidence"]["times"] == "order only"
    assert [event.kind for event in cassette.events] == [Kind.SEND, Kind.ANSWER] * 2 + [Kind.HORIZON]
    assert {event.at_us for event in cassette.events} == {0}
    assert cassette.events[-1].data["until_us"] == 0
    assert "0123456789abcdef" not in path.read_text()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    with tape("").use_cassette(path):
        assert requests.get(f"{served.url}/one", timeout=5).json()["path"] == "/one"


DAMAGE = {
    "emptied": lambda data: b"",
    "cut at an exchange": lambda data: b"".join(data.splitlines(keepends=True)[:3]),
    "one byte of it changed": lambda data: data.replace(b'"status":200', b'"status":500', 1),
    "no UTF-8": lambda data: data[:400] + b"\xff" + data[401:],
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("mode", ["none", "once", "new_episodes"])
def test_damaged_is_never_missing(damage: str, mode: str, tmp_path: Path, served: Served) -> None:
    """A damaged cassette raises, whatever the record mode: nothing goes out and nothing is written."""
    path = tmp_path / "evidence.jsonl"
    with tape().use_cassette(path, record_mode="once"):
        requests.get(f"{served.url}/{mode}", timeout=5)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    before, seen = path.read_bytes(), len(served.seen)

    with pytest.raises(CassetteDamaged, match="K002"), tape().use_cassette(path, record_mode=mode):
        requests.get(f"{served.url}/{mode}", timeout=5)

    assert path.read_bytes() == before
    assert len(served.seen) == seen


def test_a_damaged_cassette_of_vcrpys_own_is_not_missing_either(tmp_path: Path, served: Served) -> None:
    """The persister guards other serializers too: an empty or broken YAML cassette is never recorded over."""
    path = tmp_path / "own.yaml"
    for data in (b"", b"\n \n", b"\xff"):
        path.write_bytes(data)
        with (
            pytest.raises(CassetteDamaged, match="K002"),
            tape().use_cassette(path, serializer="yaml", record_mode="once"),
        ):
            requests.get(f"{served.url}/never", timeout=5)
        assert path.read_bytes() == data
    assert served.count("/never") == 0


def test_a_missing_cassette_is_no_leave_to_send(tmp_path: Path, no_network: list[Any]) -> None:
    """Where there is no cassette, nothing is sent unless recording was asked for."""
    with tape().use_cassette(tmp_path / "none.jsonl"), pytest.raises(NotRecorded):
        requests.get("http://127.0.0.1:9/x", timeout=1)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", ["new_episodes", "all"])
def test_a_cassette_is_never_written_over(mode: str, tmp_path: Path, served: Served) -> None:
    """A record mode that adds to a cassette does not touch one of ours: it holds more than vcrpy knows."""
    path = tmp_path / "broken.jsonl"
    path.write_bytes((ROOT / "ESC-1118" / "broken.jsonl").read_bytes())
    before = path.read_bytes()

    with refused_at_the_end(tape().use_cassette(path, record_mode=mode), EvidenceError, "I011"):
        requests.get(f"{served.url}/more", timeout=5)

    assert path.read_bytes() == before


def test_a_leak_is_not_written(tmp_path: Path, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a secret is left after redaction, no byte reaches the disk."""
    monkeypatch.setattr("harness.evidence.keeping.redacted_event", lambda event, redactor: event)

    context = tape(secrets={"key": "s3cret-value"}).use_cassette(tmp_path / "leak.jsonl", record_mode="once")
    with refused_at_the_end(context, LeakError, "R001"):
        requests.get(f"{served.url}/s3cret-value", timeout=5)

    assert list(tmp_path.iterdir()) == []


def test_decoded_bodies_are_replayed_as_they_are(tmp_path: Path, served: Served) -> None:
    """A gzipped answer is replayed unpacked, bytes as bytes, a dropped header not at all, by every client."""
    path = tmp_path / "evidence.jsonl"
    with tape().use_cassette(path, record_mode="once"):
        for get in (requests.get, httpx.get):
            get(f"{served.url}/zipped")
            get(f"{served.url}/bytes")
            get(f"{served.url}/login")
    with tape().use_cassette(path):
        for get in (requests.get, httpx.get):
            assert json.loads(get(f"{served.url}/zipped").content) == {"zipped": True}
            assert get(f"{served.url}/bytes").content == bytes(range(256))
            assert "set-cookie" not in get(f"{served.url}/login").headers
