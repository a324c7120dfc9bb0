"""Two sessions of ours that talk through memory, with a clock that a test turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from harness.wire.fix.events import Close, Event, Received, Sent
from harness.wire.fix.message import Message
from harness.wire.fix.rules import SECOND_US, Config
from harness.wire.fix.session import Session
from harness.wire.fix.written import seal

E = TypeVar("E", bound=Event)
EPOCH_US = 1_772_323_200_000_000  # 2026-03-01 00:00:00 UTC


class Side:
    """One session with what it said and what is on its way to it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Event] = []
        self.inbox: list[bytes] = []

    def said(self, kind: type[E]) -> list[E]:
        """The events of one kind, oldest first."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def orders(self) -> list[str]:
        """ClOrdIDs that came in turn, in the order in which the application got them."""
        got = [event for event in self.said(Received) if not event.admin and not event.poss_dup]
        return [event.message.get(11) or "" for event in got]

    @property
    def wants_close(self) -> bool:
        """Whether the session asked to close the connection."""
        return bool(self.said(Close))


class Pair:
    """An initiator `us` and an acceptor `them`. `lose` decides which of our messages the wire eats."""

    def __init__(self, begin_string: str = "FIX.4.4", *, heart_s: int = 30, **ours: Any) -> None:
        common: dict[str, Any] = {
            "begin_string": begin_string,
            "epoch_us": EPOCH_US,
            "heart_bt_int_s": heart_s,
        }
        self.us = Side(Session(Config(sender="ALICE", target="VENUE", **common | ours)))
        self.them = Side(Session(Config(sender="VENUE", target="ALICE", initiator=False, **common)))
        self.now_us = 0
        self.lose: Callable[[Message], bool] = lambda message: False

    def connect(self) -> None:
        """A new connection: both sides begin to read afresh."""
        for side in (self.us, self.them):
            side.inbox.clear()
            side.session.connected(self.now_us)

    def disconnect(self) -> None:
        """The connection is gone, with everything on it."""
        for side in (self.us, self.them):
            side.inbox.clear()
            side.events += side.session.disconnected(self.now_us)

    def log_on(self, **how: Any) -> None:
        """Connect and exchange Logons."""
        self.connect()
        self.carry(self.us, self.us.session.logon(self.now_us, **how))
        self.settle()

    def order(self, name: str, side: Side | None = None) -> None:
        """An application message with this ClOrdID goes out."""
        side = side or self.us
        self.carry(side, side.session.send("D", [(11, name), (55, "Y"), (54, "1")], self.now_us))

    def carry(self, sender: Side, raw: bytes) -> None:
        """Put bytes on the wire to the other side, as they are."""
        (self.them if sender is self.us else self.us).inbox.append(raw)

    def settle(self) -> None:
        """Deliver until nothing is on its way."""
        while self.us.inbox or self.them.inbox:
            for side in (self.us, self.them):
                data, side.inbox = b"".join(side.inbox), []
                if data:
                    self._heard(side, side.session.receive(data, self.now_us))

    def wait(self, seconds: int) -> None:
        """Turn the clock on, ticking at every deadline on the way."""
        end_us = self.now_us + seconds * SECOND_US
        while True:
            deadlines = [side.session.next_deadline_us for side in (self.us, self.them)]
            due_us = min((at_us for at_us in deadlines if at_us is not None), default=end_us)
            self.now_us = max(self.now_us, min(due_us, end_us))
            for side in (self.us, self.them):
                self._heard(side, side.session.tick(self.now_us))
            self.settle()
            if self.now_us >= end_us:
                return

    def _heard(self, side: Side, events: list[Event]) -> None:
        side.events += events
        for event in events:
            if isinstance(event, Sent) and not (side is self.us and self.lose(event.message)):
                self.carry(side, event.raw)


def by_itself(side: Side) -> list[str]:
    """The MsgTypes that a side sent by itself."""
    return [event.message.msg_type for event in side.said(Sent)]


def from_venue(fields: str, number: int, begin: str = "FIX.4.4") -> bytes:
    """A message of the venue, with a header that is right."""
    kind, _, body = fields.partition("|")
    return seal(f"8={begin}|35={kind}|49=VENUE|56=ALICE|34={number}|52=20260301-00:00:00.000|{body}")


def logged_on(**config: object) -> Pair:
    """A pair that has exchanged Logons."""
    pair = Pair(**config)  # type: ignore[arg-type]
    pair.log_on()
    return pair


def hear(pair: Pair, raw: bytes) -> None:
    """Give our side bytes of the venue's that the other session did not send."""
    pair.us.events += pair.us.session.receive(raw, pair.now_us)
