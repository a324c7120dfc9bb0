"""A secret inside a FIX message: gone from journal and cassette, the message as right or wrong as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.cassette import Recorder, journal_path
from harness.model import Event, Kind, Source
from harness.redact import Redactor
from harness.redacting import redacted_event
from harness.wire.fix.codec import parse
from harness.wire.fix.message import Garbled, Message
from harness.wire.fix.written import read, seal, show

from .samples import at, header

FIX = Source("fix.oe", "alice")
LOGON = "8=FIX.4.4|35=A|49=ALICE|56=VENUE|34=1|52=20260301-12:00:00.000|98=0|108=30|"


def sent(text: str) -> Event:
    """The send of a written message, 9 and 10 filled in where they are missing."""
    return Event(0, 0, Kind.SEND, FIX, "logon", data={"intent": {}, "wire": {"raw": show(seal(text))}})


def recorded(raw: str, redactor: Redactor | None = None) -> str:
    """How a written message stands in a cassette."""
    event = Event(0, 0, Kind.PUSH, FIX, data={"wire": {"raw": raw}})
    return str(redacted_event(event, redactor or Redactor()).data["wire"]["raw"])


def test_a_password_is_gone_and_the_message_still_reads(tmp_path: Path) -> None:
    """Journal and cassette hold a placeholder, and the message is whole: its marks alone are not ASCII."""
    path = at(tmp_path)
    recorder = Recorder(path, header(), Redactor())
    recorder(sent(f"{LOGON}553=alice|554=hunter22|"))
    assert b"hunter22" not in journal_path(path).read_bytes()
    cassette = recorder.seal()
    raw = cassette.events[0].data["wire"]["raw"]
    assert "|554=«passwo»|" in raw
    assert cassette.header.redaction == {"password": 1}
    message = parse(read(raw))
    assert isinstance(message, Message)
    assert [(flaw.code, flaw.tag) for flaw in message.flaws] == [("non_ascii", 554)]


@pytest.mark.parametrize(
    "secret",
    ["pa\\|ss99", "s\\\\lash", "w\\xc3\\xb6rter", "with space"],
    ids=["a bar", "a backslash", "an umlaut", "a space"],
)
def test_a_password_with_escapes_is_gone_whole(secret: str) -> None:
    """What the written form escapes is part of the password, and no piece of it stays."""
    raw = recorded(show(seal(f"{LOGON}554={secret}|")))
    assert raw.count("554=«pas") == 1
    assert secret[-3:] not in raw
    assert isinstance(parse(read(raw)), Message)


def test_a_registered_secret_is_found_behind_escapes() -> None:
    """A secret that the run knows is found in any field, though the written form escapes a byte of it."""
    redactor = Redactor()
    redactor.register("alice.token", "tok|en\\99")
    raw = recorded(show(seal(f"{LOGON}58=it is tok\\|en\\\\99 now|")), redactor)
    assert "|58=it is «alice.t» now|" in raw
    assert isinstance(parse(read(raw)), Message)


@pytest.mark.parametrize("length", ["95=10|", "95=4|", "95=99|", ""])
def test_raw_data_is_gone_with_its_separators(length: str) -> None:
    """A logon's signature in RawData goes whole though it holds SOH and its length is wrong or missing."""
    raw = recorded(show(seal(f"{LOGON}{length}96=sig|na=ure|")))
    assert f"|108=30|{length}96=«rawData·»|10=" in raw


def test_a_wrong_message_stays_wrong() -> None:
    """A message with a wrong CheckSum is garbled in the cassette too; redacting it again changes nothing."""
    wrong = show(seal(f"{LOGON}554=hunter22|10=?|"))
    wrong = f"{wrong[:-4]}{(int(wrong[-4:-1]) + 3) % 256:03d}|"
    once = recorded(wrong)
    assert isinstance(parse(read(once)), Garbled)
    assert recorded(once) == once


def test_what_is_no_fix_is_redacted_as_text() -> None:
    """Bytes that are no message of fields keep their text, without what looks like a secret."""
    redactor = Redactor()
    redactor.register("alice.secret", "q3Ffx7Tz9kWmN2bV")
    data: dict[str, Any] = {"wire": {"raw": "é q3Ffx7Tz9kWmN2bV", "garbled": True}}
    event = Event(0, 0, Kind.PUSH, FIX, data=data)
    assert redacted_event(event, redactor).data["wire"] == {"raw": "é «alice.secret··»", "garbled": True}
