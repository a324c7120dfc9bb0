"""Neg-risk markets on chain: ids, events, and conversions that keep everybody's money."""

from __future__ import annotations

import random
from itertools import count
from typing import Any, Final

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from harness import exactjson
from harness.venue.install import ARTEFACTS
from harness.wire.ctf import CONTRACTS_137 as AT

from .bench import Bench
from .onchain import BOTH, ROOT, Onchain, selector, topics, words

USDC: Final = 1_000_000
SELECTORS: Final = {
    "splitPosition(bytes32,uint256)": "a3d7da1d",
    "mergePositions(bytes32,uint256)": "b10c5c17",
    "redeemPositions(bytes32,uint256[])": "dbeccb23",
    "convertPositions(bytes32,uint256,uint256)": "c64748c4",
}
TOPICS: Final = {
    "MarketPrepared": "0xf059ab16d1ca60e123eab60e3c02b68faf060347c701a5d14885a8e1def7b3a8",
    "QuestionPrepared": "0xaac410f87d423a922a7b226ac68f0c2eaf5bf6d15e644ac0758c7f96e2c253f7",
    "OutcomeReported": "0x9e9fa7fd355160bd4cd3f22d4333519354beff1f5689bde87f2c5e63d8d484b2",
    "PositionSplit": "0xbbed930dbfb7907ae2d60ddf78345610214f26419a0128df39b6cc3d9e5df9b0",
    "PositionsMerge": "0xba33ac50d8894676597e6e35dc09cff59854708b642cd069d21eb9c7ca072a04",
    "PositionsConverted": "0xb03d19dddbc72a87e735ff0ea3b57bef133ebe44e1894284916a84044deb367e",
    "PayoutRedemption": "0x9140a6a270ef945260c03894b3c6b3b2695e9d5101feef0ff24fec960cfd3224",
}
SPLIT, MERGE, REDEEM, CONVERT = SELECTORS
NUMBERS = count(1)


class Event:
    """A neg-risk market of several questions whose oracle is a customer of its own."""

    def __init__(self, bench: Bench, questions: int, fee_bips: int = 0) -> None:
        self.chain = Onchain(bench)
        self.bench = bench
        self.oracle = bench.customer().address
        metadata = f"test event {next(NUMBERS)}".encode()
        kinds = ["address", "uint256", "bytes"]
        raw = bytearray(keccak(encode(kinds, [self.oracle, fee_bips, metadata])))
        raw[-1] = 0
        self.id = bytes(raw)
        self.prepared = self.call("prepareMarket(uint256,bytes)", fee_bips, metadata)
        self.questions = [self.id[:-1] + bytes([index]) for index in range(questions)]
        self.asked = [self.call("prepareQuestion(bytes32,bytes)", self.id, b"?") for _ in self.questions]
        self.conditions = [self.condition(question) for question in self.questions]
        ask = "getPositionId(bytes32,bool)"
        self.yes, self.no = (
            [
                self.chain.read(AT.neg_risk_adapter, ask, "uint256", question, said)
                for question in self.questions
            ]
            for said in (True, False)
        )

    def call(self, signature: str, *arguments: Any) -> dict[str, Any]:
        return self.chain.done(self.oracle, AT.neg_risk_adapter, signature, *arguments)

    def condition(self, question: bytes) -> bytes:
        packed = bytes.fromhex(AT.neg_risk_adapter[2:]) + question + (2).to_bytes(32, "big")
        return keccak(packed)

    def trader(self, dollars: int) -> str:
        """A customer with USDC.e, who approved what the adapter needs."""
        owner = self.bench.customer().address
        minter = self.chain.read(AT.usdce, "minter()", "address")
        self.chain.done(minter, AT.usdce, "mint(address,uint256)", owner, dollars)
        self.chain.approve(owner, AT.usdce, AT.neg_risk_adapter)
        self.chain.approve_shares(owner, AT.neg_risk_adapter)
        return owner

    def holding(self, owner: str) -> tuple[list[int], list[int]]:
        """An address' shares of yes and of no, question by question."""
        yes, no = ([self.chain.shares(owner, token) for token in row] for row in (self.yes, self.no))
        return yes, no

    def worth(self, owner: str) -> list[int]:
        """What an address would have, were each of the questions in turn the one that comes true."""
        yes, no = self.holding(owner)
        cash = self.chain.dollars(AT.usdce, owner) + self.chain.dollars(AT.collateral, owner)
        return [cash + yes[true] + sum(no) - no[true] for true in range(len(self.questions))]


