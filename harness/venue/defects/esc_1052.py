"""ESC-1052: a filter of the real-time data stream is held against messages as text.

Escalation PUB-052 (real-time-data-client, issue 34): a filter that was written by a JSON library with its
usual space after the colon got no messages and no error; without the space it worked. Here a filter lets a
message through only where its text is exactly the one that the exchange would write itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.venue.parts import Parts
from harness.venue.rtdsfilters import RtdsFilters

CASE = "ESC-1052"


class ByText(RtdsFilters):
    """Compares the filter's text, space by space."""

    def lets_through(self, text: str, about: Mapping[str, str]) -> bool:
        return not text or text in {f'{{"{key}":"{value}"}}' for key, value in about.items()}


def apply(parts: Parts) -> Parts:
    """Replace how filters are held against messages."""
    return replace(parts, rtds_filters=ByText())
