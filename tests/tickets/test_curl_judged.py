"""cURL commands as curl itself carries them out, against how they are read from a ticket."""

from __future__ import annotations

import base64
import re
import shlex
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.evidence.ticket.folder import read_text

BOUNDARY = re.compile(rb"-{24}[0-9a-fA-F]{16,22}")
FILES = {
    "body.json": '{"n": 1}\r\n{"m": 2}',
    "a b.txt": "a note",
    "plain.txt": "z=1",
    "logo.png": "\x89PNG\r\n\x1a\n\x00",
}


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A socket that takes one request whole and says that it was fine."""
    taken: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer, peer.makefile("rb") as lines:
                head = b"".join(iter(lines.readline, b"\r\n"))
                length = re.search(rb"(?i)\ncontent-length: *([0-9]+)", head)
                taken.extend((head, lines.read(int(length[1])) if length else b""))
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], taken
        thread.join(20)


def beside(folder: Path, name: str) -> bytes | None:
    """A file of the folder."""
    return (folder / name).read_bytes() if (folder / name).is_file() else None


def plain(body: bytes) -> bytes:
    """A body with its form's boundary, which is another one each time, made the same."""
    return BOUNDARY.sub(b"BOUNDARY", body)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is the judge")
@pytest.mark.parametrize(
    "options",
    [
        "-d a=1 -d b=2 URL/order",
        "-d @body.json URL/order",
        "--data-binary @body.json URL/order",
        "--data-raw @body.json URL/order",
        "--json @body.json URL/order",
        "--json '{\"a\":' --json '1}' URL/order",
        "--data-urlencode 'q=a b&c~d/é' URL/order",
        "--data-urlencode 'a b' --data-urlencode =x=y --data-urlencode note@a\\ b.txt URL/order",
        "-G --data-urlencode 'q=a b' -d y=2 'URL/book?x=1'",
        "--get -d @plain.txt URL/book",
        "-F side=BUY -F 'note=@a b.txt' URL/form",
        "-F 'logo=@logo.png;type=image/x-own;filename=other.bin' -F 'note=<a b.txt' URL/form",
        "--form 'doc={\"a\":1};type=application/json' --form-string 'raw=@a;type=x' URL/form",
        "-F 'q=\"a;b\"' -F logo=@logo.png URL/form",
        "-T body.json URL/up",
        "-X PATCH -H 'Content-Type: text/x' -d x URL/order",
        "-u me:pass -b 'a=1; b=2' --compressed URL/order",
        "-I URL/book",
    ],
)
def test_a_command_is_read_as_curl_does_it(tmp_path: Path, options: str) -> None:
    """Method, target, body, Content-Type, cookies and authorization are those that curl sends."""
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    with listening() as (port, taken):
        command = f"curl {options}".replace("URL", f"http://127.0.0.1:{port}")
        done = subprocess.run(
            [*shlex.split(command), "-q", "-s", "-m", "20"], cwd=tmp_path, capture_output=True, check=False
        )
    assert done.returncode == 0, done.stderr
    head, body = taken
    reading, _ = read_text(command, "mail.txt", partial(beside, tmp_path))
    wire = reading.clues[0].data["wire"]
    method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
    assert (wire["method"], wire["target"]) == (method, target)
    assert plain(_bytes(wire)) == plain(body)
    for name in ("Content-Type", "Cookie", "Authorization"):
        sent = re.search(rf"(?i)\n{name}: *([^\r]*)".encode(), head)
        read = next((value for key, value in wire["headers"].items() if key.lower() == name.lower()), None)
        assert (read is None) == (sent is None), name
        assert sent is None or plain(read.encode()) == plain(sent[1])


def _bytes(wire: dict[str, Any]) -> bytes:
    if "body_base64" in wire:
        return base64.b64decode(wire["body_base64"])
    return str(wire.get("body", "")).encode()