def test_selectors_and_topics_are_the_real_ones() -> None:
    """The adapter is called as the real one is."""
    made = exactjson.loads(ARTEFACTS.read_bytes())["NegRiskAdapter"]["selectors"]
    assert {name: made[name] for name in SELECTORS} == SELECTORS


def test_a_market_is_prepared_with_its_questions(bench: Bench) -> None:
    """Ids count up, the conditions are the adapter's, the positions are of wrapped collateral."""
    event = Event(bench, 3)
    chain = event.chain
    assert event.prepared["logs"][0]["topics"][:2] == [TOPICS["MarketPrepared"], "0x" + event.id.hex()]
    for index, receipt in enumerate(event.asked):
        said = receipt["logs"][-1]
        ids = ["0x" + event.id.hex(), "0x" + event.questions[index].hex()]
        assert said["topics"] == [TOPICS["QuestionPrepared"], *ids]
        assert words(said)[0] == index
    slots = "getOutcomeSlotCount(bytes32)"
    assert [chain.read(AT.ctf, slots, "uint256", row) for row in event.conditions] == [2, 2, 2]
    collection = "getCollectionId(bytes32,bytes32,uint256)"
    no = chain.read(AT.ctf, collection, "bytes32", ROOT, event.conditions[1], 2)
    found = chain.read(AT.ctf, "getPositionId(address,bytes32)", "uint256", AT.wrapped, no)
    assert found == event.no[1]


def test_splitting_and_merging_cost_and_give_dollars(bench: Bench) -> None:
    """USDC.e becomes both outcomes and back, with the adapter's own events."""
    event = Event(bench, 2)
    owner = event.trader(10 * USDC)
    condition, chain = event.conditions[0], event.chain
    split = chain.done(owner, AT.neg_risk_adapter, SPLIT, condition, 6 * USDC)
    assert topics(split, AT.neg_risk_adapter) == [TOPICS["PositionSplit"]]
    assert event.holding(owner) == ([6 * USDC, 0], [6 * USDC, 0])
    merged = chain.done(owner, AT.neg_risk_adapter, MERGE, condition, 2 * USDC)
    assert topics(merged, AT.neg_risk_adapter) == [TOPICS["PositionsMerge"]]
    assert event.holding(owner) == ([4 * USDC, 0], [4 * USDC, 0])
    assert chain.dollars(AT.usdce, owner) == 6 * USDC


def test_a_conversion_changes_no_for_yes_of_the_others(bench: Bench) -> None:
    """NO of two of four questions is YES of the other two and one dollar a share."""
    event = Event(bench, 4)
    owner = event.trader(20 * USDC)
    chain = event.chain
    for index in (0, 2):
        chain.done(owner, AT.neg_risk_adapter, SPLIT, event.conditions[index], 10 * USDC)
    receipt = chain.done(owner, AT.neg_risk_adapter, CONVERT, event.id, 0b0101, 4 * USDC)
    said = receipt["logs"][-1]
    assert said["topics"][0] == TOPICS["PositionsConverted"]
    assert [int(topic, 16) for topic in said["topics"][2:]] == [int.from_bytes(event.id, "big"), 0b0101]
    yes, no = event.holding(owner)
    assert yes == [10 * USDC, 4 * USDC, 10 * USDC, 4 * USDC]
    assert no == [6 * USDC, 0, 6 * USDC, 0]
    assert chain.dollars(AT.usdce, owner) == 4 * USDC


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_nobody_gains_or_loses(bench: Bench, seed: int) -> None:
    """Splits, merges and conversions in any order leave everybody's worth under every answer as it was, and
    in the end every share is paid to the last base unit out of what was put in."""
    draw = random.Random(seed)
    event = Event(bench, draw.randint(2, 5))
    chain, whole = event.chain, len(event.questions)
    kept = chain.dollars(AT.usdce, AT.wrapped)
    owners = [event.trader(100 * USDC) for _ in range(2)]
    for _ in range(12):
        owner, index = draw.choice(owners), draw.randrange(whole)
        yes, no = event.holding(owner)
        convertible = [at for at in range(whole) if no[at]]
        if convertible and draw.random() < 0.5:
            chosen = draw.sample(convertible, draw.randint(1, len(convertible)))
            amount = draw.randint(1, min(no[at] for at in chosen))
            chain.done(owner, AT.neg_risk_adapter, CONVERT, event.id, sum(1 << at for at in chosen), amount)
        elif (pair := min(yes[index], no[index])) and draw.random() < 0.4:
            chain.done(owner, AT.neg_risk_adapter, MERGE, event.conditions[index], draw.randint(1, pair))
        elif cash := chain.dollars(AT.usdce, owner):
            split = draw.randint(1, cash)
            chain.done(owner, AT.neg_risk_adapter, SPLIT, event.conditions[index], split)
        assert [event.worth(row) for row in owners] == [[100 * USDC] * whole] * 2
    true = draw.randrange(whole)
    for index, question in enumerate(event.questions):
        event.call("reportOutcome(bytes32,bool)", question, index == true)
    for owner in owners:
        for condition, amounts in zip(event.conditions, zip(*event.holding(owner), strict=True), strict=True):
            chain.done(owner, AT.neg_risk_adapter, REDEEM, condition, list(amounts))
        assert chain.dollars(AT.usdce, owner) == 100 * USDC
    assert chain.dollars(AT.usdce, AT.wrapped) == kept


