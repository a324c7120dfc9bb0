"""The redactor of one run: what it knows, what it replaces, what it still finds."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

from harness import exactjson
from harness.errors import HarnessError
from harness.redact import places
from harness.redact.escapes import hides_letters
from harness.redact.forms import Known, small_letters
from harness.redact.index import Index
from harness.redact.looking import Stretch, has_packed, stretches
from harness.redact.patterns import PATTERNS, is_plain
from harness.redact.placeholder import Ledger, is_placeholder
from harness.redact.secret import Secret

MIN_SECRET_CHARS: Final = 6
"""Shorter texts stand in every second line: replacing them would destroy what is not secret."""

_OWN_DEPTH: Final = 1_000
"""How deep a value may be that we made ourselves: Python's own limit, at which it was written."""
_REACH_CHARS: Final = 160
"""How far a split secret is looked for on either side: a key of 32 bytes in hex of its hex has 128."""
_SHORT_CHARS: Final = 128
"""A text that is worth remembering to be without secrets; a longer one rarely comes twice."""
_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:#-]{0,63}")
_JSON_START: Final = re.compile(r"\s*[\[{]")


class LeakError(HarnessError):
    """Ours, or the run's: a secret stood where none may; what held it was destroyed. Names labels only."""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A secret found in a text: where (`start` in characters from 0, `line` from 1), whose, in which form.

    `form` is raw, base64, hex, url, json, xml (escaped), part or line (not whole), packed (gzip or deflate in
    base64), or pattern, where nobody registered it but it looks like one.
    """

    start: int
    line: int
    label: str
    form: str

    def __post_init__(self) -> None:
        if self.start < 0 or self.line < 1:
            raise ValueError(f"a hit stands at a character from 0 and a line from 1: {self!r}")


class Redactor:
    """Replaces secrets by placeholders of equal length: by value, by place, by pattern, in this order.

    Any thread may register and redact. Equal secrets get equal placeholders as long as this redactor lives.
    """

    def __init__(self, allow_headers: Iterable[str] = (), *, tells: Redactor | None = None) -> None:
        """`allow_headers`: names of further headers whose values may be kept, in any case.

        `tells` is told of every secret too: one redactor for all that leaves a process of many runs.
        """
        self._tells = tells
        self._allowed = frozenset(places.header_name(name) for name in allow_headers)
        self._ledger = Ledger()
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}
        self._last: tuple[object, str, str] = None, "", ""
        """What was redacted last, and with what was known then: a report comes once for each phase."""
        self._index = Index()

    def register(self, label: str, value: str | Secret) -> None:
        """Make a secret known under a label that may be shown (`alice.secret`); the first label stays.

        Raises ValueError (the caller's fault) for values under MIN_SECRET_CHARS characters, which cannot be
        told from other text, for placeholders, and for labels other than letters, digits and `_.:#-`.
        """
        text = value.reveal() if isinstance(value, Secret) else value
        if not _LABEL.fullmatch(label):
            raise ValueError(f"a secret's label is letters, digits and _.:#-, at most 64: {label!r}")
        if len(text) < MIN_SECRET_CHARS or len(text.strip()) < MIN_SECRET_CHARS:
            raise ValueError(
                f"the secret {label} is shorter than {MIN_SECRET_CHARS} characters: use a longer one"
            )
        if is_placeholder(text):
            raise ValueError(f"the secret {label} is a placeholder already")
        known = Known.of(label, text)
        with self._lock:
            if text not in self._known:
                self._index.add(known)  # first: what was redacted last is held against what is known
                self._known = {**self._known, text: known}
        if self._tells is not None:
            self._tells.register(label, text)

    def withhold(self, label: str, text: str) -> str:
        """The placeholder of a text that is secret where it stands, whatever it says; "" stays."""
        return text if is_placeholder(text) or not text else self._ledger.issue(label, text, len(text))

    def redact(self, text: str) -> str:
        """The text without secrets, as long as before; redacting twice is redacting once.

        In a JSON text secret fields are replaced in place and every other character stays. A number in a
        secret field becomes a string, two characters longer.
        """
        known, before, clean = self._last
        if known is self._known and before == text:
            return clean
        known = self._known
        clean = self._text(text, self._suspects(text))
        self._last = known, text, clean
        return clean

    def redact_known(self, text: str) -> str:
        """The text without registered secrets, as long as before; all else stays as it is."""
        suspects = self._suspects(text)
        return self._by_value(text, suspects) if suspects else text

    def redact_json(self, value: Any) -> Any:
        """A JSON value without secrets: strings, keys, secret fields, headers; all else stays."""
        text = exactjson.dumps(value)
        try:
            return self._json(value, self._suspects(text))
        except RecursionError:  # nested too deeply to walk: a text is scanned without walking
            return exactjson.loads(self.redact(text), depth=_OWN_DEPTH)

    @overload
    def redact_headers(self, headers: Mapping[str, str]) -> dict[str, str]: ...
    @overload
    def redact_headers(self, headers: Sequence[Sequence[str]]) -> list[list[str]]: ...
    def redact_headers(
        self, headers: Mapping[str, str] | Sequence[Sequence[str]]
    ) -> dict[str, str] | list[list[str]]:
        """Headers, every value dropped that is not allowed; a mapping, or pairs of name and value."""
        if isinstance(headers, Mapping):
            return {self.redact(name): self._header(name, value) for name, value in headers.items()}
        return [[self.redact(name), self._header(name, value)] for name, value in headers]

    def find(self, text: str) -> list[Hit]:
        """Every registered secret in any form, and all that looks like one, outside of our placeholders."""
        found: dict[int, tuple[str, str]] = {}
        for stretch in self._known_in(text, self._suspects(text)):
            found.setdefault(stretch.start, (stretch.label, stretch.form))
        lowered = small_letters(text)
        for pattern in PATTERNS:
            for start, _ in pattern.spans(text, lowered):
                found.setdefault(start, (pattern.label, "pattern"))
        hits = []
        at, line = 0, 1
        for start in sorted(found):
            line += text.count("\n", at, start)
            at = start
            hits.append(Hit(start, line, *found[start]))
        return hits

    def across(self, before: str, after: str) -> str:
        """The label of a registered secret that begins in one text and ends in the next; "" for none."""
        before, after = before[-_REACH_CHARS:], after[:_REACH_CHARS]
        joined, edge = before + after, len(before)
        found = self._known_in(joined, self._suspects(joined))
        return next((each.label for each in found if each.start < edge < each.end), "")

    def manifest(self, text: str) -> dict[str, int]:
        """How many placeholders of each label stand in a redacted text."""
        return self._ledger.manifest(text)

    def _suspects(self, text: str) -> list[Known]:
        """The secrets that may stand in the text; all others certainly do not."""
        if not self._known:
            return []
        if hides_letters(text) or has_packed(text):
            return list(self._known.values())
        return self._index.suspects(text, small_letters(text))

    def _known_in(self, text: str, suspects: Sequence[Known]) -> list[Stretch]:
        """Where these secrets stand in the text, in whatever form; no two stretches overlap."""
        return stretches(text, suspects, self._ledger.free) if suspects else []

    def _text(self, text: str, suspects: Sequence[Known]) -> str:
        if suspects:
            text = self._by_value(text, suspects)
        if _JSON_START.match(text):
            text = places.redact_json_text(text, self._ledger.issue, self.redact)
        return self._by_pattern(text)

    def _by_value(self, text: str, suspects: Sequence[Known]) -> str:
        pieces: list[str] = []
        done = 0
        for each in self._known_in(text, suspects):
            shown = each.label if each.form == "raw" else f"{each.label}:{each.form}"
            written = text[each.start : each.end]
            pieces += text[done : each.start], self._ledger.issue(each.label, written, len(written), shown)
            done = each.end
        return "".join((*pieces, text[done:])) if pieces else text

    def _by_pattern(self, text: str) -> str:
        if len(text) <= _SHORT_CHARS and is_plain(text):
            return text
        small = small_letters(text)
        for pattern in PATTERNS:
            spans = pattern.spans(text, small)
            pieces: list[str] = []
            done = 0
            for start, end in spans:
                written = text[start:end]
                pieces += text[done:start], self._ledger.issue(pattern.label, written, len(written))
                done = end
            if pieces:
                text = "".join((*pieces, text[done:]))
                small = small_letters(text)
        return text

    def _header(self, name: str, value: str) -> str:
        if is_placeholder(value):
            return value
        if places.is_allowed_header(name, self._allowed):
            return self.redact(value)
        return self._ledger.issue("dropped", value, len(value))

    def _json(self, value: Any, suspects: Sequence[Known], secret_name: str = "") -> Any:
        if isinstance(value, str):
            if secret_name and not is_placeholder(value):
                return self._ledger.issue(secret_name, value, len(value))
            return self._text(value, suspects)
        if isinstance(value, Mapping):
            return self._mapping(value, suspects, secret_name)
        if isinstance(value, list | tuple):
            return [self._json(item, suspects, secret_name) for item in value]
        if secret_name and value is not None and not isinstance(value, bool):
            digits = str(value)
            return self._ledger.issue(secret_name, digits, len(digits))
        return value

    def _mapping(
        self, value: Mapping[str, Any], suspects: Sequence[Known], secret_name: str
    ) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        named = value.get("name") if "value" in value else None  # a HAR's way to write a field
        for key, item in value.items():
            below = secret_name or self._secret_field(key, item)
            if not below and key == "value" and isinstance(named, str):
                below = self._secret_field(named, item)
            if not below and key == "params" and value.get("method") in places.RAW_TRANSACTION_METHODS:
                below = "rawTransaction"
            if not below and key == "body_base64" and places.is_packed(value.get("headers")):
                below = "undecoded"  # nobody could look into it
            written = self._text(key, suspects) if suspects else key
            if not below and key.lower() == "headers" and isinstance(item, Mapping | list | tuple):
                clean[written] = self._headers(item, suspects)
            else:
                clean[written] = self._json(item, suspects, below)
        return clean

    def _secret_field(self, name: str, item: Any) -> str:
        if isinstance(item, str):
            return name if places.is_secret_field(name, item) else ""
        return name if places.is_secret_name(name) else ""

    def _headers(self, headers: Any, suspects: Sequence[Known]) -> Any:
        """Headers inside a JSON value: a mapping (of texts or lists of them), pairs, or a HAR's entries."""
        if isinstance(headers, Mapping):
            return {
                self._text(name, suspects): self._header_item(name, item) for name, item in headers.items()
            }
        return [self._header_entry(entry, suspects) for entry in headers]

    def _header_entry(self, entry: Any, suspects: Sequence[Known]) -> Any:
        match entry:
            case [str() as name, str() as value]:
                return [self._text(name, suspects), self._header(name, value)]
            case {"name": str() as name, "value": str() as value}:
                return {**self._json(entry, suspects), "value": self._header(name, value)}
        return self._json(entry, suspects, "dropped")

    def _header_item(self, name: str, item: Any) -> Any:
        if isinstance(item, str):
            return self._header(name, item)
        if isinstance(item, list | tuple):
            return [self._header_item(name, one) for one in item]
        return item
