"""The body that a cURL command sends: its data, its form, or a file; files as far as the ticket holds them.

A file is named by where it was at the customer's; one of that name that lies beside the text is it. Nothing
else is opened. A form's boundary is new each time curl runs, so that ours stands for it. Source: curl's
manual page (`-d`, `--data-urlencode`, `--json`, `-F`, `-T`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus

from harness.evidence.exchanges import Body, Omitted

Beside = Callable[[str], bytes | None]
"""The bytes of a file that lies beside the text, by its name without folders; None where there is none."""

DATA: Final = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json")
FORM: Final = ("-F", "--form", "--form-string")
_AS_TEXT: Final = ("-d", "--data", "--data-ascii")
_BOUNDARY: Final = f"{'-' * 24}{'0' * 22}"
_PART: Final = re.compile(r";\s*(?P<key>type|filename|headers|encoder)=(?P<value>\"(?:[^\"\\]|\\.)*\"|[^;]*)")
_KINDS: Final = {
    "gif": "image/gif", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png",
    "svg": "image/svg+xml", "txt": "text/plain", "htm": "text/html", "html": "text/html",
    "pdf": "application/pdf", "xml": "application/xml",
}  # fmt: skip
_BINARY: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Sent:
    """A body with its Content-Type ("" where it has none of its own), and what of it is not known."""

    body: Body
    kind: str = ""
    told: str = ""


class _MissingFileError(Exception):
    """A file that the ticket does not hold; the text says what it would have been."""


def body_of(data: Sequence[tuple[str, str]], forms: Sequence[tuple[str, str]], beside: Beside) -> Sent:
    """The body of data or of a form, in the order of the options."""
    try:
        if forms:
            told = "a form (-F): its boundary is ours, since curl makes a new one each time"
            body = b"".join(_parts(forms, beside)) + f"--{_BOUNDARY}--\r\n".encode()
            return Sent(body, f"multipart/form-data; boundary={_BOUNDARY}", told)
        pieces = [_piece(name, value, beside) for name, value in data]
    except _MissingFileError as missing:
        return Sent(Omitted(str(missing)), told=str(missing))
    joint = b"" if data and all(name == "--json" for name, _ in data) else b"&"
    is_json = any(name == "--json" for name, _ in data)
    kind = "application/json" if is_json else "application/x-www-form-urlencoded"
    return Sent(joint.join(pieces), kind if data else "")


def upload_of(name: str, beside: Beside) -> Sent:
    """The body of an upload (`-T`)."""
    try:
        return Sent(_file(name, "-T", "it uploads a file", beside))
    except _MissingFileError as missing:
        return Sent(Omitted(str(missing)), told=str(missing))


def base_name(name: str) -> str:
    """A file's name without the folders before it, on whatever system."""
    return re.split(r"[/\\]", name)[-1]


def _file(name: str, option: str, what: str, beside: Beside) -> bytes:
    found = beside(base_name(name)) if name not in ("-", ".") else None
    if found is None:
        raise _MissingFileError(f"{what} ({option} @…), which is not here: put it beside the text")
    return found


def _piece(name: str, value: str, beside: Beside) -> bytes:
    """What one option of data adds to the body."""
    what = "its body stands in a file"
    if name == "--data-urlencode":
        return _urlencoded(value, beside)
    if name == "--data-raw" or not value.startswith("@"):
        return value.encode()
    found = _file(value[1:], name, what, beside)
    return re.sub(rb"[\r\n\0]", b"", found) if name in _AS_TEXT else found


def _urlencoded(value: str, beside: Beside) -> bytes:
    """`content`, `=content`, `name=content`, `@file` or `name@file`, with its content encoded."""
    found = re.match(r"(?P<name>[^=@]*)(?P<sign>[=@])(?P<rest>.*)\Z", value, re.S)
    if found is None:
        return _encoded(value.encode())
    content = found["rest"].encode()
    if found["sign"] == "@":
        content = _file(found["rest"], "--data-urlencode", "its body stands in a file", beside)
    return (f"{found['name']}=".encode() if found["name"] else b"") + _encoded(content)


def _encoded(content: bytes) -> bytes:
    return quote_plus(content, safe="").encode()


def _parts(forms: Sequence[tuple[str, str]], beside: Beside) -> Iterator[bytes]:
    for option, field in forms:
        name, _, value = field.partition("=")
        told = {} if option == "--form-string" else _told(value)
        plain = value if option == "--form-string" else _PART.sub("", value)
        kind, filename, content = told.get("type", ""), told.get("filename", ""), plain.encode()
        if option != "--form-string" and plain[:1] in ("@", "<"):
            path = _bare(plain[1:])
            content = _file(path, option, "a field of its form stands in a file", beside)
            if plain[0] == "@":
                filename = filename or base_name(path)
                kind = kind or _KINDS.get(filename.rpartition(".")[2].lower(), _BINARY)
        elif option != "--form-string":
            content = _bare(plain).encode()
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        head += f'; filename="{filename}"' if filename else ""
        head += f"\r\nContent-Type: {kind}" if kind else ""
        yield f"{head}\r\n\r\n".encode() + content + b"\r\n"


def _told(value: str) -> dict[str, str]:
    return {found["key"]: _bare(found["value"]) for found in _PART.finditer(value)}


def _bare(text: str) -> str:
    """A value of a form's field without the quotes around it."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text
