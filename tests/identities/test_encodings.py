"""One identity is replaced alike wherever it stands: every spelling, every encoding, every channel."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.identities import Identities
from harness.pseudonyms import pseudonymised
from harness.seal import Cassette

from .samples import (
    ADDRESS,
    ADDRESSES,
    EMAIL,
    ENCODINGS,
    HASHES,
    ORDER_HASH,
    OTHER,
    TRANSACTION,
    UUID,
    address_of,
    event,
    hash_of,
    header,
    mapped,
    written,
)

WORD = ADDRESS[2:].lower().rjust(64, "0")
MULTISEND = "8d80ff0a" + "20".rjust(64, "0") + "37".rjust(64, "0") + "00" + ADDRESS[2:].lower() + "11" * 35

REPLACED: dict[str, tuple[str, Callable[[str], str]]] = {
    "in a path": (f"/profile/{ADDRESS}?x=1", lambda text: text.split("/")[2].split("?")[0]),
    "in a query": (f"/data/trades?maker_address={ADDRESS}&id=", lambda text: text[27:69]),
    "without 0x": (f"of {ADDRESS[2:].lower()}.", lambda text: "0x" + text[3:43]),
    "in text": (f"'{ADDRESS}' address banned", lambda text: text[1:43]),
    "in a word": ("0x" + WORD, lambda text: "0x" + text[-40:]),
    "in a call": (f"0x70a08231{WORD}", lambda text: "0x" + text[-40:]),
    "in an unknown call": (f"0xdeadbeef{WORD}", lambda text: "0x" + text[-40:]),
    "in packed calls": (f"0x{MULTISEND}", lambda text: "0x" + text[2 + 8 + 128 + 2 :][:40]),
    "left-aligned": (f"0x{ADDRESS[2:].lower():0<64}", lambda text: text[:42]),
    "in decimal": (str(int(ADDRESS, 16)), lambda text: f"0x{int(text):040x}"),
    "in JSON in JSON": (
        json.dumps({"body": json.dumps({"maker": ADDRESS})}),
        lambda text: json.loads(json.loads(text)["body"])["maker"],
    ),
    "escaped": ("".join(f"\\u{ord(each):04x}" for each in ADDRESS), lambda text: text),
    "escaped twice": ("".join(f"\\\\u{ord(each):04x}" for each in ADDRESS), lambda text: text),
    "percent-encoded": ("".join(f"%{ord(each):02x}" for each in ADDRESS), unquote),
    "hex of its text": (
        "0x" + "00" * 64 + ADDRESS.lower().encode().hex(),
        lambda text: bytes.fromhex(text[130:]).decode(),
    ),
}


@pytest.mark.parametrize(("text", "read"), REPLACED.values(), ids=REPLACED)
def test_an_address_is_one_image_everywhere(text: str, read: Callable[[str], str]) -> None:
    """Whatever the encoding, what is read out of it is the image of the plain address."""
    plain, clean = mapped([ADDRESS, text])
    assert read(clean).lower() == plain.lower()
    assert ADDRESS[2:].lower() not in clean.lower()


@given(ADDRESSES.map(address_of) | HASHES.map(hash_of), st.integers(0, 3), st.integers(1, 4))
def test_hex_keeps_its_length_at_any_offset(value: str, before: int, between: int) -> None:
    """A known identity is found at any byte of any data, and the data keeps its length."""
    digits = value[2:].lower()
    blob = "0x" + "ab" * before + digits + "cd" * between + digits
    plain, clean = mapped([value, blob])
    assert clean == "0x" + "ab" * before + plain[2:].lower() + "cd" * between + plain[2:].lower()


def test_a_later_event_tells_what_an_earlier_one_held() -> None:
    """What is recognised by its field in the last event is replaced in the first, where nothing showed it."""
    events = [
        event(1, {"wire": {"text": "welcome back trader_jane-77 and 0xabab"}}, "ws.user"),
        event(2, {"wire": {"data": f"0x{MULTISEND}"}}, "chain"),
        event(3, {"wire": {"body": json.dumps({"userName": "trader_jane-77", "wallet": ADDRESS})}}),
    ]
    cassette = Cassette(*pseudonymised(header(), events, Identities()))
    text = written(cassette).lower()
    assert "trader_jane-77" not in text
    assert ADDRESS[2:].lower() not in text
    profile = json.loads(cassette.events[2].data["wire"]["body"])
    assert cassette.events[0].data["wire"]["text"] == f"welcome back {profile['userName']} and 0xabab"
    assert profile["wallet"][2:].lower() in cassette.events[1].data["wire"]["data"]


def test_a_call_inside_a_call_names_nobody() -> None:
    """A batch whose calls are aligned by their own selectors: an address that stands nowhere else is told."""
    inner = "deadbeef" + ADDRESS[2:].lower().rjust(64, "0") + f"{10**6:064x}"
    size = len(inner) // 2
    outer = f"ac9650d8{32:064x}{1:064x}{32:064x}{size:064x}{inner:0<192}"
    clean = mapped(f"0x{outer}")
    assert ADDRESS[2:].lower() not in clean
    assert clean[: 2 + 8 + 256 + 8 + 24] == f"0x{outer}"[: 2 + 8 + 256 + 8 + 24]
    assert clean[2 + 8 + 256 + 8 + 64 :] == outer[8 + 256 + 8 + 64 :]


def test_what_is_learnt_later_counts_at_once() -> None:
    """A name or hash that is learnt after something was replaced is replaced from then on."""
    identities = Identities()
    identities.learn({"userName": "first_one"})
    assert "second_one" in identities.redact("first_one and second_one")
    identities.learn({"userName": "second_one", "data": "0x" + "00" * 40 + ADDRESS[2:].lower()})
    identities.learn(ADDRESS)
    clean = identities.redact(f"second_one 0x{'00' * 40}{ADDRESS[2:].lower()}")
    assert "second_one" not in clean
    assert ADDRESS[2:].lower() not in clean


def test_all_channels_and_the_header_agree() -> None:
    """The owner of an order is one and the same in the header, in REST, WebSocket, FIX and chain events."""
    raw = f"8=FIXT.1.1|9=5|35=8|1={ADDRESS}|37={ORDER_HASH}|10=000|"
    log = {"topics": ["0x" + "12" * 32, ORDER_HASH, "0x" + WORD], "data": "0x"}
    events = [
        event(1, {"wire": {"body": json.dumps({"orderID": ORDER_HASH, "maker": ADDRESS})}}),
        event(2, {"wire": {"text": json.dumps([{"id": ORDER_HASH, "maker_address": ADDRESS}])}}, "ws.user"),
        event(3, {"wire": {"raw": raw}}, "fix.oe"),
        event(4, {"wire": {"answers": [{"result": [log]}]}}, "chain"),
        event(5, {"intent": {"path": f"/data/order/{ORDER_HASH}", "params": {"user": ADDRESS.lower()}}}),
    ]
    head, clean = pseudonymised(header(actors={"alice": {"address": ADDRESS}}), events, Identities())
    rest, ws, fix, chain, read = (each.data for each in clean)
    address, order = head.inputs["actors"]["alice"]["address"], json.loads(rest["wire"]["body"])["orderID"]
    assert json.loads(rest["wire"]["body"])["maker"] == address
    assert json.loads(ws["wire"]["text"]) == [{"id": order, "maker_address": address}]
    assert f"|1={address}|37={order}|" in fix["wire"]["raw"]
    assert chain["wire"]["answers"][0]["result"][0]["topics"][1:] == [
        order,
        "0x" + address[2:].lower().rjust(64, "0"),
    ]
    assert read["intent"] == {"path": f"/data/order/{order}", "params": {"user": address.lower()}}
    assert head.redaction["identity.address"] == 6
    assert head.redaction["identity.hash"] == 6


@given(ADDRESSES.map(address_of), st.sampled_from(list(ENCODINGS)))
def test_no_listed_encoding_is_left(address: str, name: str) -> None:
    """Of an address that stands plain somewhere nothing is left, whichever way one looks for it."""
    looked_for = ENCODINGS[name](address)
    where: dict[str, Any] = {
        "maker": address,
        "plain": address[2:].lower(),
        "data": "0x" + address[2:].lower().rjust(64, "0") * 2,
        "body": json.dumps({"user": address.lower(), "number": int(address, 16)}),
    }
    assert looked_for not in json.dumps(mapped(where), ensure_ascii=False)


def test_cut_hashes_are_cut_images() -> None:
    """`0x1234…abcd` is cut from the image, in whatever way the dots are written; a contract's stays."""
    cut = f"{ADDRESS[:6].lower()}…{ADDRESS[-4:].lower()}"
    plain, dotted, unknown, contract = mapped(
        [ADDRESS.lower(), f"from {cut} or {cut.replace('…', '...')}", "0x9999…8888", "0xC011…2DFB"]
    )
    image = f"{plain[:6]}…{plain[-4:]}"
    assert dotted == f"from {image} or {image.replace('…', '...')}"
    assert unknown != "0x9999…8888"
    assert contract == "0xC011…2DFB"


