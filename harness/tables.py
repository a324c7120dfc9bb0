"""Tables of a configuration, read strictly: what nobody knows is told, with the nearest right word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from harness.clock import EPOCH
from harness.errors import Place, Problem
from harness.guard import Caps, Limits
from harness.matchers import nearest
from harness.targets import Beginning

LONGEST_WAIT_S: Final = 3_600
"""A run that waits for an hour is a run that hangs."""
_CAPS: Final = ("orders", "notional", "transactions", "requests")
_MANY_SEEDS: Final = 2**48


@dataclass(slots=True)
class Tables:
    """One file of configuration, and what is wrong with it (its author's fault)."""

    place: Place
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, text: str) -> None:
        """Note one thing that is wrong."""
        self.problems.append(Problem(self.place, "T010", text))

    def table(self, held: Any, what: str, known: Sequence[str]) -> dict[str, Any]:
        """A table that has known keys only; an empty one where it is none."""
        if not isinstance(held, dict):
            self.wrong(f"{what} is a table of {', '.join(known)}")
            return {}
        for key in held:
            if key not in known:
                close = nearest(key, known)
                hint = f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
                self.wrong(f"{what} has an unknown key {key!r}: {hint}")
        return held

    def limits(self, what: str, default: Limits, held: Any) -> Limits:
        """What a target may cost: a cap that is not told has its default."""
        table = self.table(held, f"{what}, limits", ("item", "run", "requests_per_second", "wait_s"))
        pace = table.get("requests_per_second", default.requests_per_second)
        if pace is not None and (type(pace) is not int or pace < 1):
            self.wrong(f"{what}, limits: requests_per_second is a whole number from 1 on, not {pace!r}")
            pace = None
        wait_s = table.get("wait_s", default.wait_s)
        if type(wait_s) is not int or not 0 <= wait_s <= LONGEST_WAIT_S:
            self.wrong(f"{what}, limits: wait_s is a whole number up to {LONGEST_WAIT_S}, not {wait_s!r}")
            wait_s = default.wait_s
        item = self._caps(f"{what}, limits, item", table.get("item", {}), default.item)
        run = self._caps(f"{what}, limits, run", table.get("run", {}), default.run)
        return Limits(item, run, pace, wait_s)

    def beginning(self, what: str, table: Mapping[str, Any]) -> Beginning:
        """How an embedded exchange begins: anew before every case where a seed or a clock is told."""
        seed, clock = table.get("seed"), table.get("clock")
        if seed is not None and (type(seed) is not int or not 0 <= seed < _MANY_SEEDS):
            self.wrong(f"{what}: seed is a whole number from 0 on and below 2^48, not {seed!r}")
            seed = None
        if clock is not None and (type(clock) is not datetime or not _is_a_start(clock)):
            text = f"clock is when its time starts, such as 2026-01-01T00:00:00Z, to the second, not {clock}"
            self.wrong(f"{what}: {text}")
            clock = None
        anew = seed is not None or clock is not None
        fresh = table.get("fresh", anew)
        if type(fresh) is not bool:
            self.wrong(f"{what}: fresh is true or false, not {fresh!r}")
        elif anew and not fresh:
            self.wrong(f"{what}: a seed and a clock begin anew before every case: leave out fresh = false")
        return Beginning(bool(fresh) or anew, seed, None if clock is None else int(clock.timestamp()))

    def _caps(self, what: str, held: Any, default: Caps) -> Caps:
        said: dict[str, Any] = {}
        table = self.table(held, what, _CAPS)
        for key in (key for key in _CAPS if key in table):
            value = table[key]
            if key == "notional":
                said[key] = _money(value)
            elif type(value) is int and value >= 0:
                said[key] = value
            if said.get(key) is None:
                self.wrong(f"{what}: {key!r} is a number from 0 on, not {value!r}")
        return replace(default, **said)


def _is_a_start(moment: datetime) -> bool:
    """Whether a clock can start there: a whole second that no local time zone has a say in."""
    return moment.tzinfo is not None and not moment.microsecond and moment > EPOCH


def _money(value: Any) -> Decimal | None:
    """An amount that is exact: a text or a number, from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
