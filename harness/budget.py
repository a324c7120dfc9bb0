"""What a whole job has spent on its target, how fast, and what the target asked it to wait for.

All processes of the job (`pytest -n`) count in one cell, so that what they do together stays within what the
target allows. Time is the clock's, which they share.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, TypeVar

from harness import exactjson
from harness.cell import Cell, OwnCell
from harness.clock import Clock
from harness.errors import GuardError
from harness.guard import Caps, Limits, Spent
from harness.notnow import NotNow
from harness.pacing import SECOND_US, turn

T = TypeVar("T")

FIRST_US: Final = 2 * SECOND_US
"""How long is waited where the exchange does not say: so long at first, then twice as long each time."""
LONGEST_US: Final = 60 * SECOND_US
SPREAD: Final = 4
"""Everybody waits longer by up to a fourth, by chance: many that come back at once would be refused again."""
_HOLDS: Final = 64


@dataclass(frozen=True, slots=True)
class Hold:
    """What the exchange does not take now: since when, until when it is not asked again, and its words."""

    since_us: int
    until_us: int
    words: str
    why: str
    times: int = 1
    is_dated: bool = False
    """Whether the exchange said itself until when."""


@dataclass(frozen=True, slots=True)
class _State:
    """What the cell holds."""

    spent: Spent = field(default_factory=Spent)
    turns: tuple[int, ...] = ()
    holds: dict[str, Hold] = field(default_factory=dict)

    @classmethod
    def of(cls, held: bytes) -> _State:
        if not held:
            return cls()
        value: Any = exactjson.loads(held)
        spent = {**value["spent"], "notional": Decimal(value["spent"]["notional"])}
        holds = {name: Hold(**each) for name, each in value["holds"].items()}
        return cls(Spent(**spent), tuple(value["turns"]), holds)

    def written(self) -> bytes:
        spent = {**asdict(self.spent), "notional": str(self.spent.notional)}
        holds = {name: asdict(each) for name, each in self.holds.items()}
        return exactjson.dumps({"spent": spent, "turns": list(self.turns), "holds": holds}).encode()


class Tally:
    """What a whole job has spent on its target, over all its items, threads and processes.

    `cell` is what its processes share; without one, this process is the whole job.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Clock,
        cell: Cell | None = None,
        chance: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self.patience_us = limits.wait_s * SECOND_US
        self._limits = limits
        self._clock = clock
        self._cell = cell or OwnCell()
        self._chance = chance

    def now_us(self) -> int:
        """The time, as all processes of the job have it."""
        return self._clock.now_us()

    def wall_us(self, at_us: int) -> int:
        """A moment as unix microseconds."""
        return self._clock.started_wall_us + at_us

    def spend(self, before: Spent, more: Spent) -> tuple[Spent, int]:
        """Note what an item that has spent `before` will spend more, and how long it waits first, in us.

        Raises GuardError G020 at a cap; then nothing is spent.
        """

        def take(state: _State) -> tuple[_State, int]:
            held = (("item", self._limits.item, before), ("run", self._limits.run, state.spent))
            for whose, caps, spent in held:
                _refuse(whose, caps, spent, more)
            turns, wait_us = self._turn(state)
            return replace(state, spent=state.spent + more, turns=turns), wait_us

        return before + more, self._changed(take)

    def take_turn(self) -> int:
        """Take a turn for a request that no item counts; how long to wait for it, in microseconds.

        The job has spent it, and it is never refused: at a cap the next step is.
        """

        def take(state: _State) -> tuple[_State, int]:
            turns, wait_us = self._turn(state)
            return replace(state, spent=state.spent + Spent(requests=1), turns=turns), wait_us

        return self._changed(take)

    def free_in_us(self) -> int:
        """How long until a request would not have to wait for its turn."""
        return self._changed(lambda state: (state, self._turn(state)[1]))

    def hold(self, scope: str, said: NotNow) -> Hold:
        """Note that the exchange does not take something now; until when nobody asks for it again."""
        now_us = self._clock.now_us()

        def note(state: _State) -> tuple[_State, Hold]:
            before = state.holds.get(scope)
            if before is not None and now_us > before.until_us + LONGEST_US:
                before = None  # nobody was refused for as long as anybody waits: this is another time
            times = 1 if before is None else before.times + 1
            asked_us = min(FIRST_US << min(times - 1, 10), LONGEST_US)
            if said.wait_us is not None:
                asked_us = said.wait_us
            until_us = now_us + asked_us + self._chance(asked_us // SPREAD + 1)
            made = Hold(now_us, until_us, said.words, str(said.why), times, said.wait_us is not None)
            if before is not None:
                made = replace(made, since_us=before.since_us, until_us=max(until_us, before.until_us))
            kept = [(name, each) for name, each in state.holds.items() if name != scope][1 - _HOLDS :]
            return replace(state, holds={**dict(kept), scope: made}), made

        return self._changed(note)

    def held(self, scope: str) -> Hold | None:
        """What was noted and is not over."""
        return self._changed(lambda state: (state, state.holds.get(scope)))

    def take_again(self, scope: str) -> None:
        """Note that the exchange takes it again."""

        def forget(state: _State) -> tuple[_State, None]:
            return replace(
                state, holds={name: each for name, each in state.holds.items() if name != scope}
            ), None

        if self.held(scope) is not None:
            self._changed(forget)

    def _turn(self, state: _State) -> tuple[tuple[int, ...], int]:
        per_second = self._limits.requests_per_second
        if per_second is None:
            return state.turns, 0
        return turn(state.turns, per_second, self._clock.now_us())

    def _changed(self, how: Callable[[_State], tuple[_State, T]]) -> T:
        def change(held: bytes) -> tuple[bytes, T]:
            before = _State.of(held)
            after, told = how(before)
            return held if after is before else after.written(), told

        return self._cell.change(change)


def _refuse(whose: str, caps: Caps, held: Spent, more: Spent) -> None:
    if (over := caps.over(held + more)) is None:
        return
    name, wanted, cap = over
    unit = " of collateral" if isinstance(wanted, Decimal) else ""
    text = f"the {whose} would come to {wanted}{unit} {name}, and its cap is {cap}: nothing more is sent"
    raise GuardError("G020", f"{text} (limits of the target, {whose}.{name})")
