"""Between the runner and every driver: what may be sent, how much, how fast, and what was placed by it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from harness.budget import Tally
from harness.errors import GuardError
from harness.guard import ON_THIS_MACHINE, Kind, Spent, is_relief, of_intent, reroutes, spent_by
from harness.heeding import Heed
from harness.model import Source
from harness.notnow import Why
from harness.pacing import Kind as Bucket
from harness.pacing import price
from harness.placing import Fate, Noting, Placed
from harness.world import Driver, Intent, Line

_SECOND_US: Final = 1_000_000
_SHOWN: Final = 5
TOLD_US: Final = 2 * _SECOND_US
"""A wait of so long is told."""


class Meter:
    """What one item may send, has spent and has placed. Gives every driver a meter before it."""

    def __init__(
        self,
        tally: Tally,
        kind: Kind,
        pause: Callable[[int], None] | None = None,
        own: frozenset[Why] = frozenset(),
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`pause` waits so many microseconds; a second Ctrl-C gets through it.

        `own` is what the case itself does to the exchange's limits, or asks about them. `tell` is told of a
        long wait.
        """
        self._tell = tell
        self._tally = tally
        self.heed = Heed(tally, own)
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

    def before(
        self, driver: Driver, source: Source, *, host: str = "clob", reads: bool = False, address: str = ""
    ) -> Driver:
        """The driver with this meter before it. `reads` is what an own step says of itself.

        `address` is the origin that the driver asks, as limits are counted for it.
        """
        return _Metered(self, driver, source, host, reads, address)

    def ready(self, address: str, actor: str, bucket: Bucket | None, *, late: bool = False) -> None:
        """Wait, before a step and its windows begin, until its request would not be held back.

        `late`: a window of a step before it has begun, so that the waiting may tell on what is seen in it.
        """
        wait_us = max(self._tally.free_in_us(), self.heed.before_us(address, actor, bucket))
        if wait_us:
            self.heed.waited(wait_us if late else 0)
            self._hold_back(address, wait_us)

    @property
    def placed_nothing(self) -> bool:
        """Whether nothing that was sent can have changed more than accounts: no order, no transaction."""
        held = [fate for each in self.placed.values() for fate in each.orders.values()]
        entered = any(each.entered for each in self.placed.values())
        return not entered and not self._spent.transactions and all(fate is Fate.REFUSED for fate in held)

    def end(self, patience_us: int) -> bool:
        """Let nothing more be sent, and wait for what is under way; False where it is still under way."""
        self._ended.set()
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, patience_us / _SECOND_US)

    @contextmanager
    def sending(
        self, source: Source, intent: Intent, host: str, reads: bool, address: str = ""
    ) -> Iterator[None]:
        """One send: refused, or held back and noted.

        Raises GuardError G012, G013, G020, G021; TargetError T030.
        """
        if self._ended.is_set():
            raise GuardError("G021", f"{source}: the run has ended, and nothing more is sent")
        self._allow(source, intent, host, reads)
        more = spent_by(source.channel, intent)
        priced = price(intent) if source.channel == "rest" else None
        bucket, cost = priced or (None, 1)
        asked_us = self.heed.before_us(address, source.actor, bucket, cost)
        with self._changed:
            try:
                spent, wait_us = self._tally.spend(self._spent, more)
            except GuardError as error:
                if not is_relief(source.channel, intent):
                    raise GuardError(error.code, f"{error.text}{self._told()}") from None
                spent, wait_us = self._spent, 0
            self._spent = spent
            self._under_way += 1
        wait_us = max(wait_us, asked_us)
        try:
            if wait_us:
                self.heed.waited(wait_us)
                self._hold_back(address, wait_us)
                if self._ended.is_set():
                    raise GuardError("G021", f"{source}: the run has ended, and nothing more is sent")
            if bucket is not None:
                self.heed.paid(source.actor, bucket, cost)
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _hold_back(self, address: str, us: int) -> None:
        if us >= TOLD_US:
            self._tell(f"waiting {-(-us // _SECOND_US)} s for the pace or the limits of {address}")
        self._pause(us)

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

    def __init__(
        self, meter: Meter, driver: Driver, source: Source, host: str, reads: bool, address: str
    ) -> None:
        self._meter = meter
        self._driver = driver
        self._source = source
        self._host = host
        self._reads = reads
        self._address = address

    def send(self, intent: Intent, line: Line) -> None:
        """Carry out one intent, if it may be. Raises GuardError where it may not."""
        with self._meter.sending(self._source, intent, self._host, self._reads, self._address):
            noted = line
            if self._source.channel.startswith("rest"):
                noted = _Hearing(line, self._meter.heed, self._address, self._source.actor, intent)
            if spent_by(self._source.channel, intent).orders:
                noted = Noting(noted, self._meter.of(self._source), intent)
            self._driver.send(intent, noted)

    def probe(self) -> None:
        """Ask the other side for a sign of life."""
        self._driver.probe()

    def close(self) -> None:
        """Give everything back."""
        self._driver.close()


class _Hearing:
    """A line that hears what each answer says of limits and modes."""

    def __init__(self, line: Line, heed: Heed, address: str, actor: str, intent: Intent) -> None:
        self._line = line
        self._heed = heed
        self._held = (address, actor, intent)

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        """The request goes out."""
        self._line.sent(wire, derived)

    def answered(self, wire: Mapping[str, Any]) -> None:
        """The answer is heard, and then told as it came."""
        self._heed.heard(*self._held, wire)
        self._line.answered(wire)

    def lost(self, why: str) -> None:
        """No answer came."""
        self._line.lost(why)
