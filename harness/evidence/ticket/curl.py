"""cURL commands, as browsers copy them and as people write them, with what `curl -i` or `-v` printed below.

Source: curl's manual page. Every option that curl knows is either read, known to say nothing about the
request, or named as not read; an option that is unknown ends the reading of that command.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from harness.errors import Place
from harness.evidence.exchanges import Body, Omitted, sent
from harness.evidence.ticket import curlbody
from harness.evidence.ticket.answers import BEGIN, answer_below, straight
from harness.evidence.ticket.clues import REST, Clue, Unread
from harness.evidence.ticket.shellwords import Command, ShellError, first_command
from harness.evidence.ticket.textlines import Form, Lines, Taken
from harness.model import Kind


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WITH_VALUE: Final = frozenset(curlbody.DATA) | _names(
    """-X --request -H --header -u --user -b --cookie -A --user-agent -e --referer -F --form --form-string
    --url -o --output -m --max-time --connect-timeout -w --write-out -x --proxy --cacert --cert -E --key
    --resolve --retry --retry-delay --retry-max-time -c --cookie-jar -D --dump-header --limit-rate -T
    --upload-file --interface -K --config -C --continue-at -r --range --ciphers --tls-max --connect-to
    --oauth2-bearer --max-redirs --trace --trace-ascii --stderr -U --proxy-user --aws-sigv4 --url-query"""
)
_FLAGS: Final = _names(
    """-s --silent -S --show-error -v --verbose -i --include -k --insecure -L --location --compressed -g
    --globoff -f --fail --fail-with-body -N --no-buffer -# --progress-bar -O --remote-name -J
    --remote-header-name -a --append --http1.0 -0 --http1.1 --http2 --http2-prior-knowledge --http3 --tlsv1.2
    --tlsv1.3 -1 -4 --ipv4 -6 --ipv6 --path-as-is --no-keepalive --tcp-nodelay --ssl-no-revoke -n --netrc
    --no-progress-meter --location-trusted -q --disable --raw --retry-all-errors --retry-connrefused
    --trace-time --digest --basic --anyauth --ntlm -I --head -G --get"""
)
_UNREAD: Final = {
    "-K": "options in a file", "--config": "options in a file",
    "--aws-sigv4": "a signature that curl makes itself",
}  # fmt: skip
_UPLOADS: Final = ("-T", "--upload-file")
_CARETS: Final = re.compile(r"\A[^\n]*(?:\^\"|\s\^\r?$)", re.M)
_MOST_LINES: Final = 2_000  # of one command: browsers write a line for each header


def take(lines: Lines, at: int, pair: int) -> Taken | None:
    """The command that begins at a line and the answer that stands below it, or None."""
    begin = BEGIN.match(lines[at])
    if begin is None:
        return None
    place = lines.place(at)
    text = "\n".join(lines.texts[at : at + _MOST_LINES])[begin.end() :]
    try:
        command, request, data = _command(place, text, lines.beside)
    except ValueError as error:  # ShellError, and an URL that is none
        until = at + 1
        while until < len(lines) and lines[until - 1].rstrip().endswith("\\"):
            until += 1
        return Taken(until, unread=(Unread(place, "a curl command", str(error)),))
    until = at + text.count("\n", 0, command.end) + 1
    host = data["wire"].get("base", "")
    clues = [Clue(place, Kind.SEND, REST, data, None, pair, host)]
    answer = answer_below(lines, until, pair, host)
    if answer is None:
        return Taken(until, tuple(clues), tuple(request.unread))
    until, clue, unread = answer
    return Taken(until, (*clues, clue), (*request.unread, *unread))


FORM: Final = Form("cURL", take)


def _command(place: Place, text: str, beside: curlbody.Beside) -> tuple[Command, _Request, dict[str, Any]]:
    """A command as it was written: for bash, for Windows' cmd, or with the quotes that a mail program bent.

    Raises ValueError where none of these can be read: the first one's.
    """
    failed: ValueError | None = None
    for spelled in (_of_cmd(text), straight(text)) if _CARETS.search(text) else (text, straight(text)):
        try:
            command = first_command(spelled)
            request = _request(place, command, beside)
            return command, request, sent(request.method, request.url, tuple(request.headers), request.body)
        except ValueError as error:
            failed = failed or error
    assert failed is not None  # there are two spellings
    raise failed


def _of_cmd(text: str) -> str:
    """A command for Windows' cmd as bash reads it: `^` escapes, `^` at a line's end goes on, `$` is itself.

    Inside quotes two of them are one (the C runtime's rule). Each line stays one.
    """
    text = re.sub(r"\^(\r?\n)", r"\\\1", text)
    text = re.sub(r"\^(.)", r"\1", text)
    return re.sub(r"[$`]", r"\\\g<0>", _with_single_quotes(text))


def _with_single_quotes(text: str) -> str:
    """A text whose doubled quotes inside of quotes are escaped ones."""
    parts: list[str] = []
    at, inside = 0, False
    while at < len(text):
        step = 2 if text[at] == "\\" or (inside and text.startswith('""', at)) else 1
        piece = text[at : at + step]
        parts.append('\\"' if piece == '""' else piece)
        inside ^= piece == '"'
        at += step
    return "".join(parts)


@dataclass(slots=True)
class _Request:
    method: str = ""
    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Body = b""
    unread: list[Unread] = field(default_factory=list)


@dataclass(slots=True)
class _Options:
    """What the words of a command came to, before it is known what they make together."""

    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[tuple[str, str]] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    upload: str = ""
    flags: set[str] = field(default_factory=set)
    query: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def _request(place: Place, command: Command, beside: curlbody.Beside) -> _Request:
    options = _Options()
    for name, value in _options(command):
        _take_option(options, name, value)
    if len(options.urls) != 1:
        raise ShellError(0, f"it names {len(options.urls)} URLs: one is read")
    body = _body(options, beside)
    if body.told:
        options.unread.append(body.told)
    url = _url(options)
    asks_head = options.flags & {"-I", "--head"}
    posts = "PUT" if options.upload else "POST" if body.body or isinstance(body.body, Omitted) else "GET"
    method = options.method or ("HEAD" if asks_head else posts)
    if body.kind and not any(name.lower() == "content-type" for name, _ in options.headers):
        options.headers.append(("Content-Type", body.kind))
    unread = [Unread(place, "a part of a curl command", told) for told in options.unread]
    return _Request(method, url, options.headers, body.body, unread)


def _options(command: Command) -> Iterator[tuple[str, str]]:
    """Each option with its value ("" for a flag); a word that is no option is an URL."""
    words = iter(command.words[1:])
    for word in words:
        if word == "--":
            yield from (("--url", rest) for rest in words)
        elif word.startswith("--"):
            name, joined, value = word.partition("=")
            if name in _WITH_VALUE:
                yield name, value if joined else _next(words, name)
            elif name in _FLAGS or name.removeprefix("--no-") != name:
                yield name, ""
            else:
                raise ShellError(
                    0, f"its option {name} is not known: what follows it may be its value or not"
                )
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word, words)
        else:
            yield "--url", word


def _short(word: str, words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """The options of one word of short ones: `-sSL`, `-XPOST`, `-H value`."""
    for at in range(1, len(word)):
        name = f"-{word[at]}"
        if name in _WITH_VALUE:
            yield name, word[at + 1 :] or _next(words, name)
            return
        if name not in _FLAGS:
            raise ShellError(0, f"its option {name} is not known: what follows it may be its value or not")
        yield name, ""


def _next(words: Iterator[str], name: str) -> str:
    value = next(words, None)
    if value is None:
        raise ShellError(0, f"its option {name} has no value")
    return value


def _take_option(options: _Options, name: str, value: str) -> None:
    if name == "--url":
        options.urls.append(value)
    elif name in ("-X", "--request"):
        options.method = value
    elif name in ("-H", "--header"):
        _take_header(options, value)
    elif name in ("-u", "--user"):
        options.headers.append(("Authorization", "Basic " + base64.b64encode(value.encode()).decode()))
    elif name == "--oauth2-bearer":
        options.headers.append(("Authorization", f"Bearer {value}"))
    elif name in ("-b", "--cookie"):
        if "=" in value:
            options.headers.append(("Cookie", value))
        else:
            options.unread.append(f"{name} names a file of cookies, which is not here")
    elif name in ("-A", "--user-agent"):
        options.headers.append(("User-Agent", value))
    elif name in ("-e", "--referer"):
        options.headers.append(("Referer", value))
    elif name == "--url-query":
        options.query.append(value)
    elif name in curlbody.DATA:
        options.data.append((name, value))
    elif name in curlbody.FORM:
        options.forms.append((name, value))
    elif name in _UPLOADS:
        options.upload = value
    elif name in _UNREAD:
        options.unread.append(f"{name}: {_UNREAD[name]} is not read")
    else:
        options.flags.add(name)


def _take_header(options: _Options, value: str) -> None:
    if value.startswith("@"):
        options.unread.append("-H names a file of headers, which is not here")
        return
    name, colon, content = value.partition(":")
    if colon and content.strip():
        options.headers.append((name.strip(), content.strip()))
    elif not colon and value.endswith(";"):
        options.headers.append((value[:-1].strip(), ""))


def _body(options: _Options, beside: curlbody.Beside) -> curlbody.Sent:
    if options.upload:
        return curlbody.upload_of(options.upload, beside)
    sent = curlbody.body_of(options.data, options.forms, beside)
    if options.flags & {"-G", "--get"} and isinstance(sent.body, bytes):
        options.query += [sent.body.decode()] if sent.body else []
        return curlbody.Sent(b"")
    return sent


def _url(options: _Options) -> str:
    url = options.urls[0]
    if "://" not in url:
        url = f"http://{url}"
    if options.query:
        joint = "&" if urlsplit(url).query else "?"
        url = url + joint + "&".join(options.query)
    return url
