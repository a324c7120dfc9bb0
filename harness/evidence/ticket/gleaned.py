"""Exchanges out of any text: what its lines say of HTTP, put together in their order.

Used where no form of log or command that is known tells whole exchanges. A request begins where a method
and an URL are told. A status belongs to the request of the same id, else of the same URL, else to the
last one that is open. A body belongs to that of the two whose it can be, by what it holds, and else to
the last that was told. An order, or an answer to one, that stands alone in a mail is taken as `POST
/order`, and that is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from harness.errors import Place
from harness.evidence.exchanges import Body, Omitted, came, is_bare, sent
from harness.evidence.ticket import rows, shapes, stamps, tokens
from harness.evidence.ticket.clues import REST, Clue, Stamp, Unread
from harness.evidence.ticket.frames import Frame, clues_of, is_of_stream
from harness.evidence.ticket.textlines import Lines
from harness.evidence.ticket.tokens import Token, as_text
from harness.model import Kind

NAME: Final = "what lines tell of HTTP"
_UNTOLD: Final = "the text does not tell it"
_SAYS: Final = re.compile(
    rf"\b(?:{tokens.METHODS})\b|(?<![0-9.,:])[1-5][0-9][0-9](?![0-9])|[{{\[]\s*$|order|error|success|cancel|cursor"
    r"|balance|price|https?:|poly|method|html|event_type",
    re.I,
)
"""What a line has that says anything of an exchange: the others, most of a long log, are passed over."""
_NO_HOST: Final = "https://exchange.invalid"
_GUESSED_REQUEST: Final = "nothing tells it: taken as {}, by what was sent or came of it"
_GUESSED_STATUS: Final = "nothing tells it: taken as {}, by what was answered"


@dataclass(slots=True)
class _Exchange:
    place: Place
    method: str
    url: str
    stamp: Stamp | None
    key: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    asked: Any = None
    status: int = 0
    said: Any = None
    ended: Stamp | None = None

    def is_of(self, method: str, url: str) -> bool:
        """Whether it is this very request, as a line may name it: with or without its host."""
        mine, named = self.url.partition("?"), url.partition("?")
        if self.method != method or (mine[2] and named[2] and mine[2] != named[2]):
            return False
        return mine[0].endswith(named[0]) or named[0].endswith(_target(mine[0]))


class _Reader:
    def __init__(self) -> None:
        self.all: list[_Exchange] = []
        self.unread: list[Unread] = []
        self.frames: list[Frame] = []
        self._now: _Exchange | None = None
        self._half = ["", ""]
        self._status = 0

    def record(
        self, place: Place, found: Sequence[Token], stamp: Stamp | None, key: str, *, begins: bool
    ) -> None:
        """One line or row. `begins` says that it is no line below another one."""
        answers = any(token.what == tokens.STATUS for token in found)
        if begins:
            self._half = ["", ""]
        if answers:  # a status may stand before the request that it is of
            found = sorted(found, key=lambda token: token.what != tokens.ASKED)
        for token in found:
            if token.what in (tokens.METHOD, tokens.URL):
                self._half[token.what == tokens.URL] = token.value
                if all(self._half):
                    self._ask(place, self._half[0], self._half[1], stamp, key, answers=answers, begins=begins)
                    self._half = ["", ""]
            elif token.what == tokens.ASKED:
                self._ask(place, token.value[0], token.value[1], stamp, key, answers=answers, begins=begins)
            elif token.what == tokens.STATUS:
                self._answer(token.value, stamp, key)
            elif token.what == tokens.PAGE:
                self._say(token.value)
            elif token.what in (tokens.HEADER, tokens.HEADERS):
                self._header(dict([token.value]) if token.what == tokens.HEADER else token.value)
            else:
                self._value(place, token, stamp)

    def _ask(
        self,
        place: Place,
        method: str,
        url: str,
        stamp: Stamp | None,
        key: str,
        *,
        answers: bool,
        begins: bool,
    ) -> None:
        url = url.rstrip(".:")
        if answers:
            for each in reversed(self.all):
                if not each.status and each.is_of(method, url) and (not key or each.key in ("", key)):
                    self._now = each
                    if each.url.startswith(_NO_HOST):  # it was guessed by its body, and is told now
                        each.url = url
                        self.unread = [told for told in self.unread if told.place != each.place]
                    return
        if not begins and self._now is not None and self._now.is_of(method, url):
            return
        self._now = _Exchange(place, method, url, stamp, key)
        self.all.append(self._now)

    def _answer(self, status: int, stamp: Stamp | None, key: str) -> None:
        waiting = [each for each in self.all if not each.status]
        same = [each for each in waiting if key and each.key == key]
        now = self._now
        one = same[0] if same else now if now in waiting else waiting[0] if waiting else None
        if one is None:
            if now is None or now.said is not None:
                self._status = status
            return
        one.status, one.ended, self._now, self._status = status, stamp, one, 0

    def _say(self, value: Any) -> None:
        if self._now is not None and self._now.status and self._now.said is None:
            self._now.said = value

    def _header(self, fields: Mapping[str, Any]) -> None:
        now = self._now
        if now is not None and not now.status and not now.headers:
            now.headers = [(str(name), str(value)) for name, value in fields.items()]
        elif now is not None and not now.status:
            now.headers += [(str(name), str(value)) for name, value in fields.items()]

    def _value(self, place: Place, token: Token, stamp: Stamp | None) -> None:
        value, now = token.value, self._now
        if is_of_stream(value):
            self.frames.append(Frame(place, value, stamp))
            return
        if rows.is_container(value):
            inner = rows.tokens_of_row(value)
            self.record(place, inner, stamp, "", begins=False)
            return
        if (target := shapes.request_of(value)) and not token.name.startswith("res"):
            if any(each.asked == value for each in self.all):
                return
            waiting = [each for each in self.all if each.asked is None and each.method == target[0]]
            if now in waiting or (waiting and not waiting[-1].status):
                (now if now is not None and now in waiting else waiting[-1]).asked = value
            else:
                self._guess(place, target, stamp)
                assert self._now is not None  # it was just made
                self._now.asked = value
        elif shapes.is_answer(value) or token.name.startswith("res"):
            self._told(place, value, stamp)
        elif now is not None and now.status:
            self._say(value)
        elif now is not None and now.asked is None and now.method not in ("GET", "HEAD"):
            now.asked = value

    def _told(self, place: Place, value: Any, stamp: Stamp | None) -> None:
        now, own = self._now, shapes.told_status(value)
        waits = now is not None and now.status and now.said is None  # a poll is answered the same, too
        if not waits and any(each.said == value for each in self.all[-2:]):
            return
        if now is None or now.said is not None:
            if not (own or shapes.is_of_order(value) or (self._status and shapes.is_answer(value))):
                return
            now = self._guess(place, ("POST", "/order"), stamp)
        if not now.status:
            now.status = self._status or own or (400 if shapes.is_refusal(value) else 200)
            now.ended = stamp
            if not self._status and not own:
                self.unread.append(Unread(place, "the answer's status", _GUESSED_STATUS.format(now.status)))
            self._status = 0
        now.said = {"error": value["error"]} if own else value

    def _guess(self, place: Place, target: tuple[str, str], stamp: Stamp | None) -> _Exchange:
        self.unread.append(Unread(place, "the request", _GUESSED_REQUEST.format(" ".join(target))))
        self._now = _Exchange(place, target[0], _NO_HOST + target[1], stamp)
        self.all.append(self._now)
        return self._now


def glean(lines: Lines) -> tuple[list[Clue], list[Unread]]:
    """The exchanges that a text's lines tell, as clues, and what was guessed of them."""
    reader = _Reader()
    _read(reader, lines, None)
    return list(_clues(reader)), reader.unread


