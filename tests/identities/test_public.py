"""What is no identity stays: contracts, market facts, signatures of events, numbers, a case's literals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_hash.auto import keccak

from harness.case.read import read_case
from harness.identities.public import CONTRACTS, is_random
from harness.pseudonyms import literals
from harness.wire import ctf
from harness.wire.clob import book_hash

from .samples import ADDRESS, CONDITION, ORDER_HASH, ROOT, TOKEN, UUID, mapped

TOKEN_WORD = f"{TOKEN:064x}"
HOLDER = ADDRESS[2:].lower().rjust(64, "0")
TRANSFER = {
    "topics": [ctf.topic0("TransferSingle"), *("0x" + HOLDER,) * 3],
    "data": f"0x{TOKEN_WORD}{10**6:064x}",
}
BOOK = {
    "market": CONDITION,
    "asset_id": str(TOKEN),
    "timestamp": "1760000000000",
    "hash": "",
    "bids": [{"price": "0.41", "size": "100"}],
    "asks": [],
    "min_order_size": "5",
    "tick_size": "0.01",
    "neg_risk": False,
    "last_trade_price": "0.43",
}

STAYS: dict[str, Any] = {
    "contracts": [*CONTRACTS, *(contract.lower() for contract in CONTRACTS)],
    "a contract in a word": "0x" + ctf.CONTRACTS_137.ctf[2:].lower().rjust(64, "0"),
    "the zero address and precompiles": ["0x" + "0" * 40, "0x" + "9".rjust(40, "0"), "0x" + "0" * 64],
    "conditions": {"market": CONDITION, "list": ["again", CONDITION]},
    "a condition in a path": f"/markets/{CONDITION}?x=1",
    "a condition in a query": f"/book?market={CONDITION}",
    "tokens": {"asset_id": str(TOKEN), "tokenId": TOKEN, "hex": f"0x{TOKEN_WORD}"},
    "a token in a call": f"0x00fdd58e{'0' * 64}{TOKEN_WORD}",
    "signatures of events": [ctf.topic0(name) for name in ctf.EVENT_NAMES],
    "numbers in words": ["0x" + f"{number:064x}" for number in (0, 1, 10**6, 10**18, 2**96 - 1)],
    "the largest, and negative ones": ["0x" + "f" * 64, "0x" + "f" * 62 + "85"],
    "selectors and text in words": [
        "0x" + "a9059cbb" + "0" * 56,
        "0x" + b"not enough balance".hex().ljust(64, "0"),
    ],
    "amounts, prices, times": {"size": "5.25", "price": 0.52, "t": 1760000000123456789, "wei": 10**21},
    "words": "will-it-rain-in-paris YES FOK MARKET-1-YES LTE= MA== TRADE_STATUS_CONFIRMED",
    "loopback": "http://127.0.0.1:8545 [::1]:80 0.0.0.0",
    "versions": "Mozilla/5.0 Chrome/120.0.0.0 Python/3.11 aiohttp/3.14.5 v1.2.3",
    "times of day": "20260301-12:00:00.000 11:53:58 GMT",
    "placeholders": {"owner": "«alice.apiKey······»", "account": ""},
    "a UUID of nothing": "00000000-0000-0000-0000-000000000000",
    "C++ names": "std::map<Foo::bar>",
}


@pytest.mark.parametrize("value", STAYS.values(), ids=STAYS)
def test_what_is_everybodys_stays(value: Any) -> None:
    """Nothing of this leads to a customer, and a check may need it as it is."""
    assert mapped(value) == value


def test_a_books_hash_stays_and_fits() -> None:
    """The one hash that checks recompute is that of the mapped book too."""
    book = {**BOOK, "hash": book_hash(BOOK)}
    clean = mapped({"body": json.dumps({**book, "owner": UUID})})
    inner = json.loads(clean["body"])
    assert inner["owner"] != UUID
    assert inner["hash"] == book["hash"] == book_hash(inner)


def test_a_token_is_told_by_a_log_alone() -> None:
    """A position id that stands in a transfer's data only is a market's, and its holder is not."""
    clean = mapped(TRANSFER)
    event = ctf.decode_log(clean["topics"], clean["data"])
    assert event is not None
    assert (event.args["id"], event.args["value"]) == (TOKEN, 10**6)
    assert event.args["from"] == event.args["to"] != ADDRESS


def test_an_order_is_never_a_markets_fact() -> None:
    """A hash that a field of an order holds is replaced, though another field claims it for a market."""
    clean = mapped([{"orderID": ORDER_HASH}, {"market": ORDER_HASH}])
    assert clean[0]["orderID"] == clean[1]["market"] != ORDER_HASH


def test_a_customers_address_is_never_a_market() -> None:
    """An address in a market's field is an address all the same."""
    assert mapped({"market": ADDRESS})["market"] != ADDRESS


@pytest.mark.parametrize("number", [1 << 96, (1 << 160) - 1, 1 << 160, int("ab" * 32, 16)])
def test_a_random_word_is_one(number: int) -> None:
    """From 2**96 up a word is an address or a hash, unless it shows that it is a number or a text."""
    assert is_random(number + 1 if number & 1 == 0 else number)


def test_more_events_are_known_by_their_signatures() -> None:
    """V1's OrderFilled and UMA's QuestionResolved, from the published table of topics."""
    published = [
        "0xd0a08e8c493f9c94f29311604c9de1b4e8c8d4c06bd0c789af57f2d65bfec0f6",
        "0x566c3fbdd12dd86bb341787f6d531f79fd7ad4ce7e3ae2d15ac0ca1b601af9df",
        "0xc00a5c84859ae82a7f5e6a2773283fb525335d5b3195f61174aa1ecc7e15dd84",
        "0xbbed930dbfb7907ae2d60ddf78345610214f26419a0128df39b6cc3d9e5df9b0",
        "0x" + keccak(b"").hex(),
    ]
    assert mapped(published) == published


def test_what_a_case_states_is_public() -> None:
    """A literal of the case stays in its cassette, or a replay would build another intent than it holds."""
    assert mapped([ADDRESS, UUID], public=(f"to: {ADDRESS}",))[0] == ADDRESS
    case = read_case(next((ROOT / "cases").glob("ESC-1118-*.yaml")))
    stated = set(literals(case))
    assert {"/order", "alice", "BUY"} <= stated
    assert case.title not in stated
