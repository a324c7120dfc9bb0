"""The fix channel with `engine: quickfix`: the real engine on the case's side, in a process of its own.

The driver tells it what the case says and puts on the timeline what it tells. A crash of the engine costs the
case its connection and its numbers, and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from harness.channels.address import FixAddress
from harness.channels.dial import Dial
from harness.channels.engineprocess import EngineProcess
from harness.channels.fixopening import UnopenedError, hung_up, refused, told_off, until_open
from harness.errors import CaseError, HarnessError, Place, Problem, TargetError
from harness.limits import FIX_ENGINE_COMMAND_S
from harness.model import By
from harness.notnow import NotNow, farewell
from harness.wire.fix.dictionary import Dictionary, dictionary_for
from harness.wire.fix.tags import TEST_REQ_ID, TEST_REQUEST
from harness.world import Intent, Line, StreamLine

LOGON_S: Final = 5
"""How long a send waits for the answer to a Logon that is under way."""
INSTALL: Final = "Install the extra: pip install 'escalation-harness[fix]'"
BY_HAND: Final = "the quickfix engine writes its own bytes: `raw` needs a channel without `engine: quickfix`"
NO_FAULTS: Final = (
    "the quickfix engine has its own socket: `fault` needs a channel without `engine: quickfix`"
)


class _Asked:
    """A command on its way: where it is reported, and what became of it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.over = threading.Event()
        self.trouble: HarnessError | None = None
        self._said = False

    def sent(self, raw: str) -> None:
        """It went out with these bytes."""
        self._said = True
        self.line.sent({"raw": raw})

    def done(self, why: str | None = None) -> None:
        """It is over; `why` it was not carried out, if so."""
        if not self._said:
            self.line.sent({"raw": ""})
        if why is not None:
            self.line.lost(why)
        self.over.set()

    def failed(self, trouble: HarnessError) -> None:
        """It did not begin, by the environment's fault or the author's."""
        self.trouble = trouble
        self.over.set()