def glean_rows(path: str, found: Iterator[Mapping[str, Any]]) -> tuple[list[Clue], list[Unread]]:
    """The same of a document's rows, in their order."""
    reader = _Reader()
    for number, row in _oldest_first(list(enumerate(found, 1))):
        _row(reader, Place(path, number, 1), row)
    return list(_clues(reader)), reader.unread


def _read(reader: _Reader, lines: Lines, outer: Stamp | None) -> None:
    at = 0
    while at < len(lines):
        text, place = lines[at].strip(), lines.place(at)
        stamp, rest = stamps.leading(text)
        if not _SAYS.search(rest):
            outer, at = stamp or outer, at + 1
            continue
        row = tokens.value_of(text) if text.startswith("{") and text.endswith("}") else None
        row = (
            row
            if isinstance(row, dict) and not shapes.request_of(row) and not shapes.is_answer(row)
            else None
        )
        if row is None and "=" in rest and (pairs := rows.pairs_of(rest)) and rows.tokens_of_row(pairs):
            row = pairs
        if row is not None and _row(reader, place, row, stamp or outer):
            at += 1
            continue
        outer = stamp or outer  # the lines below a line with a time are of that time
        at, found = tokens.tokens_of(lines, at, rest if stamp is not None else lines[at])
        reader.record(place, found, outer, "", begins=stamp is not None)


