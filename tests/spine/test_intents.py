"""Inputs are keyed, so that editing one step changes no other; intents differ by value, path by path."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from py_clob_client_v2.order_builder.builder import ROUNDING_CONFIG, OrderBuilder

from harness.clock import EPOCH
from harness.intents import SIGNED, Inputs, OrderTerms, differences, order_json, order_salt
from harness.references import MissingPartError, Reference
from harness.scope import Scope, formatted
from harness.wire.clob import Side

KEYS = st.tuples(st.integers(0, 2**48), st.text(max_size=8), st.integers(0, 50), st.text(max_size=8))


@given(KEYS, KEYS)
def test_an_input_is_a_function_of_seed_step_round_and_name(one: Any, other: Any) -> None:
    """The same key gives the same value, and another key another."""
    first, second = (Inputs(key[0]).number(key[1], key[2], key[3], 128) for key in (one, other))
    assert (first == second) is (one == other)


@given(st.lists(st.sampled_from(["buy", "sell", "listen"]), max_size=6))
def test_other_steps_and_their_order_change_no_value(others: list[str]) -> None:
    """Values are not drawn from a stream: what ran before does not matter."""
    inputs = Inputs(7)
    for step in others:
        inputs.uid(step, 0, 1)
        order_salt(inputs, step, 0)
    assert inputs.uid("cancel", 2, 1) == Inputs(7).uid("cancel", 2, 1)


def test_keys_that_only_look_alike_are_different() -> None:
    """Step and name cannot run into each other."""
    inputs = Inputs(1)
    assert inputs.number("a", 0, "bc", 64) != inputs.number("ab", 0, "c", 64)
    assert inputs.number("a", 1, "", 64) != inputs.number("a1", 0, "", 64)


@given(st.integers(0, 2**48), st.integers(1, 256))
def test_a_number_has_at_most_the_bits_asked_for(seed: int, bits: int) -> None:
    """A salt fits the integers that every JSON reader keeps."""
    assert 0 <= Inputs(seed).number("buy", 0, "n", bits) < 2**bits
    assert order_salt(Inputs(seed), "buy", 0) < 2**52


def test_a_uid_is_new_at_each_use_and_short_enough_for_a_client_id() -> None:
    """Twenty letters and digits, another at each use of a step, the same again in replay."""
    look = Scope(Inputs(3), 0).at("buy", 0, 0)
    first, second = look.reference(Reference("uid")), look.reference(Reference("uid"))
    assert first != second
    assert first.isalnum()
    assert len(first) == 20
    assert Scope(Inputs(3), 0).at("buy", 0, 0).reference(Reference("uid")) == first


SAME: list[tuple[Any, Any]] = [
    ({"a": 1, "b": [1, {"c": None}]}, {"b": [1, {"c": None}], "a": 1}),
    (Decimal("5.0"), 5),
    (5, Decimal("5.000")),
    ([1, 2], (1, 2)),
    ("«alice.apiKey··»", "0123456789abcdef"),
    ({"key": "«k·»", "n": 1}, {"key": "abcd", "n": 1}),
]


@pytest.mark.parametrize(("recorded", "sent"), SAME, ids=repr)
def test_intents_are_equal_by_value(recorded: Any, sent: Any) -> None:
    """Order of keys and the way a number is written are no difference; a placeholder is any text as long."""
    assert differences(recorded, sent) == ()


DIFFERENT: list[tuple[Any, Any, list[str]]] = [
    ({"a": 1}, {"a": 2}, ["$.a: recorded 1, the case sends 2"]),
    (
        {"a": 1},
        {"b": 1},
        ["$.a: recorded 1, the case sends nothing", "$.b: recorded nothing, the case sends 1"],
    ),
    ({"a": None}, {}, ["$.a: recorded null, the case sends nothing"]),
    (True, 1, ["$: recorded true, the case sends 1"]),
    (0, False, ["$: recorded 0, the case sends false"]),
    ("5", 5, ['$: recorded "5", the case sends 5']),
    (Decimal("0.52"), Decimal("0.53"), ["$: recorded 0.52, the case sends 0.53"]),
    ([1, 2], [1], ["$[1]: recorded 2, the case sends nothing"]),
    ([[1]], [[2]], ["$[0][0]: recorded 1, the case sends 2"]),
    ({"a": [1]}, {"a": {"0": 1}}, ['$.a: recorded [1], the case sends {"0":1}']),
    ("«k·»", "abc", ['$: recorded "«k·»", the case sends "abc"']),
    ({}, [], ["$: recorded {}, the case sends []"]),
]


@pytest.mark.parametrize(("recorded", "sent", "lines"), DIFFERENT, ids=repr)
def test_a_difference_names_its_path_and_both_values(recorded: Any, sent: Any, lines: list[str]) -> None:
    """Each difference is one line: where, what was recorded, what the case sends."""
    assert list(differences(recorded, sent)) == lines


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@given(VALUES, VALUES)
def test_differences_are_none_exactly_where_the_json_is_the_same(one: Any, other: Any) -> None:
    """Nothing that would be other JSON passes as the same intent, and nothing that is the same does not."""

    def typed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: typed(held) for key, held in value.items()}
        if isinstance(value, list):
            return [typed(held) for held in value]
        return (type(value).__name__, value)

    assert (differences(one, other) == ()) is (typed(one) == typed(other))
    assert differences(one, one) == ()


FACTS = {"address": "0x" + "a1" * 20, "api_key": "key"}
TICKS = {"0.1": 1, "0.01": 2, "0.001": 3, "0.0001": 4}


@given(
    tick=st.sampled_from(sorted(TICKS)),
    part=st.integers(1, 9999),
    cents=st.integers(1, 10**7),
    side=st.sampled_from(list(Side)),
)
def test_an_order_has_the_official_clients_amounts(tick: str, part: int, cents: int, side: Side) -> None:
    """Base units are those of the official client, where its binary arithmetic loses no cent of the size."""
    places = TICKS[tick]
    price = Decimal(part % (10**places - 1) + 1) / 10**places
    size = Decimal(cents) / 100
    terms = OrderTerms(77, side, price, size, "GTC")
    sent = order_json(terms, facts=FACTS, salt=1, timestamp_ms=2)
    theirs = OrderBuilder.get_order_amounts(None, side.name, float(size), float(price), ROUNDING_CONFIG[tick])
    shares = theirs[2] if side is Side.BUY else theirs[1]
    if int(shares) == cents * 10_000:  # it drops a cent of some sizes: 1.13 becomes 1.12
        assert (sent["order"]["makerAmount"], sent["order"]["takerAmount"]) == tuple(map(str, theirs[1:]))
    assert (sent["order"]["signature"], sent["owner"], sent["orderType"]) == (SIGNED, "key", "GTC")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (None, 1_760_000_000),
        ("s", 1_760_000_000),
        ("ms", 1_760_000_000_123),
        ("ns", 1_760_000_000_123_456_000),
        ("iso", "2025-10-09T08:53:20.123456Z"),
        ("fix.0", "20251009-08:53:20"),
        ("fix.3", "20251009-08:53:20.123"),
        ("fix.9", "20251009-08:53:20.123456000"),
    ],
)
def test_now_is_the_steps_mark_in_the_format_asked_for(name: str | None, shown: Any) -> None:
    """No clock is read: the time is the recorded start of the run and the step's mark."""
    wall_us = 1_760_000_000_123_456
    assert formatted(wall_us, name) == shown
    look = Scope(Inputs(0), wall_us - 456).at("buy", 0, 456)
    assert look.reference(Reference("now", (), 0, name)) == shown
    assert EPOCH.year == 1970


def test_a_scope_looks_names_up_and_says_what_is_missing() -> None:
    """A reference that leads nowhere names what is there."""
    scope = Scope(Inputs(0), 0, {"buy": {"sent": {"size": 5}}})
    look: Callable[[Reference], Any] = scope.at("sell", 0, 0).reference
    assert look(Reference("buy", ("sent", "size"))) == 5
    with pytest.raises(MissingPartError, match="there is: sent"):
        look(Reference("buy", ("got",)))
