"""A quickfix driver with what it reports, in order, as a test likes to read it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from venue.bench import DEADLINE_S, Bench, Customer

from harness.channels.address import FixAddress
from harness.channels.dial import Dial
from harness.channels.quickfix import QuickfixDriver
from harness.model import By
from harness.wire.fix import codec, written
from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.message import Message

from .leaves import OPEN_DIAL

TOTAL = {"ResetSeqNumFlag": True}


@dataclass(frozen=True, slots=True)
class Told:
    """One report: what (`sent`, `said`, `pushed`, `lost`, `opened`, `closed`), by whom, and its text."""

    what: str
    text: str = ""
    by: str = ""

    @property
    def kind(self) -> str:
        """The message's name; empty where it is none."""
        return next(iter(self.view), "")

    @property
    def view(self) -> dict[str, Any]:
        """The message by names."""
        frame = codec.parse(written.read(self.text)) if self.text.startswith("8=") else None
        return dictionary_for(frame.begin_string).to_view(frame) if isinstance(frame, Message) else {}

    @property
    def fields(self) -> dict[str, Any]:
        """The message's fields by names."""
        return self.view[self.kind]


class Reports:
    """Takes the part of the timeline, for the stream and for every send."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.changed = threading.Condition()

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        self.add(Told("sent", wire["raw"]))

    def answered(self, wire: Mapping[str, Any]) -> None:
        raise AssertionError("a FIX session answers nothing")

    def lost(self, why: str) -> None:
        self.add(Told("lost", why))

    def opened(self) -> None:
        self.add(Told("opened"))

    def pushed(self, wire: Mapping[str, Any], by: By = By.PEER) -> None:
        self.add(Told("pushed", wire["raw"], str(by)))

    def said(self, wire: Mapping[str, Any]) -> None:
        self.add(Told("said", wire["raw"]))

    def closed(self, code: int | None, reason: str, by: By = By.PEER) -> None:
        self.add(Told("closed", reason))

    def add(self, told: Told) -> None:
        with self.changed:
            self.told.append(told)
            self.changed.notify_all()


class Seat:
    """The driver as the runner uses it."""

    def __init__(self, address: FixAddress, dial: Dial = OPEN_DIAL) -> None:
        self.address = address
        self.reports = Reports()
        self.driver = QuickfixDriver(lambda: address, self.reports, dial)

    @classmethod
    def of(cls, bench: Bench, customer: Customer, **more: str) -> Self:
        body = {"address": customer.address, "kind": "order_entry", "private_key": customer.key, **more}
        view = bench.control("/fix-sessions", body)
        return cls(FixAddress(*(view[key] for key in ("host", "port", "sender", "target", "begin_string"))))

    @property
    def told(self) -> list[Told]:
        return list(self.reports.told)

    def do(self, verb: str, **more: Any) -> list[Told]:
        """Carry out one step; what was reported until it was over."""
        before = len(self.told)
        self.driver.send({"fix": verb, **more}, self.reports)
        return self.told[before:]

    def log_on(self, **fields: Any) -> Told:
        """Log on and wait for the answer."""
        before = len(self.told)
        self.do("logon", fields=fields)
        return self.wait("pushed", "Logon", after=before)

    def ask(self, text: str) -> Told:
        """A TestRequest and its answer: all that was said before has come."""
        before = len(self.told)
        self.do("send", message={"TestRequest": {"TestReqID": text}})
        return self.wait("pushed", "Heartbeat", after=before)

    def order(self, market: Mapping[str, str], number: str, side: str = "BUY", **more: Any) -> list[Told]:
        """Enter a limit order for five shares at 0.40."""
        fields = {"SenderSubID": "desk", "ClOrdID": number, "Symbol": f"{market['symbol']}-YES"}
        terms = {"Side": side, "OrdType": "LIMIT", "OrderQty": 5, "Price": "0.40", "TimeInForce": "1"}
        stamp = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
        message = {"NewOrderSingle": {**fields, **terms, "TransactTime": stamp, **more}}
        return self.do("send", message=message)

    def wait(self, what: str, kind: str = "", *, after: int = 0, **fields: Any) -> Told:
        """The first report of this sort; fails at the deadline with all that was reported."""
        end = time.monotonic() + DEADLINE_S
        with self.reports.changed:
            while True:
                for told in self.reports.told[after:]:
                    if told.what == what and told.kind == kind and fields.items() <= self._of(told).items():
                        return told
                assert self.reports.changed.wait(end - time.monotonic()), self.reports.told

    def _of(self, told: Told) -> dict[str, Any]:
        return told.fields if told.kind else {}

    def assert_gone(self) -> None:
        """The driver's process has ended."""
        pid = self.driver.pid
        assert pid is None or not os.path.exists(f"/proc/{pid}")


def without_quickfix(folder: Path) -> Path:
    """A folder for PYTHONPATH under which `import quickfix` fails."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['quickfix'] = None\n")
    return folder
