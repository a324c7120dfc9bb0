"""A request in one file and its answer in another: put together where there are as many of both.

A tool that saves a request and an answer apart (`request.txt`, `response.txt`) tells nothing that joins them
but their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from harness.evidence.ticket.clues import REST, Clue, Reading, Unread
from harness.model import Kind

UNTOLD: Final = "no answer is told"
"""Why an answer is lost where a text tells a request alone."""


def parted(reading: Reading) -> Reading:
    """The reading with its answers that stand alone apart from its clues."""
    sends = {each.pair for each in reading.clues if each.kind is Kind.SEND and each.channel == REST}
    alone = [each for each in reading.clues if _is_answer(each) and each.pair not in sends]
    if not alone:
        return reading
    clues = tuple(each for each in reading.clues if each not in alone)
    return replace(reading, clues=clues, alone=tuple(alone))


def joined(readings: Sequence[Reading]) -> list[Reading]:
    """The readings with each answer that stands alone at its request, in place of what its file was guessed
    to tell; as they are where there are more of the one than of the other."""
    alone = [clue for reading in readings for clue in reading.alone]
    waiting = [clue for reading in readings for clue in reading.clues if _waits(clue)]
    if not alone or len(alone) != len(waiting):
        return list(readings)
    given = {id(clue): answer for clue, answer in zip(waiting, alone, strict=True)}
    return [_with_answers(reading, given) for reading in readings]


def _with_answers(reading: Reading, given: dict[int, Clue]) -> Reading:
    clues: list[Clue] = []
    unread = [] if reading.alone else list(reading.unread)
    for clue in () if reading.alone else reading.clues:
        answer = given.get(id(clue))
        if answer is None:
            clues.append(clue)
            continue
        clues.append(replace(answer, place=clue.place, pair=clue.pair, connection=clue.connection))
        unread.append(Unread(answer.place, "an answer", f"it is taken for that of {clue.place}"))
    return replace(reading, clues=tuple(clues), unread=tuple(unread))


def _is_answer(clue: Clue) -> bool:
    return clue.channel == REST and clue.kind is Kind.ANSWER


def _waits(clue: Clue) -> bool:
    return clue.kind is Kind.LOST and clue.data.get("why") == UNTOLD
