"""Secrets that nobody registered are unlikely to pass: measured on a set that is part of this repository."""

from __future__ import annotations

import pytest

from harness.redact import Redactor

from .labelled import FIRST_LOOK, PARTS, Example, examples, score

RECALL, PRECISION, EXAMPLES = 950, 800, 500
"""Thousandths that must be reached on the whole set, and how many examples it has at least."""


@pytest.fixture(scope="module")
def parts() -> dict[str, list[Example]]:
    return {name: examples(name) for name in PARTS}


def redacted(text: str) -> str:
    return Redactor().redact(text)


def test_recall_and_precision_on_the_labelled_set(parts: dict[str, list[Example]]) -> None:
    """Of the secrets of the whole set at least 95 % are gone, and of what is taken at least 80 % is one."""
    whole = [example for part in parts.values() for example in part]
    told = score(whole, redacted)

    for name, part in {**parts, "whole": whole}.items():
        each = score(part, redacted)
        print(
            f"{name:8} {each.examples:4} texts {each.secrets:4} secrets  recall {each.recall / 10} %  "
            f"precision {each.precision / 10} %  first look {FIRST_LOOK.get(name, '–')}"
        )
    print("missed:", *told.missed, "taken wrongly:", *told.wrong, sep="\n  ")
    assert told.examples >= EXAMPLES
    assert told.recall >= RECALL, told.missed
    assert told.precision >= PRECISION, told.wrong


def test_what_is_found_blocks_sealing(parts: dict[str, list[Example]]) -> None:
    """A text with a secret has a hit that would keep a cassette from being sealed; other texts have none."""
    whole = [example for part in parts.values() for example in part]
    secret = [example for example in whole if example.secrets]
    others = [example for example in whole if not example.secrets]

    blocked = sum(bool(Redactor().find(example.text)) for example in secret)
    stopped = [example.text for example in others if Redactor().find(example.text)]

    assert blocked * 1000 // len(secret) >= RECALL
    assert len(stopped) * 1000 // len(others) <= 1000 - RECALL, stopped


def test_redacting_the_set_twice_is_redacting_it_once(parts: dict[str, list[Example]]) -> None:
    """What was redacted has no hit any more and stays as it is."""
    for example in (example for part in parts.values() for example in part):
        redactor = Redactor()
        clean = redactor.redact(example.text)
        assert redactor.redact(clean) == clean
        assert redactor.find(clean) == [], clean


def test_the_set_itself_holds_no_secret() -> None:
    """The files of the set hold recipes only: no part of them looks like a token of a service, or a key."""
    for name in PARTS:
        labels = {hit.label for hit in Redactor().find("\n".join(_texts(name)))}
        assert labels <= {"field", "fix", "credentials", "userinfo", "password", "pem", "pgp"}


def _texts(name: str) -> list[str]:
    from .labelled import HERE

    return (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
