"""What programs print of an order's outcome where nothing tells the request: an exception, or the answer.

The exchange's answers to `POST /order` are like no other's: `orderID` and `success` stand in them. Of a
refusal the client's exception tells status and words. Used only where no file tells an exchange.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from harness import exactjson
from harness.evidence.exchanges import Omitted, came, sent
from harness.evidence.ticket import literals, shapes, stamps
from harness.evidence.ticket.clues import REST, Clue, Reading, Stamp, Unread
from harness.evidence.ticket.textlines import Lines
from harness.model import Kind

_EXCEPTION: Final = re.compile(
    r"PolyApiException\[status_code=(?P<status>[0-9]{3}|None), error_message=(?P<said>.*)\]"
)
_VALUE: Final = re.compile(r"(?P<value>\{.*)$")
_UNTOLD: Final = "the log does not tell it"
_NO_URL: Final = "https://exchange.invalid/order"
_GUESS: Final = "nothing tells it: taken as POST /order, by what came of it"
_SAME: Final = 3
"""Lines within which the same outcome told again is one: a log line and the traceback below it."""


def applied(reading: Reading) -> Reading:
    """The reading with the exchanges of its lone outcomes as clues, each with what was guessed of it."""
    guessed = [Unread(clue.place, "the request", _GUESS) for clue in reading.lone if clue.kind is Kind.SEND]
    form = f"{reading.form}, outcomes" if reading.lone else reading.form
    return replace(reading, form=form, clues=reading.lone, unread=(*reading.unread, *guessed))


def read(lines: Lines) -> list[Clue]:
    """The exchanges that the outcomes of a text stand for."""
    clues: list[Clue] = []
    last, last_at = "", -_SAME
    at = pair = 0
    when: Stamp | None = None
    while at < len(lines):
        when = stamps.leading(lines[at])[0] or when
        found = _outcome(lines, at)
        if found is None:
            at += 1
            continue
        until, status, body, why = found
        if body + why != last or at - last_at > _SAME:
            pair += 1
            place = lines.place(at)
            data = sent("POST", _NO_URL, (), Omitted(_UNTOLD))
            base = data["wire"].get("base", "")
            clues.append(Clue(place, Kind.SEND, REST, data, when, pair, base))
            if status:
                clues.append(
                    Clue(place, Kind.ANSWER, REST, came(status, (), body.encode()), when, pair, base)
                )
            else:
                clues.append(Clue(place, Kind.LOST, REST, {"why": why}, when, pair, base))
        last, last_at = body + why, until
        at = until
    return clues


def _outcome(lines: Lines, at: int) -> tuple[int, int, str, str] | None:
    """The line behind it, status, body and what is said where there was no answer."""
    raised = _EXCEPTION.search(lines[at])
    if raised is not None:
        said = raised["said"]
        value = _loaded(said)
        body = exactjson.dumps(value) if value is not None else said
        status = 0 if raised["status"] == "None" else int(raised["status"])
        return at + 1, status, body if status else "", "" if status else said
    start = _VALUE.search(lines[at])
    if start is None:
        return None
    until, text = literals.until_closed(lines, at, start["value"])
    value = _loaded(text)
    if not isinstance(value, Mapping):
        return None
    if "orderID" in value and ("success" in value or "status" in value):
        return until, 200, exactjson.dumps(_answer(value)), ""
    if said := shapes.told_status(value):
        return until, said, exactjson.dumps({"error": value["error"]}), ""
    return None


def _answer(value: Mapping[str, Any]) -> dict[str, Any]:
    """The answer without what a client put into it by itself."""
    return {key: item for key, item in value.items() if key != "transactionsHashes"}


def _loaded(text: str) -> Any:
    try:
        return literals.loads(text)
    except ValueError:
        return None
