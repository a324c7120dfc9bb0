"""A case file's bytes to text that may be parsed: size, encoding, characters that nobody sees."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final, NoReturn

from harness import limits
from harness.errors import CaseError, Place, Problem

# libyaml takes NEL, LS and PS for line ends (YAML 1.1), YAML 1.2 does not. No-break blanks, soft hyphens,
# zero-width blanks and marks of writing direction come along when a text is pasted, and compare unequal.
# Joiners (U+200C, U+200D) stay: scripts and emoji need them.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u061c\u180e\u200b\u200e\u200f\u2007\u2028-\u202f"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LIKE_BLANKS: Final = "\xa0\u2007\u202f"
_LINE_END: Final = re.compile("\r\n|\n|\r")
# Blank lines and comments, then a directive: libyaml takes quadratic time for many of them.
_DIRECTIVE: Final = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r))*+%")


def _refuse(path: str, code: str, text: str, line: int = 1, column: int = 1) -> NoReturn:
    raise CaseError([Problem(Place(path, line, column), code, text)])


def readable(text: str | bytes, path: str) -> str:
    """Give the file's text if libyaml may read it.

    Raises CaseError (the author's fault) for a text that is too large, is not UTF-8, holds a character
    that nobody sees, or begins with a directive; `path` is the file's name for the places.
    """
    size = len(text)
    if size <= limits.YAML_TEXT_BYTES and isinstance(text, str):
        size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.YAML_TEXT_BYTES:
        most = limits.YAML_TEXT_BYTES
        _refuse(path, "Y001", f"the file has {size} bytes; at most {most} are read: split the case")
    if isinstance(text, bytes):
        text = _decoded(text, path)
    if text.startswith("\ufeff"):
        _refuse(path, "Y002", "the file begins with a byte order mark: save it as UTF-8 without BOM")
    problems = [
        Problem(Place(path, line, column), "Y003", told)
        for line, column, told in _forbidden(text, limits.YAML_PROBLEMS)
    ]
    if problems:
        raise CaseError(problems)
    line = directive_line(text)
    if line:
        _refuse(path, "Y027", "a line that begins with % is a directive: take it away", line, 1)
    return text


def directive_line(text: str) -> int:
    """The line (from 1) of a directive before the document, 0 where there is none."""
    directive = _DIRECTIVE.match(text)
    return text.count("\n", 0, directive.end()) + 1 if directive else 0


def _decoded(text: bytes, path: str) -> str:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0\0" in (text[0:4:2], text[1:4:2]):
        _refuse(path, "Y002", "the file looks like UTF-16 or UTF-32: save it as UTF-8")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        told = f"byte 0x{text[error.start]:02x} is not UTF-8: save the file as UTF-8"
    _refuse(path, "Y002", told, line, column)


def _forbidden(text: str, most: int) -> list[tuple[int, int, str]]:
    """Give line and column (from 1) and a text for each character that no case may hold as itself."""
    found: list[tuple[int, int, str]] = []
    line, begins, read = 1, 0, 0
    for match in islice(_FORBIDDEN.finditer(text), most):
        for end in _LINE_END.finditer(text, read, match.start()):
            line, begins = line + 1, end.end()
        read = match.start()
        code = ord(match.group())
        if 0xD800 <= code <= 0xDFFF:
            told = f"half of a surrogate pair (U+{code:04X}): it is no character, take it away"
        elif match.group() in _LIKE_BLANKS:
            told = f"a no-break blank (U+{code:04X}), which only looks like a blank: type a blank"
            told += f', or write it as "{_escape(code)}", in double quotes'
        else:
            told = f'an invisible character (U+{code:04X}): write it as "{_escape(code)}", in double quotes'
        found.append((line, match.start() - begins + 1, told))
    return found


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
