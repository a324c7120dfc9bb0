"""How strong a case is, for people: what it does not notice, each in a line, and what would notice it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from harness.report.plain import one_line
from harness.strength import GONE, Judged, Mutant, Strength, share

_SHOWN: Final = 36
_LISTED: Final = 12
_ADVICE: Final = {
    "came twice": "say how often it comes: 'count' in the step that takes it, or an exactly_once check",
    "came late": "say until when: 'within' in the step that takes it, or a check with 'within'",
    "came before the one before it": "say the order: a happens check of both",
    "came after all": "its window does not reach there: widen 'within', or start it with 'after'",
    "never came": "nothing waits for it: a step with a 'where' that selects it, or 'count'",
    "was not answered": "nothing looks at its answer: an 'expect' in the step",
}


def told(strength: Strength, took_us: int) -> Iterator[str]:
    """A case's strength, a line at a time. `took_us` is how long its mutants took, in microseconds."""
    yield summary(strength, took_us)
    yield from _survivors(strength)
    allowed = [each for each in strength.judged if each.mutant.allowed == "range"]
    if allowed:
        seen = sum(each.noticed for each in allowed)
        yield f"  allowed by the case on purpose, and not counted: {len(allowed)} ({seen} of them noticed)"
    if strength.never_failed:
        names = ", ".join(strength.never_failed)
        yield f"  never failed under any of them: {names}: only its broken recording shows that it can"
    yield from _besides(strength)


def summary(strength: Strength, took_us: int) -> str:
    """A case's strength in one line."""
    counted, lost = strength.counted, len(strength.survivors)
    whole = len(strength.judged) == len(strength.drawn)
    so_far = "" if whole else f" so far, of {len(strength.drawn)}"
    drawn = f", drawn of {strength.left_out + len(strength.drawn)}" if strength.left_out else ""
    back = sum(each.fate.value == "sent back" for each in strength.judged)
    sent = f" ({back} because a step sends the value on)" if back else ""
    return (
        f"{strength.name}: {len(counted)} mutants{so_far}{drawn}: {len(counted) - lost} noticed{sent}, "
        f"{lost} not: {strength.percent or 0} %, {per_second(strength, took_us)} a second"
    )


def per_second(strength: Strength, took_us: int) -> int:
    """How many mutants were judged in a second."""
    return (len(strength.judged) + len(strength.judged_besides)) * 1_000_000 // max(took_us, 1)


def total(strengths: Sequence[Strength], took_us: int) -> str:
    """All of them in one line."""
    counted = [each for strength in strengths for each in strength.counted]
    noticed = [each for each in counted if each.noticed]
    found = [each for each in noticed if each.finding is not None and not each.mutant.allowed]
    at_once = sum(each.well_told for each in found)
    speed = sum(len(each.judged) + len(each.judged_besides) for each in strengths) * 1_000_000
    return (
        f"{len(strengths)} recordings, {len(counted)} mutants: {len(noticed)} noticed, "
        f"{share(len(noticed), len(counted)) or 0} %; of {len(found)} findings {at_once} first name whose "
        f"words speak of the change, {share(at_once, len(found)) or 0} %; {speed // max(took_us, 1)} a second"
    )


def _survivors(strength: Strength) -> Iterator[str]:
    if strength.survivors:
        yield "  not noticed:"
    for judged in strength.survivors:
        yield f"    {where(strength, judged.mutant)}: {what(judged.mutant)}"
        yield f"      {advice(judged.mutant)}"


def where(strength: Strength, mutant: Mutant) -> str:
    """Which event and part: `12 ws.user(alice) by step filled, size`."""
    event = strength.base.events[mutant.number]
    step = f" {event.step}" if event.step else ""
    path = f", {path_of(mutant)}" if mutant.path else ""
    return one_line(f"event {mutant.number} {event.kind} {event.source}{step}{path}")


def path_of(mutant: Mutant) -> str:
    """The path of what was changed, as people write it: `body.data[0].size`."""
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" if at else part
        for at, part in enumerate(mutant.path)
    )


def what(mutant: Mutant) -> str:
    """What was done: `one unit more, "5" → "6"`."""
    if not mutant.path:
        return f"it {mutant.operator}"
    if mutant.after is GONE:
        return f"{mutant.operator}, was {_value(mutant.before)}"
    return f"{mutant.operator}, {_value(mutant.before)} → {_value(mutant.after)}"


def advice(mutant: Mutant) -> str:
    """What would notice it."""
    who = mutant.named_by[0] if mutant.named_by else ""
    if not mutant.path:
        return f"{_ADVICE[mutant.operator]} ({who} speaks of it)"
    name = next((part for part in reversed(mutant.path) if isinstance(part, str)), "it")
    if mutant.allowed == "form":
        return f'{who} asks only for its form: say which, such as {name}: "${{…}}" of what it must equal'
    return (
        f"{who} reads it, and another value did as well: add expect: {{{name}: …}} to the step that takes it"
    )


def _besides(strength: Strength) -> Iterator[str]:
    """What happens when a value changes that the case does not speak of: for information."""
    every = strength.judged_besides
    if not every:
        return
    seen = sum(each.noticed for each in every)
    yield f"  besides, of {len(every)} values that the case does not speak of, {seen} are noticed; not:"
    named: dict[str, list[str]] = {}
    for judged in every:
        if not judged.noticed:
            event = strength.base.events[judged.mutant.number]
            about = f"{event.number} {event.source}{' ' + event.step if event.step else ''}"
            named.setdefault(about, []).append(path_of(judged.mutant))
    for about, paths in named.items():
        more = f" and {len(paths) - _LISTED} more" if len(paths) > _LISTED else ""
        yield one_line(f"    event {about}: {', '.join(paths[:_LISTED])}{more}")


def _value(value: Any) -> str:
    text = f'"{one_line(value)}"' if isinstance(value, str) else one_line(value)
    if len(text) <= _SHOWN:
        return text
    return f"{text[: _SHOWN // 2]}…{text[-_SHOWN // 3 :]}"  # ids differ at their ends


def as_json(strength: Strength, took_us: int) -> dict[str, Any]:
    """A case's strength as a record, for `--json`."""
    return {
        "item": strength.name,
        "mutants": len(strength.counted),
        "noticed": len(strength.counted) - len(strength.survivors),
        "percent": strength.percent,
        "judged": len(strength.judged),
        "drawn": len(strength.drawn),
        "left_out": strength.left_out,
        "per_second": per_second(strength, took_us),
        "survivors": [_record(strength, judged) for judged in strength.survivors],
        "never_failed": strength.never_failed,
    }


def _record(strength: Strength, judged: Judged) -> dict[str, Any]:
    mutant = judged.mutant
    return {
        "event": mutant.number,
        "where": where(strength, mutant),
        "path": path_of(mutant),
        "operator": mutant.operator,
        "what": what(mutant),
        "named_by": list(mutant.named_by),
        "advice": advice(mutant),
    }