class QuickfixDriver:
    """A FIX session of one actor, spoken by quickfix."""

    def __init__(
        self,
        find: Callable[[], FixAddress],
        line: StreamLine,
        dial: Dial,
        command_s: int = FIX_ENGINE_COMMAND_S,
        *,
        patient: bool = False,
    ) -> None:
        """`command_s`: how long the engine may take over one command; `patient`: its first connection is
        asked for by `given`, and so is ours.
        """
        self._patient = patient
        self._answered = False
        self._unreachable = ""
        self._goodbye: NotNow | None = None
        self._find = find
        self._dial = dial
        self._line = line
        self._asking = threading.Lock()  # one step at a time
        self._lock = threading.RLock()
        self._settled = threading.Event()
        self._address: FixAddress | None = None
        self._dictionary: Dictionary = dictionary_for("FIXT.1.1")
        self._command_s = command_s
        self._process: EngineProcess | None = None
        self._asked: _Asked | None = None
        self._open = False
        self._has_spoken = False
        self._logged_on_before = False
        self._gone = ""
        self._absent: TargetError | None = None

    @property
    def pid(self) -> int | None:
        """The engine's process; None before it is needed."""
        return None if self._process is None else self._process.pid

    def send(self, intent: Intent, line: Line) -> None:
        """Have the engine do what the step says; any thread may ask, one is served.

        Raises TargetError where it or the exchange is not there, CaseError where the case asks for what an
        engine never does.
        """
        if "fault" in intent:
            raise _fault(NO_FAULTS)
        with self._asking:
            self._do(intent["fix"], intent, line)

    def _do(self, verb: str, intent: Intent, line: Line) -> None:
        if verb == "raw":
            raise _fault(BY_HAND)
        if verb == "logon":
            self._log_on(dict(intent.get("fields") or {}), "case", line)
            return
        if verb == "send":
            msg_type, fields = self._dictionary.from_view(intent["message"])
            if not self._logged_on_before:
                self._log_on({"ResetSeqNumFlag": True}, "session", _Unheard())
            self._settled.wait(LOGON_S)
            self._ask({"do": "send", "type": msg_type, "fields": fields}, line)
            return
        body = {key: value for key, value in intent.items() if key != "fix"}
        if verb == "logout":
            body = {"text": intent.get("text") or ""}
        self._ask({"do": verb, **body}, line)

    def probe(self) -> None:
        """Ask with a TestRequest where the session is up."""
        with self._asking:
            if self._open:
                command = {"do": "send", "type": TEST_REQUEST, "fields": [(TEST_REQ_ID, "alive")]}
                self._ask(command, _Said(self._line))

    def close(self) -> None:
        """End the engine, which logs out where the session is up, and wait for it; may be called twice."""
        if self._process is not None:
            self._process.close()

    def _log_on(self, given: dict[str, Any], by: str, line: Line) -> None:
        address = self._address = self._address or self._find()
        is_ours = by == "session" or (self._patient and not self._logged_on_before)
        self._dictionary = dictionary_for(address.begin_string)
        reset = bool(given.pop("ResetSeqNumFlag", address.lasts and not self._logged_on_before))
        _, fields = self._dictionary.from_view({"Logon": given})
        self._logged_on_before = True
        # the engine's process is given what the guard judged: a name is never resolved there
        where = {"addresses": self._dial.addresses(address.host, address.port), "port": address.port}
        command = {"do": "logon", **where, "fields": fields, "reset": reset, "by": by}
        try:
            if is_ours:
                until_open(address, self._dial, lambda: self._open_once(address, command, line))
            else:
                self._open_once(address, command, line)
        except UnopenedError as trouble:
            raise trouble.error from None

    def _open_once(self, address: FixAddress, command: Mapping[str, Any], line: Line) -> None:
        """Have it connect and log on; of a Logon that the case does not say, the answer is looked at."""
        self._settled.clear()
        self._answered, self._goodbye, self._unreachable = False, None, ""
        self._ask(command, line)
        if self._unreachable:
            raise refused(address, self._unreachable)
        if command["by"] == "case":
            return
        self._settled.wait(LOGON_S)
        if self._goodbye is not None:
            if self._open:
                self._ask({"do": "disconnect"}, _Unheard())
            raise told_off(self._goodbye)
        if not self._open and not self._answered and not self._gone:
            raise hung_up(address)

    def _ask(self, command: Mapping[str, Any], line: Line) -> None:
        """Give the engine a command and wait until it is carried out, refused or lost."""
        asked = _Asked(line)
        process = self._running()
        with self._lock:
            if self._absent is not None:
                raise self._absent
            if self._gone:
                asked.done(self._gone)
                return
            self._asked = asked
        process.tell(command, self._command_s)
        if not asked.over.wait(self._command_s):
            process.stop(f"it did not answer within {self._command_s} s", "T028")
            asked.over.wait()
        if asked.trouble is not None:
            raise asked.trouble

    def _running(self) -> EngineProcess:
        if self._process is None:
            address = self._address = self._address or self._find()
            self._process = EngineProcess(self._heard, self._ended)
            who = {"begin_string": address.begin_string, "sender": address.sender, "target": address.target}
            self._process.tell({"do": "open", **who}, self._command_s)
        return self._process

    def _heard(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._told(event)

    def _ended(self, why: str) -> None:
        """The process is no more: what it had open is closed, and what it was asked is lost."""
        with self._lock:
            self._gone = f"the quickfix engine's process died ({why})"
            if not self._has_spoken:
                self._absent = _absent(self._gone)
            if self._open:
                self._open = False
                self._line.closed(None, self._gone)
            if self._asked is not None and self._absent is not None:
                self._asked.failed(self._absent)
            elif self._asked is not None:
                self._asked.done(self._gone)
            self._asked = None
            self._settled.set()

    def _told(self, event: Mapping[str, Any]) -> None:
        """Put on the timeline what the engine's process says, in its order."""
        self._has_spoken = True
        match event["event"]:
            case "opened":
                self._open = True
                self._line.opened()
            case "out":
                if event["by"] == "case" and self._asked is not None:
                    self._asked.sent(event["raw"])
                else:
                    self._line.said({"raw": event["raw"]})
            case "in":
                self._answered = True
                self._goodbye = farewell(event["raw"]) or self._goodbye
                wire = {key: event[key] for key in ("raw", "garbled") if key in event}
                self._line.pushed(wire, By(event["by"]))
            case "logged_on":
                self._settled.set()
            case "closed":
                self._open = False
                self._line.closed(None, event["text"])
                self._settled.set()
            case "done" if self._asked is not None:
                if "fault" in event:
                    self._asked.failed(_fault(event["fault"]))
                else:
                    self._asked.done(event.get("why"))
                self._asked = None
            case "unreachable" if self._asked is not None:
                self._unreachable = str(event["text"])
                self._asked.over.set()
                self._asked = None
            case "absent":
                self._absent = _absent(event["text"])
            case "problem" if self._process is not None:
                self._process.explain(event["text"])


class _Unheard:
    """Where a Logon that the case did not ask for is reported: it is said by the session."""

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None: ...

    def answered(self, wire: Mapping[str, Any]) -> None: ...

    def lost(self, why: str) -> None: ...


class _Said(_Unheard):
    """Where a TestRequest of ours is reported: the session says it, where it went out."""

    def __init__(self, line: StreamLine) -> None:
        self._line = line

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        if wire["raw"]:
            self._line.said(wire)


def _absent(text: str) -> TargetError:
    return TargetError("T006", f"engine: quickfix cannot run: {text}. {INSTALL}")


def _fault(text: str) -> CaseError:
    return CaseError([Problem(Place("engine: quickfix"), "C028", text)])
