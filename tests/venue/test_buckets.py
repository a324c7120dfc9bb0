"""The token buckets and sliding windows as values, with time as an argument."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.venue.buckets import Bucket, Buckets, Kind
from harness.venue.ratelimits import ENDPOINTS, AddressLimits, limits_of
from harness.venue.tiers import STANDARD, TIERS
from harness.venue.windows import Window, pass_at

S_NS = 1_000_000_000
ALICE, BOB = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "0x2222222222222222222222222222222222222222"

steps = st.lists(st.tuples(st.integers(0, 3 * S_NS), st.integers(1, 80)), max_size=40)


@given(steps)
def test_a_bucket_gives_no_more_than_burst_and_rate(taken: list[tuple[int, int]]) -> None:
    """Whatever is asked, what was given by a moment is at most the burst and what has refilled."""
    bucket, now_ns, given_tokens = Bucket.full(40, 60, 0), 0, 0
    for later_ns, cost in taken:
        now_ns += later_ns
        bucket = bucket.at(now_ns)
        left = bucket.take(cost)
        assert (left is None) == (cost * S_NS > bucket.parts)
        if left is not None:
            bucket, given_tokens = left, given_tokens + cost
        assert given_tokens * S_NS <= 60 * S_NS + 40 * now_ns
        assert 0 <= bucket.tokens <= 60


@given(st.integers(-200, 60), st.integers(1, 60))
def test_after_the_wait_and_not_before_the_cost_is_there(tokens: int, cost: int) -> None:
    """The wait that is told is exact to the nanosecond, also out of a debt."""
    bucket = Bucket(40, 60, tokens * S_NS, 7)
    wait_ns = bucket.wait_ns(cost)
    assert wait_ns is not None
    assert bucket.at(7 + wait_ns).take(cost) is not None
    assert wait_ns == 0 or bucket.at(7 + wait_ns - 1).take(cost) is None


@given(st.integers(0, S_NS), st.integers(0, S_NS))
def test_time_in_two_steps_is_time_in_one(first_ns: int, second_ns: int) -> None:
    """It does not matter how often a bucket is looked at; a clock that goes back refills nothing."""
    empty = Bucket(40, 60, 0, 0)
    assert empty.at(first_ns).at(first_ns + second_ns) == empty.at(first_ns + second_ns)
    assert empty.at(first_ns).at(0) == empty.at(first_ns)


def test_no_bucket_is_without_a_rate() -> None:
    """Neither rate nor burst is below one token, and nothing is fuller than full."""
    for rate, burst, parts in ((0, 1, 0), (1, 0, 0), (1, 1, S_NS + 1)):
        with pytest.raises(ValueError, match="no bucket"):
            Bucket(rate, burst, parts, 0)


def test_the_documented_tiers() -> None:
    """Eight tiers, each with one and a half seconds of burst; the higher three never owe."""
    numbers = [(row.name, row.order_rate, row.order_burst, row.cancel_rate) for row in TIERS.values()]
    assert numbers[0] == ("Standard", 40, 60, 80)
    assert numbers[-1] == ("Elite", 600, 900, 1200)
    assert [row.name for row in TIERS.values() if not row.owes] == ["Platinum", "Diamond", "Elite"]
    assert all(row.order_burst == row.order_rate * 3 // 2 for row in TIERS.values())
    assert all(row.cancel_burst == row.cancel_rate * 3 // 2 for row in TIERS.values())
    scaled = STANDARD.scaled(Fraction("0.01"))
    assert (scaled.order_rate, scaled.order_burst, scaled.cancel_burst) == (1, 1, 1)


def test_a_batch_is_taken_whole_or_not_at_all() -> None:
    """What is too much takes nothing; the reply says when it would be there, or that it never will."""
    buckets = Buckets()
    assert buckets.ask(ALICE, Kind.ORDER, 50, 0).tokens == 10
    refused = buckets.ask(ALICE, Kind.ORDER, 15, 0)
    assert (refused.over, refused.tokens, refused.wait_ns) == (True, 10, 5 * S_NS // 40)
    assert refused.headers(enforced=True) == {
        "Poly-RateLimit-Remaining": "10",
        "Poly-RateLimit-Reset": "1",
        "Poly-RateLimit-Tier": "Standard",
        "Retry-After": "1",
    }
    assert "Retry-After" not in refused.headers(enforced=False)
    assert refused.headers(enforced=False)["Poly-RateLimit-Warning"] == "true"
    never = buckets.ask(ALICE, Kind.ORDER, 61, 0)
    assert (never.over, never.wait_ns, never.reset_s) == (True, None, 0)
    assert "Retry-After" not in never.headers(enforced=True)
    assert buckets.ask(ALICE, Kind.CANCEL, 1, 0).tokens == 119
    assert buckets.ask(BOB, Kind.ORDER, 1, 0).tokens == 59


def test_a_cancel_of_everything_is_debited_afterwards() -> None:
    """It may leave a debt, which blocks the next cancel until it is paid; higher tiers stop at zero."""
    buckets = Buckets()
    owed = buckets.debit(ALICE, Kind.CANCEL, 200, 0)
    assert owed.headers(enforced=True)["Poly-RateLimit-Remaining"] == "-80"
    assert owed.reset_s == 2
    assert buckets.ask(ALICE, Kind.CANCEL, 1, S_NS).over
    assert not buckets.ask(ALICE, Kind.CANCEL, 1, 81 * S_NS // 80 + 1).over
    buckets.put_in_tier(BOB, TIERS["platinum"])
    assert buckets.debit(BOB, Kind.CANCEL, 9999, 0).tokens == 0
    buckets.put_in_tier(BOB, TIERS["gold"])
    assert buckets.ask(BOB, Kind.CANCEL, 0, 0).tokens == 1200


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=60))
def test_no_window_ever_lets_too_many_pass(requests: list[tuple[int, bool]]) -> None:
    """In no stretch of the width do more pass than the count, also where requests share windows."""
    small, large = Window(3, 10), Window(5, 17)
    passes: dict[bool, list[int]] = {True: [], False: []}
    now_ns = 0
    for later_ns, both in requests:
        now_ns += later_ns
        at_ns = pass_at((small, large) if both else (large,), now_ns, 50)
        if at_ns is not None:
            assert now_ns <= at_ns <= now_ns + 50
            passes[both].append(at_ns)
    for times, count, width_ns in ((passes[True], 3, 10), (passes[True] + passes[False], 5, 17)):
        ordered = sorted(times)
        assert all(late - early >= width_ns for early, late in zip(ordered, ordered[count:], strict=False))


def test_an_address_waits_and_is_refused_in_the_end() -> None:
    """Documented: 100 in ten seconds for keys; the next waits for its turn, or is too much."""
    limits = AddressLimits()
    for _ in range(100):
        assert limits.pass_at("a", "POST", "/auth/api-key", 0) == 0
    assert limits.pass_at("a", "GET", "/auth/api-keys", 4 * S_NS) is None
    assert limits.pass_at("a", "GET", "/auth/api-keys", 6 * S_NS) == 10 * S_NS
    assert limits.pass_at("b", "GET", "/auth/api-keys", 6 * S_NS) == 6 * S_NS
    scaled = AddressLimits(Fraction(1, 5000))
    assert scaled.pass_at("a", "POST", "/order", 0) == 0
    assert scaled.pass_at("a", "POST", "/order", S_NS) is None
    with pytest.raises(ValueError, match="is none"):
        Window(0, 1)


def test_what_counts_against_what() -> None:
    """A path with an id counts as its stem; what is not in the table counts against the two totals."""
    names = [limit.name for limit in limits_of("GET", "/data/order/0x12")]
    assert names == ["all", "clob", "ledger"]
    assert [limit.name for limit in limits_of("GET", "/nowhere/at/all")] == ["all", "clob"]
    told = {(limit.count, limit.width_s) for limit in ENDPOINTS["POST", "/orders"]}
    assert told == {(15_000, 10), (9_000, 10), (2_000, 10), (21_000, 600)}
