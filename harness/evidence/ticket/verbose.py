"""What a client shows of its talk: `>` and `<` before each line, as curl's `-v` and Insomnia's timeline do.

Also curl's `--trace-ascii`. The marks are taken off, and what is left is HTTP as text, which is
read as that. Source: curl's manual page (`-v`, `--trace-ascii`); Insomnia's timeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.evidence.ticket import httptext
from harness.evidence.ticket.answers import BEGIN
from harness.evidence.ticket.textlines import Form, Lines, Taken

_ASKED: Final = re.compile(
    r"(?P<mark>> )(?:GET|POST|PUT|DELETE|PATCH|HEAD) (?:/|https?://)\S* HTTP/[0-9.]+\s*$"
)
_ANSWERED: Final = re.compile(r"< HTTP/[0-9.]+ [1-5][0-9]{2}\b")
_TRACED: Final = re.compile(
    r"(?:[0-9:.]{8,15} )?(?P<way>=>|<=) (?P<verb>Send|Recv) (?P<what>header|data)(?:, | \()[0-9]+"
)
_CELLS: Final = re.compile(r"(?P<at>[0-9a-f]{4,}):(?: (?P<text>.*))?$")
_WIDTH: Final = 64
"""Characters in a line of `--trace-ascii`: a header that is longer goes on in the next one."""
_TOLD: Final = re.compile(r"[*{}] |[*{}]$|== Info:")
_MOST_LINES: Final = 2_000
_STAMPED: Final = re.compile(
    r"(?m)^[0-9 :.kMGT\r-]*?[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} (?=[*<>{}](?: |\r?$))"
)
_METER: Final = re.compile(
    r"(?m)^\r?(?:Note: .*| *% Total .*| +Dload +Upload .*"
    r"|(?: *[0-9.]+[kMG]?){3,}(?: +[0-9-]+:[0-9-]+:[0-9-]+){3}.*)$"
)


def without_meter(text: str) -> str:
    """A text without what curl puts among its talk: the times of `--trace-time`, and its progress meter."""
    if _STAMPED.search(text) is None and "% Total" not in text:
        return text
    return _METER.sub("*", _STAMPED.sub("", text))


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """One request with what came of it; None where none begins here."""
    if _ASKED.match(lines[at]):
        rows = list(_single_blanks(_marked(lines, at)))
    elif _TRACED.match(lines[at]) and lines[at].count("=> Send header"):
        rows = list(_traced(lines, at))
    else:
        return None
    if not rows:
        return None
    plain = Lines(
        lines.path, [text for _, text in rows], [lines.place(number).line or 0 for number, _ in rows]
    )
    taken = httptext.take(plain, 0, pair)
    if taken is None:
        return None
    until = rows[min(taken.until, len(rows)) - 1][0] + 1
    return Taken(until, taken.clues, taken.unread)


FORM: Final = Form("a client's verbose talk", take)


def _marked(lines: Lines, at: int) -> Iterator[tuple[int, str]]:
    """Each line of one exchange with its number, without its mark: request, an empty line, body, answer."""
    answered = behind = False
    for number in range(at, min(at + _MOST_LINES, len(lines))):
        text = lines[number]
        if number > at and (_ASKED.match(text) or BEGIN.match(text)):
            return
        if _TOLD.match(text):
            if behind and answered and "Preparing request" in text:
                return
            continue
        if _ANSWERED.match(text):
            answered, behind = True, False
            yield number, ""
        if text[:1] in "<>" and text[1:2] in (" ", "") and not behind:
            behind = not text[1:].strip()
            yield number, text[2:]
        elif text.startswith("| "):
            behind = True
            yield number, text[2:]
        else:
            behind = behind or not text.strip()
            yield number, text


def _single_blanks(rows: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Rows of which no two that follow each other are empty."""
    before = "first"
    for number, text in rows:
        if text.strip() or before.strip():
            yield number, text
        before = text


def _traced(lines: Lines, at: int) -> Iterator[tuple[int, str]]:
    """The lines of one exchange out of a trace: headers as they are, the pieces of a body joined."""
    number, body, came, last = at, "", False, at
    while number < min(at + _MOST_LINES, len(lines)):
        begun = _TRACED.match(lines[number])
        if begun is None:
            if BEGIN.match(lines[number]):
                break
            number += 1
            continue
        if begun["verb"] == "Send" and came and begun["what"] == "header":
            break
        first = begun["verb"] == "Recv" and not came
        came = came or first
        number += 1
        cells: list[str] = []
        goes_on_at = -1
        while number < len(lines) and (cell := _CELLS.match(lines[number])) is not None:
            text, offset = cell["text"] or "", int(cell["at"], 16)
            cells = [*cells[:-1], cells[-1] + text] if offset == goes_on_at else [*cells, text]
            goes_on_at = offset + _WIDTH if len(text) == _WIDTH else -1
            last, number = number, number + 1
        if begun["what"] == "data":
            body += "".join(cells)
            continue
        if body:
            yield from ((last, body), (last, ""))
            body = ""
        for each in cells:
            yield last, each
    if body:
        yield last, body
