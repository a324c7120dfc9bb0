"""Tables of a configuration, read strictly: what nobody knows is told, with the nearest right word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from harness.errors import Place, Problem
from harness.guard import Caps, Limits
from harness.matchers import nearest

_CAPS: Final = ("orders", "notional", "transactions", "requests")


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
        table = self.table(held, f"{what}, limits", ("item", "run", "requests_per_second"))
        pace = table.get("requests_per_second", default.requests_per_second)
        if pace is not None and (type(pace) is not int or pace < 1):
            self.wrong(f"{what}, limits: requests_per_second is a whole number from 1 on, not {pace!r}")
            pace = None
        item = self._caps(f"{what}, limits, item", table.get("item", {}), default.item)
        run = self._caps(f"{what}, limits, run", table.get("run", {}), default.run)
        return Limits(item, run, pace)

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


def _money(value: Any) -> Decimal | None:
    """An amount that is exact: a text or a number, from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None
