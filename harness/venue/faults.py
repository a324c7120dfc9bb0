"""What can stop the venue, and what it refuses on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import TargetError


class VenueError(TargetError):
    """The environment's: something the venue stands on is missing or broken. One line, with the next step."""

    def __init__(self, text: str) -> None:
        super().__init__("venue", text)

    def __str__(self) -> str:
        return self.text


class RefusalError(Exception):
    """The client's: a request is answered with `status` and `{"error": text}` (CLOB docs, error codes).

    `more` are further keys of the answer; `retry_after_seconds` is sent as the header Retry-After, too, and
    `headers` are sent with it.
    """

    def __init__(
        self,
        status: int,
        text: str,
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.more = dict(more or {})
        self.headers = dict(headers or {})
        if "retry_after_seconds" in self.more:
            self.headers["Retry-After"] = str(self.more["retry_after_seconds"])
