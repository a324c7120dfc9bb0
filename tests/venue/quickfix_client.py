"""A customer on QuickFIX, as a process; what it is told and says: see engine.py.

One thread polls the engine, and no exception leaves a callback: see harness/venue/fix/acceptor.py.
"""

from __future__ import annotations

import json
import os
import select
import sys
import tempfile
from pathlib import Path
from typing import Any

import quickfix as fix
from signing import logon_fields

from harness.venue.fix.dictionaries import trimmed

SETTINGS = """[DEFAULT]
ConnectionType=initiator
StartTime=00:00:00
EndTime=00:00:00
HeartBtInt={heartbeat_s}
ReconnectInterval=1
UseDataDictionary=Y
ValidateUserDefinedFields=N
ResetOnLogon={reset}
SocketConnectHost={host}
SocketConnectPort={port}
{log}
{dictionaries}
[SESSION]
BeginString={begin_string}
SenderCompID={sender}
TargetCompID={target}
"""
FIXT = """DefaultApplVerID=FIX.5.0SP2
TransportDataDictionary={0}
AppDataDictionary={1}"""


class Customer(fix.Application):
    def __init__(self, asked: dict[str, Any]) -> None:
        super().__init__()
        self._asked = asked

    def onCreate(self, session_id: fix.SessionID) -> None: ...

    def onLogon(self, session_id: fix.SessionID) -> None:
        say("logon")

    def onLogout(self, session_id: fix.SessionID) -> None:
        say("logout")

    def toAdmin(self, message: fix.Message, session_id: fix.SessionID) -> None:
        kind, fields = _shown(message)
        for tag, value in logon_fields(self._asked, fields) if kind == "A" else ():
            message.setField(tag, value)
        say("sent", kind, fields)

    def toApp(self, message: fix.Message, session_id: fix.SessionID) -> None: ...

    def fromAdmin(self, message: fix.Message, session_id: fix.SessionID) -> None:
        say("got", *_shown(message))

    def fromApp(self, message: fix.Message, session_id: fix.SessionID) -> None:
        say("got", *_shown(message))


def say(*what: Any) -> None:
    print(json.dumps(what), flush=True)


def _shown(message: fix.Message) -> tuple[str, dict[str, str]]:
    pairs = (pair.partition("=") for pair in message.toString().split("\x01") if pair)
    return message.getHeader().getField(35), {tag: value for tag, _, value in pairs}


def _obey(session_id: fix.SessionID, kind: str, fields: list[tuple[int, str]]) -> None:
    session = fix.Session.lookupSession(session_id)
    match kind:
        case "logout":
            session.logout()
        case "logon":
            session.logon()
        case "skip":
            session.setNextSenderMsgSeqNum(session.getExpectedSenderNum() + 3)
        case _:
            message = fix.Message()
            message.getHeader().setField(35, kind)
            for tag, value in fields:
                at = message.getHeader() if tag == 50 else message
                at.setField(tag, value)
            fix.Session.sendToTarget(message, session_id)


def main(session: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        if session["begin_string"] == "FIXT.1.1":
            files = FIXT.format(trimmed("FIXT11", directory), trimmed("FIX50SP2", directory))
        else:
            files = f"DataDictionary={trimmed('FIX44', directory)}"
        config = directory / "client.cfg"
        log = f"FileLogPath={session['log']}" if session["log"] else ""
        config.write_text(SETTINGS.format(**{**session, "log": log}, dictionaries=files))
        settings, store, customer = (
            fix.SessionSettings(str(config)),
            fix.MemoryStoreFactory(),
            Customer(session),
        )
        logs = [fix.FileLogFactory(settings)] if session["log"] else []
        initiator = fix.SocketInitiator(customer, store, settings, *logs)
        session_id = fix.SessionID(session["begin_string"], session["sender"], session["target"])
        unread = b""
        while True:
            initiator.poll()
            if not select.select([0], [], [], 0.001)[0]:
                continue
            data = os.read(0, 65536)
            if not data:
                break
            *lines, unread = (unread + data).split(b"\n")
            for line in lines:
                _obey(session_id, *json.loads(line))
        initiator.stop(True)
        del initiator  # before the application, store and settings that it uses


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
