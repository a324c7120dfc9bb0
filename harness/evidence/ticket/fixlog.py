r"""FIX logs: QuickFIX's message files and screen, QuickFIX/J's, and bare messages in a mail.

SOH may stand as itself, `|` with or without spaces, `^A`, `\x01`, `\u0001`, `<SOH>`, or as any other
mark that stands between BeginString and BodyLength (`;`, `␁`, `[SOH]`). A line's own time counts; where it
has none, the message's SendingTime (52) is the time at which it left whoever sent it. The customer is the
side that says so: the log where it tells directions, else who sends what only a customer sends (35=D, F, G,
H, q), else who sent the Logon without an answer before it. Source: QuickFIX's FileLog and ScreenLog,
QuickFIX/J's logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from harness.errors import Place
from harness.evidence.ticket import stamps
from harness.evidence.ticket.clues import FIX, MENDED, Clue, Stamp, Unread
from harness.evidence.ticket.fixmending import flaw_of, mended
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind
from harness.wire.fix.codec import SOH
from harness.wire.fix.written import show

NAME: Final = "FIX log"
_START: Final = re.compile(
    r"8=FIX[T.0-9]{2,8}(?P<soh>\x01| \| |\||\^A|\\x01|\\u0001|<SOH>|\x02|[^\w\s=.\"'][^=\n\"']{0,9}?)"
    r"(?:9=[^|\x01]{1,12}?(?P=soh)|(?=35=))"
)
_NOTICE: Final = re.compile(r"(?P<time><?[0-9]{8}-[0-9:.]{8,18})(?:,| :)")
_SCREEN: Final = re.compile(
    r"<[0-9-]{9}[0-9:.]{8,18}, FIX[^,]*, (?P<what>incoming|outgoing|event|error event)>\s*(?P<rest>.*)$"
)
_OUT: Final = re.compile(r"\b(?:outgoing|sent|sending|send|out|tx|toApp|toAdmin)\b|^\s*(?:>>|->|>)", re.I)
_IN: Final = re.compile(
    r"\b(?:incoming|received|receiving|recv|in|rx|fromApp|fromAdmin)\b|^\s*(?:<<|<-|<)", re.I
)
_OF_CUSTOMERS: Final = frozenset(("D", "F", "G", "H", "AF", "q", "V", "x", "E", "AB", "R"))
_OF_EXCHANGES: Final = frozenset(("8", "9", "j", "r", "W", "X", "Y", "AE", "h"))
_LOGON: Final = "A"
_KNOWN_SOH: Final = frozenset(("|", "^A", r"\x01", r"\u0001", "<SOH>", "\x02"))
_BETWEEN: Final = re.compile(rb"(?=8=FIX[T.0-9]{2,8}\x01(?:9|35)=)")
_MENDED: Final = "it was edited, cut off or typed; what it says is read, with 9 and 10 computed anew"
_KEPT: Final = "it was edited, cut off or sent so, and is kept as it stands"
_TRAILER: Final = re.compile(rb"(\x0110=[0-9]{3})(?![0-9])")


@dataclass(frozen=True, slots=True)
class _Line:
    """One message as a line told it, before anybody knows whose side the log is of."""

    place: Place
    raw: bytes
    fields: Mapping[str, str]
    stamp: Stamp | None
    outgoing: bool | None
    damage: str = ""
    """What was wrong with it as it stood, where it is mended."""

    @property
    def sides(self) -> tuple[str, str]:
        """SenderCompID and TargetCompID."""
        return self.fields.get("49", ""), self.fields.get("56", "")


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The FIX messages from this line on, up to the first line that is none of a FIX log."""
    first = lines[at]
    if "8=FIX" not in first and _SCREEN.match(first) is None:
        return None
    told: list[_Line] = []
    unread: list[Unread] = []
    outgoing: bool | None = None
    stamp: Stamp | None = None
    until = at
    for number in lines.after(at):
        text = lines[number]
        screen = _SCREEN.match(text)
        start = _START.search(text)
        if screen is not None:
            outgoing = {"incoming": False, "outgoing": True}.get(screen["what"])
            stamp, _ = stamps.leading(text)
            if outgoing is None:
                unread.append(Unread(lines.place(number), "an event of the engine", screen["rest"].strip()))
        if start is not None:
            head = text[: start.start()]
            own, _ = stamps.leading(head.strip())
            says = _direction(head) if screen is None else outgoing
            if says is None and not head.strip(" ("):
                says = outgoing
            for raw in _messages(text[start.start() :], start["soh"]):
                whole, flaw = mended(raw), flaw_of(raw)
                if flaw:
                    why = f"{whole.told}: {_MENDED}" if whole is not None else f"{flaw}: {_KEPT}"
                    unread.append(Unread(lines.place(number), "a part of a FIX message", why))
                damage = whole.told if whole is not None else ""
                raw = whole.raw if whole is not None else raw
                told.append(_Line(lines.place(number), raw, _fields(raw), own or stamp, says, damage))
            outgoing, stamp = None, None
        elif screen is None:
            if not (text.strip() and (stamp is not None or _NOTICE.match(text))):
                break
            if stamp is None:
                unread.append(Unread(lines.place(number), "an event of the engine", "it is no message"))
        until = number + 1
    if until == at:
        return None
    return Taken(until, tuple(_clues(told, lines.customers)), tuple(unread))