def test_a_hash_that_a_report_cut_is_replaced() -> None:
    """The first digits alone, as a finding cuts a long text, are those of the image."""
    plain, cut, short = mapped([ORDER_HASH, f"there is also {ORDER_HASH[:40]}", f"{ORDER_HASH[:14]}"])
    assert cut == f"there is also {plain[:40]}"
    assert short == plain[:14]


def test_names_are_replaced_by_their_fields() -> None:
    """Accounts, users and parties become names of the same shape, in JSON, in a form and in free text."""
    value = {
        "accountId": "FIRM-0042",
        "user_name": "j.smith_9",
        "clientID": 12345,
        "note": "j.smith_9 asked",
        "path": "/x?username=j.smith_9&size=5",
        "SenderCompID": "BIGFUND_OE",
        "market_slug": "will-it-rain",
    }
    clean = mapped(value)
    assert clean["market_slug"] == "will-it-rain"
    name = clean["user_name"]
    assert name != "j.smith_9"
    assert [clean["note"], clean["path"]] == [f"{name} asked", f"/x?username={name}&size=5"]
    assert [name[1], name[7], name[8].isdigit()] == [".", "_", True]
    assert clean["accountId"][4] == "-"
    assert clean["accountId"][:4].isupper()
    assert isinstance(clean["clientID"], int)
    assert len(str(clean["clientID"])) == 5


