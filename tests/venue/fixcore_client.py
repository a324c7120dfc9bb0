"""A customer on FIXcore, an engine in Python alone, as a process; what it is told and says: see engine.py.

It reads by the dictionaries that it brings, with one value more: the exchange's SecurityType EVENT.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from fixcore.application import Application
from fixcore.log.base import Log, LogFactory
from fixcore.message.message import Message
from fixcore.session.session import Session
from fixcore.session.session_id import SessionID
from fixcore.session.session_settings import SessionSettings
from fixcore.store.base import MessageStore
from fixcore.store.factory import StoreFactory
from fixcore.store.memory import MemoryStore
from fixcore.transport.initiator import SocketInitiator
from signing import logon_fields

SECURITY_TYPE = "<field number='167' name='SecurityType' type='STRING'>"


class Quiet(Log, LogFactory):
    def create(self, session_id: SessionID) -> Log:
        return self

    def on_incoming(self, message: str) -> None: ...

    def on_outgoing(self, message: str) -> None: ...

    def on_event(self, text: str) -> None: ...


class Kept(StoreFactory):
    """One store for the one session, so that numbers can be moved."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def create(self, session_id: SessionID) -> MessageStore:
        return self.store


class Customer(Application):
    def __init__(self, asked: dict[str, Any]) -> None:
        self._asked = asked

    def on_logon(self, session_id: SessionID) -> None:
        say("logon")

    def on_logout(self, session_id: SessionID) -> None:
        say("logout")

    def to_admin(self, message: Message, session_id: SessionID) -> None:
        kind, fields = _shown(message)
        for tag, value in logon_fields(self._asked, fields) if kind == "A" else ():
            message.set_field(tag, value)
        say("sent", kind, fields)

    def from_admin(self, message: Message, session_id: SessionID) -> None:
        say("got", *_shown(message))

    def from_app(self, message: Message, session_id: SessionID) -> None:
        say("got", *_shown(message))


def say(*what: Any) -> None:
    print(json.dumps(what), flush=True)


def _shown(message: Message) -> tuple[str, dict[str, str]]:
    fields = {**dict(message.header.items()), **dict(message.body.items())}
    return message.msg_type, {str(tag): value for tag, value in fields.items()}


def _dictionary(name: str, directory: Path) -> Path:
    text = resources.files("fixcore").joinpath("specs", f"{name}.xml").read_text(encoding="utf-8")
    event = f"{SECURITY_TYPE}<value enum='EVENT' description='EVENT'/>"
    changed = text.replace(SECURITY_TYPE, event).replace(SECURITY_TYPE.replace("'", '"'), event)
    assert name == "FIXT11" or changed != text
    path = directory / f"{name}.xml"
    path.write_text(changed, encoding="utf-8")
    return path


async def _obey(
    initiator: SocketInitiator, session: Session, store: MemoryStore, kind: str, fields: list[list[Any]]
) -> None:
    match kind:
        case "logout":
            await initiator.logout()
        case "logon":
            await initiator.start()
        case "skip":
            store.set_next_sender_msg_seq_num(store.next_sender_msg_seq_num() + 3)
        case _:
            message = Message()
            message.header.set(35, kind)
            for tag, value in fields:
                message.header.set(tag, value) if tag == 50 else message.set_field(tag, value)
            await session.send_app(message)


async def main(asked: dict[str, Any], directory: Path) -> None:
    session_id = SessionID(asked["begin_string"], asked["sender"], asked["target"])
    settings = SessionSettings()
    its = {
        "SocketConnectHost": asked["host"],
        "SocketConnectPort": str(asked["port"]),
        "HeartBtInt": str(asked["heartbeat_s"]),
        "ResetOnLogon": asked["reset"],
        "ReconnectInterval": "1",
        "UseDataDictionary": "Y",
        "ValidateFieldsOutOfRange": "Y",
    }
    if asked["begin_string"] == "FIXT.1.1":
        its |= {
            "DefaultApplVerID": "FIX.5.0SP2",
            "TransportDataDictionary": str(_dictionary("FIXT11", directory)),
            "AppDataDictionary": str(_dictionary("FIX50SP2", directory)),
        }
    else:
        its["DataDictionary"] = str(_dictionary("FIX44", directory))
    settings.set_session(session_id, its)
    kept = Kept()
    initiator = SocketInitiator(settings, Customer(asked), kept, Quiet())
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with initiator:
        while line := await reader.readline():
            await _obey(initiator, initiator.sessions[session_id], kept.store, *json.loads(line))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(main(json.loads(sys.argv[1]), Path(name)))
