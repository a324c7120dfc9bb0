"""`flows`: a stream that should speak does.

What `shows` sees: `{gap_s: 12.3}`, the seconds of silence; `{age_s: 1800.5}`, how old a message was; or
`{count: 2}`, how many messages came. All are numbers: `shows: {gap_s: {$gte: 10}}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from harness.case.rules.values import Flows
from harness.checks.choosing import Chosen, Setting, Told, counted, each_once
from harness.checks.each import nothing_selected
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST, match
from harness.matchers.stamps import Stamp, stamp_of
from harness.model import Kind
from harness.world import Need, View


@dataclass(frozen=True, slots=True)
class FlowsJudge:
    """The check over one stream and the witness of its silence."""

    setting: Setting
    rule: Flows
    chosen: Chosen
    witness: Chosen | None

    @classmethod
    def of(cls, setting: Setting, rule: Flows) -> FlowsJudge:
        """The judge of a rule."""
        witness = None if rule.witness is None else setting.chosen(rule.witness)
        return cls(setting, rule, setting.chosen(rule.selection), witness)

    @property
    def needs(self) -> Sequence[Need]:
        """What the stream and the witness need."""
        more = () if self.witness is None else self.witness.needs
        return each_once((*self.chosen.needs, *more))

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """A message that is too old decides at once, the whole window otherwise."""
        until_us, since = window.deadline_us, self.setting.since(window)
        came = self.chosen.of(view, since, until_us)
        old = self._old(came)
        if old is not None:
            return old
        horizon_us = min(
            each.horizon_us(view, until_us) for each in (self.chosen, self.witness) if each is not None
        )
        if self.setting.waits and horizon_us < until_us:
            return Pending(f"{self.chosen} was watched until {seconds(horizon_us)}")
        subject, numbers = self.setting.check.id, tuple(told.number for told in came)
        count = len(came)
        if self.rule.count is not None:
            wrong = match(self.rule.count, count, self.setting.look.template)
            if wrong:
                text = f"{counted(count, 'message')} came on {self.chosen}: {wrong[0].why}"
                shown = {"count": count}
                return Finding(subject, False, until_us, text, shown, None, wrong, numbers)
        if self.rule.gap_us is not None:
            return self._silence(self.rule.gap_us, view, window, came)
        if not came and (self.rule.count is None or not self.chosen.lives(view, since, until_us)):
            return nothing_selected(self.setting, self.chosen, view, window)
        text = f"{counted(count, 'message')} came on {self.chosen}"
        return Finding(subject, True, until_us, text, {"count": count}, events=numbers)

    def _old(self, came: Sequence[Told]) -> Finding | None:
        if self.rule.age_us is None:
            return None
        subject = self.setting.check.id
        for told in came:
            numbers, where = (told.number,), f"the message on {told.source} at {seconds(told.at_us)}"
            stamp = stamp_in(told.view)
            if stamp is None:
                text = f"{where} has no 'timestamp' that can be read"
                return Finding(subject, False, told.at_us, text, told.view, events=numbers)
            youngest_ns = self.setting.arrived(told.at_us) * 1_000 - stamp.ns - stamp.step_ns + 1
            if youngest_ns > self.rule.age_us * 1_000:
                age_us = self.setting.arrived(told.at_us) - stamp.ns // 1_000
                text = f"{where} was {seconds(age_us)} old, and at most {seconds(self.rule.age_us)} is right"
                shown = {"age_s": _s(age_us)}
                return Finding(subject, False, told.at_us, text, shown, told.view, events=numbers)
        return None

    def _silence(self, gap_us: int, view: View, window: Window, came: Sequence[Told]) -> Finding:
        """Judge the longest silence; with a witness, of those in which the witness spoke."""
        subject, since, until_us = self.setting.check.id, self.setting.since(window), window.deadline_us
        start_us = self._start_us(view, window)
        alone = self.rule.count is None and self.rule.age_us is None
        if alone and until_us - start_us <= gap_us:
            watched = f"{self.chosen} was watched for {seconds(until_us - start_us)}"
            text = f"not shown: {watched}, and a silence of more than {seconds(gap_us)} cannot show in that"
            return Finding(subject, False, until_us, text, LOST)
        stamps = [start_us, *(told.at_us for told in came if told.at_us >= start_us), until_us]
        silences = list(pairwise(stamps))
        seen = [] if self.witness is None else [t.at_us for t in self.witness.of(view, since, until_us)]
        if self.witness is not None and not seen:
            text = f"not shown: the witness, {self.witness}, said nothing, so silence shows nothing"
            return Finding(subject, False, until_us, text, LOST)
        if self.witness is not None:
            silences = [each for each in silences if any(each[0] < at < each[1] for at in seen)]
        first, last = max(silences, key=lambda each: each[1] - each[0], default=(until_us, until_us))
        longest_us = last - first
        numbers, shown = tuple(told.number for told in came), {"gap_s": _s(longest_us)}
        if longest_us <= gap_us:
            text = (
                f"{len(came)} messages came on {self.chosen}; the longest silence was {seconds(longest_us)}"
            )
            return Finding(subject, True, until_us, text, shown, events=numbers)
        heard = "" if self.witness is None else f", while {self.witness} was alive"
        text = (
            f"{self.chosen} was silent for {seconds(longest_us)}, from {seconds(first)} to {seconds(last)}"
            f"{heard}; at most {seconds(gap_us)} is right"
        )
        nearest = [told.view for told in came if told.at_us <= first]
        seen_view = nearest[-1] if nearest else None
        return Finding(subject, False, last, text, shown, seen_view, events=numbers)

    def _start_us(self, view: View, window: Window) -> int:
        """From when on it should speak: from `after`, but not before the stream was opened."""
        opened = [e.at_us for e in view.events if e.kind is Kind.OPEN and e.source in self.chosen.sources]
        start_us = max(self.setting.since_us(window), min(opened, default=0))
        return min(start_us, window.deadline_us)


def stamp_in(message: Any) -> Stamp | None:
    """When a message says that it was made: its `timestamp`, or FIX's SendingTime; None where it does not."""
    if not isinstance(message, Mapping):
        return None
    said = message.get("timestamp")
    if said is None and len(message) == 1:
        body = next(iter(message.values()))
        said = body.get("SendingTime") if isinstance(body, Mapping) else None
    stamp = stamp_of(said)
    return stamp if isinstance(stamp, Stamp) else None


def _s(us: int) -> Decimal:
    return (Decimal(us) / 1_000_000).normalize() + 0
