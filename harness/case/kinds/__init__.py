"""The kinds of steps: a row each, with its words and the reader of its action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from harness.case.actions import Action
from harness.case.channels import Cast
from harness.case.fix import FIX_VERBS, fix_expectation
from harness.case.form import Form
from harness.case.kinds import chain, listed, provided, rest, streams, target
from harness.case.words import Verb, Word, names
from harness.model import Source
from harness.strictyaml import Node


def _as_written(form: Form, node: Node) -> Node:
    """Expectations stand as they are written; FIX's are put in the dictionary's words first."""
    return node


@dataclass(frozen=True, slots=True)
class StepKind:
    """A kind of step: its own key, what it may say beside the common words, and how its action is read.

    `verbs` are what its key takes; none where that is not one of a few words. Of `rivals`, at most one
    stands.
    """

    word: Word
    words: tuple[Word, ...]
    read: Callable[[Form, Cast], tuple[Source, Action] | None]
    expectation: Callable[[Form, Node], Node] = _as_written
    verbs: tuple[Verb, ...] = ()
    rivals: tuple[str, ...] = ()


KINDS: Final[Mapping[str, StepKind]] = {
    kind.word.name: kind
    for kind in (
        StepKind(
            Word(
                "rest",
                "text",
                "a request: METHOD /path, signed as the actor where it must be",
                "GET /time",
                required=True,
                pattern=rest.LINE,
                beside="expect: {status: 200}",
            ),
            rest.WORDS,
            rest.read,
            rivals=rest.BODIES,
        ),
        StepKind(
            Word(
                "ws",
                "text",
                "`market`, `user` or a declared WebSocket channel: with one of the keys below, says "
                "something on it; without, waits for a message",
                "user",
                required=True,
                beside="within: 5s\nwhere: {event_type: trade}",
            ),
            streams.WS,
            streams.read_ws,
            rivals=streams.WS_VERBS,
        ),
        StepKind(
            Word(
                "fix",
                "text",
                "`oe` (order entry), `dc` (drop copy) or a declared FIX session: with one of the keys below, "
                "says something on it; without, waits for a message",
                "oe",
                required=True,
                beside="within: 5s\nwhere: {ExecutionReport: {ExecType: NEW}}",
            ),
            streams.FIX,
            streams.read_fix,
            fix_expectation,
            rivals=FIX_VERBS,
        ),
        StepKind(
            Word(
                "chain",
                "text",
                "the chain: waits for `events`, reads `balances`, `allowances`, a `receipt` or what a "
                "function returns (`call`), or sends a transaction (`send`)",
                "balances",
                required=True,
                options=names(chain.VERBS),
                beside="within: 5s\nexpect: {alice: {collateral: 97.4}}",
            ),
            chain.WORDS,
            chain.read,
            verbs=chain.VERBS,
        ),
        StepKind(
            Word(
                "target",
                "text",
                "what a customer cannot do, and a test exchange can: returns when it has begun",
                "freeze",
                required=True,
                options=names(target.VERBS),
                beside="for: 3s",
            ),
            target.TARGET_WORDS,
            target.read_target,
            verbs=target.VERBS,
        ),
        StepKind(
            Word(
                "wait",
                "duration",
                "lets time pass, where nothing observable can be waited for",
                "2s",
                required=True,
            ),
            provided.WAIT_WORDS,
            provided.read_wait,
        ),
        StepKind(
            Word(
                "market",
                "mapping",
                "in `given`: a market is there (with `count`, several)",
                "{tick: 0.01}",
                required=True,
                beside="save: other",
                inner=listed.MARKET_WORDS,
            ),
            provided.SAVING,
            listed.read_market,
        ),
        StepKind(
            Word(
                "fund",
                "named",
                "in `given`: actors hold this, in human units",
                "{alice: {collateral: 100, yes: 50}}",
                required=True,
                inner=provided.HELD,
            ),
            provided.FUND_WORDS,
            provided.read_fund,
        ),
    )
}
"""A kind of step is one row here."""
