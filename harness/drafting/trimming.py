"""A long session cut to what a reader can look through: the last steps, and what they refer to.

A bot asks for the book ten times a second. Of reads that went well the last of each kind is kept, of the rest
the last forty steps, and always what a kept step refers to, subscriptions and logons. What is cut is told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from harness.drafting.steps import DraftStep, texts_in

FEW: Final = 24
MOST: Final = 40
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z0-9_-]+)[.}]")
_OPENS: Final = ("logon", "logout", "subscribe", "unsubscribe")


def trimmed(steps: Sequence[DraftStep]) -> tuple[list[DraftStep], list[str]]:
    """The steps that stay, in order, the last of them always; and what was cut, in words."""
    if len(steps) <= FEW:
        return list(steps), []
    asked = {text for _, text in texts_in(steps[-1].words)}
    said: set[tuple[str, str]] = set()
    stay: set[str] = {steps[-1].id}
    acts = 0
    for step in reversed(steps[:-1]):
        if _is_read(step):
            kind = step.actor, str(step.words["rest"]).partition("?")[0]
            keep = kind not in said or bool(asked & {text for _, text in texts_in(step.came)})
            said.add(kind)
        else:
            acts += 1
            keep = acts <= MOST or any(word in step.words for word in _OPENS)
        if keep:
            stay.add(step.id)
    for step in reversed(steps):
        if step.id in stay:
            stay |= set(_referred(step.words))
    cut = [step for step in steps if step.id not in stay]
    return [step for step in steps if step.id in stay], list(_told(cut))


def _is_read(step: DraftStep) -> bool:
    return step.channel == "rest" and str(step.words["rest"]).startswith(("GET ", "HEAD ")) and not step.wrong


def _referred(words: Any) -> Iterator[str]:
    for _, text in texts_in(words):
        yield from _REFERENCE.findall(text)


def _told(cut: Iterable[DraftStep]) -> Iterator[str]:
    """What was cut, a line for each kind of step."""
    reads: Counter[str] = Counter()
    acts: Counter[str] = Counter()
    for step in cut:
        what = re.sub(r"-[0-9]+$", "", step.id) if step.channel != "rest" else str(step.words["rest"])
        (reads if _is_read(step) else acts)[f"{step.actor} {what}"] += 1
    for what, times in sorted(reads.items()):
        yield f"{what}, {times} times: a later one like it is kept, and the draft is long"
    for what, times in sorted(acts.items()):
        yield f"{what}, {times} times: before the last {MOST} steps, and none of them refers to it"
