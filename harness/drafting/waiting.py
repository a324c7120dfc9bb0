"""A trade that was told as matched, and of which nothing more came while the customer went on listening.

Nothing of it goes wrong by itself: what is missing is the bug. So such a wait is a symptom only where nothing
else in the evidence went wrong, and stands in no other draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from harness.drafting.steps import DraftStep, Names
from harness.drafting.streaming import Spoken
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.frames import messages_of
from harness.model import Kind

NOTHING: Final[Mapping[str, Any]] = {"$nothing": True}
_SETTLED: Final = ("MINED", "CONFIRMED")
_LEAST_US: Final = 5_000_000  # some blocks: a settlement takes two or three seconds
_MOST_US: Final = 30_000_000


def waiting_steps(
    streams: Iterable[Spoken], placed: Iterable[Placed], orders: Mapping[str, str], names: Names
) -> Iterator[DraftStep]:
    """A wait for each settlement of ours that never came; `placed` tells how long each file goes on.

    A file that goes on telling of other things would have told of this one; behind a close nothing is heard.
    """
    ends: dict[str, int] = {}
    for each in placed:
        if each.is_timed:
            ends[each.clue.place.path] = max(each.at_us, ends.get(each.clue.place.path, 0))
    for spoken in streams:
        if spoken.channel == "ws.user":
            yield from _unsettled(spoken, ends, orders, names)


def _unsettled(
    spoken: Spoken, ends: Mapping[str, int], orders: Mapping[str, str], names: Names
) -> Iterator[DraftStep]:
    stream = spoken.stream
    matched: dict[str, tuple[Placed, Mapping[str, Any]]] = {}
    for each in stream.placed:
        if each.clue.kind is Kind.CLOSED:
            return
        for message in messages_of(each.clue.data.get("wire", {}).get("text", "")):
            if message.get("event_type") != "trade":
                continue
            taker = str(message.get("taker_order_id"))
            if message.get("status") == "MATCHED" and taker in orders:
                matched.setdefault(taker, (each, message))
            else:
                matched.pop(taker, None)
    for taker, (each, message) in matched.items():
        until_us = min(ends.get(each.clue.place.path, 0), each.at_us + _MOST_US)
        witness = next((one.id for one in spoken.steps if each in one.placed and one.came == message), "")
        if until_us - each.at_us < _LEAST_US or not witness:
            continue
        where = {"event_type": "trade", "taker_order_id": orders[taker], "status": {"$in": [*_SETTLED]}}
        words = {"ws": "user", "as": spoken.actor, "within": "", "where": where}
        words["expect"] = {"size": message.get("size")}
        step = DraftStep(names.free("settled"), spoken.channel, spoken.actor, words)
        step.placed, step.came, step.witness = [each, replace(each, at_us=until_us)], NOTHING, witness
        step.doubtful = "the trade is MATCHED, and nothing more was told of it"
        stream.until_us = max(stream.until_us, until_us)
        yield step
