"""What quickfix calls: an application whose callbacks let no exception out.

An exception that leaves a callback ends the process (quickfix's own RejectLogon and FieldNotFound too, in the
wheel that is used), and a message that is kept after its callback is memory that was freed: fields are copied
out as text, and refusals are messages.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final

LOGON: Final = "A"
NO_USER_ON_LOGON: Final = "SenderSubID (50) is not allowed on Logon"
_CLIENT_TAGS: Final = (1, 11, 18, 37, 38, 40, 41, 44, 54, 55, 59, 60, 99, 126)
_PRICED: Final = ("2", "4")
_USER: Final = 50


def callbacks(
    engine: Any, name: str, say: Callable[[dict[str, Any]], None], needed: Mapping[str, list[int]]
) -> Any:
    """An application for one session; `say` is told of every application message that has what is needed."""

    refused = False

    def from_admin(_: Any, message: Any, __: Any) -> None:
        nonlocal refused
        try:
            header = message.getHeader()
            if header.getField(35) == LOGON:
                refused = header.isSetField(_USER)
        except Exception:
            _problem()

    def from_app(_: Any, message: Any, session_id: Any) -> None:
        try:
            kind, fields = _copy(message)
            if missing := _missing(kind, fields, needed):
                engine.Session.sendToTarget(_reject(engine, kind, fields["34"], missing), session_id)
            else:
                say({"event": "message", "id": name, "type": kind, "fields": fields})
        except Exception:
            _problem()

    def on_logon(_: Any, session_id: Any) -> None:
        try:
            if refused:
                engine.Session.lookupSession(session_id).logout(NO_USER_ON_LOGON)
        except Exception:
            _problem()

    def on_logout(_: Any, session_id: Any) -> None:
        try:
            engine.Session.lookupSession(session_id).logon()  # who was refused may try again
        except Exception:
            _problem()

    def nothing(*_: Any) -> None:
        pass

    def _problem() -> None:
        say({"event": "problem", "text": traceback.format_exc().strip().splitlines()[-1]})

    # quickfix has no types to subclass, so the class is made where the module is at hand
    members = {
        "onCreate": nothing,
        "onLogon": on_logon,
        "onLogout": on_logout,
        "toAdmin": nothing,
        "fromAdmin": from_admin,
        "toApp": nothing,
        "fromApp": from_app,
    }
    return type("Callbacks", (engine.Application,), members)()


def _copy(message: Any) -> tuple[str, dict[str, str]]:
    header = message.getHeader()
    fields = {str(tag): str(message.getField(tag)) for tag in _CLIENT_TAGS if message.isSetField(tag)}
    for tag in (34, _USER):
        if header.isSetField(tag):
            fields[str(tag)] = str(header.getField(tag))
    return str(header.getField(35)), fields


def _reject(engine: Any, kind: str, number: str, tag: int) -> Any:
    """Reject (3): a required field is missing."""
    message = engine.Message()
    message.getHeader().setField(35, "3")
    for field, value in ((45, number), (58, "Required tag missing"), (371, tag), (372, kind), (373, 1)):
        message.setField(field, str(value))
    return message


def _missing(kind: str, fields: dict[str, str], needed: Mapping[str, list[int]]) -> int:
    """The first field that the exchange requires beyond its dictionary; 0 is none."""
    wanted = list(needed.get(kind, ()))
    if kind in ("D", "G") and fields.get("40") in _PRICED:
        wanted.append(44)
    return next((tag for tag in wanted if str(tag) not in fields), 0)
