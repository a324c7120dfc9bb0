"""`vary:` as it is read: strategies, examples, and what cannot be varied."""

from __future__ import annotations

from decimal import Decimal

import pytest
from spine.story import FACTS, Story

from harness.case.lint import warnings
from harness.case.varying import Grid, OneOf, OnTick, Permute
from harness.replayer import ReplayWorld
from harness.run import Runner

from .cases import VARY, case, text, wrong

ORDER = "  order: {permute: [first, second, third], example: [%s]}\n"


def test_what_each_strategy_is() -> None:
    """Bounds, steps and choices are values, whole numbers stay whole, and the examples are the inputs."""
    read = case(
        VARY + "  pause: {between: [0.5, 2], step: 0.25, example: 0.75}\n" + ORDER % "second, first, third"
    )

    assert [vary.strategy for vary in read.vary] == [
        OnTick("market", Decimal("0.01"), Decimal("0.99")),
        Grid(Decimal(5), Decimal(100), Decimal(1), whole=True),
        OneOf(("BUY", "SELL")),
        Grid(Decimal("0.5"), Decimal(2), Decimal("0.25")),
        Permute(("first", "second", "third")),
    ]
    assert [vary.example for vary in read.vary][:4] == [Decimal("0.52"), 10, "BUY", Decimal("0.75")]
    assert [str(each).partition("W002 ")[2] for each in warnings(read)] == [
        "the column 'pause' is used by nobody: use it or drop it"
    ]


def test_a_permutation_is_the_order_of_the_steps() -> None:
    """A case with a permutation runs its steps in the example's order; the others stay where they are."""
    read = case(VARY + ORDER % "third, first, second")

    assert [step.id for step in read.steps] == ["given.1", "third", "first", "second"]


def test_replay_uses_the_examples() -> None:
    """What is sent, recorded and replayed comes of the examples, with their types."""
    read = case("  size: {between: [5, 100], example: 10}\n").vary[0]

    runner = Runner(
        case("  size: {between: [5, 100], example: 10}\n"), ReplayWorld(Story().events), FACTS, bool
    )

    assert runner._stage.scope.values["size"] == read.example == 10


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        (
            "  size: {betwen: [5, 9], example: 5}",
            "C001 unknown key 'betwen' in the varied input 'size'; did you mean",
        ),
        ("  size: {example: 5}", "C056 the varied input 'size' has one strategy of on_tick, between, one_of"),
        (
            "  size: {between: [5, 9], one_of: [5, 9], example: 5}",
            "between, one_of, permute, not between and one_of",
        ),
        (
            '  size: {between: [5, 9], example: "${uid}"}',
            "C056 the varied input 'size' is plain, and ${uid} is a reference",
        ),
        (
            "  size: {between: [5, 9]}",
            "C057 the varied input 'size' has no 'example': record, replay and proof use it",
        ),
        (
            "  size: {between: [5, 9], example: 10}",
            "C057 the example of the varied input 'size' is 10, and not one of the numbers",
        ),
        ("  size: {between: [5, 9], example: 5.5}", "is 5.5, and not one of the numbers"),
        (
            "  size: {between: [5, 9], step: 3, example: 9}",
            "is 9, and not one of the numbers from 5 to 9 in steps of 3",
        ),
        (
            "  size: {between: [9, 5], example: 5}",
            "C058 'between' goes from the least to the most: write [5, 9]",
        ),
        ("  size: {between: [5, 5], example: 5}", "C058 'between' holds 5 only"),
        ("  size: {between: 5, example: 5}", "C058 'between' is two numbers"),
        ("  size: {between: [5, x], example: 5}", "C058 'between' is two numbers"),
        (
            "  size: {between: [5, 9], step: 0, example: 5}",
            "C058 'step' is a number over 0, such as 0.01, not 0",
        ),
        ("  side: {one_of: [BUY], example: BUY}", "C059 'one_of' lists two plain values or more"),
        ("  side: {one_of: [BUY, SELL, BUY], example: BUY}", "C059 'BUY' stands twice in 'one_of'"),
        (
            "  side: {one_of: [1, 2], example: true}",
            "C057 the example of the varied input 'side' is True, and not one of 1, 2",
        ),
        ("  side: {one_of: [1, 2], step: 1, example: 1}", "C023 'step' means nothing here"),
        (
            "  price: {on_tick: markt, between: [0.1, 0.9], example: 0.5}",
            "C060 'on_tick' names the market 'markt', which no step saves; did you mean 'market'?",
        ),
        ("  price: {on_tick: market, example: 0.5}", "C058 the varied input 'price' says no bounds"),
        (
            "  price: {on_tick: market, between: [0.1, 0.9], example: 0.505}",
            "C057 the example of 'price' is 0.505, and not on the tick 0.01",
        ),
        (
            "  price: {on_tick: market, between: [0.101, 0.109], example: 0.105}",
            "C058 no price on the tick 0.01 lies between 0.101 and 0.109",
        ),
        ("  order: {permute: [first], example: [first]}", "C061 'permute' lists two steps or more"),
        (
            "  order: {permute: [first, sekond], example: [first, sekond]}",
            "C061 'permute' names 'sekond', which is none of 'steps'; did you mean 'second'?",
        ),
        (
            "  order: {permute: [first, third], example: [first, third]}",
            "beside each other, and 'second' stands between them",
        ),
        (
            "  order: {permute: [first, second], example: [first, first]}",
            "['first', 'first'], and not an order of first, second",
        ),
        ("  size: 5", "C002 the varied input 'size' is a mapping"),
        ("  - size", "C056 'vary' maps inputs to strategies"),
    ],
)
def test_what_cannot_be_varied(vary: str, told: str) -> None:
    """Each slip is told where it stands, with what would be right."""
    assert [line for line in wrong(text(vary)) if told in line], wrong(text(vary))


