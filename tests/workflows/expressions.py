"""The expressions of workflows, as many as ours use: `${{ … }}` over contexts that a test gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_TOKEN: Final = re.compile(r"\s*(?:('(?:[^']|'')*')|(\d+)|([A-Za-z_][\w.-]*)|(&&|\|\||==|!=|[!(),]))")
_HOLE: Final = re.compile(r"\$\{\{((?:(?!\}\}).)*)\}\}", re.DOTALL)

Contexts = Mapping[str, Any]


class _Parser:
    """Precedence from low to high: `||`, `&&`, `==` and `!=`, `!`, a call, a path, a literal."""

    def __init__(self, text: str, contexts: Contexts, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._tokens = self._split(text)
        self._at = 0
        self._contexts = contexts
        self._functions = functions

    @staticmethod
    def _split(text: str) -> list[str]:
        tokens, at = [], 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            assert found is not None, f"no expression that is known here: {text[at:]!r}"
            tokens.append(found[0].strip())
            at = found.end()
        return tokens

    def _take(self, *wanted: str) -> str | None:
        if self._at < len(self._tokens) and (not wanted or self._tokens[self._at] in wanted):
            self._at += 1
            return self._tokens[self._at - 1]
        return None

    def whole(self) -> Any:
        value = self._either()
        assert self._at == len(self._tokens), self._tokens[self._at :]
        return value

    def _either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._alike()
        while self._take("&&"):
            other = self._alike()
            value = value and other
        return value

    def _alike(self) -> Any:
        value = self._one()
        while sign := self._take("==", "!="):
            value = (value == self._one()) is (sign == "==")
        return value

    def _one(self) -> Any:
        if self._take("!"):
            return not self._one()
        if self._take("("):
            value = self._either()
            assert self._take(")")
            return value
        token = self._take()
        assert token is not None
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.isdigit():
            return int(token)
        if token in ("true", "false"):
            return token == "true"
        if self._take("("):
            given = []
            while not self._take(")"):
                given.append(self._either())
                self._take(",")
            return self._functions[token](*given)
        return self._path(token)

    def _path(self, token: str) -> Any:
        first, *rest = token.split(".")
        assert first in self._contexts, f"no context {first!r}"
        value = self._contexts[first]
        for name in rest:
            value = value.get(name) if isinstance(value, Mapping) else None
        return "" if value is None else value


def evaluate(text: str, contexts: Contexts, functions: Mapping[str, Callable[..., Any]]) -> Any:
    """The value of an expression, without its braces."""
    known = {"fromJSON": json.loads, "toJSON": json.dumps, **functions}
    return _Parser(text, contexts, known).whole()


def filled(text: str, contexts: Contexts, functions: Mapping[str, Callable[..., Any]]) -> Any:
    """A text with its expressions filled in; one that is an expression as a whole keeps its type."""
    whole = _HOLE.fullmatch(text.strip())
    if whole is not None:
        return evaluate(whole[1], contexts, functions)
    return _HOLE.sub(lambda hole: shown(evaluate(hole[1], contexts, functions)), text)


def shown(value: Any) -> str:
    """A value as the runner puts it into a text."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
