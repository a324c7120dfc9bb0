"""What a message that breaks a rule is answered with."""

from __future__ import annotations

import pytest

from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.events import (
    Failed,
    Ignored,
    Received,
    Refused,
    Sent,
)
from harness.wire.fix.rules import State
from harness.wire.fix.written import seal

from .pair import Pair, by_itself, from_venue, hear, logged_on


@pytest.mark.parametrize(
    ("raw", "code", "reason"),
    [
        (from_venue("8|58=|", 2), "empty_value", 4),
        (from_venue("8|0=x|", 2), "tag_number", 0),
        (from_venue("8|43=N|43=N|", 2), "duplicate_tag", 13),
        (from_venue("8|95=3|58=x|", 2), "length_without_data", 1),
        (from_venue("2|7=1|", 2), "required_tag_missing", 1),
        (from_venue("2|7=9|16=0|", 2), "value_out_of_range", 5),
        (from_venue("4|123=Y|36=2|", 2), "value_out_of_range", 5),
        (from_venue("4|36=1|", 2), "value_out_of_range", 5),
        (from_venue("4|123=Y|", 2), "required_tag_missing", 1),
        (from_venue("8|43=Y|", 1), "required_tag_missing", 1),
        (seal("8=FIX.4.4|35=8|49=VENUE|56=ALICE|34=2|10=?|"), "required_tag_missing", 1),
        (seal("8=FIX.4.4|35=8|49=VENUE|56=ALICE|34=2|52=now|10=?|"), "value_format", 6),
    ],
)
def test_a_message_that_breaks_a_rule_is_rejected(raw: bytes, code: str, reason: int) -> None:
    """A Reject names the message, the tag and the reason; the session lives on."""
    pair = logged_on()
    hear(pair, raw)
    [refused] = pair.us.said(Refused)
    assert (refused.code, refused.reason) == (code, reason)
    [reject] = pair.us.said(Sent)
    assert (reject.message.msg_type, reject.message.get(373)) == ("3", str(reason))
    assert pair.us.session.state is State.ACTIVE


def test_garbled_bytes_get_no_answer() -> None:
    """A message with a wrong CheckSum is told and passed over; its number is still expected."""
    pair = logged_on()
    hear(pair, from_venue("8|11=c1|", 2).replace(b"c1", b"c2"))
    assert [event.garbled.flaw.code for event in pair.us.said(Ignored)] == ["check_sum"]
    assert not pair.us.said(Sent)
    assert pair.us.session.next_in == 2


@pytest.mark.parametrize(
    ("raw", "code", "types"),
    [
        (seal("8=FIX.4.2|35=0|49=VENUE|56=ALICE|34=2|52=20260301-00:00:00|10=?|"), "begin_string", ["5"]),
        (seal("8=FIX.4.4|35=0|49=OTHER|56=ALICE|34=2|52=20260301-00:00:00|10=?|"), "comp_id", ["3", "5"]),
        (seal("8=FIX.4.4|35=0|49=VENUE|56=OTHER|34=2|52=20260301-00:00:00|10=?|"), "comp_id", ["3", "5"]),
        (seal("8=FIX.4.4|35=0|49=VENUE|56=ALICE|52=20260301-00:00:00|10=?|"), "seq_num_missing", ["5"]),
        (
            seal("8=FIX.4.4|35=0|49=VENUE|56=ALICE|34=2|52=20260301-00:02:01|10=?|"),
            "sending_time",
            ["3", "5"],
        ),
        (from_venue("0|43=Y|122=20260301-00:00:01|", 1), "orig_sending_time", ["3", "5"]),
    ],
)
def test_a_message_that_cannot_be_trusted_ends_the_session(raw: bytes, code: str, types: list[str]) -> None:
    """Another version, another party, no number, a wrong time: a Reject where FIX has one, then Logout."""
    pair = logged_on()
    hear(pair, raw)
    assert [event.code for event in pair.us.said(Failed)] == [code]
    assert by_itself(pair.us) == types
    assert pair.us.wants_close


@pytest.mark.parametrize(
    ("fields", "code"), [("8|11=c1|", "first_not_logon"), ("A|98=0|", "logon_required_tag_missing")]
)
def test_the_first_message_must_be_a_logon_that_is_right(fields: str, code: str) -> None:
    """Before their Logon nothing else is taken."""
    pair = Pair()
    pair.us.session.connected(0)
    pair.us.session.logon(0)
    hear(pair, from_venue(fields, 1))
    assert [event.code for event in pair.us.said(Failed)] == [code]


def test_a_logon_before_ours_is_refused() -> None:
    """An initiator speaks first."""
    pair = Pair()
    pair.us.session.connected(0)
    hear(pair, from_venue("A|98=0|108=30|", 1))
    assert [event.code for event in pair.us.said(Failed)] == ["logon_unasked"]


def test_a_reject_is_never_rejected() -> None:
    """A Reject with a flaw is taken as it is: two engines would reject each other for ever."""
    pair = logged_on()
    hear(pair, from_venue("3|45=1|58=|", 2))
    assert not pair.us.said(Sent)
    assert pair.us.said(Received)[-1].flaws[0].code == "empty_value"


def test_names_in_utf8_are_put_up_with() -> None:
    """A byte over 127 in a text is told, and not rejected."""
    pair = logged_on()
    hear(pair, from_venue(r"8|58=caf\xc3\xa9|", 2))
    assert [flaw.code for flaw in pair.us.said(Received)[-1].flaws] == ["non_ascii"]
    assert not pair.us.said(Refused)


def test_a_dictionary_makes_the_session_strict() -> None:
    """With a dictionary in the config, a code that a field does not have is rejected."""
    pair = logged_on(dictionary=dictionary_for("FIX.4.4"))
    hear(pair, from_venue("1|150=0|112=x|", 2))
    assert [(event.code, event.reason) for event in pair.us.said(Refused)] == [("tag_not_in_message", 2)]