@pytest.mark.parametrize(
    ("second", "third", "told"),
    [
        (
            'json: {of: "${first.order_id}"}',
            "",
            "'first' cannot change places: 'second' refers to ${first.order_id}",
        ),
        ("json: {}", ", within: 2s", "the window of 'third' starts where 'first' sends; say 'after'"),
        ("json: {}", ", within: 2s, after: second", "'third' counts from a step of 'second'"),
        ("json: {}", ", within: 2s, after: before", None),
        ("json: {}", "", None),
    ],
)
def test_steps_that_need_each_other_keep_their_order(second: str, third: str, told: str | None) -> None:
    """A step that refers to another, or counts its window from it, cannot change places with it."""
    said = f"""\
id: ESC-1
title: "a title"
status: open
severity: minor
component: clob
actors: {{alice: trader}}
vary:
  order: {{permute: [first, second, third], example: [first, second, third]}}
steps:
  - {{id: before, rest: POST /order, json: {{}}, expect: {{status: 200}}}}
  - id: first
    rest: POST /order
    order: {{token: "1", side: BUY, price: 0.5, size: 5, type: GTC}}
    expect: {{status: 200}}
  - {{id: second, rest: POST /order, {second}, expect: {{status: 200}}}}
  - {{id: third, rest: GET /data/orders, expect: {{status: 200}}{third}}}
symptom: {{step: first, shows: {{status: 400}}}}
"""
    found = wrong(said)

    assert [line for line in found if "C062" in line and told in line] if told else not found, found


@pytest.mark.parametrize(
    ("least", "most", "tick", "prices"),
    [
        ("0.015", "0.035", "0.01", ["0.02", "0.03"]),
        ("0.1", "0.9", "0.1", ["0.1", "0.2", "0.9"]),
        ("-0.015", "0.015", "0.01", ["-0.01", "0.00", "0.01"]),
        ("0.001", "0.009", "0.01", None),
    ],
)
def test_prices_on_the_tick(least: str, most: str, tick: str, prices: list[str] | None) -> None:
    """A grid of prices starts and ends on the tick, inside the bounds."""
    grid = OnTick("market", Decimal(least), Decimal(most)).grid(Decimal(tick))

    if prices is None:
        assert grid is None
    else:
        assert grid is not None
        assert (str(grid.at(0)), str(grid.at(grid.count - 1))) == (prices[0], prices[-1])
        assert [grid.at(index) for index in range(grid.count)][: len(prices) - 1] == [
            Decimal(price) for price in prices[:-1]
        ]
