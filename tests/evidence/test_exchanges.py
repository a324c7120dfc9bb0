"""Exchanges as events: bodies unpacked within limits, hosts kept, only what was answered given to others."""

from __future__ import annotations

import gzip
import zlib

import pytest

from harness import limits
from harness.evidence.exchanges import Omitted, answered, came, kept, sent, timeless
from harness.model import By, Event, Kind, Source

MOST = limits.CAPTURED_BODY_BYTES


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


UNPACKED = {
    "nothing": ("", b"said", b"said"),
    "identity": ("identity", b"said", b"said"),
    "gzip": ("gzip", gzip.compress(b"said"), b"said"),
    "x-gzip, in capitals": ("X-GZIP", gzip.compress(b"said"), b"said"),
    "deflate": ("deflate", zlib.compress(b"said"), b"said"),
    "deflate without its header": ("deflate", raw_deflate(b"said"), b"said"),
    "gzip that the client unpacked": ("gzip", b'{"a":1}', b'{"a":1}'),
    "brotli that the client unpacked": ("br", b'{"a":1}', b'{"a":1}'),
    "an empty body": ("gzip", b"", b""),
}


@pytest.mark.parametrize("name", UNPACKED)
def test_bodies_are_kept_without_their_coding(name: str) -> None:
    """What was packed, and what a client had unpacked already, is kept as what it means."""
    coding, body, meant = UNPACKED[name]

    assert kept([("Content-Encoding", coding)] if coding else [], body) == meant


NOT_KEPT = {
    "brotli": ("br", b"\x8b\x01\x80\xff\xfe", "content-encoding br cannot be read"),
    "twice": (
        "gzip, gzip",
        gzip.compress(gzip.compress(b"said")),
        "content-encoding gzip, gzip cannot be read",
    ),
    "cut off": ("gzip", gzip.compress(b"said" * 99)[:-12], "its gzip is cut off"),
    "a bomb": ("gzip", gzip.compress(bytes(MOST + 1)), f"more than {MOST} bytes when unpacked from gzip"),
    "too long": ("", bytes(MOST + 1), f"{MOST + 1} bytes: more than {MOST}"),
}


@pytest.mark.parametrize("name", NOT_KEPT)
def test_what_cannot_be_looked_through_is_not_kept(name: str) -> None:
    """A body in which no secret could be found, or too long, is left out with the reason."""
    coding, body, why = NOT_KEPT[name]

    assert kept([("content-encoding", coding)] if coding else [], body) == Omitted(why)


def test_the_limit_of_a_body_is_kept() -> None:
    """A body of exactly the limit is kept, packed or not."""
    assert kept([], bytes(MOST)) == bytes(MOST)
    assert kept([("content-encoding", "gzip")], gzip.compress(bytes(MOST))) == bytes(MOST)


@pytest.mark.parametrize(
    ("url", "base", "target"),
    [
        ("https://h/a?b=c", "https://h", "/a?b=c"),
        ("http://h:8080", "http://h:8080", "/"),
        ("http://[::1]:9/x", "http://[::1]:9", "/x"),
        ("/a", None, "/a"),
    ],
)
def test_a_url_is_its_host_and_its_target(url: str, base: str | None, target: str) -> None:
    """The host stands beside the target, which is what a cassette of ours has."""
    wire = sent("GET", url, [], b"")["wire"]

    assert (wire.get("base"), wire["target"]) == (base, target)


def test_only_whole_answers_are_given_to_others() -> None:
    """A lost, withheld or omitted answer, a frame and a control verb are no exchange of an HTTP client."""
    send = sent("GET", "http://h/1", [], b"")
    whole, withheld, omitted = ({**came(200, [], body)} for body in (b"x", b"y", Omitted("why")))
    withheld["delivered"] = False
    data = [
        (Kind.ANSWER, whole),
        (Kind.ANSWER, withheld),
        (Kind.ANSWER, omitted),
        (Kind.LOST, {"why": "cut"}),
    ]
    events = []
    for index, (kind, answer) in enumerate(data):
        events.append(Event(2 * index, 0, Kind.SEND, Source("rest"), index=index, data=send))
        events.append(Event(2 * index + 1, 0, kind, Source("rest"), index=index, by=By.PEER, data=answer))
    events.append(Event(90, 0, Kind.SEND, Source("target"), data={"wire": {"control": ["market"]}}))
    events.append(Event(91, 0, Kind.SEND, Source("ws.user"), data={"wire": {"text": "PING"}}))
    events.append(Event(92, 0, Kind.STEP, Source("rest"), by=By.RUNNER))

    assert [each.response["body"] for each in answered(events)] == ["x"]


def test_evidence_without_times_says_so() -> None:
    """All events stand at 0, and the channel was watched up to 0."""
    events = list(timeless([(sent("GET", "http://h/1", [], b""), came(200, [], b""))]))

    assert [(event.number, event.at_us) for event in events] == [(0, 0), (1, 0), (2, 0)]
    assert (events[-1].kind, events[-1].data) == (Kind.HORIZON, {"until_us": 0})
