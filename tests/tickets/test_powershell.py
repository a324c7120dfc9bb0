"""PowerShell's web commands, as browsers and Postman copy them and as people write them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.ticket import powershell
from harness.evidence.ticket.textlines import Lines, Taken
from harness.model import Kind

FROM_CHROME = r"""$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
$session.Cookies.Add((New-Object System.Net.Cookie("sid", "a1", "/", ".example.com")))
$session.Cookies.Add((New-Object System.Net.Cookie("lang", "en", "/", ".example.com")))
Invoke-WebRequest -UseBasicParsing -Uri "https://clob.example.com/order?a=`$1" `
-Method "POST" `
-WebSession $session `
-Headers @{
"authority"="clob.example.com"
  "method"="POST"
  "path"="/order"
  "scheme"="https"
  "accept"="application/json, text/plain, */*"
  "sec-ch-ua"="`"Chromium`";v=`"124`""
} `
-ContentType "application/json" `
-Body ([System.Text.Encoding]::UTF8.GetBytes("{`"note`":`"50% $([char]8364)`",`"n`":1}"))
"""
FROM_FIREFOX = r"""$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.Cookies.Add((New-Object System.Net.Cookie('sid', 'a1', '/', 'example.com')))
Invoke-WebRequest -UseBasicParsing -Uri 'https://clob.example.com/order?a=$1' `
-WebSession $session `
-UserAgent 'Mozilla/5.0' `
-Method DELETE `
-Headers @{
'Accept' = '*/*'
'X-It' = 'it''s'
} `
-ContentType 'application/json' `
-Body '{"orderID":"0x1"}'
"""
FROM_POSTMAN = r"""$headers = New-Object "System.Collections.Generic.Dictionary[[String],[String]]"
$headers.Add("POLY_API_KEY", "k1")
$headers.Add("Content-Type", "application/json")

