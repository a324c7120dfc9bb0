"""What we sent, by number, and what a ResendRequest is answered with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.limits import FIX_KEPT_MESSAGES

from . import tags

Fields = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An application message as it was sent: MsgType, the fields the case gave, and its SendingTime."""

    msg_type: str
    fields: Fields
    sending_time: str


@dataclass(frozen=True, slots=True)
class Resend:
    """Send the message with this number once more, with 43=Y and 122."""

    number: int
    kept: Kept


@dataclass(frozen=True, slots=True)
class Fill:
    """Send a SequenceReset with 123=Y that carries `number` and sets the peer to `next_number`."""

    number: int
    next_number: int


class Outbox:
    """Application messages by number. Session messages are not kept: they are never sent again."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[int, Kept] = {}

    def keep(self, number: int, kept: Kept) -> None:
        """Remember a message that was just sent; a number that is used again holds the last one."""
        self._kept.pop(number, None)
        self._kept[number] = kept
        if len(self._kept) > FIX_KEPT_MESSAGES:
            del self._kept[next(iter(self._kept))]

    def clear(self) -> None:
        """Forget everything: numbers begin at 1 again."""
        self._kept.clear()

    def answer(self, first: int, last: int) -> Iterator[Resend | Fill]:
        """The answer to a ResendRequest for `first` to `last`, in order: messages that we kept are resent,
        every run of numbers between them is filled (FIX 4.4 volume 2, "Resend Request")."""
        hole: int | None = None
        for number in sorted(kept for kept in self._kept if first <= kept <= last):
            start = first if hole is None else hole
            if start < number:
                yield Fill(start, number)
            yield Resend(number, self._kept[number])
            hole = number + 1
        start = first if hole is None else hole
        if start <= last:
            yield Fill(start, last + 1)


def resent_fields(resend: Resend) -> Fields:
    """The fields of a message that is sent again: as they were, with its own number, 43=Y and 122."""
    marks = ((tags.POSS_DUP_FLAG, "Y"), (tags.ORIG_SENDING_TIME, resend.kept.sending_time))
    given = tuple(
        one for one in resend.kept.fields if one[0] not in (tags.POSS_DUP_FLAG, tags.ORIG_SENDING_TIME)
    )
    return ((tags.MSG_SEQ_NUM, str(resend.number)), *marks, *given)
