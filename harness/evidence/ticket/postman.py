"""Postman collections, format 2.1: requests with their variables, and the answers saved as examples.

Source: schema.getpostman.com/json/collection/v2.1.0. A collection keeps no times. Scripts are not run: what
they would have set stays a `{{name}}`, and is told.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from harness.errors import EvidenceError, Place
from harness.evidence.exchanges import Body, Headers, Omitted, came, sent
from harness.evidence.ticket import jsontext
from harness.evidence.ticket.clues import REST, Clue, Reading, Unread
from harness.model import Kind

FORM: Final = "Postman collection"
_SCHEMA: Final = "schema.getpostman.com/json/collection/"
_VARIABLE: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_FOLDERS: Final = 16
_MODES: Final = {
    "formdata": "a form, whose bytes Postman makes anew each time",
    "file": "a file, which is not here",
}


def looks_like(text: str) -> bool:
    """Whether a text is a Postman collection: a JSON object that names its schema."""
    return text.lstrip()[:1] == "{" and _SCHEMA in text


def read(text: str, path: str) -> Reading:
    """The requests of a collection in its order, each with the answers that were saved for it.

    Raises EvidenceError I030 where it is damaged, of another version, or holds no request.
    """
    try:
        collection = jsontext.loads(text)
    except ValueError as error:
        raise EvidenceError("I030", f"{path}: the Postman collection cannot be read: {error}") from None
    info = collection.get("info") if isinstance(collection, dict) else None
    schema = str(info.get("schema", "")) if isinstance(info, dict) else ""
    if "/v2.1" not in schema:
        told = schema.rpartition("collection/")[2] or "none that it names"
        raise EvidenceError("I030", f"{path}: its version is {told}; v2.1 is read: export it again as v2.1")
    reader = _Reader(path, _variables(collection.get("variable")), jsontext.line_of(text), text)
    reader.items(collection.get("item"), ())
    if not reader.clues:
        raise EvidenceError("I030", f"{path}: the Postman collection holds no request that can be read")
    return Reading(path, FORM, tuple(reader.clues), tuple(reader.unread))


@dataclass(slots=True)
class _Reader:
    path: str
    variables: Mapping[str, str]
    line_at: Any
    text: str
    clues: list[Clue] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    pairs: int = 0
    searched: int = 0

    def items(self, items: Any, folders: tuple[str, ...]) -> None:
        for item in items if isinstance(items, list) else ():
            if not isinstance(item, dict):
                continue
            place = self._place(str(item.get("name", "")))
            named = "/".join((*folders, str(item.get("name", "unnamed"))))
            for event in item.get("event") or ():
                listen = event.get("listen", "a") if isinstance(event, dict) else "a"
                self.unread.append(Unread(place, f"{listen} script of {named!r}", "scripts are not run"))
            if isinstance(item.get("item"), list):
                if len(folders) == _FOLDERS:
                    self.unread.append(
                        Unread(place, f"the folder {named!r}", f"more than {_FOLDERS} levels deep")
                    )
                else:
                    self.items(item["item"], (*folders, str(item.get("name", "unnamed"))))
            else:
                self._item(place, named, item)

    def _place(self, name: str) -> Place:
        """Where the next item of that name stands; items come in the order of the text."""
        at = self.text.find(f'"{name}"', self.searched)
        if at >= 0:
            self.searched = at
        return Place(self.path, self.line_at(self.searched), 1)

    def _item(self, place: Place, named: str, item: Mapping[str, Any]) -> None:
        answers = [each for each in item.get("response") or () if isinstance(each, dict)]
        asked = [each.get("originalRequest") or item.get("request") for each in answers] or [
            item.get("request")
        ]
        for at, request in enumerate(asked or [item.get("request")]):
            self.pairs += 1
            host = self._request(place, named, request)
            if host is None:
                continue
            if at < len(answers):
                self._answer(place, named, answers[at], host)

    def _request(self, place: Place, named: str, request: Any) -> str | None:
        if isinstance(request, str):
            request = {"method": "GET", "url": request}
        url = _url(request.get("url")) if isinstance(request, dict) else ""
        if not url:
            self.unread.append(Unread(place, f"{named!r}", "it has no request with a url"))
            return None
        headers = [*_headers(request.get("header")), *_auth(request.get("auth"))]
        body, why = _body(request.get("body"))
        if why:
            self.unread.append(Unread(place, f"the body of {named!r}", why))
        url, open_names = self._filled(url)
        filled = tuple((name, self._filled(value)[0]) for name, value in headers)
        if isinstance(body, bytes):
            text, more = self._filled(body.decode())
            body, open_names = text.encode(), open_names + more
        for name in dict.fromkeys(open_names):
            self.unread.append(
                Unread(place, f"{{{{{name}}}}} in {named!r}", "the collection gives it no value")
            )
        try:
            data = sent(str(request.get("method", "GET")), url, filled, body)
        except ValueError as error:
            self.unread.append(Unread(place, f"the url of {named!r}", str(error)))
            return None
        host: str = data["wire"].get("base", "")
        self.clues.append(Clue(place, Kind.SEND, REST, data, None, self.pairs, host))
        return host

    def _answer(self, place: Place, named: str, answer: Mapping[str, Any], host: str) -> None:
        code = answer.get("code")
        if not isinstance(code, int):
            self.unread.append(Unread(place, f"an answer saved for {named!r}", "it has no status code"))
            return
        body = answer.get("body")
        data = came(
            code, tuple(_headers(answer.get("header"))), body.encode() if isinstance(body, str) else b""
        )
        self.clues.append(Clue(place, Kind.ANSWER, REST, data, None, self.pairs, host))

    def _filled(self, text: str) -> tuple[str, list[str]]:
        """The text with the collection's variables put in, and the names that have no value."""
        missing: list[str] = []

        def value(found: re.Match[str]) -> str:
            if found[1] not in self.variables:
                missing.append(found[1])
                return found[0]
            return self.variables[found[1]]

        return _VARIABLE.sub(value, text), missing


