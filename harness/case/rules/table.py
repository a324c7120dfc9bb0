"""The table of rules: what a check says, and the words that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from harness.case.channels import Cast
from harness.case.form import Form
from harness.case.rules import chosen, stated
from harness.case.rules.values import Rule
from harness.case.words import NAME, Word
from harness.strictyaml import Node

_READS: Final = 'lifecycle: {trade: "${trade}", states: [MATCHED, MINED]}\nwithin: 60s'
COMMON: Final = (
    Word(
        "id",
        "text",
        "its name, for findings and the symptom",
        "shown",
        required=True,
        pattern=NAME,
        beside="happens: [buy, filled]\nwithin: 5s",
    ),
    Word("within", "duration", "how long it waits, from the cause", "60s", beside=_READS),
    Word(
        "watch",
        "duration",
        "how long a missed deadline is watched on, from the cause; twice `within` unless told, and at most "
        "60 s more than it",
        "2m",
        beside=_READS,
    ),
    Word("every", "duration", "how often a read is repeated; 250 ms unless told", "1s", beside=_READS),
    Word(
        "after",
        "text",
        "the step that is the cause: only what came since then is looked at",
        "buy",
        beside=_READS,
    ),
)
"""The words of every check."""


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A rule: its own word, what a symptom of it shows, the words it takes, its reader, whether it waits."""

    word: Word
    shows: str
    words: tuple[Word, ...]
    read: Callable[[Form, Node, Cast], Rule | None]
    waits: bool = False


def _kind(
    name: str,
    doc: str,
    shows: str,
    example: str,
    words: tuple[Word, ...],
    read: Callable[[Form, Node, Cast], Rule | None],
    *,
    waits: bool = False,
    value: str = "mapping",
) -> RuleKind:
    beside = "within: 60s" if waits else ""
    word = Word(name, value, doc, example, beside=beside, inner=words, short=value == "list")
    return RuleKind(word, shows, words, read, waits)


RULES: Final[Mapping[str, RuleKind]] = {
    kind.word.name: kind
    for kind in (
        _kind(
            "reconcile",
            "the same fact, such as the size of a fill, is equal in all sources",
            "`{$differs: {rest: …, chain: …}}`: what each source told, `{$nothing}` of one that told nothing",
            '{order: "${buy.order_id}", fields: [size, price], sources: [rest, ws, chain]}',
            stated.RECONCILE,
            stated.reconcile,
            waits=True,
        ),
        _kind(
            "lifecycle",
            "a trade or an order passes through its states in order, and leaves no state that is final",
            "the message that is out of order; `{$nothing}`, `{$lost}` or `{$closed}` where a state "
            "did not come; `{$late}` where the last one came late",
            '{trade: "${trade}", states: [MATCHED, {maybe: RETRYING}, MINED, CONFIRMED]}',
            stated.LIFECYCLE,
            stated.lifecycle,
            waits=True,
        ),
        _kind(
            "ledger",
            "a wallet's balances move exactly by its fills, fees and transfers",
            "`{collateral: {expected: …, found: …, gap: …}}` for each asset that differs; `{reserved:"
            " {orders: {told: …, expected: …}}}`; `{untold: id}` where a trade is not told; "
            "`{$late}`, `{$lost}`",
            "{of: alice, since: buy}",
            stated.LEDGER,
            stated.ledger,
            waits=True,
        ),
        _kind(
            "adds_up",
            "at every selected event, the parts sum to the total",
            "the first event whose parts do not sum to its total",
            '{ws: user, parts: "$.maker_orders[*].matched_amount", total: $.size}',
            chosen.ADDS_UP,
            chosen.adds_up,
        ),
        _kind(
            "book",
            "the book that a market channel's messages make is never crossed, and its hash and best prices "
            "are those that the exchange tells",
            "`{crossed: {bid: …, ask: …}}`; `{best_bid: {told: …, book: …}}` or `best_ask`; `{hash: "
            "…, computed: …}`; `{$differs: {ws: …, rest: …}}`; `{$nothing}` where no book came",
            '{ws: market, token: "${market.yes}"}',
            stated.BOOK,
            stated.book,
        ),
        _kind(
            "sequence",
            "the message numbers of a FIX session go on without a gap, or the timestamps of a WebSocket "
            "channel never go back",
            "`{expected: 5, came: 7, message: ExecutionReport}`; of a WebSocket channel, the message",
            "{fix: oe}",
            stated.SEQUENCE,
            stated.sequence,
        ),
        _kind(
            "flows",
            "a stream that should speak does",
            "`{gap_s: 12.3}`, the seconds of silence; `{age_s: 1800.5}`, how old a message was; "
            "`{count: 2}`, how many came",
            "{ws: market, gap: 5s, witness: filled}",
            chosen.FLOWS,
            chosen.flows,
        ),
        _kind(
            "exactly_once",
            "what makes an effect (a fill, an order) comes once for each key, however often it is delivered",
            "`{$extra: 1}`, so many too many of one key; `{$differs: {first: …, again: …}}` where it "
            "came again otherwise; `{keys: 1}` where there are too few",
            "{ws: user, where: {event_type: trade}}",
            chosen.EXACTLY_ONCE,
            chosen.exactly_once,
        ),
        _kind(
            "happens",
            "the first event of each selection comes in this order, whatever the channel; a text is a "
            "step's id",
            "the event that came too early; `{$nothing}` or `{$lost}` where one did not come; "
            "`{$late}` where the last one came late",
            "[buy, {ws: user, where: {event_type: trade}}, {chain: events, where: {OrderFilled: {fee: 0}}}]",
            chosen.HAPPENS,
            chosen.happens,
            waits=True,
            value="list",
        ),
        _kind(
            "always",
            "every selected event is like this",
            "the first event that is otherwise",
            "{ws: user, where: {event_type: trade}, expect: {side: BUY}}",
            chosen.ALWAYS,
            chosen.always,
        ),
        _kind(
            "never",
            "no event is selected, and something shows that the channel was alive",
            "the first event that came; `{$lost}` where nothing shows that the channel was alive",
            "{ws: user, where: {status: FAILED}, witness: buy}",
            chosen.NEVER,
            chosen.never,
        ),
    )
}
"""A rule is one row here."""
