"""A customer on QuickFIX, as a process: logs on, sends what stdin says, prints what it gets.

One thread polls the engine, and no exception leaves a callback: see harness/venue/fix/acceptor.py.
"""

from __future__ import annotations

import json
import os
import select
import sys
import tempfile
from pathlib import Path

import quickfix as fix

from harness.venue.fix.dictionaries import trimmed

SETTINGS = """[DEFAULT]
ConnectionType=initiator
StartTime=00:00:00
EndTime=00:00:00
HeartBtInt=30
ReconnectInterval=1
UseDataDictionary=Y
ValidateUserDefinedFields=N
ResetOnLogon=Y
SocketConnectHost={host}
SocketConnectPort={port}
DefaultApplVerID=FIX.5.0SP2
TransportDataDictionary={transport}
AppDataDictionary={application}
[SESSION]
BeginString=FIXT.1.1
SenderCompID={sender}
TargetCompID={target}
"""


class Customer(fix.Application):
    def onCreate(self, session_id: fix.SessionID) -> None: ...

    def onLogon(self, session_id: fix.SessionID) -> None:
        print(json.dumps(["logon"]), flush=True)

    def onLogout(self, session_id: fix.SessionID) -> None: ...

    def toAdmin(self, message: fix.Message, session_id: fix.SessionID) -> None:
        self._show("sent", message)

    def toApp(self, message: fix.Message, session_id: fix.SessionID) -> None: ...

    def fromAdmin(self, message: fix.Message, session_id: fix.SessionID) -> None: ...

    def fromApp(self, message: fix.Message, session_id: fix.SessionID) -> None:
        self._show("got", message)

    def _show(self, way: str, message: fix.Message) -> None:
        kind = message.getHeader().getField(35)
        fields = {tag: message.getField(tag) for tag in (11, 39, 58, 150) if message.isSetField(tag)}
        print(json.dumps([way, kind, fields]), flush=True)


def main(session: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        dictionaries = [trimmed(each, directory) for each in ("FIXT11", "FIX50SP2")]
        config = directory / "client.cfg"
        transport, application = dictionaries
        text = SETTINGS.format(**session, transport=transport, application=application)
        config.write_text(text)
        settings, store, customer = fix.SessionSettings(str(config)), fix.MemoryStoreFactory(), Customer()
        initiator = fix.SocketInitiator(customer, store, settings)
        session_id = fix.SessionID("FIXT.1.1", session["sender"], session["target"])
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
                kind, fields = json.loads(line)
                message = fix.Message()
                message.getHeader().setField(35, kind)
                message.getHeader().setField(50, "trader")
                for tag, value in fields:
                    message.setField(tag, value)
                fix.Session.sendToTarget(message, session_id)
        initiator.stop(True)
        del initiator  # before the application, store and settings that it uses


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
