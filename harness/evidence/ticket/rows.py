"""Rows of names and values, as any logger writes them, as what they say of HTTP.

A row is a JSON object, a line of logfmt or a line of a table; what it holds one level down counts as its own.
People give names of their own, so a name is known by the words in it (`http_method`, `requestUri`, `Code`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import Stamp
from harness.evidence.ticket.tokens import (
    ASKED,
    HEADERS,
    METHODS,
    STATUS,
    VALUE,
    Token,
    closed_at,
    unescaped,
    value_of,
)

_METHOD: Final = frozenset(("method", "httpmethod", "verb", "requestmethod", "httprequestmethod", "httpverb"))
_URL: Final = re.compile(
    r"(?:http)?(?:request)?(?:full)?(?:url|uri|endpoint|path|target|route|href)(?:full|path|original)?$"
)
_STATUS: Final = re.compile(
    r"(?:http)?(?:response|resp|res)?(?:status|statuscode|httpstatus|httpcode|httpstatuscode|code)$|http$"
)
_ASKED_BODY: Final = re.compile(r"req|payload|sent|param|input|outgoing|^content$|json$")
_ANSWER_BODY: Final = re.compile(r"res|result|answer|repl|output|incoming|received|err")
_BODY: Final = re.compile(
    r"body|data|payload|content|json|message|text|result|res|resp|response|answer|reply|sent|request|req|params|input|output|error|detail$"
)
_KEYS: Final = (
    "requestid",
    "reqid",
    "rid",
    "traceid",
    "correlationid",
    "corrid",
    "xrequestid",
    "exchangeid",
    "callid",
    "spanid",
    "id",
    "seq",
)
_TIMES: Final = re.compile(
    r"@?t(?:s|ime|imestamp)?$|@?_?time(?:stamp)?$|date(?:time)?$|created(?:at)?$|asctime$|eventtime$|when$|instant$"
)
SAYS: Final = (
    "message",
    "msg",
    "log",
    "@message",
    "textpayload",
    "line",
    "_raw",
    "text",
    "plain_body",
    "content",
    "event",
    "value",
    "body",
    "@m",
    "renderedmessage",
    "messagetemplate",
    "details",
    "description",
)
_PAIR: Final = re.compile(r"(?:^|[\s,;])(?P<name>[@A-Za-z_][\w.@-]*)=")
_IN_QUOTES: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WORD: Final = re.compile(r"\S*")
_QUERIES: Final = ("params", "query", "queryparams", "querystring", "searchparams")
_LEAST_PAIRS: Final = 3
_DEPTH: Final = 3


def pairs_of(line: str) -> dict[str, Any] | None:
    """A line of logfmt as a row; None where it is none."""
    row: dict[str, Any] = {}
    at = 0
    while (found := _PAIR.search(line, at)) is not None:
        start = at = found.end()
        if line[start : start + 1] == '"':
            text = _IN_QUOTES.match(line, start)
            if text is None:
                return None
            row[found["name"]], at = unescaped(text[1]), text.end()
        elif line[start : start + 1] in ("{", "[") and (end := closed_at(line, start)):
            row[found["name"]], at = line[start:end], end
        else:
            text = _WORD.match(line, start)
            assert text is not None  # it matches nothing, too
            row[found["name"]], at = text[0], text.end()
    return row if len(row) >= _LEAST_PAIRS else None


def tokens_of_row(row: Mapping[str, Any]) -> list[Token]:
    """What a row says of HTTP, the request before the answer; empty where it says neither."""
    fields = list(_flat(row, "", _DEPTH))
    method = next(
        (str(value).upper() for name, value in fields if _last(name) in _METHOD and _is_method(value)), ""
    )
    url = next((str(value) for name, value in fields if _URL.match(_last(name)) and _is_url(value)), "")
    host = next(
        (
            str(value)
            for name, value in fields
            if _last(name) in ("host", "hostname", "server") and isinstance(value, str)
        ),
        "",
    )
    status = next(
        (found for name, value in fields if _STATUS.match(_last(name)) and (found := _status(value))), 0
    )
    if url.startswith("/") and "." in host:
        url = f"https://{host}{url}"
    if not (method and url) and not status:
        return []
    query = next(
        (value for name, value in fields if _last(name) in _QUERIES and isinstance(value, Mapping)), {}
    )
    if method in ("GET", "HEAD") and url and query and "?" not in url:
        url += f"?{urlencode({key: value for key, value in query.items() if value is not None})}"
    asked, answered = (
        [Token(ASKED, (method, url))] if method and url else [],
        [Token(STATUS, status)] if status else [],
    )
    for name, value in fields:
        body = _body(value)
        if body is None or is_container(body) or (body == query and method in ("GET", "HEAD")):
            continue
        if "header" in name or "hdr" in name:
            if isinstance(body, Mapping) and not _ANSWER_BODY.search(name.replace("header", "")):
                asked.append(Token(HEADERS, body))
        elif isinstance(value, str) or _BODY.search(name):
            of_answer = _ANSWER_BODY.search(name) and not name.startswith("req")
            of_request = _ASKED_BODY.search(name) and not of_answer
            token = Token(VALUE, body, "response" if of_answer else "request" if of_request else "")
            (answered if status and not of_request else asked).append(token)
    return [*asked, *answered]


def bodies_of(row: Mapping[str, Any]) -> Iterator[Any]:
    """Every value of a row that could be a body or a message."""
    yield from (body for _, value in _flat(row, "", _DEPTH) if (body := _body(value)) is not None)


def unlisted(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row with what stands in its lists of names and values, as in OpenTelemetry's spans, as its own."""
    found = dict(row)
    for value in row.values():
        for each in value if isinstance(value, list) else ():
            name = (
                next((each[key] for key in ("key", "name", "field") if isinstance(each.get(key), str)), "")
                if isinstance(each, Mapping)
                else ""
            )
            if name and "value" in each:
                told = each["value"]
                told = (
                    next(iter(told.values()), None) if isinstance(told, Mapping) and len(told) == 1 else told
                )
                found.setdefault(name, told)
    return found


