"""PowerShell's Invoke-WebRequest and Invoke-RestMethod, as browsers and Postman copy them.

Read are the commands and the lines before them that set what they send: a session with its cookies and its
user agent, tables of headers, bodies. Source: the cmdlets' reference pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from harness.errors import Place
from harness.evidence.exchanges import Body, Omitted, sent
from harness.evidence.ticket.answers import answer_below
from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.curlbody import Beside, base_name
from harness.evidence.ticket.psvalues import PowerShellError, Values
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GAP: Final = r"\s{0,40}"
"""Where spaces may stand: without a bound, a line of nothing else takes a time that grows with its square."""
_COMMAND: Final = r"(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)(?=\s+[-'\"$`h(])"
_INVOKES: Final = re.compile(
    rf"(?:PS [^>\n]{{0,300}}>{_GAP})?(?:\$[A-Za-z_]\w{{0,60}}{_GAP}={_GAP})?\(?{_GAP}{_COMMAND}", re.I
)
_SETS: Final = re.compile(r"(?:PS [^>\n]*>\s*)?\$(?P<name>[A-Za-z_]\w*)\s*=\s*(?=\S)")
_NEW: Final = re.compile(r"New-Object\s+[^\n]*(?:WebRequestSession|Dictionary\[)[^\n]*", re.I)
_AGENT: Final = re.compile(r"\$(?P<name>[A-Za-z_]\w*)\.UserAgent\s*=\s*", re.I)
_COOKIE: Final = re.compile(
    r"\$(?P<name>[A-Za-z_]\w*)\.Cookies\.Add\(\s*\(?\s*New-Object\s+System\.Net\.Cookie\s*\(", re.I
)
_ADD: Final = re.compile(r"\$(?P<name>[A-Za-z_]\w*)\.Add\(", re.I)
_BEGIN: Final = re.compile(
    rf"{_GAP}(?:PS [^>\n]{{0,300}}>{_GAP})?\$[A-Za-z_]\w*{_GAP}(?:=|\.)|{_GAP}" + _INVOKES.pattern, re.I
)
_REST: Final = re.compile(r"[^\n]*")
_PARAMETER: Final = re.compile(r"-(?P<name>[A-Za-z]+):?")
_WITH_VALUE: Final = _names(
    """uri method headers body contenttype websession sessionvariable useragent timeoutsec maximumredirection
    outfile infile credential proxy proxycredential authentication token httpversion form certificate
    certificatethumbprint transferencoding maximumretrycount retryintervalsec custommethod sslprotocol
    statuscodevariable responseheadersvariable connectiontimeoutseconds operationtimeoutseconds erroraction
    outvariable errorvariable"""
)
_SWITCHES: Final = _names(
    """usebasicparsing disablekeepalive skipcertificatecheck usedefaultcredentials skiphttperrorcheck passthru
    allowunencryptedauthentication skipheadervalidation preserveauthorizationonredirect noproxy resume
    followrellink proxyusedefaultcredentials verbose"""
)
_UNREAD: Final = {
    "credential": "a credential that only the shell holds", "token": "a token that only the shell holds",
    "form": "a form that PowerShell makes", "authentication": "an authentication that PowerShell does",
}  # fmt: skip
_OF_HTTP2: Final = frozenset({"authority", "method", "path", "scheme"})
"""What Chrome copies among the headers, and is none."""
_MOST_LINES: Final = 400
_LOOKS_AHEAD: Final = 120


@dataclass(slots=True)
class _Session:
    agent: str = ""
    cookies: list[str] = field(default_factory=list)


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The commands from this line on, with what sets them up and the answers below; None where none is."""
    if _BEGIN.match(lines[at]) is None:
        return None
    if not any(_INVOKES.search(lines[ahead]) for ahead in range(at, min(at + _LOOKS_AHEAD, len(lines)))):
        return None
    script = _Script(lines, at, pair)
    script.read()
    return Taken(script.until, tuple(script.clues), tuple(script.unread)) if script.until > at else None


FORM: Final = Form("PowerShell", take)


