"""Text that cannot harm where it is shown: no control characters, no lone surrogates, no endless lines."""

from __future__ import annotations

import re
from typing import Any, Final

from harness import exactjson
from harness.finding import ending
from harness.matchers import Closed, Differs, Extra, Late, Mark

LINE_CHARS: Final = 400
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_COMMAND: Final = re.compile(r"(?m)^[ \t]*:(?=:)|#(?=#(?:\[|vso\[|teamcity\[))")
"""What a CI server takes for a command in a job's output: GitHub (`::error::`, `##[…`), Azure, TeamCity."""


def plain_text(text: str) -> str:
    """The text with whatever a terminal, XML, JSON or a CI server would trip over shown as its code point."""
    safe = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\u{ord(found[0][-1]):04x}", safe)


def one_line(value: Any) -> str:
    """A value on one line of bounded length."""
    text = value if isinstance(value, str) else shown(value)
    text = plain_text(text.replace("\n", " ").replace("\t", " "))
    return text if len(text) <= LINE_CHARS else text[: LINE_CHARS - 1] + "…"


def shown(value: Any) -> str:
    """A value as a person writes it: JSON, and words for what stands instead of an event."""
    match value:
        case Mark():
            return value.value
        case Closed(code, reason):
            return f"closed ({ending(code, reason)})"
        case Late(by_us):
            return f"late by {by_us // 1000} ms"
        case Extra(count):
            return f"{count} too many"
        case Differs(sources):
            return "; ".join(f"{name}: {shown(held)}" for name, held in sources.items())
    try:
        return exactjson.dumps(value)
    except UnicodeEncodeError:  # half of a surrogate pair: no JSON can hold it
        return repr(value)
