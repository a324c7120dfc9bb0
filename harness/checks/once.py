"""`exactly_once`: one effect per key, however often delivered.

What `shows` sees: `{$extra: n}` where one key had n effects too many, `{$differs: {first: …, again: …}}`
where it came again with other content, `{keys: n}` where there are fewer keys than `count`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.case.rules.values import ExactlyOnce
from harness.checks import trades
from harness.checks.choosing import Chosen, Setting, Told, counted
from harness.checks.each import nothing_selected
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import Differs, Extra
from harness.references import MissingPartError, dig, path_text
from harness.world import Need, View

_NAMED: Final = 4
"""Keys that a finding names."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect: its key by name, what it says, and whether it is a delivery again of an earlier one."""

    key: tuple[tuple[str, Any], ...]
    content: Any
    again: bool = False

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.key)


@dataclass(frozen=True, slots=True)
class OnceJudge:
    """The check over one selection: the first effect that comes twice is told."""

    setting: Setting
    rule: ExactlyOnce
    chosen: Chosen

    @classmethod
    def of(cls, setting: Setting, rule: ExactlyOnce) -> OnceJudge:
        """The judge of a rule."""
        return cls(setting, rule, setting.chosen(rule.selection))

    @property
    def needs(self) -> Sequence[Need]:
        """What its selection needs."""
        return self.chosen.needs

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """The whole window counts, so that all effects of a key are there to be counted."""
        until_us, subject = window.deadline_us, self.setting.check.id
        horizon_us = self.chosen.horizon_us(view, until_us)
        if self.setting.waits and horizon_us < until_us:
            return Pending(f"{self.chosen} was watched until {seconds(horizon_us)}")
        came = self.chosen.of(view, self.setting.since(window), until_us)
        first: dict[tuple[Any, ...], tuple[Told, Effect]] = {}
        for told in came:
            try:
                effects = list(self._effects(told))
            except MissingPartError as error:
                text = f"what came on {told.source} at {seconds(told.at_us)} has no key: {error}"
                return Finding(subject, False, told.at_us, text, told.view, events=(told.number,))
            for effect in effects:
                key = (told.source.channel, effect.key)
                if key not in first:
                    first[key] = told, effect
                    continue
                wrong = self._again(*first[key], told, effect, came)
                if wrong is not None:
                    return wrong
        if not first and came:
            text = (
                f"not shown: {counted(len(came), 'event')} of {self.chosen}, and no fill in them to count: "
                "'key' says what else tells one effect from another, such as [$.ExecutionReport.ExecID]"
            )
            return Finding(subject, False, until_us, text, came[-1].view, events=(came[-1].number,))
        if not first:
            return nothing_selected(self.setting, self.chosen, view, window)
        return self._counted([effect for _, effect in first.values()], came, until_us)

    def _counted(self, effects: Sequence[Effect], came: Sequence[Told], until_us: int) -> Finding:
        subject, wanted, keys = self.setting.check.id, self.rule.count, len(effects)
        numbers = tuple(told.number for told in came)
        if wanted is None or keys == wanted:
            text = f"{counted(keys, 'effect')} in {counted(len(came), 'event')}, each once"
            return Finding(subject, True, until_us, text, came[-1].view, events=numbers)
        named = "; ".join(str(effect) for effect in effects[:_NAMED]) + ("; …" if keys > _NAMED else "")
        text = f"{counted(keys, 'effect')} came, each once; {wanted} expected: {named}"
        shown = Extra(keys - wanted) if keys > wanted else {"keys": keys}
        return Finding(subject, False, until_us, text, shown, came[-1].view, events=numbers)

    def _again(
        self, before: Told, was: Effect, told: Told, effect: Effect, came: Sequence[Told]
    ) -> Finding | None:
        """What is wrong with an effect that came before; None where it is only delivered again."""
        subject = self.setting.check.id
        numbers = before.number, told.number
        times = f"at {seconds(before.at_us)} and again at {seconds(told.at_us)}"
        if was.content != effect.content:
            text = f"{effect} came {times} with other content: {_apart(was.content, effect.content)}"
            shown = Differs({"first": before.view, "again": told.view})
            return Finding(subject, False, told.at_us, text, shown, told.view, events=numbers)
        if effect.again:
            return None
        more = [
            each
            for other in came
            for each in self._effects(other)
            if each.key == effect.key and not each.again and other.source.channel == told.source.channel
        ]
        text = f"{effect} came {times}: {len(more)} effects of one"
        shown_extra = Extra(len(more) - 1)
        return Finding(subject, False, told.at_us, text, shown_extra, told.view, events=numbers)

    def _effects(self, told: Told) -> Iterator[Effect]:
        if self.rule.key:
            key = tuple(
                (path_text(path).removeprefix(".") or "event", _plain(dig(told.view, path, "the event")))
                for path in self.rule.key
            )
            yield Effect(key, None, _is_again(told.view))
        elif told.source.channel == "chain":
            transaction, index = told.view["transaction"], told.view["log_index"]
            yield Effect((("transaction", transaction), ("log", index)), told.view)
        elif report := fill_of(told.view):
            content = {name: report.get(name) for name in ("OrderID", "LastQty", "LastPx", "Side")}
            yield Effect((("ExecID", report.get("ExecID")),), content, _is_again(told.view))
        elif trades.is_trade(told.view):
            yield from _of_trade(told.view)


def _of_trade(trade: Mapping[str, Any]) -> Iterator[Effect]:
    """One effect for each order of a trade, at each of its statuses (the same id for all its fills)."""
    where = (("trade", str(trade.get("id"))), ("status", trades.status(trade)))
    taker = {name: trade.get(name) for name in ("size", "price", "side", "asset_id")}
    yield Effect((*where, ("order", str(trade.get("taker_order_id")))), taker)
    for maker in trade.get("maker_orders") or ():
        content = {name: maker.get(name) for name in ("matched_amount", "price", "side", "asset_id")}
        yield Effect((*where, ("order", str(maker.get("order_id")))), content)


def fill_of(message: Any) -> Mapping[str, Any] | None:
    """The ExecutionReport of a fill that a FIX message is, if it is one."""
    report = message.get("ExecutionReport") if isinstance(message, Mapping) else None
    return report if isinstance(report, Mapping) and report.get("ExecType") == "TRADE" else None


def _is_again(message: Any) -> bool:
    """Whether a FIX message says of itself that it may have been delivered before (43, 97)."""
    body = next(iter(message.values()), None) if isinstance(message, Mapping) else None
    if not isinstance(body, Mapping):
        return False
    return body.get("PossDupFlag") is True or body.get("PossResend") is True


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, dict | list) else value


def _apart(was: Any, now: Any) -> str:
    """The first thing in which two contents differ."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for name in (*was, *(each for each in now if each not in was)):
            if was.get(name) != now.get(name):
                return f"{name} {was.get(name)}, then {now.get(name)}"
    return f"{was}, then {now}"
