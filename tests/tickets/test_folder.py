"""A ticket's folder: every file by its content, and nothing lost without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import EvidenceError
from harness.evidence.ticket.folder import Gathered, gather

CURL = "curl https://clob.example.com/ok"
FIX = "20260302-14:05:01.123 : 8=FIX.4.4|9=5|35=0|10=163|"
HASH = "0x" + "ab" * 32
ADDRESS = "0x" + "CD" * 20


def gathered(folder: Path, **files: str | bytes) -> Gathered:
    """What a folder of these files gives; `__` in a name is a dot."""
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return gather(folder)


def test_by_content_not_by_name(tmp_path: Path) -> None:
    """A HAR that is called a picture is a HAR."""
    entry = {
        "startedDateTime": "2026-03-02T14:05:01Z",
        "time": 1,
        "request": {"method": "GET", "url": "https://e.com"},
    }
    found = gathered(tmp_path, picture__png=json.dumps({"log": {"entries": [entry]}}))
    assert [reading.form for reading in found.readings] == ["HAR"]


def test_a_mixture(tmp_path: Path) -> None:
    """A mail with a command, a log and prose: each line is read as what it is, and prose is told of."""
    mail = f"Hello,\nmy order {HASH} from {ADDRESS} is gone.\n\n{CURL}\n\nand the log:\n{FIX}\nThanks"
    found = gathered(tmp_path, mail__txt=mail)
    assert found.readings[0].form == "cURL, FIX log"
    assert [clue.channel for clue in found.clues] == ["rest", "fix"]
    assert [(each.value, each.is_address) for each in found.named] == [(HASH, False), (ADDRESS.lower(), True)]
    assert [(each.place.line, each.what) for each in found.unread][:1] == [(1, "2 lines")]
    assert found.readings[0].notes[0] == "Hello,"


def test_only_a_hash(tmp_path: Path) -> None:
    """A text that names a transaction and nothing else is of use."""
    assert gathered(tmp_path, note__txt=f"see {HASH}").named[0].place.column == 5


def test_pairs_of_several_forms(tmp_path: Path) -> None:
    """Exchanges keep numbers of their own, whatever stands between them in the file."""
    found = gathered(tmp_path, mail__txt=f"{CURL}\n{FIX}\n{CURL}\n{FIX}\n{FIX}\n{FIX}\n{CURL}")
    assert len({clue.pair for clue in found.clues if clue.channel == "rest"}) == 3


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("shot__txt", b"\x89PNG\r\n", "only text is read"),
        ("logs__txt", b"PK\x03\x04abc", "damaged, or packed with a password"),
        ("__hidden", CURL, "hidden files are not read"),
        ("bytes__txt", b"caf\xe9\x00", "it is no text"),
        ("broken__json", '{"log": {"entries": [{"a', "no entry of the HAR can be read"),
    ],
)
def test_not_read(tmp_path: Path, name: str, content: str | bytes, why: str) -> None:
    """What cannot be read is told of, file by file, and the others are read."""
    found = gathered(tmp_path, **{name: content, "a__txt": CURL})
    assert why in "; ".join(each.why for each in found.unread)
    assert len(list(found.clues)) == 1


def test_links(tmp_path: Path) -> None:
    """A link is told of and not followed."""
    (tmp_path / "outside.txt").write_text(CURL)
    folder = tmp_path / "ticket"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    found = gathered(folder, a__txt=CURL)
    assert [each.what for each in found.unread] == ["a link"]


def test_utf16(tmp_path: Path) -> None:
    """A text as an editor on Windows saves it is read."""
    assert len(list(gathered(tmp_path, a__txt=CURL.encode("utf-16")).clues)) == 1


def test_order_of_files(tmp_path: Path) -> None:
    """Files are read in the order of their names, folders below too, on every machine."""
    found = gathered(tmp_path, **{"b__txt": CURL, "a__txt": CURL, "below/c__txt": CURL})
    assert [reading.path for reading in found.readings] == ["a.txt", "b.txt", "below/c.txt"]


@pytest.mark.parametrize("content", ["", "nothing of use"])
def test_nothing_of_use(tmp_path: Path, content: str) -> None:
    """A folder in which nothing can be used is refused, with what it holds."""
    with pytest.raises(EvidenceError, match="I031"):
        gathered(tmp_path, a__txt=content)


def test_no_folder(tmp_path: Path) -> None:
    """A folder that is not there is told so."""
    with pytest.raises(EvidenceError, match="I004"):
        gather(tmp_path / "nowhere")


def test_a_file_that_a_command_names(tmp_path: Path) -> None:
    """A body in a file is read where the ticket holds it, by its name alone; a link and others are not."""
    (tmp_path / "order.json").write_text('{"orderID": "0x1"}')
    (tmp_path / "secret").write_text("passphrase")
    (tmp_path / "ticket").mkdir()
    (tmp_path / "ticket/link.json").symlink_to(tmp_path / "secret")
    (tmp_path / "ticket/order.json").write_text('{"orderID": "0x2"}')
    names = (r"C:\jane\order.json", "../order.json", "link.json", "../secret", "nothere.json")
    lines = [f"curl https://e.com/{number} -d '@{name}'\n\n" for number, name in enumerate(names)]
    (tmp_path / "ticket/mail.txt").write_text("".join(lines))
    gathered = gather(tmp_path / "ticket")
    wires = [clue.data["wire"] for clue in gathered.clues]
    assert [wire.get("body", "") for wire in wires] == ['{"orderID": "0x2"}'] * 2 + [""] * 3
    assert all("file" in wire["body_omitted"] for wire in wires[2:])
    assert "passphrase" not in str(gathered)
    assert "jane" not in str(gathered.readings)


@pytest.mark.parametrize("words", ["my key is {}", "PK={}", "Private key: {}", "recovery phrase and\n{}"])
def test_a_key_is_no_hash(tmp_path: Path, words: str) -> None:
    """32 bytes that a mail calls a key are named nowhere: nobody prints them, no node is asked."""
    assert not gathered(tmp_path, a__txt=f"{CURL}\n\nHi,\n{words.format(HASH)}").named


def test_what_to_ask_for(tmp_path: Path) -> None:
    """Where a ticket is a mail and a picture, the tool says what to ask the customer for."""
    with pytest.raises(EvidenceError, match="Export HAR") as caught:
        gathered(tmp_path, mail__txt="My order did not fill!\nPlease look.", shot__png=b"\x89PNG\r\n")
    assert all(word in str(caught.value) for word in ("a picture", "logging.basicConfig", "Logon", "zone"))
