"""What the dictionary finds wrong with a message, each with its code and tag."""

from __future__ import annotations

import pytest

from harness.wire.fix.codec import parse
from harness.wire.fix.dictionary import Dictionary, dictionary_for
from harness.wire.fix.message import Message
from harness.wire.fix.written import seal

from .corpus import BOOK, HEAD, ORDER, REPORT

OLD = dictionary_for("FIX.4.4")
NEW = dictionary_for("FIXT.1.1")


def flaws(written: str, dictionary: Dictionary = OLD) -> list[tuple[str, int]]:
    """The codes and tags that a dictionary finds."""
    message = parse(seal(written))
    assert isinstance(message, Message)
    return [(flaw.code, flaw.tag) for flaw in dictionary.flaws(message)]


GOOD = f"8=FIX.4.4|35=D|{HEAD}11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (GOOD, []),
        (GOOD + "453=1|448=me|", []),
        (GOOD + "20001=x|", []),
        (GOOD + "8013=maybe|", [("value_format", 8013)]),
        (GOOD + "4999=x|", [("unknown_tag", 4999)]),
        (GOOD + "150=0|", [("tag_not_in_message", 150)]),
        (GOOD + "38=five|", [("value_format", 38)]),
        (GOOD + "59=Z|", [("value_out_of_range", 59)]),
        (GOOD + "18=6 ?|", [("value_out_of_range", 18)]),
        (GOOD + "11=c1|", [("duplicate_tag", 11)]),
        (GOOD + "453=2|448=me|", [("group_count", 453)]),
        (
            GOOD + "453=1|447=D|448=me|",
            [("group_order", 447), ("required_tag_missing", 448), ("group_count", 453)],
        ),
        (GOOD + "453=1|448=me|447=D|447=D|", [("duplicate_tag", 447)]),
        (GOOD + "453=1|448=me|802=1|803=1|", [("group_order", 803), ("required_tag_missing", 523)]),
        (GOOD.replace("11=c1|", ""), [("required_tag_missing", 11)]),
        (GOOD + "58=|", []),
        (f"8=FIX.4.4|35=ZZ|{HEAD}", [("unknown_msg_type", 35)]),
    ],
)
def test_what_the_dictionary_finds_wrong(written: str, expected: list[tuple[str, int]]) -> None:
    """Each way of not being what the dictionary says is a fact with a code and a tag."""
    assert flaws(written) == expected


def test_the_corpus_has_no_flaw() -> None:
    """Messages that tests start from are right by the dictionary of their version."""
    assert [flaws(text, NEW if "FIXT" in text else OLD) for text in (ORDER, REPORT, BOOK)] == [[], [], []]
