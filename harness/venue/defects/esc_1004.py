"""ESC-1004: now and then a signed request is answered 401, with credentials that did not change.

Escalation PUB-004 (py-clob-client, issues 190 and 175): GET /auth/api-keys answered 401 some of the time with
the same key, secret and passphrase, and passed when it was sent again. Here every tenth request of an API key
whose headers are all right is answered like one whose headers are wrong.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from harness.venue.entrance import Entrance
from harness.venue.parts import Parts

CASE = "ESC-1004"
_REFUSED_EVERY: Final = 10


class NowAndThen(Entrance):
    """Turns every tenth request of a key away."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()

    def admits(self, api_key: str) -> bool:
        self._requests[api_key] += 1
        return self._requests[api_key] % _REFUSED_EVERY != 0


def apply(parts: Parts) -> Parts:
    """Replace which signed requests are let in."""
    return replace(parts, entrance=NowAndThen())
