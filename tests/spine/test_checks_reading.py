"""Reading checks: every rule by its own example, and each way to write one wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harness.case.channels import Actor, Cast, Channel
from harness.case.rules import COMMON, RULES, names_of, templates_of, watched_sources
from harness.case.rules.values import AddsUp, Always, ExactlyOnce, Happens, Ledger, Never
from harness.errors import Problem
from harness.model import Source
from harness.references import STAR
from harness.strictyaml import load

from .checks_bodies import CAST, codes, read

TWO = Cast((Actor("alice", "trader"), Actor("bob", "maker")))


@pytest.mark.parametrize("name", RULES)
def test_every_rule_reads_by_its_own_example(name: str) -> None:
    """The example of the reference is a check that reads."""
    check, problems = read(f"id: c\nwithin: 5s\n{name}: {RULES[name].word.example}\n")
    assert problems == []
    assert check is not None
    assert check.within_us == 5_000_000


@pytest.mark.parametrize("name", RULES)
def test_every_words_example_is_yaml(name: str) -> None:
    """Each word of a rule has one line that says what it is, and an example that loads."""
    for word in (*COMMON, *RULES[name].words):
        load(f"{word.name}: {word.example}\n", "c.yaml")
        assert "\n" not in word.doc
        assert word.doc


@pytest.mark.parametrize("name", [name for name, kind in RULES.items() if kind.waits])
def test_a_rule_that_waits_says_how_long(name: str) -> None:
    """Without `within` there is no deadline to miss."""
    assert codes(f"id: c\n{name}: {RULES[name].word.example}\n") == ["C003"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("id: c\nalways: {expect: {a: 1}}", "C040"),
        ("id: c\nalways: {ws: user, rest: all, expect: {a: 1}}", "C040"),
        ("id: c\nalways: {ws: user}", "C003"),
        ("id: c\nalways: {ws: usr, expect: {a: 1}}", "C029"),
        ("id: c\nalways: {ws: user, as: carol, expect: {a: 1}}", "C008"),
        ("id: c\nalways: {ws: user, wher: {a: 1}, expect: {a: 1}}", "C001"),
        ("id: c\nalways: {step: buy, where: {a: 1}, expect: {a: 1}}", "C023"),
        ("id: c\nalways: {fix: oe, expect: {ExecutionReport: {ExecTyp: NEW}}}", "C028"),
        ("id: c\nnever: {chain: events, where: {OrderFiled: {a: 1}}, witness: buy}\nwithin: 5s", "C019"),
        ("id: c\nnever: {chain: events}\nwithin: 5s", "C003"),
        ("id: c\nnever: {chain: events, where: {OrderFilled: {fee: 0}}}", "C003"),
        ("id: c\nnever: {chain: logs, where: {OrderFilled: {fee: 0}}}\nwithin: 5s", "C005"),
        ("id: c\nnever: {rest: all}\nevery: 1s", "C023"),
        ("id: c\nadds_up: {ws: user, parts: size, total: $.size}", "C041"),
        ("id: c\nadds_up: {ws: user, parts: $.a, total: '$.a[*]'}", "C041"),
        ("id: c\nadds_up: {ws: user, parts: [1, 2], total: 3}", "C021"),
        ("id: c\nadds_up: {ws: user, parts: [], total: 3}", "C021"),
        ("id: c\nadds_up: {ws: user, parts: $.a}", "C003"),
        ("id: c\nadds_up: {ws: user, parts: '${a}', total: $.a}", "C041"),
        ("id: c\nflows: {ws: market}", "C021"),
        ("id: c\nflows: {ws: market, count: 1, witness: buy}", "C023"),
        ("id: c\nflows: {ws: market, gap: long}", "C006"),
        ("id: c\nexactly_once: {ws: market}", "C042"),
        ("id: c\nexactly_once: {rest: all}", "C042"),
        ("id: c\nexactly_once: {rest: all, key: ['$.body[*].id']}", "C041"),
        ("id: c\nhappens: [buy]\nwithin: 5s", "C021"),
        ("id: c\nhappens: {a: 1}\nwithin: 5s", "C002"),
        ("id: c\nledger: {of: carol}\nwithin: 5s", "C008"),
        ("id: c\nledger: {of: alice, fills: wss}\nwithin: 5s", "C005"),
        ("id: c\nledger: {}\nwithin: 5s", "C003"),
        ("id: c\nbook: {ws: market}", "C003"),
        ("id: c\nbook: {ws: market, token: '1', depth: 3}", "C023"),
        ("id: c\nbook: {ws: market, token: '1', rest: true}", "C003"),
        ("id: c\nsequence: {}", "C040"),
        ("id: c\nsequence: {rest: all}", "C001"),
        ("id: c\nlifecycle: {states: [A]}\nwithin: 5s", "C040"),
        ("id: c\nlifecycle: {trade: t, order: o, states: [A]}\nwithin: 5s", "C040"),
        ("id: c\nlifecycle: {trade: t, states: [{maybe: A}]}\nwithin: 5s", "C021"),
        ("id: c\nreconcile: {order: o, fields: [size], sources: [rest]}\nwithin: 5s", "C021"),
        ("id: c\nwithin: 5s", "C007"),
        ("id: c\nnever: {rest: all}\nalways: {rest: all, expect: {a: 1}}", "C007"),
        ("never: {rest: all}", "C003"),
        ("id: c\nnevr: {rest: all}", "C001"),
        ("always", "C002"),
    ],
)
def test_each_way_to_write_a_check_wrong_has_its_code(text: str, wrong: str) -> None:
    """Unknown words, missing ones, contradictions, and checks that cannot fail are refused when read."""
    assert wrong in codes(text + "\n")


def test_a_misspelt_rule_is_answered_with_the_nearest_and_nothing_else() -> None:
    """One slip, one problem."""
    _, problems = read("id: c\nnevr: {rest: all}\n")
    assert [problem.text for problem in problems] == ["unknown key 'nevr' in a check; did you mean 'never'?"]


def test_selections_are_read_into_sources() -> None:
    """A public channel and the chain are nobody's; the rest is the only actor's; REST is all or one."""
    check, _ = read(
        "id: c\nwithin: 5s\nhappens: [{ws: market}, {ws: user}, {fix: oe}, {rest: all}, buy, "
        "{chain: events, where: {$either: [{OrderFilled: {fee: 0}}, {Transfer: {value: 1}}]}}]\n"
    )
    assert check is not None
    assert isinstance(check.rule, Happens)
    assert [str(each) for each in check.rule.selections] == [
        *("ws.market", "ws.user(alice)", "fix.oe(alice)", "rest(alice)", "step 'buy'", "chain")
    ]
    assert check.rule.selections[-1].names == ("OrderFilled", "Transfer")
    other = Cast((Actor("alice", "trader"),), (*CAST.channels, Channel("prices", "rest", host="data")))
    one, _ = read("id: c\nnever: {rest: prices}\n", other)
    assert one is not None
    assert isinstance(one.rule, Never)
    assert one.rule.selection.is_of(Source("rest.prices", "alice"))
    assert not one.rule.selection.is_of(Source("rest", "alice"))


def test_a_selection_without_an_actor_is_of_all_of_them() -> None:
    """With two actors and no `as`, every actor's connection is meant, and kept open."""
    check, _ = read("id: c\nalways: {ws: user, expect: {a: 1}}\n", TWO)
    assert check is not None
    assert isinstance(check.rule, Always)
    assert check.rule.selection.is_of(Source("ws.user", "bob"))
    assert watched_sources(check.rule, TWO) == tuple(
        Source("ws.user", actor) for actor in ("", "alice", "bob")
    )


