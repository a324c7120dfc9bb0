"""Recording where accounts are real: no name on the disk before the seal, none in it, or no cassette."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.cassette import Recorder, cassette_path, journal_path, read, salvage
from harness.clock import ManualClock
from harness.files import FileError
from harness.identities import Identities
from harness.model import Event, Kind, Source
from harness.redact import LeakError, Redactor
from harness.seal import Header
from harness.timeline import Timeline
from harness.wire.fix.codec import parse
from harness.wire.fix.message import Garbled, Message
from harness.wire.fix.written import read as read_fix
from harness.wire.fix.written import seal, show

from .samples import ADDRESS, EMAIL, ENCODINGS, ORDER_HASH, event, header

SECRET = "q3Ffx7Tz9kWmN2bV"


def recording(tmp_path: Path, redactor: Redactor, identities: Identities | None) -> Recorder:
    """A recording that has just begun."""
    head = header(actors={"alice": {"address": ADDRESS}})
    return Recorder(cassette_path(tmp_path, head.case, head.name), head, redactor, identities)


def everything(folder: Path) -> bytes:
    """All bytes of all files in a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def say(timeline: Timeline) -> None:
    """A run that names a customer in four ways and tells a secret."""
    body = json.dumps({"owner": "jane_doe77", "maker": ADDRESS, "orderID": ORDER_HASH})
    timeline.append(Kind.PUSH, Source("ws.user"), data={"wire": {"text": "hello jane_doe77"}})
    timeline.append(Kind.SEND, Source("rest"), data={"intent": {}, "wire": {"body": body}})
    timeline.append(Kind.PUSH, Source("ws.user"), data={"wire": {"text": f"{EMAIL} {SECRET}"}})


def test_nothing_named_is_on_the_disk_before_the_seal(tmp_path: Path) -> None:
    """While the run goes on the journal holds no event and no input; a second recording is still refused."""
    redactor = Redactor()
    redactor.register("alice.secret", SECRET)
    recorder = recording(tmp_path, redactor, Identities())
    say(Timeline(ManualClock(), recorder))
    on_disk = everything(tmp_path)
    for text in (ADDRESS, ADDRESS.lower(), ORDER_HASH, EMAIL, "jane_doe77", SECRET):
        assert text.encode() not in on_disk
    with pytest.raises(FileError, match="F005"):
        recording(tmp_path, Redactor(), Identities())
    recorder.close()
    assert salvage(cassette_path(tmp_path, "ESC-1234", "broken")).events == ()


def test_a_sealed_recording_names_nobody(tmp_path: Path) -> None:
    """Header and events are replaced alike, secrets are placeholders, and the header counts both."""
    redactor = Redactor()
    redactor.register("alice.secret", SECRET)
    recorder = recording(tmp_path, redactor, Identities())
    say(Timeline(ManualClock(), recorder))
    sealed = recorder.seal()
    cassette = read(cassette_path(tmp_path, "ESC-1234", "broken"), "ESC-1234")
    assert cassette == sealed
    on_disk = everything(tmp_path)
    for text in (ADDRESS, ORDER_HASH, EMAIL, "jane_doe77", SECRET):
        assert text.lower().encode() not in on_disk.lower()
    body = json.loads(cassette.events[1].data["wire"]["body"])
    assert cassette.events[0].data["wire"]["text"] == f"hello {body['owner']}"
    assert cassette.header.inputs["actors"]["alice"]["address"] == body["maker"]
    assert cassette.header.redaction == {
        "alice.secret": 1,
        "identity.address": 2,
        "identity.email": 1,
        "identity.hash": 1,
        "identity.name": 2,
    }


def test_leased_accounts_are_no_identities(tmp_path: Path) -> None:
    """Without a map the recording is as it always was: every event in the journal, addresses as they came."""
    recorder = recording(tmp_path, Redactor(), None)
    say(Timeline(ManualClock(), recorder))
    assert ADDRESS.encode() in everything(tmp_path)
    cassette = recorder.seal()
    assert ADDRESS in cassette.events[1].data["wire"]["body"]
    assert not [label for label in cassette.header.redaction if label.startswith("identity.")]


