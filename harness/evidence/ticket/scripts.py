"""Commands of other shells and languages: not read, but told, with what to ask the customer for."""

from __future__ import annotations

import re
from typing import Final

from harness.evidence.ticket.clues import Unread
from harness.evidence.ticket.textlines import Form, Lines, Taken

_KINDS: Final = (
    (re.compile(r"Invoke-(?:WebRequest|RestMethod)\b", re.I), "a PowerShell command"),
    (re.compile(r"\brequests\.(?:get|post|delete|put)\(\s*[\"']https?://"), "a request of a Python script"),
    (re.compile(r"PolyApiException\["), "an exception of the client, which tells no request"),
)
_ASK: Final = (
    "it is not read: ask for the request as cURL (a browser's `Copy as cURL`), or for the client's log"
)


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The line of a script that sends something; None where it is none."""
    kind = next((told for pattern, told in _KINDS if pattern.search(lines[at])), "")
    return Taken(at + 1, unread=(Unread(lines.place(at), kind, _ASK),)) if kind else None


FORM: Final = Form("script", take)
