"""The parser says message, garbled or partial; nothing is lost, and every flaw has its code."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.limits import FIX_MESSAGE_BYTES, FIX_NOISE_BYTES
from harness.wire.fix.codec import Parser, encode, parse
from harness.wire.fix.message import Flaw, Frame, Garbled, Message, whole_number
from harness.wire.fix.written import read, seal, show

from .corpus import CORPUS, HEAD, LOGON, ORDER, mutant

MUTANTS = 100_000
STREAM = b"".join(CORPUS)


def frames_of(data: bytes, cuts: list[int] | None = None) -> tuple[list[Frame], bytes]:
    """Feed data in the pieces that the cuts make; give the frames and the tail."""
    parser = Parser()
    frames: list[Frame] = []
    for start, end in pairwise([0, *sorted(cuts or []), len(data)]):
        frames += parser.feed(data[start:end])
    return frames, parser.tail


def message_of(written: str) -> Message:
    """The message that written FIX becomes."""
    frame = parse(seal(written))
    assert isinstance(frame, Message), frame
    return frame


def codes(written: str) -> list[tuple[str, int]]:
    """The codes and tags of a message's flaws."""
    return [(flaw.code, flaw.tag) for flaw in message_of(written).flaws]


def test_a_message_has_its_fields_in_order() -> None:
    """A message keeps its bytes and gives its fields in the order in which they came."""
    message = message_of("8=FIX.4.4|35=0|49=A|56=B|34=12|52=20260301-12:00:00|112=x|")
    assert message.fields[0] == (8, "FIX.4.4")
    assert message.fields[2:6] == ((35, "0"), (49, "A"), (56, "B"), (34, "12"))
    assert (message.begin_string, message.msg_type, message.seq_num) == ("FIX.4.4", "0", 12)
    assert message.get(112) == "x"
    assert message.get(58) is None
    assert not message.flaws


@pytest.mark.parametrize("cut", range(1, len(CORPUS[0])))
def test_a_message_cut_anywhere_is_partial_and_then_whole(cut: int) -> None:
    """Whatever its cut point, the first part gives nothing and the second the whole message."""
    parser = Parser()
    assert parser.feed(CORPUS[0][:cut]) == []
    assert parser.tail == CORPUS[0][:cut]
    assert parser.feed(CORPUS[0][cut:]) == [parse(CORPUS[0])]
    assert parser.tail == b""


def test_a_stream_a_byte_at_a_time_gives_the_same_messages() -> None:
    """Five messages in a row are five messages, whole or byte by byte."""
    whole, tail = frames_of(STREAM)
    assert [frame.raw for frame in whole] == list(CORPUS)
    assert tail == b""
    assert frames_of(STREAM, list(range(len(STREAM)))) == (whole, b"")


@given(st.integers(0, 2**32), st.lists(st.integers(0, 400)))
@example(0, [])
def test_cuts_make_no_difference(seed: int, cuts: list[int]) -> None:
    """Damaged streams give the same frames whole, byte by byte and in random slices, and lose nothing."""
    data = mutant(random.Random(seed))
    whole, tail = frames_of(data)
    assert b"".join(frame.raw for frame in whole) + tail == data
    assert frames_of(data, [cut for cut in cuts if cut <= len(data)]) == (whole, tail)
    assert frames_of(data, list(range(len(data)))) == (whole, tail)


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(data: bytes) -> None:
    """Bytes that are no FIX at all raise nothing and are all given back."""
    frames, tail = frames_of(data)
    assert b"".join(frame.raw for frame in frames) + tail == data


def take_mutants(seed: int, count: int) -> set[str]:
    """Read so many mutants whole, and some of them in random slices too; the codes of their flaws."""
    source = random.Random(seed)
    seen: set[str] = set()
    for number in range(count):
        data = mutant(source)
        frames, tail = frames_of(data)
        assert b"".join(frame.raw for frame in frames) + tail == data
        if number % 100 == 0:
            cuts = [source.randrange(len(data) + 1) for _ in range(source.randint(1, 9))]
            assert frames_of(data, cuts) == (frames, tail)
        for frame in frames:
            flaws = (frame.flaw,) if isinstance(frame, Garbled) else frame.flaws
            seen.update(flaw.code for flaw in flaws)
    return seen


def test_a_hundred_thousand_mutants_raise_nothing_and_lose_nothing() -> None:
    """Every mutant of real messages gives messages and garbled bytes that join to the input."""
    assert take_mutants(20260301, MUTANTS) >= {"begin_string", "body_length", "check_sum", "message_limit"}


