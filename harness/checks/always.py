"""`always`: every selected event is as expected. What `shows` sees: the first one that is not."""

from __future__ import annotations

from harness.case.rules.values import Always
from harness.checks.choosing import Setting, Told
from harness.checks.each import EachJudge, Wrong
from harness.finding import seconds
from harness.matchers import settled


def always_judge(setting: Setting, rule: Always) -> EachJudge:
    """The judge of a rule."""

    def wrong(told: Told) -> Wrong | None:
        if not setting.differs(rule.expect, told):
            return None
        differences = setting.differs(settled(rule.expect, setting.look.template), told)
        return f"what came on {told.source} at {seconds(told.at_us)} differs", differences

    return EachJudge(setting, setting.chosen(rule.selection), wrong, "are as expected")
