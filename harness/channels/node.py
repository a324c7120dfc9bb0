"""A node's JSON-RPC, in batches, each of which proves again which chain it speaks of. Source: JSON-RPC 2.0.

The chain's id is asked alone before the first call, and goes along in every batch: a node behind a proxy may
be another one at any time. What came with a wrong id is thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from harness import exactjson
from harness.channels.dial import Dial
from harness.channels.web import UnansweredError, Web
from harness.clock import Clock
from harness.errors import TargetError
from harness.notnow import NotNow, Why, not_now
from harness.pacing import SECOND_US
from harness.wire import http
from harness.wire.exchange import request_of
from harness.wire.jsonrpc import quantity

Call = tuple[str, Sequence[Any]]

LIMIT_EXCEEDED: Final = -32005
_CHAIN_ID: Final = "eth_chainId"
_JSON: Final = {"content-type": "application/json"}
_SHOWN: Final = 120


class NodeRefusedError(Exception):
    """The node answered a call with an error; it is kept as the node said it."""

    def __init__(self, error: Any) -> None:
        super().__init__(str(error))
        self.error = error


class NodeLostError(Exception):
    """The node did not answer, or not what it was asked (its fault)."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code} {text}")


class Node:
    """A client of one node, of the chain that is expected there. One thread asks at a time."""

    def __init__(self, url: str, dial: Dial, clock: Clock, chain_id: int) -> None:
        self._web = Web(url, dial, clock)
        self._dial = dial
        self._clock = clock
        self._chain_id = chain_id
        self._last_id = -1
        self._proven = False
        self.has_answered = False

    def prove(self) -> None:
        """Before the first call: see that the node is there, and of which chain. Raises as `look`."""
        if not self._proven:
            self._batch([])
            self._proven = True

    def look(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Ask a batch; each call's `result` or `error`, in order. A node that says *too many requests*, by
        HTTP or with an error of -32005, has done nothing, and is asked again with a dial that waits.

        Raises NodeLostError where the node does not answer it (its fault), TargetError T017 where it is of
        another chain than expected, T030 where it goes on to say so (the environment's).
        """
        self.prove()
        return self._batch(calls)

    def ask(self, method: str, *params: Any) -> Any:
        """One call's result. Raises NodeRefusedError for an error in its answer, and as `look`."""
        (answer,) = self.look([(method, params)])
        if "error" in answer:
            raise NodeRefusedError(answer["error"])
        if "result" not in answer:
            raise _nonsense(f"{method} with neither a result nor an error")
        return answer["result"]

    def number(self, method: str, *params: Any) -> int:
        """The result of a call that is answered with a quantity. Raises as `ask`."""
        result = self.ask(method, *params)
        try:
            return quantity(result)
        except ValueError:
            raise _nonsense(f"{method} with {_shown(result)}") from None

    def data(self, method: str, *params: Any) -> str:
        """The result of a call that is answered with bytes, as 0x text. Raises as `ask`."""
        result = self.ask(method, *params)
        if not isinstance(result, str) or not result.startswith("0x"):
            raise _nonsense(f"{method} with {_shown(result)}")
        return result

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def _batch(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        asked = {self._next_id(): call for call in ((_CHAIN_ID, ()), *calls)}
        rows = [
            {"jsonrpc": "2.0", "method": method, "params": list(params), "id": number}
            for number, (method, params) in asked.items()
        ]
        while True:
            came = self._exchange(exactjson.dumps(rows).encode())
            answers = self._in_order(list(asked), came)
            said = next(filter(None, map(_limited, answers)), None)
            if said is None:
                break
            if not self._dial.waits(f"{self._web.origin} rpc", said):
                raise _refuses(said)
        self._judge(answers[0])
        self.has_answered = True
        return answers[1:]

    def _exchange(self, body: bytes) -> Any:
        try:
            answer = self._web.exchange(request_of("POST", self._web.host, self._web.target, _JSON, body))
        except UnansweredError as error:
            raise NodeLostError(error.code, error.told) from None
        wire = http.response_wire(answer.status, answer.headers, answer.body)
        if (said := not_now(wire, self._clock.started_wall_us + self._clock.now_us())) is not None:
            raise _refuses(said)
        try:
            came = exactjson.loads(answer.body)
        except ValueError as error:
            if answer.status == 200:
                raise _nonsense(f"a batch with what is no JSON ({error})") from None
            came = answer.body[:_SHOWN].decode(errors="replace")
        if answer.status != 200:
            raise _nonsense(f"a batch with {answer.status} and {_shown(came)}")
        return came

    def _in_order(self, asked: Sequence[int], came: Any) -> list[dict[str, Any]]:
        """Each call's answer, by its id; there is exactly one of each."""
        rows = came if isinstance(came, list) else [came]
        by_id = {row["id"]: row for row in rows if isinstance(row, Mapping) and type(row.get("id")) is int}
        if len(rows) != len(asked) or by_id.keys() != {*asked}:
            raise _nonsense(f"a batch of {len(asked)} calls with {_shown(came)}")
        return [
            {key: by_id[number][key] for key in ("result", "error") if key in by_id[number]}
            for number in asked
        ]

    def _judge(self, answer: Mapping[str, Any]) -> None:
        wanted = f"and {self._chain_id} is expected: nothing that it says counts"
        try:
            found = quantity(answer.get("result"))
        except ValueError:
            told = f"the chain's node answers {_CHAIN_ID} with {_shown(dict(answer))}, {wanted}"
            raise TargetError("T017", told) from None
        if found != self._chain_id:
            told = f"the chain's node {'has become one' if self._proven else 'is'} of chain {found}, {wanted}"
            raise TargetError("T017", f"{told}. Does its address, or a proxy, lead to another network?")

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _limited(answer: Mapping[str, Any]) -> NotNow | None:
    """What one answer of a batch says, where that is a limit (EIP-1474; Infura names the seconds)."""
    error = answer.get("error")
    if not isinstance(error, Mapping) or error.get("code") != LIMIT_EXCEEDED:
        return None
    data = error.get("data")
    rate = data.get("rate") if isinstance(data, Mapping) else None
    wait_s = rate.get("backoff_seconds") if isinstance(rate, Mapping) else None
    wait_us = int(wait_s * SECOND_US) if isinstance(wait_s, int | Decimal) and 0 <= wait_s < 10**6 else None
    return NotNow(Why.LIMIT, f"{LIMIT_EXCEEDED} {error.get('message', '')}"[:_SHOWN], wait_us)


def _refuses(said: NotNow) -> TargetError:
    return TargetError("T030", f"the chain's node says {said}")


def _nonsense(what: str) -> NodeLostError:
    return NodeLostError("T018", f"the node answers {what}")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else exactjson.dumps(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
