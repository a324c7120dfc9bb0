"""The table of ideas in docs/fix.md says of each which script shows it, and says so truly."""

from __future__ import annotations

import re
from pathlib import Path

from .scripts import SCRIPTS

DOCS = Path(__file__).parents[4] / "docs" / "fix.md"
ROW = re.compile(r"\| (?:`([^`]+)`|([^|`]+)) \| (.+) \|")


def table() -> dict[str, str]:
    """Ideas and what is said to show them."""
    text = DOCS.read_text(encoding="utf-8").partition("| idea | shown by the script |\n|---|---|\n")[2]
    lines = text.partition("\n\n")[0].splitlines()
    found = [ROW.fullmatch(line) for line in lines]
    return {match[1] or match[2]: match[3] for match in found if match}


def test_every_idea_has_its_script_or_its_reason() -> None:
    """What is named is a script that runs; what is not shown says `not` and why."""
    rules = {script.rule for script in SCRIPTS}
    ideas = table()

    claimed = {idea: shown for idea, shown in ideas.items() if not shown.startswith("not ")}
    assert {idea: shown for idea, shown in claimed.items() if shown not in rules} == {}
    assert (len(ideas), len(claimed)) == (71, 61)


def test_the_table_has_every_definition_of_quickfix() -> None:
    """The 59 definitions for FIX 4.4 are all there, by their names."""
    named = [
        idea
        for idea in table()
        if re.match(r"[0-9]+[a-z]?_|ReverseRoute|AlreadyL|RejectR|SessionReset$", idea)
    ]
    assert len([idea for idea in named if not idea.startswith("14j")]) == 59