@pytest.mark.soak
def test_ten_million_mutants_raise_nothing_and_lose_nothing() -> None:
    """The same a hundred times over, with other seeds."""
    for seed in range(100):
        take_mutants(seed, MUTANTS)


def test_what_is_waited_for_has_a_limit() -> None:
    """Whatever a peer begins and does not end, the parser keeps no more than the largest message."""
    claims = (FIX_MESSAGE_BYTES, FIX_MESSAGE_BYTES + 1, 10**9 - 1, 2**31, 0)
    for begun in [b"8=FIX", b"x", *(b"8=FIX.4.4\x019=%d\x01" % claim for claim in claims)]:
        parser = Parser()
        parser.feed(begun)
        for _ in range(40):
            parser.feed(b"35=8\x01" + b"y" * 65_000)
            assert parser.tail_bytes <= FIX_MESSAGE_BYTES + 64
        assert parser.tail_bytes < 65_000 + FIX_NOISE_BYTES, begun


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (f"8=FIX.4.4|35=0|{HEAD}10=000|", "check_sum"),
        (f"8=FIX.4.4|9=5|35=0|{HEAD}10=?|", "body_length"),
        (f"8=FIX.4.4|9=070|35=0|{HEAD}10=?|", "body_length"),
        (f"8=FIX.4.4|9=x|35=0|{HEAD}10=?|", "body_length"),
        (f"8=FIX.4.4|9=-5|35=0|{HEAD}10=?|", "body_length"),
        (f"8=FIX.4.4|35=0|9=60|{HEAD}10=?|", "body_length"),
        (f"8=FIX.4.4|9=2000000|35=0|{HEAD}10=?|", "message_limit"),
        (f"8=FIX.4.4|{HEAD}35=0|10=?|", "msg_type"),
        ("garbage|10=000|", "begin_string"),
        ("58=FIX me|10=000|", "begin_string"),
        ("8=FIXED.INCOME.5.0|9=5|35=0|10=000|", "begin_string"),
    ],
)
def test_what_is_no_message_is_garbled_with_a_code(written: str, code: str) -> None:
    """Bytes that break framing are garbled, say why, and end before the next message."""
    bad = seal(written) if written.startswith("8=FIX.4.4|") else read(written)
    frames, tail = frames_of(bad + CORPUS[1])
    assert isinstance(frames[0], Garbled)
    assert frames[0].flaw.code == code
    assert frames[0].raw == bad, show(frames[0].raw)
    assert frames[1:] == [parse(CORPUS[1])]
    assert tail == b""


def test_a_msg_type_that_is_not_third_is_garbled() -> None:
    """35 must be the third field, whatever else is right."""
    bad = seal(f"8=FIX.4.4|9=?|{HEAD}35=0|10=?|")
    assert [(type(frame), frame.raw) for frame in frames_of(bad)[0]] == [(Garbled, bad)]
    frame = parse(bad)
    assert isinstance(frame, Garbled)
    assert frame.flaw.code == "msg_type"


def test_a_body_length_that_reaches_into_the_next_message_swallows_nothing() -> None:
    """A message that claims the bytes of the next is garbled, and the next is read."""
    bad = seal(f"8=FIX.4.4|9=150|35=0|{HEAD}10=?|")
    frames, tail = frames_of(bad + CORPUS[0] + CORPUS[1])
    assert [type(frame) for frame in frames] == [Garbled, Message, Message]
    assert frames[0].raw == bad
    assert tail == b""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("58=|", [("empty_value", 58)]),
        ("0=x|", [("tag_number", 0)]),
        ("-5=x|", [("tag_number", 0)]),
        ("012=x|", [("tag_number", 12)]),
        ("1e3=x|", [("tag_number", 0)]),
        ("99999999999999999999=x|", [("tag_number", 0)]),
        ("hello|", [("no_equals", 0)]),
        ("34=3|", [("duplicate_tag", 34)]),
        ("43=N|43=N|", [("duplicate_tag", 43)]),
        ("95=3|96=abc|", []),
        ("95=3|96=a|c|", []),
        ("95=4|96=abc|", [("data_length", 95)]),
        ("95=1000000|96=abc|", [("data_length", 95)]),
        ("95=x|96=abc|", [("data_length", 95)]),
        ("95=3|58=abc|", [("length_without_data", 95)]),
        ("96=abc|", [("data_without_length", 96)]),
        ("354=2|355=ab|", []),
        ("354=9|355=ab|", [("data_length", 354)]),
        (r"58=caf\xc3\xa9|", [("non_ascii", 58)]),
        (r"354=5|355=caf\xc3\xa9|", []),
        ("448=a|448=b|", []),
        ("20126=Y|", []),
    ],
)
def test_each_flaw_of_a_field_has_its_code(fields: str, expected: list[tuple[str, int]]) -> None:
    """What is wrong inside a message is a fact on it with code and tag; the bytes stay as they came."""
    assert codes(f"8=FIX.4.4|35=0|{HEAD}{fields}") == expected


