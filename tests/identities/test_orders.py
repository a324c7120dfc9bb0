"""A signed order is of no use in a cassette: its hash leads nowhere, and nothing names who made it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from harness import exactjson
from harness.cassette import read
from harness.identities import Identities
from harness.identities.public import PUBLIC_NUMBERS
from harness.model import Kind
from harness.pseudonyms import pseudonymised
from harness.seal import Cassette
from harness.wire import clob, wallets
from harness.wire.ctf import checksum_address

from .samples import ENCODINGS, ROOT, written

RECORDED = sorted((ROOT / "cassettes").glob("ESC-1001/*.jsonl")) + sorted(
    (ROOT / "cassettes").glob("ESC-1124/*.jsonl")
)
EVERYBODYS = {f"0x{number:064x}" for number in PUBLIC_NUMBERS}
SIGNATURE = "0x" + "12" * 65


def orders(cassette: Cassette) -> list[tuple[str, str]]:
    """Of every order sent: the id that its fields hash to, and the id that was recorded."""
    chain = cassette.header.inputs["chain"]
    found = []
    for event in cassette.events:
        if event.kind is not Kind.SEND or "order_id" not in event.data.get("derived", {}):
            continue
        body: Any = exactjson.loads(event.data["wire"]["body"])
        body["order"]["signature"] = SIGNATURE
        posted = clob.parse_order(body)
        computed = clob.order_id(posted.order, chain_id=chain["chain_id"], exchange=chain["exchange"])
        found.append((computed, event.data["derived"]["order_id"]))
    return found


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_orders_hash_leads_nowhere(path: Any) -> None:
    """Before, an order's fields hash to its id; after, they hash to neither the old id nor any hash there."""
    before = read(path)
    after = Cassette(*pseudonymised(before.header, before.events, Identities()))
    assert orders(before)
    assert all(computed == recorded for computed, recorded in orders(before))
    text = written(after)
    for (original, _), (computed, recorded) in zip(orders(before), orders(after), strict=True):
        assert computed not in (original, recorded)
        assert recorded != original
        assert original[2:] not in text
        assert computed[2:] not in text
    assert not re.search("[0-9a-f]{130}1[bc]", text)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_address_is_found_in_any_encoding(path: Any) -> None:
    """An actor's addresses and the wallets that follow from them: in the file before, in no way after."""
    before = read(path)
    text = written(Cassette(*pseudonymised(before.header, before.events, Identities())))
    lowered = text.lower()
    for facts in before.header.inputs["actors"].values():
        owner = facts["address"]
        for address in (owner, *(wallets.wallet_of(owner, kind) for kind in wallets.KINDS)):
            for name, encode in ENCODINGS.items():
                looked_for = encode(address)
                assert looked_for not in text, name
                assert looked_for.lower() not in lowered or len(looked_for) < 12, name
    assert before.header.inputs["actors"]["alice"]["address"] in written(before)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_hash_of_the_recording_is_left(path: Any) -> None:
    """Of all hashes there (orders, transactions, blocks) none stays but those of markets and events."""
    before = read(path)
    identities = Identities()
    after = Cassette(*pseudonymised(before.header, before.events, identities))
    hashes = re.compile("0x[0-9a-f]{64}")
    kept = set(hashes.findall(written(before))) & set(hashes.findall(written(after)))
    market = [event for event in before.events if "market" in event.data.get("wire", {})]
    facts = market[0].data["wire"]["market"]
    public = {
        facts["condition"],
        facts["question_id"],
        *(f"0x{int(facts[side]):064x}" for side in ("yes", "no")),
    }
    numbers = {word for word in kept if int(word, 16) < 1 << 96}
    assert kept - numbers - public <= EVERYBODYS
    assert not identities.find(written(after))


def test_derived_wallets_no_longer_follow() -> None:
    """The proxy, Safe and deposit wallet of the replaced owner are others than those that are recorded."""
    before = read(RECORDED[0])
    after, _ = pseudonymised(before.header, before.events, Identities())
    for facts in after.inputs["actors"].values():
        assert facts["address"] == checksum_address(facts["address"])
        for kind, name in (("proxy", "proxy"), ("safe", "safe"), ("deposit", "deposit_wallet")):
            assert facts[name] != wallets.wallet_of(facts["address"], kind)
