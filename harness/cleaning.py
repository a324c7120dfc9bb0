"""After a run that ended badly: what it placed is taken back, once, and what is left is found out."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from harness.clerking import Answer, Clerk, ask, open_orders
from harness.clock import Clock, RunClock
from harness.errors import HarnessError
from harness.metering import Meter
from harness.model import By, Event, Kind, Source
from harness.placing import Fate, Placed
from harness.world import Driver

CLEAN_US: Final = 3_000_000
"""Taking back and looking takes no longer, so that a run ends within five seconds of its Ctrl-C."""
SETTLE_US: Final = 1_000_000
"""How long an order whose answer never came is waited for: until then it may still reach the exchange."""
LOOK_EVERY_US: Final = 50_000
OPEN: Final = "open"
UNKNOWN: Final = "not known to the exchange when it was last asked"
GONE: Final = "was taken, and is no longer known to the exchange"
UNREPORTED: Final = "sent over FIX, and never reported on"
MAYBE: Final = "may be open: nobody looked"
LOGGED_OUT: Final = "logged out"
UNCLEAN: Final = "ended without a logout"
_LOGOUT: Final = "|35=5|"


@dataclass(frozen=True, slots=True)
class Order:
    """One order that was placed, whose it is, and what became of it."""

    actor: str
    name: str
    state: str

    def __str__(self) -> str:
        return f"order {self.name} of {self.actor}: {self.state}"


@dataclass(frozen=True, slots=True)
class Cleanup:
    """What was taken back and what is left; `problems` are why that is not known or not done."""

    orders: tuple[Order, ...] = ()
    problems: tuple[str, ...] = ()
    sessions: tuple[tuple[str, str], ...] = ()

    @property
    def left(self) -> tuple[str, ...]:
        """What is left behind, or may be."""
        may_be = (str(each) for each in self.orders if self._may_be_left(each))
        unclean = (f"FIX session {name}: {state}" for name, state in self.sessions if state == UNCLEAN)
        return (*self.problems, *unclean, *may_be)

    @property
    def told(self) -> tuple[str, ...]:
        """Every order and session, and what became of it."""
        sessions = (f"FIX session {name}: {state}" for name, state in self.sessions)
        return (*map(str, self.orders), *self.problems, *sessions)

    def _may_be_left(self, order: Order) -> bool:
        """An order that was never reported on cannot come any more once its FIX session was logged out."""
        if order.state == UNREPORTED:
            ended = [state for name, state in self.sessions if name.endswith(f"({order.actor})")]
            return not ended or UNCLEAN in ended
        return order.state in (OPEN, UNKNOWN, MAYBE)


def clean(
    meter: Meter, clerk: Clerk, look: Callable[[], Sequence[Event]], *, interrupted: bool
) -> tuple[Cleanup, KeyboardInterrupt | None]:
    """Let nothing more be sent, cancel what was placed, once, and find out what is left of it.

    It ends within `CLEAN_US`, and at a second Ctrl-C (`interrupted`: there was a first). An interrupt that
    came meanwhile is returned, for whoever goes on.
    """
    with _Presses() as presses:
        desk, clock = _Desk(meter, clerk, look, RunClock()), RunClock()
        threading.Thread(target=desk.work, name="cleaning", daemon=True).start()
        enough = 1 if interrupted else 2
        while presses.count < enough and clock.now_us() < CLEAN_US and not desk.is_done.is_set():
            desk.is_done.wait(LOOK_EVERY_US / 1_000_000)
        found = desk.found(skipped=presses.count >= enough)
    return found, presses.stop


class _Presses:
    """Ctrl-C and SIGTERM, counted and not raised where they come: in the main thread, while this is entered.

    An exception could come anywhere, in the start of a thread as well (and an interrupted Thread.join() takes
    the thread for ended, CPython bpo-45274).
    """

    def __init__(self) -> None:
        self.count = 0
        self.stop: KeyboardInterrupt | None = None
        self._last = signal.SIGINT
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                if callable(signal.getsignal(number)):
                    self._before[number] = signal.signal(number, self._pressed)
        return self

    def __exit__(self, *exc: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        if self.count:
            try:
                self._before[self._last](self._last, None)
            except KeyboardInterrupt as stop:  # what it would have raised
                self.stop = stop

    def _pressed(self, number: int, _: object) -> None:
        self.count += 1
        self._last = signal.Signals(number)


def sessions_of(events: Sequence[Event]) -> tuple[tuple[str, str], ...]:
    """How each FIX session ended: with a logout of either side since it was last opened, or without."""
    ended: dict[Source, str] = {}
    for event in events:
        if event.source.channel.partition(".")[0] != "fix":
            continue
        if event.kind is Kind.OPEN:
            ended[event.source] = UNCLEAN
        elif event.source in ended and _LOGOUT in str(event.data.get("wire", {}).get("raw", "")):
            ended[event.source] = LOGGED_OUT
    return tuple((str(source), state) for source, state in sorted(ended.items()))


def _named(placed: Placed) -> list[str]:
    """The orders that may have been placed; one that was refused is none."""
    return [name for name, fate in placed.orders.items() if fate is not Fate.REFUSED]


def _unknown(actor: str, placed: Placed) -> list[Order]:
    return [Order(actor, name, MAYBE) for name in (*_named(placed), *placed.entered)]


class _Desk:
    """Cleans up for every actor, each in a thread of its own; what is found may be read at any time."""

    def __init__(self, meter: Meter, clerk: Clerk, look: Callable[[], Sequence[Event]], clock: Clock) -> None:
        self._meter = meter
        self._clerk = clerk
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._ends_us = clock.now_us() + CLEAN_US
        self._done: dict[str, tuple[list[Order], list[str]]] = {}
        self.is_done = threading.Event()

    def work(self) -> None:
        """Clean up for all, and say when it is done."""
        self._meter.end(SETTLE_US)
        workers = [
            threading.Thread(target=self._clean, args=(actor, placed), daemon=True)
            for actor, placed in list(self._meter.placed.items())
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.is_done.set()

    def found(self, *, skipped: bool) -> Cleanup:
        """What is known now; of an actor that is not done yet, everything may be left."""
        orders: list[Order] = []
        problems: list[str] = []
        with self._lock:
            for actor, placed in list(self._meter.placed.items()):
                if actor in self._done:
                    done, trouble = self._done[actor]
                    orders += done
                    problems += trouble
                    continue
                orders += _unknown(actor, placed)
                why = "was skipped" if skipped else f"was not done in {CLEAN_US // 1_000_000} s"
                problems.append(f"the orders of {actor} may be open: cleaning up {why}")
        return Cleanup(tuple(orders), tuple(problems))

    def _clean(self, actor: str, placed: Placed) -> None:
        try:
            done = self._cleaned(actor, placed)
        except (HarnessError, OSError, ValueError) as error:
            done = _unknown(actor, placed), [f"the orders of {actor} may be open: {error}"]
        with self._lock:
            self._done[actor] = done

    def _cleaned(self, actor: str, placed: Placed) -> tuple[list[Order], list[str]]:
        driver = self._clerk(actor)
        try:
            unreported = self._settle(driver, placed)
            answer = self._ask(driver, "DELETE", "/cancel-all")
            taken_back = answer.body.get("canceled", []) if isinstance(answer.body, Mapping) else []
            problems = []
            if answer.body is None:
                problems.append(f"cancelling the orders of {actor} was refused: {answer.trouble}")
            left, trouble = open_orders(partial(self._ask, driver))
            if trouble:
                problems.append(f"the open orders of {actor} cannot be read: {trouble}")
            every = dict.fromkeys((*_named(placed), *taken_back, *left))
            told = [Order(actor, name, self._state(driver, name, placed, taken_back, left)) for name in every]
            return [*told, *(Order(actor, name, UNREPORTED) for name in unreported)], problems
        finally:
            driver.close()

    def _settle(self, driver: Driver, placed: Placed) -> list[str]:
        """Wait for orders of which nobody has said what became of them: they may be on their way.

        Returns the FIX orders of which no report came.
        """
        doubtful = [name for name, fate in placed.orders.items() if fate is Fate.DOUBTFUL]
        entered = list(placed.entered)
        ends_us = self._clock.now_us() + SETTLE_US
        while (doubtful or entered) and self._clock.now_us() < ends_us:
            doubtful = [name for name in doubtful if self._asked(driver, name).body is None]
            came = [each.data.get("wire", {}) for each in self._look() if each.by is By.PEER]
            said = [str(wire.get("raw", "")) for wire in came]
            entered = [name for name in entered if not any(f"|11={name}|" in each for each in said)]
            if doubtful or entered:
                threading.Event().wait(LOOK_EVERY_US / 1_000_000)
        return entered

    def _state(
        self, driver: Driver, name: str, placed: Placed, taken_back: Sequence[str], left: Sequence[str]
    ) -> str:
        if name in left:
            return OPEN
        if name in taken_back:
            return "cancelled"
        answer = self._asked(driver, name)
        if not isinstance(answer.body, Mapping):
            answered = answer.wire is not None and answer.wire.get("status") in (200, 404)
            return GONE if answered and placed.orders.get(name) is Fate.TAKEN else UNKNOWN
        status = str(answer.body.get("status")).removeprefix("ORDER_STATUS_").lower()
        return OPEN if status == "live" else status

    def _asked(self, driver: Driver, name: str) -> Answer:
        return self._ask(driver, "GET", f"/data/order/{name}")

    def _ask(self, driver: Driver, method: str, path: str) -> Answer:
        return ask(driver, method, path, self._ends_us, self._clock)
