"""A node that answers JSON-RPC as told, and says itself which chain it is of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness import exactjson

from .webpeer import Answer, Asked, WebPeer

Say = Callable[[list[dict[str, Any]]], Any]


class NodePeer(WebPeer):
    """Answers every batch: a call's result by its method, an error where there is none.

    `chain_id` may be set at any time, `say` answers a whole batch instead.
    """

    def __init__(self, results: dict[str, Any] | None = None, *, chain_id: Any = "0x89") -> None:
        super().__init__()
        self.results = results or {}
        self.chain_id = chain_id
        self.say: Say = lambda rows: [self.row(row) for row in rows]
        self.batches: list[list[str]] = []
        self.headers: dict[str, str] = {}
        self.status = 200

    def row(self, call: dict[str, Any]) -> dict[str, Any]:
        """The answer to one call."""
        known = {"eth_chainId": self.chain_id, **self.results}
        method = call["method"]
        unknown = {"error": {"code": -32601, "message": f"no {method} here"}}
        told = {"result": known[method]} if method in known else unknown
        return {"jsonrpc": "2.0", "id": call["id"], **told}

    def answer_to(self, asked: Asked) -> Answer:
        rows = exactjson.loads(asked.body)
        self.batches.append([row["method"] for row in rows])
        return Answer(self.status, exactjson.dumps(self.say(rows)).encode(), dict(self.headers))
