"""What a target is asked: who it is, whether it is up, where its chain stands, and what its clock says."""

from __future__ import annotations

import contextlib
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from harness import exactjson
from harness.clock import Clock, RunClock
from harness.errors import TargetError
from harness.facts import ChainFacts
from harness.guard import Proofs
from harness.targets import Endpoints, Marker, Said
from harness.wire.jsonrpc import quantity

if TYPE_CHECKING:
    from harness.channels.dial import Dial
    from harness.wire.exchange import Answer

_ASK_S: Final = 5
CLOCK_OFF_S: Final = 10
"""From here on signed requests are refused, as users of the exchange report: so far ahead of it, or a minute
behind; but expiries that a case counts from now are off before that."""
_SECOND_US: Final = 1_000_000
_SECONDS_DIGITS: Final = 12
BUILD: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")
"""A build's name, as `fixed_in` and `harness promote` take it."""


class RefusedError(TargetError):
    """A place answered, and not with 200 but with `status`."""

    def __init__(self, code: str, text: str, status: int) -> None:
        super().__init__(code, text)
        self.status = status


def gathered_proofs(
    endpoints: Endpoints, dial: Dial, marker: Marker | None = None, build: Said | None = None
) -> Proofs:
    """Ask a target who it is. Raises TargetError where it does not answer (the environment's fault).

    Where there is a control API, it says how the target is, and at which build unless `build` says where
    that is told; else that REST answers is all.
    """
    healthy, found = True, None
    if endpoints.control:
        health = ask(dial, "GET", f"{endpoints.control}/health")
        healthy, found = health.get("ok") is True, health.get("build")
    else:
        ask(dial, "GET", f"{endpoints.rest}/time")
    if build is not None:
        found = build_told(endpoints, dial, build)
    environment = None if marker is None else told(endpoints, dial, marker.said)
    chain_id = _rpc(dial, endpoints.chain, "eth_chainId") if endpoints.chain else None
    return Proofs(healthy, found, chain_id, environment)


def build_told(endpoints: Endpoints, dial: Dial, said: Said) -> str:
    """At which build a target says it is. Raises TargetError where it does not say."""
    found = told(endpoints, dial, said)
    if found is None or not BUILD.fullmatch(found):
        place = f"the header {said.header}" if said.header else said.field or "its whole text"
        text = f"{endpoints.host(said.host)}{said.path} names no build in {place}"
        shown = "" if found is None else f", but {found[:80]!r}"
        raise TargetError("T001", f"{text}{shown}. Is `build` configured as the target tells it?")
    return found


def told(endpoints: Endpoints, dial: Dial, said: Said) -> str | None:
    """What a target says of itself, as a text without spaces around; None where it says nothing there.

    Raises TargetError where it does not answer.
    """
    url = f"{endpoints.host(said.host)}{said.path}"
    answer = answered(dial, "GET", url)
    if said.header:
        return answer.header(said.header).strip() or None
    try:
        value: Any = exactjson.loads(answer.body)
    except ValueError:
        value = None if said.field else answer.body.decode(errors="replace").strip()
    for name in said.field.split(".") if said.field else ():
        value = value.get(name) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def chain_facts(endpoints: Endpoints, dial: Dial) -> ChainFacts:
    """The chain's facts at the start of a run; without a chain, from its beginning.

    Raises TargetError where the node does not answer.
    """
    contracts = endpoints.contracts
    head = _rpc(dial, endpoints.chain, "eth_blockNumber") if endpoints.chain else -1
    return ChainFacts(
        endpoints.chain_id,
        contracts.exchange,
        contracts.ctf,
        contracts.collateral,
        head + 1,
        contracts.usdce,
        contracts.neg_risk_exchange,
    )


def begin_anew(endpoints: Endpoints, dial: Dial) -> None:
    """Have the embedded exchange be as it was at its start. Raises TargetError where it does not answer.

    It closes WebSockets (1001) and logs FIX clients out; a run has closed its own by then.
    """
    ask(dial, "POST", f"{endpoints.host('control')}/reset", {})


