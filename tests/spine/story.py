"""Hand-made recordings that read like a story, and small cases to run on them. Times are milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness import exactjson
from harness.case.read import parse_case
from harness.case.values import Case
from harness.decide import Wanted
from harness.errors import CaseError
from harness.facts import ChainFacts, Facts
from harness.finding import Window
from harness.matchers import Expectation, compile_expectation
from harness.model import By, Event, Kind, Lane, Source
from harness.references import Template
from harness.replayer import ReplayWorld
from harness.run import Run, Runner
from harness.strictyaml import load
from harness.wire import ctf
from harness.world import Exchange, Intent, Sending, World

ALICE = Source("rest", "alice")
USER = Source("ws.user", "alice")
CHAIN = Source("chain")
RUNNER = Source("runner")
EXCHANGE = "0xE111180000d2663C0091e4f400237545B87B996B"
ORDER = "0x" + "ab" * 32
OTHER_ORDER = "0x" + "cd" * 32
CHAIN_FACTS = ChainFacts(
    137, EXCHANGE, "0x" + "11" * 20, "0x" + "22" * 20, 8, neg_risk_exchange="0x" + "44" * 20
)
FACTS = Facts(
    seed=7,
    started_wall_us=1_760_000_000_000_000,
    actors={"alice": {"address": "0x" + "a1" * 20, "api_key": "key-of-alice"}},
    chain=CHAIN_FACTS,
)
GET = {"method": "GET", "path": "/data/trades"}
LOGS = {
    "rpc": [
        ["eth_blockNumber", []],
        ["eth_getLogs", [{"fromBlock": "0x8", "toBlock": "latest", "topics": [[ctf.topic0("OrderFilled")]]}]],
    ]
}


def sent_by(world: World, lane: Lane, intent: Intent) -> Exchange:
    """What one send of a world comes to."""
    return world.send([Sending(lane, intent)])[0]


class Story:
    """Events in the order in which they are told; `at` moves the clock."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._us = 0
        self._round = 0
        self._sends: dict[Lane, int] = {}

    def at(self, ms: int, us: int = 0) -> Story:
        self._us = ms * 1000 + us
        return self

    def in_round(self, round: int) -> Story:
        """What is told from here on belongs to this round."""
        self._round = round
        return self

    def _add(self, kind: Kind, source: Source, step: str = "", index: int = 0, **more: Any) -> Story:
        by, data = more.pop("by", By.PEER), more.pop("data", {})
        number, round = len(self.events), self._round if step else 0
        self.events.append(Event(number, self._us, kind, source, step, round, index, by, data))
        return self

    def step(self, name: str, source: Source = ALICE) -> Story:
        return self._add(Kind.STEP, source, name, by=By.RUNNER)

    def end(self, name: str, source: Source = ALICE) -> Story:
        return self._add(Kind.END, source, name, by=By.RUNNER)

    def send(
        self, step: str, intent: Mapping[str, Any], source: Source = ALICE, derived: Any = None
    ) -> Story:
        lane = Lane(source, step, self._round)
        index = self._sends[lane] = self._sends.get(lane, -1) + 1
        data: dict[str, Any] = {"intent": intent, "wire": {}}
        if derived:
            data["derived"] = derived
        return self._add(Kind.SEND, source, step, index, by=By.CASE, data=data)

    def answer(
        self, step: str, body: Any, source: Source = ALICE, status: int = 200, delivered: bool = True
    ) -> Story:
        wire = {"status": status, "headers": {}, "body": exactjson.dumps(body)}
        return self.answered(step, source, wire, delivered=delivered)

    def answered(self, step: str, source: Source, wire: Any, delivered: bool = True) -> Story:
        """What came back for the last send of a lane, as its channel writes it."""
        index = self._sends[Lane(source, step, self._round)]
        kept = {} if delivered else {"delivered": False}
        return self._add(Kind.ANSWER, source, step, index, data={"wire": wire, **kept})

    _answered = answered

    def lost(self, step: str, why: str = "ReadTimeout", source: Source = ALICE) -> Story:
        return self._add(
            Kind.LOST, source, step, self._sends[Lane(source, step, self._round)], data={"why": why}
        )

    def read(self, step: str, intent: Mapping[str, Any], body: Any, status: int = 200) -> Story:
        return self.send(step, intent).answer(step, body, status=status)

    def look(self, step: str, head: int, *logs: Mapping[str, Any]) -> Story:
        """One look at the chain for filled orders."""
        answers = [{"result": hex(head)}, {"result": list(logs)}]
        return self.send(step, LOGS, CHAIN).answered(step, CHAIN, {"answers": answers})

    def opened(self, source: Source = USER) -> Story:
        return self._add(Kind.OPEN, source)

    def push(self, *messages: Any, source: Source = USER) -> Story:
        held = messages[0] if len(messages) == 1 else list(messages)
        return self._add(Kind.PUSH, source, data={"wire": {"text": exactjson.dumps(held)}})

    def pong(self, source: Source = USER) -> Story:
        return self._add(Kind.PUSH, source, by=By.SESSION, data={"wire": {"text": "PONG"}})

    def closed(self, code: int | None = 1000, reason: str = "", source: Source = USER) -> Story:
        return self._add(Kind.CLOSED, source, data={"code": code, "reason": reason})

    def watched(self, source: Source = USER) -> Story:
        return self._add(Kind.HORIZON, source, by=By.RUNNER, data={"until_us": self._us})

    def listening(self, step: str = "listen") -> Story:
        """A subscription that is accepted at once."""
        self.step(step, USER).opened().send(step, {"subscribe": {"markets": ["m"]}}, USER)
        return self.pong().end(step, USER)

    def posted(self, step: str, body: Any, status: int = 200) -> Story:
        intent = {"method": "POST", "path": "/order", "json": {"size": 5}}
        self.step(step).send(step, intent, derived={"order_id": ORDER})
        return self.answer(step, body, status=status).end(step)


