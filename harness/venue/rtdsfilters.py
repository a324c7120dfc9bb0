"""The filters of the real-time data stream: a JSON object in a text (RTDS docs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness import exactjson

FILTER_KEYS: Final = ("event_slug", "market_slug")


def read_filters(text: str) -> dict[str, str]:
    """What a filter's text asks for; nothing where it is empty. Raises ValueError where it is no filter."""
    if not text:
        return {}
    value = exactjson.loads(text)
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError("a filter is a JSON object of texts")
    if unknown := set(value) - set(FILTER_KEYS):
        raise ValueError(f"unknown {', '.join(sorted(unknown))}")
    return value


class RtdsFilters:
    """How a message is held against a filter: by what the JSON says. The seam for defects."""

    def lets_through(self, text: str, about: Mapping[str, str]) -> bool:
        """Whether a message about these slugs passes; `text` can be read."""
        return all(about[key] == value for key, value in read_filters(text).items())
