"""The debug log of Go's `resty`, as HTTP messages in text. Source: resty 2, SetDebug(true)."""

from __future__ import annotations

import re
from typing import Final

_FIRST: Final = re.compile(r"^(?P<method>[A-Z]+)  (?P<target>\S+)  (?P<version>HTTP/[0-9.]+)$", re.M)
_STATUS: Final = re.compile(r"^STATUS +: (?P<status>[0-9]{3}.*)$", re.M)
_NAMED: Final = re.compile(r"^(?:HOST|RECEIVED AT) +: (?P<value>.*)$", re.M)
_LEFT_OUT: Final = re.compile(r"^(?:PROTO|TIME DURATION|HEADERS) *:.*\n|^(?:~~~ \w+ ~~~|[=-]{60,})\n", re.M)
_BODY: Final = re.compile(r"^BODY +:\n", re.M)
_HEADER: Final = re.compile(r"^\t(?=[A-Za-z])", re.M)


def undone(text: str) -> str:
    """The text with each request and answer as HTTP writes it; other lines stay."""
    text = _FIRST.sub(r"\g<method> \g<target> \g<version>", text.replace("\r\n", "\n"))
    text = _STATUS.sub(r"\nHTTP/1.1 \g<status>", text)
    text = _NAMED.sub(_header, text)
    return _HEADER.sub("", _BODY.sub("\n", _LEFT_OUT.sub("", text)))


def _header(found: re.Match[str]) -> str:
    name = "Host" if found[0].startswith("HOST") else "X-Received-At"
    return f"{name}: {found['value']}"
