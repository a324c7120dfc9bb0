"""`never`: no event is selected, while the source was alive. What `shows` sees: the first one that came,
or LOST where nothing shows that the source was alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness import acts
from harness.case.rules.values import Never
from harness.checks.choosing import Chosen, Setting, Told, each_once
from harness.decide.waits import end_shown, why
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST, NOTHING
from harness.windows import LIFE_US
from harness.world import Need, StreamNeed, View


@dataclass(frozen=True, slots=True)
class NeverJudge:
    """The check over one selection and the witness of its silence.

    `needs` are made once: the streams are asked for a sign of life, once for each need.
    """

    setting: Setting
    chosen: Chosen
    witness: Chosen | None
    needs: tuple[Need, ...]

    @classmethod
    def of(cls, setting: Setting, rule: Never) -> NeverJudge:
        """The judge of a rule."""
        witness = None if rule.witness is None else setting.chosen(rule.witness)
        chosen = setting.chosen(rule.selection)
        more = () if witness is None else witness.needs
        alive = [replace(n, alive=True) if isinstance(n, StreamNeed) else n for n in chosen.needs]
        return cls(setting, chosen, witness, each_once((*alive, *more)))

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """An event that comes decides at once, the whole window otherwise."""
        until_us, subject = window.deadline_us, self.setting.check.id
        came = self.chosen.of(view, self.setting.since(window), until_us)
        if came:
            first = came[0]
            text = f"came on {first.source} at {seconds(first.at_us)}, and should not"
            return Finding(subject, False, first.at_us, text, first.view, events=(first.number,))
        horizon_us = min(
            each.horizon_us(view, until_us) for each in (self.chosen, self.witness) if each is not None
        )
        if self.setting.waits and horizon_us < until_us:
            return Pending(f"{self.chosen} was watched until {seconds(horizon_us)}")
        return self._silent(view, window, final)

    def _silent(self, view: View, window: Window, final: bool) -> Decision:
        """Judge the silence: it counts only where the source, or the witness, was alive in the window."""
        until_us, subject = window.deadline_us, self.setting.check.id
        since = window.cause_number if self.setting.waits else self.setting.since(window)
        ended = self.chosen.ended(view, window) if self.setting.waits else None
        if ended is not None:
            text = f"not shown: {ended.source} was closed ({why(ended)}) at {seconds(ended.at_us)}"
            return Finding(subject, False, ended.at_us, text, end_shown(ended), events=(ended.number,))
        page = next((told for told in self._within(view, since, until_us) if _more_pages(told)), None)
        if page is not None:
            text = f"not shown: there are more pages than the one that came at {seconds(page.at_us)}"
            return Finding(subject, False, page.at_us, text, page.view, events=(page.number,))
        if self.witness is not None:
            seen = self.witness.of(view, since, until_us)
            if not seen:
                text = f"not shown: the witness, {self.witness}, said nothing in the window"
                return Finding(subject, False, until_us, text, LOST)
            numbers = (seen[-1].number,)
            text = f"never came; {self.witness} was alive at {seconds(seen[-1].at_us)}"
            return Finding(subject, True, until_us, text, NOTHING, events=numbers)
        alive_us = until_us + LIFE_US if self.setting.waits else until_us
        if not self.chosen.lives(view, since, alive_us):
            if self.setting.waits and not final and self.chosen.horizon_us(view, alive_us) < alive_us:
                return Pending(f"a sign of life of {self.chosen} was waited for")
            text = (
                f"not shown: {self.chosen} gave no sign of life in the window; name a 'witness', "
                "a step or selection whose events prove that it was alive"
            )
            return Finding(subject, False, until_us, text, LOST)
        return Finding(subject, True, until_us, "never came", NOTHING)

    def _within(self, view: View, since: int, until_us: int) -> list[Told]:
        """All that came on the source in the window, selected or not."""
        return [told for told in self.chosen.all(view) if told.number > since and told.at_us <= until_us]


def _more_pages(told: Told) -> bool:
    """Whether what never came may stand on a page that was not read."""
    rest = told.source.channel.startswith("rest") and isinstance(told.view, Mapping)
    return rest and acts.has_more(told.view.get("body"))
