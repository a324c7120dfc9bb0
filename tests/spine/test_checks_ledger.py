"""A wallet moves exactly by what was told, or the gap is named in base units of what is missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.checks.holdings import held_calls
from harness.checks.movements import LOGS, Wallet
from harness.matchers import LOST, Late
from harness.model import By, Kind, Source
from harness.references import MissingPartError
from harness.wire import ctf

from .checks_bodies import OE, bought, fix_came, judged
from .ledgers import (
    BOB,
    BOUGHT,
    LEDGER,
    MARKET,
    ME,
    NO,
    YES,
    Fill,
    log,
    looked,
    order_filled,
)
from .story import ALICE, CHAIN_FACTS, FACTS, Story


def test_a_wallet_that_moves_by_its_fill_holds() -> None:
    """It agrees from the settlement on, and goes on agreeing for two blocks."""
    found = looked(BOUGHT.moved, told=[BOUGHT.told()])
    assert (found.holds, found.at_us) == (True, 5_150_000)
    assert found.text == "alice's wallet moved exactly by what was told: BUY of 5 at 0.52"
    assert found.shown == {"collateral": Decimal("-2.6"), "yes": Decimal(5), "no": Decimal(0)}


def test_a_look_asks_for_what_moves_the_wallet_and_for_nothing_else() -> None:
    """The head, each balance before and now, the logs behind that block of the contracts that move money."""
    chain = CHAIN_FACTS
    wallet = Wallet(ME, chain.exchanges, chain.collateral, chain.ctf, {})
    first, *balances, logs, last = held_calls(wallet, (YES, NO), 8)

    assert first == last == ["eth_blockNumber", []]
    assert [(call[1][0]["to"], call[1][1]) for call in balances] == [
        (to, block) for block in ("0x8", "latest") for to in (chain.collateral, chain.ctf, chain.ctf)
    ]
    assert [call[1][0]["data"][-64:] for call in balances[1:3]] == [f"{71:064x}", f"{72:064x}"]
    assert logs[0] == "eth_getLogs"
    [wanted] = logs[1]
    assert wanted.pop("address") == [chain.collateral, chain.ctf, *chain.exchanges]
    assert wanted.pop("topics") == [[ctf.topic0(name) for name in LOGS]]
    assert wanted == {"fromBlock": "0x9", "toBlock": "latest"}


def test_a_fill_that_is_not_on_the_chain_is_named() -> None:
    """A table for each asset: before, what moves it, expected, found, and the gap in words."""
    found = looked(told=[BOUGHT.told()])
    assert not found.holds
    assert found.text == (
        "alice's wallet did not move as was told since before step 'buy':\n"
        "  2.6 collateral too much: as if the BUY of 5 at 0.52 told by rest at 5.100 s never happened\n"
        "    before      100\n"
        "    -2.6        BUY of 5 at 0.52 told by rest at 5.100 s\n"
        "    expected    97.4\n"
        "    found       100 at 5.150 s\n"
        "  5 yes too little: as if the BUY of 5 at 0.52 told by rest at 5.100 s never happened\n"
        "    before      50\n"
        "    +5          BUY of 5 at 0.52 told by rest at 5.100 s\n"
        "    expected    55\n"
        "    found       50 at 5.150 s"
    )
    assert found.shown["yes"] == {"expected": Decimal(55), "found": Decimal(50), "gap": Decimal(-5)}


def test_a_settlement_that_nobody_told_is_no_agreement_before_it_comes() -> None:
    """A fill that is hidden agrees while it is on its way; two blocks later it does not."""
    found = looked(BOUGHT.moved)
    assert (found.holds, set(found.shown)) == (False, {"collateral", "yes"})
    assert "2.6 collateral too little: nothing was told that moves it" in found.text


def test_a_settlement_after_the_deadline_is_late() -> None:
    """It agrees, and too late by so much."""
    found = looked(BOUGHT.moved, told=[BOUGHT.told()], settled_ms=8000)
    assert (found.holds, found.shown) == (False, Late(2_150_000))


def test_a_trade_that_the_answer_names_must_be_told() -> None:
    """Nothing moves and nothing is told: but the order was answered with a trade."""
    found = looked(posted={"tradeIDs": ["t9"]})
    assert (found.holds, found.shown) == (False, {"untold": "t9"})
    assert found.text == "the answer to an order names trade t9, and rest does not tell of it"


def test_trades_from_before_the_step_do_not_count() -> None:
    """An account that traded in another case has those fills behind it."""
    early = BOUGHT.told(match_time_nano=str(FACTS.started_wall_us * 1000))
    assert looked(told=[early]).holds


def test_failed_trades_move_nothing() -> None:
    """What failed was undone."""
    assert looked(told=[BOUGHT.told(status="TRADE_STATUS_FAILED")]).holds


def test_a_makers_fills_are_its_own_parts_of_a_trade() -> None:
    """As a maker, every own part of the trade counts, each at its own price."""
    parts = [
        {
            "order_id": "a",
            "maker_address": ME,
            "matched_amount": "2",
            "price": "0.5",
            "side": "SELL",
            "asset_id": YES,
        },
        {
            "order_id": "b",
            "maker_address": ME,
            "matched_amount": "1",
            "price": "0.6",
            "side": "SELL",
            "asset_id": YES,
        },
        {
            "order_id": "c",
            "maker_address": BOB,
            "matched_amount": "9",
            "price": "0.6",
            "side": "SELL",
            "asset_id": YES,
        },
    ]
    told = BOUGHT.told(trader_side="MAKER", maker_orders=parts)
    assert looked((1_600_000, -3_000_000), told=[told]).holds


def test_a_takers_price_against_the_other_token_is_one_minus_the_makers() -> None:
    """A match by minting: the maker buys NO at 0.48, the taker buys YES at 0.52."""
    part = {"order_id": "b", "maker_address": BOB, "matched_amount": "5", "price": "0.48", "side": "BUY"}
    told = BOUGHT.told(maker_orders=[part | {"asset_id": NO}])
    assert looked(BOUGHT.moved, told=[told]).holds


def test_fees_are_the_chains_where_the_fills_name_none() -> None:
    """A fee charged at settlement is told by the chain, in collateral."""
    paid, got = BOUGHT.moved
    logs = [order_filled(0, 2_600_000, 5_000_000, fee=40_000)]
    assert looked((paid - 40_000, got), told=[BOUGHT.told()], logs=logs).holds
    assert not looked((paid - 40_000, got), told=[BOUGHT.told()]).holds
    named = BOUGHT.told(fee="0.04")
    assert looked((paid - 40_000, got), told=[named], logs=logs).holds
    assert not looked((paid - 50_000, got), told=[named], logs=logs).holds


def test_transfers_that_are_no_settlement_are_movements() -> None:
    """Collateral sent away, shares received in a batch; those of a settlement count by its fills alone."""
    logs = [
        log("Transfer", CHAIN_FACTS.collateral, [ME, BOB], [1_000_000]),
        log("TransferSingle", CHAIN_FACTS.ctf, [BOB, BOB, ME], [int(NO), 3_000_000], tx=2),
        log("TransferBatch", CHAIN_FACTS.ctf, [BOB, BOB, ME], [64, 128, 1, int(YES), 1, 2_000_000], tx=3),
        log("Transfer", CHAIN_FACTS.collateral, [ME, BOB], [2_600_000], tx=7),
        order_filled(0, 2_600_000, 5_000_000),
    ]
    found = looked((-1_000_000, 2_000_000), BOUGHT.moved, told=[BOUGHT.told()], logs=logs)
    assert "3 no too little: as if the TransferSingle in block 9 told by the chain" in found.text
    assert set(found.shown) == {"no"}


def test_the_chain_itself_may_tell_the_fills() -> None:
    """Then only the chain is looked at: its events against its balances."""
    rule = "ledger: {of: alice, since: buy, fills: chain}"
    logs = [order_filled(0, 2_600_000, 5_000_000, fee=10)]
    assert looked((-2_600_010, 5_000_000), logs=logs, rule=rule).holds
    assert not looked((-2_600_000, 5_000_000), logs=logs, rule=rule).holds
    sale = [order_filled(1, 5_000_000, 2_600_000)]
    assert looked((2_600_000, -5_000_000), logs=sale, rule=rule).holds


def test_the_user_channel_may_tell_the_fills() -> None:
    """Each trade counts once, by its latest word; a failed one no longer."""
    rule = "ledger: {of: alice, since: buy, fills: ws}"

    def story(*messages: tuple[int, dict[str, Any]]) -> Story:
        told = Story().at(500).listening()
        for at, message in messages:
            told.at(at).push(message)
        return told

    both = (1200, BOUGHT.told(event_type="trade", status="MATCHED")), (3000, BOUGHT.told(event_type="trade"))
    assert looked(BOUGHT.moved, rule=rule, before=story(*both)).holds
    undone = (4000, BOUGHT.told(event_type="trade", status="FAILED"))
    assert not looked(BOUGHT.moved, rule=rule, before=story(*both, undone)).holds
    assert not looked(BOUGHT.moved, rule=rule, before=story()).holds


def test_fix_may_tell_the_fills() -> None:
    """One fill an ExecID, of the symbol's token, however often it is delivered."""
    rule = "ledger: {of: alice, since: buy, fills: fix}"
    story = Story().at(500).opened(OE)
    for number in (1, 2):
        fix_came(story, 1200, f"35=8|34={number}|17=e1|37=o|150=F|32=5|31=0.52|54=1|55=M-1-YES|")
    assert looked(BOUGHT.moved, rule=rule, before=story).holds
    assert looked(BOUGHT.moved, rule=rule).shown is LOST


