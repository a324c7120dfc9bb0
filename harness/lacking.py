"""What a case needs that its target has not: told before anything is asked for or sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.case.actions import TargetVerb
from harness.case.rules import selections_of
from harness.case.rules.values import Ledger, Reconcile
from harness.case.values import Case
from harness.errors import Place, TargetError
from harness.probing import place_of
from harness.targets import Endpoints

_EMBEDDED: Final = "run it on the embedded venue"


def refuse_lacking(case: Case, endpoints: Endpoints, target: str) -> None:
    """Refuse a case that cannot run here, whatever the product does.

    `target` is the target's name. Raises TargetError T006 (the environment's fault) with the first step that
    cannot be done, what it needs, what the target has, and where the case runs.
    """
    for place, text, do in _lacking(case, endpoints):
        at = f"{place}: " if place.line else ""
        raise TargetError("T006", f"{at}{text}. Nothing was sent to {target!r}: {do}")


def _lacking(case: Case, endpoints: Endpoints) -> Iterator[tuple[Place, str, str]]:
    again = f"{_EMBEDDED} (pytest -k {case.id} --target venue)"
    for step in case.steps:
        if isinstance(step.action, TargetVerb) and not endpoints.control:
            verb = f"this target has no control API, so it cannot {step.action.verb}"
            text = f"step {step.id!r}: {verb}: only an exchange for tests can be told to"
            yield step.place, text, f"{again}, or name the target's `control`"
    places = {step.source.channel: step.place for step in reversed(case.steps)}
    for rule, place in ((check.rule, check.place) for check in case.checks):
        if not isinstance(rule, Ledger | Reconcile):
            for each in selections_of(rule):
                places.setdefault(each.source.channel, place)
    if "chain" in places and not endpoints.chain:
        yield places["chain"], f"it reads a chain, and this target has none: it has {_has(endpoints)}", again
    for channel in case.cast.channels:
        if channel.source_name not in places:
            continue
        place, host = places[channel.source_name], place_of(case, channel.source_name)
        if channel.exchange and not _speaks(endpoints, channel.exchange):
            text = f"channel {channel.name!r} follows another exchange's conventions (exchange: "
            text += f"{channel.exchange}), and this target opens no FIX session or API key of that kind"
            yield place, text, again
        elif host not in endpoints.urls:
            text = f"channel {channel.name!r} needs a {host} host, and this target has none: it has "
            yield place, f"{text}{_has(endpoints)}", f"{again}, or name the target's `{host}`"


def _has(endpoints: Endpoints) -> str:
    return ", ".join(endpoints.urls)


def _speaks(endpoints: Endpoints, exchange: str) -> bool:
    """Whether a target opens sessions of another exchange: it has said how they are called."""
    return any(kind.startswith(f"{exchange}.") for kind in endpoints.sessions)
