"""Message faults: what a case sees of what came, when something goes wrong on purpose on the way.

Pure functions of what came and the fault, so that a replay does them again. Socket faults are done by the
channels and recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.case.values import Fault
from harness.decide import Attempt, Item


def delayed(attempt: Attempt, us: int) -> Attempt:
    """An answer that reaches the case later."""
    return replace(attempt, at_us=attempt.at_us + us)


def faulted(items: Sequence[Item], fault: Fault | None, from_number: int) -> Sequence[Item]:
    """The messages of a stream as a step with a fault sees those behind `from_number`.

    `delay` lets each come later, `duplicate` comes twice, `reorder` holds every other one back until its
    neighbour has come: a last one without a neighbour is held back for good.
    """
    if fault is None or fault.of_socket:
        return items
    before = [item for item in items if item.number <= from_number]
    after = [item for item in items if item.number > from_number]
    if fault.kind == "delay":
        after = [replace(item, at_us=item.at_us + fault.us) for item in after]
    elif fault.kind == "duplicate":
        after = [each for item in after for each in (item, replace(item, key=(*item.key, "again")))]
    elif fault.kind == "reorder":
        pairs = zip(after[::2], after[1::2], strict=False)
        swapped = ((late, replace(early, number=late.number, at_us=late.at_us)) for early, late in pairs)
        after = [item for pair in swapped for item in pair]
    return [*before, *after]
