"""The pack as a whole: large enough, each canary with its own voice, and no code of an author's silent."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import harness

from .tables import RUNS, SLIPS

ELSEWHERE = {
    "C000": "a file that is not there is no case; tests/spine/test_case.py",
    "C024": "told when a step's values are sent, live; tests/spine",
    "C063": "a project's function, not a case; tests/spine",
    "C064": "two functions of a project; tests/spine",
    "C065": "what a project's function gave; tests/spine",
    "C068": "a file that changes under a run; tests/spine/test_shelf.py",
    "C069": "a link, and no text; tests/e2e/test_paths.py",
    "R006": "told when a text is put together, at run; tests/test_references.py",
    "R007": "told when a text is put together, at run; tests/test_references.py",
    "R020": "told when a recording is sealed; tests/identities/test_recording.py",
    "W001": "a warning, and no error; tests/spine/test_case.py",
    "R030": "a secret split over two frames, when it is sealed; tests/exits/test_channels.py",
    "W002": "a warning, and no error; tests/spine/test_case.py",
    "Y001": "a file of more than 256 KiB; tests/test_strictyaml_hostile.py",
    "Y004": "an empty file is no case with one slip; tests/test_strictyaml.py",
    "Y006": "a file of more than 20,000 values; tests/test_strictyaml_hostile.py",
    "Y007": "a text of more than 64 KiB; tests/test_strictyaml_hostile.py",
}
"""The codes that no canary meets, and why."""


def test_the_pack_is_large_enough() -> None:
    """At least 70 canaries sit in the mine."""
    assert len(SLIPS) + len(RUNS) >= 70


def test_no_two_canaries_say_the_same() -> None:
    """Whoever hears a message knows which slip it was."""
    messages = [message.partition(" ")[2] for message in SLIPS.values()] + list(RUNS.values())
    assert [message for message, times in Counter(messages).items() if times > 1] == []


def test_every_code_that_an_author_can_meet_is_met() -> None:
    """Each C-, M-, R-, W- and Y-code of the source has its canary, or a reason."""
    root = Path(harness.__file__).parent
    source = "".join(path.read_text() for path in sorted(root.rglob("*.py")))
    codes = set(re.findall(r'"([CMRWY][0-9]{3})"', source))
    met = {message.split()[1] for message in SLIPS.values()}
    assert codes - met == set(ELSEWHERE)