def test_data_keeps_every_byte() -> None:
    """A data field of every byte, SOH too, comes out as it went in."""
    data = bytes(range(256))
    raw = encode([(35, "B"), (95, len(data)), (96, data)], "FIX.4.4")
    message = parse(raw)
    assert isinstance(message, Message)
    assert message.get(96) == data.decode("latin-1")
    assert not message.flaws


def test_the_written_and_the_encoded_message_are_the_same() -> None:
    """encode and seal compute the same BodyLength and CheckSum."""
    fields = parse(CORPUS[0])
    assert isinstance(fields, Message)
    assert encode(fields.fields[2:-1], "FIX.4.4") == CORPUS[0] == seal(ORDER)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [(49, "A"), (35, "0")],
        [(35, "0"), (58, "")],
        [(35, "0"), (58, "a\x01b")],
        [(35, "0"), (0, "x")],
        [(35, "0"), (8, "FIX.4.4")],
        [(35, "0"), (10, "000")],
        [(35, "0"), (35, "0")],
    ],
)
def test_what_no_message_can_hold_is_refused(fields: list[tuple[int, str]]) -> None:
    """encode raises ValueError for fields that make no message: the caller's fault."""
    with pytest.raises(ValueError, match=r"."):
        encode(fields, "FIX.4.4")


def test_nine_and_ten_can_be_wrong_on_purpose() -> None:
    """A case may ask for a wrong BodyLength or CheckSum, and gets just that."""
    raw = encode([(35, "0"), (34, 1)], "FIX.4.4", body_length=7, check_sum=9)
    assert show(raw) == "8=FIX.4.4|9=7|35=0|34=1|10=009|"


def test_noise_costs_no_memory() -> None:
    """A peer that speaks no FIX is garbled piece by piece."""
    frames, tail = frames_of(b"x" * (3 * FIX_NOISE_BYTES + 5))
    assert [len(frame.raw) for frame in frames] == [FIX_NOISE_BYTES] * 3
    assert tail == b"x" * 5


def test_the_largest_message_is_read() -> None:
    """A message of the size that the limit names is a message."""
    text = "x" * (FIX_MESSAGE_BYTES - len("35=B|58=|"))
    raw = encode([(35, "B"), (58, text)], "FIX.4.4")
    assert len(frames_of(raw, [100, 5000])[0]) == 1
    assert isinstance(parse(raw), Message)


def test_parse_takes_exactly_one_message() -> None:
    """parse says garbled of a message that is cut, followed by more, or not there."""
    for raw in (CORPUS[0][:-1], CORPUS[0] + CORPUS[1], b"x", CORPUS[0] + b"8"):
        frame = parse(raw)
        assert isinstance(frame, Garbled)
        assert frame.raw == raw
    with pytest.raises(ValueError, match="no bytes"):
        parse(b"")


def test_numbers_are_digits_only() -> None:
    """A count is decimal digits: no sign, no blank, no other script, no underscore."""
    assert whole_number("007") == 7
    for text in (None, "", "-1", "+1", " 1", "1_0", "²", "٣", "1" * 19):
        assert whole_number(text) is None


def test_values_check_themselves() -> None:
    """A flaw has a known code, garbled bytes are some, and a message starts with 8, 9 and 35."""
    with pytest.raises(ValueError, match="no code"):
        Flaw("nonsense", 1, "x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one byte"):
        Garbled(b"", Flaw("check_sum", 10, "x"))
    with pytest.raises(ValueError, match="8, 9 and 35"):
        Message(b"x", (35,), ("0",))


def test_data_in_the_logon_of_the_corpus_holds_a_separator() -> None:
    """The corpus has a data field with SOH inside, so that every property above covers one."""
    message = message_of(LOGON)
    assert message.get(96) == "a\x01b=c"
