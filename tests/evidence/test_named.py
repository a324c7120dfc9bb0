"""Nobody is named in evidence: customers' identities are images in the file, and in the journal before it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from harness.cassette import journal_path, read
from harness.evidence.exchanges import came, sent, timeless
from harness.evidence.keeping import Clean, EvidenceRecorder, evidence_header, write_evidence
from harness.model import Event

CUSTOMER = "0xE47d42144eeC15ebEAdf2D53f908D8B0DB4D9180"
ORDER = "0x310f7ba91b89cab9ac4e12bd3e394ec9f8928d12d33ce7997e91ea6894b6d663"
NAMED = [CUSTOMER, ORDER, "jane.doe@customer.org", "4f2a1f0e-52f6-4d0a-9c52-6f7f2a9a3e11"]
HEADER = evidence_header(Path("evidence.jsonl"), "capture", "2026-11-22T08:06:00Z", 1_795_334_760_000_000)


def exchange(body: bytes) -> list[Event]:
    """A customer's positions are asked for, and an answer comes that names the customer."""
    asked = sent("GET", f"https://data.example.com/positions?user={CUSTOMER}", [], b"")
    return list(timeless([(asked, came(200, [("content-type", "application/json")], body))]))


def told() -> bytes:
    fields = f'"user":"{CUSTOMER.lower()}","order":"{ORDER}","email":"{NAMED[2]}","trade":"{NAMED[3]}"'
    return ("{" + fields + ',"price":0.52}').encode()


def test_nobody_is_named_and_equal_stays_equal(tmp_path: Path) -> None:
    """Address, order, email and id are others, alike wherever they stand; host and money stay."""
    path = tmp_path / "evidence.jsonl"
    write_evidence(path, HEADER, exchange(told()), Clean())

    text = path.read_text().lower()
    assert [name for name in NAMED if name.lower().removeprefix("0x") in text] == []
    send, answer, _ = (event.data for event in read(path).events)
    (image,) = re.findall(r"user=(0x\w{40})$", send["wire"]["target"])
    assert f'"user":"{image.lower()}"' in answer["wire"]["body"]
    assert send["wire"]["base"] == "https://data.example.com"
    assert '"price":0.52' in answer["wire"]["body"]
    assert read(path).header.redaction["identity.address"] == 2


def test_the_journal_names_nobody_either(tmp_path: Path) -> None:
    """While a capture goes on, what is on the disk names nobody, and neither does the sealed file."""
    path = tmp_path / "evidence.jsonl"
    recorder = EvidenceRecorder(path, HEADER, Clean())
    for event in exchange(told()):
        recorder(event)
        journal = journal_path(path).read_text().lower()
        assert [name for name in NAMED if name.lower().removeprefix("0x") in journal] == []
    recorder.seal({})

    assert len(read(path).events) == 3
    assert not journal_path(path).exists()


def test_a_body_that_cannot_be_cleaned_is_left_out(tmp_path: Path) -> None:
    """Where somebody is named in an encoding that cannot be replaced, the body goes and is told of."""
    path = tmp_path / "evidence.jsonl"
    packed = base64.b64encode(b"packed:" + bytes.fromhex(CUSTOMER[2:]) + b":end")
    write_evidence(path, HEADER, exchange(b'{"blob":"' + packed + b'"}'), Clean())

    _, answer, _ = read(path).events
    assert answer.data["wire"]["body_omitted"].startswith("somebody is named in it")
    assert packed.decode() not in path.read_text()
