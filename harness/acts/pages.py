"""A list that comes in pages (`pages: all`): followed to its end, and shown as one answer.

A page names the next one by its `next_cursor` (CLOB docs, pagination). Each page is a request of its own;
what they show together has the status and the headers of the last, and the entries of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.acts.acting import Act
from harness.acts.showing import read_response
from harness.decide import Attempt
from harness.model import Event, Kind, Lane
from harness.world import Intent, Need, PollNeed

PAGES: Final = 100
"""A walk goes no further: 10 000 entries of the CLOB's pages are more than any case needs."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The answers of one walk, in order. `cursor` names the page that comes next, None where it is over;
    `wrong` says why a walk that is over did not come to the end of the list."""

    pages: tuple[Event, ...]
    cursor: str | None = None
    wrong: str = ""


def walks(answers: Sequence[Event]) -> list[Walk]:
    """The answers of one lane as walks; the last may not be over."""
    found: list[Walk] = []
    pages: list[Event] = []
    seen: set[str] = set()
    for answer in answers:
        pages.append(answer)
        cursor = _cursor(answer)
        walk = Walk(tuple(pages), cursor)
        if cursor in seen:
            walk = replace(walk, cursor=None, wrong=f"the pages go round: cursor {cursor} came twice")
        elif cursor is not None and len(pages) == PAGES:
            walk = replace(walk, cursor=None, wrong=f"not shown: there are more than {PAGES} pages")
        if walk.cursor is None:
            found.append(walk)
            pages, seen = [], set()
        else:
            seen.add(walk.cursor)
    return [*found, walk] if pages else found


def attempts(act: Act, answers: Sequence[Event]) -> list[Attempt]:
    """What the answers of one lane show: one attempt each, or one for each walk that is over."""
    if not act.paged:
        return [act.read(answer) for answer in answers]
    return [_joined(act, walk) for walk in walks(answers) if walk.cursor is None]


def following(intent: Intent, answers: Sequence[Event]) -> Intent:
    """What is asked behind these answers: the next page, or the first again."""
    told = walks(answers)
    if not told or told[-1].cursor is None:
        return intent
    return {**intent, "params": {**intent.get("params", {}), "next_cursor": told[-1].cursor}}


def turned(need: Need, observe: Callable[[], Sequence[Event]]) -> Need:
    """A need as it is served: behind a page of a list the next one is asked for at once."""
    if not isinstance(need, PollNeed) or not need.paged:
        return need
    lane, intent = need.lane, need.intent

    def answers() -> list[Event]:
        return answers_in(observe(), lane)

    def goes_on() -> bool:
        told = walks(answers())
        return bool(told) and told[-1].cursor is not None

    return replace(need, following=lambda _: following(intent, answers()), goes_on=goes_on)


def answers_in(events: Sequence[Event], lane: Lane) -> list[Event]:
    """What came back in a lane, or that nothing did."""
    return [event for event in events if event.is_in(lane) and event.kind in (Kind.ANSWER, Kind.LOST)]


def _cursor(answer: Event) -> str | None:
    """The next page that an answer names; None where it is the last, or no page."""
    shown = read_response(answer)
    if shown.trouble is not None or not shown.more or shown.view["status"] != 200:
        return None
    return str(shown.view["body"]["next_cursor"])


def _joined(act: Act, walk: Walk) -> Attempt:
    """A walk as one attempt; where its last answer is no page, as that answer."""
    each = [act.read(page) for page in walk.pages]
    last = each[-1]
    lists = [_entries(attempt) for attempt in each]
    if last.trouble is not None or any(entries is None for entries in lists):
        return replace(last, wrong=walk.wrong)
    rows = [row for entries in lists for row in entries or ()]
    view = {**last.view, "body": {**last.view["body"], "data": rows}}
    items = None if last.items is None else tuple(item for attempt in each for item in attempt.items or ())
    return replace(last, view=view, items=items, wrong=walk.wrong)


def _entries(attempt: Attempt) -> list[Any] | None:
    body = attempt.view.get("body") if isinstance(attempt.view, Mapping) else None
    held = body.get("data") if isinstance(body, Mapping) else None
    return held if isinstance(held, list) else None
