"""The words of one shell command as bash reads them: quotes, `$'…'`, escapes, line continuations.

Source: the Bash reference manual, §3.1.2 (quoting). What only a shell could answer (variables, command
substitution, globs) is refused, because a guess would change what was sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ANSI: Final = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_HEX: Final = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})")
_OCTAL: Final = re.compile(r"[0-7]{1,3}")
_ENDS: Final = frozenset(";|&><\n")
_SHELL_ONLY: Final = {"$": "a variable or substitution", "`": "a command substitution"}


class ShellError(ValueError):
    """A command that cannot be read without a shell; `at` is the offset of the trouble."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at


@dataclass(frozen=True, slots=True)
class Command:
    """The words of a command, and the offset behind its end."""

    words: tuple[str, ...]
    end: int


def first_command(text: str) -> Command:
    """The first command of a text, up to its line's end, `;`, `|`, `&` or a redirection.

    Raises ShellError for a quote that is not closed and for what only a shell could answer.
    """
    return _Splitter(text).command()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def command(self) -> Command:
        words: list[str] = []
        word: str | None = None
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " \t" or self._text.startswith("\\\n", self._at):
                self._at += 1 if char in " \t" else 2
                if char in " \t" and word is not None:
                    words.append(word)
                    word = None
                continue
            if char == "\r" and self._text[self._at + 1 : self._at + 2] in ("\n", ""):
                self._at += 1
                continue
            if char in _ENDS or (char == "#" and word is None):
                break
            word = (word or "") + self._piece(char)
        if word is not None:
            words.append(word)
        return Command(tuple(words), self._at)

    def _piece(self, char: str) -> str:
        if char == "'":
            return self._until("'")
        if char == '"':
            return self._double()
        if char == "$" and self._text.startswith("$'", self._at):
            return self._ansi()
        if char == "$" and self._text.startswith('$"', self._at):
            self._at += 1
            return self._double()
        if char in _SHELL_ONLY and self._is_asked(char):
            raise ShellError(self._at, f"{_SHELL_ONLY[char]} stands here, and only its shell knows the value")
        if char == "\\":
            escaped = self._text[self._at + 1 : self._at + 2]
            self._at += 2
            return escaped
        self._at += 1
        return char

    def _is_asked(self, char: str) -> bool:
        """Whether a `$` begins an expansion; one with nothing behind it is itself."""
        return char == "`" or bool(
            re.match(r"[A-Za-z0-9_{(?!#@*$-]", self._text[self._at + 1 : self._at + 2])
        )

    def _until(self, quote: str) -> str:
        start = self._at
        end = self._text.find(quote, start + 1)
        if end < 0:
            raise ShellError(start, f"a quote ({quote}) is opened here and never closed")
        self._at = end + 1
        return self._text[start + 1 : end]

    def _double(self) -> str:
        start = self._at
        self._at += 1
        parts: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == '"':
                self._at += 1
                return "".join(parts)
            if char == "\\" and self._text[self._at + 1 : self._at + 2] in ("$", "`", '"', "\\", "\n"):
                escaped = self._text[self._at + 1]
                parts.append("" if escaped == "\n" else escaped)
                self._at += 2
                continue
            if char in _SHELL_ONLY and self._is_asked(char):
                what = _SHELL_ONLY[char]
                raise ShellError(self._at, f"{what} stands here, and only its shell knows the value")
            parts.append(char)
            self._at += 1
        raise ShellError(start, 'a quote (") is opened here and never closed')

    def _ansi(self) -> str:
        start = self._at
        self._at += 2
        parts: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "'":
                self._at += 1
                return "".join(parts)
            self._at += 1
            parts.append(self._escape() if char == "\\" else char)
        raise ShellError(start, "a quote ($') is opened here and never closed")

    def _escape(self) -> str:
        char = self._text[self._at : self._at + 1]
        if char in _ANSI:
            self._at += 1
            return _ANSI[char]
        number = _HEX.match(self._text, self._at)
        if number is not None:
            self._at = number.end()
            code = int(number[1] or number[2] or number[3], 16)
            return chr(code) if code <= 0x10FFFF else "\ufffd"
        octal = _OCTAL.match(self._text, self._at)
        if octal is not None:
            self._at = octal.end()
            return chr(int(octal[0], 8) & 0xFF)
        return "\\"
