"""HTTP as values: what went out, what came back, and what a case sees of it. No I/O."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from harness import exactjson


def path_with_query(path: str, params: Mapping[str, Any] | None) -> str:
    """The request target: `path`, and `params` appended to whatever query it already has."""
    if not params:
        return path
    joint = "&" if "?" in path else "?"
    return path + joint + urlencode([(key, text_of(value)) for key, value in params.items()])


def text_of(value: Any) -> str:
    """A value as it stands in a query or header: digits as written, `true` and `false` in small letters."""
    if isinstance(value, str):
        return value
    return exactjson.dumps(value)


def request_wire(method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """A request as it went out."""
    return {"method": method, "target": target, "headers": dict(headers), **_body(body)}


def response_wire(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """A response as it came; header names in small letters, repeated ones joined with a comma."""
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return {"status": status, "headers": joined, **_body(body)}


def response_view(wire: Mapping[str, Any]) -> dict[str, Any]:
    """What a case sees of a response: `status`, `headers`, `body` as JSON where it is JSON, else text."""
    return {"status": wire["status"], "headers": wire["headers"], "body": body_value(wire)}


def body_value(wire: Mapping[str, Any]) -> Any:
    """The body as a case sees it."""
    text = wire.get("body", "")
    try:
        return exactjson.loads(text)
    except ValueError:
        return text


def _body(body: bytes) -> dict[str, str]:
    if not body:
        return {}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}
