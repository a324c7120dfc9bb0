"""All events of one run, numbered and stamped under one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from harness.clock import Clock
from harness.model import By, Event, Kind, Lane, Source

Listener = Callable[[Event], None]


class Timeline:
    """The growing record of a live run. Channels append from their own threads; the runner reads and waits.

    A listener sees each event, in order, before anyone else can act on it: the journal is one. What a
    listener raises reaches whoever appended.
    """

    def __init__(self, clock: Clock, listener: Listener | None = None) -> None:
        self._clock = clock
        self._listener = listener
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
        """Number, stamp and keep one event; wakes whoever waits."""
        with self._changed:
            event = Event(
                len(self._events), self._clock.now_us(), kind, source, step, round, index, by, data or {}
            )
            if self._listener is not None:
                self._listener(event)
            self._events.append(event)
            self._changed.notify_all()
            return event

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

    def snapshot(self) -> tuple[tuple[Event, ...], int]:
        """The events so far and the time up to which they are complete, taken together.

        Stamping and appending happen under one lock, so no event at or before that time can still come.
        """
        with self._changed:
            return tuple(self._events), self._clock.now_us()

    def wait(self, seen: int, until_us: int) -> bool:
        """Wait until there are more than `seen` events or it is `until_us`; True: there are more."""
        with self._changed:
            while len(self._events) <= seen:
                left_us = until_us - self._clock.now_us()
                if left_us <= 0:
                    return False
                self._changed.wait(left_us / 1_000_000)
            return True