@pytest.mark.parametrize("name", ["BUY", "MARKET", "7", "bob", "LIMITED", "10000000"])
def test_a_short_name_or_a_word_is_replaced_in_its_field_alone(name: str) -> None:
    """A name that may be a word of the protocol is replaced where it names somebody, and nowhere else."""
    clean = mapped({"account": name, "side": name, "text": f"a {name} order"})
    assert clean["account"] != name
    assert (clean["side"], clean["text"]) == (name, f"a {name} order")


def test_a_name_with_escapes_stays_json() -> None:
    """A name with quotes and umlauts, escaped in a text in a text, is replaced and the text still parses."""
    body = json.dumps({"fullName": 'Jörg "J" Müller', "size": "5"})
    clean = mapped({"body": body, "data": {"fullName": "Müller-Jörgens"}})
    inner = json.loads(clean["body"])
    assert inner["size"] == "5"
    assert "Müller" not in json.dumps(clean, ensure_ascii=False)
    assert not inner["fullName"].startswith("Jörg")


def test_a_bloom_and_the_halves_of_a_signature_are_other_bytes() -> None:
    """What has no shape but its field (a bloom, r and s, a public key) is replaced at its length."""
    value = {
        "logsBloom": "0x" + "00" * 100 + "08" + "00" * 155,
        "r": "0x" + "a1" * 31 + "b",
        "s": "0x" + "c3" * 32,
    }
    clean = mapped(value)
    assert [len(clean[name]) for name in value] == [len(value[name]) for name in value]
    assert all(clean[name] != value[name] for name in value)
    assert mapped({"logsBloom": "0x" + "00" * 256}) == {"logsBloom": "0x" + "00" * 256}


def test_a_bloom_teaches_no_address() -> None:
    """A word of a bloom with a bit in an address's place is none, and its digits elsewhere are no hit."""
    word = f"{1 << 100:064x}"
    identities = Identities()
    identities.learn({"logsBloom": "0x" + word * 8})
    assert identities.find(f"data {word}") == []


def test_everything_that_looks_like_one_is_replaced() -> None:
    """Nobody said what these are: an address, hashes, a UUID, an email, IP addresses go all the same."""
    value = {"a": OTHER, "b": TRANSACTION, "c": UUID, "d": EMAIL, "e": "203.9.1.7", "f": "2a02:807::1:9f"}
    clean = mapped(value)
    assert all(clean[name] != value[name] for name in value)
    assert [len(clean[name]) for name in value] == [len(value[name]) for name in value]
