"""Checks that a ticket's streams may fail where no step went wrong: told twice, out of order, a crossed book.

Each is a check of the case language, held against the evidence as against any recording (docs/cases.md).
The first that fails is the draft's symptom; what a healthy exchange tells fails none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from harness.drafting.streaming import Spoken
from harness.finding import Finding
from harness.matchers import Differs, Extra

PRESENT: Final[Mapping[str, Any]] = MappingProxyType({"$present": True})
_MS_US: Final = 1000
_LONGER_MS: Final = 1000
_LEAST_MS: Final = 2000
_AGE: Final = "5s"
"""Older a trade is not told: the clock of a ticket's file is known to a second or two."""
_TELLING: Final = ("crossed", "best_bid", "best_ask", "hash", "age_s")
"""The keys under which a check shows what it found: the case asks for the same, whatever the numbers."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One check: its id, on whose channel, its rule in the words of a case, and in plain words what it finds.

    It waits `within_ms` behind what was last sent; 0: it looks at what came until `steps` ended. `shows` is
    what the symptom asks of it.
    """

    id: str
    channel: str
    actor: str
    rule: Mapping[str, Any]
    what: str
    within_ms: int = 0
    shows: Mapping[str, Any] = field(default_factory=lambda: PRESENT)


def suspects(streams: Iterable[Spoken]) -> Iterator[Suspect]:
    """What each stream may be suspected of, the most telling first; no id stands twice.

    Who listens twice hears all twice, so that only who has one connection is asked about. FIX is not: what a
    log lacks or has twice was more often left out or written twice than never sent or sent again.
    """
    told: dict[tuple[str, str], list[Spoken]] = {}
    for each in streams:
        told.setdefault((each.channel, each.actor), []).append(each)
    for number, (spoken, *others) in enumerate(told.values()):
        if others:
            continue
        kind, _, name = spoken.channel.partition(".")
        by = f"-{spoken.actor}" if number else ""
        look = {kind: name, "as": spoken.actor}
        if spoken.channel == "ws.user":
            yield from _of_user(spoken, look, by)
        elif spoken.channel == "ws.market":
            yield from _of_market(spoken, look, by)


def within(suspect: Suspect, finding: Finding, acted_us: int) -> int:
    """For how long a check waits that found something, in milliseconds; it waits from `acted_us` on.

    A little longer than it took, and no longer than the evidence goes on.
    """
    took_ms = -(-(finding.at_us - acted_us) // _MS_US)
    return min(suspect.within_ms, max(took_ms + _LONGER_MS, _LEAST_MS))


def _of_user(spoken: Spoken, look: Mapping[str, str], by: str) -> Iterator[Suspect]:
    trades: dict[str, Any] = {**look, "where": {"event_type": "trade"}}
    orders: dict[str, Any] = {**look, "where": {"event_type": "order"}}
    keyed = {**orders, "key": ["$.id", "$.type", "$.size_matched"]}
    for name, rule, what in (
        ("each-fill-once", {"exactly_once": trades}, "a fill was told more than once"),
        ("each-state-once", {"exactly_once": keyed}, "a state of an order was told more than once"),
    ):
        yield Suspect(f"{name}{by}", spoken.channel, spoken.actor, rule, what)


def _of_market(spoken: Spoken, look: Mapping[str, str], by: str) -> Iterator[Suspect]:
    tokens = [
        token
        for step in spoken.steps
        for token in _listed(step.words.get("subscribe", {}), "assets_ids")
        if token.startswith("${")
    ]
    if not tokens:
        return  # what stood before the log began is not known: neither the book nor what was told of it
    for at, token in enumerate(dict.fromkeys(tokens)):
        rule = {"book": {**look, "token": token}}
        what = "the book that the channel tells is wrong"
        yield Suspect(f"book{by}{f'-{at + 1}' if at else ''}", spoken.channel, spoken.actor, rule, what)
    what = "what the channel tells goes back in time"
    yield Suspect(f"in-time-order{by}", spoken.channel, spoken.actor, {"sequence": dict(look)}, what)
    late: dict[str, Any] = {"flows": {**look, "where": {"event_type": "last_trade_price"}, "age": _AGE}}
    yield Suspect(f"told-in-time{by}", spoken.channel, spoken.actor, late, "trades are told late")


def _listed(words: Mapping[str, Any], key: str) -> Sequence[str]:
    held = words.get(key)
    return [each for each in held if isinstance(each, str)] if isinstance(held, list | tuple) else ()


def shown_by(suspect: Suspect, finding: Finding) -> Mapping[str, Any] | None:
    """What a symptom asks of a check that failed so; None where it holds, or could not look at what came."""
    if finding.holds or not finding.events:
        return None
    if isinstance(finding.shown, Extra):
        return {"$extra": finding.shown.count}
    if isinstance(finding.shown, Differs) or "sequence" in suspect.rule:
        return PRESENT
    held = finding.shown if isinstance(finding.shown, Mapping) else {}
    telling = next((key for key in _TELLING if key in held), None)
    return {telling: PRESENT} if telling is not None else None
