"""What a captured program tells to who captures it, a note at a time, over a private socket.

Every note is a connection of its own: nothing is shared between threads, forks and signal handlers, and
nothing is lost with a killed process. Where nobody listens, nothing is told and nothing is disturbed.
"""

from __future__ import annotations

import base64
import contextlib
import contextvars
import io
import json
import os
import socket
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Any

WHERE = "HARNESS_CAPTURE"
BY = "HARNESS_CAPTURE_PID"
BODY_BYTES = "HARNESS_CAPTURE_BODY_BYTES"
RECEIPT_S = 10
"""A note waits no longer for its receipt than this; the program goes on without it then."""


class Exchange:
    """One request that was told; `number` is what the other side calls it, None where nobody listened."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        self.over = False


now: contextvars.ContextVar[Exchange | None] = contextvars.ContextVar("harness_exchange", default=None)
session: contextvars.ContextVar[tuple[str, bool]] = contextvars.ContextVar(
    "harness_session", default=("", False)
)
"""The base URL of the aiohttp session that asks, and whether a mapping is its form."""


def tell(note: dict[str, Any]) -> Any:
    """Tell one note and wait for its receipt; None where nobody listens."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(RECEIPT_S)
            line.connect(os.environ[WHERE])
            line.sendall(json.dumps(note).encode())
            line.shutdown(socket.SHUT_WR)
            receipt = b""
            while part := line.recv(4096):
                receipt += part
        return json.loads(receipt)
    except (OSError, ValueError, KeyError):
        return None


def told(method: str, url: str, headers: Iterable[tuple[Any, Any]], body: Any) -> Exchange:
    """Tell that a request goes out now."""
    note = {"note": "sent", "method": method, "url": url, "headers": _headers(headers), **_body(body)}
    receipt = tell(note)
    exchange = Exchange(receipt.get("exchange") if isinstance(receipt, dict) else None)
    now.set(exchange)
    return exchange


def came(
    exchange: Exchange, status: int, headers: Iterable[tuple[Any, Any]], body: Any, omitted: str = ""
) -> None:
    """Tell that its answer is here; `omitted` says why its body is not."""
    exchange.over = True
    note = {"note": "came", "exchange": exchange.number, "status": status, "headers": _headers(headers)}
    tell({**note, **({"omitted": omitted} if omitted else _body(body))})


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """If what goes on here fails after a request was told, tell that no answer reached the program."""
    outer = now.get()
    now.set(None)
    try:
        yield
    except BaseException as error:
        exchange = now.get()
        if exchange is not None and not exchange.over:
            exchange.over = True
            why = f"{type(error).__name__}: {error}".rstrip(": ")
            tell({"note": "lost", "exchange": exchange.number, "why": why})
        raise
    finally:
        now.set(outer)


def _headers(fields: Iterable[tuple[Any, Any]]) -> list[list[str]]:
    return [[_text(name), _text(value)] for name, value in fields]


def _body(body: Any) -> dict[str, str]:
    """A body as a note holds it: base64, or why it is not there."""
    try:
        data = _bytes(body)
    except Exception:
        return {"omitted": f"a body of the type {type(body).__name__}"}
    most = int(os.environ.get(BODY_BYTES, "0"))
    if len(data) > most:
        return {"omitted": f"{len(data)} bytes: more than {most}"}
    return {"body": base64.b64encode(data).decode()}


def _bytes(body: Any) -> bytes:
    """What of a body went out; a mapping or list is aiohttp's, which vcrpy sees before it is written."""
    if body is None:
        return b""
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, io.BytesIO):
        return body.getvalue()
    if not isinstance(body, (dict, list, tuple)):
        body = list(body)  # an iterator's chunks
    if body and all(isinstance(part, (bytes, bytearray)) for part in body):
        return b"".join(body)
    is_form = session.get()[1]
    return (urllib.parse.urlencode(body) if is_form else json.dumps(body)).encode()


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(each) for each in value)
    return str(value)
