"""A real HTTP server on loopback, as a customer's program would speak to one."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Served:
    """Where it listens, and every request line it has seen."""

    url: str
    seen: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def came(self, line: str) -> None:
        """Note a request line."""
        with self.changed:
            self.seen.append(line)
            self.changed.notify_all()

    def wait_for(self, path: str, more_than: int = 0) -> None:
        """Wait until more requests of a path came than so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.count(path) > more_than, 20), f"no {path} came"

    def count(self, path: str) -> int:
        """How many requests of a path came."""
        return sum(line.split(" ")[1].startswith(path) for line in self.seen)


class Handler(BaseHTTPRequestHandler):
    """Answers by path; anything else is answered with what was asked."""

    protocol_version = "HTTP/1.1"
    served: Served

    def do_GET(self) -> None:
        self.served.came(self.requestline)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        path = self.path.partition("?")[0]
        if path == "/redirect":
            self._answer(302, b"", {"Location": "/end"})
        elif path == "/zipped":
            self._answer(200, gzip.compress(b'{"zipped":true}'), {"Content-Encoding": "gzip"})
        elif path == "/bytes":
            self._answer(200, bytes(range(256)), {"Content-Type": "application/octet-stream"})
        elif path == "/silence":
            self.server.silent.wait(20)  # type: ignore[attr-defined]
            self.close_connection = True
        elif path == "/cut":
            self.close_connection = True
        elif path == "/events":
            self._stream()
        elif path == "/size":
            self._answer(200, b"x" * int(self.path.partition("=")[2]))
        elif path == "/login":
            given = {"apiKey": "key-1", "secret": "c2VjcmV0IG9mIGxvZ2lu", "passphrase": "of the login too"}
            self._answer(200, json.dumps(given).encode(), {"Set-Cookie": "sid=cookie-of-the-login; Path=/"})
        else:
            asked = {"method": self.command, "path": self.path, "body": body}
            self._answer(200, json.dumps(asked).encode(), {"Content-Type": "application/json"})

    def do_POST(self) -> None:
        self.do_GET()

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status} As You Wish", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

    def _stream(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")
        self.wfile.flush()
        self.server.silent.wait(20)  # type: ignore[attr-defined]
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def serving() -> Iterator[Served]:
    """Serve until the end of the block."""
    handler = type("OwnHandler", (Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.silent = threading.Event()  # type: ignore[attr-defined]
        handler.served = Served(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield handler.served  # type: ignore[attr-defined]
        finally:
            server.silent.set()  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()
