"""What is packed in a file of a ticket: archives, files under gzip, and mails with what is attached to them.

It is unpacked in memory and never written, so that nothing of it stands on a disk; a limit holds for each
file, and for all that one file unpacks to, so that a small archive cannot fill the machine.
"""

from __future__ import annotations

import bz2
import email
import email.policy
import gzip
import html
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import PurePosixPath
from typing import Final

from harness import limits
from harness.evidence.ticket import fiddler, sheets

_STREAMS: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_PIECE: Final = 65_536
_TAR_AT: Final = 257
_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")
_OF_A_MAIL: Final = re.compile(
    rb"^Content-Type:\s*(?:multipart/|message/)|^Content-Transfer-Encoding:\s*base64", re.I | re.M
)
_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_HEAD: Final = 32_768
_DAMAGED: Final = "damaged: what is whole of it was read"
_FAULTS: Final = (
    *(OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError),
    *(zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError),
)
"""What unpackers raise on bytes that are not what they say: RuntimeError where a password is asked for."""
_WORD: Final = "word/document.xml"
_OURS: Final = "__MACOSX"


@dataclass(frozen=True, slots=True)
class Part:
    """A file that was packed in another, named below that one; `why` tells what could not be unpacked."""

    name: str
    data: bytes
    why: str = ""


def is_packed(data: bytes) -> bool:
    """Whether these bytes hold other files, or one under a packer: by what they are, not by a name."""
    is_tar = data[_TAR_AT : _TAR_AT + 5] == b"ustar"
    return data.startswith((*_ZIP, *_STREAMS)) or is_tar or _is_mail(data)


def parts_of(data: bytes, name: str) -> Iterator[Part]:
    """Each file in it, in its order; what cannot be unpacked is a part without bytes that tells why."""
    if data.startswith(_ZIP):
        unpack: Callable[[bytes], Iterator[tuple[str, bytes, str]]] = _of_zip
    elif data[_TAR_AT : _TAR_AT + 5] == b"ustar":
        unpack = _of_tar
    elif _is_mail(data):
        unpack = _of_mail
    else:
        unpack = _of_stream
    left = limits.TICKET_FILE_BYTES
    try:
        for below, content, why in unpack(data):
            left -= len(content)
            if left < 0:
                yield Part(name, b"", f"it unpacks to more than {limits.TICKET_FILE_BYTES} bytes: unpack it")
                return
            yield Part(f"{name}/{below}" if below else name, content, why)
    except _FAULTS as error:
        yield Part(name, b"", f"damaged, or packed with a password: {error}")


def _of_stream(data: bytes) -> Iterator[tuple[str, bytes, str]]:
    content, why = bytearray(), ""
    with _opened(data) as opened:
        while len(content) <= limits.TICKET_FILE_BYTES:
            try:
                piece = opened.read1(_PIECE)
            except _FAULTS:
                why = _DAMAGED
                break
            if not piece:
                break
            content += piece
    yield "", bytes(content), why


def _opened(data: bytes) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    file = io.BytesIO(data)
    if data.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return gzip.GzipFile(fileobj=file) if data.startswith(b"\x1f\x8b") else lzma.LZMAFile(file)


def _of_zip(data: bytes) -> Iterator[tuple[str, bytes, str]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _WORD in archive.namelist():
            with archive.open(_WORD) as file:
                yield "text", _words(file.read(limits.TICKET_FILE_BYTES)).encode(), ""
            return
        if sheets.BOOK in archive.namelist():
            for name, rows in sheets.tables_of(archive):
                yield name, rows.encode(), ""
            return
        sessions = fiddler.parts_of(archive)
        if sessions:
            yield "raw", fiddler.text_of(archive, sessions).encode(), ""
        for row in archive.infolist():
            if row.filename in sessions:
                continue
            if row.is_dir() or row.filename.startswith(_OURS):
                continue
            if row.flag_bits & 1:
                yield row.filename, b"", "it is packed with a password: unpack it into the folder"
                continue
            with archive.open(row) as file:
                yield row.filename, file.read(limits.TICKET_FILE_BYTES + 1), ""


def _words(xml: bytes) -> str:
    """What a document of Word says, a line for each paragraph: its tags are not parsed, only left out."""
    text = re.sub(r"</w:p>|<w:br ?/>", "\n", xml.decode("utf-8", "replace"))
    return html.unescape(re.sub(r"<[^>]*>", "", text.replace("<w:tab/>", "\t")))


def _of_tar(data: bytes) -> Iterator[tuple[str, bytes, str]]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for row in archive:
            file = archive.extractfile(row) if row.isfile() else None
            if file is not None:
                yield row.name.removeprefix("./"), file.read(limits.TICKET_FILE_BYTES + 1), ""


def _is_mail(data: bytes) -> bool:
    head = data[:_HEAD]
    if _HEADER.match(head) is None:
        return False
    end = _BLANK.search(head)
    return end is not None and _OF_A_MAIL.search(head, 0, end.start()) is not None


def _of_mail(data: bytes) -> Iterator[tuple[str, bytes, str]]:
    message = email.message_from_bytes(data, policy=email.policy.default)
    yield from _of_message(message)


def _of_message(message: EmailMessage) -> Iterator[tuple[str, bytes, str]]:
    """What it says, as plain words where it has them, and what is attached."""
    body = message.get_body(("plain", "html"))
    if body is not None:
        yield "text", str(body.get_content()).encode(), ""
    for number, part in enumerate(message.iter_attachments() if message.is_multipart() else (), start=1):
        named = part.get_filename()
        name = PurePosixPath(named.replace("\\", "/")).name if named else f"part-{number}"
        content = part.get_content()
        if isinstance(content, EmailMessage):
            yield name, content.as_bytes(), ""
        else:
            yield name, content if isinstance(content, bytes) else str(content).encode(), ""
