"""What a FIX parser gives: a message, or bytes that are none; and what is wrong with either, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from .tags import BEGIN_STRING, MSG_SEQ_NUM, MSG_TYPE, POSS_DUP_FLAG

GarbledCode = Literal[
    "begin_string",  # the bytes do not start with 8=FIX… as FIX demands
    "body_length",  # 9 is not the second field, no number, or does not lead to 10
    "message_limit",  # 9 claims more than FIX_MESSAGE_BYTES
    "field_limit",  # more than FIX_FIELDS fields
    "check_sum",  # 10 is not the sum of the bytes before it
    "msg_type",  # 35 is not the third field, or empty
]
FlawCode = Literal[
    "no_equals",  # a field without "="
    "tag_number",  # a tag that is no number from 1, or is written with leading zeros
    "empty_value",  # "58=" with nothing behind it
    "duplicate_tag",  # a tag twice outside repeating groups
    "data_length",  # a data field that does not end where its length field says
    "length_without_data",  # a length field whose data field does not follow
    "data_without_length",  # a data field whose length field does not stand before it
    "non_ascii",  # a byte over 127 outside data fields
    # those below are found with a dictionary
    "unknown_msg_type",
    "unknown_tag",
    "tag_not_in_message",
    "required_tag_missing",
    "value_format",
    "value_out_of_range",
    "group_count",
    "group_order",
]

_CODES = frozenset(get_args(GarbledCode) + get_args(FlawCode))


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with received bytes: the sender's fault, kept as a fact.

    `code` is stable. `tag` is the field it is about, 0 where there is none. `text` says it to people.
    """

    code: GarbledCode | FlawCode
    tag: int
    text: str

    def __post_init__(self) -> None:
        if self.code not in _CODES:
            raise ValueError(f"{self.code!r} is no code of a flaw")

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


@dataclass(frozen=True, slots=True)
class Message:
    """One framed message: BeginString, BodyLength, MsgType and CheckSum stand where they must and are right.

    `raw` is the message as it came. `tags` and `values` are those of all its fields in order, 8, 9, 35 and 10
    included; a value has one character a byte (latin-1), so that nothing is lost. `flaws` say what else is
    wrong with it.
    """

    raw: bytes
    tags: tuple[int, ...]
    values: tuple[str, ...]
    flaws: tuple[Flaw, ...] = ()

    def __post_init__(self) -> None:
        tags = self.tags
        if len(tags) < 4 or tags[0] != BEGIN_STRING or tags[2] != MSG_TYPE:
            raise ValueError("a message has 8, 9 and 35 first and 10 last")
        if len(tags) != len(self.values):
            raise ValueError(f"{len(tags)} tags have as many values, not {len(self.values)}")

    @property
    def fields(self) -> tuple[tuple[int, str], ...]:
        """All fields in order, each with its tag and its value."""
        return tuple(zip(self.tags, self.values, strict=True))

    @property
    def begin_string(self) -> str:
        """The value of 8: `FIX.4.4`, `FIXT.1.1`."""
        return self.values[0]

    @property
    def msg_type(self) -> str:
        """The value of 35: `D`, `8`."""
        return self.values[2]

    @property
    def seq_num(self) -> int | None:
        """The value of 34; None where it is missing or no number."""
        return whole_number(self.get(MSG_SEQ_NUM))

    @property
    def is_poss_dup(self) -> bool:
        """Whether 43 says Y."""
        return self.get(POSS_DUP_FLAG) == "Y"

    def get(self, tag: int) -> str | None:
        """The first value of a tag, one character a byte; None where the message has none."""
        return self.values[self.tags.index(tag)] if tag in self.tags else None


@dataclass(frozen=True, slots=True)
class Garbled:
    """Bytes that are no message. FIX says: ignore them, and let the sequence numbers show the loss
    (FIX 4.4 volume 2, "Garbled messages")."""

    raw: bytes
    flaw: Flaw

    def __post_init__(self) -> None:
        if not self.raw:
            raise ValueError("garbled means at least one byte")


Frame = Message | Garbled


def whole_number(text: str | None) -> int | None:
    """A count or a sequence number: decimal digits only, at most 18 of them; else None."""
    if text is None or not text.isdecimal() or not text.isascii() or len(text) > 18:
        return None
    return int(text)
