"""What a step says in words of others: actors, markets, what was sent, an order that was tampered with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.errors import CaseError, CassetteStale
from harness.replayer import ReplayWorld
from harness.run import Runner

from .stage import Peers, live, same
from .story import CHAIN, FACTS, Story, case, run

SAFE = "0x" + "5a" * 20
ALICE = {**FACTS.actors["alice"], "wallet": "safe", "funder": SAFE, "safe": SAFE}
RICH = replace(FACTS, actors={"alice": ALICE})
MARKET = {"yes": "77", "no": "78", "condition": "0x" + "c0" * 32, "tick": "0.01"}
OTHER = {**MARKET, "yes": "87", "no": "88", "condition": "0x" + "c1" * 32}
GIVEN = """given:
  - {market: {tick: 0.01}, save: market}
"""
ORDER = 'order: {token: "${market.yes}", side: BUY, price: 0.5, size: 5, type: GTC}'


def buying(words: str = "", name: str = "buy") -> str:
    """A case of one order, with more words in its step."""
    step = f"{{id: {name}, rest: POST /order, {ORDER}{words}, expect: {{status: 200}}}}"
    return f"{GIVEN}steps:\n  - {step}\n"


def sent(body: str, provided: dict[str, Any], **more: Any) -> list[Any]:
    peers = Peers().answers("/order", {"ok": True}).answers("/batch", {})
    peers.provided = provided
    came = same(body, peers, facts=RICH, **more)
    assert (came.failed, came.trouble) == ((), None)
    return [intent for _, intent in peers.sent if "method" in intent]


def test_an_actor_is_referred_to_by_its_wallets() -> None:
    """`${alice.safe}` is the wallet that holds the money, `${alice.address}` the key that signs."""
    body = 'steps:\n  - {id: buy, rest: POST /order, json: ["${alice.safe}", "of ${alice.address}"]}\n'
    [intent] = sent(body.replace("]}", "], expect: {status: 200}}"), {})
    assert intent["json"] == [SAFE, f"of {ALICE['address']}"]


def test_an_order_of_a_safe_is_made_by_it() -> None:
    """The safe is the maker, the key signs for it, and the signature is masked."""
    [intent] = sent(buying(), {"market": MARKET})
    order = intent["json"]["order"]
    assert (order["maker"].lower(), order["signer"].lower()) == (SAFE, ALICE["address"])
    assert order["signature"] == "«signed»"
    assert (order["tokenId"], order["makerAmount"], order["takerAmount"]) == ("77", "2500000", "5000000")


def test_several_markets_are_a_list() -> None:
    """With `count` they are referred to one by one, or all at once."""
    body = """given:
  - {market: {tick: 0.01, count: 2}, save: all}
steps:
  - {id: buy, rest: POST /order, json: ["${all[1].yes}", "${all[*].condition}"], expect: {status: 200}}
"""
    [intent] = sent(body, {"markets": [MARKET, OTHER]})
    assert intent["json"] == ["87", [MARKET["condition"], OTHER["condition"]]]


AGAIN = f"""{buying().rstrip()}
  - {{id: again, rest: POST /order, raw: "${{buy.sent}}", expect: {{status: 200}}}}
"""


def test_raw_sent_sends_the_same_again() -> None:
    """The same order, salt and stamp too: what a customer's retry sends."""
    first, second = sent(AGAIN, {"market": MARKET})
    assert first == second


def test_a_plain_body_is_sent_again_as_it_was() -> None:
    """JSON and text alike; a fault of the first is not the second's."""
    body = """steps:
  - {id: buy, rest: POST /order, raw: "{not json", fault: drop response, expect: {$lost}}
  - {id: again, rest: POST /order, raw: "${buy.sent}", expect: {status: 200}}
"""
    first, second = sent(body, {})
    assert (first["raw"], second["raw"]) == ("{not json", "{not json")


def test_set_changes_an_order_before_it_is_signed_and_tamper_after() -> None:
    """What is set is signed with the rest; what is tampered stands beside the order, for the signed copy."""
    words = ", set: {expiration: 1, takerAmount: 3}, tamper: {takerAmount: 4}"
    [intent] = sent(buying(words), {"market": MARKET})
    order = intent["json"]["order"]
    assert (order["expiration"], order["takerAmount"], intent["tamper"]) == ("1", "3", {"takerAmount": 4})


def test_what_is_not_signed_cannot_be_set() -> None:
    """A word that the order does not have is the author's error, with those that it has."""
    body = buying(", set: {prise: 1}")
    peers = Peers().answers("/order", {})
    peers.provided = {"market": MARKET}
    with pytest.raises(CaseError, match="'prise' is none; known are salt, maker") as caught:
        live(body, peers, facts=RICH)
    assert caught.value.code == "C035"


def test_an_order_sent_again_is_new_each_time_unless_it_is_the_same() -> None:
    """`same: false` signs a new order for each attempt, `same: true` repeats the bytes; both replay."""
    resend = "within: 3s, resend: {every: 1s, until: {body: {ok: true}}, same: %s}"
    for word, salts in (("true", 1), ("false", 3)):
        body = f"{GIVEN}steps:\n  - {{id: buy, rest: POST /order, {ORDER}, {resend % word}}}\n"
        peers = Peers().answers("/order", (503, {}), (503, {}), {"ok": True})
        peers.provided = {"market": MARKET}
        assert same(body, peers, facts=RICH).failed == ()
        orders = [intent["json"]["order"] for _, intent in peers.sent if "method" in intent]
        assert (len(orders), len({order["salt"] for order in orders})) == (3, salts)


def test_a_round_of_orders_has_its_own_salts() -> None:
    """Inputs are keyed by step and round: no two orders of a group are one."""
    body = f"""{GIVEN}steps:
  - {{id: burst, repeat: 3, steps: [{{id: buy, rest: POST /order, {ORDER}, expect: {{status: 200}}}}]}}
"""
    orders = [intent["json"]["order"]["salt"] for intent in sent(body, {"market": MARKET})]
    assert len(set(orders)) == 3


def test_editing_one_order_leaves_the_other_as_recorded() -> None:
    """A price changed in the second step makes that step stale; the first is found with all its inputs."""
    body = AGAIN.replace('raw: "${buy.sent}"', ORDER)
    peers = Peers().answers("/order", {"ok": True})
    peers.provided = {"market": MARKET}
    _, events = live(body, peers, facts=RICH)
    edited = case(body[::-1].replace("5.0 :ecirp", "6.0 :ecirp", 1)[::-1])
    world = ReplayWorld(events)
    with pytest.raises(CassetteStale, match=r"step 'again' on rest.alice. does not send what was recorded"):
        Runner(edited, world, RICH, lambda subject: True).run()
    assert [line.partition(":")[0] for line in world.unused()] == ["step 'again' on rest(alice)"]


def test_a_look_of_the_chain_is_repeated_in_replay_as_it_was() -> None:
    """A call is read until it shows what is wanted, at its recorded stamps."""
    intent = {
        "call": {"to": FACTS.chain.ctf, "function": "total()", "args": [], "returns": ["uint256"]},
    }
    story = Story().at(100).step("buy", CHAIN)
    for at_ms, value in ((100, 1), (400, 2), (700, 3)):
        story.at(at_ms).send("buy", intent, CHAIN).answered("buy", CHAIN, {"values": [value]})
    body = """steps:
  - {id: buy, chain: call, to: ctf, function: "total()", returns: [uint256], within: 2s, expect: {value: 2}}
"""
    found = run(body, story.events).findings["buy"]
    assert (found.holds, found.at_us, found.shown) == (True, 400_000, {"value": 2})