$body = @"
{
    `"orderID`": `"0x1`"
}
"@

$response = Invoke-RestMethod 'https://clob.example.com/order' -Method 'DELETE' -Headers $headers -Body $body
$response | ConvertTo-Json
"""


def taken(text: str) -> Taken:
    """What is made of a text that begins with a command."""
    found = powershell.take(Lines("mail.txt", text.split("\n")), 0, 1)
    assert found is not None
    return found


def request(text: str) -> dict[str, Any]:
    """The request's wire of a command."""
    wire: dict[str, Any] = dict(taken(text).clues[0].data["wire"])
    return wire


def test_as_chrome_copies_it() -> None:
    """Chrome's: escapes, characters by number, the session's cookies and agent, no HTTP/2 fields."""
    wire = request(FROM_CHROME)
    assert (wire["method"], wire["base"], wire["target"]) == (
        "POST",
        "https://clob.example.com",
        "/order?a=$1",
    )
    assert wire["body"] == '{"note":"50% €","n":1}'
    assert wire["headers"] == {
        "accept": "application/json, text/plain, */*",
        "sec-ch-ua": '"Chromium";v="124"',
        "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        "Cookie": "sid=a1; lang=en",
        "Content-Type": "application/json",
    }


def test_as_firefox_copies_it() -> None:
    """Firefox's: single quotes, in which only a quote is doubled."""
    wire = request(FROM_FIREFOX)
    assert (wire["method"], wire["target"], wire["body"]) == ("DELETE", "/order?a=$1", '{"orderID":"0x1"}')
    assert (wire["headers"]["X-It"], wire["headers"]["Cookie"]) == ("it's", "sid=a1")


def test_as_postman_copies_it() -> None:
    """Postman's: headers added one by one, and a body in a here-string."""
    wire = request(FROM_POSTMAN)
    assert (wire["method"], wire["headers"]["POLY_API_KEY"]) == ("DELETE", "k1")
    assert wire["body"] == '{\n    "orderID": "0x1"\n}'


@pytest.mark.parametrize(
    ("command", "method", "target", "body"),
    [
        ("iwr https://e.com/ok", "GET", "/ok", None),
        ("irm -Meth Post e.com/a -Bod 'x=1'", "POST", "/a", "x=1"),
        ("PS C:\\> Invoke-RestMethod https://e.com/a -Method Post -Body @{ a = 1; b = 'c d' }", "POST", "/a",
         "a=1&b=c+d"),
        ("irm https://e.com/book -Body @{ token_id = '7' }", "GET", "/book?token_id=7", None),
        ("(Invoke-WebRequest -Uri https://e.com/ok -UseBasicParsing).Content", "GET", "/ok", None),
        ("$b = @{ id = '0x1'; on = $true; of = @(1, 'x') } | ConvertTo-Json -Compress\n"
         "$r = irm https://e.com/a -Method Delete -Body $b | Select-Object id", "DELETE", "/a",
         '{"id":"0x1","on":true,"of":[1,"x"]}'),
        ("$u = 'https://e.com'\nirm \"$u/a?b=${u}\" -DisableKeepAlive:$true", "GET",
         "/a?b=https://e.com", None),
        ("irm 'https://e.com/a' -Method Post -Body ('{\"a\":' + '1}')", "POST", "/a", '{"a":1}'),
    ],
)  # fmt: skip
def test_as_people_write_it(command: str, method: str, target: str, body: str | None) -> None:
    """Aliases, shortened parameters, tables as bodies, variables that were set before."""
    wire = request(command)
    assert (wire["method"], wire["target"], wire.get("body")) == (method, target, body)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ('irm https://e.com -Headers @{ key = "$env:KEY" }', "a variable or expression ($) stands here"),
        ("irm https://e.com -Body (Get-Content x.json)", "an expression in brackets stands here"),
        ("irm https://e.com -InFile C:\\jane\\x.json -Method Post", "its body stands in a file (-InFile)"),
        (
            "irm https://e.com -Credential $c",
            "-Credential: a credential that only the shell holds is not read",
        ),
        ("irm https://e.com -Unheard 1", "its parameter -unheard is not known"),
        ("irm https://e.com -Body 'unclosed", "a quote (') is opened here and never closed"),
        (
            "irm https://e.com -Method Post -Body (@{a=1}|ConvertTo-Json)",
            "made by ConvertTo-Json: its spaces",
        ),
        ("irm -Method Post", "it names no URL"),
    ],
)
def test_what_is_not_read(command: str, told: str) -> None:
    """What only PowerShell could answer is told, and never guessed; no name of a file is kept."""
    said = "; ".join(each.why for each in taken(command).unread)
    assert told in said
    assert "jane" not in said


def test_two_commands_and_their_answers() -> None:
    """Commands that share what was set before are all read, each with the answer that stands below it."""
    text = (
        "$h = @{ POLY_API_KEY = 'k1' }\nirm https://e.com/a -Headers $h\n\n"
        'irm : {"error":"not enough balance"}\n\nirm https://e.com/b -Headers $h\nThanks'
    )
    found = taken(text)
    assert [clue.kind for clue in found.clues] == [Kind.SEND, Kind.ANSWER, Kind.SEND]
    assert [clue.pair for clue in found.clues] == [1, 1, 2]
    assert found.clues[1].data["wire"]["status"] == 400
    assert found.clues[2].data["wire"]["headers"] == {"POLY_API_KEY": "k1"}
    assert text.split("\n")[found.until :] == ["Thanks"]


def test_no_command() -> None:
    """Prose, other scripts, and settings without a command behind them are none."""
    for text in ("I used Invoke-WebRequest to cancel it", "$a = 1\n$b = 2", "$(document).ready()"):
        assert powershell.take(Lines("mail.txt", text.split("\n")), 0, 1) is None


def copied(text: str) -> str:
    """A text as Chrome writes it for PowerShell: backquotes, and what is no ASCII by its number."""
    text = re.sub(r'[`$"]', r"`\g<0>", text)
    return '"' + re.sub(r"[^\x20-\x7e]", lambda found: f"$([char]{ord(found[0])})", text) + '"'


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
def test_any_body(body: str) -> None:
    """Whatever Chrome copies as a body is read back, byte for byte."""
    wire = request(f"Invoke-WebRequest -Uri 'https://e.com/a' `\n-Method 'POST' `\n-Body {copied(body)}")
    assert wire.get("body", "") == body


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    """Whatever stands behind a command, it is read or told of, and never more than that."""
    found = powershell.take(Lines("x", f"irm {text}".split("\n")), 0, 1)
    assert found is None or found.clues or found.unread
