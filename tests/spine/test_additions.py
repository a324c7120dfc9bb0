"""Steps that a project adds: read like the language's own, sent as intents, and found again in replay."""

from __future__ import annotations

import pytest

from harness.case.actions import Own
from harness.case.additions import Addition, Additions
from harness.case.read import parse_case
from harness.errors import CaseError
from harness.model import Source

from .story import HEADER, SYMPTOM, Story, run

ADDED = Additions(
    {
        "rename": Addition(
            "rename", "gives an account another name", ("of", "to", "quietly"), frozenset({"to"})
        ),
        "named": Addition("named", "the name of an account", ("of",), frozenset({"of"}), reads=True),
    }
)
BUY = '  - {id: buy, rename: {of: "${alice.address}", to: bob}, expect: {ok: true}}\n'
NAMED = "  - {id: named-so, named: {of: alice}, within: 1s, expect: bob}\n"


def told(steps: str) -> list[str]:
    try:
        parse_case(HEADER + "steps:\n" + steps + SYMPTOM % "buy", "cases/ESC-1.yaml", ADDED)
    except CaseError as error:
        return [str(problem).removeprefix("cases/ESC-1.yaml:") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        (BUY, []),
        (BUY.replace("of:", "off:"), ["8:15: C001 unknown key 'off' in 'rename'; did you mean 'of'?"]),
        (
            BUY.replace("to: bob", "x: 1"),
            [
                "8:15: C001 unknown key 'x' in 'rename'; it takes of, to, quietly",
                "8:15: C003 'rename' has no 'to': gives an account another name",
            ],
        ),
        (
            BUY.replace("rename: {", "rename: [").replace("bob}", "bob]"),
            ["8:23: C002 'rename' is a mapping of names to values, not a list"],
        ),
        (
            BUY.replace("expect", "within: 5s, expect"),
            [
                "8:58: C023 'within' means nothing in a rename step here: it is sent once: "
                "read what becomes of it in a step of its own"
            ],
        ),
        (
            BUY.replace("rename:", "rename2:"),
            None,
        ),
    ],
    ids=["right", "typo", "missing", "list", "twice", "unknown"],
)
def test_an_added_step_is_checked_like_any_other(steps: str, wrong: list[str] | None) -> None:
    """Its parameters are known, the nearest right one is named, and its word is a kind of step."""
    if wrong is None:
        [found] = told(steps)
        assert "rename, named" in found
        assert found.endswith("did you mean 'rename'?")
        return
    assert told(steps) == wrong


def test_an_added_step_is_performed_and_found_again() -> None:
    """What it is given is its intent; a step that reads is repeated until it holds."""
    read = parse_case(HEADER + "steps:\n" + BUY + NAMED + SYMPTOM % "buy", "cases/ESC-1.yaml", ADDED)
    renaming, naming = Source("own.rename", "alice"), Source("own.named", "alice")
    assert read.step("named-so").action == Own("named", {"of": "alice"}, True)
    intent = {"own": "rename", "arguments": {"of": "0x" + "a1" * 20, "to": "bob"}}
    story = Story().at(10).step("buy", renaming).send("buy", intent, renaming)
    story.at(20).answered("buy", renaming, {"value": {"ok": True}}).step("named-so", naming)
    for at_ms, name in ((30, "alice"), (300, "bob")):
        story.at(at_ms).send("named-so", {"own": "named", "arguments": {"of": "alice"}}, naming)
        story.answered("named-so", naming, {"value": name})
    found = run(read, story.events).findings
    assert (found["buy"].shown, found["named-so"].at_us) == ({"ok": True}, 300_000)
