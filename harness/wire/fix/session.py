"""A FIX session as a state machine without sockets, threads or clocks.

Bytes and times go in, events come out. Times are microseconds on the caller's own scale (`Config.epoch_us`
says which Unix time its zero is); they never go back. Whoever owns the socket writes `Sent.raw` and what
`send`, `logon` and `logout` return, closes it on `Close`, and calls `tick` at `next_deadline_us`.

The rules are those of FIX 4.4 volume 2 and FIXT 1.1; where they leave a choice, the comment at the rule says
whose choice it is. What the peer does wrong is an event; what the caller does wrong is a `SessionMisuse`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from harness.limits import FIX_QUEUED_BYTES, FIX_QUEUED_MESSAGES
from harness.model import By

from . import tags
from .codec import Parser, Value, encode, parse, value_text
from .events import (
    Close,
    Event,
    Failed,
    Fault,
    GapDetected,
    GapFilled,
    Ignored,
    LoggedOn,
    LoggedOut,
    Queued,
    Received,
    Refused,
    Sent,
    SequenceMoved,
)
from .message import Flaw, Frame, Garbled, Message, whole_number
from .outbox import Kept, Outbox, Resend, resent_fields
from .rules import (
    COMP_ID_PROBLEM,
    FORMAT_INCORRECT,
    REJECT_REASON,
    SECOND_US,
    SENDING_TIME_PROBLEM,
    SILENCE_TENTHS,
    TAG_MISSING,
    TIMEOUT_TENTHS,
    VALUE_INCORRECT,
    Config,
    State,
)
from .times import unix_us, utc_timestamp

Given = Iterable[tuple[int, Value]]

# Where a tag stands: the header in the standard's order (a hop's fields together), then the body as given,
# then the trailer.
_RANK = {tag: rank for rank, tag in enumerate(tags.HEADER)} | {628: 0, 629: 0, 630: 0}
_RANK |= dict.fromkeys((628, 629, 630), _RANK[627]) | {93: 1000, 89: 1000}
_BODY_RANK = 500

_LIVE = frozenset({State.ACTIVE, State.LOGOUT_SENT})


class SessionMisuse(ValueError):
    """The caller asks for what a FIX session may not do now (`code` is stable): ours, never the peer's."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Session:
    """One FIX session: it outlives connections, and its numbers go on from one to the next."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._state = State.DOWN
        self._next_out = 1
        self._next_in = 1
        self._parser = Parser()
        self._outbox = Outbox()
        self._queue: dict[int, Message] = {}
        self._queued_bytes = 0
        self._is_draining = False
        self._asked_to: int | None = None  # the last number that a ResendRequest of ours is out for
        self._reset_asked = False  # our Logon with 141=Y waits for its answer
        self._test_asked = False  # a TestRequest of ours waits for any sign of life
        self._heart_us = config.heart_bt_int_s * SECOND_US
        self._last_in_us = 0
        self._last_out_us = 0
        self._deadline_us: int | None = None  # of the state itself: logon, logout
        self._events: list[Event] = []

    # ---- what can be read ----------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._state

    @property
    def next_out(self) -> int:
        """The number that our next message gets."""
        return self._next_out

    @property
    def next_in(self) -> int:
        """The number that their next message must have."""
        return self._next_in

    @property
    def missing(self) -> tuple[int, int] | None:
        """The numbers that we miss, first and last; None without a gap."""
        return None if self._asked_to is None else (self._next_in, self._asked_to)

    @property
    def tail(self) -> bytes:
        """Bytes of a message that has not come whole yet."""
        return self._parser.tail

    @property
    def tail_bytes(self) -> int:
        """How many they are."""
        return self._parser.tail_bytes

    @property
    def next_deadline_us(self) -> int | None:
        """When `tick` has something to do next; None where nothing is waited for (always so in raw mode)."""
        if self.config.raw:
            return None
        deadlines = [] if self._deadline_us is None else [self._deadline_us]
        if self._state in _LIVE and self._heart_us:
            deadlines.append(self._last_out_us + self._heart_us)
            deadlines.append(self._silence_us())
        return min(deadlines, default=None)

    def sending_time(self, now_us: int) -> str:
        """The SendingTime that a message sent at `now_us` carries (some venues sign it)."""
        return utc_timestamp(self.config.epoch_us + now_us)

    def header(self, now_us: int) -> dict[int, str]:
        """The header fields that a message sent at `now_us` gets, by tag."""
        return {
            tags.SENDER_COMP_ID: self.config.sender,
            tags.TARGET_COMP_ID: self.config.target,
            tags.MSG_SEQ_NUM: str(self._next_out),
            tags.SENDING_TIME: self.sending_time(now_us),
        }

    # ---- what the owner of the socket says -----------------------------------------------------

    def connected(self, now_us: int) -> None:
        """There is a connection. An initiator may now `logon`; an acceptor waits for the peer's Logon."""
        if self._state is not State.DOWN:
            raise SessionMisuse("already_connected", f"the session is {self._state} already")
        self._state = State.CONNECTED
        self._parser = Parser()
        self._last_in_us = self._last_out_us = now_us
        self._deadline_us = None if self.config.initiator else now_us + self.config.logon_timeout_us

    def disconnected(self, now_us: int) -> list[Event]:
        """The connection is gone. What was queued is dropped: its numbers are asked for again later."""
        if self._state in (State.LOGON_SENT, State.ACTIVE, State.LOGOUT_SENT):
            self._say(Failed(Fault.THEIRS, "connection_lost", f"the connection ended while {self._state}"))
        self._state = State.DOWN
        self._drop_queue()
        self._asked_to = self._deadline_us = None
        self._reset_asked = self._test_asked = False
        self._last_in_us = max(self._last_in_us, now_us)
        return self._told()

    def receive(self, data: bytes, now_us: int) -> list[Event]:
        """Take bytes from the socket. Never raises for what the peer does."""
        if self._state is State.DOWN:
            raise SessionMisuse("not_connected", "bytes came without a connection: call connected() first")
        for frame in self._parser.feed(data):
            self._frame(frame, now_us)
        return self._told()

    def tick(self, now_us: int) -> list[Event]:
        """Do what is due: heartbeats, test requests, time-outs. May be called at any time, however late."""
        if not self.config.raw:
            if self._deadline_us is not None and now_us >= self._deadline_us:
                self._state_timed_out()
            if self._state in _LIVE and self._heart_us:
                self._beat(now_us)
        return self._told()

    # ---- what the case asks for ----------------------------------------------------------------

    def logon(
        self,
        now_us: int,
        fields: Given = (),
        *,
        reset: bool | None = None,
        sign: Callable[[Mapping[int, str]], Sequence[tuple[int, str]]] | None = None,
    ) -> bytes:
        """Our Logon. `reset` (default: the config's) begins both numbers at 1 and says so with 141=Y; on an
        active session that is the reset of sessions that never close. `fields` are added, and win over ours;
        `sign` gives more of them for the header that it gets.
        """
        if self._state is not State.CONNECTED and not (self._state is State.ACTIVE and reset):
            raise SessionMisuse("logon_twice", f"the session is {self._state}: no Logon goes out now")
        reset = self.config.reset_on_logon if reset is None else reset
        if reset:
            self._begin_again()
            self._reset_asked = True
        self._state = State.LOGON_SENT
        self._deadline_us = now_us + self.config.logon_timeout_us
        signed = sign(self.header(now_us)) if sign is not None else ()
        return self._write(tags.LOGON, self._logon_fields(reset, [*fields, *signed]), now_us).raw

    def logout(self, now_us: int, text: str = "") -> bytes:
        """Our Logout. Messages are still taken until theirs comes."""
        if self._state is not State.ACTIVE and not self.config.raw:
            raise SessionMisuse(
                "not_logged_on", f"the session is {self._state}: there is nothing to log out of"
            )
        self._state = State.LOGOUT_SENT
        self._deadline_us = now_us + self.config.logout_timeout_us
        return self._write(tags.LOGOUT, [(tags.TEXT, text)] if text else [], now_us).raw

    def send(self, msg_type: str, fields: Given, now_us: int) -> bytes:
        """Any message with the session's header. Header fields among `fields` replace the session's; a
        message with a 34 of its own is not counted and not kept. Text has one character a byte.

        Raises SessionMisuse where the session is not active (in raw mode: not connected), ValueError for
        fields that no message can hold.
        """
        if self._state is not State.ACTIVE and (not self.config.raw or self._state is State.DOWN):
            raise SessionMisuse(
                "not_logged_on", f"the session is {self._state}: {msg_type} cannot be sent now"
            )
        if self.config.raw and msg_type == tags.LOGON and self._state is State.CONNECTED:
            self._state = State.LOGON_SENT
        return self._write(msg_type, fields, now_us).raw

    def send_raw(self, data: bytes, now_us: int) -> bytes:
        """Bytes as they are. Where they are a message with the number that is next, the number is used up."""
        if self._state is State.DOWN:
            raise SessionMisuse("not_connected", "there is no connection to write to")
        self._last_out_us = now_us
        message = parse(data) if data else None
        if isinstance(message, Message) and message.seq_num == self._next_out:
            self._next_out += 1
        return data

    def set(self, *, next_out: int | None = None, next_in: int | None = None) -> None:
        """Move the numbers by hand, for cases that get them wrong on purpose."""
        if min(next_out or 1, next_in or 1) < 1 or 0 in (next_out, next_in):
            raise SessionMisuse("bad_number", "sequence numbers begin at 1")
        self._next_out = next_out or self._next_out
        if next_in:
            self._next_in = next_in
            self._settle()

    # ---- frames --------------------------------------------------------------------------------

    def _frame(self, frame: Frame, now_us: int) -> None:
        if isinstance(frame, Garbled):
            self._say(Ignored(frame))
        elif self._state is State.OVER:
            self._say(Refused(frame, "after_the_end", "the session is over"))
        elif self.config.raw:
            self._observe(frame, now_us)
        else:
            self._last_in_us = max(self._last_in_us, now_us)
            self._test_asked = False
            if self._is_for_us(frame, now_us):
                self._by_type(frame, now_us)

    def _observe(self, message: Message, now_us: int) -> None:
        """Raw mode: everything is handed on at once, nothing is answered, and the numbers follow the
        peer's."""
        self._last_in_us = now_us
        number = message.seq_num
        old = number is not None and number < self._next_in
        self._say(
            Received(
                message, message.msg_type in tags.ADMIN, message.is_poss_dup and old, flaws=message.flaws
            )
        )
        if message.msg_type == tags.LOGON and self._state in (State.CONNECTED, State.LOGON_SENT):
            self._state = State.ACTIVE
            self._say(LoggedOn(self._heart_of(message), message.get(tags.RESET_SEQ_NUM_FLAG) == "Y"))
        if message.msg_type == tags.LOGOUT:
            self._say(LoggedOut(By.PEER, message.get(tags.TEXT) or ""))
        if number is not None and number >= self._next_in:
            self._next_in = number + 1
        new = whole_number(message.get(tags.NEW_SEQ_NO))
        if message.msg_type == tags.SEQUENCE_RESET and new:
            self._move_in(new, reset=message.get(tags.GAP_FILL_FLAG) != "Y")

    def _is_for_us(self, message: Message, now_us: int) -> bool:
        """The rules that stand before the numbers: version, parties, first message, time."""
        if message.begin_string != self.config.begin_string:
            self._end(message, "begin_string", f"Incorrect BeginString {message.begin_string}", now_us)
        elif (
            message.get(tags.SENDER_COMP_ID) != self.config.target
            or message.get(tags.TARGET_COMP_ID) != self.config.sender
        ):
            self._end(message, "comp_id", "CompID problem", now_us, COMP_ID_PROBLEM)
        elif message.seq_num is None:
            self._end(message, "seq_num_missing", "MsgSeqNum is missing or no number", now_us)
        elif self._state is State.CONNECTED and message.msg_type != tags.LOGON:
            self._end(message, "first_not_logon", "the first message is not a Logon", now_us)
        elif self._state is State.CONNECTED and self.config.initiator:
            self._end(message, "logon_unasked", "a Logon came before ours went out", now_us)
        elif self._state is State.LOGON_SENT and message.msg_type not in (
            tags.LOGON,
            tags.LOGOUT,
            tags.REJECT,
        ):
            self._end(message, "first_not_logon", "the first message is not a Logon", now_us)
        else:
            return self._time_is_right(message, now_us)
        return False

    def _time_is_right(self, message: Message, now_us: int) -> bool:
        text = message.get(tags.SENDING_TIME)
        tolerance = self.config.sending_time_tolerance_us
        at_us = unix_us(text) if text else None
        if at_us is None:
            reason = FORMAT_INCORRECT if text else TAG_MISSING
            flaw = Flaw(
                "value_format" if text else "required_tag_missing", tags.SENDING_TIME, "SendingTime is needed"
            )
            self._reject(message, flaw, reason, now_us)
            return False
        if tolerance is not None and abs(self.config.epoch_us + now_us - at_us) > tolerance:
            self._end(message, "sending_time", "SendingTime accuracy problem", now_us, SENDING_TIME_PROBLEM)
            return False
        return True

    def _by_type(self, message: Message, now_us: int, *, queued: bool = False) -> None:
        match message.msg_type:
            case tags.LOGON:
                self._on_logon(message, now_us)
            case tags.LOGOUT:
                self._on_logout(message, now_us)
            case tags.RESEND_REQUEST:
                self._on_resend_request(message, now_us)
            case tags.SEQUENCE_RESET:
                self._on_sequence_reset(message, now_us, queued=queued)
            case _:
                self._on_other(message, now_us, queued=queued)

    # ---- session messages ----------------------------------------------------------------------

    def _on_logon(self, message: Message, now_us: int) -> None:
        number = message.seq_num or 0
        reset = message.get(tags.RESET_SEQ_NUM_FLAG) == "Y"
        flaw = self._flaw(message)
        heart = whole_number(message.get(tags.HEART_BT_INT))
        if heart is None and flaw is None:
            flaw = Flaw("required_tag_missing", tags.HEART_BT_INT, "HeartBtInt is missing or no number")
        first = self._state in (State.CONNECTED, State.LOGON_SENT)
        if flaw is not None and first:
            self._end(message, f"logon_{flaw.code}", flaw.text, now_us, REJECT_REASON[flaw.code])
            return
        answer = self._state is State.CONNECTED or (reset and not self._reset_asked and not first)
        if reset and not self._reset_asked:
            # Both sides begin at 1; a Logon of ours that theirs answers counts as our 1.
            self._begin_again()
            self._next_out = 2 if self._state is State.LOGON_SENT else 1
            self._say(SequenceMoved(number, 1, reset=True))
        if number < self._next_in:
            self._too_low(message, now_us)
            return
        self._say(Received(message, admin=True, flaws=message.flaws))
        if self._state is State.CONNECTED:
            self._heart_us = (heart or 0) * SECOND_US
        if answer:
            self._session(tags.LOGON, self._logon_fields(reset, ()), now_us)
        self._reset_asked = False
        if first or self._state is State.ACTIVE:
            self._state = State.ACTIVE
            self._deadline_us = None
            self._say(LoggedOn(self._heart_us // SECOND_US, reset))
        # A number too high is no reason to refuse a Logon: log on, then ask for what is missing.
        self._count(message, now_us)

    def _on_logout(self, message: Message, now_us: int) -> None:
        text = message.get(tags.TEXT) or ""
        number = message.seq_num or 0
        if number > self._next_in and self._state in _LIVE:
            # Asking now would be in vain: the peer is leaving. The gap stays, and shows at the next Logon.
            self._say(GapDetected(self._next_in, number - 1, asked=False))
        self._say(Received(message, admin=True, flaws=message.flaws))
        if number == self._next_in:
            self._next_in += 1
        if self._state is State.ACTIVE:
            self._session(tags.LOGOUT, [], now_us)
            self._say(LoggedOut(By.PEER, text))
            self._state = State.LOGOUT_ANSWERED
            self._deadline_us = now_us + self.config.logout_timeout_us
        elif self._state is not State.LOGOUT_ANSWERED:
            self._say(LoggedOut(By.CASE if self._state is State.LOGOUT_SENT else By.PEER, text))
            self._over()

    def _on_resend_request(self, message: Message, now_us: int) -> None:
        number = message.seq_num or 0
        if number < self._next_in:
            self._too_low(message, now_us)
            return
        if self._refuses(message, now_us):
            return
        first = whole_number(message.get(tags.BEGIN_SEQ_NO))
        last = whole_number(message.get(tags.END_SEQ_NO))
        if first is None or last is None:
            missing = tags.BEGIN_SEQ_NO if first is None else tags.END_SEQ_NO
            self._reject(
                message, Flaw("required_tag_missing", missing, "7 and 16 are needed"), TAG_MISSING, now_us
            )
            return
        latest = self._next_out - 1
        last = latest if last == 0 else min(last, latest)  # 0 is infinity; FIX 4.1 wrote 999999
        if not 1 <= first <= last:
            flaw = Flaw("value_out_of_range", tags.BEGIN_SEQ_NO, f"numbers {first} to {last} were never sent")
            self._reject(message, flaw, VALUE_INCORRECT, now_us)
            return
        self._say(Received(message, admin=True, flaws=message.flaws))
        for part in self._outbox.answer(first, last):
            if isinstance(part, Resend):
                self._say(self._write(part.kept.msg_type, resent_fields(part), now_us, By.SESSION))
            else:
                self._fill(part.number, part.next_number, now_us)
        # Answered although its own number may be too high: two sides that both wait would wait for ever.
        self._count(message, now_us)

    def _on_sequence_reset(self, message: Message, now_us: int, *, queued: bool) -> None:
        fills = message.get(tags.GAP_FILL_FLAG) == "Y"
        if fills and not self._in_turn(message, now_us):
            return
        if self._refuses(message, now_us, counts=False):
            return
        new = whole_number(message.get(tags.NEW_SEQ_NO))
        if new is None:
            flaw = Flaw("required_tag_missing", tags.NEW_SEQ_NO, "NewSeqNo is missing or no number")
            self._reject(message, flaw, TAG_MISSING, now_us, counts=False)
        elif new < self._next_in or (fills and new == self._next_in):
            # Numbers only grow. The number is not used up: the next message tells what the peer meant.
            flaw = Flaw(
                "value_out_of_range", tags.NEW_SEQ_NO, f"NewSeqNo {new} is not above what is expected"
            )
            self._reject(message, flaw, VALUE_INCORRECT, now_us, counts=False)
        else:
            self._say(Received(message, admin=True, queued=queued, flaws=message.flaws))
            self._move_in(new, reset=not fills)
            self._settle()
            self._drain(now_us)

    def _on_other(self, message: Message, now_us: int, *, queued: bool) -> None:
        if not self._in_turn(message, now_us):
            return
        # A Reject is never rejected: two engines would do so for ever.
        if message.msg_type != tags.REJECT and self._refuses(message, now_us):
            return
        admin = message.msg_type in tags.ADMIN
        self._say(Received(message, admin, queued=queued, flaws=message.flaws))
        self._count(message, now_us)
        if message.msg_type == tags.TEST_REQUEST and self._state in _LIVE:
            asked = message.get(tags.TEST_REQ_ID)
            self._session(tags.HEARTBEAT, [(tags.TEST_REQ_ID, asked)] if asked else [], now_us)

    # ---- numbers -------------------------------------------------------------------------------

    def _in_turn(self, message: Message, now_us: int) -> bool:
        number = message.seq_num or 0
        if number < self._next_in:
            self._too_low(message, now_us)
        elif number > self._next_in and not self._has_room(message):
            self._end(message, "queue_full", f"{len(self._queue)} messages wait for a gap", now_us)
        elif number > self._next_in:
            self._forget(number)
            self._queue[number] = message
            self._queued_bytes += len(message.raw)
            self._say(Queued(message))
            self._ask(number, now_us)
        return number == self._next_in and self._state is not State.OVER

    def _has_room(self, message: Message) -> bool:
        """Whether one more may wait for a gap."""
        in_all_bytes = self._queued_bytes + len(message.raw)
        return len(self._queue) < FIX_QUEUED_MESSAGES and in_all_bytes <= FIX_QUEUED_BYTES

    def _drop_queue(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0

    def _forget(self, number: int) -> None:
        """Drop a message that waits where the same number has come again, or in its turn."""
        if number in self._queue:
            self._take(number)

    def _take(self, number: int) -> Message:
        """Take a message out of the queue."""
        message = self._queue.pop(number)
        self._queued_bytes -= len(message.raw)
        return message

    def _too_low(self, message: Message, now_us: int) -> None:
        """A number that was used already: a duplicate that says so is passed over, any other ends the
        session."""
        if not message.is_poss_dup:
            text = f"MsgSeqNum too low, expecting {self._next_in} but received {message.seq_num}"
            self._end(message, "seq_num_too_low", text, now_us)
            return
        original = message.get(tags.ORIG_SENDING_TIME)
        at_us = unix_us(original) if original else None
        sent_us = unix_us(message.get(tags.SENDING_TIME) or "")
        if message.msg_type == tags.SEQUENCE_RESET or (
            at_us is not None and sent_us is not None and at_us <= sent_us
        ):
            admin = message.msg_type in tags.ADMIN
            self._say(Received(message, admin, poss_dup=True, flaws=message.flaws))
        elif at_us is None:
            flaw = Flaw("required_tag_missing", tags.ORIG_SENDING_TIME, "43=Y needs OrigSendingTime")
            self._reject(message, flaw, TAG_MISSING, now_us, counts=False)
        else:
            self._end(
                message,
                "orig_sending_time",
                "OrigSendingTime is after SendingTime",
                now_us,
                SENDING_TIME_PROBLEM,
            )

    def _count(self, message: Message, now_us: int) -> None:
        """Use up the number of a message that was dealt with, or ask for what is missing before it."""
        number = message.seq_num or 0
        if number > self._next_in:
            self._ask(number, now_us)
        else:
            self._forget(self._next_in)
            self._next_in += 1
            self._close_gap()
            self._drain(now_us)

    def _ask(self, number: int, now_us: int) -> None:
        # One ResendRequest a gap: it asks for all up to now (16=0), so that a second one would only bring the
        # same again (QuickFIX's SendRedundantResendRequests=N).
        asked = self._asked_to is None
        self._say(GapDetected(self._next_in, number - 1, asked))
        if asked:
            self._asked_to = number - 1
            self._session(
                tags.RESEND_REQUEST, [(tags.BEGIN_SEQ_NO, self._next_in), (tags.END_SEQ_NO, 0)], now_us
            )
        elif self._asked_to is not None:
            self._asked_to = (
                max(self._asked_to, number - 1) if number - 1 not in self._queue else self._asked_to
            )

    def _settle(self) -> None:
        """Say so where the gap that we asked about has closed."""
        for number in [number for number in self._queue if number < self._next_in]:
            self._take(number)
        self._close_gap()

    def _close_gap(self) -> None:
        if self._asked_to is not None and self._next_in > self._asked_to:
            self._asked_to = None
            self._say(GapFilled(self._next_in))

    def _drain(self, now_us: int) -> None:
        if self._is_draining:
            return  # each that is taken would drain the next, as deep as the queue is long
        self._is_draining = True
        while self._next_in in self._queue and self._state is not State.OVER:
            self._by_type(self._take(self._next_in), now_us, queued=True)
        self._is_draining = False

    def _move_in(self, new: int, *, reset: bool) -> None:
        if new != self._next_in:
            self._say(SequenceMoved(self._next_in, new, reset))
            self._next_in = new

    def _begin_again(self) -> None:
        self._next_out = self._next_in = 1
        self._outbox.clear()
        self._drop_queue()
        self._asked_to = None

    # ---- refusing ------------------------------------------------------------------------------

    def _flaw(self, message: Message) -> Flaw | None:
        found = message.flaws
        if self.config.dictionary is not None:
            found += self.config.dictionary.flaws(message)
        return next((flaw for flaw in found if flaw.code in REJECT_REASON), None)

    def _refuses(self, message: Message, now_us: int, *, counts: bool = True) -> bool:
        flaw = self._flaw(message)
        if flaw is not None:
            self._reject(message, flaw, REJECT_REASON[flaw.code], now_us, counts=counts)
        return flaw is not None

    def _reject(self, message: Message, flaw: Flaw, reason: int, now_us: int, *, counts: bool = True) -> None:
        """Answer with a Reject; the message's number is used up, or it would come again for ever."""
        self._say(Refused(message, flaw.code, flaw.text, reason))
        self._session(tags.REJECT, _reject_fields(message, reason, flaw.text, flaw.tag), now_us)
        if counts and message.seq_num == self._next_in:
            self._count(message, now_us)

    def _end(self, message: Message, code: str, text: str, now_us: int, reason: int | None = None) -> None:
        """A broken rule that ends the session: a Reject where FIX has a reason for it, a Logout, and
        close."""
        self._say(Refused(message, code, text, reason))
        if reason is not None and self._state in _LIVE:
            self._session(tags.REJECT, _reject_fields(message, reason, text, 0), now_us)
            if message.seq_num == self._next_in:
                self._next_in += 1
        if code not in ("first_not_logon", "logon_unasked"):
            self._session(tags.LOGOUT, [(tags.TEXT, text)], now_us)
        self._say(Failed(Fault.THEIRS, code, text))
        self._over()

    def _over(self) -> None:
        self._state = State.OVER
        self._deadline_us = None
        self._say(Close())

    # ---- time ----------------------------------------------------------------------------------

    def _silence_us(self) -> int:
        tenths = TIMEOUT_TENTHS if self._test_asked else SILENCE_TENTHS
        return self._last_in_us + self._heart_us * tenths // 10

    def _beat(self, now_us: int) -> None:
        if now_us >= self._silence_us():
            if self._test_asked:
                self._say(Failed(Fault.THEIRS, "heartbeat_timeout", "no sign of life since our TestRequest"))
                self._over()
                return
            self._test_asked = True
            self._session(tags.TEST_REQUEST, [(tags.TEST_REQ_ID, f"T{self._next_out}")], now_us)
        if now_us >= self._last_out_us + self._heart_us:
            self._session(tags.HEARTBEAT, [], now_us)

    def _state_timed_out(self) -> None:
        if self._state is not State.LOGOUT_ANSWERED:
            code = "logout_timeout" if self._state is State.LOGOUT_SENT else "logon_timeout"
            self._say(Failed(Fault.THEIRS, code, f"nothing came in time: the session was {self._state}"))
        self._over()

    # ---- writing -------------------------------------------------------------------------------

    def _logon_fields(self, reset: bool, given: Given) -> list[tuple[int, Value]]:
        fields: list[tuple[int, Value]] = [
            (tags.ENCRYPT_METHOD, 0),
            (tags.HEART_BT_INT, self._heart_us // SECOND_US),
        ]
        if reset:
            fields.append((tags.RESET_SEQ_NUM_FLAG, "Y"))
        if self.config.begin_string == "FIXT.1.1":
            fields.append((tags.DEFAULT_APPL_VER_ID, self.config.default_appl_ver_id))
        added = [*self.config.logon_fields, *given]
        names = {tag for tag, _ in added}
        return [field for field in fields if field[0] not in names] + added

    def _session(self, msg_type: str, fields: Given, now_us: int) -> None:
        self._say(self._write(msg_type, fields, now_us, By.SESSION))

    def _fill(self, number: int, next_number: int, now_us: int) -> None:
        time = self.sending_time(now_us)
        fields: list[tuple[int, Value]] = [
            (tags.MSG_SEQ_NUM, number),
            (tags.POSS_DUP_FLAG, "Y"),
            (tags.ORIG_SENDING_TIME, time),
            (tags.GAP_FILL_FLAG, "Y"),
            (tags.NEW_SEQ_NO, next_number),
        ]
        self._session(tags.SEQUENCE_RESET, fields, now_us)

    def _write(self, msg_type: str, fields: Given, now_us: int, by: By = By.CASE) -> Sent:
        given = [
            (tag, value.decode("latin-1") if isinstance(value, bytes) else value_text(value))
            for tag, value in fields
        ]
        names = {tag for tag, _ in given}
        ours = self.header(now_us)
        whole = [*((tag, text) for tag, text in ours.items() if tag not in names), *given]
        whole.sort(key=lambda one: _RANK.get(one[0], _BODY_RANK))
        raw = encode([(tags.MSG_TYPE, msg_type), *whole], self.config.begin_string)
        if tags.MSG_SEQ_NUM not in names:
            if msg_type not in tags.ADMIN:
                self._outbox.keep(self._next_out, Kept(msg_type, tuple(given), ours[tags.SENDING_TIME]))
            self._next_out += 1
        self._last_out_us = now_us
        message = parse(raw)
        assert isinstance(message, Message)
        return Sent(raw, message, by)

    # ---- events --------------------------------------------------------------------------------

    def _heart_of(self, message: Message) -> int:
        return whole_number(message.get(tags.HEART_BT_INT)) or 0

    def _say(self, event: Event) -> None:
        self._events.append(event)

    def _told(self) -> list[Event]:
        told, self._events = self._events, []
        return told


def _reject_fields(message: Message, reason: int, text: str, tag: int) -> list[tuple[int, Value]]:
    fields: list[tuple[int, Value]] = [(tags.REF_SEQ_NUM, message.seq_num or 0)]
    if tag:
        fields.append((tags.REF_TAG_ID, tag))
    return [
        *fields,
        (tags.REF_MSG_TYPE, message.msg_type),
        (tags.SESSION_REJECT_REASON, reason),
        (tags.TEXT, text),
    ]
