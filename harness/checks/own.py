"""A check that the project added: its function judges what came, event by event, live as in replay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from harness import acts
from harness.acts import showing
from harness.case.rules.values import OwnRule
from harness.checks.choosing import Setting
from harness.errors import CaseError, Problem
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.model import MARKS, Event, Kind, Source
from harness.own import Seen
from harness.wire import http, jsonrpc
from harness.world import Need, StreamNeed, View

_LOOKS = ("check:", "before:")
"""Steps of the runner's own looks: other checks' polls come and go, so none is shown."""


@dataclass(frozen=True, slots=True)
class OwnJudge:
    """The check over all that came. `sources` are the opened streams, which are kept open while it waits."""

    setting: Setting
    rule: OwnRule
    arguments: Mapping[str, Any]
    sources: tuple[Source, ...]
    seen: dict[int, tuple[Seen, ...]] = field(default_factory=dict, compare=False, repr=False)
    wrong: dict[int, str | None] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, setting: Setting, rule: OwnRule, view: View) -> OwnJudge:
        """The judge of a rule."""
        arguments = setting.look.fill(dict(rule.arguments))
        return cls(setting, rule, arguments, tuple(sorted(setting.opened)))

    @property
    def needs(self) -> Sequence[Need]:
        """The streams to keep open."""
        return tuple(StreamNeed(source) for source in self.sources) if self.setting.waits else ()

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """Without `within` judge what came until the steps ended, else after every event until it holds.

        Raises CaseError C065 where the function fails or gives something else (the project's fault).
        """
        since, started_us = self.setting.since(window), self.setting.look.at_us
        came = [
            event
            for event in view.events
            if event.kind not in MARKS
            and not event.step.startswith(_LOOKS)
            and event.number > since
            and event.at_us <= window.deadline_us
        ]
        first = sum(event.at_us < started_us for event in came) if self.setting.waits else len(came)
        for many in range(first, len(came) + 1):
            if self._wrong(came[:many]) is None:
                at_us = came[many - 1].at_us if many > first else max(started_us, window.start_us)
                return Finding(self.setting.check.id, True, at_us, "holds", None)
        horizon_us = min((view.horizon_us(source) for source in self.sources), default=window.deadline_us)
        if self.setting.waits and horizon_us < window.deadline_us:
            return Pending(f"{self.rule.name} was shown what came until {seconds(horizon_us)}")
        text = self._wrong(came) or ""
        return Finding(self.setting.check.id, False, window.deadline_us, text, text)

    def _wrong(self, came: Sequence[Event]) -> str | None:
        """What the function says of these events; asked once about each number of them."""
        if len(came) not in self.wrong:
            shown = tuple(seen for event in came for seen in self._seen(event))
            self.wrong[len(came)] = self._asked(shown)
        return self.wrong[len(came)]

    def _asked(self, shown: tuple[Seen, ...]) -> str | None:
        name, function, place = self.rule.name, self.rule.function, self.setting.check.place
        if function is None:
            raise ValueError(f"the check {name!r} was read without its function")
        try:
            said = function(shown, **self.arguments)
        except Exception as error:
            text = f"the check {name!r} raised {type(error).__name__}: {error}. Mend the function"
            raise CaseError([Problem(place, "C065", text)]) from error
        if said is None or (isinstance(said, str) and said):
            return said
        text = f"the check {name!r} gave {said!r:.80}: it gives None where it holds, else a text"
        raise CaseError([Problem(place, "C065", text)])

    def _seen(self, event: Event) -> tuple[Seen, ...]:
        if event.number not in self.seen:
            source = event.source
            self.seen[event.number] = tuple(
                Seen(
                    Decimal(event.at_us) / 1_000_000,
                    source.channel,
                    source.actor,
                    event.step,
                    str(event.kind),
                    _fixed(view),
                )
                for view in _views(event)
            )
        return self.seen[event.number]


def _views(event: Event) -> Sequence[Any]:
    """What an event shows to a case: a frame each of its messages, anything else one view."""
    match event.kind:
        case Kind.PUSH:
            return acts.read_messages(event)
        case Kind.SEND:
            return (event.data.get("intent"),)
        case Kind.ANSWER if showing.lost(event) is None:
            return (_answer(event.source.channel, event.data["wire"], event),)
        case Kind.ANSWER | Kind.LOST:
            return ({"why": showing.lost(event)},)
        case Kind.CLOSED:
            return (event.data,)
    return (None,)


def _answer(channel: str, wire: Mapping[str, Any], event: Event) -> Any:
    kind = channel.partition(".")[0]
    if kind == "rest":
        return http.response_view(wire)
    if kind == "own":
        return showing.read_value(event).view
    if kind == "target":
        return showing.read_provided(event).view
    if kind == "chain":
        try:
            return [log.view() for log in jsonrpc.logs(wire)]
        except (ValueError, KeyError, TypeError, IndexError):
            return wire  # a balance, a call or a receipt: the node's own words
    return wire


def _fixed(value: Any) -> Any:
    """The value, such that nobody can change it: mappings as read-only views, lists as tuples."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: _fixed(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_fixed(item) for item in value)
    return value