@pytest.mark.parametrize("size", [None, "five", {}])
def test_a_fill_that_cannot_be_read_is_not_shown(size: Any) -> None:
    """What a source garbled is no fill of nothing."""
    found = looked(BOUGHT.moved, told=[BOUGHT.told(size=size)])
    assert (found.holds, found.shown) == (False, LOST)
    assert found.text.startswith("not shown: a trade cannot be read: a trade's size is")


def test_without_the_head_before_the_step_nothing_is_shown() -> None:
    """Balances from before are read at a block that somebody looked at."""
    found = judged(LEDGER, bought(), values=MARKET)
    assert (found.holds, found.shown) == (False, LOST)
    with pytest.raises(MissingPartError):
        judged("ledger: {of: alice, since: never-was}", bought(), values=MARKET)


RICH = (10**12, 10**12)
fills = st.lists(
    st.builds(Fill, st.sampled_from(["BUY", "SELL"]), st.integers(1, 10_000), st.integers(1, 99)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25)
@given(fills, st.data())
def test_random_fills_conserve_and_any_single_mutation_is_found(
    told: list[Fill], data: st.DataObject
) -> None:
    """Drop a fill, tell it twice, or change one number of it: the ledger does not close."""
    named = [Fill(f.side, f.hundredths, f.cents, f"t{n}") for n, f in enumerate(told)]
    moved = [fill.moved for fill in named]
    whole = [fill.told() for fill in named]
    assert looked(*moved, told=whole, until_ms=7000, start=RICH).holds
    at = data.draw(st.integers(0, len(named) - 1))
    fill = named[at]
    twice = fill.told() | {"id": "again", "taker_order_id": "again"}
    larger = Fill(fill.side, fill.hundredths + 1, fill.cents, fill.id).told()
    dearer = Fill(fill.side, fill.hundredths, fill.cents + 1, fill.id).told()
    turned = Fill("SELL" if fill.side == "BUY" else "BUY", fill.hundredths, fill.cents, fill.id).told()
    for mutated in ([], [twice, fill.told()], [larger], [dearer], [turned]):
        found = looked(*moved, told=[*whole[:at], *mutated, *whole[at + 1 :]], until_ms=7000, start=RICH)
        assert not found.holds
        assert "gap" in next(iter(found.shown.values()))


def test_another_actors_answers_name_no_trade_of_this_wallet() -> None:
    """Only what the wallet's own orders were answered is expected to be told."""
    story = Story().at(500).listening()
    story.at(950).read("buy", {"method": "POST"}, {"tradeIDs": ["bobs"]})
    story.events[-1] = story.events[-1].__class__(
        story.events[-1].number,
        950_000,
        Kind.ANSWER,
        Source("rest", "bob"),
        "other",
        0,
        0,
        By.PEER,
        story.events[-1].data,
    )
    assert looked(before=story).holds
    assert ALICE.actor == "alice"
