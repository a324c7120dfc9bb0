"""Reading a list page by page as a strand, once or as a poll."""

from __future__ import annotations

from collections.abc import Sequence

from harness.acts import Act, pages
from harness.acts.showing import no_answer
from harness.decide import Attempt
from harness.model import Event, Kind, Lane
from harness.strands import Strand, sent
from harness.world import Intent, PollNeed, Sending, World


def answers_in(events: Sequence[Event], lane: Lane) -> list[Event]:
    """What came back in a lane, or that nothing did."""
    return [event for event in events if event.is_in(lane) and event.kind in (Kind.ANSWER, Kind.LOST)]


def read_once(act: Act, lane: Lane, answer: Event) -> Strand[Attempt]:
    """What an answer shows; with `pages: all`, what it and the pages behind it show together."""
    answers = [answer]
    while act.paged and pages.walks(answers)[-1].cursor is not None:
        exchange = (yield from sent(Sending(lane, pages.following(act.intent, answers))))[0]
        if exchange.answer is None:
            return no_answer(answer, "a page was not answered")
        answers.append(exchange.answer)
    return pages.attempts(act, answers)[-1]


def poll_need(world: World, act: Act, lane: Lane, every_us: int, *, delivered: bool) -> PollNeed:
    """What a repeated read needs; the pages of one walk follow each other at once."""
    if not act.paged:
        return PollNeed(lane, act.intent, every_us, act.following, delivered)

    def following(attempt: int) -> Intent:
        return pages.following(act.intent, answers_in(world.observe().events, lane))

    def goes_on() -> bool:
        told = pages.walks(answers_in(world.observe().events, lane))
        return bool(told) and told[-1].cursor is not None

    return PollNeed(lane, act.intent, every_us, following, delivered, goes_on)
