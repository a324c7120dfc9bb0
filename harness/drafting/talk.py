"""What was said, in order: requests with their answers, streams with their frames; and what is noise.

Noise is what a client does by itself and what a page is made of. It is told of, never lost: a reader of the
draft sees how much of it there was, and why it was left out. Nothing that went wrong is noise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from harness import exactjson
from harness.drafting import fixtwice
from harness.drafting.doubts import doubt_of
from harness.drafting.hosts import exchange_hosts
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import FIX, REST, WS
from harness.model import Kind
from harness.wire.ws import is_keepalive

_PREPARES: Final = ("/version", "/time", "/ok", "/tick-size", "/neg-risk", "/fee-rate", "/markets-by-token")
_PREPARES_BELOW: Final = ("/clob-markets/", "/tick-size/", "/fee-rate/", "/auth/", "/markets/")
_FURNITURE: Final = (
    *(".js", ".css", ".map", ".woff", ".woff2"),
    *(".png", ".jpg", ".svg", ".ico", ".webp", ".gif"),
)
_PASSES_BY: Final = (401, 403, 408, 425, 429, 500, 502, 503, 504)
_ONE_TIME_US: Final = 2_000_000  # a log in whole seconds, and the time to write it
_PARTS: Final = "what a page is made of"
_OTHERS: Final = "a host that is not the exchange's"
_SESSION: Final = frozenset({"0", "1", "2", "4"})
"""FIX messages that a session layer says by itself: heartbeat, test request, resend request, gap fill."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with what came of it."""

    send: Placed
    answer: Placed | None = None

    @property
    def request(self) -> Mapping[str, Any]:
        """The request's wire."""
        wire: Mapping[str, Any] = self.send.clue.data["wire"]
        return wire

    @property
    def method(self) -> str:
        """GET, POST, …"""
        return str(self.request["method"])

    @property
    def path(self) -> str:
        """The path without its query."""
        return str(self.request["target"]).partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters of its query, in order."""
        return parse_qsl(str(self.request["target"]).partition("?")[2], keep_blank_values=True)

    @property
    def status(self) -> int:
        """The answer's status, 0 where there is none."""
        wire = {} if self.answer is None else self.answer.clue.data.get("wire", {})
        status = wire.get("status", 0)
        return status if isinstance(status, int) else 0

    @property
    def sent(self) -> Any:
        """The request's body as JSON, None where it is none."""
        return _json(self.request.get("body", ""))

    @property
    def came(self) -> Any:
        """The answer's body as JSON, else as text; None where there is no answer."""
        if self.answer is None or not self.status:
            return None
        text = self.answer.clue.data["wire"].get("body", "")
        value = _json(text)
        return text if value is None else value

    def header(self, name: str) -> str:
        """A header of the request, whatever its letters."""
        headers = self.request.get("headers", {})
        return next((str(value) for key, value in headers.items() if key.lower() == name.lower()), "")

    @property
    def wrong(self) -> str:
        """What went wrong with it, in the answer's words; "" where nothing did."""
        if self.answer is not None and self.answer.clue.kind is Kind.LOST:
            return f"no answer: {self.answer.clue.data.get('why', '')}".rstrip(": ")
        body = self.came
        told = body if isinstance(body, Mapping) else {}
        if isinstance(body, list) and self.method == "POST":
            told = next((row for row in body if isinstance(row, Mapping) and _is_refused(row)), {})
        if self.status >= 400:
            return str(told.get("error") or told.get("error_msg") or f"status {self.status}")
        if told.get("success") is False or told.get("errorMsg"):
            return str(told.get("errorMsg") or "success is false")
        return ""

    @property
    def doubtful(self) -> str:
        """What an answer that went well tells of that did not; "" where there is nothing of it."""
        found = doubt_of(self.came)
        return found.what if found is not None else ""

    def is_mended_by(self, later: Exchange) -> bool:
        """Whether it was refused in passing: the same was asked again later, and went well."""
        same = (later.method, later.request["target"]) == (self.method, self.request["target"])
        return self.status in _PASSES_BY and same and not later.wrong and later.status < 400


@dataclass(slots=True)
class Stream:
    """One connection of a stream: everything that went over it, in order."""

    channel: str
    name: str
    placed: list[Placed] = field(default_factory=list)
    until_us: int = 0
    """When the last was heard of it, keepalives too."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is left out: what it is, how often, and why it counts as noise."""

    what: str
    times: int
    why: str

    def __str__(self) -> str:
        return f"{self.what}{f', {self.times} times' if self.times > 1 else ''}: {self.why}"


@dataclass(frozen=True, slots=True)
class Talk:
    """All that was said and counts, and the noise that was left out."""

    exchanges: tuple[Exchange, ...]
    quiet: tuple[Exchange, ...]
    """Those left out as noise: they may still say what a token or an account is."""
    streams: tuple[Stream, ...]
    noise: tuple[Noise, ...]


