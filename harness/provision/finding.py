"""Finding a market for a case among those that an exchange has, and keeping others out of it meanwhile."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from harness.clock import RunClock
from harness.errors import TargetError
from harness.pool.locks import Claim, Holder, Locks
from harness.provision.rules import MarketRules, facts_of, has_its_ids, is_whole, misfit, short_misfit
from harness.wire.ctf import Contracts
from harness.wire.http import text_of

PAGES: Final = 5
"""So many pages of markets that take orders are looked through: five thousand on the real exchange."""
WAIT_S: Final = 60
"""How long a market that fits is waited for where others trade in it. Short: who waits has accounts."""
LOOK_EVERY_US: Final = 250_000
LOOKED_AT: Final = 50
"""So many markets of the right kind are looked at more closely: each costs four requests and more."""
_SECOND_US: Final = 1_000_000
_END: Final = "LTE="
_TRADED_IN: Final = "has orders of others in its book"
_USED: Final = "is in use by"

Ask = Callable[[str], Any]
"""Asks the exchange: a path, its JSON. Raises TargetError."""


@dataclass(slots=True)
class Finder:
    """Finds markets for one case; `close` lets others have them again.

    `untraded` says of a condition whether the case's accounts have never traded there: a case that counts its
    trades in a market means those of this run.
    """

    ask: Ask
    contracts: Contracts
    rules: MarketRules
    who: str
    untraded: Callable[[str], bool]
    untold: tuple[str, ...] = ()
    locks: Locks = field(default_factory=Locks)
    wait_s: int = WAIT_S
    _claims: list[Claim] = field(default_factory=list)
    _had: set[str] = field(default_factory=set)
    _clock: RunClock = field(default_factory=RunClock)

    def find(self, wanted: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        """So many markets of a kind, no two the same, each with an empty book and nobody else's meanwhile;
        of the neg-risk kind they are questions of one event.

        Raises TargetError T044, with why the others do not do.
        """
        self._require_told()
        ends_us = self._clock.now_us() + self.wait_s * _SECOND_US
        while True:
            found, why = self._found(wanted, count)
            if found is not None:
                return found
            if not any(reason.startswith(_USED) for reason in why) or self._clock.now_us() >= ends_us:
                raise _none(wanted, count, why)
            threading.Event().wait(LOOK_EVERY_US / _SECOND_US)

    def _require_told(self) -> None:
        """Refuse what a case refers to and nobody tells: later it would look like the product's fault."""
        if "oracle" in self.untold:
            text = "the case refers to the oracle of its market, which the exchange does not tell"
            raise TargetError("T044", f"{text}: it needs a target with a control API")
        if "symbol" in self.untold and not self.rules.symbol:
            text = "the case refers to the FIX symbol of its market, which the exchange does not tell"
            how = 'say how it is made in the target\'s `markets`, such as symbol = "{slug}"'
            raise TargetError("T044", f"{text}: {how}")

    def close(self) -> None:
        """Let others have them."""
        while self._claims:
            self._claims.pop().release()

    def _found(
        self, wanted: Mapping[str, Any], count: int
    ) -> tuple[list[dict[str, Any]] | None, Counter[str]]:
        why: Counter[str] = Counter()
        now_s = (self._clock.started_wall_us + self._clock.now_us()) // _SECOND_US
        fitting: dict[str, list[Mapping[str, Any]]] = {}
        for row in self._listed():
            reason = misfit(wanted, row, self.rules, now_s) or self._already(row)
            if reason:
                why[reason] += 1
            else:
                together = str(row.get("neg_risk_market_id")) if row.get("neg_risk") and count > 1 else ""
                fitting.setdefault(together, []).append(row)
        for rows in fitting.values():
            rows.sort(key=self._in_turn)
            taken: list[tuple[dict[str, Any], Claim]] = []
            for row in rows[:LOOKED_AT]:
                one = self._taken(wanted, row)
                if isinstance(one, str):
                    why[one] += 1
                else:
                    taken.append(one)
                if len(taken) == count:
                    self._claims += [claim for _, claim in taken]
                    self._had |= {facts["condition"] for facts, _ in taken}
                    return [facts for facts, _ in taken], why
            why.update(["is one of too few"] * len(taken))
            for _, claim in taken:
                claim.release()
        return None, why

    def _in_turn(self, row: Mapping[str, Any]) -> tuple[int, str]:
        """The longest idle first, and those that were never held in an order of this run's own."""
        name, begun = _name(row), self._clock.started_wall_us
        return self.locks.last_held_us(name), sha256(f"{begun} {name}".encode()).hexdigest()

    def _listed(self) -> list[Mapping[str, Any]]:
        """The markets that may be taken, as GET /markets tells them."""
        if self.rules.only:
            rows = [self.ask(f"/markets/{quote(condition)}") for condition in self.rules.only]
            return [row for row in rows if is_whole(row)]
        rows, cursor = [], "MA=="
        for _ in range(PAGES):
            page = self.ask(f"/sampling-markets?next_cursor={quote(cursor)}")
            entries = page.get("data") if isinstance(page, Mapping) else None
            rows += [row for row in entries or () if is_whole(row)]
            cursor = str(page.get("next_cursor")) if isinstance(page, Mapping) else _END
            if cursor in (_END, "None", ""):
                break
        return rows

    def _already(self, row: Mapping[str, Any]) -> str:
        return "is another market of the case" if row["condition_id"] in self._had else ""

    def _taken(self, wanted: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[dict[str, Any], Claim] | str:
        """A market, kept from others; or why it does not do."""
        name = _name(row)
        claim = self.locks.hold(name)
        if claim is None:
            holder = self.locks.holder(name)
            return f"{_USED} {holder.who if holder else 'another case'}"
        reason = self._unfit(wanted, row)
        if isinstance(reason, str):
            claim.release()
            return reason
        now_us = self._clock.started_wall_us + self._clock.now_us()
        claim.say(Holder(os.getpid(), self.who, now_us))
        return reason, claim

    def _unfit(self, wanted: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any] | str:
        short = self.ask(f"/clob-markets/{quote(row['condition_id'])}")
        if not isinstance(short, Mapping):
            return "does not tell its fee"
        if reason := short_misfit(wanted, short):
            return reason
        facts = facts_of(row, short, wanted, self.rules.symbol)
        if not has_its_ids(facts, self.contracts):
            return "has not the tokens of its condition"
        for token in (facts["yes"], facts["no"]):
            book = self.ask(f"/book?token_id={token}")
            if not isinstance(book, Mapping) or book.get("bids") or book.get("asks"):
                return _TRADED_IN
        if not self.rules.again and not self.untraded(facts["condition"]):
            return "has trades of the case's accounts"
        return facts


def _name(row: Mapping[str, Any]) -> str:
    return f"market {row['condition_id']}"


def _none(wanted: Mapping[str, Any], count: int, why: Counter[str]) -> TargetError:
    kind = ", ".join(f"{key}: {text_of(value)}" for key, value in wanted.items()) or "of the usual kind"
    many = "no market" if count == 1 else f"no {count} markets"
    reasons: Sequence[str] = [f"{times} × {reason}" for reason, times in why.most_common(6)]
    told = "; ".join(reasons) or "it lists none"
    text = f"the exchange has {many} for this case ({kind}): {told}"
    return TargetError("T044", f"{text}. List more of them, or let the target's `markets` allow more")
