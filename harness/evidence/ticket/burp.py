"""Items that Burp saves as XML: a request and an answer each, in base64 or as they are.

Source: Burp's "Save items". The XML is not parsed: what is wanted of it are two texts, and no entity of it is
obeyed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from harness.errors import EvidenceError
from harness.evidence.ticket import rawhttp

_ITEMS: Final = re.compile(r"<items\b[^<>]*\bburpVersion=")
_HEAD: Final = 4_096
_BEGIN: Final = re.compile(r"<(?:request|response)(?: base64=\"(?P<coded>true|false)\")?>\s{0,80}<!\[CDATA\[")
_END: Final = "]]>"


def looks_like(text: str) -> bool:
    """Whether a text is such a file."""
    return _ITEMS.search(text[:_HEAD]) is not None


def undone(text: str) -> str:
    """Its messages as HTTP in text, one behind another.

    Raises EvidenceError I002 where they unpack to more than a file of a ticket may have.
    """
    try:
        return rawhttp.joined(_messages(text))
    except ValueError as error:
        raise EvidenceError("I002", str(error)) from None


def _messages(text: str) -> Iterator[bytes]:
    at = 0
    while (begun := _BEGIN.search(text, at)) is not None:
        at = text.find(_END, begun.end())
        if at < 0:
            return
        inside = text[begun.end() : at]
        try:
            yield base64.b64decode(inside) if begun["coded"] == "true" else inside.encode()
        except binascii.Error:
            continue  # an answer without its request, or the other way, is told by who reads the HTTP
