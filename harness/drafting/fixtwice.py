"""FIX messages that two files of a ticket tell: an engine's log, and what was pasted of it into a mail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import FIX, MENDED

_NAMES_IT: Final = ("49", "56", "34", "35", "52")
_FIELD: Final = re.compile(r"(?:^|[|\x01])([0-9]+)=([^|\x01]*)")
_WHAT: Final = "a FIX message", "another file tells it, too"


def once(placed: Iterable[Placed], noise: Counter[tuple[str, str]]) -> list[Placed]:
    """All that was placed, each FIX message as the file tells it that tells the most of them as they were.

    A message is the same where sender, target, number, type and SendingTime are; one file tells each once.
    """
    rows = [(each, _key(each)) for each in placed]
    worth: Counter[str] = Counter()
    for each, key in rows:
        if key:
            worth[each.clue.place.path] += _worth(each)
    best: dict[tuple[str, ...], str] = {}
    for each, key in rows:
        path = each.clue.place.path
        if key and (key not in best or worth[path] > worth[best[key]]):
            best[key] = path
    kept = [each for each, key in rows if not key or best[key] == each.clue.place.path]
    if len(kept) < len(rows):
        noise[_WHAT] += len(rows) - len(kept)
    return kept


def _key(each: Placed) -> tuple[str, ...]:
    """What names a message; nothing where it is no FIX message that tells all of it."""
    if each.clue.channel != FIX:
        return ()
    fields = dict(_FIELD.findall(str(each.clue.data.get("wire", {}).get("raw", ""))))
    return tuple(fields[tag] for tag in _NAMES_IT) if all(tag in fields for tag in _NAMES_IT) else ()


def _worth(each: Placed) -> int:
    """How much of a message a copy kept: its characters, none where it had to be mended."""
    return 0 if MENDED in each.clue.data else len(str(each.clue.data["wire"].get("raw", "")))
