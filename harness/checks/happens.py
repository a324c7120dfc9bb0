"""`happens`: the first event of each selection comes, in this order, across channels.

What `shows` sees: the event that came too early, NOTHING (or LOST) where one did not come, Late where the
last one came after the deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.case.rules.values import Happens
from harness.checks.choosing import Chosen, Setting, Told, each_once
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import Late
from harness.model import ORDER_RESOLUTION_US
from harness.world import Need, PollNeed, View


@dataclass(frozen=True, slots=True)
class HappensJudge:
    """The check over several selections."""

    setting: Setting
    chosen: tuple[Chosen, ...]

    @classmethod
    def of(cls, setting: Setting, rule: Happens) -> HappensJudge:
        """The judge of a rule."""
        return cls(setting, tuple(setting.chosen(each) for each in rule.selections))

    @property
    def needs(self) -> Sequence[Need]:
        """What the selections need, each once."""
        return each_once(need for each in self.chosen for need in each.needs)

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """It holds when the first of each is there, in order and in time; an early one decides at once."""
        subject, since = self.setting.check.id, self.setting.since(window)
        looked_us = window.watch_us if final else min(self._looked_us(view, window), window.watch_us)
        firsts = [next(iter(each.of(view, since, looked_us)), None) for each in self.chosen]
        early = self._early(firsts, subject)
        if early is not None and early.at_us <= window.deadline_us:
            return early
        came = [told for told in firsts if told is not None]
        numbers = tuple(told.number for told in came)
        if len(came) == len(firsts):
            last = max(came, key=lambda told: (told.at_us, told.number))
            if last.at_us <= window.deadline_us:
                return Finding(subject, True, last.at_us, self._path(firsts), last.view, events=numbers)
            by_us = last.at_us - window.deadline_us
            text = f"{self._path(firsts)}, {seconds(by_us)} after the deadline"
            return Finding(subject, False, last.at_us, text, Late(by_us), last.view, events=numbers)
        enough_us = window.deadline_us if final else window.watch_us
        absent = [each for each, told in zip(self.chosen, firsts, strict=True) if told is None]
        horizon_us = min(each.horizon_us(view, enough_us) for each in absent)
        if horizon_us < enough_us:
            return Pending(f"{absent[0]} was watched until {seconds(horizon_us)}")
        within = seconds(window.deadline_us - window.start_us)
        text = f"{self._path(firsts)}: {absent[0]} did not come within {within}"
        shown = absent[0].silence(view, since, window.deadline_us)
        seen = came[-1].view if came else None
        return Finding(subject, False, window.deadline_us, text, shown, seen, events=numbers)

    def _looked_us(self, view: View, window: Window) -> int:
        """Up to when all that was told is known: polls are taken one at a time."""
        lanes = {need.lane for need in self.needs if isinstance(need, PollNeed)}
        return min((view.horizon_us(lane) for lane in lanes), default=window.watch_us)

    def _early(self, firsts: Sequence[Told | None], subject: str) -> Finding | None:
        """The first event that came before one that it should follow, told once both are there."""
        for at, later in enumerate(firsts):
            for before, earlier in enumerate(firsts[:at]):
                if later is None or earlier is None or not _precedes(later, earlier):
                    continue
                by_us = earlier.at_us - later.at_us
                text = (
                    f"{self.chosen[at]} came at {seconds(later.at_us)}, {seconds(by_us)} before "
                    f"{self.chosen[before]} at {seconds(earlier.at_us)}, and should follow it"
                )
                numbers = (later.number, earlier.number)
                return Finding(subject, False, earlier.at_us, text, later.view, earlier.view, events=numbers)
        return None

    def _path(self, firsts: Sequence[Told | None]) -> str:
        parts = [
            f"{each} at {seconds(told.at_us)}" if told is not None else f"{each} not yet"
            for each, told in zip(self.chosen, firsts, strict=True)
        ]
        return " → ".join(parts)


def _precedes(one: Told, other: Told) -> bool:
    """Whether one came before the other: by number on one connection, by stamps that are apart elsewhere."""
    if one.source == other.source and one.source.channel != "chain":
        return one.number < other.number or (one.number == other.number and one.key < other.key)
    if one.source == other.source:
        return (one.view.get("block", 0), one.key[1]) < (other.view.get("block", 0), other.key[1])
    return other.at_us - one.at_us >= ORDER_RESOLUTION_US
