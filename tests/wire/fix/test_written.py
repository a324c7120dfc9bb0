"""FIX as people write it: bytes have one written form, and checksums are put right or kept wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.fix.codec import parse
from harness.wire.fix.message import Garbled, Message
from harness.wire.fix.written import read, reseal, seal, show, tampered

from .corpus import CORPUS


@given(st.binary(max_size=200))
def test_showing_and_reading_is_no_change(raw: bytes) -> None:
    """Any bytes come back from their written form."""
    assert read(show(raw)) == raw
    assert show(raw).isprintable()


def test_a_message_reads_as_people_write_it() -> None:
    """SOH is a bar, a bar in a value is escaped, bytes that cannot be seen are in hex."""
    assert show(b"58=a|b\\c\xff\x01") == r"58=a\|b\\c\xff|"
    assert read("8=FIX.4.4|") == b"8=FIX.4.4\x01"


@pytest.mark.parametrize("text", ["58=é|", "58=\\", "58=\\q|", "58=\\x1|"])
def test_what_is_not_written_fix_is_refused(text: str) -> None:
    """A lone backslash and a character outside ASCII are errors that say what to write."""
    with pytest.raises(ValueError, match=r"not written FIX: use \\xNN"):
        read(text)


def test_what_is_left_open_is_computed() -> None:
    """9 and 10 are computed where they are missing or a question mark, and kept where they stand."""
    right = "8=FIX.4.4|9=5|35=0|10=163|"
    assert show(seal("8=FIX.4.4|35=0|")) == right
    assert show(seal("8=FIX.4.4|9=?|35=0|10=?|")) == right
    assert show(seal("8=FIX.4.4|9=6|35=0|10=000|")) == "8=FIX.4.4|9=6|35=0|10=000|"
    assert isinstance(parse(seal("8=FIX.4.4|9=6|35=0|")), Garbled)


@pytest.mark.parametrize("text", ["35=0|", "8=FIX.4.4|35=0", ""])
def test_a_sealed_message_starts_with_eight_and_ends_with_a_bar(text: str) -> None:
    """A written message that has no beginning or no end is refused."""
    with pytest.raises(ValueError, match="starts with 8="):
        seal(text)


@pytest.mark.parametrize("raw", CORPUS)
def test_a_changed_message_is_right_again(raw: bytes) -> None:
    """After a replacement of another length, 9 and 10 are right where they had been."""
    changed = reseal(raw, raw.replace(b"ALICE", b"\xc2\xabsomeone\xc2\xbb"))
    assert isinstance(parse(changed), Message)
    assert reseal(raw, raw) == raw


def test_a_recorded_error_is_kept() -> None:
    """A BodyLength two too large and a CheckSum one too large are so after the replacement."""
    before = seal("8=FIX.4.4|9=17|35=0|58=secret|10=?|")
    assert show(reseal(before, before.replace(b"secret", b"xx"))).startswith("8=FIX.4.4|9=13|35=0|58=xx|10=")
    wrong = seal("8=FIX.4.4|35=0|58=a|10=?|")
    total = (int(wrong[-4:-1]) + 1) % 256
    wrong = wrong[:-4] + b"%03d\x01" % total
    changed = reseal(wrong, wrong.replace(b"58=a", b"58=b"))
    assert int(changed[-4:-1]) == (total + 1) % 256


def test_what_has_no_nine_and_ten_is_left_alone() -> None:
    """Garbage has no BodyLength to put right."""
    assert reseal(b"garbage", b"rubbish") == b"rubbish"
    assert reseal(b"8=FIX.4.4\x0135=0\x01", b"8=FIX.4.4\x0135=1\x01") == b"8=FIX.4.4\x0135=1\x01"


HEADER = {49: "ME", 56: "YOU", 34: "7", 52: "NOW"}


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("8=F|35=0|112=a|", "35=0|49=ME|56=YOU|34=7|52=NOW|112=a|"),
        ("8=F|35=0|34=5|49=?|", "35=0|56=YOU|52=NOW|34=5|49=ME|"),
        ("8=F|9=?|35=0|49=?|52=?|", "35=0|49=ME|52=NOW|"),
        ("8=F|58=a|35=0|", "58=a|35=0|"),
    ],
    ids=["left out", "given", "lacking on purpose", "no leading 35"],
)
def test_a_session_puts_in_what_it_knows(text: str, body: str) -> None:
    """Left out or a question mark, the session's fields are put in; with a 9 a text may lack them."""
    assert show(seal(text, HEADER)) == show(seal(f"8=F|{body}"))


def test_a_message_with_a_length_is_kept() -> None:
    """With 9 and 10 of its own and no question mark, no byte changes."""
    assert show(seal("8=F|9=5|35=0|10=1|", HEADER)) == "8=F|9=5|35=0|10=1|"


def test_fields_are_tampered_with_after_the_seal() -> None:
    """The first field of each tag is replaced or taken away, and all else stays as it was."""
    sealed = seal("8=F|35=0|34=7|58=34=7|")

    changed = tampered(sealed, {8: "G", 9: 5, 34: None, 10: "01"})

    assert show(changed) == "8=G|9=5|35=0|58=34=7|10=01|"
    with pytest.raises(ValueError, match="the message has no field 112"):
        tampered(sealed, {112: "x"})
