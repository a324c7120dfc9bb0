"""A proxy that a customer's client is pointed at: it passes everything on, and keeps a HAR 1.2 of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

HOST = "https://clob.example.com"
_OWN = frozenset(("host", "content-length", "connection", "transfer-encoding", "accept-encoding"))


@contextmanager
def recording(upstream: str, har: Path) -> Iterator[str]:
    """Where to point the client; afterwards its traffic stands in `har`, under a name of an exchange."""
    entries: list[dict[str, Any]] = []
    with httpx.Client(base_url=upstream) as client:

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = [(name, value) for name, value in self.headers.items() if name.lower() not in _OWN]
                started = datetime.now(UTC)
                came = client.request(self.command, self.path, content=body, headers=headers)
                entries.append(_entry(started, self.command, self.path, headers, body, came))
                self.send_response(came.status_code)
                for name, value in _given(came):
                    self.send_header(name, value)
                self.send_header("content-length", str(len(came.content)))
                self.end_headers()
                self.wfile.write(came.content)

            do_GET = do_POST = do_DELETE = pass_on  # noqa: N815 - http.server's names

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
    entries.sort(key=lambda entry: entry["startedDateTime"])
    creator = {"name": "harproxy", "version": "1"}
    har.write_text(json.dumps({"log": {"version": "1.2", "creator": creator, "entries": entries}}, indent=1))


def _given(came: httpx.Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in came.headers.items() if name.lower() not in _OWN]


def _entry(
    started: datetime,
    method: str,
    path: str,
    headers: list[tuple[str, str]],
    body: bytes,
    came: httpx.Response,
) -> dict[str, Any]:
    took_ms = came.elapsed.total_seconds() * 1000
    request: dict[str, Any] = {"method": method, "url": HOST + path, "httpVersion": "HTTP/1.1"}
    request |= {
        "headers": _rows(headers),
        "cookies": [],
        "queryString": [],
        "headersSize": -1,
        "bodySize": len(body),
    }
    if body:
        request["postData"] = {"mimeType": "application/json", "text": body.decode()}
    content = {"size": len(came.content), "mimeType": came.headers.get("content-type", ""), "text": came.text}
    response = {"status": came.status_code, "statusText": came.reason_phrase, "httpVersion": "HTTP/1.1"}
    response |= {"headers": _rows(_given(came)), "cookies": [], "content": content, "redirectURL": ""}
    response |= {"headersSize": -1, "bodySize": len(came.content)}
    return {
        "startedDateTime": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": took_ms,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
    }


def _rows(headers: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
