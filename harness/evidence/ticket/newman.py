"""The report of a Postman run (newman's JSON reporter): each request as it was sent, each answer as it came.

Source: newman 6, `run.executions`. It tells when the run began and how long each answer took, so the requests
stand one behind another from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.errors import EvidenceError, Place
from harness.evidence.exchanges import came, sent
from harness.evidence.ticket import jsontext, stamps
from harness.evidence.ticket.clues import REST, Clue, Reading, Stamp, Unread, Zone
from harness.model import Kind

FORM: Final = "Postman run"


def looks_like(text: str) -> bool:
    """Whether a text is a report of newman: a JSON object with a run and its executions."""
    return text.lstrip()[:1] == "{" and '"executions"' in text and '"run"' in text


def read(text: str, path: str) -> Reading:
    """The requests of a run in its order, with their answers. Raises EvidenceError I030 (nothing to read)."""
    try:
        run = jsontext.loads(text)["run"]
        rows = run["executions"]
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError("I030", f"{path}: the report of a Postman run cannot be read: {error}") from None
    clues: list[Clue] = []
    unread: list[Unread] = []
    stamp = stamps.unix((run.get("timings") or {}).get("started"))
    at_us = stamp.us if stamp is not None else 0
    for number, row in enumerate(rows if isinstance(rows, list) else (), start=1):
        place = Place(path, 1, number)
        took_us = (
            int((row.get("response") or {}).get("responseTime") or 0) * 1000 if isinstance(row, dict) else 0
        )
        try:
            clues += _exchange(row, place, number, (at_us, at_us + took_us) if stamp else None)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            unread.append(Unread(place, f"execution {number}", f"it cannot be read: {error}"))
        at_us += took_us + 1000
    if not clues:
        raise EvidenceError("I030", f"{path}: the report of a Postman run holds no request that can be read")
    return Reading(path, FORM, tuple(clues), tuple(unread))


def _exchange(
    row: Mapping[str, Any], place: Place, pair: int, times: tuple[int, int] | None
) -> Iterator[Clue]:
    asked, answer = row["request"], row.get("response")
    began, ended = (Stamp(us, Zone.UTC, 1000) for us in times) if times else (None, None)
    body = str((asked.get("body") or {}).get("raw") or "").encode()
    data = sent(asked["method"], _url(asked["url"]), _headers(asked), body)
    host = data["wire"].get("base", "")
    yield Clue(place, Kind.SEND, REST, data, began, pair, host)
    if not isinstance(answer, Mapping) or not answer.get("code"):
        why = str((row.get("requestError") or {}).get("message") or "no answer")
        yield Clue(place, Kind.LOST, REST, {"why": why}, ended, pair, host)
        return
    stream = answer.get("stream") or {}
    came_body = bytes(stream["data"]) if isinstance(stream, Mapping) and "data" in stream else b""
    told = came(int(answer["code"]), _headers(answer), came_body)
    yield Clue(place, Kind.ANSWER, REST, told, ended, pair, host)


def _headers(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Headers without the coding that the report's bodies do not have any more."""
    rows = [(str(row["key"]), str(row["value"])) for row in message.get("header") or ()]
    return [row for row in rows if row[0].lower() != "content-encoding"]


def _url(url: Any) -> str:
    if isinstance(url, str):
        return url
    host = url["host"] if isinstance(url["host"], str) else ".".join(url["host"])
    path = url.get("path") or []
    port = f":{url['port']}" if url.get("port") else ""
    query = "&".join(f"{row['key']}={row['value']}" for row in url.get("query") or ())
    whole = f"{host}{port}/{path if isinstance(path, str) else '/'.join(path)}{'?' if query else ''}{query}"
    return whole if "://" in whole else f"{url.get('protocol') or 'https'}://{whole}"
