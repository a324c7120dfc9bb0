"""What a ticket's messages name as a key, and how its names and words are shown on a terminal.

Values in a query whose name is a key's are secrets whatever they look like. Names of files hold accounts and
keys, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl

from harness.evidence.ticket.clues import Clue
from harness.redact.places import is_key_name, is_secret_name

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_GOES_ON: Final = re.compile(r"[._-][A-Za-z0-9]")
_SHORTEST: Final = 6
_OTHER_NAMES: Final = frozenset({"key", "sid", "session", "auth", "code", "ticket", "hash", "sign", "hm"})
_LOOKS: Final = re.compile(
    r"(?:0x)?[0-9a-fA-F]{32,}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?<![A-Za-z0-9+=])(?=[A-Za-z+=]*[0-9])(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+=]{16,}"
)
_CALLED: Final = re.compile(
    r"((?:key|secret|token|pass(?:word|phrase)?|signature|sig|auth)=)([^&\s/]{6,})", re.I
)
"""A query in a file's name, as a browser saves a page."""


def keys_of(clues: Iterable[Clue]) -> Iterator[tuple[str, str]]:
    """Name and value of each parameter of a query that is a key's by its name."""
    for clue in clues:
        wire = clue.data.get("wire", {})
        query = str(wire.get("target") or wire.get("url") or "").partition("?")[2]
        for name, value in parse_qsl(query):
            is_key = is_key_name(name) or is_secret_name(name) or name.lower() in _OTHER_NAMES
            if is_key and len(value) >= _SHORTEST:
                yield name, value


def veiled(text: str) -> str:
    """A text for a terminal: what looks like a key or a hash in a file's name is shown by its ends, and of
    what is called a key there only where it begins."""
    text = _CALLED.sub(lambda found: f"{found[1]}{found[2][:2]}…", text)
    return _LOOKS.sub(lambda found: _ends(found[0], text, found.start(), found.end()), text)


def _ends(word: str, text: str, start: int, end: int) -> str:
    in_a_name = text[start - 1 : start] in ("/", "_", "-") or _GOES_ON.match(text, end) is not None
    return f"{word[:6]}…{word[-4:]}" if in_a_name and not _ADDRESS.fullmatch(word) else word
