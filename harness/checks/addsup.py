"""`adds_up`: the parts of every selected event sum to its total, exactly. What `shows` sees: the first event
in which they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from typing import Any, Final

from harness.case.rules.values import AddsUp, Path
from harness.checks.always import nothing_selected
from harness.checks.choosing import Chosen, Setting, Told
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import Difference
from harness.matchers.numbers import decimal_of
from harness.references import MissingPartError, dig, path_text
from harness.world import Need, View

_EXACT: Final = Context(prec=1_000, traps=[Inexact])


class NotANumberError(ValueError):
    """A part of an event that should be a number is none: the sender's fault."""


@dataclass(frozen=True, slots=True)
class AddsUpJudge:
    """The check over one selection: the first event that does not add up decides."""

    setting: Setting
    rule: AddsUp
    chosen: Chosen

    @classmethod
    def of(cls, setting: Setting, rule: AddsUp) -> AddsUpJudge:
        """The judge of a rule."""
        return cls(setting, rule, setting.chosen(rule.selection))

    @property
    def needs(self) -> Sequence[Need]:
        """What its selection needs."""
        return self.chosen.needs

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """An event that does not add up decides at once, the whole window otherwise."""
        until_us, subject = window.deadline_us, self.setting.check.id
        came = self.chosen.of(view, self.setting.since(window), until_us)
        for told in came:
            wrong = self._wrong(told)
            if wrong is not None:
                text, differences = wrong
                return Finding(subject, False, told.at_us, text, told.view, None, differences, (told.number,))
        horizon_us = self.chosen.horizon_us(view, until_us)
        if self.setting.waits and horizon_us < until_us:
            return Pending(f"{self.chosen} was watched until {seconds(horizon_us)}")
        if not came:
            return nothing_selected(self.setting, self.chosen, view, window)
        text = f"{len(came)} of {len(came)} on {self.chosen} add up"
        numbers = tuple(told.number for told in came)
        return Finding(subject, True, until_us, text, came[-1].view, events=numbers)

    def _wrong(self, told: Told) -> tuple[str, tuple[Difference, ...]] | None:
        where = f"what came on {told.source} at {seconds(told.at_us)}"
        try:
            parts = [number for part in self.rule.parts for number in _numbers(part, told.view)]
            [total] = _numbers(self.rule.total, told.view)
        except (MissingPartError, NotANumberError) as error:
            return f"{where} cannot be summed: {error}", ()
        if not parts:
            return f"{where} has no parts to sum: {', '.join(map(_named, self.rule.parts))} is empty", ()
        found = sum_of(parts)
        if found == total:
            return None
        apart = _EXACT.subtract(found, total)
        way = "too much" if apart > 0 else "too little"
        sums = " + ".join(format(part, "f") for part in parts[:8]) + (" + …" if len(parts) > 8 else "")
        text = (
            f"{where} does not add up: {sums or 'no parts'} = {found:f}, not {total:f}: {abs(apart):f} {way}"
        )
        name = path_text(self.rule.total).removeprefix(".") if isinstance(self.rule.total, tuple) else ""
        difference = Difference(name, f"{found:f}", f"{total:f}", f"the parts sum to {abs(apart):f} {way}")
        return text, (difference,)


def _named(part: Path | Decimal) -> str:
    return format(part, "f") if isinstance(part, Decimal) else f"${path_text(part)}"


def sum_of(parts: Sequence[Decimal]) -> Decimal:
    """The exact sum of some numbers."""
    total = Decimal(0)
    for part in parts:
        total = _EXACT.add(total, part)
    return total


def _numbers(part: Path | Decimal, view: Any) -> Iterator[Decimal]:
    if isinstance(part, Decimal):
        yield part
        return
    value = dig(view, part, "the event")
    for each in _flat(value):
        number = decimal_of(each)
        if number is None:
            raise NotANumberError(
                f"{path_text(part).removeprefix('.') or 'the event'} is {each!r}, no number"
            )
        yield Decimal(number)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value
