"""A failure is told with what its references mean, and absence is found wherever it stands."""

from __future__ import annotations

import pytest

from harness.decide import Item, Wanted
from harness.matchers import Expectation, compile_expectation, match, mentions, settled
from harness.references import Template
from harness.strictyaml import load


def expectation(text: str) -> Expectation:
    return compile_expectation(load(text, "c.yaml"), [])


def meaning(template: Template) -> object:
    return {"${order.ClOrdID}": "u71", "${all}": {"a": 1}}[template.text]


def test_what_was_expected_is_told_by_value() -> None:
    """`${order.ClOrdID}` is shown as the id that was sent."""
    wanted = Wanted("filled", expectation("{Report: {ClOrdID: '${order.ClOrdID}'}}"), None, meaning)

    other, mine = (Item((0,), 0, 0, view) for view in ({"Heartbeat": {}}, {"Report": {"ClOrdID": "u71"}}))
    assert "${" not in str(wanted.lacks(other)[0])
    assert 'expected {ClOrdID: "u71"}' in str(wanted.lacks(other)[0])
    assert wanted.lacks(mine) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: '${order.ClOrdID}', b: [{$not: '${order.ClOrdID}'}]}", {"a": "u71", "b": ["x"]}),
        ("{$either: ['${order.ClOrdID}', 5]}", 5),
        ("'${all}'", {"a": 1, "b": 2}),
    ],
)
def test_settling_changes_no_judgement(text: str, value: object) -> None:
    """With its references settled an expectation holds for the same values."""
    read = expectation(text)

    assert match(read, value, meaning) == match(settled(read, meaning), value, meaning) == ()
    assert (
        bool(match(read, "other", meaning)) is bool(match(settled(read, meaning), "other", meaning)) is True
    )


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("{$nothing}", True),
        ("{$differs: {rest: {size: 5}, chain: {$nothing}}}", True),
        ("{$either: [{a: 1}, {$nothing}]}", True),
        ("{a: [1, {b: {$present}}]}", False),
    ],
)
def test_a_matcher_is_found_wherever_it_stands(text: str, there: bool) -> None:
    """`mentions` looks through mappings, lists and other matchers."""
    assert mentions(expectation(text), "$nothing") is there