def _variables(rows: Any) -> dict[str, str]:
    named = (row for row in rows or () if isinstance(row, dict) and isinstance(row.get("key"), str))
    return {row["key"]: str(row["value"]) for row in named if row.get("value") is not None}


def _url(url: Any) -> str:
    if isinstance(url, str):
        return url
    if not isinstance(url, dict):
        return ""
    raw = url.get("raw")
    if isinstance(raw, str) and raw:
        return raw
    host, path = url.get("host"), url.get("path")
    joined = ".".join(host) if isinstance(host, list) else str(host or "")
    behind = "/".join(map(str, path)) if isinstance(path, list) else str(path or "").lstrip("/")
    return f"{url.get('protocol', 'https')}://{joined}/{behind}" if joined else ""


def _headers(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("key"), str) and not row.get("disabled"):
            yield row["key"], str(row.get("value") or "")


def _auth(auth: Any) -> Headers:
    """The header that Postman makes of a request's own authorisation, for the kinds that are one header."""
    if not isinstance(auth, dict):
        return ()
    rows = {
        row.get("key"): str(row.get("value", ""))
        for row in auth.get(str(auth.get("type"))) or ()
        if isinstance(row, dict)
    }
    match auth.get("type"):
        case "bearer":
            return (("Authorization", f"Bearer {rows.get('token', '')}"),)
        case "basic":
            pair = f"{rows.get('username', '')}:{rows.get('password', '')}"
            return (("Authorization", "Basic " + base64.b64encode(pair.encode()).decode()),)
        case "apikey" if rows.get("in", "header") == "header":
            return ((rows.get("key", "X-API-Key"), rows.get("value", "")),)
    return ()


def _body(body: Any) -> tuple[Body, str]:
    if not isinstance(body, dict) or body.get("disabled"):
        return b"", ""
    match body.get("mode"):
        case "raw":
            return str(body.get("raw", "")).encode(), ""
        case "urlencoded":
            return urlencode(list(_headers(body.get("urlencoded")))).encode(), ""
        case "formdata" | "file" as mode:
            return Omitted(_MODES[mode]), _MODES[mode]
        case None:
            return b"", ""
    why = f"its mode {body['mode']!r} is not read"
    return Omitted(why), why