def _row(reader: _Reader, place: Place, row: Mapping[str, Any], outer: Stamp | None = None) -> bool:
    stamp = outer or rows.stamp_of(row)
    if heard := [body for body in rows.bodies_of(row) if is_of_stream(body)]:
        reader.frames += [Frame(place, body, stamp) for body in heard]
        return True
    if found := rows.tokens_of_row(row):
        reader.record(place, found, stamp, rows.key_of(row), begins=True)
        return True
    said = rows.said_by(row)
    if said:
        inner = said.replace("\r\n", "\n").split("\n")
        _read(reader, Lines(place.path, inner, [place.line] * len(inner)), stamp)
    return bool(said)


def _oldest_first(listed: list[tuple[int, Mapping[str, Any]]]) -> list[tuple[int, Mapping[str, Any]]]:
    """The rows in the order of their times, where each tells one: viewers of logs list the newest first."""
    times = [stamp.us for _, row in listed if (stamp := rows.stamp_of(row)) is not None]
    if len(times) < len(listed) or times == sorted(times):
        return listed
    falls = sum(later < earlier for earlier, later in pairwise(times)) > len(times) // 2
    order = sorted(
        zip(times[::-1], listed[::-1], strict=True) if falls else zip(times, listed, strict=True),
        key=lambda each: each[0],
    )
    return [row for _, row in order]


def _clues(reader: _Reader) -> Iterator[Clue]:
    yield from clues_of(reader.frames, len(reader.all) + 1)
    for pair, each in enumerate(reader.all, 1):
        if not each.status and each.asked is None:
            continue
        body: Body = b"" if is_bare(each.method, each.url) else Omitted(_UNTOLD)
        if each.asked is not None:
            body = as_text(each.asked).encode()
        try:
            data = sent(each.method, each.url, each.headers, body)
        except ValueError as error:
            reader.unread.append(Unread(each.place, "an url", str(error)))
            continue
        base = data["wire"].get("base", "")
        yield Clue(each.place, Kind.SEND, REST, data, each.stamp, pair, base)
        if each.status:
            said: Body = Omitted(_UNTOLD) if each.said is None else as_text(each.said).encode()
            yield Clue(
                each.place,
                Kind.ANSWER,
                REST,
                came(each.status, (), said),
                each.ended or each.stamp,
                pair,
                base,
            )


def _target(url: str) -> str:
    return "/" + url.split("/", 3)[3] if url.count("/") > 2 else url
