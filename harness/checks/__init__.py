"""Checks over the whole timeline: each says what it needs, and judges it as a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.case import rules
from harness.case.rules import values
from harness.case.values import Check, Step
from harness.checks.choosing import Setting, chain_reads
from harness.facts import ChainFacts
from harness.finding import Decision, Window
from harness.model import Kind
from harness.scope import Look
from harness.world import Need, View


class Judge(Protocol):
    """A check, ready to look."""

    @property
    def needs(self) -> Sequence[Need]:
        """What must be fetched or kept open while it is undecided."""

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """Judge what came so far; `final` says that nothing more will come."""


def prepared(
    check: Check,
    look: Look,
    view: View,
    chain: ChainFacts,
    steps: tuple[Step, ...] = (),
    *,
    skew_us: int = 0,
) -> Judge:
    """The judge of a check. Raises MissingPartError where its inputs were not reached.

    `skew_us` is how far the target's clock is before ours.
    """
    rule = check.rule
    for template in rules.templates_of(rule):
        look.template(template)
    opened = frozenset(event.source for event in view.events if event.kind is Kind.OPEN)
    reads = chain_reads(check, rules.selections_of(rule), chain)
    return _judge(Setting(check, look, chain, steps, opened, reads, skew_us), view)


def _judge(setting: Setting, view: View) -> Judge:
    from harness.checks.addsup import adds_up_judge
    from harness.checks.always import always_judge
    from harness.checks.book import BookJudge
    from harness.checks.flows import FlowsJudge
    from harness.checks.happens import HappensJudge
    from harness.checks.ledger import LedgerJudge
    from harness.checks.lifecycle import LifecycleJudge
    from harness.checks.never import NeverJudge
    from harness.checks.once import OnceJudge
    from harness.checks.own import OwnJudge
    from harness.checks.reconcile import reconcile_judge
    from harness.checks.sequence import SequenceJudge

    check, look, rule = setting.check, setting.look, setting.check.rule
    match rule:
        case values.Lifecycle():
            return LifecycleJudge.of(check.id, rule, look, view)
        case values.Reconcile():
            return reconcile_judge(check, rule, look, view, setting.chain)
        case values.Ledger():
            return LedgerJudge.of(setting, rule, view)
        case values.AddsUp():
            return adds_up_judge(setting, rule)
        case values.Book():
            return BookJudge.of(setting, rule)
        case values.Sequence():
            return SequenceJudge.of(setting, rule)
        case values.Flows():
            return FlowsJudge.of(setting, rule)
        case values.ExactlyOnce():
            return OnceJudge.of(setting, rule)
        case values.Happens():
            return HappensJudge.of(setting, rule)
        case values.Always():
            return always_judge(setting, rule)
        case values.Never():
            return NeverJudge.of(setting, rule)
        case values.OwnRule():
            return OwnJudge.of(setting, rule, view)
    raise TypeError(f"{rule!r} has no judge")
