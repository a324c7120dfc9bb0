"""What went wrong in a YAML text: libyaml's terse messages turned into the slip that people make."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_LINE_END: Final = re.compile("\r\n|\n|\r")
# A bracket behind one of these begins a list or a mapping; behind anything else it was meant as text.
_BEFORE_BRACKET: Final = " \t,{[\"'"
_SHOWN: Final = 100
_NOT_CLOSED: Final = "did not find expected ',' or"


@dataclass(frozen=True, slots=True)
class SyntaxTrouble:
    """libyaml's complaint: its words, its place, and where the thing around it began; all from 0."""

    told: str
    line: int
    column: int
    opened: tuple[int, int]


def tab_indents(text: str) -> Iterator[int]:
    """Give the numbers (from 1) of the lines that begin with blanks and a tab."""
    if "\t" not in text:
        return
    for number, line in enumerate(_LINE_END.split(text), 1):
        if "\t" in line[: len(line) - len(line.lstrip(" \t"))]:
            yield number


def diagnose(trouble: SyntaxTrouble, text: str) -> tuple[int, int, str, str]:
    """Turn a complaint into line and column (from 0), code and text with the fix."""
    lines = _LINE_END.split(text)
    line, column = trouble.line, trouble.column
    content = lines[line] if line < len(lines) else ""
    character = content[column : column + 1]
    if "\t" in content[: column + 1] and not content[:column].strip():
        return line, column, "Y012", "a tab indents this line: use blanks"
    slip = None
    if _NOT_CLOSED in trouble.told or "alphabetic or numeric" in trouble.told:
        slip = _unquoted(content, column) or _unquoted_before(content, column)
    if slip:
        begins, word = slip
        told = f"{word[:_SHOWN]} has brackets and stands inside {{ }} or [ ]"
        return line, begins, "Y011", f"{told}: quote it: {_quoted(word)}"
    return _by_words(trouble, content, character)


def _by_words(trouble: SyntaxTrouble, content: str, character: str) -> tuple[int, int, str, str]:
    told, line, column = trouble.told, trouble.line, trouble.column
    opened = trouble.opened
    since = f"line {opened[0] + 1}, column {opened[1] + 1}"
    if "mapping values are not allowed" in told:
        value = _after_first_key(content)
        if "${" in value:
            return line, column, "Y011", f"{value[:_SHOWN]} has a `: ` in it: quote it: {_quoted(value)}"
        hint = "if it belongs to a text, quote the text; if it ends a key, check the indentation"
        return line, column, "Y013", f"a `:` where no key can stand: {hint}"
    if "cannot start any token" in told:
        return line, column, "Y014", f"a text cannot begin with {character}: quote it"
    if "Unicode character escape" in told:
        return (
            line,
            column,
            "Y028",
            "this escape is no character (half of a pair, or too large): write the character",
        )
    if "escape" in told:
        return line, column, "Y015", r"an unknown escape: write \\ for a backslash, or use single quotes"
    if "unexpected end of stream" in told:
        return *opened, "Y016", "the quote that opens here is never closed"
    if "could not find expected ':'" in told:
        return *opened, "Y017", "this line is no `key: value`: is the `:` or the blank after it missing?"
    if "document start" in told:
        hint = "one case a file; take the ... or --- away or split the file"
        return line, column, "Y026", f"a second document begins here: {hint}"
    if "undefined tag handle" in told or "tag" in told:
        return line, column, "Y025", "a tag (!): take it away, or quote the text"
    if _NOT_CLOSED in told:
        return line, column, "Y018", f"a `,` is missing here, or the bracket of {since} is not closed"
    if "node content" in told and character not in ("]", "}"):
        return line, column, "Y018", f"a value is missing before this {character or 'end'}"
    if character in ("]", "}"):
        return line, column, "Y018", f"this {character} closes nothing"
    if "did not find expected key" in told or "did not find expected '-'" in told:
        hint = "check the indentation, and quote texts that hold quotes"
        return line, column, "Y019", f"this does not fit what began in {since}: {hint}"
    return line, column, "Y010", f"this is no YAML: {told or 'the text cannot be read'}"


def _unquoted_before(content: str, column: int) -> tuple[int, str] | None:
    """Find a bare text with a bracket before `column`: a `&` behind it ends libyaml's reading first."""
    quote = ""
    for at, character in enumerate(content[:column]):
        if character in "\"'" and quote in ("", character):
            quote = "" if quote else character
        elif character in "[{" and not quote and at and content[at - 1] not in _BEFORE_BRACKET:
            return _unquoted(content, at)
    return None


def _unquoted(content: str, column: int) -> tuple[int, str] | None:
    """Find the bare text that the bracket at `column` belongs to: where it begins, and all of it."""
    if content[column : column + 1] not in ("{", "["):
        return None
    before = content[:column]
    if not before or before[-1] in _BEFORE_BRACKET:
        return None
    marks = (mark for mark in (": ", ",", "{", "[", "- ") if mark in before)
    begins = max((before.rfind(mark) + len(mark) for mark in marks), default=0)
    begins += len(before[begins:]) - len(before[begins:].lstrip())
    depth, ends = 0, column
    while ends < len(content) and not (depth == 0 and content[ends] in "]}, "):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(content[ends], 0)
        ends += 1
    return begins, content[begins:ends].rstrip().removesuffix(":")


def _after_first_key(content: str) -> str:
    return content.partition(": ")[2].strip()


def _quoted(word: str) -> str:
    if len(word) > _SHOWN:
        return '"…"'
    return f'"{word}"' if '"' not in word and "\\" not in word else "'" + word.replace("'", "''") + "'"
