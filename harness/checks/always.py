"""`always`: every selected event is as expected. What `shows` sees: the first one that is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.case.rules.values import Always
from harness.checks.choosing import Chosen, Setting
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import settled
from harness.world import Need, View


@dataclass(frozen=True, slots=True)
class AlwaysJudge:
    """The check over one selection: the first event that differs decides."""

    setting: Setting
    rule: Always
    chosen: Chosen

    @classmethod
    def of(cls, setting: Setting, rule: Always) -> AlwaysJudge:
        """The judge of a rule."""
        return cls(setting, rule, setting.chosen(rule.selection))

    @property
    def needs(self) -> Sequence[Need]:
        """What its selection needs."""
        return self.chosen.needs

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """An event that differs decides at once, the whole window otherwise."""
        until_us, subject = window.deadline_us, self.setting.check.id
        resolve = self.setting.look.template
        since = self.setting.since(window)
        came = self.chosen.of(view, since, until_us)
        for told in came:
            if self.setting.differs(self.rule.expect, told):
                differences = self.setting.differs(settled(self.rule.expect, resolve), told)
                text = f"what came on {told.source} at {seconds(told.at_us)} differs"
                return Finding(subject, False, told.at_us, text, told.view, None, differences, (told.number,))
        horizon_us = self.chosen.horizon_us(view, until_us)
        if self.setting.waits and horizon_us < until_us:
            return Pending(f"{self.chosen} was watched until {seconds(horizon_us)}")
        if not came:
            return nothing_selected(self.setting, self.chosen, view, window)
        text = f"{len(came)} of {len(came)} on {self.chosen} are as expected"
        numbers = tuple(told.number for told in came)
        return Finding(subject, True, until_us, text, came[-1].view, events=numbers)


def nothing_selected(setting: Setting, chosen: Chosen, view: View, window: Window) -> Finding:
    """The failure of a check whose selection selected nothing: nothing is green for nothing."""
    since, until_us = setting.since(window), window.deadline_us
    others = len([told for told in chosen.all(view) if told.number > since and told.at_us <= until_us])
    shown = chosen.silence(view, since, until_us)
    why = f"none of {others} events of {chosen} was selected" if others else f"nothing came on {chosen}"
    return Finding(setting.check.id, False, until_us, f"not shown: {why}", shown)
