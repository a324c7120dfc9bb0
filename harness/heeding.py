"""What one item hears of an exchange's limits, and how long its requests are held back for them.

A request of a step is held back before it goes out, and never sent again by itself: the answer that it gets
is evidence. What the whole address may not do now is noted for every process of the job; an account's bucket
is this item's, which has leased the account.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from harness.budget import Tally
from harness.errors import TargetError
from harness.finding import seconds
from harness.notnow import NotNow, Why, bucket_told, not_now
from harness.pacing import Bucket, Kind, price
from harness.world import Intent

NOT_TAKEN: Final = " orders"
"""Behind an address: what it does not take is orders and cancels, and everything else it answers."""


class Heed:
    """One item's ears. `own` is what its case does or asks about itself: that is neither heeded nor noted."""

    def __init__(self, tally: Tally, own: frozenset[Why] = frozenset()) -> None:
        self._tally = tally
        self._own = own
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, Kind], Bucket] = {}
        self._closed: dict[tuple[str, Kind], int] = {}
        self.longest_us = 0
        """The longest time for which a request was held back."""
        self.held_us = 0
        """The time for which requests were held back, all of it together."""

    def before_us(self, address: str, actor: str, kind: Kind | None, cost: int = 1) -> int:
        """How long a request waits for what the exchange said. Raises TargetError T030 beyond patience."""
        if Why.LIMIT in self._own:
            return 0
        now_us = self._tally.now_us()
        hold = self._tally.held(address)
        wait_us = 0 if hold is None else max(0, hold.until_us - now_us)
        with self._lock:
            if kind is not None and (bucket := self._buckets.get((actor, kind))) is not None:
                wait_us = max(wait_us, bucket.wait_us(cost, now_us))
            if kind is not None:
                wait_us = max(wait_us, self._closed.get((actor, kind), 0) - now_us)
        if wait_us > self._tally.patience_us:
            words = hold.words if hold is not None else "its bucket is empty"
            told = f"{address} asks to wait {seconds(wait_us)} ({words})"
            raise TargetError("T030", f"{told}: longer than the target's wait_s")
        return wait_us

    def paid(self, actor: str, kind: Kind, cost: int) -> None:
        """A request goes out: what it costs is gone, before the exchange has said so."""
        with self._lock:
            bucket = self._buckets.get((actor, kind))
            if bucket is not None:
                self._buckets[actor, kind] = bucket.after(cost, self._tally.now_us())

    def waited(self, us: int) -> None:
        """Note that a request was held back for so long."""
        self.longest_us = max(self.longest_us, us)
        with self._lock:
            self.held_us += us

    def heard(self, address: str, actor: str, intent: Intent, wire: Mapping[str, Any]) -> NotNow | None:
        """Take from an HTTP answer what it says of limits and modes; what it says where that is *not now*."""
        now_us = self._tally.now_us()
        wall_us = self._tally.wall_us(now_us)
        said, priced = not_now(wire, wall_us), price(intent)
        if priced is not None:
            self._count(actor, priced[0], wire, said, now_us)
        if said is None:
            if priced is not None and priced[0] is Kind.ORDER:  # a mode may take cancels, and no orders yet
                self._tally.take_again(address + NOT_TAKEN)
            self._tally.take_again(address)
        elif said.why not in self._own and not (said.of_account and priced is not None):
            self._tally.hold(address if said.why is Why.LIMIT else address + NOT_TAKEN, said)
        return said

    def _count(
        self, actor: str, kind: Kind, wire: Mapping[str, Any], said: NotNow | None, now_us: int
    ) -> None:
        left, reset_us = bucket_told(wire.get("headers") or {}, self._tally.wall_us(now_us))
        with self._lock:
            if left is not None:
                self._buckets[actor, kind] = Bucket(kind, left, now_us)
            if said is not None and said.why is Why.LIMIT and said.of_account:
                asked_us = reset_us if said.wait_us is None else said.wait_us
                self._closed[actor, kind] = now_us + asked_us
