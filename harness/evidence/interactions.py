"""A vcrpy interaction as data, to and from a cassette's events. vcrpy itself is not needed for it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from harness import exactjson
from harness.errors import EvidenceError
from harness.evidence.exchanges import Body, Exchange, Headers, came, kept, sent
from harness.evidence.recorded import NO_INTERACTION, NOT_ONE, OLD, Recorded, is_interaction

VERSION: Final = 1
"""The version of vcrpy's cassette format: the one since vcrpy 1.0."""

_KNOWN: Final = frozenset({"version", "interactions"})
_REQUEST: Final = frozenset({"method", "uri", "body", "headers"})
_RESPONSE: Final = frozenset({"status", "headers", "body", "url", "protocol"})
_RESPONSE_OF_HTTPX: Final = frozenset({"http_version", "status_code", "headers", "content"})
_OF_THE_TRANSFER: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class _UnreadError(ValueError):
    """One interaction that cannot be read; says why."""


def exchanges_of(
    recorded: Recorded, path: str, not_read: list[str]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The data of send and answer of every interaction; `not_read` gains a line for all that is left out.

    Raises EvidenceError I001 (the file's fault) where it is no cassette of vcrpy's, or none can be read.
    """
    interactions = _interactions(recorded.values, path)
    not_read += [f"the cassette's {key!r}" for key in recorded.values if key not in _KNOWN]
    read = 0
    for number, interaction in enumerate(interactions, start=1):
        line = recorded.lines[number - 1] if number <= len(recorded.lines) else 0
        named = f"interaction {number} (line {line})" if line else f"interaction {number}"
        if not is_interaction(interaction):
            raise EvidenceError("I001", f"{path}: {named}: {NO_INTERACTION}")
        unread: list[str] = []
        try:
            exchange = _sent(interaction["request"], unread), _came(interaction["response"], unread)
        except _UnreadError as error:
            not_read.append(f"{named}, left out: {error}")
            continue
        not_read += [f"{named}: {told}" for told in unread]
        not_read += [f"{named}: {key!r}" for key in interaction if key not in ("request", "response")]
        read += 1
        yield exchange
    if not read:
        why = not_read[-1] if not_read and interactions else "it holds no interaction"
        raise EvidenceError("I001", f"{path}: nothing in it can be used: {why}")


def _interactions(values: Any, path: str) -> list[Any]:
    if isinstance(values, list):
        raise EvidenceError("I001", f"{path}: {OLD}")
    found = values.get("interactions") if isinstance(values, dict) else None
    if isinstance(values, dict) and "http_interactions" in values:
        text = "this is a cassette of Ruby's VCR, which is not read: capture the program again"
        raise EvidenceError("I001", f"{path}: {text}")
    if not isinstance(found, list):
        raise EvidenceError("I001", f"{path}: {NOT_ONE}")
    if values.get("version", VERSION) != VERSION:
        text = f"its format is version {values['version']}, and version {VERSION} is read"
        raise EvidenceError("I001", f"{path}: {text}")
    return found


def _sent(request: Mapping[str, Any], unread: list[str]) -> dict[str, Any]:
    method, uri = request.get("method"), request.get("uri")
    if not isinstance(method, str) or not isinstance(uri, str):
        raise _UnreadError("its request has no method and uri")
    headers = _headers(request.get("headers"))
    body = request.get("body")
    if isinstance(body, dict) or (isinstance(body, list) and not _is_chunks(body)):
        unread.append("the request's body stands there as a value: written as JSON, not as the bytes sent")
        body = exactjson.dumps(body)
    unread += [f"the request's {key!r}" for key in request if key not in _REQUEST]
    try:
        return sent(method, uri, headers, _body(headers, body))
    except ValueError as error:  # urlsplit: "Invalid IPv6 URL"
        raise _UnreadError(f"its uri is none: {error}") from None


def _came(response: Mapping[str, Any], unread: list[str]) -> dict[str, Any]:
    of_httpx = "status_code" in response  # as vcrpy wrote for httpx before 6.0
    status = {"code": response["status_code"]} if of_httpx else response.get("status")
    code = status.get("code") if isinstance(status, dict) else None
    if type(code) is not int:
        raise _UnreadError("its response has no status code")
    headers = _headers(response.get("headers"))
    body = response.get("content") if of_httpx else response.get("body")
    known = _RESPONSE_OF_HTTPX if of_httpx else _RESPONSE
    unread += [f"the response's {key!r}" for key in response if key not in known]
    if isinstance(body, dict):
        unread += [f"the response body's {key!r}" for key in body if key != "string"]
        body = body.get("string")
    return came(code, headers, _body(headers, body))


def _headers(found: Any) -> Headers:
    """Header fields, one each: vcrpy keeps a list of values a name (older ones a value)."""
    if found is None:
        return ()
    if not isinstance(found, dict):
        raise _UnreadError("its headers are no mapping")
    fields = []
    for name, values in found.items():
        for value in values if isinstance(values, list) else [values]:
            fields.append((name, _text(value)))
    return fields


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else str(value)


def _body(headers: Headers, body: Any) -> Body:
    if body is None:
        return b""
    if isinstance(body, list):
        body = b"".join(chunk if isinstance(chunk, bytes) else chunk.encode() for chunk in body)
    if not isinstance(body, str | bytes):
        body = _text(body)
    return kept(headers, body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)


def _is_chunks(body: list[Any]) -> bool:
    return all(isinstance(chunk, str | bytes) for chunk in body)


def as_interactions(exchanges: Iterable[Exchange], base_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """Exchanges of a cassette as vcrpy's interactions, in their order.

    `base_of` names a base URL a channel, "" for all others; a request that carries its own base keeps it.
    Raises EvidenceError I010 (the caller's fault) where no host is known. Headers of the transfer are left
    out, because bodies are whole and decoded, and so is what redaction dropped: nothing could be sent for it.
    """
    return [
        {"request": _as_request(each, base_of), "response": _as_response(each.response)} for each in exchanges
    ]


def _as_request(exchange: Exchange, base_of: Mapping[str, str]) -> dict[str, Any]:
    wire = exchange.request
    base = wire.get("base") or base_of.get(exchange.channel) or base_of.get("")
    if not base:
        text = f"{wire['method']} {wire['target']} stands in the cassette without its host: name it, as in "
        text += 'register(vcr, base_url="https://clob.example.com")'
        raise EvidenceError("I010", text)
    return {
        "method": wire["method"],
        "uri": base.rstrip("/") + wire["target"],
        "body": _whole_body(wire),
        "headers": {name: [value] for name, value in wire["headers"].items()},
    }


def _as_response(wire: Mapping[str, Any]) -> dict[str, Any]:
    code = wire["status"]
    known = any(code == each for each in HTTPStatus)
    headers = {
        name: [value]
        for name, value in wire["headers"].items()
        if name.lower() not in _OF_THE_TRANSFER and value.isascii()
    }
    return {
        "status": {"code": code, "message": HTTPStatus(code).phrase if known else ""},
        "headers": headers,
        "body": {"string": _whole_body(wire)},
    }


def _whole_body(wire: Mapping[str, Any]) -> str | bytes:
    if "body_base64" in wire:
        return base64.b64decode(wire["body_base64"])
    return str(wire.get("body", ""))
