"""The chain channel: reads of a node, through web3's provider."""

from __future__ import annotations

import sys
from typing import Any, Final

from harness.errors import TargetError
from harness.world import Intent, Line

CALL_S: Final = 10
"""One look at the chain takes no longer."""


def _http_provider() -> Any:
    """web3's provider. Its import sets the recursion limit to 100,000, at which nested JSON kills us."""
    limit = sys.getrecursionlimit()
    try:
        from web3 import HTTPProvider
    finally:
        sys.setrecursionlimit(limit)
    return HTTPProvider


def load() -> None:
    """Import web3 now, so that it does not cost a case a second of its window."""
    _http_provider()


class ChainDriver:
    """Carries out looks: batches of JSON-RPC reads. Importing web3 takes a second, so it waits."""

    def __init__(self, url: str) -> None:

        self._url = url
        self._provider = _http_provider()(
            url, request_kwargs={"timeout": CALL_S}, exception_retry_configuration=None
        )
        self._opened = False

    def send(self, intent: Intent, line: Line) -> None:
        """Make one look and report its answers, or that none came."""
        calls = [(method, params) for method, params in intent["rpc"]]
        line.sent({"calls": len(calls)})
        try:
            answers: Any = self._provider.make_batch_request(calls)
        except (OSError, ValueError) as error:
            if not self._opened:
                text = f"the chain's node does not answer: {type(error).__name__}. Is it up?"
                raise TargetError("T001", text) from None
            line.lost(f"{type(error).__name__}: {error}")
            return
        if not isinstance(answers, list) or len(answers) != len(calls):
            line.lost(f"the node answered a batch of {len(calls)} with {type(answers).__name__}")
            return
        self._opened = True
        kept = [{key: answer[key] for key in ("result", "error") if key in answer} for answer in answers]
        line.answered({"answers": kept})

    def close(self) -> None:
        """Close the provider's connections."""
        if hasattr(self._provider, "disconnect"):
            self._provider.disconnect()
