"""A small JSON-RPC client of the node."""

from __future__ import annotations

from typing import Any

import aiohttp

from harness import exactjson
from harness.venue.faults import VenueError


class RpcError(VenueError):
    """The node answered with an error."""


class Rpc:
    """Calls one node over HTTP; one session for all calls."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._last_id = 0
        self._closed = False

    def close(self) -> None:
        """Call nothing any more: whoever still uses this belongs to a chain that is gone."""
        self._closed = True

    async def call(self, method: str, *params: Any) -> Any:
        """Call a method and return its result. Raises RpcError with the node's words."""
        if self._closed:
            raise RpcError(f"{method}: the venue was reset meanwhile")
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": list(params)}
        headers = {"content-type": "application/json"}
        try:
            async with self._session.post(
                self._url, data=exactjson.dumps(request), headers=headers
            ) as answer:
                reply = exactjson.loads(await answer.read())
        except (aiohttp.ClientError, ValueError) as error:
            raise RpcError(f"{method}: the EVM node does not answer ({error}): restart the venue") from None
        if "error" in reply:
            raise RpcError(f"{method}: {reply['error'].get('message', reply['error'])}")
        return reply["result"]