def filled(side: int, maker: int, taker: int, order: str = ORDER, address: str = EXCHANGE) -> dict[str, Any]:
    """A log of OrderFilled as a node gives it; amounts in base units; side 0 buys."""
    words = [side, 77, maker, taker, 0, 0, 0]
    return {
        "address": address,
        "topics": [
            ctf.topic0("OrderFilled"),
            order,
            "0x" + "00" * 12 + "a1" * 20,
            "0x" + "00" * 12 + "b2" * 20,
        ],
        "data": "0x" + "".join(f"{word:064x}" for word in words),
        "transactionHash": "0x" + f"{maker:064x}",
        "logIndex": "0x0",
        "blockNumber": "0x9",
    }


def trade(status: str = "MATCHED", size: str = "5", price: str = "0.52", **more: Any) -> dict[str, Any]:
    """A trade as the user channel tells of it."""
    known = {"event_type": "trade", "id": "t1", "taker_order_id": ORDER, "status": status}
    return {**known, "size": size, "price": price, **more}


def page(*trades: Mapping[str, Any]) -> dict[str, Any]:
    """A page of GET /data/trades."""
    return {"data": list(trades), "next_cursor": "LTE="}


HEADER = """\
id: ESC-1
title: "a title"
status: open
severity: minor
component: clob/orders
actors: {alice: trader}
"""
SYMPTOM = """\
symptom: {step: %s, shows: {status: 400}}
"""


def case(body: str, symptom: str = "buy", path: str = "cases/ESC-1.yaml") -> Case:
    """A case from its steps and checks; the header is filled in, the symptom where there is none."""
    text = HEADER + body + ("" if "\nsymptom:" in body else SYMPTOM % symptom)
    return parse_case(text, path)


def problems(text: str, path: str = "cases/ESC-1.yaml") -> list[str]:
    """What reading a case says is wrong with it, a line each."""
    try:
        parse_case(text, path)
    except CaseError as error:
        return [str(problem) for problem in error.problems]
    return []


def expecting(text: str) -> Expectation:
    """An expectation from its YAML."""
    found: list[Any] = []
    compiled = compile_expectation(load(text, "e.yaml"), found)
    assert not found
    return compiled


def no_references(template: Template) -> Any:
    raise AssertionError(f"{template} was not meant to be looked up")


def wanted(where: str | None = None, expect: str | None = None, **more: Any) -> Wanted:
    """What a wait is for, from YAML."""
    selects, judges = (None if text is None else expecting(text) for text in (where, expect))
    return Wanted("wait", selects, judges, no_references, **more)


def window(deadline_ms: int, watch_ms: int | None = None, start_ms: int = 0, cause: int = 0) -> Window:
    watched = deadline_ms if watch_ms is None else watch_ms
    return Window(cause, start_ms * 1000, deadline_ms * 1000, watched * 1000)


def run(
    body: str | Case,
    world: World | Sequence[Event],
    *,
    watching: Callable[[str], bool] = lambda subject: True,
    values: Mapping[str, Any] | None = None,
) -> Run:
    """Run a case on a story's events or on a world of the test's own."""
    read = case(body) if isinstance(body, str) else body
    stands_on = ReplayWorld(world) if isinstance(world, Sequence) else world
    return Runner(read, stands_on, FACTS, watching, None, values).run()
