"""All events of one run, numbered and stamped under one lock."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from harness import limits
from harness.clock import Clock
from harness.errors import HarnessError, TargetError
from harness.model import MARKS, By, Event, Kind, Lane, Source

Listener = Callable[[Event], None]

_ALWAYS_KEPT: Final = MARKS | {Kind.OPEN, Kind.CLOSED, Kind.LOST}
"""What says how far the others go: there are few of these, and they are short."""


class Timeline:
    """The growing record of a live run. Channels append from their own threads; the runner reads and waits.

    A listener sees each event, in order, before anyone else can act on it: the journal is one. What a
    listener raises reaches whoever appended, and whoever asks `check` next; it is told nothing more, so that
    what is still open can be cleaned up.

    It is bounded: past its events, or its bytes of text in memory, what comes is refused (TargetError T020),
    so that a peer that floods costs its run and not the machine.
    """

    def __init__(
        self,
        clock: Clock,
        listener: Listener | None = None,
        *,
        events: int = limits.RUN_EVENTS,
        text_bytes: int = limits.RUN_TEXT_BYTES,
    ) -> None:
        self._clock = clock
        self._listener = listener
        self._most_events = events
        self._most_bytes = text_bytes
        self._bytes = 0
        self._kept = 0
        self._trouble: HarnessError | None = None
        self._events: list[Event] = []
        self._changed = threading.Condition()

    def append(
        self,
        kind: Kind,
        source: Source,
        *,
        step: str = "",
        round: int = 0,
        index: int = 0,
        by: By = By.CASE,
        data: Mapping[str, Any] | None = None,
    ) -> Event:
        """Number, stamp and keep one event; wakes whoever waits. Raises TargetError: there is no room."""
        with self._changed:
            if kind not in _ALWAYS_KEPT:
                self._make_room(source, _text_bytes(data), is_asked=by is By.CASE or kind is Kind.ANSWER)
            event = Event(
                len(self._events), self._clock.now_us(), kind, source, step, round, index, by, data or {}
            )
            if self._listener is not None:
                self._listen(self._listener, event)
            self._events.append(event)
            self._changed.notify_all()
            return event

    def check(self) -> None:
        """Raise what keeps this record from being whole, once: cleaning up goes on behind it."""
        with self._changed:
            trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def _make_room(self, source: Source, size_bytes: int, *, is_asked: bool) -> None:
        """Count an event in. What a case asks and is answered has a reserve behind what comes by itself."""
        most_events = self._most_events + (limits.RUN_RESERVE_EVENTS if is_asked else 0)
        most_bytes = self._most_bytes + (limits.RUN_RESERVE_BYTES if is_asked else 0)
        if self._kept >= most_events:
            limit = f"{most_events} events"
        elif self._bytes + size_bytes > most_bytes:
            limit = f"{most_bytes} bytes of text"
        else:
            self._kept += 1
            self._bytes += size_bytes
            return
        text = f"the run's record has no room for more of {source}: it is at its limit of {limit}"
        raise self._remembered(TargetError("T020", text))

    def _listen(self, listener: Listener, event: Event) -> None:
        try:
            listener(event)
        except HarnessError as error:
            self._listener = None
            raise self._remembered(error) from None

    def _remembered(self, error: HarnessError) -> HarnessError:
        if self._trouble is None:
            self._trouble = error
            self._changed.notify_all()
        return error

    def append_in(
        self,
        lane: Lane,
        kind: Kind,
        *,
        index: int = 0,
        by: By = By.CASE,
        data: Mapping[str, Any] | None = None,
    ) -> Event:
        """Append an event that belongs to a lane."""
        return self.append(kind, lane.source, step=lane.step, round=lane.round, index=index, by=by, data=data)

    def snapshot(self, since: int = 0) -> tuple[tuple[Event, ...], int]:
        """The events so far, from number `since` on, and the time up to which they are complete.

        Stamping and appending happen under one lock, so no event at or before that time can still come.
        """
        with self._changed:
            return tuple(self._events[since:]), self._clock.now_us()

    def reached(self) -> tuple[int, int]:
        """How many events there are, and up to what time."""
        with self._changed:
            return len(self._events), self._clock.now_us()

    def wait(self, seen: int, until_us: int) -> bool:
        """Wait until there are more than `seen` events or it is `until_us`; True: there are more."""
        with self._changed:
            while len(self._events) <= seen:
                left_us = until_us - self._clock.now_us()
                if left_us <= 0:
                    return False
                self._changed.wait(left_us / 1_000_000)
            return True


def _text_bytes(value: Any) -> int:
    """What the texts in an event's data take in memory."""
    if isinstance(value, str):
        return sys.getsizeof(value)
    if isinstance(value, Mapping):
        return sum(_text_bytes(each) for each in value.values())
    if isinstance(value, list | tuple):
        return sum(_text_bytes(each) for each in value)
    return 0
