"""What a ticket's messages name as a key, and how its names and words are shown on a terminal.

Values in a query whose name is a key's are secrets whatever they look like; those in a body or a frame are
where they look like one, too. Names of files hold accounts and keys, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Final
from urllib.parse import parse_qsl

from harness.evidence.ticket.clues import Clue
from harness.redact.places import is_key_name, is_secret_name

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_GOES_ON: Final = re.compile(r"[._-][A-Za-z0-9]")
_SHORTEST: Final = 6
_OTHER_NAMES: Final = frozenset({"key", "sid", "session", "auth", "code", "ticket", "hash", "sign", "hm"})
_NAMES_IN_JSON: Final = frozenset({"sid", "session", "ticket", "sign", "token"})
_FIELD: Final = re.compile(
    r"\"(?P<name>[A-Za-z][\w.-]{1,40})\\*\"\s*:\s*\\*\"(?P<value>[^\"\\\s]{6,400})\\*\""
)
_A_KEY: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.~+/=:-]+")
_AN_ID: Final = re.compile(
    r"0[xX][0-9a-fA-F]+|[0-9]+|.*://.*|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
"""Ids of tokens, addresses and hashes, pages, and the exchange's API keys, which say who somebody is."""
_LOOKS: Final = re.compile(
    r"(?:0x)?[0-9a-fA-F]{32,}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?<![A-Za-z0-9+=])(?=[A-Za-z+=]*[0-9])(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+=]{16,}"
)
_CALLED: Final = re.compile(
    r"((?:key|secret|token|pass(?:word|phrase)?|signature|sig|auth)=)([^&\s/]{6,})", re.I
)
"""A query in a file's name, as a browser saves a page."""


def keys_of(clues: Iterable[Clue]) -> Iterator[tuple[str, str]]:
    """Each value that is a key's by its name, once, with a name of its own: in queries, bodies and frames."""
    known: dict[str, str] = {}
    counts: dict[str, int] = {}
    for clue in clues:
        wire = clue.data.get("wire", {})
        query = str(wire.get("target") or wire.get("url") or "").partition("?")[2]
        told = (row for row in parse_qsl(query) if len(row[1]) >= _SHORTEST and _is_key(row[0], _OTHER_NAMES))
        for name, value in (*told, *_in_text(f"{wire.get('body', '')}{wire.get('text', '')}")):
            if value not in known:
                counts[name] = counts.get(name, 0) + 1
                known[value] = name if counts[name] == 1 else f"{name}-{counts[name]}"
    yield from ((name, value) for value, name in known.items())


def _is_key(name: str, others: Set[str]) -> bool:
    return is_key_name(name) or is_secret_name(name) or name.lower() in others


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    """Fields of JSON, also of JSON in a text of JSON, that are keys by their names and by their looks."""
    for found in _FIELD.finditer(text):
        name, value = found["name"], found["value"]
        if _A_KEY.fullmatch(value) and not _AN_ID.fullmatch(value) and _is_key(name, _NAMES_IN_JSON):
            yield name, value


def veiled(text: str) -> str:
    """A text for a terminal: what looks like a key or a hash in a file's name is shown by its ends, and of
    what is called a key there only where it begins."""
    text = _CALLED.sub(lambda found: f"{found[1]}{found[2][:2]}…", text)
    return _LOOKS.sub(lambda found: _ends(found[0], text, found.start(), found.end()), text)


def _ends(word: str, text: str, start: int, end: int) -> str:
    in_a_name = text[start - 1 : start] in ("/", "_", "-") or _GOES_ON.match(text, end) is not None
    return f"{word[:6]}…{word[-4:]}" if in_a_name and not _ADDRESS.fullmatch(word) else word
