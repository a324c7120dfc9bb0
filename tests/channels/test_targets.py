"""What a target says of itself: its hosts, and how its clock stands to ours."""

from __future__ import annotations

from dataclasses import asdict, replace
from email.utils import formatdate
from time import time

import pytest
from venue.bench import Bench

from harness import asking
from harness.clock import RunClock
from harness.errors import TargetError
from harness.targets import Endpoints, Said
from harness.wire.ctf import CONTRACTS_137

from .leaves import OPEN_DIAL
from .webpeer import Answer, WebPeer

LINE = {
    "rest": "http://127.0.0.1:1",
    "ws": "ws://127.0.0.1:2",
    "chain": "http://127.0.0.1:3",
    "control": "http://127.0.0.1:4",
    "chain_id": 137,
    "contracts": asdict(CONTRACTS_137),
}


def at(rest: str) -> Endpoints:
    return Endpoints.from_json({**LINE, "rest": rest})


def test_hosts_that_a_target_has() -> None:
    """The exchange itself is always there; other hosts where the target names them, and all are guarded."""
    more = {"data": "http://127.0.0.1:5", "rtds": "ws://127.0.0.1:6", "gamma": None}
    endpoints = Endpoints.from_json({**LINE, **more})

    assert [endpoints.host(name) for name in ("clob", "data", "rtds")] == [
        LINE["rest"],
        more["data"],
        more["rtds"],
    ]
    assert endpoints.urls == {
        **{name: LINE[name] for name in ("rest", "ws", "chain", "control")},
        **{name: more[name] for name in ("data", "rtds")},
    }


@pytest.mark.parametrize("name", ["data", "gamma", "relayer", "rtds"])
def test_a_host_that_a_target_has_not_is_the_environment_s(name: str) -> None:
    """A case that needs another host cannot run where there is none."""
    with pytest.raises(TargetError, match=f"has no {name} host: it has clob") as caught:
        Endpoints.from_json(LINE).host(name)

    assert caught.value.code == "T006"


def test_clocks_that_agree(bench: Bench) -> None:
    """The venue runs on this machine's clock: no skew is told, whatever the second's fraction."""
    assert asking.skew_us(at(bench.ready["rest"]), OPEN_DIAL, RunClock()) == 0


@pytest.mark.parametrize("off_s", [-3600, -30, 5, 86_400])
@pytest.mark.parametrize("date", ["right", "ours", "none"])
def test_clocks_that_differ(off_s: int, date: str) -> None:
    """A target's clock that is off is told to within a second, whatever the Date header says of it."""
    with WebPeer() as peer:
        now_s = int(time())
        header = {"right": formatdate(now_s + off_s, usegmt=True), "ours": formatdate(now_s, usegmt=True)}
        peer.answers["GET /time"] = Answer(
            200, str(now_s + off_s).encode(), {"date": header.get(date, "at noon")}
        )

        skew_us = asking.skew_us(at(peer.url), OPEN_DIAL, RunClock())

    assert abs(skew_us - off_s * 1_000_000) < 3_000_000


@pytest.mark.parametrize("said", [b'"noon"', b"1" * 40, '"\u0661"'.encode(), b"-1", b"{}", b"null"])
def test_a_target_that_tells_no_time_is_the_environment_s(said: bytes) -> None:
    """A /time that is no number, or none of this age, is told."""
    told = pytest.raises(TargetError, match="not the seconds since 1970")
    with WebPeer({"GET /time": Answer(200, said)}) as peer, told as caught:
        asking.skew_us(at(peer.url), OPEN_DIAL, RunClock())

    assert caught.value.code == "T001"


@pytest.mark.parametrize(
    "said", [b'{"result":null}', b'{"result":"zz"}', b'{"error":{"code":1}}', b"[]", b"soon", b""]
)
def test_a_node_that_tells_no_number_is_the_environment_s(said: bytes) -> None:
    """What a node answers is told, and not its address, in which a key may stand."""
    with WebPeer({"POST /v3/hunter2": Answer(200, said)}) as peer, pytest.raises(TargetError) as caught:
        asking.chain_facts(replace(at(peer.url), chain=f"{peer.url}/v3/hunter2"), OPEN_DIAL)

    assert caught.value.code == "T001"
    assert "the chain's node" in caught.value.text
    assert "hunter2" not in caught.value.text


BUILDS = [
    (Said("rest", "/about", "service.build"), b'{"service": {"build": "2026.11.2"}}', "2026.11.2"),
    (Said("rest", "/about", "service.build"), b'{"service": {"build": 4711}}', "4711"),
    (Said("rest", "/about", "", "x-build"), b"whatever", "2026.11.1-rc2"),
    (Said("rest", "/about"), b"2026.11.0\n", "2026.11.0"),
    (Said("rest", "/about"), b'"2026.11.0"', "2026.11.0"),
    (Said("rest", "/about"), b"42", "42"),
]


@pytest.mark.parametrize(("said", "body", "build"), BUILDS)
def test_how_a_build_is_told(said: Said, body: bytes, build: str) -> None:
    """A target says its build in a JSON field, in a header, or as its whole answer."""
    with WebPeer() as peer:
        peer.answers["GET /about"] = Answer(200, body, {"X-Build": " 2026.11.1-rc2 "})
        peer.answers["GET /time"] = Answer(200, b"1")

        proofs = asking.gathered_proofs(replace(at(peer.url), control="", chain=""), OPEN_DIAL, None, said)

    assert proofs.build == build


@pytest.mark.parametrize(
    ("said", "body", "expected"),
    [
        (Said("rest", "/about", "build"), b'{"built": "x"}', "names no build in build. Is"),
        (Said("rest", "/about", "build.name"), b'{"build": "x"}', "names no build in build.name. Is"),
        (Said("rest", "/about", "build"), b'{"build": true}', "names no build in build. Is"),
        (Said("rest", "/about", "build"), b"<html>", "names no build in build. Is"),
        (Said("rest", "/about", "", "x-built"), b"", "names no build in the header x-built. Is"),
        (Said("rest", "/about"), b"<html>no</html>", "in its whole text, but '<html>no</html>'. Is"),
    ],
)
def test_a_build_that_is_not_told(said: Said, body: bytes, expected: str) -> None:
    """Where the answer names no build, nothing is guessed: and what came is told."""
    with WebPeer() as peer:
        peer.answers["GET /about"] = Answer(200, body)

        with pytest.raises(TargetError) as caught:
            asking.build_told(at(peer.url), OPEN_DIAL, said)

    assert caught.value.code == "T001"
    assert expected in caught.value.text
