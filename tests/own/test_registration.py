"""The decorators: what a project may add, told where it is written."""

from __future__ import annotations

import pytest
from spine.story import problems

from harness.case.read import parse_case
from harness.errors import CaseError

from .modules import added, conftest

DEPOSIT = """
@step("deposit", reads=False)
def deposit(actor, *, amount, note=""):
    "puts collateral aside"
    return {"amount": amount}
"""
CASE = """\
id: ESC-1
title: "a title"
status: open
severity: minor
component: own
actors: {alice: trader}
steps:
  - {id: pay, %s}
checks:
  - {id: dust, %s}
symptom: {step: pay, shows: {amount: 4}}
"""
NO_DUST = """
@check("no_dust")
def no_dust(events, *, limit): ...
"""


def test_what_a_conftest_holds_is_what_is_added() -> None:
    """A decorated function stays a function, and its signature says what a case may and must give."""
    module = conftest(DEPOSIT + NO_DUST)
    given = added(DEPOSIT + NO_DUST)

    assert module.deposit(None, amount=3) == {"amount": 3}
    deposit = given.steps["deposit"]
    assert (deposit.doc, deposit.parameters, deposit.required) == (
        "puts collateral aside",
        ("amount", "note"),
        {"amount"},
    )
    assert (list(given.steps), list(given.checks), deposit.reads) == (["deposit"], ["no_dust"], False)


def test_one_conftest_knows_nothing_of_another() -> None:
    """What one project adds is not there for the next one, in the same process too."""
    assert list(added(DEPOSIT).steps) == ["deposit"]
    assert list(added(NO_DUST).steps) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('@step("rest")\ndef f(actor): ...', "C063 'rest' is a word of the language already"),
        ('@step("within")\ndef f(actor): ...', "C063 'within' is a word of the language already"),
        ('@check("ledger")\ndef f(events): ...', "C063 'ledger' is a word of the language already"),
        ('@step("top-up")\ndef f(actor): ...', "C063 the step 'top-up' cannot be a key of a case"),
        ('@step("pay")\ndef f(actor, amount): ...', "C063 amount of the step 'pay' is not by keyword only"),
        ('@step("pay")\ndef f(actor, **more): ...', "C063 **more of the step 'pay' is not by keyword only"),
        ('@step("pay")\ndef f(*, amount): ...', "C063 the step 'pay' takes nothing by position"),
        ('@check("ok")\ndef f(): ...', "is given the events: write def f(events, *, amount)"),
        ('@step("pay")\nasync def f(actor): ...', "C063 the step 'pay' is a plain function"),
        ('@step("pay")\nclass Pay: ...', "C063 the step 'pay' is a plain function"),
        ("@step\ndef f(actor): ...", "C063 '@step' names what it adds: write @step(\"deposit\")"),
        (
            '@step("pay")\ndef f(actor): ...\n@step("pay")\ndef g(actor): ...',
            "conftest.py:4:1: C064 there is a step 'pay' already, at conftest.py:2:1",
        ),
        (
            '@step("pay")\ndef f(actor): ...\n@step("pay")\ndef f(actor): ...',
            "conftest.py:4:1: C064 there is a step 'pay' already, at conftest.py:2:1",
        ),
        ('@check("ok")\n@step("pay")\ndef f(x): ...', "C064 this is the check 'pay' already: one decorator"),
    ],
)
def test_what_cannot_be_added(source: str, told: str) -> None:
    """A name or a function that no case could use is refused where it stands, with what to write."""
    with pytest.raises(CaseError) as refused:
        added(source)

    assert told in str(refused.value)
    assert str(refused.value).startswith("conftest.py:")


@pytest.mark.parametrize(
    ("pay", "dust", "told"),
    [
        ("deposit: {amount: 5}", "no_dust: {limit: 1}", None),
        ("deposit: {amuont: 5}", "no_dust: {limit: 1}", "C001 unknown key 'amuont' in 'deposit'; did you"),
        ("deposit: {}", "no_dust: {limit: 1}", "C003 'deposit' has no 'amount': puts collateral aside"),
        ("deposti: {amount: 5}", "no_dust: {limit: 1}", "this has none of them; did you mean 'deposit'?"),
        ("deposit: {amount: 5}, within: 5s", "no_dust: {limit: 1}", "C023 'within' means nothing"),
        ("deposit: {amount: 5}", "no_dust: {}", "C003 'no_dust' has no 'limit'"),
    ],
)
def test_a_case_says_what_was_added(pay: str, dust: str, told: str | None) -> None:
    """An added word reads like the language's own, misspelt and incomplete ones too."""
    text = CASE % (pay, dust)
    try:
        parse_case(text, "cases/ESC-1.yaml", added(DEPOSIT + NO_DUST))
        found = None
    except CaseError as error:
        found = str(error)

    assert (found is None) is (told is None)
    assert told is None or told in str(found)
    assert any("C007" in each for each in problems(text)), "without the conftest the words are unknown"
