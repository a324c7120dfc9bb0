"""What went wrong in a YAML text: libyaml's terse messages turned into the slip that people make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.yamltabs import LINE_END, STRAY_TAB, TAB_INDENT

# A bracket behind one of these begins a list or a mapping; behind anything else it was meant as text.
_BEFORE_BRACKET: Final = " \t,{[\"'"
_SHOWN: Final = 100
# What makes a bare text end inside { } or [ ], or anywhere, becomes a letter; the rest keeps words apart.
_LETTERS: Final = str.maketrans(dict.fromkeys("{}[],:#@%`*&!|>\\\"'", "_"))
_NOT_CLOSED: Final = "did not find expected ',' or"


@dataclass(frozen=True, slots=True)
class SyntaxTrouble:
    """libyaml's complaint: its words, its place, and where the thing around it began; all from 0."""

    told: str
    context: str
    line: int
    column: int
    opened: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slip:
    """A syntax error as the slip that people make: place (from 0), code, and a text with the fix.

    `mend` are the columns of its line that can be taken for text, so that the rest can be read too.
    """

    line: int
    column: int
    code: str
    text: str
    mend: tuple[int, int] | None = None


def mended(text: str, slip: Slip) -> str:
    """The text with the slip's columns as plain letters: nothing else moves, so that all places stay."""
    if slip.mend is None:
        return text
    begins = 0
    for _ in range(slip.line):
        end = LINE_END.search(text, begins)
        begins = end.end() if end else len(text)
    first, last = begins + slip.mend[0], begins + slip.mend[1]
    return text[:first] + text[first:last].translate(_LETTERS) + text[last:]


def says_more_behind(text: str, line: int) -> str:
    """What a problem that ends the reading adds where anything stands on the lines behind `line` (from 0)."""
    behind = LINE_END.split(text)[line + 1 :]
    return "; nothing behind it was read" if any(each.strip() for each in behind) else ""


def diagnose(trouble: SyntaxTrouble, text: str) -> Slip:
    """Turn a complaint into the slip behind it."""
    lines = LINE_END.split(text)
    line, column = trouble.line, trouble.column
    content = lines[line] if line < len(lines) else ""
    if "\t" in content[: column + 1] and not content[:column].strip():
        return Slip(line, column, "Y012", TAB_INDENT)
    slip = None
    if _NOT_CLOSED in trouble.told or "alphabetic or numeric" in trouble.told:
        slip = _unquoted(content, column) or _unquoted_before(content, column)
    if slip:
        begins, word = slip
        told = f"{word[:_SHOWN]} has brackets and stands inside {{ }} or [ ]: quote it: {_quoted(word)}"
        closed = word.count("{") == word.count("}") and word.count("[") == word.count("]")
        return Slip(line, begins, "Y011", told, (begins, begins + len(word)) if closed else None)
    return _swallowed(lines, line, column) or _by_words(trouble, content)


def _swallowed(lines: list[str], line: int, column: int) -> Slip | None:
    """A quote that was not closed on its line and ended with the next one further down, if there is one.

    A line with an odd number of quotes opens such a text; the complaint stands right behind its end.
    """
    if line >= len(lines) or not lines[line][:column].rstrip().endswith('"'):
        return None
    ended = len(lines[line][:column].rstrip())
    for at in range(line - 1, -1, -1):
        quotes = [
            place
            for place, one in enumerate(lines[at])
            if one == '"' and lines[at][place - 1 : place] != "\\"
        ]
        if len(quotes) % 2:
            where = f"line {line + 1}, column {ended}"
            text = f"the quote that opens here is closed only in {where}: close it where its text ends"
            return Slip(at, quotes[-1], "Y016", text)
        if quotes:
            return None
    return None


def _by_words(trouble: SyntaxTrouble, content: str) -> Slip:
    told, line, column = trouble.told, trouble.line, trouble.column
    opened = trouble.opened
    character = content[column : column + 1]
    since = f"line {opened[0] + 1}, column {opened[1] + 1}"
    if "mapping values are not allowed" in told:
        return _colon(content, line, column)
    if "cannot start any token" in told:
        if character == "\t":
            return Slip(line, column, "Y012", STRAY_TAB)
        return _beginning(line, column, character)
    if "alphabetic or numeric" in told or "comment or line break" in told:
        return _beginning(*opened, content[opened[1] : opened[1] + 1])
    if "directive" in trouble.context:
        return Slip(line, 0, "Y027", "a line that begins with % is a directive: take it away")
    if "block sequence entries are not allowed" in told:
        hint = "begin the list on a line of its own, or quote the text"
        return Slip(line, column, "Y029", f"a list cannot begin behind its key: {hint}")
    if "Unicode character escape" in told:
        hint = "this escape is no character (half of a pair, or too large): write the character"
        return Slip(line, column, "Y028", hint)
    if "escape" in told or "hexdecimal" in told:
        at = max(content.rfind("\\", 0, column + 1), 0)
        hint = r"an unknown escape: write \\ for a backslash, or use single quotes"
        return Slip(line, at, "Y015", hint, (at, at + 2))
    if "unexpected end of stream" in told:
        return Slip(*opened, "Y016", "the quote that opens here is never closed")
    if "could not find expected ':'" in told:
        hint = "is the `:` or the blank after it missing?"
        return Slip(*opened, "Y017", f"this line is no `key: value`: {hint}")
    if "document start" in told:
        hint = "one case a file; take the ... or --- away or split the file"
        return Slip(line, column, "Y026", f"a second document begins here: {hint}")
    if "tag" in told:
        return Slip(line, column, "Y025", "a tag (!): take it away, or quote the text")
    if _NOT_CLOSED in told:
        hint = f"a `,` is missing here, or the bracket of {since} is not closed"
        return Slip(line, column, "Y018", hint)
    if "node content" in told and character not in ("]", "}"):
        return Slip(line, column, "Y018", f"a value is missing before this {character or 'end'}")
    if character in ("]", "}"):
        return Slip(line, column, "Y018", f"this {character} closes nothing")
    if "did not find expected key" in told or "did not find expected '-'" in told:
        hint = "check the indentation, and quote texts that hold quotes"
        return Slip(line, column, "Y019", f"this does not fit what began in {since}: {hint}")
    return Slip(line, column, "Y010", f"this is no YAML: {told or 'the text cannot be read'}")


def _beginning(line: int, column: int, character: str) -> Slip:
    told = f"a text cannot begin with {character}: quote it"
    return Slip(line, column, "Y014", told, (column, column + 1))


def _colon(content: str, line: int, column: int) -> Slip:
    value = _after_first_key(content)
    # Behind a key the `:` is text; with none before it the line is indented wrongly, perhaps the next too.
    mend = (column, column + 1) if ": " in content[:column] else None
    if "${" in value:
        told = f"{value[:_SHOWN]} has a `: ` in it: quote it: {_quoted(value)}"
        return Slip(line, column, "Y011", told, mend)
    hint = "if it belongs to a text, quote the text; if it ends a key, check the indentation"
    return Slip(line, column, "Y013", f"a `:` where no key can stand: {hint}", mend)


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
