"""Values of PowerShell as it reads them: quotes, here-strings, hash tables, and variables set before.

What only a shell could answer (other variables, commands in brackets) is refused, because a guess would
change what was sent. Source: PowerShell's about_Quoting_Rules, about_Special_Characters, about_Hash_Tables.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

_ESCAPES: Final = {"0": "\0", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CHAR: Final = re.compile(r"\$\(\[char\]\s*(?P<code>0x[0-9A-Fa-f]+|[0-9]+)\)")
_NAME: Final = re.compile(r"\$(?:\{(?P<braced>[^}]+)\}|(?P<name>(?:[A-Za-z]+:)?[A-Za-z_][0-9A-Za-z_]*))")
_HERE: Final = re.compile(r"@(?P<quote>['\"])[ \t]*\r?\n(?P<text>.*?)\r?\n(?P=quote)@", re.S)
_TABLE: Final = re.compile(r"(?:\[(?:ordered|pscustomobject|hashtable)\]\s*)?@\{", re.I)
_BYTES: Final = re.compile(r"\[(?:System\.)?Text\.Encoding\]::UTF8\.GetBytes\(", re.I)
_KEY: Final = re.compile(r"[0-9A-Za-z_.-]+")
_BARE: Final = re.compile(r"[^\s;|(){}'\",]+")
_AS_JSON: Final = re.compile(r"\|\s*ConvertTo-Json\b(?P<options>[^\n;)|]*)", re.I)
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_DEEPEST: Final = 20


class PowerShellError(ValueError):
    """What cannot be read without PowerShell; the text says what."""


@dataclass(slots=True)
class Values:
    """Reads values one behind another; `at` is the offset behind the last, `variables` are those set."""

    text: str
    at: int = 0
    variables: dict[str, Any] = field(default_factory=dict)
    remade: bool = False
    """Whether a JSON text was made by ConvertTo-Json, which may have spaced it otherwise."""

    def skip(self, *, lines: bool = False) -> None:
        """Pass over spaces, continued lines and, where told, line ends and comments."""
        blank = re.compile(r"(?:[ \t\r\n;]|`\r?\n|#[^\n]*)+" if lines else r"(?:[ \t]|`\r?\n|`\Z)+")
        found = blank.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Pass over what a pattern matches here, and give it."""
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at
        return found

    def value(self, depth: int = 0) -> Any:
        """The value that begins here, with what is joined to it by `+` and made of it by ConvertTo-Json."""
        if depth > _DEEPEST:
            raise PowerShellError("its values are nested too deeply")
        value = self._one(depth)
        while True:
            start = self.at
            self.skip()
            if (as_json := self.take(_AS_JSON)) is not None:
                compact = "-compress" in as_json["options"].lower()
                self.remade = self.remade or not compact
                value = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            elif isinstance(value, str) and self.text.startswith("+", self.at):
                self.at += 1
                self.skip(lines=True)
                value += str(self._one(depth))
            else:
                self.at = start
                return value

    def _one(self, depth: int) -> Any:
        self.skip()
        if (here := self.take(_HERE)) is not None:
            return here["text"] if here["quote"] == "'" else self._expanded(here["text"])
        if self.take(_TABLE) is not None:
            return self._table(depth)
        if self.take(_BYTES) is not None:
            return self._closed(self.value(depth + 1))
        char = self.text[self.at : self.at + 1]
        if char == "'":
            return self._single()
        if char == '"':
            return self._double()
        if char == "$":
            return self._variable()
        if self.text.startswith("@(", self.at):
            return self._list(depth)
        if char == "(":
            self.at += 1
            return self._closed(self.value(depth + 1))
        if (bare := self.take(_BARE)) is None:
            raise PowerShellError("a value is missing, or is one that only PowerShell can make")
        number = re.fullmatch(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", bare[0])
        return json.loads(bare[0]) if number is not None and bare[0].isdecimal() else bare[0]

    def _closed(self, value: Any) -> Any:
        self.skip(lines=True)
        if not self.text.startswith(")", self.at):
            raise PowerShellError("an expression in brackets stands here, and only its shell knows the value")
        self.at += 1
        return value

    def _table(self, depth: int) -> dict[str, Any]:
        table: dict[str, Any] = {}
        while True:
            self.skip(lines=True)
            if self.text.startswith("}", self.at):
                self.at += 1
                return table
            if self.text[self.at : self.at + 1] in ("'", '"'):
                key = str(self._one(depth))
            elif (bare := self.take(_KEY)) is not None:
                key = bare[0]
            else:
                raise PowerShellError("a table (@{…}) is opened here and cannot be read to its end")
            self.skip()
            if not self.text.startswith("=", self.at):
                raise PowerShellError("a table (@{…}) has a key without a value")
            self.at += 1
            self.skip(lines=True)
            table[key] = self.value(depth + 1)

    def _list(self, depth: int) -> list[Any]:
        self.at += 2
        values: list[Any] = []
        while True:
            self.skip(lines=True)
            if self.text.startswith(")", self.at):
                self.at += 1
                return values
            values.append(self.value(depth + 1))
            self.skip(lines=True)
            if self.text.startswith(",", self.at):
                self.at += 1

    def _variable(self) -> Any:
        found = self.take(_NAME)
        name = (found["braced"] or found["name"]).lower() if found is not None else ""
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name not in self.variables:
            raise PowerShellError(
                "a variable or expression ($) stands here, and only its shell knows the value"
            )
        return self.variables[name]

    def _single(self) -> str:
        found = self.take(re.compile(r"'((?:[^']|'')*)'"))
        if found is None:
            raise PowerShellError("a quote (') is opened here and never closed")
        return found[1].replace("''", "'")

    def _double(self) -> str:
        found = self.take(re.compile(r'"((?:[^"`]|`.|"")*)"', re.S))
        if found is None:
            raise PowerShellError('a quote (") is opened here and never closed')
        return self._expanded(re.sub('""', '`"', found[1]) if '""' in found[1] else found[1])

    def _expanded(self, text: str) -> str:
        """A text between double quotes: backquotes undone, characters by number, variables that are known."""
        parts: list[str] = []
        at = 0
        while at < len(text):
            if text[at] == "`":
                escaped = text[at + 1 : at + 2]
                parts.append("" if escaped in ("\n", "\r") else _ESCAPES.get(escaped, escaped))
                at += 2
            elif (number := _CHAR.match(text, at)) is not None:
                parts.append(_character(number["code"]))
                at = number.end()
            elif text[at] == "$" and (text.startswith("$(", at) or _NAME.match(text, at)):
                inner = Values(text, at, self.variables)
                parts.append(str(inner._variable()))
                at = inner.at
            else:
                parts.append(text[at])
                at += 1
        return "".join(parts)


def _character(code: str) -> str:
    number = int(code, 0)
    if number > 0x10FFFF:
        raise PowerShellError(f"[char]{code} is no character")
    return chr(number)
