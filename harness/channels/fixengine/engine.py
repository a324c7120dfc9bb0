"""One quickfix initiator, polled: what keeps it alive, how it ends, and what may be asked of it."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from harness.channels.fixengine.dictionaries import dictionaries_for
from harness.wire.fix.codec import encode
from harness.wire.fix.tags import HEADER_TAGS, HEART_BT_INT, LOGON, MSG_TYPE

Fields = Sequence[tuple[int, str]]

WRITTEN_BY_ENGINE: Final = {8: "BeginString", 9: "BodyLength", 10: "CheckSum", 34: "MsgSeqNum"} | {
    49: "SenderCompID",
    52: "SendingTime",
    56: "TargetCompID",
}
HEART_BT_INT_S: Final = "30"
_SETTINGS: Final = {
    "ConnectionType": "initiator",
    "StartTime": "00:00:00",
    "EndTime": "00:00:00",
    "NonStopSession": "Y",
    "ReconnectInterval": "0",  # it may connect at once, when it is asked to: otherwise it is disabled
    "ResetOnLogon": "N",
    "ResetOnLogout": "N",
    "ResetOnDisconnect": "N",
    "UseDataDictionary": "Y",
    "ValidateUserDefinedFields": "N",
    "SocketNodelay": "Y",
    "SocketConnectHost": "127.0.0.1",
}


class Refused(Exception):
    """The case asks for what an engine never does: its author's fault."""


