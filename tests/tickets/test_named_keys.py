"""Keys that a message names: in queries, in bodies, in frames and in JSON inside of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .customer import ALICE, BALANCE, CONDITION, entry, har, socket
from .drafted import New

REFUSED = entry(4000, "POST", "/order", 400, {"error": BALANCE}, ALICE.order(0.5, 9), ALICE)
HELLO = {"type": "user", "markets": [CONDITION]}


@pytest.mark.parametrize("name", ["clientToken", "session", "sid", "apiToken", "serviceAuth"])
def test_a_key_in_a_frame(ticket: Path, new: New, name: str) -> None:
    """What a frame calls a key and looks like one stands nowhere, however short it is."""
    said = ("send", 10, {**HELLO, name: "ctk_8Wq3Lm5Zr"})
    told = ("receive", 20, {"event_type": "order", "id": "0x1", name: "ses_3Vb7Nq1Lk"})
    har(ticket, [socket("user", [said, told]), REFUSED])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "ctk_8Wq3Lm5Zr" not in drafted.written + drafted.said
    assert "ses_3Vb7Nq1Lk" not in drafted.written + drafted.said


def test_keys_of_the_same_name(ticket: Path, new: New) -> None:
    """Two keys of one name are both kept out."""
    first = entry(0, "GET", "/data/orders?sid=first-7Kq2m", 200, {"data": []}, by=ALICE)
    other = entry(1000, "GET", "/data/orders?sid=other-9Zx4p&limit=5", 200, {"data": [1]}, by=ALICE)
    har(ticket, [first, other, REFUSED])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "first-7Kq2m" not in drafted.written + drafted.said
    assert "other-9Zx4p" not in drafted.written + drafted.said


def test_a_key_in_a_text_of_json(ticket: Path, new: New) -> None:
    """A key in JSON that is a text of other JSON is kept out, too."""
    stored = json.dumps({"app": json.dumps({"clientToken": "ctk_8Wq3Lm5Zr"})})
    har(ticket, [entry(0, "POST", "/orders-scoring", 200, {"stored": stored}, ["0x1"], ALICE), REFUSED])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert "ctk_8Wq3Lm5Zr" not in drafted.written + drafted.said


def test_what_only_sounds_like_a_key(ticket: Path, new: New) -> None:
    """Tokens that are traded, words and cursors stay: a case cannot do without them."""
    told = {"token": "1234567", "session": "continuous", "next_token": "page-0000002", "data": []}
    har(ticket, [entry(0, "GET", "/data/orders", 200, told, by=ALICE), REFUSED])
    written = new().written
    assert "continuous" in written
    assert "page-0000002" in written
    assert "1234567" in written


@pytest.mark.parametrize("name", ["apikey", "access_token", "signature", "pass"])
def test_a_key_in_a_files_name(ticket: Path, new: New, name: str) -> None:
    """Of a key in a file's name, which a browser keeps of a page's query, only the beginning is shown."""
    (ticket / f"orders@{name}=summer-22-moon&limit=5.txt").write_text("GET nothing that is read\x00")
    har(ticket, [REFUSED])
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert f"{name}=su…&limit=5.txt" in drafted.said
    assert "summer-22-moon" not in drafted.written + drafted.said