FORM: Final = Form(NAME, take)


def _direction(head: str) -> bool | None:
    out, came = _OUT.search(head), _IN.search(head)
    return None if bool(out) == bool(came) else bool(out)


def _messages(text: str, soh: str) -> list[bytes]:
    """The messages of a line, one behind another; the last may be cut off."""
    if soh == " | ":
        text = re.sub(r" ?\| ?", "\x01", text)
    elif soh in _KNOWN_SOH:
        text = text.replace(soh, "\x01")
    elif soh != "\x01":  # a mark that may stand in a value, too
        text = re.sub(rf"{re.escape(soh)}(?=[1-9][0-9]{{0,4}}=|\s*\Z|8=FIX)", "\x01", text)
    raw = text.encode("latin-1", "replace")
    return [_whole(part) for part in _BETWEEN.split(raw) if part.startswith(b"8=FIX")]


def _whole(raw: bytes) -> bytes:
    """The message without what the log wrote behind it, and with the SOH that an editor took off its end."""
    trailer = _TRAILER.search(raw)
    return raw if trailer is None else raw[: trailer.end(1)] + SOH


def _fields(raw: bytes) -> dict[str, str]:
    """The first value of each tag, read without asking whether the message is whole."""
    fields: dict[str, str] = {}
    for part in raw.decode("latin-1").split("\x01"):
        tag, equals, value = part.partition("=")
        if equals:
            fields.setdefault(tag, value)
    return fields


def _clues(told: Sequence[_Line], customers: set[str]) -> Iterable[Clue]:
    customers |= _customers(told, customers)
    for line in told:
        sender, target = line.sides
        outgoing = line.outgoing if line.outgoing is not None else sender in customers
        ours, theirs = (sender, target) if outgoing else (target, sender)
        stamp = line.stamp or stamps.whole(line.fields.get("52", ""))
        data: dict[str, Any] = {"wire": {"raw": show(line.raw)}}
        data |= {MENDED: line.damage} if line.damage else {}
        kind = Kind.SEND if outgoing else Kind.PUSH
        yield Clue(line.place, kind, FIX, data, stamp, connection=f"{ours}->{theirs}")


def _customers(told: Sequence[_Line], known: Set[str]) -> frozenset[str]:
    """The CompIDs of the customer's side; `known` are those of the file's lines before."""
    said = {*known} | {line.sides[0 if line.outgoing else 1] for line in told if line.outgoing is not None}
    for line in told:
        kind = line.fields.get("35")
        if kind in _OF_CUSTOMERS:
            said.add(line.sides[0])
        elif kind in _OF_EXCHANGES:
            said.add(line.sides[1])
    met: set[frozenset[str]] = {frozenset(line.sides) for line in told if said & set(line.sides)}
    for line in told:
        if line.fields.get("35") == _LOGON and frozenset(line.sides) not in met:
            said.add(line.sides[0])
            met.add(frozenset(line.sides))
    return frozenset(said)
