"""What is packed in a ticket's files: read where it lies, in memory, and told of where it cannot be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from harness import limits
from harness.evidence.ticket.folder import gather

CURL = b"curl https://clob.example.com/ok\n"


def zipped(name: str, data: bytes) -> bytes:
    """An archive of one file, and of what a Mac puts beside it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
        archive.writestr("__MACOSX/._x", b"\0\5\x16\7")
    return held.getvalue()


def tarred(data: bytes) -> bytes:
    """An archive of one file."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        row = tarfile.TarInfo("./logs/bot.log")
        row.size = len(data)
        archive.addfile(row, io.BytesIO(data))
    return held.getvalue()


def mailed(data: bytes) -> bytes:
    """A mail as Outlook saves it, with a file and a logo attached."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "kim@client.example", "rejected"
    mail.set_content("Hello,\nsee the log.\n")
    mail.add_alternative("<html><body>Hello,<br>see the log.</body></html>", subtype="html")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename="bot.log")
    mail.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="logo.png")
    return bytes(mail)


@pytest.mark.parametrize(
    ("pack", "path"),
    [
        (lambda data: zipped("logs/bot.log", data), "sent/logs/bot.log"),
        (tarred, "sent/logs/bot.log"),
        (gzip.compress, "sent"),
        (bz2.compress, "sent"),
        (lzma.compress, "sent"),
        (mailed, "sent/bot.log"),
        (lambda data: mailed(zipped("b.log", gzip.compress(data))), "sent/bot.log/b.log"),
        (lambda data: gzip.compress(tarred(data)), "sent/logs/bot.log"),
    ],
)
def test_packed(tmp_path: Path, pack: Callable[[bytes], bytes], path: str) -> None:
    """A log in an archive, under a packer or attached to a mail is read, and its place says where it lay."""
    (tmp_path / "sent").write_bytes(pack(CURL))
    found = gather(tmp_path)
    assert [clue.place.path for clue in found.clues] == [path]
    assert [each.name for each in tmp_path.iterdir()] == ["sent"]


def test_a_mails_words(tmp_path: Path) -> None:
    """The words of a mail are read once, and its picture is told of."""
    (tmp_path / "sent").write_bytes(mailed(CURL))
    found = gather(tmp_path)
    assert found.readings[0].notes == ("Hello,", "see the log.")
    assert [str(each) for each in found.unread] == ["sent/logo.png: a picture: only text is read"]


@pytest.mark.parametrize("cut", [gzip.compress, lambda data: zipped("a", data)])
def test_damaged(tmp_path: Path, cut: Callable[[bytes], bytes]) -> None:
    """An archive that was cut off is told of, and the files beside it are read."""
    data = cut(CURL * 9)
    (tmp_path / "a").write_bytes(data[: len(data) - 9])
    (tmp_path / "b").write_bytes(CURL)
    found = gather(tmp_path)
    assert [clue.place.path for clue in found.clues][-1] == "b"
    assert "damaged" in "; ".join(each.why for each in found.unread)


def test_a_password(tmp_path: Path) -> None:
    """An archive with a password is told of, and what to do."""
    data = bytearray(zipped("bot.log", CURL))
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    (tmp_path / "b").write_bytes(CURL)
    told = "; ".join(str(each) for each in gather(tmp_path).unread)
    assert "a.zip/bot.log: the file: it is packed with a password: unpack it into the folder" in told


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small archive that unpacks to more than the limit is told of and given up."""
    monkeypatch.setattr(limits, "TICKET_FILE_BYTES", 5000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(CURL * 1000))
    (tmp_path / "b").write_bytes(CURL)
    found = gather(tmp_path)
    assert [clue.place.path for clue in found.clues] == ["b"]
    assert "unpacks to more than 5000 bytes" in "; ".join(each.why for each in found.unread)


def test_too_deep(tmp_path: Path) -> None:
    """Archives in archives are followed three deep, and what lies deeper is told of."""
    data = CURL
    for _ in range(4):
        data = gzip.compress(data)
    (tmp_path / "a").write_bytes(data)
    (tmp_path / "b").write_bytes(CURL)
    assert "packed in too many others" in "; ".join(each.why for each in gather(tmp_path).unread)


def words(name: str, xml: str) -> bytes:
    """A document of an office program with one part."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, xml)
    return held.getvalue()


def test_a_document(tmp_path: Path) -> None:
    """What was pasted into a document of Word is read by paragraphs."""
    line = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    xml = f"<w:document>{line.format('Hello &amp; thanks')}{line.format(CURL.decode().strip())}</w:document>"
    (tmp_path / "a.docx").write_bytes(words("word/document.xml", xml))
    found = gather(tmp_path)
    assert [(clue.place.path, clue.place.line) for clue in found.clues] == [("a.docx/text", 2)]
    assert found.readings[0].notes == ("Hello & thanks",)