def key_of(row: Mapping[str, Any]) -> str:
    """What joins a row of a request with the row of its answer; "" where it tells nothing like it."""
    plain = {_plain(name): value for name, value in row.items()}
    return next(
        (
            f"{name}={plain[name]}"
            for name in _KEYS
            if isinstance(plain.get(name), str | int) and plain[name] != ""
        ),
        "",
    )


def stamp_of(row: Mapping[str, Any]) -> Stamp | None:
    """When a row was written."""
    for name, value in row.items():
        if (
            _TIMES.match(str(name).lower().strip("_"))
            and (found := stamps.in_message({"t": value}, ("t",))) is not None
        ):
            return found
    inside = (value for value in row.values() if isinstance(value, Mapping))
    return next((found for each in inside if (found := stamp_of(each)) is not None), None)


def said_by(row: Mapping[str, Any]) -> str:
    """What a row says in words; "" where it says nothing."""
    plain = {str(name).lower(): value for name, value in row.items()}
    for name in SAYS:
        value = plain.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list) and value and name == "text":
            return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in value)
    return ""


def _flat(value: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Every field with the names that lead to it, as small letters without separators, joined by dots."""
    for name, item in value.items():
        path = f"{above}.{_plain(name)}" if above else _plain(name)
        yield path, item
        if isinstance(item, Mapping) and depth and not _is_message(item):
            yield from _flat(item, path, depth - 1)


def is_container(value: Any) -> bool:
    """Whether it is no body but holds one, beside a method, an URL or a status."""
    if not isinstance(value, Mapping):
        return False
    names = [(_plain(name), item) for name, item in value.items()]
    return any(name in _METHOD and _is_method(item) for name, item in names) or (
        not _is_message(value) and any(_STATUS.match(name) and _status(item) for name, item in names)
    )


def _is_message(value: Mapping[str, Any]) -> bool:
    return any(
        name in value
        for name in ("order", "orderID", "error", "success", "errorMsg", "not_canceled", "jsonrpc")
    )


def _plain(name: Any) -> str:
    return re.sub(r"[_\-. ]", "", str(name).lower())


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(METHODS, value.upper()) is not None


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and re.match(r"https?://|/[A-Za-z]", value) is not None


def _status(value: Any) -> int:
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    found = re.match(r"([1-5][0-9]{2})(?: [A-Z][A-Za-z ]+)?$", text)
    return int(found[1]) if found is not None else 0


def _body(value: Any) -> Any:
    """A field's value as a body: a mapping, a list, a text that is one, or a page; else None."""
    if isinstance(value, Mapping | list):
        return value or None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text[:1] in ("{", "["):
        return value_of(text)
    return text if re.match(r"<(?:!DOCTYPE|html)\b", text, re.I) else None
