"""Items that Burp saves as XML: a request and an answer each, in base64 or as they are.

Source: Burp's "Save items". The XML is not parsed: what is wanted of it are two texts, and no entity of it is
obeyed.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from harness.evidence.exchanges import Omitted, kept

_ITEMS: Final = re.compile(r"<items\b[^>]*\bburpVersion=")
_MESSAGE: Final = re.compile(
    r"<(?P<kind>request|response)(?: base64=\"(?P<coded>true|false)\")?>\s*<!\[CDATA\[(?P<text>.*?)\]\]>",
    re.S,
)
_ITEM: Final = re.compile(r"<item>(?P<inside>.*?)</item>", re.S)


def looks_like(text: str) -> bool:
    """Whether a text is such a file."""
    return _ITEMS.search(text[:4096]) is not None


def undone(text: str) -> str:
    """Its messages as HTTP in text, one behind another."""
    return "\n\n".join(
        _plain(found) for item in _ITEM.finditer(text) for found in _MESSAGE.finditer(item["inside"])
    )


def _plain(found: re.Match[str]) -> str:
    data = found["text"].encode()
    if found["coded"] == "true":
        try:
            data = base64.b64decode(found["text"], validate=False)
        except binascii.Error:
            return ""
    head, _, content = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    if b"\r\n\r\n" in data:
        content = data.partition(b"\r\n\r\n")[2]
    rows = head.decode("latin-1").split("\n")
    headers = [(name.strip(), value.strip()) for name, _, value in (row.partition(":") for row in rows[1:])]
    body = kept(headers, content)
    text = "" if isinstance(body, Omitted) else body.decode("utf-8", "replace")
    coded = ("content-encoding", "content-length")
    rows = [rows[0], *(row for row in rows[1:] if row.partition(":")[0].lower() not in coded)]
    return "\n".join((*rows, "", text))
