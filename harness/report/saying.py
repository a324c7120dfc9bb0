"""What a step or check does and wants, in a few words for people: one place for every report."""

from __future__ import annotations

import re

from harness.case import actions
from harness.case.actions import Action
from harness.case.rules.values import Lifecycle, Reconcile
from harness.case.values import Check, Part, Repeat, Step, Together
from harness.matchers import show
from harness.report.plain import plain_text

_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def rule_word(check: Check) -> str:
    """A check's rule as the case writes it: `exactly_once`."""
    added = getattr(check.rule, "name", None)
    return added if isinstance(added, str) else _HUMPS.sub("_", type(check.rule).__name__).lower()


def what(part: Part | Check) -> str:
    """What a step, group or check does."""
    if isinstance(part, Check):
        return rule_word(part)
    if isinstance(part, Repeat):
        return f"{part.times} rounds"
    if isinstance(part, Together):
        return f"{len(part.parts)} at once"
    fault = f", {part.fault.kind}" if part.fault is not None else ""
    return _does(part.action, part) + fault


def _does(action: Action, step: Step) -> str:
    on = f" on {step.source}"
    match action:
        case actions.RestCall():
            by = f" as {step.source.actor}" if step.source.actor else ""
            return f"{action.method} {action.path}{by}"
        case actions.WsSay() | actions.FixSay():
            return f"{action.verb}{on}"
        case actions.Listen():
            return f"wait{on}"
        case actions.ChainEvents(names):
            return f"{', '.join(names)} on the chain"
        case actions.ChainBalances():
            return "balances on the chain"
        case actions.ChainAllowances():
            return "allowances on the chain"
        case actions.ChainCall() | actions.ChainSend():
            by = f" as {step.source.actor}" if step.source.actor else ""
            return f"{action.function} on the chain{by}"
        case actions.ChainReceipt():
            return "a receipt"
        case actions.TargetVerb(verb):
            return f"the target: {verb}"
        case actions.Wait(reason=reason):
            return f"wait: {reason}"
        case actions.Own(name):
            return name
        case actions.Market():
            return "a market"
        case actions.Fund():
            return "funds"
    return plain_text(str(step.source))


def wanted(part: Step | Check) -> str:
    """What a step or check expects, in a line."""
    if isinstance(part, Check):
        return _rule_wants(part)
    if part.never is not None:
        return f"never {show.expectation(part.never)}"
    expected = part.expect or part.where
    return show.expectation(expected) if expected is not None else "an answer"


def _rule_wants(check: Check) -> str:
    rule = check.rule
    if isinstance(rule, Lifecycle):
        return " → ".join(f"({name})" if name in rule.optional else name for name in rule.states)
    if isinstance(rule, Reconcile):
        return f"the same {', '.join(rule.fields)} in {', '.join(rule.sources)}"
    return f"{rule_word(check)} holds"
