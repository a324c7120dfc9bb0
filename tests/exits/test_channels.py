"""Canaries on the wire: a peer that says a run's secrets back in every place, over the real channels."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cassette.samples import at, header
from channels.leaves import OPEN_DIAL
from channels.webpeer import Answer, WebPeer
from channels.wspeer import Peer
from redact.samples import API_SECRET, KEY
from redact.scanner import found
from venue.bench import eventually

from harness.cassette import Recorder, journal_path
from harness.channels.rest import RestDriver
from harness.channels.ws import WsDriver
from harness.clock import RunClock
from harness.model import Kind, Lane, Source
from harness.recorder import LiveWorld
from harness.redact import LeakError, Redactor
from harness.redacting import redacted_events
from harness.report.attachments import listing, of_events
from harness.timeline import Timeline
from harness.wire.ctf import CONTRACTS_137
from harness.world import Driver, Sending, StreamLine

from .spilling import WAYS

SHORT = "open-Sesame-4711-x"
SECRETS = {"alice.secret": API_SECRET, "alice.passphrase": SHORT, "alice.private_key": KEY}
REST, WS = Source("rest", "alice"), Source("ws.market", "alice")


class Recording:
    """A world over real sockets whose events are recorded, and all that is ever written of them."""

    def __init__(self, root: Path, url: str) -> None:
        self.redactor = Redactor()
        for label, value in SECRETS.items():
            self.redactor.register(label, value)
        self.path = at(root)
        self.recorder = Recorder(self.path, header(), self.redactor)
        clock = RunClock()

        def driver_for(source: Source, line: StreamLine) -> Driver:
            if source == WS:
                return WsDriver(url, "market", None, line, clock, OPEN_DIAL)
            more = {"dial": OPEN_DIAL, "chain_id": 137, "contracts": CONTRACTS_137, "clock": clock}
            return RestDriver(url, None, register=self.redactor.register, **more)

        self.world = LiveWorld(Timeline(clock, self.recorder), driver_for)

    def ask(self, source: Source, **intent: object) -> None:
        self.world.send([Sending(Lane(source, "it", 0), intent)])

    def written(self) -> Iterator[tuple[str, bytes]]:
        """Everything of this run that a file or report holds, by name; sealed as it ends."""
        self.world.finish()
        yield "journal", journal_path(self.path).read_bytes()
        clean = redacted_events(self.world.recorded(), self.redactor)
        attached = of_events("on the wire", clean)
        assert attached is not None
        yield "attachment", attached.body.encode()
        yield "listing", listing(clean).body.encode()
        self.recorder.seal()
        yield "cassette", self.path.read_bytes()


def answers(value: str) -> dict[str, Answer]:
    """A peer's answers that say a secret, one a path: every place of a response, in every encoding."""
    written = [write(value) for write in WAYS.values()]
    nested = json.dumps({"a": [{"deep": written}], "keys": dict.fromkeys(written, 1)}).encode()
    one_line = value.replace("\n", "")
    headers = {"x-odd": one_line, "set-cookie": f"sid={one_line}; Path=/", "etag": f'"{one_line}"'}
    return {
        "GET /nested": Answer(body=nested),
        "GET /charset": Answer(body=nested, headers={"content-type": "application/json; charset=utf-8"}),
        "GET /text": Answer(body="\n".join(written).encode(), headers={"content-type": "text/plain"}),
        "GET /headers": Answer(headers=headers),
        "GET /gzip": Answer(body=gzip.compress(nested), headers={"content-encoding": "gzip"}),
        "GET /binary": Answer(body=b"\xff\xfe" + value.encode() + b"\x00" + gzip.compress(nested)),
        "GET /away": Answer(302, headers={"location": f"https://x.example/?key={one_line}"}),
        "GET /wrong": Answer(500, body=f"<html><b>{value}</b></html>".encode()),
    }


@pytest.mark.parametrize("label", SECRETS)
def test_what_a_server_says_back_is_written_nowhere(label: str, tmp_path: Path) -> None:
    """In headers, nested JSON, text, gzip, binary, errors; asked in path, query, header, cookie and body."""
    value = SECRETS[label]
    with WebPeer(said := answers(value)) as peer:
        recording = Recording(tmp_path, peer.url)
        for name in said:
            recording.ask(REST, method="GET", path=name.removeprefix("GET "))
        recording.ask(REST, method="GET", path=f"/keys/{value}", params={"token": value, "q": value})
        given = {"cookie": f"sid={value}", "x-key": value, "user-agent": value}
        recording.ask(REST, method="POST", path="/in", headers=given, json={"n": [{"plain": value}]})
        recording.ask(REST, method="POST", path="/form", raw=f"a=1&plain={value}&b={value.encode().hex()}")
        for name, data in recording.written():
            assert found(data, {label: value}) == set(), name
    assert len(peer.asked) == len(said) + 3


def test_what_a_stream_says_back_is_written_nowhere(tmp_path: Path) -> None:
    """In one frame in every encoding, and a long secret in two frames, whose parts are each known."""
    with Peer() as peer:
        recording = Recording(tmp_path, peer.url)
        subscribed(recording, peer)
        for value in SECRETS.values():
            for write in WAYS.values():
                peer.text(json.dumps({"said": write(value)}))
        peer.text('{"one": "' + API_SECRET[:21])
        peer.text(API_SECRET[21:] + '"}')
        came(recording, len(SECRETS) * len(WAYS) + 2)
        for name, data in recording.written():
            assert found(data, SECRETS) == set(), name


def test_a_short_secret_in_two_frames_is_not_sealed(tmp_path: Path) -> None:
    """Neither frame shows it, so both are withheld from reports, and the recording is destroyed: R030."""
    with Peer() as peer:
        recording = Recording(tmp_path, peer.url)
        subscribed(recording, peer)
        peer.text(f'{{"one": "{SHORT[:9]}')
        peer.text(f'{SHORT[9:]}"}}')
        came(recording, 2)
        recording.world.finish()
        shown = of_events("wire", redacted_events(recording.world.recorded(), recording.redactor))
        assert shown is not None
        assert SHORT[:9] not in shown.body
        assert SHORT[9:] not in shown.body
        with pytest.raises(
            LeakError, match=r"^R030 .*alice\.passphrase is split over the event lines \d+ and"
        ):
            recording.recorder.seal()
    assert not list(tmp_path.rglob("*.journal"))
    assert not recording.path.exists()


def subscribed(recording: Recording, peer: Peer) -> None:
    taking = threading.Thread(target=peer.accept)
    taking.start()
    recording.ask(WS, subscribe={"assets_ids": ["1"]})
    taking.join()


def came(recording: Recording, count: int) -> None:
    """Wait until so many frames stand on the timeline."""
    eventually(lambda: sum(e.kind is Kind.PUSH for e in recording.world.recorded()) >= count)
