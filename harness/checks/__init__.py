"""Checks over the whole timeline: each says what it needs, and judges it as a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.case.values import Check, Lifecycle
from harness.facts import ChainFacts
from harness.finding import Decision, Window
from harness.scope import Look
from harness.world import Need, View


class Judge(Protocol):
    """A check, ready to look."""

    @property
    def needs(self) -> Sequence[Need]:
        """What must be fetched or kept open while it is undecided."""

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """Judge what came so far; `final` says that nothing more will come."""


def prepared(check: Check, look: Look, view: View, chain: ChainFacts) -> Judge:
    """The judge of a check. Raises MissingPartError where its inputs were not reached."""
    from harness.checks.lifecycle import LifecycleJudge
    from harness.checks.reconcile import reconcile_judge

    rule = check.rule
    if isinstance(rule, Lifecycle):
        return LifecycleJudge.of(check.id, rule, look, view)
    return reconcile_judge(check, rule, look, view, chain)