@pytest.mark.parametrize(
    "name", ["base64", "base64, 1 before", "base64, 2 before", "base64 of the text", "base64 of EIP-55"]
)
def test_a_recording_that_still_names_somebody_is_destroyed(tmp_path: Path, name: str) -> None:
    """An address in base64 is not replaced; it is found before the file is written, and nothing is."""
    held = ENCODINGS[name](ADDRESS)
    recorder = recording(tmp_path, Redactor(), Identities())
    recorder(event(1, {"wire": {"body": f"zz{held}zz"}}))
    with pytest.raises(LeakError) as refused:
        recorder.seal()
    assert str(refused.value).startswith("R020 ")
    assert "event line 2 holds identity.address (base64)" in str(refused.value)
    assert ADDRESS not in str(refused.value)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_old_cassette_stays_where_the_new_one_is_refused(tmp_path: Path) -> None:
    """A refused recording costs nothing that was there."""
    recorder = recording(tmp_path, Redactor(), Identities())
    say(Timeline(ManualClock(), recorder))
    recorder.seal()
    path = cassette_path(tmp_path, "ESC-1234", "broken")
    before = path.read_bytes()
    again = recording(tmp_path, Redactor(), Identities())
    again(event(1, {"wire": {"body": base64.b64encode(bytes.fromhex(ADDRESS[2:])).decode() + "zz"}}))
    with pytest.raises(LeakError):
        again.seal()
    assert path.read_bytes() == before
    assert not journal_path(path).exists()


ORDER = f"8=FIXT.1.1|35=D|49=BIGFUND_OE|56=VENUE|34=2|52=20260301-12:00:00.000|50=jane|1={ADDRESS}|11=c1|"
PARTIES = "453=2|448=Jörg|447=D|452=1|448=DESK-77|447=D|452=24|55=MARKET-1-YES|48=6529|54=1|38=5|44=0.52|"


def fix_recorded(raw: str) -> tuple[str, Header]:
    """A FIX message as it stands in a cassette without names."""
    from harness.pseudonyms import pseudonymised

    head, [clean] = pseudonymised(header(), [event(1, {"wire": {"raw": raw}}, "fix.oe")], Identities())
    return str(clean.data["wire"]["raw"]), head


def test_a_fix_message_names_nobody_and_is_right() -> None:
    """CompIDs, users, accounts and parties are replaced, prices and the symbol stay, 9 and 10 fit."""
    raw, head = fix_recorded(show(seal(ORDER + PARTIES.replace("ö", "\\xc3\\xb6"))))
    message = parse(read_fix(raw))
    assert isinstance(message, Message)
    for text in ("BIGFUND", "jane", ADDRESS, "J\\xc3", "DESK-77"):
        assert text not in raw
    for text in ("|55=MARKET-1-YES|48=6529|54=1|38=5|44=0.52|", "|452=24|", "|11=c1|", "|447=D|"):
        assert text in raw
    assert re.search(r"\|49=[A-Z]{7}_[A-Z]{2}\|", raw)
    assert head.redaction["identity.name"] == 5
    assert head.redaction["identity.address"] == 1


def test_a_name_of_a_fix_field_is_replaced_in_other_text() -> None:
    """A party that a FIX message names is replaced in a notice before it; the symbol never is."""
    from harness.pseudonyms import pseudonymised

    raw = show(seal("8=FIX.4.4|35=8|448=Acme Trading 7|1=MARKET-1-YES|55=MARKET-1-YES|58=to Acme Trading 7|"))
    events = [
        event(1, {"wire": {"text": "dear Acme Trading 7 in MARKET-1-YES"}}, "ws.user"),
        event(2, {"wire": {"raw": raw}}, "fix.oe"),
    ]
    _, clean = pseudonymised(header(), events, Identities())
    notice, message = clean[0].data["wire"]["text"], clean[1].data["wire"]["raw"]
    name = message.split("|448=")[1].split("|")[0]
    assert name != "Acme Trading 7"
    assert notice == f"dear {name} in MARKET-1-YES"
    assert f"|58=to {name}|" in message
    assert "|55=MARKET-1-YES|" in message


def test_a_wrong_fix_message_is_wrong_by_as_much() -> None:
    """A CheckSum that was 7 too large is so after names of other lengths were put in."""
    right = show(seal(ORDER + PARTIES.replace("ö", "\\xc3\\xb6")))
    wrong = f"{right[:-4]}{(int(right[-4:-1]) + 7) % 256:03d}|"
    raw, _ = fix_recorded(wrong)
    data = read_fix(raw)
    assert isinstance(parse(data), Garbled)
    assert (int(data[-4:-1]) - sum(data[:-7])) % 256 == 7


def test_text_that_is_no_fix_is_replaced_as_text() -> None:
    """What a garbled frame holds is replaced by its look."""
    raw, _ = fix_recorded(f"\\rubbish {ADDRESS}")
    assert ADDRESS not in raw
    assert raw.startswith("\\rubbish 0x")


def test_a_message_is_held_back_whole(tmp_path: Path) -> None:
    """Events come in any thread and number; all of them are in the cassette, in their order."""
    recorder = recording(tmp_path, Redactor(), Identities())
    for number in range(200):
        data: dict[str, Any] = {"wire": {"text": f"{number} {ADDRESS}"}}
        recorder(Event(number, number, Kind.PUSH, Source("ws.user"), data=data))
    texts = [each.data["wire"]["text"] for each in recorder.seal().events]
    assert [text.split()[0] for text in texts] == [str(number) for number in range(200)]
    assert len({text.split()[1] for text in texts}) == 1