class Session(Protocol):
    """What we use of quickfix's Session."""

    def logon(self) -> None: ...
    def logout(self, reason: str = "") -> None: ...
    def disconnect(self) -> None: ...
    def isLoggedOn(self) -> bool: ...  # noqa: N802 - quickfix's name
    def setResetOnLogon(self, value: bool) -> None: ...  # noqa: N802 - quickfix's name
    def getExpectedSenderNum(self) -> int: ...  # noqa: N802 - quickfix's name
    def setNextSenderMsgSeqNum(self, number: int) -> None: ...  # noqa: N802 - quickfix's name
    def setNextTargetMsgSeqNum(self, number: int) -> None: ...  # noqa: N802 - quickfix's name


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks to whom, in which version of FIX."""

    begin_string: str
    sender: str
    target: str


class Engine:
    """A session of one quickfix engine, over as many connections as the case makes.

    Its numbers and its messages are kept in memory, for as long as the process lives.
    """

    def __init__(self, identity: Identity, port: int, problem: Callable[[str], None]) -> None:
        """Load quickfix. Raises ImportError where it is not installed."""
        self._fix: Any = importlib.import_module("quickfix")
        self._identity = identity
        self._port = port
        self._problem = problem
        self._logon_fields: Fields = ()
        self._heart_bt_int_s = HEART_BT_INT_S
        self._initiator: Any = None
        self._keep: list[Any] = []
        self._session_id: Any = None
        self._dictionaries: list[Any] = []
        self._has_left = False

    @property
    def is_logged_on(self) -> bool:
        """Whether a Logon of the exchange was taken, and no logout or disconnect came after."""
        return self._initiator is not None and self._session.isLoggedOn()

    @property
    def next_out(self) -> int:
        """The MsgSeqNum of the next message."""
        return self._session.getExpectedSenderNum()

    def poll(self) -> None:
        """Let the engine read, write and look at its timers; it never connects again by itself."""
        if self._initiator is None:
            return
        self._initiator.poll()
        if self._has_left:
            self.leave_alone()

    def log_on(self, fields: Fields, *, reset: bool) -> None:
        """Have the engine connect, and log on once it is connected. Raises Refused."""
        rest = [(tag, _engine_text(tag, text)) for tag, text in fields if tag != HEART_BT_INT]
        if len({tag for tag, _ in rest}) < len(rest):
            raise Refused("repeating groups on a Logon are not possible with engine: quickfix")
        self._refuse_own_fields(rest)
        beat_s = next((text for tag, text in fields if tag == HEART_BT_INT), self._heart_bt_int_s)
        if self._initiator is None:
            self._heart_bt_int_s = beat_s
        elif beat_s != self._heart_bt_int_s:
            raise Refused("quickfix takes HeartBtInt (108) once: say it on the first logon only")
        self._logon_fields = rest
        session = self._session
        session.setResetOnLogon(reset)
        self._has_left = False
        session.logon()

    def log_out(self, text: str) -> None:
        """Have the engine send a Logout at its next poll."""
        self._session.logout(text)

    def send(self, msg_type: str, fields: Fields) -> None:
        """Send a message, with groups where the dictionary has them; it is logged on. Raises Refused."""
        self._refuse_own_fields(fields)
        ordered = sorted(fields, key=lambda field: field[0] not in HEADER_TAGS)
        raw = encode([(MSG_TYPE, msg_type), *ordered], self._identity.begin_string)
        text = _engine_text(MSG_TYPE, raw.decode("latin-1"))
        message = self._fix.Message(text, *self._dictionaries, False)
        self._fix.Session.sendToTarget(message, self._session_id)

    def move(self, *, next_out: int | None, next_in: int | None) -> None:
        """Set the numbers of the next message out and in."""
        if next_out is not None:
            self._session.setNextSenderMsgSeqNum(next_out)
        if next_in is not None:
            self._session.setNextTargetMsgSeqNum(next_in)

    def disconnect(self) -> None:
        """Drop the connection without a word; the numbers stay."""
        self._session.disconnect()
        self.leave_alone()

    def leave_alone(self) -> None:
        """Keep the engine from connecting again until it is told to."""
        if self._initiator is not None and not self.is_logged_on:
            self._session.logout()
        self._has_left = False

    def end(self) -> None:
        """Free everything in the order that quickfix survives: the engine before what it stands on."""
        if self._initiator is not None:
            self._initiator.stop(True)
            self._initiator = None
        self._keep.clear()

    @property
    def _session(self) -> Session:
        if self._initiator is None:
            self._make()
        found: Session = self._fix.Session.lookupSession(self._session_id)
        return found

    def _make(self) -> None:
        fix, identity = self._fix, self._identity
        values = _SETTINGS | {"SocketConnectPort": str(self._port), "HeartBtInt": self._heart_bt_int_s}
        paths = [str(path) for path in dictionaries_for(identity.begin_string)]
        if len(paths) == 2:
            names = ("TransportDataDictionary", "AppDataDictionary")
            values |= {**dict(zip(names, paths, strict=True)), "DefaultApplVerID": "FIX.5.0SP2"}
        else:
            values["DataDictionary"] = paths[0]
        session_id = fix.SessionID(identity.begin_string, identity.sender, identity.target)
        written = fix.Dictionary()
        for name, value in values.items():
            written.setString(name, value)
        settings = fix.SessionSettings()
        settings.set(written)  # the initiator reads its own from here, and those of a session only there
        settings.set(session_id, written)
        application, store = self._callbacks(), fix.MemoryStoreFactory()
        self._dictionaries = [fix.DataDictionary(path) for path in paths]
        self._session_id = session_id
        self._keep = [settings, store, application]
        self._initiator = fix.SocketInitiator(application, store, settings)
        fix.Session.lookupSession(session_id).logout()  # it would connect at its first poll

    def _callbacks(self) -> Any:
        """The application: nothing that is raised in a callback may leave it, or the process ends."""

        def to_admin(_: Any, message: Any, __: Any) -> None:
            try:
                header = message.getHeader()
                if header.getField(MSG_TYPE) == LOGON:
                    for tag, text in self._logon_fields:
                        (header if tag in HEADER_TAGS else message).setField(tag, text)
            except Exception:
                self._problem(traceback.format_exc().strip().splitlines()[-1])

        def on_logout(_: Any, __: Any) -> None:
            self._has_left = True

        def nothing(*_: Any) -> None:
            pass

        quiet = dict.fromkeys(("onCreate", "onLogon", "fromAdmin", "toApp", "fromApp"), nothing)
        members = {**quiet, "toAdmin": to_admin, "onLogout": on_logout}
        return type("Callbacks", (self._fix.Application,), members)()

    def _refuse_own_fields(self, fields: Fields) -> None:
        for tag, _ in fields:
            if tag in WRITTEN_BY_ENGINE:
                name = WRITTEN_BY_ENGINE[tag]
                raise Refused(f"the quickfix engine writes {name} ({tag}) itself: leave it out")


def _engine_text(tag: int, text: str) -> str:
    """A value of one character a byte as quickfix's binding takes it. Raises Refused."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"tag {tag}: quickfix's Python binding takes no bytes that are not UTF-8") from None
