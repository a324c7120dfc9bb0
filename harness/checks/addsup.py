"""`adds_up`: the parts of every selected event sum to its total, exactly. What `shows` sees: the first event
in which they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal, Inexact
from typing import Any, Final

from harness.case.rules.values import AddsUp, Path
from harness.checks.choosing import Setting, Told
from harness.checks.each import EachJudge, Wrong
from harness.finding import seconds
from harness.matchers import Difference
from harness.matchers.numbers import decimal_of
from harness.references import MissingPartError, dig, path_text

_EXACT: Final = Context(prec=1_000, traps=[Inexact])


class NotANumberError(ValueError):
    """A part of an event that should be a number is none: the sender's fault."""


def adds_up_judge(setting: Setting, rule: AddsUp) -> EachJudge:
    """The judge of a rule."""
    return EachJudge(setting, setting.chosen(rule.selection), lambda told: _wrong(rule, told), "add up")


def _wrong(rule: AddsUp, told: Told) -> Wrong | None:
    where = f"what came on {told.source} at {seconds(told.at_us)}"
    try:
        parts = [number for part in rule.parts for number in _numbers(part, told.view)]
        [total] = _numbers(rule.total, told.view)
    except (MissingPartError, NotANumberError) as error:
        return f"{where} cannot be summed: {error}", ()
    if not parts:
        return f"{where} has no parts to sum: {', '.join(map(_named, rule.parts))} is empty", ()
    found = sum_of(parts)
    if found == total:
        return None
    apart = _EXACT.subtract(found, total)
    way = "too much" if apart > 0 else "too little"
    sums = " + ".join(format(part, "f") for part in parts[:8]) + (" + …" if len(parts) > 8 else "")
    text = f"{where} does not add up: {sums or 'no parts'} = {found:f}, not {total:f}: {abs(apart):f} {way}"
    name = path_text(rule.total).removeprefix(".") if isinstance(rule.total, tuple) else ""
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
