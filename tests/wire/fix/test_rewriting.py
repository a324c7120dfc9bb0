"""Written FIX with values replaced: lengths and checksums follow, errors stay, nothing else moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.fix.codec import parse
from harness.wire.fix.message import Message
from harness.wire.fix.rewriting import Change, rewritten, values
from harness.wire.fix.written import read, seal, show

from .corpus import CORPUS, LOGON, ORDER, WRITTEN
from .oracles import need

NEW = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="«·»"), min_size=1, max_size=20
)
WRONG_BY = st.integers(-9, 9)


@pytest.fixture(autouse=True, scope="module")
def simplefix_is_there() -> None:
    """Without its oracle a test here would show nothing, so it fails."""
    need("simplefix", "dev")


def instead(**changed: str) -> Change:
    """Change the values of some tags: `t11="x"`."""
    return lambda tag, value: changed.get(f"t{tag}", value)


def simplefix_reads(raw: bytes) -> dict[int, bytes]:
    """The fields that simplefix finds, by tag, checked for length and checksum as simplefix makes them."""
    import simplefix

    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    message: Any = parser.get_message()
    again = simplefix.FixMessage()
    for tag, value in message.pairs:
        if int(tag) not in (8, 9, 10):
            again.append_pair(int(tag), value)
    again.append_pair(8, message.get(8), header=True)
    encoded = again.encode()
    assert (again_field(encoded, 9), again_field(encoded, 10)) == (message.get(9), message.get(10))
    return {int(tag): value for tag, value in message.pairs}


def again_field(raw: bytes, tag: int) -> bytes:
    """The value of a field in plain bytes."""
    return raw.split(b"\x01%d=" % tag)[1].split(b"\x01")[0]


@given(NEW)
def test_simplefix_reads_the_rewritten_message(new: str) -> None:
    """A right message stays right, whatever a value is replaced by, and the value is what it was made."""
    after = read(rewritten(show(seal(ORDER)), instead(t11=new)))
    assert simplefix_reads(after)[11] == new.encode()
    assert isinstance(parse(after), Message)


@pytest.mark.parametrize("text", [show(raw) for raw in CORPUS])
def test_what_does_not_change_keeps_every_byte(text: str) -> None:
    """Where no value changes the text is given back as it stands."""
    assert rewritten(text, lambda tag, value: value) == text


@given(WRONG_BY, WRONG_BY, NEW)
def test_a_recorded_error_stays_as_large(length_by: int, sum_by: int, new: str) -> None:
    """BodyLength and CheckSum that were wrong are wrong by the same amount after the replacement."""
    before = spoilt(seal(ORDER), length_by, sum_by)
    assert wrong_by(before) == (length_by, sum_by % 256)
    assert wrong_by(read(rewritten(show(before), instead(t11=new)))) == (length_by, sum_by % 256)


def spoilt(raw: bytes, length_by: int, sum_by: int) -> bytes:
    """The message with another BodyLength, and a CheckSum that is wrong by so much."""
    claimed = int(again_field(raw, 9))
    raw = raw.replace(b"\x019=%d\x01" % claimed, b"\x019=%d\x01" % (claimed + length_by))
    return raw[:-4] + b"%03d\x01" % ((sum(raw[:-7]) + sum_by) % 256)


def wrong_by(raw: bytes) -> tuple[int, int]:
    """By how much a message's BodyLength and CheckSum are wrong, counted by hand."""
    body = raw[raw.index(b"35=") : raw.rindex(b"10=")]
    return int(again_field(raw, 9)) - len(body), (int(raw[-4:-1]) - sum(raw[:-7])) % 256


@pytest.mark.parametrize(
    ("pair", "claimed", "new", "expected"),
    [
        ("95=5|96=a|b=c|", "5", "wxyz", "95=4|96=wxyz|"),
        ("90=3|91=abc|", "3", "longer", "90=6|91=longer|"),
        ("212=3|213=a|b|", "3", "<x/>", "212=4|213=<x/>|"),
        ("354=9|355=abc|", "9", "abcde", "354=11|355=abcde|"),
        ("1401=3|1402=abc|", "3", "ab", "1401=2|1402=ab|"),
    ],
    ids=["RawData with SOH", "SecureData", "XmlData", "a wrong length", "EncryptedPassword"],
)
def test_the_length_of_data_moves_with_it(pair: str, claimed: str, new: str, expected: str) -> None:
    """A length field is as right or as wrong for its new data as it was for the old."""
    tag = pair.split("|")[1].split("=")[0]
    text = rewritten(show(seal(f"8=FIX.4.4|35=A|98=0|{pair}108=30|")), instead(**{f"t{tag}": new}))
    assert f"|98=0|{expected}108=30|" in text
    assert wrong_by(read(text)) == (0, 0)


def test_data_with_separators_is_one_value() -> None:
    """What stands in a data field is given whole, SOH and all, and never as fields of its own."""
    assert dict(values(show(seal(LOGON))))[96] == "a\x01b=c"


def test_garbled_text_is_rewritten_where_it_can_be_told() -> None:
    """A message cut off in the middle has its values changed, and what is no field is offered as tag 0."""
    text = rewritten("junk|8=FIX.4.4|9=5|11=c1|58=half", instead(t11="xx", t0="????", t58="cut"))
    assert text == "????|8=FIX.4.4|9=5|11=xx|58=cut"


def test_each_of_two_messages_is_made_right() -> None:
    """Two messages in one text have their own lengths and checksums."""
    both = seal(WRITTEN[0]) + seal(WRITTEN[0])
    after = read(rewritten(show(both), instead(t11="another")))
    assert after == seal(WRITTEN[0].replace("11=c1", "11=another")) * 2


def test_a_placeholder_is_legible_and_reads_back() -> None:
    """The marks of a placeholder are a byte each: BodyLength stays, and the text can be read and checked."""
    text = rewritten(show(seal("8=FIX.4.4|35=A|554=pa\\|ss1|")), instead(t554="«pwd~2·»"))
    assert "|554=«pwd~2·»|" in text
    message = parse(read(text))
    assert isinstance(message, Message)
    assert message.get(554) == "«pwd~2·»"
    assert rewritten(text, lambda tag, value: value) == text


def test_framing_is_never_offered() -> None:
    """8, 9, 10 and 35 are not for a redaction to change."""
    seen: list[int] = []

    def note(tag: int, value: str) -> str:
        seen.append(tag)
        return value

    rewritten(show(CORPUS[0]), note)
    assert 11 in seen
    assert not {8, 9, 10, 35} & set(seen)
