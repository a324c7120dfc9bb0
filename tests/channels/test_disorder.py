"""Duplicates, swaps and losses on real sockets: the checks see what came, as it came, and name it exactly."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from spine.stage import same
from spine.test_checks_book import START, delta

from harness.channels.address import FixAddress
from harness.channels.fix import FixDriver
from harness.channels.ws import WsDriver
from harness.channels.wsframes import WsBounds
from harness.clock import RunClock
from harness.model import Source
from harness.run import Run
from harness.timeline import Timeline
from harness.world import Driver, StreamLine

from .fixbytes import answers, logon, report
from .fixpeer import BEGIN
from .hostile import Hostile, shaken, text
from .leaves import OPEN_DIAL


@dataclass(slots=True)
class Sockets:
    """What `same` needs of its peers: real drivers to a server on loopback, and a clock that runs."""

    server: Hostile
    raw: bool = True
    stage: Any = field(default_factory=lambda: Timeline(RunClock()))

    def __call__(self, source: Source, line: StreamLine) -> Driver:
        clock = RunClock()
        soon = WsBounds(close_us=50_000)
        if source.channel.startswith("ws."):
            return WsDriver(self.server.url, "market", None, line, clock, OPEN_DIAL, bounds=soon)
        address = FixAddress("127.0.0.1", self.server.port, "CASE", "PEER", BEGIN)
        return FixDriver(lambda: address, line, clock, OPEN_DIAL, raw=self.raw)


MARKET = """\
steps:
  - {id: on, ws: market, subscribe: {assets_ids: ["7"]}}
  - {id: end, ws: market, within: 5s, where: {kind: the end}}
checks:
  - {id: order, sequence: {ws: market}}
  - {id: book, book: {ws: market, token: "7"}}
  - {id: once, exactly_once: {ws: market, where: {event_type: last_trade_price}, key: [$.trade]}}
symptom: {step: end, shows: {$closed}}
"""
SESSION = """\
steps:
  - {id: first, fix: oe, as: alice, raw: "8=FIXT.1.1|35=1|112=x|"}
  - {id: end, fix: oe, as: alice, within: 5s, where: {ExecutionReport: {ClOrdID: end}}}
checks:
  - {id: order, sequence: {fix: oe, as: alice}}
  - {id: once, exactly_once: {fix: oe, where: {ExecutionReport: {$present}}, key: [$.ExecutionReport.ExecID]}}