def talk_of(placed: Iterable[Placed]) -> Talk:
    """Put requests and answers together, frames to their connections, and noise aside."""
    sends: dict[tuple[str, int], Placed] = {}
    answers: dict[tuple[str, int], Placed] = {}
    streams: dict[tuple[str, str, int], Stream] = {}
    noise: Counter[tuple[str, str]] = Counter()
    for each in fixtwice.once(placed, noise):
        clue = each.clue
        key = clue.place.path, clue.pair
        if clue.channel == REST:
            (sends if clue.kind is Kind.SEND else answers)[key] = each
        elif clue.channel == FIX or clue.channel.startswith(WS):
            stream_key = clue.channel, clue.connection, 0 if clue.channel == FIX else clue.pair
            streams.setdefault(stream_key, Stream(clue.channel, clue.connection)).placed.append(each)
    whole = [Exchange(send, answers.get(key)) for key, send in sends.items()]
    exchanges = _worth(whole, noise)
    kept = {id(each) for each in exchanges}
    for stream in streams.values():
        stream.until_us = max(each.at_us for each in stream.placed)
        stream.placed = _spoken(stream, noise)
    told = tuple(Noise(what, times, why) for (what, why), times in sorted(noise.items()))
    quiet = tuple(each for each in whole if id(each) not in kept)
    return Talk(tuple(exchanges), quiet, tuple(each for each in streams.values() if each.placed), told)


def _worth(exchanges: Sequence[Exchange], noise: Counter[tuple[str, str]]) -> list[Exchange]:
    hosts = hosts_of(exchanges)
    twice = _told_twice(exchanges)
    derives = any(each.path == "/auth/derive-api-key" and not each.wrong for each in exchanges)
    kept: list[Exchange] = []
    seen: dict[tuple[str, str], Any] = {}
    for each in sorted(exchanges, key=lambda one: one.send.at_us):
        why = "another file tells it, too" if id(each) in twice else _noise(each, hosts)
        asked = each.method, str(each.request["target"])
        if not why and derives and asked == ("POST", "/auth/api-key"):
            why = "a client's own preparation: an account that has a key is refused a new one, and derives it"
        if not why and each.method == "GET" and not each.wrong and seen.get(asked, ...) == each.came:
            why = "asked again, and answered the same"
        if each.method == "GET":
            seen[asked] = each.came
        if why:
            noise[_called(each, why), why] += 1
        else:
            kept.append(each)
    return kept


def _told_twice(exchanges: Sequence[Exchange]) -> set[int]:
    """The exchanges that another file of the ticket tells as well, or better: with its body, or its time."""
    alike: dict[tuple[str, str, int], list[Exchange]] = {}
    for each in exchanges:
        alike.setdefault((each.method, str(each.request["target"]), each.status), []).append(each)
    twice: set[int] = set()
    stands_for: set[tuple[int, str]] = set()
    for group in alike.values():
        if len({each.send.clue.place.path for each in group}) == 1:
            continue
        worths = {id(each): _worth_of(each) for each in group}
        for each in sorted(group, key=_worth_of):
            path, worth = each.send.clue.place.path, worths[id(each)]
            for other in group:
                free = id(other) not in twice and (id(other), path) not in stands_for
                if free and worth <= worths[id(other)] and _is_same(each, other):
                    twice.add(id(each))
                    stands_for.add((id(other), path))
                    break
    return twice


def _worth_of(each: Exchange) -> tuple[bool, bool]:
    return "body_omitted" not in each.request, each.send.is_timed


def _is_same(each: Exchange, other: Exchange) -> bool:
    """Whether two exchanges, alike but for their bodies, are one: of different files, at one time."""
    if each.send.clue.place.path == other.send.clue.place.path:
        return False
    if "body_omitted" not in each.request and each.request.get("body") != other.request.get("body"):
        return False
    both_timed = each.send.is_timed and other.send.is_timed
    return not both_timed or abs(each.send.at_us - other.send.at_us) <= _ONE_TIME_US


def hosts_of(exchanges: Iterable[Exchange]) -> Set[str]:
    """The hosts that are the exchange's, by what was asked of them."""
    return exchange_hosts((_host(each), each.path) for each in exchanges)


def _called(each: Exchange, why: str) -> str:
    """What a line of noise calls it: of a page's parts and of other hosts the host is enough."""
    return _host(each) if why in (_PARTS, _OTHERS) else f"{each.method} {_host(each)}{each.path}"


def _noise(each: Exchange, hosts: Set[str]) -> str:
    if each.method == "OPTIONS":
        return "a browser's question before the request (CORS)"
    if each.path.lower().endswith(_FURNITURE):
        return _PARTS
    if hosts and _host(each) not in hosts:
        return _OTHERS
    prepares = each.path in _PREPARES or each.path.startswith(_PREPARES_BELOW)
    if prepares and not each.wrong:
        return "a client's own preparation, which went well"
    if each.method == "GET" and not each.wrong and _asks_for_untold(each):
        return "it asks for an id that no answer tells, and its own answer is not told either"
    return ""


def _asks_for_untold(each: Exchange) -> bool:
    """Whether this looks one thing up by an id, in a log that tells no bodies: nobody can say what it is."""
    wire = {} if each.answer is None else each.answer.clue.data.get("wire", {})
    return "body_omitted" in wire and "id" in dict(each.query)


def _host(each: Exchange) -> str:
    return str(each.request.get("base", ""))


def _spoken(stream: Stream, noise: Counter[tuple[str, str]]) -> list[Placed]:
    """A stream's frames without those that only say that somebody is there."""
    kept = []
    for each in stream.placed:
        wire = each.clue.data.get("wire", {})
        if is_keepalive(wire):
            noise[f"PING and PONG on {stream.channel}", "they only say that somebody is there"] += 1
        else:
            kept.append(each)
    return kept


def is_of_session(msg_type: str) -> bool:
    """Whether a FIX message is what a session layer says by itself."""
    return msg_type in _SESSION


def _is_refused(row: Mapping[str, Any]) -> bool:
    """Whether a row of a batch's answer says that its order was not taken; some say `success` beside it."""
    return row.get("success") is False or bool(row.get("errorMsg"))


def _json(text: str) -> Any:
    try:
        return exactjson.loads(text)
    except ValueError:
        return None
