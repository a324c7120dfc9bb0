"""Requests of our own: they take their turn, and where the exchange says *not now* they are asked again.

Leases, provisions, probes and what is read about a target are no evidence: waiting for them changes no
verdict. How long is waited in all, for one time that the exchange says so, is the target's `wait_s`; then its
answer stands, and the case is inconclusive. What was not taken has not happened: any request may be repeated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from harness.budget import FIRST_US, Hold, Tally
from harness.clock import iso_utc
from harness.errors import TargetError
from harness.heeding import NOT_TAKEN
from harness.notnow import NotNow, Why, not_now
from harness.pacing import SECOND_US
from harness.wire import http
from harness.wire.exchange import Answer

TELL_EVERY_US: Final = 15 * SECOND_US
"""How often it is told that a run still waits."""


class Patience:
    """Waits for an exchange, within a bound, and tells that it does. Any number of threads may."""

    def __init__(
        self,
        tally: Tally,
        tell: Callable[[str], None] = lambda text: None,
        pause: Callable[[int], None] | None = None,
        *,
        paced: bool = True,
        late: Callable[[int], None] = lambda us: None,
    ) -> None:
        """`tell` is told when a wait begins and from time to time; `paced`: no meter counts the requests.

        `late` is told how long was waited, where that may tell on what is seen afterwards.
        """
        self._tally = tally
        self._late = late
        self._tell = tell
        self._pause = pause or _pause
        self._paced = paced

    def of_metered(self, late: Callable[[int], None] = lambda us: None) -> Patience:
        """The same for requests that a meter has counted."""
        return Patience(self._tally, self._tell, self._pause, paced=False, late=late)

    def ask(self, address: str, send: Callable[[], Answer]) -> Answer:
        """Send at its turn, and again as long as the exchange asks to wait, and that is within the bound."""
        while True:
            self.turn()
            answer = send()
            wire = http.response_wire(answer.status, answer.headers, answer.body)
            said = not_now(wire, self._tally.wall_us(self._tally.now_us()))
            if said is None:
                self._tally.take_again(address)
                return answer
            if not self.again(address, said):
                return answer

    def turn(self) -> None:
        """Take the turn of a request that no meter counts: the job has spent it, at its pace."""
        if self._paced and (wait_us := self._tally.take_turn()):
            self._pause(wait_us)

    def again(self, address: str, said: NotNow) -> bool:
        """Wait until what was not taken may be asked again; False where that is beyond the bound."""
        hold = self._tally.hold(address, said)
        if self._is_beyond(hold):
            return False
        started_us = self._tally.now_us()
        self._wait(address, hold)
        self._late(self._tally.now_us() - started_us)
        return True

    def taken(self, address: str) -> None:
        """Note that what was not taken is taken again."""
        self._tally.take_again(address)

    def before_item(self, address: str, *, orders: bool) -> None:
        """Wait for what the exchange does not take now; with `orders`, for orders too.

        Raises TargetError T030 where that is not over within the bound: then nothing is begun.
        """
        for scope in (address, address + NOT_TAKEN) if orders else (address,):
            hold = self._tally.held(scope)
            if hold is None or hold.until_us <= self._tally.now_us():
                continue
            if self._is_beyond(hold):
                most = f"longer than the target's wait_s ({self._tally.patience_us // SECOND_US} s)"
                raise TargetError("T030", f"{self.told(scope, hold)}: {most}, so the case was not begun")
            self._wait(scope, hold)

    def before_again(self, address: str, said: NotNow) -> bool:
        """Wait until a case that was refused may be run again; False where that is beyond the bound."""
        hold = self._tally.held(address if said.why is Why.LIMIT else address + NOT_TAKEN)
        now_us = self._tally.now_us()
        if hold is None:
            hold = Hold(
                now_us,
                now_us + (FIRST_US if said.wait_us is None else said.wait_us),
                said.words,
                str(said.why),
                is_dated=said.wait_us is not None,
            )
        if self._is_beyond(hold):
            return False
        self._wait(address, hold)
        return True

    def told(self, scope: str, hold: Hold) -> str:
        """What the exchange says, since when, and when it is asked again."""
        since = iso_utc(self._tally.wall_us(hold.since_us))
        until = iso_utc(self._tally.wall_us(hold.until_us))
        place = scope.partition(" ")[0]
        then = "to be tried again" if hold.is_dated else "it does not say for how long, and is asked again"
        return f"{place} says {hold.words} ({hold.why}, since {since}); {then} from {until} on"

    def _is_beyond(self, hold: Hold) -> bool:
        return hold.until_us > hold.since_us + self._tally.patience_us

    def _wait(self, scope: str, hold: Hold) -> None:
        while (left_us := hold.until_us - self._tally.now_us()) > 0:
            most_s = self._tally.patience_us // SECOND_US
            self._tell(f"waiting {-(-left_us // SECOND_US)} s (at most {most_s} s): {self.told(scope, hold)}")
            self._pause(min(left_us, TELL_EVERY_US))


def _pause(us: int) -> None:
    threading.Event().wait(us / SECOND_US)