def probe(endpoints: Endpoints, dial: Dial) -> str | None:
    """Whether the target is up: None, or what is wrong with it."""
    try:
        gathered_proofs(endpoints, dial)
        ask(dial, "GET", f"{endpoints.rest}/time")
    except TargetError as error:
        return error.text
    return None


def skew_us(endpoints: Endpoints, dial: Dial, clock: Clock) -> int:
    """The target's clock minus ours (`clock`), in microseconds; 0 where they agree within what can be told.

    GET /time and the Date header of its answer say whole seconds: each names a second in which the target's
    clock was between our sending and our receiving. Raises TargetError where it does not answer.
    """
    url = f"{endpoints.rest}/time"
    sent_us = clock.started_wall_us + clock.now_us()
    answer, date = exchange(dial, "GET", url)
    received_us = clock.started_wall_us + clock.now_us()
    text = str(answer)
    if not text.isascii() or not text.isdecimal() or len(text) > _SECONDS_DIGITS:
        raise TargetError("T001", f"{url} says {text[:80]!r}, and not the seconds since 1970")
    least_us, most_us = int(text) * _SECOND_US - received_us, (int(text) + 1) * _SECOND_US - sent_us
    with contextlib.suppress(ValueError, OverflowError):
        date_us = int(parsedate_to_datetime(date).timestamp()) * _SECOND_US
        narrow = max(least_us, date_us - received_us), min(most_us, date_us + _SECOND_US - sent_us)
        if narrow[0] <= narrow[1]:  # else it is another clock's, of a cache or a proxy
            least_us, most_us = narrow
    return 0 if least_us <= 0 <= most_us else (least_us + most_us) // 2


def clock_off(skew_us: int) -> str | None:
    """How far a target's clock is from this machine's, in words; None where no exchange would mind."""
    off_s = abs(skew_us) // _SECOND_US
    if off_s < CLOCK_OFF_S:
        return None
    side = "ahead of" if skew_us > 0 else "behind"
    return f"{off_s} s {side} this machine's: what is signed here may be refused"


def _rpc(dial: Dial, url: str, method: str) -> int:
    """A number that the node is asked for. Its address is not told: a provider's key may stand in it."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": []}
    answer, _ = exchange(dial, "POST", url, body, told="the chain's node")
    try:
        return quantity(answer.get("result"))
    except (AttributeError, ValueError):
        shown = exactjson.dumps(answer)[:200]
        raise TargetError("T001", f"the chain's node answers {method} with {shown}") from None


def ask(dial: Dial, method: str, url: str, body: Any = None) -> dict[str, Any]:
    """The JSON object that a place answers with. Raises TargetError where it does not answer with 200."""
    answer, _ = exchange(dial, method, url, body)
    return answer if isinstance(answer, dict) else {"value": answer}


def exchange(dial: Dial, method: str, url: str, body: Any = None, told: str = "") -> tuple[Any, str]:
    """The answer's JSON and its Date; `told` is what errors call the place, where not by its URL."""
    answer = answered(dial, method, url, body, told)
    try:
        return exactjson.loads(answer.body), answer.header("date")
    except ValueError as error:
        raise TargetError("T001", f"{told or url} does not answer: {error}. Is the target up?") from None


def answered(dial: Dial, method: str, url: str, body: Any = None, told: str = "") -> Answer:
    """The answer, which is one with 200. Raises TargetError, else."""
    from harness.channels.web import UnansweredError, Web
    from harness.wire.exchange import request_of

    content = b"" if body is None else exactjson.dumps(body).encode()
    headers = {"content-type": "application/json", "connection": "close"}
    try:
        with Web(url, dial, RunClock(), exchange_s=_ASK_S) as web:
            answer = web.exchange(request_of(method, web.host, web.target, headers, content))
    except UnansweredError as error:
        raise TargetError("T001", f"{told or url} does not answer: {error}. Is the target up?") from None
    if answer.status != 200:
        shown = answer.body[:200].decode(errors="replace")
        raise RefusedError("T001", f"{told or url} answers {answer.status}: {shown}", answer.status)
    return answer
