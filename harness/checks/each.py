"""Checks that judge each selected event by itself: the first that is wrong decides; none is a failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.checks.choosing import Chosen, Setting, Told
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import Difference
from harness.world import Need, View

Wrong = tuple[str, tuple[Difference, ...]]
"""What is wrong with one event, in words, and how it differs."""


@dataclass(frozen=True, slots=True)
class EachJudge:
    """The check over one selection. `wrong` judges one event; `good` says of all that they are right."""

    setting: Setting
    chosen: Chosen
    wrong: Callable[[Told], Wrong | None]
    good: str

    @property
    def needs(self) -> Sequence[Need]:
        """What its selection needs."""
        return self.chosen.needs

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """An event that is wrong decides at once, the whole window otherwise."""
        until_us, subject = window.deadline_us, self.setting.check.id
        came = self.chosen.of(view, self.setting.since(window), until_us)
        for told in came:
            wrong = self.wrong(told)
            if wrong is not None:
                text, differences = wrong
                return Finding(subject, False, told.at_us, text, told.view, None, differences, (told.number,))
        horizon_us = self.chosen.horizon_us(view, until_us)
        if self.setting.waits and horizon_us < until_us:
            return Pending(f"{self.chosen} was watched until {seconds(horizon_us)}")
        if not came:
            return nothing_selected(self.setting, self.chosen, view, window)
        text = f"{len(came)} of {len(came)} on {self.chosen} {self.good}"
        numbers = tuple(told.number for told in came)
        return Finding(subject, True, until_us, text, came[-1].view, events=numbers)


def nothing_selected(setting: Setting, chosen: Chosen, view: View, window: Window) -> Finding:
    """The failure of a check whose selection selected nothing: nothing is green for nothing."""
    since, until_us = setting.since(window), window.deadline_us
    others = len([told for told in chosen.all(view) if told.number > since and told.at_us <= until_us])
    shown = chosen.silence(view, since, until_us)
    why = f"none of {others} events of {chosen} was selected" if others else f"nothing came on {chosen}"
    return Finding(setting.check.id, False, until_us, f"not shown: {why}", shown)
