"""A draft of a case from what a ticket's files say: steps, references, the symptom, each guess marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.drafting.fixsteps import Orders
from harness.drafting.holdings import holding_steps
from harness.drafting.linking import link, replaced
from harness.drafting.people import People
from harness.drafting.receipts import receipt_steps
from harness.drafting.recording import events_of
from harness.drafting.repeats import tell_again
from harness.drafting.steps import DraftStep, Names, rest_step
from harness.drafting.streaming import Spoken, stream_steps
from harness.drafting.suspects import Suspect, suspects
from harness.drafting.talk import Noise, Talk, talk_of
from harness.drafting.trimming import trimmed
from harness.drafting.waiting import waiting_steps
from harness.drafting.writing import Writer
from harness.errors import EvidenceError
from harness.evidence.ticket.alignment import Aligned, Placed
from harness.evidence.ticket.asks import ASK
from harness.model import Event

_ACTOR: Final = re.compile(r"  [a-z0-9]+: (?:trader|\{trader: [a-z]+\})")
"""An actor and its role: our own words, also where a customer is called so."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A case in steps, the events that show it, and what was left out.

    `suspects` are its checks: where there are some the first is the symptom, and else the last step is.
    """

    case_id: str
    steps: tuple[DraftStep, ...]
    people: People
    events: tuple[Event, ...]
    zero_us: int
    inputs: Mapping[str, Any]
    noise: tuple[Noise, ...]
    left_out: tuple[str, ...]
    suspects: tuple[Suspect, ...] = ()

    @property
    def acted_us(self) -> int:
        """When the last step began that sends something, since the first event: from there a check waits."""
        acts = [step.at_us for step in self.steps if step.intent is not None]
        return max(acts, default=self.steps[-1].at_us) - self.zero_us

    def text(self, renamed: Mapping[str, str], clean: Callable[[str], str]) -> str:
        """The case as YAML; `renamed` are texts of the evidence with what stands for them in the cassette.

        `clean` takes secrets and identities out of a text. It is asked for each line by itself, and for the
        story before it is folded: what looks like a name and its secret never reaches over a line's end.
        """
        steps = [
            replace(step, words=replaced(step.words, renamed), came=replaced(step.came, renamed))
            for step in self.steps
        ]
        checks = [replace(check, rule=replaced(check.rule, renamed)) for check in self.suspects]
        lines = Writer(self.case_id, steps, self.people, clean, checks).lines()
        return "".join(f"{line if _ACTOR.fullmatch(line) else clean(line)}\n" for line in lines)


def draft(case_id: str, aligned: Aligned, at: str | None = None, again: str = "") -> Draft:
    """Draft a case; `at` names the step that is the symptom, where it is not the first that went wrong.
    `again` is the command by which it can be named, for who is asked to.

    Raises EvidenceError I032 (nothing a case could do), I033 (nothing goes wrong by itself, or no such step).
    """
    told = _told(aligned)
    end = _symptom(told.steps, at, again)
    return told.draft(case_id, end)


def suspected(case_id: str, aligned: Aligned) -> Draft | None:
    """The draft of a whole session with every check that its streams may fail; None where it has none."""
    told = _told(aligned)
    end = max((number for number, step in enumerate(told.steps) if not step.witness), default=None)
    made = told.draft(case_id, end) if end is not None else None
    if made is None:
        return None
    used = {(step.channel, step.actor) for step in made.steps}
    heard = [each for each in told.streams if (each.channel, each.actor) in used]
    ends_us = max((each.stream.placed[-1].at_us for each in heard), default=0)
    within_ms = max(0, ends_us - made.zero_us - made.acted_us) // 1000
    checks = tuple(replace(each, within_ms=within_ms) for each in suspects(heard))
    return replace(made, suspects=checks) if checks else None


@dataclass(frozen=True, slots=True)
class _Told:
    """What the evidence tells: of whom, in which steps, over which streams."""

    talk: Talk
    people: People
    steps: list[DraftStep]
    streams: list[Spoken]

    def draft(self, case_id: str, end: int) -> Draft:
        """The draft up to a step, and what of it only the last one needs."""
        steps, streams = self.steps, self.streams
        later = [step for step in steps[end + 1 :] if not step.witness]
        kept, cut = trimmed([step for step in steps[:end] if not step.witness] + [steps[end]])
        link(kept)
        used = {(step.channel, step.actor) for step in kept}
        heard = [each for each in streams if (each.channel, each.actor) in used]
        zero_us = min(kept[0].at_us, *(each.stream.placed[0].at_us for each in heard), kept[0].at_us)
        left = (*cut, *(f"step {step.id}: after the first thing that went wrong" for step in later))
        return Draft(
            case_id=case_id,
            steps=tuple(kept),
            people=self.people,
            events=events_of(kept, heard, zero_us),
            zero_us=zero_us,
            inputs=_inputs(self.people),
            noise=self.talk.noise,
            left_out=left,
        )


def _told(aligned: Aligned) -> _Told:
    """Raises EvidenceError I032 where nothing is told that a case could do."""
    talk = talk_of(aligned.placed)
    people = People(talk)
    names = Names({*(each.name for each in people.persons), *(each.name for each in people.markets)})
    steps, streams = _steps(talk, people, names, aligned.placed)
    if not steps:
        text = "nothing in the evidence is a request, a frame or a report that a case could do or wait for"
        raise EvidenceError("I032", f"{text}{ASK}")
    return _Told(talk, people, steps, streams)


def _steps(
    talk: Talk, people: People, names: Names, placed: Sequence[Placed]
) -> tuple[list[DraftStep], list[Spoken]]:
    steps = [rest_step(each, people, names) for each in talk.exchanges]
    _tell_mended(talk, steps)
    tell_again(talk.exchanges, steps)
    orders: dict[str, str] = {}
    for step in steps:
        told = step.came.get("orderID") if isinstance(step.came, Mapping) else None
        if "order_id" in step.derived and isinstance(told, str) and told:
            step.derived = {"order_id": told}
        if "order_ids" in step.derived:
            step.derived = {"order_ids": _told_ids(step)}
        if "order_id" in step.derived:
            orders[str(step.derived["order_id"])] = f"${{{step.id}.order_id}}"
        for at, one in enumerate(step.derived.get("order_ids", ())):
            orders[str(one)] = f"${{{step.id}.order_ids[{at}]}}"
    known = Orders(orders)
    streams = [
        spoken
        for stream in sorted(talk.streams, key=people.is_copy)
        if (spoken := stream_steps(stream, people, names, known)) is not None
    ]
    steps += [step for spoken in streams for step in spoken.steps]
    steps += waiting_steps(streams, placed, orders, names)
    steps += holding_steps(placed, people, names)
    steps += receipt_steps(placed, people, names, steps)
    order = {id(each): number for number, each in enumerate(placed)}
    steps.sort(key=lambda step: (step.at_us, order.get(id(step.placed[0]), len(order))))
    for step in steps:
        step.words = {key: replaced(value, orders) for key, value in step.words.items()}
    return steps, streams


def _told_ids(step: DraftStep) -> list[str]:
    """The ids of several orders: those that the answer told, else those that were computed."""
    computed = list(step.derived["order_ids"])
    rows = (
        step.came if isinstance(step.came, list) and len(step.came) == len(computed) else [{}] * len(computed)
    )
    told = [row.get("orderID") if isinstance(row, Mapping) else None for row in rows]
    return [one or other for one, other in zip(told, computed, strict=True)]


def _tell_mended(talk: Talk, steps: list[DraftStep]) -> None:
    """Mark what went wrong and was got over by the client: it is a symptom only where nothing else is."""
    for number, (each, step) in enumerate(zip(talk.exchanges, steps, strict=True)):
        if each.wrong:
            step.is_mended = any(each.is_mended_by(later) for later in talk.exchanges[number + 1 :])


_LISTED: Final = 30
_ELSE: Final = """
If none does, the evidence does not show the bug: ask for what was sent and answered when it happened.
(What the streams tell was looked at, too: nothing comes twice, goes back in time or crosses a book.)"""


def _symptom(steps: list[DraftStep], at: str | None, again: str) -> int:
    if at is not None:
        found = next((number for number, step in enumerate(steps) if step.id == at), None)
        if found is None:
            raise EvidenceError("I033", f"the draft has no step {at!r}; its steps are:{_listed(steps)}")
        return found
    wrong = [number for number, step in enumerate(steps) if step.wrong]
    sure = [number for number in wrong if not steps[number].is_mended]
    if wrong:
        return (sure or wrong)[0]
    doubtful = [number for number, step in enumerate(steps) if step.doubtful]
    found = next(iter(sorted(doubtful, key=lambda number: bool(steps[number].witness))), None)
    if found is not None:
        steps[found].wrong = steps[found].doubtful
    else:
        text = (
            "nothing in the evidence goes wrong by itself: say which step shows the bug with --symptom STEP"
        )
        told = f"\nThen, of the last of them: {again} --symptom {steps[-1].id}" if again else ""
        raise EvidenceError("I033", f"{text}, one of these:{_listed(steps)}{told}{_ELSE}")
    return found


def _listed(steps: Sequence[DraftStep]) -> str:
    """The steps to choose from, the last of a long session, each with what it does or what came."""
    shown = steps[-_LISTED:]
    width = max(len(step.id) for step in shown)
    lines = [f"\n  {step.id:<{width}}  {_does(step)}" for step in shown]
    cut = f"\n  and {len(steps) - len(shown)} before them" if len(shown) < len(steps) else ""
    return "".join(lines) + cut


def _does(step: DraftStep) -> str:
    """What a step does, or waits for, in a few words."""
    if "rest" in step.words:
        status = step.placed[-1].clue.data.get("wire", {}).get("status")
        return f"{step.words['rest']}{f': {status}' if status else ''}"
    channel = step.channel.partition(".")[0]
    where = step.words.get("where")
    if isinstance(where, Mapping):
        event = [
            str(where[key]) for key in ("event_type", "type", "status") if isinstance(where.get(key), str)
        ]
        return f"{channel}: {' '.join(event) or next(iter(where), '')} came"
    sent = step.words.get("send")
    return f"{channel}: {next(iter(sent), '') if isinstance(sent, Mapping) else step.id} was sent"


def _inputs(people: People) -> dict[str, Any]:
    return {
        "actors": {each.name: dict(each.facts) for each in people.persons},
        "markets": {each.name: dict(each.facts) for each in people.markets},
    }