symptom: {step: end, shows: {$closed}}
"""


def findings(run: Run) -> dict[str, str]:
    """What each check said where it did not hold."""
    assert run.failed_step is None, run.findings
    return {name: found.text for name, found in run.findings.items() if not found.holds}


def at(stamp: int, **more: Any) -> dict[str, Any]:
    return {**more, "timestamp": str(1_760_000_000_000 + stamp)}


TRADES = [
    at(n, event_type="last_trade_price", asset_id="7", price="0.42", size="1", side="BUY", trade=f"t{n}")
    for n in range(2, 6)
]
DELTAS = [
    at(10 + n, **{**delta("BUY", price, "5", "0.42", "0.44"), "timestamp": ""})
    for n, price in enumerate(("0.42", "0.40", "0.38"))
]
STREAM = [START, *TRADES, *DELTAS]


def on_the_stream(messages: list[dict[str, Any]]) -> dict[str, str]:
    """What the checks find in these messages, live and replayed."""
    data = b"".join(text(json.dumps(each)) for each in [*messages, {"kind": "the end"}])
    script = shaken(lambda server, held: (held.recv(1), held.sendall(data), server.read_all(held))[2])
    with Hostile(script) as server:
        return findings(same(MARKET, Sockets(server)))


def test_a_stream_in_order_holds() -> None:
    """Nothing is found where nothing is wrong."""
    assert on_the_stream(STREAM) == {}


@pytest.mark.parametrize("n", range(4))
def test_a_trade_that_comes_twice(n: int) -> None:
    """A duplicate is an effect too many, wherever it stands; the order of stamps is none the worse."""
    found = on_the_stream([*STREAM[: n + 2], STREAM[n + 1], *STREAM[n + 2 :]])
    assert found.keys() == {"once"}
    assert f"t{n + 2} came at " in found["once"]
    assert " and again at " in found["once"]


@pytest.mark.parametrize("n", range(3))
def test_two_trades_that_change_places(n: int) -> None:
    """A swap is told as a timestamp that goes back: nothing puts it right before the check sees it."""
    swapped = [*STREAM[: n + 1], STREAM[n + 2], STREAM[n + 1], *STREAM[n + 3 :]]
    found = on_the_stream(swapped)
    assert found.keys() == {"order"}
    stamps = [STREAM[n + 2]["timestamp"], STREAM[n + 1]["timestamp"]]
    assert f"0.001 s back, from {stamps[0]} to {stamps[1]}" in found["order"]


def test_a_book_that_comes_late() -> None:
    """A delta before its snapshot is out of order for the stream."""
    found = on_the_stream([DELTAS[0], *STREAM])
    assert "price_change at" in found["order"]
    assert "before any book of 7" in found["order"]


def test_a_change_that_never_comes() -> None:
    """A lost delta shows in the book: what is told of its best level does not fit what came."""
    lost = [START, *TRADES, *DELTAS[1:]]
    found = on_the_stream(lost)
    assert found == {"book": found["book"]}
    assert "best_bid is told as 0.42, and the book's own is 0.41" in found["book"]


def on_the_session(messages: list[bytes], *, raw: bool = True) -> dict[str, str]:
    data = logon() + b"".join(messages)
    with Hostile(answers(data)) as server:
        return findings(same(SESSION, Sockets(server, raw)))


def reports(*numbers: int | tuple[int, str]) -> list[bytes]:
    """Reports with these numbers; the last one is the case's end."""
    given = [each if isinstance(each, tuple) else (each, f"c{each}") for each in numbers]
    return [report(number, name) for number, name in given]


END = (8, "end")


def test_a_session_in_order_holds() -> None:
    """Numbers that go on by one are no finding."""
    assert on_the_session(reports(2, 3, 4, 5, 6, 7, END)) == {}


@pytest.mark.parametrize("lost", range(2, 8))
def test_a_number_that_never_comes(lost: int) -> None:
    """Each single loss is a gap with its number, and with the message that showed it."""
    found = on_the_session(reports(*(n for n in range(2, 8) if n != lost), END))
    assert found.keys() == {"order"}
    assert found["order"].startswith(f"fix.oe(alice): expected {lost}, came {lost + 1} at ")
    assert found["order"].endswith(f": ExecutionReport; {lost} never came")


@pytest.mark.parametrize("twice", range(2, 8))
def test_a_number_that_comes_twice(twice: int) -> None:
    """Each single repetition is named, for the numbers and for the effect."""
    numbers = [n for each in range(2, 8) for n in ([each, each] if each == twice else [each])]
    found = on_the_session(reports(*numbers, END))
    assert found.keys() == {"order", "once"}
    assert f"expected {twice + 1}, came {twice} at" in found["order"]
    assert found["order"].endswith("ExecutionReport came again without PossDupFlag (43=Y)")
    assert f"e{twice}" in found["once"]


@pytest.mark.parametrize("first", range(2, 7))
def test_two_numbers_that_change_places(first: int) -> None:
    """Each swap of neighbours is a gap that something fills without saying so."""
    numbers = [{first: first + 1, first + 1: first}.get(n, n) for n in range(2, 8)]
    found = on_the_session(reports(*numbers, END))
    assert found.keys() == {"order"}
    told = f"expected {first + 2}, came {first} at "
    assert told in found["order"]
    assert found["order"].endswith("ExecutionReport fills a gap without PossDupFlag (43=Y)")
