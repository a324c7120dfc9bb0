"""Between the runner and every driver: what may be sent, how much, how fast, and what was placed by it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from harness.clock import Clock
from harness.errors import GuardError
from harness.guard import (
    ON_THIS_MACHINE,
    Caps,
    Kind,
    Limits,
    Spent,
    is_relief,
    of_intent,
    reroutes,
    spent_by,
)
from harness.model import Source
from harness.wire import http
from harness.world import Driver, Intent, Line

_SECOND_US: Final = 1_000_000
_SHOWN: Final = 5


class Pace:
    """A token bucket: so many requests a second, and as many at once; time is an argument."""

    def __init__(self, per_second: int) -> None:
        self._every_us = _SECOND_US // per_second
        self._burst_us = _SECOND_US
        self._next_us = 0

    def wait_us(self, now_us: int) -> int:
        """Take a token; how long to wait before it may be used."""
        self._next_us = max(self._next_us, now_us) + self._every_us
        return max(0, self._next_us - self._burst_us - now_us)


class Tally:
    """What a whole run has spent on its target, over all its items; several threads may spend."""

    def __init__(self, limits: Limits, clock: Clock, among: int = 1) -> None:
        """`among` is how many processes share the run: each has its share of the caps and the pace."""
        self._caps = limits.run.shared(among)
        self._item = limits.item
        self._clock = clock
        self._lock = threading.Lock()
        self._spent = Spent()
        per_second = limits.requests_per_second
        self._pace = None if per_second is None else Pace(max(1, per_second // among))

    def spend(self, before: Spent, more: Spent) -> tuple[Spent, int]:
        """Note what an item that has spent `before` will spend more, and how long it waits first, in us.

        Raises GuardError G020 at a cap; then nothing is spent.
        """
        with self._lock:
            for whose, caps, held in (("item", self._item, before), ("run", self._caps, self._spent)):
                _refuse(whose, caps, held, more)
            self._spent += more
            return before + more, 0 if self._pace is None else self._pace.wait_us(self._clock.now_us())


def _refuse(whose: str, caps: Caps, held: Spent, more: Spent) -> None:
    if (over := caps.over(held + more)) is None:
        return
    name, wanted, cap = over
    unit = " of collateral" if isinstance(wanted, Decimal) else ""
    text = f"the {whose} would come to {wanted}{unit} {name}, and its cap is {cap}: nothing more is sent"
    raise GuardError("G020", f"{text} (limits of the target, {whose}.{name})")


class Fate(StrEnum):
    """What is known of an order that was sent."""

    DOUBTFUL = "in doubt"  # no answer has come
    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(slots=True)
class Placed:
    """What one actor may have placed: orders by their ids, and FIX orders by their ClOrdID."""

    orders: dict[str, Fate] = field(default_factory=dict)
    entered: dict[str, None] = field(default_factory=dict)


class Meter:
    """What one item may send, has spent and has placed. Gives every driver a meter before it."""

    def __init__(self, tally: Tally, kind: Kind, pause: Callable[[int], None] | None = None) -> None:
        """`pause` waits so many microseconds; a second Ctrl-C gets through it."""
        self._tally = tally
        self._kind = kind
        self._ended = threading.Event()
        self._pause = pause or self._wait
        self._changed = threading.Condition()
        self._under_way = 0
        self._spent = Spent()
        self.placed: dict[str, Placed] = {}

    @property
    def spent(self) -> Spent:
        """What the item has spent."""
        return self._spent

    def before(self, driver: Driver, source: Source, *, host: str = "clob", reads: bool = False) -> Driver:
        """The driver with this meter before it. `reads` is what an own step says of itself."""
        return _Metered(self, driver, source, host, reads)

    def end(self, patience_us: int) -> bool:
        """Let nothing more be sent, and wait for what is under way; False where it is still under way."""
        self._ended.set()
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, patience_us / _SECOND_US)

    @contextmanager
    def sending(self, source: Source, intent: Intent, host: str, reads: bool) -> Iterator[None]:
        """One send: refused, or paced and noted. Raises GuardError G012, G013, G020, G021."""
        if self._ended.is_set():
            raise GuardError("G021", f"{source}: the run has ended, and nothing more is sent")
        self._allow(source, intent, host, reads)
        more = spent_by(source.channel, intent)
        with self._changed:
            try:
                spent, wait_us = self._tally.spend(self._spent, more)
            except GuardError as error:
                if not is_relief(source.channel, intent):
                    raise GuardError(error.code, f"{error.text}{self._told()}") from None
                spent, wait_us = self._spent, 0
            self._spent = spent
            self._under_way += 1
        try:
            if wait_us:
                self._pause(wait_us)
                if self._ended.is_set():
                    raise GuardError("G021", f"{source}: the run has ended, and nothing more is sent")
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _wait(self, us: int) -> None:
        self._ended.wait(us / _SECOND_US)

    def _allow(self, source: Source, intent: Intent, host: str, reads: bool) -> None:
        """Judge once more what the plan judged with references in it."""
        effect = of_intent(source.channel, intent, host=host, reads=reads)
        if self._kind is Kind.PRODUCTION and not effect.is_read:
            what = " ".join(str(intent[name]) for name in ("method", "path") if name in intent)
            text = f"{source} would send {what or 'what is not known to only read'} to production"
            raise GuardError("G013", f"{text}: there nothing is ever written")
        if self._kind not in ON_THIS_MACHINE and (named := reroutes(intent.get("headers") or ())):
            text = f"{source} would say {', '.join(named)}, which can lead a request to another host"
            raise GuardError("G012", f"{text} behind the same address: only a target here may be told that")

    def _told(self) -> str:
        ids = [name for each in self.placed.values() for name in (*each.orders, *each.entered)]
        shown = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
        return f"; placed so far: {shown}" if ids else "; nothing was placed"

    def of(self, source: Source) -> Placed:
        """What the actor of a source may have placed."""
        return self.placed.setdefault(source.actor, Placed())


class _Metered:
    """A driver with a meter before it."""

    def __init__(self, meter: Meter, driver: Driver, source: Source, host: str, reads: bool) -> None:
        self._meter = meter
        self._driver = driver
        self._source = source
        self._host = host
        self._reads = reads

    def send(self, intent: Intent, line: Line) -> None:
        """Carry out one intent, if it may be. Raises GuardError where it may not."""
        with self._meter.sending(self._source, intent, self._host, self._reads):
            noted = line
            if spent_by(self._source.channel, intent).orders:
                noted = _Noting(line, self._meter.of(self._source), intent)
            self._driver.send(intent, noted)

    def probe(self) -> None:
        """Ask the other side for a sign of life."""
        self._driver.probe()

    def close(self) -> None:
        """Give everything back."""
        self._driver.close()


class _Noting:
    """A line that notes which orders went out before they do, and that their answer came."""

    def __init__(self, line: Line, placed: Placed, intent: Intent) -> None:
        self._line = line
        self._placed = placed
        self._intent = intent
        self._ids: tuple[str, ...] = ()

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        """Orders go out now."""
        named = derived or {}
        self._ids = tuple(named.get("order_ids") or filter(None, [named.get("order_id")]))
        for name in self._ids:
            self._placed.orders.setdefault(name, Fate.DOUBTFUL)
        for fields in (self._intent.get("message") or {}).values():
            self._placed.entered[str(fields.get("ClOrdID"))] = None
        self._line.sent(wire, derived)

    def answered(self, wire: Mapping[str, Any]) -> None:
        """What became of them is known, unless the exchange failed over them."""
        for name in self._ids if wire.get("status", 0) < 500 or _is_halted(wire) else ():
            if _is_placed(wire):
                self._placed.orders[name] = Fate.TAKEN
            elif self._placed.orders[name] is Fate.DOUBTFUL:  # sent again, it may have been taken before
                self._placed.orders[name] = Fate.REFUSED
        self._line.answered(wire)

    def lost(self, why: str) -> None:
        """No answer came: they may rest or not."""
        self._line.lost(why)


_HALTS: Final = ("post-only mode", "Trading is currently cancel-only", "Trading is currently disabled")
"""How the exchange begins to refuse orders while it takes none (CLOB docs, error codes): all with 503."""


def _is_halted(wire: Mapping[str, Any]) -> bool:
    """Whether an answer says that no orders are taken now: a refusal, although it is a 5xx."""
    body = http.body_value(wire)
    text = str(body.get("error", "")) if isinstance(body, Mapping) else ""
    return wire.get("status") == 503 and text.startswith(_HALTS)


def _is_placed(wire: Mapping[str, Any]) -> bool:
    """Whether an answer leaves it possible that an order was placed."""
    body = http.body_value(wire)
    refused = isinstance(body, Mapping) and body.get("success") is not True
    return 200 <= wire.get("status", 0) < 300 and not refused