class _Script:
    """Statements one behind another, as long as each is one that can be read."""

    def __init__(self, lines: Lines, at: int, pair: int) -> None:
        self._lines = lines
        self._at = at
        self._pair = pair
        self._values = Values("\n".join(lines.texts[at : at + _MOST_LINES]))
        self.until = at
        self.clues: list[Clue] = []
        self.unread: list[Unread] = []

    def read(self) -> None:
        """Read as far as it goes; `until` stays where it was until a command was read or told of."""
        values = self._values
        while True:
            values.skip(lines=True)
            start = values.at
            try:
                if values.take(_INVOKES) is not None:
                    self._invoked(start)
                elif not self._set():
                    return
            except PowerShellError as error:
                if _INVOKES.match(values.text, start) is None:
                    return
                place = self._lines.place(self._line(start))
                self.unread.append(Unread(place, "a PowerShell command", str(error)))
                values.at = start
                while values.take(_REST) and values.text[values.at - 1 : values.at] == "`":
                    values.at += 1
                self.until = self._line(values.at) + 1
                return

    def _line(self, offset: int) -> int:
        return self._at + self._values.text.count("\n", 0, offset)

    def _set(self) -> bool:
        """A statement that sets something up; False where it is none."""
        values = self._values
        if (found := values.take(_COOKIE)) is not None:
            name, value = self._arguments()[:2]
            self._session(found["name"]).cookies.append(f"{name}={value}")
            values.take(_REST)
        elif (found := values.take(_AGENT)) is not None:
            self._session(found["name"]).agent = str(values.value())
        elif (found := values.take(_ADD)) is not None:
            table, given = values.variables.get(found["name"].lower()), self._arguments()
            if not isinstance(table, dict) or len(given) < 2:
                return False
            table[str(given[0])] = given[1]
            values.take(_REST)
        elif (found := values.take(_SETS)) is not None:
            new = values.take(_NEW)
            made: Any = _Session() if new is not None and "session" in new[0].lower() else {}
            values.variables[found["name"].lower()] = made if new is not None else values.value()
        else:
            return False
        return True

    def _arguments(self) -> list[Any]:
        given: list[Any] = []
        while True:
            self._values.skip(lines=True)
            given.append(self._values.value())
            self._values.skip(lines=True)
            if not self._values.text.startswith(",", self._values.at):
                return [*given, "", ""]
            self._values.at += 1

    def _session(self, name: str) -> _Session:
        session = self._values.variables.setdefault(name.lower(), _Session())
        if not isinstance(session, _Session):
            raise PowerShellError(f"${name} is no session")
        return session

    def _invoked(self, start: int) -> None:
        place = self._lines.place(self._line(start))
        given, told = _parameters(self._values)
        data = _request(given, self._lines.beside, told)
        self._values.take(_REST)
        self.until = self._line(self._values.at) + 1
        host = data["wire"].get("base", "")
        self.clues.append(Clue(place, Kind.SEND, REST, data, None, self._pair, host))
        if self._values.remade:
            told.append("its JSON is made by ConvertTo-Json: its spaces may have been others")
            self._values.remade = False
        self.unread += [Unread(place, "a part of a PowerShell command", each) for each in told]
        answer = answer_below(self._lines, self.until, self._pair, host)
        if answer is not None and not self._another_before(answer[1].place):
            self.until, clue, unread = answer
            self.clues.append(clue)
            self.unread += unread
            ahead = self._lines.texts[self._at : self.until]
            self._values.at = min(sum(len(text) + 1 for text in ahead), len(self._values.text))
        self._pair += 1

    def _another_before(self, place: Place) -> bool:
        """Whether another command begins between this one and what was taken for its answer."""
        between = range(self.until, len(self._lines))
        stop = next((at for at in between if self._lines.place(at) == place), self.until)
        return any(_INVOKES.match(self._lines[at].lstrip()) for at in range(self.until, stop + 1))


def _parameters(values: Values) -> tuple[dict[str, Any], list[str]]:
    """The parameters of a command by their whole names, in small letters; and what is told of them."""
    given: dict[str, Any] = {}
    told: list[str] = []
    while True:
        values.skip()
        if values.at >= len(values.text) or values.text[values.at] in "\r\n;|)":
            return given, told
        named = values.take(_PARAMETER)
        if named is None:
            given.setdefault("uri", values.value())
            continue
        name = _whole(named["name"].lower())
        if name in _SWITCHES:
            values.take(re.compile(r"\$(?:true|false)\b", re.I))
        elif name in _UNREAD:
            told.append(f"-{named['name']}: {_UNREAD[name]} is not read")
            values.take(re.compile(r"[ \t]*(?:\([^)\n]*\)|\S+)"))
        else:
            given[name] = values.value()


def _whole(name: str) -> str:
    """A parameter's whole name; PowerShell takes as much of it as tells it from others."""
    known = [each for each in (*_WITH_VALUE, *_SWITCHES) if each.startswith(name)]
    if name in known or len(known) == 1:
        return name if name in known else known[0]
    raise PowerShellError(f"its parameter -{name} is not known: what follows it may be its value or not")


def _request(given: dict[str, Any], beside: Beside, told: list[str]) -> dict[str, Any]:
    """The data of a send."""
    url = str(given.get("uri", ""))
    if not url:
        raise PowerShellError("it names no URL")
    url = url if "://" in url else f"http://{url}"
    method = str(given.get("custommethod", given.get("method", "GET"))).upper()
    headers = _headers(given)
    body: Body = b""
    held = given.get("body")
    if isinstance(held, dict) and method == "GET":
        url += ("&" if "?" in url else "?") + urlencode(held)
    elif isinstance(held, dict):
        body = urlencode(held).encode()
    elif held is not None:
        body = str(held).encode()
    if "infile" in given:
        found = beside(base_name(str(given["infile"])))
        why = "its body stands in a file (-InFile), which is not here: put it beside the text"
        body = found if found is not None else Omitted(why)
        told += [why] if found is None else []
    if method == "POST" and body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    return sent(method, url, tuple(headers), body)


def _headers(given: dict[str, Any]) -> list[tuple[str, str]]:
    held = given.get("headers", {})
    if not isinstance(held, dict):
        raise PowerShellError("its headers are no table")
    copied = {name.lower() for name in held} >= _OF_HTTP2
    headers = [
        (name, str(value)) for name, value in held.items() if not (copied and name.lower() in _OF_HTTP2)
    ]
    session = given.get("websession")
    agent = given.get("useragent") or (session.agent if isinstance(session, _Session) else "")
    headers += [("User-Agent", str(agent))] if agent else []
    if isinstance(session, _Session) and session.cookies:
        headers.append(("Cookie", "; ".join(session.cookies)))
    if "contenttype" in given:
        headers.append(("Content-Type", str(given["contenttype"])))
    return headers
