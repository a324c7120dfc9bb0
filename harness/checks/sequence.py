"""`sequence`: the numbers of a FIX session, or the timestamps of a WebSocket channel, go on by the rules.

FIX (FIX 4.4 volume 2, session protocol): MsgSeqNum (34) goes on by one; PossDupFlag (43=Y) may repeat an
old number; SequenceReset moves on (36), with GapFillFlag (123=Y) at its own number; ResetSeqNumFlag (141=Y)
starts again at 1; what is missing must come. WebSocket: the timestamps of one token do not go back, and the
first word on a token after a subscription is its `book`.

What `shows` sees: `{expected: 5, came: 7, message: ExecutionReport}`; of a stream, the message itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import acts
from harness.case.rules.values import Selection
from harness.case.rules.values import Sequence as SequenceRule
from harness.checks.choosing import Setting, counted
from harness.checks.flows import stamp_in
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST
from harness.matchers.stamps import Stamp
from harness.model import Event, Kind, Source
from harness.world import Need, StreamNeed, View


@dataclass(frozen=True, slots=True)
class Violation:
    """One break of the rules: when, by which event, in words, and what a symptom sees of it."""

    at_us: int
    number: int
    text: str
    shown: Any


@dataclass(frozen=True, slots=True)
class SequenceJudge:
    """The check over the connections of one channel, each for itself."""

    setting: Setting
    sources: tuple[Source, ...]
    fix: bool

    @classmethod
    def of(cls, setting: Setting, rule: SequenceRule) -> SequenceJudge:
        """The judge of a rule."""
        chosen = setting.chosen(Selection(setting.check.place, rule.source))
        return cls(setting, chosen.sources, rule.source.channel.startswith("fix."))

    @property
    def needs(self) -> Sequence[Need]:
        """The streams stay open where it waits."""
        return tuple(StreamNeed(source) for source in self.sources) if self.setting.waits else ()

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """A break that nothing can mend decides at once; what is missing may come until the deadline."""
        until_us, subject = window.deadline_us, self.setting.check.id
        found: list[Violation] = []
        open_gaps: list[Violation] = []
        messages = 0
        for source in self.sources:
            events = [event for event in view.events if event.source == source and event.at_us <= until_us]
            walk = FixWalk() if self.fix else StreamWalk()
            for event in events:
                walk.take(event)
            messages += walk.judged
            found += walk.violations
            open_gaps += walk.missing()
        since = self.setting.since(window)
        found = sorted((v for v in found if v.number > since), key=lambda each: (each.at_us, each.number))
        if found:
            return self._failed(found, found[0].at_us)
        horizon_us = min((view.horizon_us(source) for source in self.sources), default=until_us)
        if self.setting.waits and horizon_us < until_us:
            return Pending(f"the sequence was watched until {seconds(horizon_us)}")
        missing = [gap for gap in open_gaps if gap.number > since]
        if missing:
            return self._failed(missing, until_us)
        if not messages:
            what = "number" if self.fix else "timestamp"
            text = f"not shown: no message with a {what} came, so none was out of sequence"
            return Finding(subject, False, until_us, text, LOST)
        what = "numbers" if self.fix else "timestamps"
        return Finding(
            subject, True, until_us, f"the {what} of {counted(messages, 'message')} go on by the rules"
        )

    def _failed(self, found: Sequence[Violation], at_us: int) -> Finding:
        more = f"\n{len(found) - 1} more:\n  " if len(found) > 1 else ""
        text = found[0].text + more + "\n  ".join(each.text for each in found[1:6])
        numbers = tuple(each.number for each in found)
        return Finding(self.setting.check.id, False, at_us, text, found[0].shown, events=numbers)


@dataclass(slots=True)
class FixWalk:
    """The numbers that came on one FIX session, in order. `expected` is 0 until the first message.

    `judged` counts the messages that had a number to judge.
    """

    expected: int = 0
    judged: int = 0
    violations: list[Violation] = field(default_factory=list)
    _missing: dict[int, Violation] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Take in one event of the session; only what came counts."""
        if event.kind is not Kind.PUSH or event.data["wire"].get("garbled"):
            return
        for message in acts.read_messages(event):
            [(name, body)] = message.items() if len(message) == 1 else [("", None)]
            if isinstance(body, Mapping):
                self.judged += 1
                self._number(event, name, body)

    def missing(self) -> list[Violation]:
        """What was skipped and never came, one for each message that skipped something."""
        return list({gap.number: gap for gap in self._missing.values()}.values())

    def _number(self, event: Event, name: str, body: Mapping[str, Any]) -> None:
        came = body.get("MsgSeqNum")
        if type(came) is not int:
            self._break(event, name, came, f"came without a readable MsgSeqNum: {came!r}")
            return
        if name == "Logon" and body.get("ResetSeqNumFlag") is True:
            if came != 1:
                self._break(event, name, came, "resets the numbers (141=Y) and is not number 1", 1)
            self.expected, self._missing = came + 1, {}
            return
        if name == "SequenceReset" and body.get("GapFillFlag") is not True:
            self._reset(event, name, body)
            return
        if not self.expected:  # the first message that is seen says where the session stands
            self.expected = came
        repeated = body.get("PossDupFlag") is True
        if came < self.expected:
            if came in self._missing:
                if not repeated and name != "SequenceReset":
                    self._break(event, name, came, "fills a gap without PossDupFlag (43=Y)", self.expected)
                self._fill(came, _next_of(name, body, came))
            elif not repeated:
                self._break(event, name, came, "came again without PossDupFlag (43=Y)", self.expected)
            return
        if came > self.expected:
            gap = self._gap(event, name, came)
            self._missing |= dict.fromkeys(range(self.expected, came), gap)
        self.expected = max(self.expected, _next_of(name, body, came))

    def _reset(self, event: Event, name: str, body: Mapping[str, Any]) -> None:
        """SequenceReset in reset mode: its own number does not count, and it never moves back."""
        new = body.get("NewSeqNo")
        if type(new) is not int or new < self.expected:
            self._break(event, name, new, "moves the numbers back (36)", self.expected)
            return
        self.expected, self._missing = new, {}

    def _fill(self, first: int, beyond: int) -> None:
        for number in range(first, beyond):
            self._missing.pop(number, None)
        self.expected = max(self.expected, beyond)

    def _gap(self, event: Event, name: str, came: int) -> Violation:
        lost = str(self.expected) if came == self.expected + 1 else f"{self.expected} to {came - 1}"
        text = (
            f"{event.source}: expected {self.expected}, came {came} at {seconds(event.at_us)}: {name}; "
            f"{lost} never came"
        )
        shown = {"expected": self.expected, "came": came, "message": name}
        return Violation(event.at_us, event.number, text, shown)

    def _break(self, event: Event, name: str, came: Any, why: str, expected: int | None = None) -> None:
        told = "" if expected is None else f"expected {expected}, "
        text = f"{event.source}: {told}came {came} at {seconds(event.at_us)}: {name} {why}"
        shown = {"expected": expected, "came": came, "message": name}
        self.violations.append(Violation(event.at_us, event.number, text, shown))


