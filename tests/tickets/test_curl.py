"""cURL commands, and what was printed below them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.ticket import curl
from harness.evidence.ticket.shellwords import ShellError, first_command
from harness.evidence.ticket.textlines import Lines, Taken
from harness.model import Kind

FROM_CHROME = r"""curl 'https://clob.example.com/order' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'content-type: application/json' \
  -b 'session=abc' \
  --data-raw $'{"note":"it\'s \u0041","n":1}' \
  --compressed"""


def taken(text: str) -> Taken:
    """What is made of a text that begins with a command."""
    found = curl.take(Lines("mail.txt", text.split("\n")), 0, 1)
    assert found is not None
    return found


def request(text: str) -> dict[str, Any]:
    """The request's wire of a command."""
    wire: dict[str, Any] = dict(taken(text).clues[0].data["wire"])
    return wire


def test_as_chrome_copies_it() -> None:
    """A command as a browser copies it: every header, the cookie, and the body with bash's own escapes."""
    wire = request(FROM_CHROME)
    assert wire["method"] == "POST"
    assert (wire["base"], wire["target"]) == ("https://clob.example.com", "/order")
    assert wire["headers"]["Cookie"] == "session=abc"
    assert wire["body"] == '{"note":"it\'s A","n":1}'


@pytest.mark.parametrize(
    ("command", "method", "target", "body"),
    [
        ("curl https://e.com/book?token_id=1", "GET", "/book?token_id=1", None),
        ("curl -XDELETE https://e.com/order -d '{}'", "DELETE", "/order", "{}"),
        ("curl -sSL -X GET --url https://e.com/ok", "GET", "/ok", None),
        ("curl https://e.com/a --json '{\"a\":1}'", "POST", "/a", '{"a":1}'),
        ("curl -G https://e.com/a -d x=1 -d y=2", "GET", "/a?x=1&y=2", None),
        ("curl --data-urlencode 'q=a b&c' https://e.com/a", "POST", "/a", "q=a+b%26c"),
        ("curl -I https://e.com/a", "HEAD", "/a", None),
        ("curl e.com/a", "GET", "/a", None),
        ('curl "https://e.com/a?b=\\"x\\""', "GET", '/a?b="x"', None),
        ("curl --request=PUT https://e.com/a", "PUT", "/a", None),
    ],
)
def test_options(command: str, method: str, target: str, body: str | None) -> None:
    """Method, target and body follow from the options as curl's manual says."""
    wire = request(command)
    assert (wire["method"], wire["target"], wire.get("body")) == (method, target, body)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("curl https://e.com -d @body.json", "its body stands in a file (-d @…), which is not here"),
        (
            "curl https://e.com -F a=b -F c=@d",
            "a field of its form stands in a file (-F @…), which is not here",
        ),
        ("curl https://e.com -b jar.txt", "-b names a file of cookies, which is not here"),
        ("curl https://e.com -K conf", "-K: options in a file is not read"),
        ('curl https://e.com -H "X: $TOKEN"', "a variable or substitution stands here"),
        ("curl https://e.com 'unclosed", "a quote (') is opened here and never closed"),
        ("curl https://e.com --unheard-of 1", "its option --unheard-of is not known"),
        ("curl https://e.com https://e.org", "it names 2 URLs: one is read"),
        ("curl -H", "its option -H has no value"),
    ],
)
def test_what_is_not_read(command: str, told: str) -> None:
    """What a command leaves to files, forms or a shell is told, and never guessed."""
    assert told in "; ".join(each.why + each.what for each in taken(command).unread)


def test_answer_of_include() -> None:
    """What `curl -i` printed below the command is its answer, with the exchange's own time."""
    text = (
        "curl -i https://e.com/order -d x\nHTTP/1.1 100 Continue\n\nHTTP/1.1 400 Bad Request\n"
        'Date: Mon, 02 Mar 2026 14:05:01 GMT\ncontent-type: application/json\n\n{"error":"no"}\n\nThanks,'
    )
    found = taken(text)
    send, answer = found.clues
    assert (send.kind, answer.kind) == (Kind.SEND, Kind.ANSWER)
    assert answer.data["wire"]["status"] == 400
    assert answer.data["wire"]["body"] == '{"error":"no"}'
    assert answer.stamp is not None
    assert text.split("\n")[found.until :] == ["", "Thanks,"]


def test_answer_of_verbose() -> None:
    """What `curl -v` printed, `>` and `<` and `*` and all, is the answer too."""
    text = "curl -v https://e.com/ok\n* Trying\n> GET /ok HTTP/1.1\n>\n< HTTP/1.1 200 OK\n< server: x\n<\nOK"
    answer = taken(text).clues[1]
    assert (answer.data["wire"]["status"], answer.data["wire"]["body"]) == (200, "OK")
    assert answer.data["wire"]["headers"] == {"server": "x"}


def test_no_command() -> None:
    """A line that only speaks of curl is no command."""
    assert curl.take(Lines("mail.txt", ["I used curl to cancel it"]), 0, 1) is None


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is the judge")
@pytest.mark.parametrize(
    "command",
    [
        r"""printf '%s\n' a 'b c' "d \"e\" \$ \\ \x" $'f\tg\'h\x41\u00e9\101' i\ j k'l'm""",
        "printf '%s\\n' one \\\n  two\\\nthree",
        """printf '%s\\n' "" '' x#y #comment""",
    ],
)
def test_words_as_bash_splits_them(command: str) -> None:
    """Quotes, escapes and continuations give the words that bash itself gives."""
    said = subprocess.run(["bash", "-c", command], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert list(first_command(command).words[2:]) == said.stdout.decode().split("\n")[:-1]


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    """Whatever stands behind `curl`, it is read or refused, and never more than that."""
    with contextlib.suppress(ShellError):
        first_command(f"curl {text}")
    curl.take(Lines("x", f"curl {text}".split("\n")), 0, 1)


FROM_CMD = r"""curl ^"https://clob.example.com/order?a=1^&b=2^" ^
  -H ^"accept: */*^" ^
  -H ^"content-type: application/json^" ^
  --data-raw ^"^{^\^"note^\^":^\^"50^% ^$x^\^"^}^" """
OLD_CMD = r"""curl "https://clob.example.com/order?a=1&b=2" ^
  -H "content-type: application/json" --data-binary "{""note"":""50% $x""}" --compressed"""


@pytest.mark.parametrize("command", [FROM_CMD, OLD_CMD])
def test_as_windows_copies_it(command: str) -> None:
    """A command for Windows' cmd, with `^` everywhere or with doubled quotes: its quotes, `%` and `$`."""
    wire = request(command)
    assert (wire["method"], wire["target"]) == ("POST", "/order?a=1&b=2")
    assert wire["body"] == '{"note":"50% $x"}'


def test_no_file_is_opened(tmp_path: Path) -> None:
    """A file that a command names is not read, even where it is there."""
    (tmp_path / "body.json").write_text("secret")
    found = taken(f"curl https://e.com -d @{tmp_path / 'body.json'}")
    assert "secret" not in str(found)
