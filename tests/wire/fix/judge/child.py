"""The judge: a real quickfix acceptor in a process of its own, driven by its poll loop alone.

Run as `python child.py SETTINGS`: prints one JSON line when it listens, then takes one JSON command a line on
stdin and answers each with one JSON line. No thread, no exception out of a callback, and the engine dies
before what it stands on: every other way of running quickfix from Python was seen to crash it.
"""

from __future__ import annotations

import json
import os
import select
import sys
import traceback
from typing import Any

import quickfix as fix


class Judge(fix.Application):
    """Answers each NewOrderSingle with an ExecutionReport, and keeps its own mistakes."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, Any] = {}
        self.mistakes: list[str] = []
        self.reports = 0

    def onCreate(self, session: Any) -> None:
        begin = session.getBeginString().getValue()
        peer = session.getTargetCompID().getValue()
        self.sessions[peer] = fix.SessionID(begin, session.getSenderCompID().getValue(), peer)

    def onLogon(self, session: Any) -> None:
        pass

    def onLogout(self, session: Any) -> None:
        pass

    def toAdmin(self, message: Any, session: Any) -> None:
        pass

    def toApp(self, message: Any, session: Any) -> None:
        pass

    def fromAdmin(self, message: Any, session: Any) -> None:
        pass

    def fromApp(self, message: Any, session: Any) -> None:
        try:
            if message.getHeader().getField(35) == "D":
                self.report(self.sessions[session.getTargetCompID().getValue()], message.getField(11))
        except BaseException:
            self.mistakes.append(traceback.format_exc())

    def report(self, session: Any, order: str) -> None:
        """Send an ExecutionReport for an order."""
        self.reports += 1
        report = fix.Message()
        report.getHeader().setField(35, "8")
        for tag, value in (
            *(
                (37, f"o{self.reports}"),
                (17, f"e{self.reports}"),
                (150, "0"),
                (39, "0"),
                (54, "1"),
                (151, "5"),
            ),
            *((14, "0"), (6, "0"), (11, order), (55, "YES-2027")),
        ):
            report.setField(tag, value)
        fix.Session.sendToTarget(report, session)

    def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what a script asks of the judge's side."""
        session_id = self.sessions[command["session"]]
        session = fix.Session.lookupSession(session_id)
        match command["do"]:
            case "send":
                for number in range(command["n"]):
                    self.report(session_id, f"unasked{number + 1}")
            case "next_out":
                session.setNextSenderMsgSeqNum(command["n"])
            case "next_in":
                session.setNextTargetMsgSeqNum(command["n"])
            case "logout":
                session.logout("the judge leaves")
            case "numbers":
                pass
        return {"out": session.getExpectedSenderNum(), "in": session.getExpectedTargetNum()}


def main(settings_path: str) -> None:
    """Serve until stdin closes."""
    settings = fix.SessionSettings(settings_path)
    judge, store = Judge(), fix.MemoryStoreFactory()
    acceptor = fix.SocketAcceptor(judge, store, settings)
    acceptor.poll()
    print(json.dumps({"listens": True}), flush=True)
    rest = b""
    while True:
        acceptor.poll()
        readable, _, _ = select.select([0], [], [], 0.0005)
        if not readable:
            continue
        data = os.read(0, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            print(json.dumps(judge.obey(json.loads(line)) | {"mistakes": judge.mistakes}), flush=True)
    acceptor.stop(True)
    del acceptor


if __name__ == "__main__":
    main(sys.argv[1])