def _next_of(name: str, body: Mapping[str, Any], came: int) -> int:
    """The number that follows a message: the next one, or where a gap fill leads."""
    new = body.get("NewSeqNo")
    return new if name == "SequenceReset" and type(new) is int and new > came else came + 1


@dataclass(slots=True)
class StreamWalk:
    """The timestamps that came on one WebSocket, token by token; `judged` messages had one to judge."""

    judged: int = 0
    violations: list[Violation] = field(default_factory=list)
    _last: dict[str, tuple[Stamp, Any]] = field(default_factory=dict)
    _with_book: set[str] = field(default_factory=set)
    _left: set[str] = field(default_factory=set)

    def take(self, event: Event) -> None:
        """Take in one event of the connection."""
        if event.kind is Kind.OPEN:
            self._last, self._with_book, self._left = {}, set(), set()
        if event.kind is Kind.SEND:
            self._asked(event.data.get("intent", {}))
        if event.kind is not Kind.PUSH:
            return
        for message in acts.read_messages(event):
            if isinstance(message, Mapping):
                tokens = sorted(set(tokens_of(message)))
                self.judged += bool(tokens) and stamp_in(message) is not None
                for token in tokens:
                    self._message(event, token, message)

    def missing(self) -> list[Violation]:
        """A channel without numbers cannot tell what is missing."""
        return []

    def _asked(self, intent: Mapping[str, Any]) -> None:
        """A token that is left and followed again begins with a book again; one without a dump never does."""
        for verb in ("subscribe", "unsubscribe"):
            fields = intent.get(verb)
            tokens = fields.get("assets_ids") if isinstance(fields, Mapping) else None
            if not isinstance(fields, Mapping) or not isinstance(tokens, list):
                continue
            named = {str(token) for token in tokens}
            if verb == "unsubscribe":
                self._left |= named
                continue
            self._with_book -= named & self._left
            self._left -= named
            if fields.get("initial_dump") is False:
                self._with_book |= named

    def _message(self, event: Event, token: str, message: Mapping[str, Any]) -> None:
        kind = str(message.get("event_type"))
        if kind == "book":
            self._with_book.add(token)
        elif kind == "price_change" and token not in self._with_book:
            text = (
                f"{event.source}: price_change at {seconds(event.at_us)} before any book of {_short(token)}"
            )
            self.violations.append(Violation(event.at_us, event.number, text, message))
            self._with_book.add(token)
        said = stamp_in(message)
        before = self._last.get(token)
        if said is None:
            return
        if before is not None and said.ns + said.step_ns <= before[0].ns:
            back = seconds((before[0].ns - said.ns) // 1_000)
            text = (
                f"{event.source}: the timestamp of {kind} at {seconds(event.at_us)} goes {back} back, "
                f"from {before[1]} to {message.get('timestamp')}, on {_short(token)}"
            )
            self.violations.append(Violation(event.at_us, event.number, text, message))
        else:
            self._last[token] = said, message.get("timestamp")


def tokens_of(message: Mapping[str, Any]) -> Iterator[str]:
    """The tokens (of user messages, the trades and orders) that a message tells of."""
    if "price_changes" in message:
        changes = message["price_changes"]
        listed = changes if isinstance(changes, list) else ()
        yield from (str(c.get("asset_id")) for c in listed if isinstance(c, Mapping))
    elif message.get("event_type") in ("trade", "order"):
        yield str(message.get("id"))
    elif "asset_id" in message:
        yield str(message["asset_id"])


def _short(token: str) -> str:
    return token if len(token) <= 12 else f"{token[:8]}…"
