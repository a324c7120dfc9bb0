"""The TypeScript client from npm, unmodified, in a node process that speaks JSON lines (clobclient.mjs)."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from .bench import Customer, stop_venue

DRIVER = Path(__file__).with_name("clobclient.mjs")
DECLARED = DRIVER.parents[2] / "node_modules/@polymarket/clob-client-v2/dist/client.d.ts"


class ClientError(Exception):
    """What the client threw: its message, and the status of the answer where there was one."""

    def __init__(self, message: str, status: int | None) -> None:
        super().__init__(message)
        self.status = status


class NodeClients:
    """One node process with as many clients as are opened in it."""

    def __init__(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process: subprocess.Popen[str] = subprocess.Popen(["node", str(DRIVER)], **pipes)
        self._asked = 0

    def open(self, name: str, host: str, key: str, **more: Any) -> NodeClient:
        """A client of a wallet's key; `creds` and `throwOnError` among `more`."""
        self._ask({"open": {"name": name, "host": host, "key": key, **more}})
        return NodeClient(self, name)

    def beside(self, customer: Customer, **more: Any) -> NodeClient:
        """A client with the key and the credentials that the customer's Python client has."""
        creds = customer.client.creds
        told = {"key": creds.api_key, "secret": creds.api_secret, "passphrase": creds.api_passphrase}
        return self.open(customer.address, customer.client.host, customer.key, creds=told, **more)

    def methods(self) -> list[str]:
        """The names of the client's methods, those that its declarations call private left out."""
        private = set(re.findall(r"private (\w+)", DECLARED.read_text(encoding="utf-8")))
        return [name for name in self._ask({"methods": True}) if name not in {"constructor", *private}]

    def call(self, name: str, method: str, args: tuple[Any, ...]) -> Any:
        return self._ask({"name": name, "method": method, "args": args})

    def close(self) -> int:
        return stop_venue(self._process)

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked += 1
        self._process.stdin.write(json.dumps({"id": self._asked, **request}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert answer["id"] == self._asked
        if "error" in answer:
            raise ClientError(answer["error"]["message"], answer["error"]["status"])
        return answer["result"]


class NodeClient:
    """One client: its methods by their own names."""

    def __init__(self, clients: NodeClients, name: str) -> None:
        self._clients = clients
        self._name = name

    def __getattr__(self, method: str) -> Any:
        return lambda *args: self._clients.call(self._name, method, args)
