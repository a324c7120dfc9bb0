"""A live world without sockets or waiting: scripted peers, and a clock that moves when somebody waits."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

from harness import exactjson
from harness.case.values import Case
from harness.clock import ManualClock
from harness.facts import Facts
from harness.model import By, Event, Source
from harness.recorder import LiveWorld
from harness.replayer import ReplayWorld
from harness.run import Run, Runner
from harness.timeline import Timeline
from harness.world import Intent, Line, StreamLine

from .story import FACTS, case

Happens = Callable[[], None]


class Staged(Timeline):
    """A timeline on which waiting takes no time: what is planned happens when its time has come."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        super().__init__(self.clock)
        self._plan: list[tuple[int, int, Happens]] = []
        self._order = count()
        self._passing = threading.RLock()

    def plan(self, at_us: int, happens: Happens) -> None:
        """Have something happen at a moment, or at once where that is over."""
        heapq.heappush(self._plan, (at_us, next(self._order), happens))

    def wait(self, seen: int, until_us: int) -> bool:
        """Pass to the next planned thing, or to the moment until which is waited."""
        with self._passing:
            if not self._plan or self._plan[0][0] > until_us:
                self._to(until_us)
                return False
            at_us, _, happens = heapq.heappop(self._plan)
            self._to(at_us)
            happens()
            return True

    def pass_us(self, us: int) -> None:
        """Let time pass inside a peer."""
        until_us = self.clock.now_us() + us
        while self.wait(0, until_us):
            pass

    def _to(self, at_us: int) -> None:
        self.clock.advance(max(0, at_us - self.clock.now_us()))


class Peers:
    """Everybody on the other side. Answers are by path, given in turn, the last again and again."""

    def __init__(self) -> None:
        self.stage = Staged()
        self.sent: list[tuple[Source, Intent]] = []
        self.probes = 0
        self.provided: Mapping[str, Any] = {}
        self._answers: dict[str, list[Any]] = {}
        self._took_us: dict[str, int] = {}
        self._streams: dict[Source, StreamLine] = {}
        self._meanwhile: Callable[[Intent], None] | None = None
        self._lock = threading.Lock()

    def answers(self, path: str, *bodies: Any, took_ms: int = 10) -> Peers:
        """What a path answers, and how long it takes: a body, or a status and a body."""
        self._answers[path], self._took_us[path] = list(bodies), took_ms * 1000
        return self

    def during(self, meanwhile: Callable[[Intent], None]) -> Peers:
        """Do something between a request and its answer."""
        self._meanwhile = meanwhile
        return self

    def pushes(self, source: Source, at_ms: int, *messages: Any, us: int = 0) -> Peers:
        """Messages of a stream at a moment, a frame each."""
        for message in messages:
            self._at(at_ms, us, partial(self._push, source, {"text": exactjson.dumps(message)}))
        return self

    def _push(self, source: Source, wire: Mapping[str, Any]) -> None:
        self._streams[source].pushed(wire)

    def pongs(self, source: Source, at_ms: int) -> Peers:
        """A keepalive at a moment."""
        return self._at(at_ms, 0, lambda: self._streams[source].pushed({"text": "PONG"}, By.SESSION))

    def closes(self, source: Source, at_ms: int, code: int | None = 1000, reason: str = "") -> Peers:
        """The end of a stream at a moment."""
        return self._at(at_ms, 0, lambda: self._streams[source].closed(code, reason))

    def _at(self, ms: int, us: int, happens: Happens) -> Peers:
        self.stage.plan(ms * 1000 + us, happens)
        return self

    def __call__(self, source: Source, stream: StreamLine) -> _Peer:
        self._streams[source] = stream
        return _Peer(self, source, stream)

    def answer_to(self, path: str) -> tuple[int, Any]:
        """The next answer of a path."""
        with self._lock:
            bodies = self._answers[path]
            body = bodies.pop(0) if len(bodies) > 1 else bodies[0]
        return body if isinstance(body, tuple) else (200, body)

    def exchange(self, source: Source, intent: Intent, line: Line) -> None:
        """A request and its answer, after the time that its path takes."""
        line.sent({})
        if self._meanwhile is not None:
            self._meanwhile(intent)
        path = str(intent.get("path") or intent.get("own") or intent.get("target"))
        self.stage.pass_us(self._took_us[path])
        status, body = self.answer_to(path)
        line.answered({"status": status, "headers": {}, "body": exactjson.dumps(body)})


class _Peer:
    def __init__(self, peers: Peers, source: Source, stream: StreamLine) -> None:
        self._peers, self._source, self._stream = peers, source, stream
        self._open = False

    def send(self, intent: Intent, line: Line) -> None:
        self._peers.sent.append((self._source, intent))
        if "method" in intent:
            self._peers.exchange(self._source, intent, line)
            return
        line.sent({})
        if "market" in intent or "fund" in intent:
            line.answered(self._peers.provided)
        if "subscribe" in intent and not self._open:
            self._open = True
            self._stream.opened()
            self._stream.pushed({"text": "PONG"}, By.SESSION)
        if intent.get("fault") == "cut":
            self._stream.closed(None, "we cut the connection")

    def probe(self) -> None:
        self._peers.probes += 1
        self._stream.pushed({"text": "PONG"}, By.SESSION)

    def close(self) -> None:
        pass


def live(
    body: str | Case,
    peers: Peers,
    *,
    watching: Callable[[str], bool] = lambda subject: True,
    values: Mapping[str, Any] | None = None,
    facts: Facts = FACTS,
) -> tuple[Run, Sequence[Event]]:
    """Run a case live on scripted peers: what it comes to, and what was recorded."""
    read = case(body) if isinstance(body, str) else body
    with LiveWorld(peers.stage, peers) as world:
        came = Runner(read, world, facts, watching, None, values).run()
    return came, world.recorded()


def same(body: str | Case, peers: Peers, **more: Any) -> Run:
    """Run a case live and replay what was recorded, as a cassette holds it: both come to what is given."""
    came, recorded = live(body, peers, **more)
    lines = [exactjson.dumps(event.as_json()) for event in recorded]
    events = [Event.from_json(exactjson.loads(line)) for line in lines]
    read = case(body) if isinstance(body, str) else body
    watching = more.get("watching", lambda subject: True)
    facts, values = more.get("facts", FACTS), more.get("values")
    again = Runner(read, ReplayWorld(events), facts, watching, None, values).run()
    assert again == came
    return came