def test_paths_and_numbers_of_a_sum() -> None:
    """A path with [*] is several values, a number is itself."""
    check, _ = read("id: c\nadds_up: {ws: user, parts: ['$.a[*].b', 0.5], total: $}\n")
    assert check is not None
    assert isinstance(check.rule, AddsUp)
    assert (check.rule.parts, check.rule.total) == ((("a", STAR, "b"), Decimal("0.5")), ())


def test_what_a_rule_names_and_refers_to_is_known() -> None:
    """Lint and the runner ask a rule for its steps, its references and its expectations' references."""
    text = "id: c\nnever: {ws: user, where: {id: '${buy.order_id}'}, witness: sell}\n"
    check, _ = read(text)
    assert check is not None
    assert names_of(check.rule) == ("sell",)
    assert [str(each) for each in templates_of(check.rule)] == ["${buy.order_id}"]
    ledger, _ = read("id: c\nledger: {of: alice, since: buy}\nwithin: 5s\n")
    assert ledger is not None
    assert isinstance(ledger.rule, Ledger)
    assert names_of(ledger.rule) == ("buy",)
    book, _ = read("id: c\nbook: {ws: market, token: '${market.yes}'}\n")
    assert book is not None
    assert [str(each) for each in templates_of(book.rule)] == ["${market.yes}"]


def test_the_key_of_an_effect_is_read_as_paths() -> None:
    """Its own key takes the place of the known one."""
    check, problems = read("id: c\nexactly_once: {rest: all, key: [$.body.orderID, $.status], count: 1}\n")
    assert check is not None
    assert isinstance(check.rule, ExactlyOnce)
    assert (check.rule.key, check.rule.count) == ((("body", "orderID"), ("status",)), 1)
    assert problems == list[Problem]()