def test_the_fee_of_a_conversion_goes_to_the_vault(bench: Bench) -> None:
    """A market's fee is taken from the dollars that are paid out, and nothing else."""
    event = Event(bench, 3, fee_bips=250)
    owner, chain = event.trader(20 * USDC), event.chain
    vault = chain.read(AT.neg_risk_adapter, "vault()", "address")
    before = chain.dollars(AT.usdce, vault)
    for index in (0, 1):
        chain.done(owner, AT.neg_risk_adapter, SPLIT, event.conditions[index], 10 * USDC)
    chain.done(owner, AT.neg_risk_adapter, CONVERT, event.id, 0b011, 10 * USDC)
    assert chain.dollars(AT.usdce, vault) - before == 250_000
    assert chain.dollars(AT.usdce, owner) == 9_750_000


def test_what_cannot_be_done_is_refused_with_a_reason(bench: Bench) -> None:
    """Foreign oracles, unknown markets, wrong index sets and second winners revert with their selectors."""
    event, chain = Event(bench, 2), Onchain(bench)
    stranger, at = bench.customer().address, AT.neg_risk_adapter
    report, prepare = "reportOutcome(bytes32,bool)", "prepareQuestion(bytes32,bytes)"
    assert chain.refusal(stranger, at, report, event.questions[0], True) == selector("OnlyOracle")
    assert chain.refusal(stranger, at, prepare, keccak(b"none"), b"") == selector("MarketNotPrepared")
    unknown = event.id[:-1] + b"\x07"
    assert chain.refusal(event.oracle, at, report, unknown, True) == selector("IndexOutOfBounds")
    for index_set in (0, 0b100):
        said = chain.refusal(stranger, at, CONVERT, event.id, index_set, 1)
        assert said == selector("InvalidIndexSet")
    assert chain.refusal(stranger, AT.wrapped, "mint(uint256)", 1) == selector("OnlyOwner")
    event.call(report, event.questions[0], True)
    said = chain.refusal(event.oracle, at, report, event.questions[1], True)
    assert said == selector("MarketAlreadyDetermined")


def test_the_collateral_adapter_does_it_all_for_collateral(bench: Bench) -> None:
    """Split, conversion, merge and redemption for pUSD through the neg-risk collateral adapter."""
    event, at = Event(bench, 3), AT.neg_risk_collateral_adapter
    chain, owner = event.chain, bench.customer(collateral="30").address
    chain.approve(owner, AT.collateral, at)
    chain.approve_shares(owner, at)
    given = [AT.collateral, ROOT]
    split = "splitPosition(address,bytes32,bytes32,uint256[],uint256)"
    for condition in event.conditions[:2]:
        chain.done(owner, at, split, *given, condition, BOTH, 10 * USDC)
    chain.done(owner, at, CONVERT, event.id, 0b011, 5 * USDC)
    assert event.holding(owner) == ([10 * USDC, 10 * USDC, 5 * USDC], [5 * USDC, 5 * USDC, 0])
    assert chain.dollars(AT.collateral, owner) == 15 * USDC
    merge = "mergePositions(address,bytes32,bytes32,uint256[],uint256)"
    chain.done(owner, at, merge, *given, event.conditions[0], BOTH, 2 * USDC)
    assert event.worth(owner) == [30 * USDC] * 3
    for index, question in enumerate(event.questions):
        event.call("reportOutcome(bytes32,bool)", question, index == 2)
    redeem = "redeemPositions(address,bytes32,bytes32,uint256[])"
    for condition in event.conditions:
        chain.done(owner, at, redeem, *given, condition, BOTH)
    assert chain.dollars(AT.collateral, owner) == 30 * USDC
    assert chain.dollars(AT.usdce, owner) == chain.dollars(AT.usdce, at) == 0
