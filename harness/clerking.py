"""Asking the exchange beside a run what became of an order: nothing is recorded, and no meter counts it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from harness.clock import Clock
from harness.notnow import not_now
from harness.wire import http
from harness.world import Driver

Clerk = Callable[[str], Driver]
"""The REST driver of an actor, for asking what became of its orders."""
_AGAIN_US: Final = 200_000
"""How long is waited before asking again where the exchange does not say."""


PAGES: Final = 20
"""So many pages of open orders are read."""


class Answer:
    """What came back for one question."""

    wire: Mapping[str, Any] | None = None
    why = "there is no answer"

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        """The question is no part of the run."""

    def answered(self, wire: Mapping[str, Any]) -> None:
        self.wire = wire

    def lost(self, why: str) -> None:
        self.why = why

    @property
    def body(self) -> Any:
        """The body of a good answer; None otherwise."""
        if self.wire is None or self.wire.get("status") != 200:
            return None
        return http.body_value(self.wire)

    @property
    def trouble(self) -> str:
        """What is wrong with it."""
        if self.wire is None:
            return self.why
        return f"{self.wire.get('status')} {str(self.wire.get('body', ''))[:120]}"


def ask(driver: Driver, method: str, path: str, ends_us: int, clock: Clock) -> Answer:
    """Ask, and ask again where the exchange says *not now*, as long as there is time for it.

    What it did not take it has not done: a cancel may be sent again.
    """
    while True:
        answer = Answer()
        driver.send({"method": method, "path": path}, answer)
        now_us = clock.now_us()
        said = None if answer.wire is None else not_now(answer.wire, clock.started_wall_us + now_us)
        if said is None:
            return answer
        wait_us = max(_AGAIN_US, said.wait_us or 0)
        if now_us + wait_us >= ends_us:
            return answer
        threading.Event().wait(wait_us / 1_000_000)


def open_orders(asked: Callable[[str, str], Answer]) -> tuple[list[str], str]:
    """The ids of every open order, page by page; and why they are not known, if so.

    `asked` asks one question of the account's, by method and path.
    """
    found: list[str] = []
    cursor = "MA=="
    for _ in range(PAGES):
        answer = asked("GET", f"/data/orders?next_cursor={cursor}")
        if not isinstance(answer.body, Mapping):
            return found, answer.trouble
        found += [str(row.get("id")) for row in answer.body.get("data", []) if isinstance(row, Mapping)]
        cursor = str(answer.body.get("next_cursor"))
        if cursor in ("LTE=", "None", ""):
            return found, ""
    return found, f"there are more than {PAGES} pages"
