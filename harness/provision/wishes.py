"""What a case asks of its markets beside their kind: facts that an exchange does not tell over REST."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from harness.case.form import templates_in
from harness.case.values import Case
from harness.matchers import references_of
from harness.references import Template

UNTOLD: Final = ("symbol", "oracle")


def untold_of(case: Case) -> tuple[str, ...]:
    """Which of the facts that no REST API tells a case refers to in its steps: `${market.symbol}`."""
    named = {part for each in _templates(case) for reference in each.references for part in reference.path}
    return tuple(part for part in UNTOLD if part in named)


def _templates(case: Case) -> Iterator[Template]:
    for step in case.steps:
        yield from templates_in([getattr(step.action, field.name) for field in fields(step.action)])
        for expectation in (step.where, step.expect, step.never):
            if expectation is not None:
                yield from references_of(expectation)
