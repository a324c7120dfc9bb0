"""Codec, dictionary and times against what is not ours: quickfix, its dictionaries, simplefix, datetime."""

from __future__ import annotations

import inspect
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.fix import checking, codec, dictionary, rewriting, times, written
from harness.wire.fix.codec import Parser, encode, parse, value_text
from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.message import Garbled, Message
from harness.wire.fix.times import unix_us, utc_timestamp
from harness.wire.fix.written import read, reseal, seal, show, tampered

from . import test_dictionary_oracles
from .corpus import CORPUS, HEAD, PARTIES, WRITTEN, mutant
from .judge.dictionaries import installed
from .oracles import JUDGED, judged, need

COMPARED_MUTANTS = 20_000
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
PLAIN_TAGS = st.sampled_from([11, 55, 58, 1, 37, 20001])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Reader:
    """quickfix in a process of its own, where its refusals cannot take the tests down."""

    def __init__(self) -> None:
        path = Path(__file__).with_name("judge") / "reader.py"
        self._process = subprocess.Popen(
            [sys.executable, str(path), str(installed("FIX44.xml"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, *raw: bytes) -> dict[str, Any]:
        """Whether quickfix takes all these messages, and for `fields` their fields, sorted."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        question = {"do": do, "raw": [one.decode("latin-1") for one in raw]}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """quickfix as a reader; without it a test here would show nothing, so it fails."""
    need("quickfix", "fix")
    reader = Reader()
    yield reader
    reader.close()


@pytest.fixture(autouse=True)
def simplefix_is_there() -> None:
    """Without its oracle a test here would show nothing, so it fails."""
    need("simplefix", "dev")


@judged("codec.parse", "written.seal", oracle="quickfix.Message, simplefix")
@pytest.mark.parametrize("raw", [raw for raw in CORPUS if b"96=" not in raw])
def test_both_oracles_read_the_same_fields(raw: bytes, reader: Reader) -> None:
    """quickfix and simplefix find in our messages the fields that we find."""
    import simplefix

    message = parse(raw)
    assert isinstance(message, Message)
    fields = sorted((tag, value) for tag, value in message.fields)
    assert [tuple(one) for one in reader.ask("fields", raw)["fields"][0]] == fields
    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    read = parser.get_message()
    assert sorted((int(tag), value.decode("latin-1")) for tag, value in read.pairs) == fields


@judged("codec.parse", oracle="simplefix (data fields)")
def test_data_with_separators_reads_the_same() -> None:
    """simplefix finds the same data field with SOH inside."""
    import simplefix

    raw = seal(WRITTEN[3])
    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    message = parse(raw)
    assert isinstance(message, Message)
    assert parser.get_message().get(96).decode("latin-1") == message.get(96)


@judged("codec.encode", "codec.value_text", oracle="simplefix")
@given(st.lists(st.tuples(PLAIN_TAGS, st.one_of(PRINTABLE, st.integers(-5, 10**12))), max_size=20))
def test_simplefix_encodes_the_same_bytes(fields: list[tuple[int, str | int]]) -> None:
    """The same fields give the same bytes, BodyLength and CheckSum included."""
    import simplefix

    message = simplefix.FixMessage()
    message.append_pair(8, "FIX.4.4")
    message.append_pair(35, "D")
    for tag, value in fields:
        message.append_pair(tag, value)
    assert encode([(35, "D"), *fields], "FIX.4.4") == message.encode()
    assert all(value_text(value) == str(value) for _, value in fields)


def test_quickfix_takes_every_mutant_that_we_take(reader: Reader) -> None:
    """What we call a clean message, in damaged streams too, quickfix never refuses for its framing."""
    source = random.Random(7)
    frames = [frame for _ in range(COMPARED_MUTANTS) for frame in Parser().feed(mutant(source))]
    clean = [frame.raw for frame in frames if isinstance(frame, Message) and not frame.flaws]
    clean = [raw for raw in clean if raw.isascii() and b"96=" not in raw]
    assert len(clean) > COMPARED_MUTANTS // 4
    assert reader.ask("accept", *clean)["good"]


def test_quickfix_refuses_what_we_call_garbled(reader: Reader) -> None:
    """A wrong CheckSum and a wrong BodyLength are refused by both."""
    for text in (f"8=FIX.4.4|35=0|{HEAD}10=000|", f"8=FIX.4.4|9=5|35=0|{HEAD}"):
        assert not reader.ask("accept", seal(text))["good"]
        assert isinstance(parse(seal(text)), Garbled)


@judged("written.reseal", oracle="quickfix.Message")
def test_quickfix_takes_a_resealed_message(reader: Reader) -> None:
    """After a replacement of any length, BodyLength and CheckSum are what quickfix computes."""
    names = [bytes([65 + size % 26]) * size for size in range(1, 120)]
    changed = [
        reseal(raw, raw.replace(b"ALICE", name)) for raw in CORPUS if b"96=" not in raw for name in names
    ]
    assert reader.ask("accept", *changed)["good"]


@judged("rewriting.rewritten", oracle="quickfix.Message")
def test_quickfix_takes_a_rewritten_message(reader: Reader) -> None:
    """After values were replaced in the written form, quickfix finds length and checksum as it makes them."""
    texts = [show(raw) for raw in CORPUS if b"96=" not in raw]
    changed = [
        read(rewriting.rewritten(text, lambda tag, value, more="Z" * size: more if tag == 49 else value))
        for text in texts
        for size in range(1, 120)
    ]
    assert reader.ask("accept", *changed)["good"]


@judged("rewriting.values", oracle="simplefix (data fields)")
@pytest.mark.parametrize("raw", CORPUS)
def test_simplefix_finds_the_same_values(raw: bytes) -> None:
    """Tags and values of a written message are those that simplefix parses, a data field with SOH too."""
    import simplefix

    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    pairs = [(int(tag), value.decode()) for tag, value in parser.get_message().pairs]
    assert list(rewriting.values(show(raw))) == pairs


@judged("written.tampered", oracle="quickfix.Message")
def test_quickfix_refuses_what_was_tampered_with(reader: Reader) -> None:
    """A replaced BodyLength or CheckSum is what quickfix calls garbled; the same value changes nothing."""
    raw = CORPUS[0]
    [length] = [field for field in raw.split(b"\x01") if field.startswith(b"9=")]
    assert reader.ask("accept", tampered(raw, {9: length[2:].decode()}))["good"]
    assert not reader.ask("accept", tampered(raw, {9: int(length[2:]) + 1}))["good"]
    assert not reader.ask("accept", tampered(raw, {10: "999"}))["good"]


@judged("written.show", "written.read", oracle="the bytes of simplefix's message")
def test_what_simplefix_writes_is_shown_and_read() -> None:
    """The written form of another library's bytes is the one that people expect, and reads back to them."""
    import simplefix

    message = simplefix.FixMessage()
    message.append_pair(8, "FIX.4.4")
    message.append_pair(35, "0")
    raw = message.encode()
    assert show(raw) == "8=FIX.4.4|9=5|35=0|10=163|"
    assert read("8=FIX.4.4|9=5|35=0|10=163|") == raw


@judged("times.utc_timestamp", "times.unix_us", oracle="datetime")
@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_timestamps_are_those_of_datetime(moment: datetime) -> None:
    """A time goes to text and back as datetime has it, cut to milliseconds."""
    aware = moment.replace(tzinfo=UTC)
    at_us = (aware - EPOCH) // timedelta(microseconds=1)
    assert utc_timestamp(at_us) == aware.strftime("%Y%m%d-%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
    assert unix_us(aware.strftime("%Y%m%d-%H:%M:%S.%f")) == at_us
    assert unix_us(utc_timestamp(at_us)) == at_us // 1000 * 1000


@pytest.mark.parametrize(
    "text", ["", "20260301", "20260230-00:00:00", "20260301-24:00:00", "20260301-00:00:61"]
)
def test_what_is_no_timestamp_is_none(text: str) -> None:
    """A text that is no UTCTimestamp gives None."""
    assert unix_us(text) is None


def test_a_leap_second_is_the_second_after() -> None:
    """23:59:60 is midnight."""
    assert unix_us("20161231-23:59:60") == unix_us("20170101-00:00:00")


@judged("checking.find_flaws", oracle="quickfix.DataDictionary.validate")
@pytest.mark.parametrize(
    "body",
    [
        "11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|38=5|",
        f"11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|38=5|{PARTIES}",
        "55=Y|54=1|60=20260301-12:00:00|40=2|38=5|",
        "11=c1|55=Y|54=Z|60=20260301-12:00:00|40=2|38=5|",
        "11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|38=five|",
        "11=c1|55=Y|54=1|60=yesterday|40=2|38=5|",
        "11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|38=5|4999=x|",
        "11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|38=5|150=0|",
        "11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|38=5|453=3|448=me|",
        "11=c1|11=c1|55=Y|54=1|60=20260301-12:00:00|40=2|38=5|",
    ],
)
def test_quickfix_validates_what_we_find_flawless(body: str, reader: Reader) -> None:
    """quickfix's own validation of a message and ours say the same: flawless or not."""
    raw = seal(f"8=FIX.4.4|35=D|{HEAD}{body}")
    message = parse(raw)
    assert isinstance(message, Message)
    assert (not dictionary_for("FIX.4.4").flaws(message)) == reader.ask("validate", raw)["good"]


# ---- the register ----------------------------------------------------------------------------------


def public_functions() -> set[str]:
    """What these modules offer to others."""
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in (codec, dictionary, checking, rewriting, times, written)
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", "") == module.__name__
        and not inspect.isclass(value)
        and not name.startswith("_")
    }


def test_every_public_function_of_fix_has_an_oracle() -> None:
    """Harness and venue both stand on these functions, so each has a test whose oracle is not ours."""
    assert test_dictionary_oracles.__name__ in sys.modules  # importing it fills the register too
    assert public_functions() == set(JUDGED)
