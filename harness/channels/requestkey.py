"""An API key of another exchange, whose requests are signed with an account's RSA key as the target says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.channels.logonkey import LogonKey


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Signs requests. `over` names what is signed, joined: `timestamp`, `method` and `path`."""

    key: LogonKey
    api_key: str
    key_header: str
    timestamp_header: str
    signature_header: str
    over: Sequence[str]

    def headers(self, method: str, path: str, now_ms: int) -> dict[str, str]:
        """The headers of a request; `path` is without its query."""
        parts = {"timestamp": str(now_ms), "method": method, "path": path}
        said = "".join(parts[name] for name in self.over)
        return {
            self.key_header: self.api_key,
            self.timestamp_header: str(now_ms),
            self.signature_header: self.key.signature(said, "request_signature"),
        }
