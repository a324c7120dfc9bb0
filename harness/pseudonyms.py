"""A timeline without its identities: header and events of one cassette, replaced by one keyed map.

For evidence and for targets with real accounts. The map wants to have seen everything before it replaces
anything, so this is done once, over the whole, before a byte is written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.identities import Identities
from harness.model import Event
from harness.redact import Redactor
from harness.redacting import changed_data, fix_text
from harness.seal import Header
from harness.wire.fix import rewriting


@dataclass(frozen=True, slots=True)
class Nameless:
    """What a report of real accounts may hold: no secret, and no identity that was learnt or shows itself."""

    redactor: Redactor
    identities: Identities

    def redact(self, text: str) -> str:
        """The text without them."""
        return self.identities.redact(self.redactor.redact(text))

    def redact_json(self, value: Any) -> Any:
        """The value without them."""
        return self.identities.redact_json(self.redactor.redact_json(value))


_NOT_AN_INPUT = frozenset({"title", "story", "ticket", "source", "owner", "reported"})
"""Fields of a case that tell about it and take no part in its run: what they name stays an identity."""


def pseudonymised(
    header: Header, events: Sequence[Event], identities: Identities
) -> tuple[Header, tuple[Event, ...]]:
    """Header and events with every identity replaced, the same value alike wherever it stands.

    They come without secrets already. Lengths of hex are kept, a FIX message is as right or as wrong as it
    came, and the header's `redaction` counts what was replaced (`identity.address` and so on).
    """
    learn(header.inputs, events, identities)
    identities.forget_counts()
    inputs = identities.redact_json(dict(header.inputs))
    mapped = renamed(events, identities)
    counted = {**header.redaction, **identities.manifest()}
    return replace(header, inputs=inputs, redaction=dict(sorted(counted.items()))), mapped


def learn(inputs: Mapping[str, Any], events: Sequence[Event], identities: Identities) -> None:
    """Let the identities see a whole run: the header's inputs (contracts are public) and every event."""
    chain = inputs.get("chain")
    for value in chain.values() if isinstance(chain, Mapping) else ():
        if isinstance(value, str):
            identities.keep(value)
    identities.learn(dict(inputs))
    for event in events:
        for tag, value in _fix_fields(event.data):
            identities.learn_fix(tag, value)
        identities.learn(dict(event.data))


def renamed(events: Sequence[Event], identities: Identities) -> tuple[Event, ...]:
    """The events with what the identities have learnt replaced."""
    return tuple(
        replace(event, data=changed_data(event.data, identities.redact_json, identities.redact_fix))
        for event in events
    )


def literals(case: Any) -> Iterator[str]:
    """Every text that a case states itself: public, since the case is, and what a replay builds again.

    What only tells about the case (its title, story, ticket) is left out.
    """
    if isinstance(case, str):
        yield case
    elif isinstance(case, int) and not isinstance(case, bool):
        yield str(case)
    elif isinstance(case, Mapping):
        for key, value in case.items():
            yield from literals(key)
            yield from literals(value)
    elif isinstance(case, list | tuple | set | frozenset):
        for value in case:
            yield from literals(value)
    elif dataclasses.is_dataclass(case):
        for held in dataclasses.fields(case):
            if held.name not in _NOT_AN_INPUT:
                yield from literals(getattr(case, held.name))


def _fix_fields(data: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    try:
        yield from rewriting.values(fix_text(data))
    except ValueError:
        return
