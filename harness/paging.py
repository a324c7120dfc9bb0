"""Reading a list page by page as a strand, once or as a poll."""

from __future__ import annotations

from harness.acts import Act, pages
from harness.acts.showing import no_answer
from harness.decide import Attempt
from harness.model import Event, Lane
from harness.strands import Strand, sent
from harness.world import Need, PollNeed, Sending, World


def read_once(act: Act, lane: Lane, answer: Event) -> Strand[Attempt]:
    """What an answer shows; with `pages: all`, what it and the pages behind it show together."""
    answers = [answer]
    while act.paged and pages.walks(answers)[-1].cursor is not None:
        exchange = (yield from sent(Sending(lane, pages.following(act.intent, answers))))[0]
        if exchange.answer is None:
            return no_answer(answer, "a page was not answered")
        answers.append(exchange.answer)
    return pages.attempts(act, answers)[-1]


def poll_need(world: World, act: Act, lane: Lane, every_us: int, *, delivered: bool) -> Need:
    """What a repeated read needs; the pages of one walk follow each other at once."""
    need = PollNeed(lane, act.intent, every_us, act.following, delivered, paged=act.paged)
    return pages.turned(need, lambda: world.observe().events)
